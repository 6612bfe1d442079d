// SPDX-License-Identifier: MIT OR Apache-2.0
#include "stopwatch.h"

#include <algorithm>

namespace exprjit::bench {

std::vector<Samples> time_entrants(const std::vector<Entrant>& entrants, double seconds) {
    constexpr double kSample = 20'000;  // ns: a thousand times what reading the clock costs
    std::vector<Contestant> field;
    std::vector<double> runs_per_sample;
    double longest = 0;
    for (const Entrant& e : entrants) {
        // The first run is cold; the shortest of a few says how many go into one sample.
        double shortest = 1e18;
        for (int k = 0; k < 4; ++k) {
            const uint64_t start = now();
            e.run();
            const auto took = static_cast<double>(std::max<uint64_t>(now() - start, 1));
            shortest = std::min(shortest, took);
            if (took > 5e7) break;
        }
        const int inner = static_cast<int>(std::max(1.0, kSample / shortest));
        runs_per_sample.push_back(inner);
        longest = std::max(longest, shortest * inner);
        Contestant c;
        c.run = [&e, inner] {
            for (int k = 0; k < inner; ++k) e.run();
        };
        c.repeats = shortest * inner < 1e6 ? 4 : 1;  // from four on, race() warms up
        field.push_back(std::move(c));
    }
    const double rounds = std::clamp(seconds * 1e9 / (longest * (longest < 1e6 ? 7 : 1)), 3.0, 25.0);
    std::vector<Samples> samples = race(field, static_cast<int>(rounds));
    for (size_t i = 0; i < samples.size(); ++i)
        for (double& v : samples[i].values) v /= runs_per_sample[i];
    return samples;
}

}  // namespace exprjit::bench
