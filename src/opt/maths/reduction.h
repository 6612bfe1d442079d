// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "opt/maths/pieces.h"
#include "opt/shared_pieces.h"

namespace exprjit::maths {

// x = n pi/2 + r + low, where |r| is at most a little more than pi/4 and |low| at most some units of r. The two lowest bits
// of `turns` are those of n. Good for every x; of infinities and NaN r is NaN. It is |x| that is reduced. If `fast` it is x
// itself, and `low` is all of r to its last place but one, while r has an absolute error below 2^-60.
struct Reduced {
    Expr r, low, turns;
};
Reduced reduce_by_quarter_turns(Expr x, bool fast, SharedPieces& shared);

// x + quarters pi/2, quarters 0 or 1, by half turns: r, |r| <= pi/2, plus as many half turns as make the sine of it change
// its sign, or not, which is the highest bit of `sign`; the others are 0. As if `fast`.
struct HalfTurns {
    Expr r, low, sign;
};
HalfTurns reduce_by_half_turns(Expr x, int quarters, SharedPieces& shared);
// The same of an f32 where r - low is the remainder, as if not `fast`. If x is a zero, r is the same zero and low is +0.
HalfTurns reduce_by_half_turns_with_low(Expr x, int quarters, SharedPieces& shared);

// 1 with the sign of x.
Expr sign_of(Expr x);

}  // namespace exprjit::maths
