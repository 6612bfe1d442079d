// SPDX-License-Identifier: MIT OR Apache-2.0
//
// asinh, acosh and atanh are logarithms of a u that is itself a sum or a quotient. With u = 2^k m they are
// k log(2) + 2 atanh((m - 1) / (m + 1)), as in log.cpp; but that quotient is formed from the parts of u, so that one
// division serves all, and for k = 0 it is the tangent of half the result, which needs no u:
// tanh(y / 2) = sinh(y) / (1 + cosh(y)) (Abramowitz, Stegun, "Handbook of mathematical functions", 1964, 4.5.30). k
// need not be exact: it is taken from a rough u, to be there before the root is. It is 0 where the result is below 1/2,
// about: beyond, the series is a small part of the sum, and its roundings count little. The slow forms carry what each
// step lost.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/inverse_hyperbolic_coefficients.h"
#include "opt/maths/log_pieces.h"
#include "opt/maths/range.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What depends on the type.
struct Format {
    double limit;                    // squares of numbers up to it, times 4, are finite
    double apart, scale, far_scale;  // larger numbers times `scale`, beyond `apart` times far_scale, are small
    double exponent, far_exponent;   // and these are the powers of two that make up for it
    double nearly_one;               // 1 - 2^-(digits - 2)
    uint64_t lowest;                 // bits of sqrt(e) / 2: least m
    uint64_t root, inverse;          // what makes half the bits of a number those of its root, of half the inverse root
    uint64_t share, share_fast;      // what is added to the logarithm of a quotient before its integer part is taken
};
constexpr Format kF64 = {0x1p510,
                         0x1p760,
                         0x1p-500,
                         0x1p-758,
                         500,
                         758,
                         1 - 0x1p-51,
                         0x3fea61298e1e069c,
                         0x1ff7a3bea91d9b1b,
                         0x5fd6eb50c7b537a9,
                         0x00043d70a3d70a3d,
                         0x0008000000000000};
constexpr Format kF32 = {0x1p60,      0x1p96,     0x1p-56,    0x1p-94,    56,         94,
                         1 - 0x1p-22, 0x3f53094c, 0x1fbd1df5, 0x5eb759df, 0x0021eb85, 0x00400000};
const Format& format_of(Expr x) { return is_f32(x) ? kF32 : kF64; }
const Format& format_of_bits(Expr i) { return i.scalar() == Scalar::I32 ? kF32 : kF64; }

// cosh and sinh of a result, one of them a root: its exponential is u = x + root. Where x^2 would be infinite or x is
// not in the domain, numbers that stand for it.
struct Sides {
    Expr x, root, lost;  // lost: what root^2 lacks, slow forms only
    Expr rough;          // u, to 4 percent: known before the root is
    Expr bias, unit;     // the bias of exponents; log(2), or the part of it that with_exponent takes last
};
template <class MakeResult>
Sides sides(Expr usual, Sides common, Expr size, MakeResult result_of_special) {
    const Expr bias = common.bias;
    const std::array<Expr, 6> values{common.x, common.root, common.lost, common.rough, bias, common.unit};
    const auto [x, root, lost, rough, b, unit] = unless_rare(usual, values, [&] {
        const Format& format = format_of(size);
        // Of a large x, root is x. A product of a few and infinity or NaN is the result of others.
        const Expr large = (size >= format.limit) & (size < kInfinity), far = size > format.apart;
        const Expr scaled = size * select(far, size.number(format.far_scale), size.number(format.scale));
        const Expr moved = bias - select(far, size.number(format.far_exponent), size.number(format.exponent));
        const Expr z = select(large, scaled, size.number(4));
        return std::array<Expr, 6>{
            z, z, size.number(0), z + z, select(large, moved, bias), select(large, common.unit, result_of_special())};
    });
    return {x, root, lost, rough, b, unit};
}

// Of the bits of a square: those of its root and of the inverse of twice its root, to 4 percent (Blinn, "Floating-point
// tricks", 1997).
Expr rough_root(Expr half_bits) { return from_bits(half_bits + word(half_bits, format_of_bits(half_bits).root)); }
Expr rough_inverse(Expr half_bits) { return from_bits(word(half_bits, format_of_bits(half_bits).inverse) - half_bits); }

