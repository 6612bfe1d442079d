// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Twelve expressions of different kinds: the plain entry against the C function, call by call and in turns, and
// muParser.
#include <cstdio>
#include <cstdlib>

#include "c_functions.h"
#include "exprjit/exprjit.h"
#include "muparser_calls.h"
#include "sections.h"

namespace exprjit::bench {

namespace {

constexpr int kRows = 512;

struct Kind {
    const char* name;
    const char* text;
    const char* muparser;  // its spelling; nullptr where muParser has no such thing
    ej_dtype type;
    void (*c_function)(void);
};

template <class F>
constexpr auto erased(F* f) {
    return reinterpret_cast<void (*)(void)>(f);
}

// Calls f for every row and stores what it gives: no call waits for the one before. The pointer is read from a
// volatile, so that the call cannot be inlined.
template <class T>
void call_rows(void (*function)(void), const T* a, const T* b, const T* c, T* out) {
    T (*volatile pointer)(T, T, T) = reinterpret_cast<T (*)(T, T, T)>(function);
    T (*const f)(T, T, T) = pointer;
    for (int k = 0; k < kRows; ++k) out[k] = f(a[k], b[k], c[k]);
}

template <class T>
struct Data {
    T a[kRows], b[kRows], c[kRows];
    Data() {
        uint32_t random = 1;
        for (int k = 0; k < kRows; ++k)
            for (T* column : {a, b, c}) {
                random = random * 1664525 + 1013904223;
                column[k] = static_cast<T>(0.5 + (random >> 8) * 0x1p-22);  // 0.5 … 4.5
            }
    }
};

template <class T>
void one(Report& report, const Kind& kind, int rounds, std::vector<double>& over_muparser,
         std::vector<double>& over_c) {
    static const Data<T> data;
    static const Data<double> doubles;
    const ej_param params[3] = {{"a", kind.type, 0}, {"b", kind.type, 0}, {"c", kind.type, 0}};
    ej_compile_options options{};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 3;
    options.params_declared = 1;
    options.tier = EJ_TIER_OPTIMISED;
    options.div_mode = EJ_DIV_ZERO;
    ej_kernel* kernel = nullptr;
    void (*entry)(void) = nullptr;
    if (ej_engine_compile(nullptr, kind.text, &options, &kernel, nullptr) != EJ_OK ||
        ej_kernel_get_entry(kernel, &entry) != EJ_OK) {
        std::fprintf(stderr, "no plain entry for %s\n", kind.text);
        std::exit(1);
    }
    static T ours[kRows], theirs[kRows];
    static double muparsers[kRows];
    call_rows<T>(entry, data.a, data.b, data.c, ours);
    call_rows<T>(kind.c_function, data.a, data.b, data.c, theirs);
    for (int k = 0; k < kRows; ++k) {
        if (ours[k] == theirs[k] || (ours[k] != ours[k] && theirs[k] != theirs[k])) continue;
        std::fprintf(stderr, "%s: in row %d exprjit gives %a, C %a\n", kind.text, k, static_cast<double>(ours[k]),
                     static_cast<double>(theirs[k]));
        std::exit(1);
    }
    MuParserExpression other(kind.muparser != nullptr ? kind.muparser : "a");
    std::vector<Contestant> field{
        {"", nullptr, [&] { call_rows<T>(entry, data.a, data.b, data.c, ours); }, nullptr, 20},
        {"", nullptr, [&] { call_rows<T>(kind.c_function, data.a, data.b, data.c, theirs); }, nullptr, 20}};
    const bool with_muparser = MuParserExpression::installed() && kind.muparser != nullptr && other.good();
    if (with_muparser)
        field.push_back(
            {"", nullptr, [&] { other.evaluate(doubles.a, doubles.b, doubles.c, muparsers, kRows); }, nullptr, 3});
    std::vector<Samples> s = race(field, rounds);
    for (Samples& x : s)
        for (double& v : x.values) v /= kRows;
    const std::string group = std::string("call: ") + kind.name + "   " + kind.text;
    report.samples(group, "exprjit, plain entry", s[0]);
    report.samples(group, "C, -O3", s[1]);
    over_c.push_back(s[0].median() / s[1].median());
    report.add({group, "exprjit over C", "x", over_c.back(), 0, 0, 1.2, false, ""});
    if (with_muparser) {
        report.samples(group, "muParser", s[2]);
        over_muparser.push_back(s[2].median() / s[0].median());
    } else if (!MuParserExpression::installed()) {
        report.missing(group, "muParser", "apt-get install libmuparser-dev");
    }
    ej_kernel_release(kernel);
}

}  // namespace

void measure_calls(Report& report, int rounds) {
    const Kind kinds[] = {
        {"multiply-add", "a * b + c", "a * b + c", EJ_F64, erased(c_multiply_add)},
        {"polynomial", "((((a * 0.5 + b) * a + c) * a - 0.25) * a + b) * a + 1.5",
         "((((a * 0.5 + b) * a + c) * a - 0.25) * a + b) * a + 1.5", EJ_F64, erased(c_polynomial)},
        {"root of a quadratic", "(-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a)",
         "(-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a)", EJ_F64, erased(c_quadratic_root)},
        {"rational", "(a + b) / (b + c) - (a - c) / (a + 1.0)", "(a + b) / (b + c) - (a - c) / (a + 1.0)", EJ_F64,
         erased(c_rational)},
        {"conditional", "a < b ? a * c : b > c ? b - c : a + c", "a < b ? a * c : (b > c ? b - c : a + c)", EJ_F64,
         erased(c_conditional)},
        {"clamp by comparisons", "a < b ? b : a > c ? c : a", "a < b ? b : (a > c ? c : a)", EJ_F64, erased(c_clamp)},
        {"sine", "sin(a * b) + c", "sin(a * b) + c", EJ_F64, erased(c_sine)},
        {"gaussian", "exp(-(a - b) * (a - b) / (2.0 * c * c))", "exp(-(a - b) * (a - b) / (2.0 * c * c))", EJ_F64,
         erased(c_gaussian)},
        {"distance", "sqrt(a * a + b * b + c * c)", "sqrt(a * a + b * b + c * c)", EJ_F64, erased(c_distance)},
        {"integer hash", "h = a * 31 + b; g = (h xor (h << 7)) * 31 + c; g xor (g >> 9)", nullptr, EJ_I64,
         erased(c_hash)},
        {"integer choice", "a < b ? (a & c) + b : (a | c) - b", nullptr, EJ_I64, erased(c_select_integer)},
        {"blend of floats", "a * c + b * (1.0 - c)", "a * c + b * (1.0 - c)", EJ_F32, erased(c_blend)},
    };
    std::vector<double> over_muparser, over_c;
    for (const Kind& k : kinds) {
        if (k.type == EJ_F64)
            one<double>(report, k, rounds, over_muparser, over_c);
        else if (k.type == EJ_F32)
            one<float>(report, k, rounds, over_muparser, over_c);
        else
            one<int64_t>(report, k, rounds, over_muparser, over_c);
    }
    const auto median = [](std::vector<double> v) {
        Samples s;
        s.values = std::move(v);
        return s.median();
    };
    report.add({"calls together", "exprjit over C, median of twelve", "x", median(over_c), 0, 0, 1.2, false, ""});
    if (over_muparser.empty())
        report.missing("calls together", "muParser over exprjit, median", "apt-get install libmuparser-dev");
    else
        report.add(
            {"calls together", "muParser over exprjit, median", "x", median(over_muparser), 0, 0, 10.0, true, ""});
}

}  // namespace exprjit::bench
