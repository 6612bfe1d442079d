// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The code for columns is made by the first evaluation with their layout. A kernel is compiled from a text nobody has
// compiled before, evaluated over a few rows, and evaluated again: the difference is what making the code took.
#include <cstdio>
#include <string>

#include "exprjit/exprjit.h"
#include "sections.h"

namespace exprjit::bench {

namespace {

// A polynomial of this degree, with coefficients that depend on `number`: 2 * degree operations, each of them one
// vector instruction, and some more for loads, stores and the loop.
std::string polynomial(int degree, int number) {
    std::string open, rest;
    for (int k = 0; k < degree; ++k) {
        open += '(';
        rest += ")*a + 0.";
        rest += std::to_string(1000 + k * 17 + number);
    }
    return open + "a" + rest;
}

struct Costs {
    Samples compile, first, again, made;
    uint64_t code_bytes = 0;  // of one kernel's code for columns
};

uint64_t code_bytes_now() {
    ej_engine_stats stats{};
    stats.struct_size = sizeof stats;
    return ej_engine_get_stats(nullptr, &stats) == EJ_OK ? stats.code_bytes : 0;
}

bool measure(int degree, Costs& costs) {
    double column[16], result[16];
    for (int i = 0; i < 16; ++i) column[i] = i * 0.1;
    const ej_column input{column, 8, EJ_F64, 0, nullptr, 0}, output{result, 8, EJ_F64, 0, nullptr, 0};
    for (int number = 0; number < 60; ++number) {
        const std::string text = polynomial(degree, number * 100);
        ej_kernel* kernel = nullptr;
        const uint64_t bytes_before = code_bytes_now();
        const uint64_t start = now();
        if (ej_engine_compile(nullptr, text.c_str(), nullptr, &kernel, nullptr) != EJ_OK) return false;
        const uint64_t compiled = now();
        bool good = ej_kernel_eval(kernel, &input, 1, &output, 1, 16, nullptr) == EJ_OK;
        const uint64_t first = now();
        good = good && ej_kernel_eval(kernel, &input, 1, &output, 1, 16, nullptr) == EJ_OK;
        const uint64_t again = now();
        const uint64_t bytes_after = code_bytes_now();
        ej_kernel_info info{};
        info.struct_size = sizeof info;
        good = good && ej_kernel_get_info(kernel, &info) == EJ_OK;
        ej_kernel_release(kernel);
        if (!good) return false;
        costs.code_bytes = bytes_after - bytes_before - info.code_bytes;
        if (number < 10) continue;  // warm-up
        costs.compile.values.push_back(static_cast<double>(compiled - start));
        costs.first.values.push_back(static_cast<double>(first - compiled));
        costs.again.values.push_back(static_cast<double>(again - first));
        costs.made.values.push_back(static_cast<double>(first - compiled) - static_cast<double>(again - first));
    }
    return true;
}

}  // namespace

void measure_first_evaluation(Report& report) {
    for (const int degree : {5, 15, 43}) {
        const std::string group = "code for columns, polynomial of " + std::to_string(2 * degree) + " operations";
        Costs costs;
        if (!measure(degree, costs)) {
            report.missing(group, "exprjit", "the engine cannot evaluate it");
            continue;
        }
        report.samples(group, "text to kernel", costs.compile);
        report.samples(group, "first evaluation, 16 rows", costs.first);
        report.samples(group, "second evaluation", costs.again);
        // With 86 operations, as many instructions come out on v4 as the target is for: `exprjit asm TEXT --columns`
        // lists 150.
        report.samples(group, "making the vector code: first less second", costs.made,
                       degree == 43 ? std::optional<double>(12'000) : std::nullopt,
                       std::to_string(costs.code_bytes) + " bytes of code");
    }
}

}  // namespace exprjit::bench
