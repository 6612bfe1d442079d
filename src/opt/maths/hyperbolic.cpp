// SPDX-License-Identifier: MIT OR Apache-2.0
//
// sinh, cosh and tanh of x = k log(2) + r, with |r| <= log(2)/2, made so that nothing cancels that was rounded before.
#include "opt/expand.h"
#include "opt/maths/exp_pieces.h"

namespace exprjit::maths {

namespace {

// `size`, which has no sign bit or is a NaN, with the sign of x.
Expr with_sign(Expr size, Expr x) {
    const Expr bits = raw_bits(x);
    return from_bits(raw_bits(size) | (bits & word(bits, is_f32(x) ? 0x80000000u : 0x8000000000000000u)));
}

// sinh(x) = B cosh(r) + A sinh(r) and cosh(x) = A cosh(r) + B sinh(r) with A = 2^(k-1) + 2^(-k-1), B = 2^(k-1) - 2^(-k-1):
// the addition theorems, in which A and B are exact or miss next to nothing. The polynomials are the even and the odd
// half of that of e^r. Near 0 k is 0, B too, and sinh is the odd polynomial alone.
struct Halves {
    Exponent k;          // of 2^(k-1)
    Expr plus, minus;    // A and B
    Expr missing;        // what their rounding lost, of -2^(-k-1) in B; in A it is the opposite. None if fast
    Expr r, cosh, sinh;  // r; cosh(r) - 1; sinh(r) - r, and what r lost, unless fast
};

Halves halves_of(Expr size, bool fast) {
    const Reduced reduction = reduced(size, fast, -1);
    Expr r = reduction.high, lost = r;
    if (!fast) {
        r = reduction.high + reduction.low;
        lost = (reduction.high - r) + reduction.low;
    }
    const auto [even, odd] = exponential_halves(r);
    const Expr square = r * r;
    const Expr up = reduction.k.power();
    const Exponent one = {word(reduction.k.bits, is_f32(size) ? 2 * 127 - 2 : 2 * 1023 - 2)};
    const Expr down = Exponent{one.bits - reduction.k.bits}.power();
    const Expr plus = up + down, minus = up - down;
    const Expr cube = square * r;
    return {reduction.k,
            plus,
            minus,
            fast ? minus : (up - minus) - down,
            r,
            square * even,
            fast ? cube * odd : fma(cube, odd, lost)};
}

// a + b r + (a cosh + b sinh + missing), of which the first sum is the larger part.
Expr put_together(Expr a, Expr b, Expr missing, const Halves& h, bool fast) {
    if (fast) return fma(b, h.r + h.sinh, fma(a, h.cosh, a));
    const Pair product = two_product(b, h.r);
    const Pair first = fast_two_sum(a, product.high);
    return first.high + (first.low + fma(a, h.cosh, fma(b, h.sinh, product.low + missing)));
}

// e^|x| / 2, infinite where it is.
Expr half_of_large(const Halves& h, Expr size) {
    const Limits limits = is_f32(size) ? Limits{0, 0, 90} : Limits{0, 0, 711};
    const Pair first = fast_two_sum(h.r.number(1), h.r);
    return scaled(first.high + (first.low + (h.cosh + h.sinh)), h.k, size, limits);
}

Expr sinh(Expr x, bool fast) {
    const Expr size = abs(x);
    const Halves h = halves_of(size, fast);
    const Expr usual = put_together(h.minus, h.plus, h.missing, h, fast);
    return with_sign(unless_rare(size < limits_of_exp(x).usual, usual, [&] { return half_of_large(h, size); }), x);
}

Expr cosh(Expr x, bool fast) {
    const Expr size = abs(x);
    const Halves h = halves_of(size, fast);
    const Expr usual = put_together(h.plus, h.minus, fast ? h.missing : -h.missing, h, fast);
    return unless_rare(size < limits_of_exp(x).usual, usual, [&] { return half_of_large(h, size); });
}

// n / (2 - n) with n = 1 - e^(-2|x|). From 20 (f32: 10) on it is 1.
Expr tanh(Expr x, bool fast) {
    const Expr size = abs(x), far = x.number(is_f32(x) ? 10 : 20);
    const Exponential e = exponential(reduced(select(size > far, far, size) * -2, fast), true);
    const Expr down = -e.k.power(), one_less = down + 1, two = x.number(2);
    if (fast) {
        const Expr n = fma(down, e.rest(), one_less);
        return with_sign(n / (two - n), x);
    }
    const Pair parts = e.combined(down, one_less);
    const Pair n = fast_two_sum(parts.high, parts.low);
    const Pair rest = fast_two_sum(two, -n.high);
    return with_sign(quotient(n, {rest.high, rest.low - n.low}), x);
}

}  // namespace

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Sinh(const Site& s) { return maths::sinh(s[0], s.fast); }
Expr Cosh(const Site& s) { return maths::cosh(s[0], s.fast); }
Expr Tanh(const Site& s) { return maths::tanh(s[0], s.fast); }

}  // namespace exprjit::expand
