// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include "opt/maths/erf_coefficients.h"
#include "opt/maths/gauss_tail.h"

namespace exprjit::expand {

namespace {

using maths::GaussTail;

constexpr GaussTail kTail64 = {maths::kGeluFlattener, maths::kGeluShift,  maths::kGeluScale, maths::kGeluTailMiddle,
                               maths::kGeluCentre,    maths::kGeluTail64, maths::kGeluExp64};
constexpr GaussTail kTailFast64 = {maths::kGeluFlattener, maths::kGeluShift,      maths::kGeluScale,    maths::kGeluTailMiddle,
                                   maths::kGeluCentre,    maths::kGeluTailFast64, maths::kGeluExpFast64};
constexpr GaussTail kTail32 = {maths::kGeluFlattener, maths::kGeluShift,  maths::kGeluScale, maths::kGeluTailMiddle,
                               maths::kGeluCentre,    maths::kGeluTail32, maths::kGeluExp32};
constexpr GaussTail kTailFast32 = {maths::kGeluFlattener, maths::kGeluShift,      maths::kGeluScale,    maths::kGeluTailMiddle,
                                   maths::kGeluCentre,    maths::kGeluTailFast32, maths::kGeluExpFast32};

// x Phi(x) for |x| < kGeluBegin. Phi(x) = 1/2 + x (slope + p(x^2)) is summed in two parts, for where it is small.
Expr near_zero(Expr x, bool fast) {
    const Expr u = fma(x, x, x.number(-maths::kGeluBegin * maths::kGeluBegin));
    if (fast) {
        const Expr p = maths::is_f32(x) ? maths::near_constant(u, maths::kDistributionFast32)
                                        : maths::near_constant(u, maths::kDistributionFast64);
        return x * fma(x, p, fma(x, x.number(maths::kGeluSlope), x.number(0.5)));
    }
    const Expr p =
        maths::is_f32(x) ? maths::near_constant(u, maths::kDistribution32) : maths::near_constant(u, maths::kDistribution64);
    const maths::Pair line = maths::two_product(x, x.number(maths::kGeluSlope));
    const maths::Pair phi = maths::fast_two_sum(x.number(0.5), line.high);
    return fma(x, phi.high, x * (phi.low + fma(x, p, line.low)));
}

}  // namespace

// x Phi(x) = max(x, 0) - |x| Phi(-|x|), and Phi(-|x|) = erfc(|x| / sqrt(2)) / 2, whose bell is exp(-x^2 / 2): with the
// tail's factor as a function of |x|, the root of 2 is nowhere rounded.
Expr Gelu(const Site& s) {
    const Expr x = s[0], size = abs(x);
    const bool narrow = maths::is_f32(x);
    const Expr end = x.number(narrow ? maths::kGeluEnd32 : maths::kGeluEnd64), a = select(size > end, end, size);
    const Expr half = a * 0.5;
    const GaussTail& tail = narrow ? (s.fast ? kTailFast32 : kTail32) : (s.fast ? kTailFast64 : kTail64);
    const Expr left = maths::reduced_tail(maths::enlarged_tail(tail, a, a, half, half, s.fast));
    const Expr outer = select(x > 0.0, x, x.number(-0.0)) - left;  // -0 - 0 is -0, the limit on the left
    return select(size < x.number(maths::kGeluBegin), near_zero(x, s.fast), outer);
}

}  // namespace exprjit::expand
