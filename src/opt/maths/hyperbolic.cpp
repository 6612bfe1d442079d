// SPDX-License-Identifier: MIT OR Apache-2.0
//
// sinh, cosh and tanh of x = k log(2) + r, with |r| <= log(2)/2, made so that nothing cancels that was rounded before.
#include "opt/expand.h"
#include "opt/maths/exp_pieces.h"

namespace exprjit::maths {

namespace {

// sinh(x) = B cosh(r) + A sinh(r) and cosh(x) = A cosh(r) + B sinh(r) with A = 2^(k-1) + 2^(-k-1), B = 2^(k-1) -
// 2^(-k-1): the addition theorems, in which A and B are exact or miss next to nothing. The polynomials are the even and
// the odd half of that of e^r. Near 0 k is 0, B too, and sinh is the odd polynomial alone.
struct Halves {
    Exponent k;          // of 2^(k-1)
    Expr up, down;       // 2^(k-1) and 2^(-k-1)
    Expr r, cosh, sinh;  // r; cosh(r) - 1; sinh(r) - r, and what r lost; if fast sinh(r)
};

Halves halves_of(Expr size, bool fast) {
    const Reduced reduction = reduced(size, fast, -1);
    const Pair r = fast ? Pair{reduction.high, reduction.high} : fast_two_sum(reduction.high, reduction.low);
    const auto [even, odd] = exponential_halves(r.high, fast);
    const Expr square = r.high * r.high, cube = square * r.high;
    const Expr biases = word(reduction.k.bits, is_f32(size) ? 2 * 127 - 2 : 2 * 1023 - 2);
    const Expr down = Exponent{biases - reduction.k.bits}.power();
    return {reduction.k, reduction.k.power(), down, r.high, square * even, fma(cube, odd, fast ? r.high : r.low)};
}

// a cosh(r) + b sinh(r), of which a + b r is the larger part. a is up + down, and lost what that does not hold.
Expr put_together(Expr a, Expr b, Expr down, const Halves& h, bool fast) {
    if (fast) return fma(b, h.sinh, fma(a, h.cosh, a));
    const Expr lost = (h.up - a) + down;
    const Pair product = two_product(b, h.r);
    const Pair first = fast_two_sum(a, product.high);
    return first.high + (first.low + fma(a, h.cosh, fma(b, h.sinh, product.low + lost)));
}

// e^|x| / 2, infinite where it is.
Expr half_of_large(const Halves& h, Expr size, bool fast) {
    const Limits limits = is_f32(size) ? Limits{0, 0, 90} : Limits{0, 0, 711};
    if (fast) return scaled((h.cosh + 1) + h.sinh, h.k, size, limits);
    const Pair first = fast_two_sum(h.r.number(1), h.r);
    return scaled(first.high + (first.low + (h.cosh + h.sinh)), h.k, size, limits);
}

Expr sinh(Expr x, bool fast) {
    const Expr size = abs(x);
    const Halves h = halves_of(size, fast);
    const Expr usual = put_together(h.up - h.down, h.up + h.down, -h.down, h, fast);
    return with_sign(unless_rare(size < limits_of_exp(x).usual, usual, [&] { return half_of_large(h, size, fast); }),
                     x);
}

Expr cosh(Expr x, bool fast) {
    const Expr size = abs(x);
    const Halves h = halves_of(size, fast);
    const Expr usual = put_together(h.up + h.down, h.up - h.down, h.down, h, fast);
    return unless_rare(size < limits_of_exp(x).usual, usual, [&] { return half_of_large(h, size, fast); });
}

// E / (E + 2) with E = e^(2|x|) - 1 = (2^k - 1) + 2^k (e^(2r) - 1): an error of E counts the less the larger E is, so
// that one part of log(2) is enough for r. From 9.02 on the result is 1; what is chosen last, nothing waits for.
Expr fast_tanh32(Expr x) {
    const Expr size = abs(x), one = x.number(1), magic = x.number(0x1.8p23 + 127 + 1);
    const Expr counted = fma(size, x.number(2 * kLog2E32), magic), power = Exponent{raw_bits(counted)}.power();
    const Expr r = fma(counted - magic, x.number(-kLn232High / 2), size);
    const Expr half = fma(r * r, even_odd(r, kExpOfTwice32), r);
    const Expr e = fma(power, half, fma(power, x.number(0.5), -one));  // power: 2^(k+1)
    return with_sign(select(size > 10.0, one, e / (e + x.number(2))), x);
}

// (1 - e^(-2|x|)) / (1 + e^(-2|x|)), where e^(-2|x|) is a quotient itself: with s = 2^k, a = 1 - s, b = 1 + s it is (a
// cosh - b sinh) / (b cosh - a sinh). Both are exact sums of their first terms and what is left of small ones. From 18
// (f32: 8) on s is so small that a and b would lose some of it, and 1 - 2 e^(-2|x|) is close enough.
Expr tanh(Expr x, bool fast) {
    if (is_f32(x) && fast) return fast_tanh32(x);
    const Expr size = abs(x), one = x.number(1);
    const HalfExponential e = half_exponential(negative(x), fast ? Reach::Fast : Reach::Narrow);
    const Expr s = e.k.power(), a = one - s, b = one + s;
    Expr usual = a;
    if (fast) {
        // The denominator as 2 s (cosh + sinh) more than the numerator, so that near 1 what that lost does not count.
        const Expr top = fma(-b, e.r, a) + fma(a, e.even, -(b * e.odd));
        usual = top / fma(s + s, (e.r + one) + (e.even + e.odd), top);
    } else {
        const Pair product = two_product(b, e.r);
        const Expr first = a - product.high, first_lost = ((a - first) - product.high) - product.low;
        const Pair top = {first, fma(a, e.even, fma(-b, e.odd, first_lost))};
        const Expr start = fma(-a, e.r, b), start_lost = fma(-a, e.r, b - start);
        usual = rounded_quotient(top, fast_two_sum(start, fma(b, e.even, fma(-a, e.odd, start_lost))));
    }
    const auto large = [&] {
        const Expr near_one = one - fma(e.r + e.r, e.r + one, one) * (s + s);
        return select(size > x.number(is_f32(x) ? 10 : 20), one, near_one);
    };
    usual = unless_rare(size < x.number(is_f32(x) ? 8 : 18), usual, large);
    return with_sign(usual, x);
}

}  // namespace

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Sinh(const Site& s) { return maths::sinh(s[0], s.fast); }
Expr Cosh(const Site& s) { return maths::cosh(s[0], s.fast); }
Expr Tanh(const Site& s) { return maths::tanh(s[0], s.fast); }

}  // namespace exprjit::expand
