// SPDX-License-Identifier: MIT OR Apache-2.0
#include "functions.h"

#include <cmath>

#include "approximate.h"
#include "exact.h"

namespace exprjit::accuracy {
namespace {

constexpr double kPi = 3.14159265358979323846;
// All numbers, from the negative ones of large size to the positive ones, as far as a uniform choice goes.
constexpr Range kAll64{-1e6, 1e6}, kAll32{-1e6, 1e6};
constexpr Range kPositive{0, 1e4};
constexpr Range kUnit{-1, 1};

Domain trigonometric(std::vector<double> centres) {
    return {{-40, 40}, {-40, 40}, std::move(centres), {{-kPi, kPi}, {-1e5, 1e5}, {-1e15, 1e15}}, true};
}
// For results that begin to overflow at `over` and vanish at `under`, f64 and f32.
Domain exponential(Range f64, Range f32, std::vector<Range> dense) {
    return {f64, f32, {0, f64.from, f64.to, f32.from, f32.to}, std::move(dense)};
}
Domain logarithmic() {
    return {kPositive, kPositive, {1, 0, 2, 0.5, std::sqrt(2), std::sqrt(0.5)}, {{0.5, 2}, {0.9, 1.1}}};
}

}  // namespace

#define EXPRJIT_WIDE(name) &approximate::name<double>, &approximate::name<long double>
#define EXPRJIT_WIDE_PLAIN(name)                                                                                       \
    static_cast<Function64>(&approximate::name), static_cast<FunctionLong>(&approximate::name)

const std::vector<Function>& functions() {
    using namespace exact;
    static const std::vector<Function> all = {
        {"exp", 1, "exp", EXPRJIT_WIDE(exp), unary<mpfr_exp>,
         exponential({-745.2, 709.8}, {-104, 88.8}, {{-1, 1}, {-745.2, -708}, {-104, -87}, {-20, 20}})},
        {"exp2", 1, "exp2", EXPRJIT_WIDE(exp2), unary<mpfr_exp2>,
         exponential({-1075.1, 1024}, {-150.1, 128}, {{-1, 1}, {-1075.1, -1021}, {-151, -125}, {-20, 20}})},
        {"exp10", 1, "exp10", EXPRJIT_WIDE_PLAIN(exp10), unary<mpfr_exp10>,
         exponential({-323.7, 308.3}, {-45.2, 38.6}, {{-1, 1}, {-323.7, -307}, {-45.2, -37.5}, {-10, 10}})},
        {"expm1", 1, "expm1", EXPRJIT_WIDE(expm1), unary<mpfr_expm1>,
         exponential({-45, 709.8}, {-20, 88.8}, {{-1, 1}, {-0.1, 0.1}, {-2, 2}, {-10, 10}})},
        {"log", 1, "log", EXPRJIT_WIDE(log), unary<mpfr_log>, logarithmic()},
        {"log2", 1, "log2", EXPRJIT_WIDE(log2), unary<mpfr_log2>, logarithmic()},
        {"log10", 1, "log10", EXPRJIT_WIDE(log10), unary<mpfr_log10>, logarithmic()},
        {"log1p",
         1,
         "log1p",
         EXPRJIT_WIDE(log1p),
         unary<mpfr_log1p>,
         {{-1, 1e4},
          {-1, 1e4},
          {-1, 0, 1, -0.5, std::sqrt(0.5) - 1, std::sqrt(2) - 1},
          {{-1, 1}, {-0.1, 0.1}, {-0.5, 1}}}},
        {"logn", 2, "", EXPRJIT_WIDE(logn), exact::logn, {{0, 100}, {0, 100}, {1, 2, 10}, {{0.5, 2}}}},
        {"pow", 2, "pow", EXPRJIT_WIDE(pow), binary<mpfr_pow>, {{0, 100}, {0, 100}, {1, 2, 0}, {{0.5, 2}}}},
        {"rsqrt", 1, "", EXPRJIT_WIDE(rsqrt), exact::rsqrt, {kPositive, kPositive, {1, 0}, {{0.5, 4}}}},
        {"cbrt",
         1,
         "cbrt",
         EXPRJIT_WIDE(cbrt),
         unary<mpfr_cbrt>,
         {{-1e3, 1e3}, {-1e3, 1e3}, {0, 1, -1}, {{1, 8}, {-8, -1}}}},
        {"hypot", 2, "hypot", EXPRJIT_WIDE(hypot), binary<mpfr_hypot>, {{-10, 10}, {-10, 10}, {0, 1}, {}}},
        {"root", 2, "", EXPRJIT_WIDE(root), exact::root, {{0, 1e4}, {0, 1e4}, {0, 1}, {}}},
        {"sin", 1, "sin", EXPRJIT_WIDE(sin), unary<mpfr_sin>, trigonometric({0, kPi})},
        {"cos", 1, "cos", EXPRJIT_WIDE(cos), unary<mpfr_cos>, trigonometric({0, kPi / 2})},
        {"tan", 1, "tan", EXPRJIT_WIDE(tan), unary<mpfr_tan>, trigonometric({0, kPi / 4})},
        {"cot", 1, "", EXPRJIT_WIDE(cot), unary<mpfr_cot>, trigonometric({0, kPi / 4})},
        {"sec", 1, "", EXPRJIT_WIDE(sec), unary<mpfr_sec>, trigonometric({0, kPi / 4})},
        {"csc", 1, "", EXPRJIT_WIDE(csc), unary<mpfr_csc>, trigonometric({0, kPi / 4})},
        {"sinc",
         1,
         "",
         EXPRJIT_WIDE(sinc),
         exact::sinc,
         {{-30, 30}, {-30, 30}, {0, 1, 2, 0.5, -1}, {{-2, 2}, {-1e4, 1e4}}},
         true},
        {"asin", 1, "asin", EXPRJIT_WIDE(asin), unary<mpfr_asin>, {kUnit, kUnit, {0, 1, -1, 0.5, -0.5}, {{-0.6, 0.6}}}},
        {"acos", 1, "acos", EXPRJIT_WIDE(acos), unary<mpfr_acos>, {kUnit, kUnit, {0, 1, -1, 0.5, -0.5}, {{-0.6, 0.6}}}},
        {"atan", 1, "atan", EXPRJIT_WIDE(atan), unary<mpfr_atan>, {{-20, 20}, {-20, 20}, {0, 1, -1}, {{-1.5, 1.5}}}},
        {"atan2", 2, "atan2", EXPRJIT_WIDE(atan2), binary<mpfr_atan2>, {{-10, 10}, {-10, 10}, {0, 1}, {}}},
        {"deg2rad", 1, "", EXPRJIT_WIDE(deg2rad), exact::deg2rad, {{-400, 400}, {-400, 400}, {0}, {}}},
        {"rad2deg", 1, "", EXPRJIT_WIDE(rad2deg), exact::rad2deg, {{-10, 10}, {-10, 10}, {0}, {}}},
        {"sinh", 1, "sinh", EXPRJIT_WIDE(sinh), unary<mpfr_sinh>,
         exponential({-710.5, 710.5}, {-89.5, 89.5}, {{-1, 1}, {-0.3, 0.3}, {-5, 5}, {-22, 22}})},
        {"cosh", 1, "cosh", EXPRJIT_WIDE(cosh), unary<mpfr_cosh>,
         exponential({-710.5, 710.5}, {-89.5, 89.5}, {{-1, 1}, {-5, 5}, {-22, 22}})},
        {"tanh",
         1,
         "tanh",
         EXPRJIT_WIDE(tanh),
         unary<mpfr_tanh>,
         {{-22, 22}, {-10, 10}, {0, 1, 0.55}, {{-1, 1}, {-0.3, 0.3}}}},
        {"asinh",
         1,
         "asinh",
         EXPRJIT_WIDE(asinh),
         unary<mpfr_asinh>,
         {kAll64, kAll32, {0, 1}, {{-1, 1}, {-0.3, 0.3}, {-4, 4}}}},
        {"acosh",
         1,
         "acosh",
         EXPRJIT_WIDE(acosh),
         unary<mpfr_acosh>,
         {{1, 1e4}, {1, 1e4}, {1, 2}, {{1, 2}, {1, 1.1}, {1, 10}}}},
        {"atanh",
         1,
         "atanh",
         EXPRJIT_WIDE(atanh),
         unary<mpfr_atanh>,
         {kUnit, kUnit, {0, 1, -1, 0.5}, {{-0.6, 0.6}, {-0.2, 0.2}}}},
        {"erf",
         1,
         "erf",
         EXPRJIT_WIDE(erf),
         unary<mpfr_erf>,
         {{-6.1, 6.1}, {-4, 4}, {0, 1, 0.84375}, {{-1, 1}, {-3, 3}}}},
        {"erfc",
         1,
         "erfc",
         EXPRJIT_WIDE(erfc),
         unary<mpfr_erfc>,
         {{-6, 27.3},
          {-4, 10.1},
          {0, 0.5, 26.54, 27.2, 9.19, 10.05},
          {{-1, 1}, {0, 3}, {26.4, 27.3}, {9, 10.1}, {-6, 0}}}},
        {"gamma",
         1,
         "tgamma",
         EXPRJIT_WIDE(gamma),
         unary<mpfr_gamma>,
         {{-30, 171.7}, {-30, 35.1}, {0, 1, 2, -1, -2, -10}, {{-5, 5}, {0, 40}, {-184, 0}}}},
        {"lgamma",
         1,
         "lgamma",
         EXPRJIT_WIDE_PLAIN(lgamma),
         exact::lgamma,
         {{-30, 1e3}, {-30, 1e3}, {0, 1, 2, -2.4570247382208006, -2.7476826467274127}, {{-5, 5}, {0, 40}, {-100, 0}}}},
        {"sigmoid", 1, "", EXPRJIT_WIDE(sigmoid), exact::sigmoid,
         exponential({-745.2, 40}, {-104, 20}, {{-1, 1}, {-745.2, -708}, {-104, -87}, {-20, 20}})},
        {"softplus", 1, "", EXPRJIT_WIDE(softplus), exact::softplus,
         exponential({-745.2, 40}, {-104, 20}, {{-1, 1}, {-745.2, -708}, {-104, -87}, {-20, 20}})},
        {"gelu",
         1,
         "",
         EXPRJIT_WIDE(gelu),
         exact::gelu,
         {{-38.7, 10},
          {-14.5, 6},
          {0, -37.5, -38.58, -13, -14.2},
          {{-1, 1}, {-4, 4}, {-38.7, -37}, {-14.4, -12.8}, {-14, 0}}}},
        {"silu", 1, "", EXPRJIT_WIDE(silu), exact::silu,
         exponential({-752, 40}, {-109, 20}, {{-1, 1}, {-752, -708}, {-109, -87}, {-20, 20}})},
    };
    return all;
}
#undef EXPRJIT_WIDE
#undef EXPRJIT_WIDE_PLAIN

const Function* find_function(std::string_view name) {
    for (const Function& f : functions())
        if (f.name == name) return &f;
    return nullptr;
}

}  // namespace exprjit::accuracy
