// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What erfc and gelu have in common: the tail of the normal distribution, to its last bits and to its last subnormal.
#pragma once

#include <span>

#include "opt/maths/pieces.h"

namespace exprjit::maths {

// A polynomial in a variable that is small where accuracy counts: there it rounds once.
inline Expr near_constant(Expr u, std::span<const double> c) {
    return fma(u, even_odd(u, c.subspan(1)), u.number(c[0]));
}

// numerator erfc(z) = exp(-z^2) (numerator / (x + flattener)) exp(centre + p(u)), u = scale / (x + shift) - middle:
// the quotient takes away how the bell's factor varies, so that p is small, and the other quotient makes all x a short
// interval. The numbers are of tools/coefficients/erf.py.
struct GaussTail {
    double flattener, shift, scale, middle, centre;
    std::span<const double> rest;  // p
    std::span<const double> exp;   // q of exp(r) = 1 + r + r^2 q(r)
};

// numerator erfc(z) 2^128, where the square of z is a b. 0 <= x, and x so small that the result is not below the
// normal numbers. Of a NaN x it is NaN. In the accurate form it is within a few hundredths of a unit before its last
// rounding.
Expr enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator, bool fast);
// Takes the 2^128 back; here a subnormal result is rounded.
inline Expr reduced_tail(Expr enlarged) { return enlarged * (is_f32(enlarged) ? 0x1p-64 : 0x1p-128); }

}  // namespace exprjit::maths
