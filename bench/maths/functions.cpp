// SPDX-License-Identifier: MIT OR Apache-2.0
#include "functions.h"

#include <cmath>

namespace exprjit::bench {

namespace {

using Wide = long double;

// The reference of a unary function of the C library.
template <Wide (*F)(Wide)>
Wide unary(Wide x, Wide) {
    return F(x);
}

Wide sigmoid(Wide x, Wide) { return 1 / (1 + expl(-x)); }
Wide softplus(Wide x, Wide) { return fmaxl(x, 0) + log1pl(expl(-fabsl(x))); }
Wide gelu(Wide x, Wide) { return x / 2 * erfcl(-x * 0.707106781186547524400844362104849039L); }
Wide silu(Wide x, Wide) { return x / (1 + expl(-x)); }

constexpr Function kFunctions[] = {
    {"exp", 1, {-10}, {10}, "u10", 0.55, 0.56, unary<expl>}, {"exp2", 1, {-10}, {10}, "u10", 0, 0, unary<exp2l>},
    {"exp10", 1, {-5}, {5}, "u10", 0, 0, unary<exp10l>},     {"expm1", 1, {-5}, {5}, "u10", 0, 0, unary<expm1l>},
    {"log", 1, {0.01}, {10}, "u10", 0.9, 0.86, unary<logl>}, {"log2", 1, {0.01}, {10}, "u10", 0, 0, unary<log2l>},
    {"log10", 1, {0.01}, {10}, "u10", 0, 0, unary<log10l>},  {"log1p", 1, {-0.9}, {10}, "u10", 0, 0, unary<log1pl>},
    {"pow", 2, {0.1, -5}, {10, 5}, "u10", 2.6, 2.65, powl},  {"sin", 1, {-10}, {10}, "u10", 0.8, 0.64, unary<sinl>},
    {"cos", 1, {-10}, {10}, "u10", 0.8, 0.64, unary<cosl>},  {"tan", 1, {-10}, {10}, "u10", 0, 0, unary<tanl>},
    {"asin", 1, {-1}, {1}, "u10", 0, 0, unary<asinl>},       {"acos", 1, {-1}, {1}, "u10", 0, 0, unary<acosl>},
    {"atan", 1, {-10}, {10}, "u10", 1.0, 0, unary<atanl>},   {"atan2", 2, {-10, -10}, {10, 10}, "u10", 0, 0, atan2l},
    {"sinh", 1, {-5}, {5}, "u10", 0, 0, unary<sinhl>},       {"cosh", 1, {-5}, {5}, "u10", 0, 0, unary<coshl>},
    {"tanh", 1, {-5}, {5}, "u10", 1.1, 1.42, unary<tanhl>},  {"asinh", 1, {-10}, {10}, "u10", 0, 0, unary<asinhl>},
    {"acosh", 1, {1}, {10}, "u10", 0, 0, unary<acoshl>},     {"atanh", 1, {-0.99}, {0.99}, "u10", 0, 0, unary<atanhl>},
    {"cbrt", 1, {-10}, {10}, "u10", 0, 0, unary<cbrtl>},     {"hypot", 2, {-10, -10}, {10, 10}, "u05", 0, 0, hypotl},
    {"erf", 1, {-3}, {3}, "u10", 1.3, 1.03, unary<erfl>},    {"erfc", 1, {-3}, {6}, "u15", 0, 0, unary<erfcl>},
    {"sigmoid", 1, {-8}, {8}, "", 0, 0, sigmoid, false},     {"softplus", 1, {-8}, {8}, "", 0, 0, softplus, false},
    {"gelu", 1, {-5}, {5}, "", 0, 0, gelu, false},           {"silu", 1, {-8}, {8}, "", 0, 0, silu, false},
};

}  // namespace

std::span<const Function> functions() { return kFunctions; }

}  // namespace exprjit::bench
