// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_bench_compile [--json FILE] [--quick]
// How long compiling takes, what a call costs, and what it all weighs, beside the rivals that are installed, in one
// run. Targets are printed as pass or fail with the ratio; the exit status is 0 either way: timings are figures, not
// tests.
#include <cstdio>
#include <cstring>

#include "sections.h"

int main(int argc, char** argv) {
    using namespace exprjit::bench;
    const char* json = nullptr;
    int rounds = 60;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            json = argv[++i];
        else if (std::strcmp(argv[i], "--quick") == 0)
            rounds = 10;
        else
            return std::fprintf(stderr, "usage: %s [--json FILE] [--quick]\n", argv[0]), 2;
    }
    Report report;
    measure_memory(report);  // first, while the process is small
    measure_compiles(report, rounds);
    measure_cache(report, rounds);
    measure_scaling(report, rounds);
    measure_calls(report, rounds);
    report.print();
    if (json != nullptr && !report.write_json(json)) return std::fprintf(stderr, "cannot write %s\n", json), 1;
    return 0;
}
