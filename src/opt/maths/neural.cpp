// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What neural networks put between their layers, made of e^(-|x|) = 2^k plus / minus, a quotient of two short polynomials
// (half_exponential), so that one division is enough and nothing overflows where the result does not.
#include "opt/expand.h"
#include "opt/maths/exp_pieces.h"

namespace exprjit::maths {

namespace {

// e^(-|x|) = 2^k plus / minus, without low parts if `fast`.
struct Quotient {
    Exponent k;
    Expr power;  // 2^k
    Pair plus, minus;
};

// 1 + r + (even + odd), where odd has the sign of r. r is much less than 1.
Pair from_one(Expr r, Expr even, Expr odd) {
    const Pair first = fast_two_sum(r.number(1), r);
    return fast_two_sum(first.high, first.low + (even + odd));
}

Quotient quotient_of(Expr x, bool fast) {
    const HalfExponential e = half_exponential(negative(x) * 0.5, fast ? Reach::Fast : Reach::Wide);
    if (fast) {
        const Expr cosh = e.even + 1, sinh = e.r + e.odd, plus = cosh + sinh, minus = cosh - sinh;
        return {e.k, e.k.power(), {plus, plus}, {minus, minus}};
    }
    return {e.k, e.k.power(), from_one(e.r, e.even, e.odd), from_one(-e.r, e.even, -e.odd)};
}

// a + 2^k b, where a is the larger.
Pair sum_with(Pair a, Expr power, Pair b) {
    const Expr sum = fma(power, b.high, a.high);
    return {sum, fma(power, b.high, a.high - sum) + fma(power, b.low, a.low)};
}

Pair select_pair(Expr condition, Pair a, Pair b) {
    return {select(condition, a.high, b.high), select(condition, a.low, b.low)};
}

// top / (minus + power plus), rounded about once.
Expr ratio(Pair top, const Quotient& e, Expr power, bool fast) {
    if (fast) return top.high / fma(power, e.plus.high, e.minus.high);
    return rounded_quotient(top, sum_with(e.minus, power, e.plus));
}

// factor / (1 + e^(-x)), where the factor is 1 or x: minus / (minus + 2^k plus), and 2^k plus above for x < 0, where 2^k is
// multiplied last, as it may be too small for a float. `large` is what it is beyond the limits for positive x.
Expr logistic(Expr x, bool fast, bool times_x, Expr large, const Limits& limits) {
    const Quotient e = quotient_of(x, fast);
    const Expr left = x < 0.0, zero = x.number(0);
    Pair top = select_pair(left, e.plus, e.minus);
    if (times_x && fast) top.high = x * top.high;
    if (times_x && !fast) {
        const Pair product = two_product(x, top.high);
        top = {product.high, fma(x, top.low, product.low)};
    }
    const Expr usual = ratio(top, e, e.power, fast) * select(left, e.power, x.number(1));
    return unless_rare(abs(x) < limits_of_exp(x).usual, times_x ? with_sign(usual, x) : usual, [&] {
        const Expr result = select(x > 0.0, large, scaled(ratio(top, e, zero, fast), e.k, x, limits));
        return times_x ? with_sign(result, x) : result;
    });
}

Expr sigmoid(Expr x, bool fast) { return logistic(x, fast, false, x.number(1), limits_of_exp(x)); }

// x e^x vanishes further left than e^x, towards -0.
Expr silu(Expr x, bool fast) {
    const Limits limits = is_f32(x) ? Limits{0, -109, 0} : Limits{0, -752, 0};
    return logistic(x, fast, true, x, limits);
}

// max(x, 0) + log(1 + e), e = e^(-|x|), and log(1 + e) = log((1 + w) / (1 - w)) with w = e / (2 + e) = 2^k q, where
// q = plus / (2 minus + 2^k plus): 2 w + w^3 p(w^2). Again 2^k is multiplied last.
Expr softplus(Expr x, bool fast) {
    const Quotient e = quotient_of(x, fast);
    const Pair twice = {e.minus.high + e.minus.high, e.minus.low + e.minus.low};
    const Pair q = fast ? Pair{e.plus.high / fma(e.power, e.plus.high, twice.high), x}
                        : quotient(e.plus, sum_with(twice, e.power, e.plus));
    const Expr w = e.power * q.high, square = w * w;
    const std::span<const double> c = is_f32(x) ? std::span<const double>(kLogOfRatio32)
                                      : fast    ? std::span<const double>(kLogOfRatioFast64)
                                                : std::span<const double>(kLogOfRatio64);
    const Expr cubic = q.high * (square * even_odd(square, c));
    const Expr high = q.high + q.high, low = fast ? cubic : q.low + q.low + cubic;
    const Expr right = select(x > 0.0, x, x.number(0));
    Expr usual = right;
    if (fast) {
        usual = fma(e.power, high + low, right);
    } else {
        const Pair s = two_sum(right, e.power * high);
        usual = s.high + fma(e.power, low, s.low);
    }
    const Limits& limits = limits_of_exp(x);
    return unless_rare(abs(x) < limits.usual, usual,
                       [&] { return select(x > 0.0, x, scaled(ratio(e.plus, e, x.number(0), fast), e.k, x, limits)); });
}

}  // namespace

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Sigmoid(const Site& s) { return maths::sigmoid(s[0], s.fast); }
Expr Silu(const Site& s) { return maths::silu(s[0], s.fast); }
Expr Softplus(const Site& s) { return maths::softplus(s[0], s.fast); }
Expr Relu(const Site& s) { return max(s[0], s[0].number(0)); }

}  // namespace exprjit::expand
