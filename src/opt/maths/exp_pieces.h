// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What everything that contains e^x begins with: x = k log(2) + r with an integer k and |r| <= log(2)/2, and e^r by a
// polynomial. Cody and Waite, "Software Manual for the Elementary Functions" (1980); Muller, "Elementary Functions"
// (2016), chapter 11. No rounding of r counts: what it loses is carried in a low part.
#pragma once

#include "opt/maths/exp_coefficients.h"
#include "opt/maths/pieces.h"

namespace exprjit::maths {

// A power of two by its exponent, which stands in the low bits of an integer of the float's width, biased as in a
// float.
struct Exponent {
    Expr bits;

    // 2^k. Of exponents that no normal float has, without meaning.
    Expr power() const;
    Exponent plus(Expr other) const { return {bits + other}; }
};

// e^x = 2^k (1 + high + tail), where |tail| < 0.07 and `high` is exact in the sense that tail knows what it lost. If
// `fast` was asked for, tail does not, and high is rounded.
struct Exponential {
    Exponent k;
    Expr high, tail;

    Expr rest() const { return high + tail; }  // e^r - 1, rounded
    // scale (high + tail) + term, where term is 0 or larger than scale high: the high part rounded, the low part the
    // rest, which is not small beside it.
    Pair combined(Expr scale, Expr term) const;
    // e^r as a pair; |low| < 0.07.
    Pair mantissa() const;
};

// x = k + r in units of log(2): what the functions of other bases have in common with exp.
struct Reduced {
    Exponent k;
    Expr high, low;  // r; low without value if `fast`
    bool fast;
};

// The reductions of e^(a.high + a.low) and 10^x. `offset` is added to k.
Reduced reduced(Expr x, bool fast, int offset = 0);
Reduced reduced(Pair a, int offset = 0);
Reduced reduced_base_ten(Expr x, bool fast);

// `near_zero`: what is asked for is e^r - 1 or the like, so that an error small beside e^r is not small enough.
Exponential exponential(const Reduced& r, bool near_zero = false);
// 2^x. tail knows nearly all that high lost.
Exponential exponential_base_two(Expr x, bool fast);

// Polynomials in r^2: c and s of cosh(r) = 1 + r^2 c, sinh(r) = r + r^3 s, |r| <= log(2)/2.
std::array<Expr, 2> exponential_halves(Expr r, bool fast);

// e^(2h) for h <= 0 as a quotient: 2^k (cosh + sinh) / (cosh - sinh), where both have a common factor, so that two
// short polynomials make them: cosh = 1 + even, sinh = r + odd, h = k log(2)/2 + r, |r| <= log(2)/4. odd knows what r
// lost, unless `Fast`; `Wide` knows it well enough for any k, `Narrow` for -60 < k.
struct HalfExponential {
    Exponent k;
    Expr r, even, odd;
};
enum class Reach { Fast, Narrow, Wide };
HalfExponential half_exponential(Expr h, Reach reach);

// Between -usual and usual 2^k is normal, and so are the results. Below `zero` and above `infinite` they are that.
struct Limits {
    double usual, zero, infinite;
};
const Limits& limits_of_exp(Expr x);

// y 2^k, where 2^k need not be a float; y is about 1. x decides about what lies beyond the limits, within which 2^k
// must be less than 2^64 from the floats.
Expr scaled(Expr y, Exponent k, Expr x, const Limits& limits);

// a / b, by the remainder that the rounded quotient leaves; b.low is at most a unit or two of b.high, a.low at most a
// thirtieth of a.high. As a pair (low is no longer than a.low would make it) or rounded.
Pair quotient(Pair a, Pair b);
Expr rounded_quotient(Pair a, Pair b);

}  // namespace exprjit::maths
