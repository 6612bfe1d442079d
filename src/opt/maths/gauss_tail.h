// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What erfc and gelu have in common: the tail of the normal distribution, to its last bits and to its last subnormal.
#pragma once

#include <span>

#include "opt/maths/pieces.h"

namespace exprjit::maths {

// numerator erfc(z) = exp(-z^2) (numerator / (slope x + flattener)) f(t), x >= 0, t = x / (x + shift): the first quotient
// takes away how the bell's factor varies, and the other makes all x a short interval. M. Shepherd and J. Laframboise,
// "Chebyshev Approximation of (1 + 2x) exp(x^2) erfc(x)" (1981), have it with other constants; these are of
// tools/coefficients/erf.py. f(t) = 1 + p[0] + p[1] t + t (1 - t) q(t - middle), so that what is added to 1 is small and
// rounds little; or, where a few units are allowed, p(t - middle).
struct GaussTail {
    double slope, flattener, shift, middle;
    std::span<const double> p;  // and q after the first two
};

// numerator erfc(z) 2^128, or 2^64 for f32, where the square of z is a b. x must be so small that the result is not
// below the normal numbers; else it has no meaning. Of a NaN x it is NaN. The pair is within a few tenths of a unit, the
// other form within a few units.
Pair enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator);
Expr fast_enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator);
// Takes the 2^128 back; here a subnormal result is rounded.
inline Expr reduced_tail(Expr enlarged) { return enlarged * (is_f32(enlarged) ? 0x1p-64 : 0x1p-128); }

}  // namespace exprjit::maths
