// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "report.h"

namespace exprjit::bench {

struct Settings {
    double seconds = 0.1;             // per contestant and point
    std::vector<int64_t> sizes;       // rows
    int64_t large_sum = 100'000'000;  // rows of the large sum; 0: left out
    const char* only = nullptr;       // one formula
};

// What the machine can do, in bytes or operations per nanosecond (GB/s, GFLOP/s), one thread unless said.
struct Limits {
    double read_l1 = 0, read_l2 = 0, read_dram = 0;
    double triad_l1 = 0, triad_dram = 0, triad_streaming = 0, triad_streaming_two = 0;
    double multiply_add_f64 = 0, multiply_add_f32 = 0;
};

Limits measure_limits(Report& report, const Settings& settings);
// Every formula, type, size and number of threads.
void measure_formulas(Report& report, const Settings& settings, const Limits& limits);
// The sum of 100 million doubles.
void measure_large_sum(Report& report, const Settings& settings, const Limits& limits);
// What a vector kernel takes to compile: the first evaluation over columns less a later one.
void measure_first_evaluation(Report& report);

}  // namespace exprjit::bench
