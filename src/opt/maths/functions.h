// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The elementary functions as Expr, for each other: f32 and f64, any number of lanes. `fast`: 4 ULP instead of 1. The
// accuracy of each is measured and stands in its row of ops.def.
#pragma once

#include <array>

#include "opt/maths/pieces.h"
#include "opt/shared_pieces.h"

namespace exprjit::maths {

// exp.cpp
Expr exp(Expr x, bool fast);
Expr expm1(Expr x, bool fast);
// exp(a.high + a.low) in f64, for functions that know their argument better than f64 holds. |a.low| is at most a unit of
// a.high. Overflows to infinity and underflows gradually, as exp does.
Expr exp_of_pair(Pair a);
// exp(-a^2) in f64, to about a unit, without the a^2 units that squaring a would lose.
Expr exp_of_minus_square(Expr a, bool fast);

// log.cpp
Expr log(Expr x, bool fast);
Expr log2(Expr x, bool fast);
Expr log10(Expr x, bool fast);
Expr logn(Expr x, Expr base, bool fast);
Expr log1p(Expr x, bool fast);
// inverse_hyperbolic.cpp
Expr asinh(Expr x, bool fast);
Expr acosh(Expr x, bool fast);
Expr atanh(Expr x, bool fast);
// log(x) in f64 to about 2^-68 of its value, for 0 < x < infinity (subnormals too); of other arguments without meaning.
Pair log_as_pair(Expr x);

// trig.cpp
std::array<Expr, 2> sin_cos(Expr x, bool fast, SharedPieces& shared);

// erf.cpp
Expr erfc(Expr x, bool fast);

}  // namespace exprjit::maths
