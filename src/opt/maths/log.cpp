// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Logarithms. x = 2^k m with m in [sqrt(1/2), sqrt(2)); with f = m - 1 and s = f / (2 + f), log(m) = log((1 + s) / (1 - s)) =
// 2 atanh(s), a series in s^2 <= 0.0295 (Cody, Waite, "Software manual for the elementary functions", 1980; the form that
// keeps f, which is exact, apart from the rest is that of Ng's e_log.c in fdlibm).
#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/log_coefficients.h"

namespace exprjit::maths {

namespace {

constexpr uint64_t kRootHalfBits = 0x3fe6a09e667f3bcd;  // of sqrt(1/2)
constexpr uint64_t kOneBits = 0x3ff0000000000000;

// m in [sqrt(1/2), sqrt(2)) and the exponent k of a normal positive x = 2^k m, as floats.
struct Split {
    Expr mantissa, exponent;
};

// The exponent field of x / sqrt(1/2) is k + 1023: beside the exponent of 2^52 it is a float, without a conversion.
// `bias` is 2^52 + 1023, or more if x was scaled.
Split split_f64(Expr x, Expr bias) {
    const Expr bits = raw_bits(x);
    const Expr moved = bits + word(bits, kOneBits - kRootHalfBits);
    const Expr mantissa = from_bits((moved & word(bits, 0x000fffffffffffff)) + word(bits, kRootHalfBits));
    return {mantissa, from_bits(shru(moved, 52) | word(bits, 0x4330000000000000)) - bias};
}

}  // namespace

Pair log_as_pair(Expr x) {
    const Expr tiny = x < 0x1p-1022;
    const Expr bias = select(tiny, x.number(0x1p52 + 1023 + 54), x.number(0x1p52 + 1023));
    const auto [m, k] = split_f64(select(tiny, x * 0x1p54, x), bias);
    // s = f / (m + 1) by one division, and what it lost by the residual, which is exact (fma).
    const Expr f = m - 1, t = m + 1, lost = m - (t - 1);
    const Expr inverse = 1 / t;
    const Expr s = f * inverse;
    const Expr s_low = fma(-s, lost, fma(-s, t, f)) * inverse;
    const Expr twice = s + s;
    const Expr w = s * s, w_low = fma(twice, s_low, fma(s, s, -w));
    // p = 2/5 + w (2/7 + …), then q = 2/3 + w p, each with what rounding it lost.
    const Expr tail = even_odd(w, kLogPair), fifths = w.number(kTwoFifths), thirds = w.number(kTwoThirds);
    const Expr p = fma(w, tail, fifths), p_low = fma(w, tail, fifths - p) + kTwoFifthsLow;
    const Expr wp = w * p, wp_low = fma(w_low, p, fma(w, p_low, fma(w, p, -wp)));
    const Expr q = thirds + wp, q_low = ((thirds - q) + wp) + (wp_low + kTwoThirdsLow);
    const Pair cube{w * s, fma(w_low, s, fma(w, s_low, fma(w, s, -(w * s))))};
    const Expr rest = cube.high * q, rest_low = fma(cube.low, q, fma(cube.high, q_low, fma(cube.high, q, -rest)));
    // k log(2) + 2 s + rest: each term is at most the sum before it, or that sum is 0.
    const Pair first = fast_two_sum(k * kLn2High, twice);
    const Pair second = fast_two_sum(first.high, rest);
    const Expr small = fma(k, k.number(kLn2Low), fma(s_low, s.number(2), rest_low));
    return fast_two_sum(second.high, (first.low + second.low) + small);
}

}  // namespace exprjit::maths
