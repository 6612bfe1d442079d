// SPDX-License-Identifier: MIT OR Apache-2.0
#include "measure.h"

#include <time.h>

namespace exprjit::bench {

uint64_t now() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

uint64_t processor_time() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_nsec);
}

uint64_t clock_overhead() {
    static const uint64_t cost = [] {
        Samples s;
        for (int k = 0; k < 2001; ++k) {
            const uint64_t start = now();
            s.values.push_back(static_cast<double>(now() - start));
        }
        return static_cast<uint64_t>(s.median());
    }();
    return cost;
}

std::vector<Samples> race(const std::vector<Contestant>& contestants, int rounds) {
    std::vector<Samples> samples(contestants.size());
    const uint64_t overhead = clock_overhead();
    for (int round = 0; round < rounds; ++round) {
        for (size_t c = 0; c < contestants.size(); ++c) {
            const Contestant& x = contestants[c];
            const int warm_up = x.repeats > 2 ? 3 : 0;
            for (int k = -warm_up; k < x.repeats; ++k) {
                if (x.prepare) x.prepare();
                const auto clock = x.long_runs ? processor_time : now;
                const uint64_t start = clock();
                x.run();
                const uint64_t end = clock();
                if (x.finish) x.finish();
                if (k >= 0)
                    samples[c].values.push_back(static_cast<double>(end - start - std::min(overhead, end - start)));
            }
        }
    }
    return samples;
}

}  // namespace exprjit::bench
