// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What neural networks put between their layers, made of e^(-|x|), which is a quotient of two short polynomials
// (half_exponential), so that one division is enough for all and nothing overflows where the result does not.
#include "opt/expand.h"
#include "opt/maths/exp_pieces.h"

namespace exprjit::maths {

namespace {

HalfExponential half_of(Expr x, bool fast) {
    return half_exponential(negative(x) * 0.5, fast ? Reach::Fast : Reach::Wide);
}

// With -sinh for sinh where the condition holds.
HalfExponential mirrored(HalfExponential e, Expr condition) {
    e.r = select(condition, -e.r, e.r);
    e.odd = select(condition, -e.odd, e.odd);
    return e;
}

// Without low parts: cosh + sinh and cosh - sinh.
struct Ends {
    Expr plus, minus;
};
Ends rounded_ends(const HalfExponential& e) {
    const Expr cosh = e.even + 1, sinh = e.r + e.odd;
    return {cosh + sinh, cosh - sinh};
}

// cosh + sinh, not normalised.
Pair exact_top(const HalfExponential& e) {
    const Pair first = fast_two_sum(e.r.number(1), e.r);
    return {first.high, first.low + (e.even + e.odd)};
}

// c (cosh - sinh) + s (cosh + sinh) for s <= c, where c is 1 or 2: (c + s) cosh - (c - s) sinh.
Pair exact_bottom(const HalfExponential& e, double c, Expr s) {
    const Expr whole = s.number(c), more = whole + s, less = whole - s;
    const Expr start = fma(-less, e.r, more), lost = fma(-less, e.r, more - start) + ((whole - more) + s);
    return fast_two_sum(start, fma(more, e.even, fma(-less, e.odd, lost)));
}

// factor / (1 + e^(-x)), where the factor is 1 or x. With e^(-|x|) = s (cosh + sinh) / (cosh - sinh) it is the numerator or
// the denominator of that, by the sign of x, over their sum. s is multiplied last, as it may be too small for a float.
// `large` is what it is beyond the limits for positive x.
Expr logistic(Expr x, bool fast, bool times_x, Expr large, const Limits& limits) {
    const HalfExponential e = half_of(x, fast);
    const Expr power = e.k.power();
    const auto over = [&](Expr s) {
        if (fast) {
            const Ends ends = rounded_ends(e);
            const Expr top = select(x < 0.0, ends.plus, ends.minus);
            return (times_x ? x * top : top) / fma(s, ends.plus, ends.minus);
        }
        Pair top = exact_top(mirrored(e, x >= 0.0));
        if (times_x) {
            const Pair product = two_product(x, top.high);
            top = {product.high, fma(x, top.low, product.low)};
        }
        return rounded_quotient(top, exact_bottom(e, 1, s));
    };
    const Expr usual = over(power) * select(x < 0.0, power, x.number(1));
    return unless_rare(abs(x) < limits_of_exp(x).usual, times_x ? with_sign(usual, x) : usual, [&] {
        const Expr result = select(x > 0.0, large, scaled(over(x.number(0)), e.k, x, limits));
        return times_x ? with_sign(result, x) : result;
    });
}

Expr sigmoid(Expr x, bool fast) { return logistic(x, fast, false, x.number(1), limits_of_exp(x)); }

// x e^x vanishes further left than e^x, towards -0.
Expr silu(Expr x, bool fast) {
    const Limits limits = is_f32(x) ? Limits{0, -109, 0} : Limits{0, -752, 0};
    return logistic(x, fast, true, x, limits);
}

// max(x, 0) + log(1 + e), e = e^(-|x|) = s (cosh + sinh) / (cosh - sinh), and log(1 + e) = log((1 + w) / (1 - w)) with
// w = e / (2 + e) = s q, q = (cosh + sinh) / (2 (cosh - sinh) + s (cosh + sinh)): 2 w + w^3 p(w^2). Again s comes last.
Expr softplus(Expr x, bool fast) {
    const HalfExponential e = half_of(x, fast);
    const Expr power = e.k.power();
    const Ends ends = rounded_ends(e);
    const Pair top = fast ? Pair{ends.plus, x} : exact_top(e);
    const Pair q = fast ? Pair{top.high / fma(power, ends.plus, ends.minus + ends.minus), x}
                        : quotient(fast_two_sum(top.high, top.low), exact_bottom(e, 2, power));
    const Expr w = power * q.high, square = w * w;
    const std::span<const double> c = is_f32(x) ? std::span<const double>(kLogOfRatio32)
                                      : fast    ? std::span<const double>(kLogOfRatioFast64)
                                                : std::span<const double>(kLogOfRatio64);
    const Expr cubic = q.high * (square * even_odd(square, c));
    const Expr high = q.high + q.high, low = fast ? cubic : q.low + q.low + cubic;
    const Expr right = select(x > 0.0, x, x.number(0));
    Expr usual = right;
    if (fast) {
        usual = fma(power, high + low, right);
    } else {
        const Pair s = two_sum(right, power * high);
        usual = s.high + fma(power, low, s.low);
    }
    const Limits& limits = limits_of_exp(x);
    return unless_rare(abs(x) < limits.usual, usual, [&] {
        const Expr zero = x.number(0);
        const Expr y = fast ? ends.plus / ends.minus : rounded_quotient(top, exact_bottom(e, 1, zero));
        return select(x > 0.0, x, scaled(y, e.k, x, limits));
    });
}

}  // namespace

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Sigmoid(const Site& s) { return maths::sigmoid(s[0], s.fast); }
Expr Silu(const Site& s) { return maths::silu(s[0], s.fast); }
Expr Softplus(const Site& s) { return maths::softplus(s[0], s.fast); }
Expr Relu(const Site& s) { return max(s[0], s[0].number(0)); }

}  // namespace exprjit::expand
