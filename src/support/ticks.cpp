// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/ticks.h"

#include <time.h>

#include <cmath>

namespace exprjit {

namespace {

struct Start {
    uint64_t nanoseconds = monotonic_nanoseconds();
    uint64_t count = ticks();
};

const Start& start() {
    static const Start s;
    return s;
}

}  // namespace

uint64_t monotonic_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

void start_tick_calibration() { start(); }

uint64_t ticks_to_nanoseconds(uint64_t count) {
    // Measured once, so that equal counts are equal times for ever. Reading both clocks is exact to about 50 ns, so half a
    // millisecond apart gives the ratio to one part in 10,000.
    static const double ratio = [] {
        constexpr uint64_t kShortest = 500'000;
        const Start& s = start();
        uint64_t now = monotonic_nanoseconds();
        while (now - s.nanoseconds < kShortest) now = monotonic_nanoseconds();
        const uint64_t elapsed = ticks() - s.count;
        return elapsed == 0 ? 0.0 : static_cast<double>(now - s.nanoseconds) / static_cast<double>(elapsed);
    }();
    return static_cast<uint64_t>(std::llround(static_cast<double>(count) * ratio));
}

}  // namespace exprjit