// u = 2^k m, where m is between `lowest` and twice that, nearly: 2^k and -k.
struct Power {
    Expr value, minus_exponent;
};
Power power_of(Expr u, Expr bias) {
    const LogFormat& format = log_format(u);
    const Expr bits = raw_bits(u);
    const Expr moved = bits + word(bits, format.one - format_of(u).lowest);
    const Expr power = moved & word(bits, format.infinity);
    return {from_bits(power), minus_exponent(power, moved, bias)};
}

// k log(2) + 2 atanh(t / 2); rest: what bottom t lacks to what it stands for, in slow forms.
Expr fast_sum(Expr t, Expr minus_k, Expr unit) {
    const Expr w = t * t;
    const Expr p = is_f32(t) ? horner(w, kTwiceAtanhFastF32) : even_odd(w, kTwiceAtanh);
    return fma(t * w, p, fma(minus_k, -unit, t));
}
Expr slow_sum(Expr t, Expr rest, Expr bottom, Expr minus_k, Expr unit_low) {
    const Expr w = t * t;
    const Expr p = is_f32(t) ? horner(w, kTwiceAtanhF32) : even_odd(w, kTwiceAtanh);
    // 1 / bottom for k = 0, where it is a little above 2; up to an eighth more beyond.
    const Expr bits = raw_bits(bottom);
    const Expr inverse = from_bits(word(bits, 2 * log_format(t).one) - bits);
    const Exponent sum = with_exponent(minus_k, t, log_format(t).ln2, unit_low);
    return sum.high + fma(t * w, p, fma(rest, inverse, sum.low));
}

}  // namespace

// log(a + root), root = sqrt(a^2 + 1), a = |x|. For k = 0 the series is of 2 a / (1 + root), beyond of
// 2 (a + root - 2^k) / (a + root + 2^k).
Expr asinh(Expr x, bool fast) {
    const Expr size = abs(x), one = x.number(1), zero = x.number(0);
    const LogFormat& format = log_format(x);
    const Expr square = fma(size, size, one), root_of_square = unary(Op::Sqrt, square);
    const Expr half_bits = shru(raw_bits(square), 1);
    Expr lost_there = zero;
    if (!fast) {
        const Expr below = square - one;
        lost_there =
            fma(-root_of_square, root_of_square, square) + (fma(size, size, -below) - ((square - below) - one));
    }
    const auto [a, root, lost, rough, bias, unit] =
        sides(size < format_of(x).limit,
              {size, root_of_square, lost_there, size + rough_root(half_bits), x.number(exponent_bias(x)),
               x.number(fast ? format.ln2 + format.ln2_low : format.ln2_low)},
              size, [&] { return size; });
    const auto [power, minus_k] = power_of(rough, bias);
    const Expr near = power == one, factor = select(near, zero, one), twice = select(near, zero, x.number(2));
    const Expr top = fma(root - power, twice, a + a);
    const Expr other = fma(a, factor, power), bottom = root + other;
    const Expr t = top / bottom;
    if (fast) return with_sign(fast_sum(t, minus_k, unit), x);
    const Expr root_low = lost * rough_inverse(half_bits);
    const Expr bottom_low = (root - (bottom - other)) + root_low;
    const Expr rest = fma(-t, bottom_low, fma(root_low, twice, fma(-t, bottom, top)));
    return with_sign(slow_sum(t, rest, bottom, minus_k, unit), x);
}

