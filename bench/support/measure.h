// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace exprjit::bench {

// Nanoseconds of a monotonic clock.
uint64_t now();
// Processor time of this thread, in nanoseconds: for runs so long that somebody else's work falls into them.
uint64_t processor_time();
// What reading the clock twice costs, subtracted from every sample.
uint64_t clock_overhead();

// Samples of one contestant, in nanoseconds.
struct Samples {
    std::vector<double> values;

    double quantile(double q) const {
        if (values.empty()) return 0;
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        return sorted[std::min(sorted.size() - 1, static_cast<size_t>(q * static_cast<double>(sorted.size())))];
    }
    double median() const { return quantile(0.5); }
};

// One contestant of a race. `prepare` runs before each timed `run`, `finish` after it, neither is timed.
struct Contestant {
    std::string name;
    std::function<void()> prepare;
    std::function<void()> run;
    std::function<void()> finish;
    int repeats = 20;        // timed runs per round; slow rivals take fewer
    bool long_runs = false;  // time processor time, whose clock is dearer to read
};

// Runs the contestants in turn, round after round, so that what the machine does meanwhile hits all of them; within a
// round each first runs untimed to warm up its code. Returns the samples in order of the contestants.
std::vector<Samples> race(const std::vector<Contestant>& contestants, int rounds);

}  // namespace exprjit::bench
