// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Kernels with three elementary functions: text to plain C function, and the loop over columns that the first evaluation
// makes. Every text has a constant of its own, so that no cache helps.
#include <string>

#include "kernel.h"
#include "measure.h"
#include "sections.h"

namespace exprjit::bench {

namespace {

constexpr double kTarget = 40'000;  // ns
constexpr int kTexts = 120, kWarmUp = 20;

struct Three {
    const char* title;
    const char* text;  // # stands for the constant
    double low, high;
};
constexpr Three kThree[] = {
    {"sin(a)*exp(-a*a) + log(1 + b*b)", "sin(a)*exp(-a*a) + log(# + b*b)", 0.5, 2},
    {"tanh(a) + pow(a, b) + erf(b)", "tanh(a*#) + pow(a, b) + erf(b)", 0.5, 2},
};

void measure(Report& report, const Three& three, ej_accuracy accuracy) {
    const std::string group =
        std::string("compiling ") + three.title + (accuracy == EJ_ACCURACY_FAST ? ", fast" : ", 1ulp");
    const double low[] = {three.low, three.low}, high[] = {three.high, three.high};
    const Columns columns(EJ_F64, 2, low, high);
    ej_engine_options options{};
    options.struct_size = sizeof options;
    options.cache_bytes = 1;  // no cache
    ej_engine* engine = nullptr;
    if (ej_engine_create(&options, &engine, nullptr) != EJ_OK) return report.missing(group, "exprjit", "no engine");
    Samples compile, first, again, made;
    std::string note;
    for (int number = 0; number < kTexts && note.empty(); ++number) {
        std::string text = three.text;
        text.replace(text.find('#'), 1, "1.0" + std::to_string(number + 100));
        const uint64_t start = now();
        Kernel kernel(text.c_str(), 2, {EJ_ISA_AUTO, EJ_F64, accuracy, 0, engine});
        const uint64_t compiled = now();
        if (kernel.refused().empty()) kernel.bind(columns, columns.output(), 16);
        const uint64_t bound = now();
        bool good = kernel.refused().empty() && kernel.evaluate();
        const uint64_t evaluated = now();
        good = good && kernel.evaluate();
        const uint64_t end = now();
        if (!good) note = kernel.refused();
        if (number < kWarmUp) continue;
        compile.values.push_back(static_cast<double>(compiled - start));
        first.values.push_back(static_cast<double>(evaluated - bound));
        again.values.push_back(static_cast<double>(end - evaluated));
        made.values.push_back(static_cast<double>(evaluated - bound) - static_cast<double>(end - evaluated));
    }
    ej_engine_destroy(engine);
    if (!note.empty()) return report.missing(group, "exprjit", note);
    report.samples(group, "text to plain C function", compile, kTarget);
    report.samples(group, "first evaluation over columns, 16 rows", first);
    report.samples(group, "second evaluation", again);
    report.samples(group, "making the vector code: first less second", made, kTarget);
}

}  // namespace

void measure_compile_times(Report& report) {
    for (const Three& three : kThree)
        for (const ej_accuracy accuracy : {EJ_ACCURACY_1ULP, EJ_ACCURACY_FAST}) measure(report, three, accuracy);
}

}  // namespace exprjit::bench
