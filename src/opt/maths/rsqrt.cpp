// SPDX-License-Identifier: MIT OR Apache-2.0
//
// 1 / sqrt(x). Root and reciprocal are each rounded to nearest; what they lost is exact with fma, and one step from both puts
// it back. Markstein, "IA-64 and elementary functions" (2000), chapter 9.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/range.h"

namespace exprjit::expand {

namespace {

using namespace maths;

// 1 / (s + d) is y (1 - d y), where s is the rounded root, y the rounded reciprocal, and d = (x - s^2) / (2 s).
Expr corrected(Expr x) {
    const Expr s = unary(Op::Sqrt, x), y = 1 / s;
    const Expr of_root = fma(-s, s, x), of_reciprocal = fma(-s, y, x.number(1));
    return fma(y, fma(of_root * -0.5, y * y, of_reciprocal), y);
}

}  // namespace

Expr Rsqrt(const Site& s) {
    const Expr x = s[0];
    if (s.fast) return 1 / unary(Op::Sqrt, x);
    // Of smaller numbers x - s^2 would underflow: they are scaled by an even power of two.
    const bool narrow = is_f32(x);
    const double least = narrow ? 0x1p-90 : 0x1p-900, up = narrow ? 0x1p60 : 0x1p200, root = narrow ? 0x1p30 : 0x1p100;
    return unless_rare(is_in_range(x, least, std::numeric_limits<double>::infinity()), corrected(x), [&] {
        const Expr tiny = (x > 0) & (x < least);
        return select(tiny, corrected(x * up) * root, 1 / unary(Op::Sqrt, x));
    });
}

}  // namespace exprjit::expand