// log(x + root), root = sqrt(x^2 - 1): with d = x - 1, which is exact where it matters, x^2 - 1 is d^2 + 2 d. For k = 0
// the series is of 2 root / (1 + x), beyond as for asinh.
Expr acosh(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    const Expr one = x.number(1), zero = x.number(0);
    const Expr d = x - one, double_d = d + d, square = fma(d, d, double_d), root_of_square = unary(Op::Sqrt, square);
    const Expr half_bits = shru(raw_bits(square), 1);
    Expr lost_there = zero;
    if (!fast) lost_there = fma(-root_of_square, root_of_square, square) + fma(d, d, double_d - square);
    const auto [c, root, lost, rough, bias, unit] =
        sides(is_in_range(x, 1, format_of(x).limit),
              {x, root_of_square, lost_there, x + rough_root(half_bits), x.number(exponent_bias(x)),
               x.number(fast ? format.ln2 + format.ln2_low : format.ln2_low)},
              x, [&] { return select(x > 1, x, nan_like(x)); });
    const auto [power, minus_k] = power_of(rough, bias);
    const Expr near = power == one, difference = c - power, sum = c + power;
    const Expr top = fma(root, x.number(2), select(near, zero, difference + difference));
    const Expr factor = select(near, zero, one), bottom = fma(root, factor, sum);
    const Expr t = top / bottom;
    if (fast) return fast_sum(t, minus_k, unit);
    const Expr root_low = lost * rough_inverse(half_bits);
    const Expr bottom_low = (power - (sum - c)) + fma(root, factor, sum - bottom);
    const Expr rest = fma(-t, bottom_low, fma(root_low, x.number(2), fma(-t, bottom, top)));
    return slow_sum(t, rest, bottom, minus_k, unit);
}

// log(p / q) / 2 with p = 1 + a, q = 1 - a, a = |x|. k is taken from the difference of the bits of p and q, which are
// their logarithms nearly; the argument of the series, (p - 2^k q) / (p + 2^k q), is a (1 + 2^k) + (1 - 2^k) over
// a (1 - 2^k) + (1 + 2^k), each with one rounding, and just a where k is 0.
Expr atanh(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    const Expr a = abs(x), one = x.number(1), p = a + one, q = one - a;
    const Expr p_bits = raw_bits(p), q_bits = raw_bits(q);
    const Expr moved = (p_bits - q_bits) + word(p_bits, fast ? format_of(x).share_fast : format_of(x).share);
    const Expr k_bits = moved & word(p_bits, format.infinity);
    const Expr power = from_bits(k_bits + word(p_bits, format.one));
    const Expr sum = one + power, difference = one - power;
    const double ln2 = fast ? format.ln2 + format.ln2_low : format.ln2_low;
    const std::array<Expr, 3> usual{fma(a, sum, difference), fma(a, difference, sum), x.number(ln2 / 2)};
    // So near 1 that 2^k + 1 would be rounded; and beyond.
    const auto [top, bottom, unit] = unless_rare(a < format_of(x).nearly_one, usual, [&] {
        const Expr inside = a < 1, scaled = from_bits(q_bits + k_bits);
        return std::array<Expr, 3>{select(inside, (one - scaled) + a, x.number(0)), select(inside, p + scaled, one),
                                   select(inside, usual[2], select(a == 1, x.number(kInfinity), nan_like(x)))};
    });
    const Expr minus_k = minus_exponent(k_bits, moved, x.number(is_f32(x) ? 0 : 0x1p52));
    const Expr t = top / bottom, w = t * t;
    if (fast) {
        const Expr series = is_f32(x) ? horner(w, kAtanhFastF32) : even_odd(w, kAtanhFast);
        return with_sign(fma(t * w, series, fma(minus_k, -unit, t)), x);
    }
    const Expr series = is_f32(x) ? horner(w, kAtanhF32) : even_odd(w, kAtanh);
    // What the division lost counts where the result is a little below 1/2. The divisor is about 2.6 there.
    const Expr lost = fma(-t, bottom, top);
    const Exponent total = with_exponent(minus_k, t, format.ln2 / 2, unit);
    return with_sign(total.high + fma(t * w, series, fma(lost, x.number(0.375), total.low)), x);
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Asinh(const Site& s) { return maths::asinh(s[0], s.fast); }
Expr Acosh(const Site& s) { return maths::acosh(s[0], s.fast); }
Expr Atanh(const Site& s) { return maths::atanh(s[0], s.fast); }

}  // namespace exprjit::expand
