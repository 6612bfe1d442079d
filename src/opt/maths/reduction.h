// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "opt/maths/pieces.h"
#include "opt/shared_pieces.h"

namespace exprjit::maths {

// |x| = n pi/2 + r + low, where |r| is at most a little more than pi/4 and |low| at most some units of r. The two lowest
// bits of `turns` are those of n. If `fast`, there is no `low`. Good for every x; of infinities and NaN r is NaN.
struct Reduced {
    Expr r, low, turns;
};
Reduced reduce_by_quarter_turns(Expr x, bool fast, SharedPieces& shared);

// 1, or -1 where the lowest bit of `half_turns` is set; the sign of x, too, if there is an x.
Expr sign_factor(Expr half_turns, const Expr* x);
// 1 with the sign of x, of a NaN either.
Expr sign_factor(Expr x);

}  // namespace exprjit::maths
