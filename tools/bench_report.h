// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <exprjit/exprjit.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace exprjit::cli {

constexpr int64_t kBenchRows[] = {1'000, 100'000, 1'000'000};
constexpr double kNotMeasured = -1;

// What bench has measured, in nanoseconds.
struct BenchFigures {
    std::string signature;
    double cold_ns = kNotMeasured, text_hit_ns = kNotMeasured, canonical_hit_ns = kNotMeasured;
    double plain_ns = kNotMeasured, call_ns = kNotMeasured;
    double row_ns[std::size(kBenchRows)] = {};
    ej_timings phases{};  // of one compilation without a cache
    ej_kernel_info info{};
};

std::string bench_text(const BenchFigures& figures);
std::string bench_json(const std::string& expression, const BenchFigures& figures);

}  // namespace exprjit::cli
