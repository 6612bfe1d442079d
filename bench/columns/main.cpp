// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_bench_columns [--json FILE] [--quick] [--only FORMULA]
// Expressions over columns through the C ABI, beside C loops and the machine's limits, in one run. Targets are printed as
// pass or fail with the ratio; the exit status is 0 either way: timings are figures, not tests.
#include <cstdio>
#include <cstring>

#include "sections.h"

int main(int argc, char** argv) {
    using namespace exprjit::bench;
    const char* json = nullptr;
    Settings settings;
    settings.sizes = {100, 1000, 100'000, 10'000'000};
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            json = argv[++i];
        } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            settings.only = argv[++i];
        } else if (std::strcmp(argv[i], "--quick") == 0) {
            settings.seconds = 0.02;
            settings.large_sum = 0;
        } else {
            return std::fprintf(stderr, "usage: %s [--json FILE] [--quick] [--only FORMULA]\n", argv[0]), 2;
        }
    }
    Report report;
    measure_first_evaluation(report);  // first, while the engine's cache is empty
    const Limits limits = measure_limits(report, settings);
    measure_formulas(report, settings, limits);
    measure_large_sum(report, settings, limits);
    report.print();
    if (json != nullptr && !report.write_json(json)) return std::fprintf(stderr, "cannot write %s\n", json), 1;
    return 0;
}
