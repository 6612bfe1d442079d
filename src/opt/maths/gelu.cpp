// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include "opt/maths/erf_coefficients.h"
#include "opt/maths/gauss_tail.h"

namespace exprjit::expand {

namespace {

using namespace maths;

constexpr GaussTail kTail64 = {kGeluSlope, kGeluFlattener, kGeluShift, kGeluMiddle, kGeluTail64};
constexpr GaussTail kTail32 = {kGeluSlope, kGeluFlattener, kGeluShift, kGeluMiddle, kGeluTail32};
constexpr GaussTail kTailFast64 = {kGeluFastSlope, kGeluFastFlattener, kGeluFastShift, kGeluFastMiddle,
                                   kGeluFastTail64};
constexpr GaussTail kTailFast32 = {kGeluFastSlope, kGeluFastFlattener, kGeluFastShift, kGeluFastMiddle,
                                   kGeluFastTail32};

}  // namespace

// x Phi(x) = max(x, 0) - |x| Phi(-|x|), and Phi(-|x|) = erfc(|x| / sqrt(2)) / 2, whose bell is exp(-x^2 / 2): with the
// tail's factor as a function of |x|, the root of 2 is nowhere rounded.
Expr Gelu(const Site& s) {
    const Expr x = s[0], size = abs(x), zero = x.number(0);
    const bool narrow = is_f32(x);
    // Enlarged once more, so that no quotient is subnormal.
    const double more = narrow ? 0x1p20 : 0x1p60;
    const auto reduced = [&](Expr enlarged) { return enlarged * (narrow ? 0x1p-84 : 0x1p-188); };
    const Expr is_large = size > (narrow ? kGeluEnd32 : kGeluEnd64), right = select(x < 0.0, -zero, x);
    if (s.fast) {
        const Expr tail = fast_enlarged_tail(narrow ? kTailFast32 : kTailFast64, size, size, size * 0.5, size * more);
        return right - select(is_large, zero, reduced(tail));
    }
    // x > 0 is up to twice the result, so that here the low part counts.
    const Pair tail = enlarged_tail(narrow ? kTail32 : kTail64, size, size, size * 0.5, size * (more / 2));
    const Pair left = fast_two_sum(tail.high, tail.low);
    const Expr taken = select(is_large, zero, reduced(left.high)), usual = right - taken;
    const Expr rest = ((right - usual) - taken) - reduced(left.low);
    return select((x > 0.0) & (!is_large), usual + rest, usual);
}

}  // namespace exprjit::expand
