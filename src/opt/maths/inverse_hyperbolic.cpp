// SPDX-License-Identifier: MIT OR Apache-2.0
//
// asinh, acosh and atanh as log(1 + z), where z is held in two numbers: what rounding it lost would count as much as
// the error of the logarithm (1 + z, for small arguments: Kahan, "Branch cuts for complex elementary functions",
// 1987). The fast acosh and atanh leave the second number out. Those of f32 are computed in f64.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/log_pieces.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// f32 in f64: an odd function of a = |x|, log(u), `half` of it or all; a small x is its own value.
Expr odd_f32(Expr x, Expr u, bool half, bool fast, Expr special) {
    const Expr log = log_for_f32(u, fast), size = abs(x);
    const Expr value = select(size < 0x1p-12, size, narrowed(half ? log * 0.5 : log));
    return with_sign_bit_of(unless_rare(is_ordinary(u), value, [&] { return special; }), x);
}

// The square root of a sum. The number added to the divisor keeps it from 0 and is lost beside every other one.
Pair square_root(Pair a) {
    const Expr root = unary(Op::Sqrt, a.high);
    const Expr lost = fma(-root, root, a.high) + a.low;
    return {root, lost * (0.5 / (root + root.number(0x1p-100)))};
}

}  // namespace

// log(|x| + sqrt(x^2 + 1)): z = |x| + (sqrt(x^2 + 1) - 1), where the difference is exact.
Expr asinh(Expr x, bool fast) {
    if (is_f32(x)) {
        const Expr a = widened(abs(x));
        return odd_f32(x, a + unary(Op::Sqrt, fma(a, a, a.number(1))), false, fast, abs(x));
    }
    const Expr a = abs(x);
    const auto special = [&] { return Special{a, a < kInfinity, a * 0.5, 2}; };
    const Pair square = two_product(a, a);
    const Pair sum = two_sum(square.high, a.number(1));
    const Pair root = square_root({sum.high, sum.low + square.low});
    const Pair z = fast_two_sum(a, root.high - 1), u = fast_two_sum(root.high, a);
    const Expr proper = is_ordinary(u.high, 1);
    return with_sign_bit_of(log1p_of({z.high, z.low + root.low}, {u.high, u.low + root.low}, proper, special), x);
}

// log(x + sqrt(x^2 - 1)): with d = x - 1, which is exact where it matters, z = d + sqrt(d (x + 1)).
Expr acosh(Expr x, bool fast) {
    if (is_f32(x)) {  // x^2 is exact; below 1 the sum is NaN, 0 or negative
        const Expr y = widened(x), u = y + unary(Op::Sqrt, fma(y, y, y.number(-1)));
        return unless_rare(is_ordinary(u), narrowed(log_for_f32(u, fast)),
                           [&] { return select(x > 1, x, nan_like(x)); });
    }
    const Expr d = x - 1, more = x + 1;
    const auto special = [&] { return Special{select(x > 1, x, nan_like(x)), (x > 1) & (x < kInfinity), x * 0.5, 2}; };
    Pair root{unary(Op::Sqrt, d * more), d.number(-0.0)};
    if (!fast) {
        const Pair product = two_product(d, more);
        root = square_root({product.high, fma(d, x - (more - 1), product.low)});
    }
    const Pair z = fast_two_sum(root.high, d), u = fast_two_sum(x, root.high);
    const Expr proper = is_ordinary(u.high, 1) & (x >= 1);
    return log1p_of({z.high, z.low + root.low}, {u.high, u.low + root.low}, proper, special);
}

// log((1 + a) / (1 - a)) / 2 for a = |x|: z = 2 a / (1 - a).
Expr atanh(Expr x, bool fast) {
    if (is_f32(x)) {
        const Expr a = widened(abs(x)), one = a.number(1), b = abs(x);
        return odd_f32(x, (one + a) / (one - a), true, fast, select(b == 1, b.number(kInfinity), nan_like(b)));
    }
    const Expr a = abs(x), twice = a + a;
    const auto special = [&] {
        const Expr never = a < 0;
        return Special{select(a == 1, a.number(kInfinity), nan_like(a)), never, a, 0};
    };
    const Expr one = a.number(1), below = one - a;
    Pair z{twice / below, a.number(0)};
    if (!fast) {
        const Expr inverse = one / below;
        z.high = twice * inverse;
        z.low = fma(-z.high, (one - below) - a, fma(-z.high, below, twice)) * inverse;
    }
    const Expr u = z.high + 1;
    return with_sign_bit_of(log1p_of(z, {u, (z.high - (u - 1)) + z.low}, is_ordinary(u, 1), special) * 0.5, x);
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Asinh(const Site& s) { return maths::asinh(s[0], s.fast); }
Expr Acosh(const Site& s) { return maths::acosh(s[0], s.fast); }
Expr Atanh(const Site& s) { return maths::atanh(s[0], s.fast); }

}  // namespace exprjit::expand
