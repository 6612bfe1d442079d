// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The functions in a floating-point type wider than the one that is judged: f32 in double, f64 in long double. C has most
// of them; the others are written so that they lose no more than a few units of the wider type. All take (x, y).
#pragma once

#include <cmath>
#include <limits>
#include <numbers>

namespace exprjit::accuracy::approximate {

#define EXPRJIT_OF_C(name)                                                                                             \
    template <class R>                                                                                                 \
    R name(R x, R) {                                                                                                   \
        return std::name(x);                                                                                           \
    }
EXPRJIT_OF_C(exp)
EXPRJIT_OF_C(exp2)
EXPRJIT_OF_C(expm1)
EXPRJIT_OF_C(log)
EXPRJIT_OF_C(log2)
EXPRJIT_OF_C(log10)
EXPRJIT_OF_C(log1p)
EXPRJIT_OF_C(cbrt)
EXPRJIT_OF_C(sin)
EXPRJIT_OF_C(cos)
EXPRJIT_OF_C(tan)
EXPRJIT_OF_C(asin)
EXPRJIT_OF_C(acos)
EXPRJIT_OF_C(atan)
EXPRJIT_OF_C(sinh)
EXPRJIT_OF_C(cosh)
EXPRJIT_OF_C(tanh)
EXPRJIT_OF_C(asinh)
EXPRJIT_OF_C(acosh)
EXPRJIT_OF_C(atanh)
EXPRJIT_OF_C(erf)
EXPRJIT_OF_C(erfc)
#undef EXPRJIT_OF_C

inline double exp10(double x, double) { return ::exp10(x); }
inline long double exp10(long double x, long double) { return ::exp10l(x); }
inline double lgamma(double x, double) {
    int sign;
    return ::lgamma_r(x, &sign);
}
inline long double lgamma(long double x, long double) {
    int sign;
    return ::lgammal_r(x, &sign);
}

template <class R>
R gamma(R x, R) {
    return std::tgamma(x);
}
template <class R>
R pow(R x, R y) {
    return std::pow(x, y);
}
template <class R>
R hypot(R x, R y) {
    return std::hypot(x, y);
}
template <class R>
R atan2(R x, R y) {
    return std::atan2(x, y);
}
template <class R>
R rsqrt(R x, R) {
    return 1 / std::sqrt(x);
}
template <class R>
R cot(R x, R) {
    return 1 / std::tan(x);
}
template <class R>
R sec(R x, R) {
    return 1 / std::cos(x);
}
template <class R>
R csc(R x, R) {
    return 1 / std::sin(x);
}
template <class R>
R deg2rad(R x, R) {
    return x * (std::numbers::pi_v<R> / 180);
}
template <class R>
R rad2deg(R x, R) {
    return x * (180 / std::numbers::pi_v<R>);
}
template <class R>
R logn(R x, R base) {
    return std::log(x) / std::log(base);
}

// The exponent is divided exactly, as far as it goes: x^(1/n) of the rest is small enough for the error of 1/n.
template <class R>
R root(R x, R n) {
    const bool odd = std::fmod(n, R(2)) != 0;
    if (x < 0 && !odd) return std::numeric_limits<R>::quiet_NaN();
    const R size = std::fabs(x);
    if (size == 0 || !std::isfinite(size)) return odd ? x : size;
    int exponent = 0;
    const R fraction = std::frexp(size, &exponent);
    const int degree = static_cast<int>(n), whole = exponent / degree;
    const R result = std::ldexp(std::pow(std::ldexp(fraction, exponent - whole * degree), 1 / n), whole);
    return odd ? std::copysign(result, x) : result;
}

// The distance to the nearest integer is exact, where the argument pi x itself would be off.
template <class R>
R sinc(R x, R) {
    if (x == 0) return 1;
    const R nearest = std::round(x);
    if (nearest == x)
        return std::isinf(x) ? std::numeric_limits<R>::quiet_NaN() : 0;  // +0: sin(pi n) has the sign of n
    const R sine = std::sin(std::numbers::pi_v<R> * (x - nearest));
    return (std::fmod(nearest, R(2)) != 0 ? -sine : sine) / (std::numbers::pi_v<R> * x);
}

// Never an exp that overflows where the result does not.
template <class R>
R sigmoid(R x, R) {
    const R e = std::exp(-std::fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}
template <class R>
R silu(R x, R y) {
    return std::isinf(x) && x < 0 ? -R(0) : x * sigmoid(x, y);
}
template <class R>
R softplus(R x, R) {
    if (std::isnan(x)) return x;
    return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x)));
}

// x/2 erfc(z), z = -x / sqrt(2). What z lost to rounding, `rest`, is worth 2 z^2 of it relative to the result: one step
// along the derivative.
template <class R>
R gelu(R x, R) {
    if (std::isinf(x)) return x < 0 ? -R(0) : x;
    constexpr R root_half = std::numbers::sqrt2_v<R> / 2;
    const R z = -x * root_half;
    R tail = std::erfc(z);
    if (z > 1 && tail > 0) {
        // sqrt(1/2) to twice the precision: root_half + (1/2 - root_half^2) / (2 root_half)
        const R lost = -std::fma(root_half, root_half, R(-0.5)) / (2 * root_half);
        const R rest = std::fma(-x, root_half, -z) - x * lost;
        tail -= rest * 2 * std::numbers::inv_sqrtpi_v<R> * std::exp(-z * z);
    }
    return x / 2 * tail;
}

}  // namespace exprjit::accuracy::approximate
