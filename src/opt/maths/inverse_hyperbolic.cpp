// SPDX-License-Identifier: MIT OR Apache-2.0
//
// asinh, acosh and atanh are logarithms of a u that is itself a sum or a quotient. With u = 2^k m they are
// k log(2) + 2 atanh((m - 1) / (m + 1)), as in log.cpp; but the argument of the series is formed from the parts of u, so
// that one division serves all, and for k = 0 it is the tangent of half the result, which needs no u:
// tanh(y / 2) = sinh(y) / (1 + cosh(y)) (Kahan, "Branch cuts for complex elementary functions", 1987, has asinh and
// acosh in terms of it). The slow forms carry what each step lost as long as k is 0. They choose k so that it is 0 where
// the result is below 1/2: beyond, the series is a small part of the sum, and its roundings count little.
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
    double limit;                        // squares of numbers up to it, times 4, are finite
    double apart, scale, far_scale;      // larger numbers times `scale`, beyond `apart` times far_scale, are small
    double exponent, far_exponent;       // and these are the powers of two that make up for it
    double tiny;                         // is lost beside all products but 0
    double nearly_one;                   // 1 - 2^-(digits - 2)
    uint64_t lowest;                     // bits of sqrt(e) / 2: least m
    uint64_t share, share_fast;          // what is added to the logarithm of a quotient before its integer part is taken
};
constexpr Format kF64 = {0x1p510, 0x1p760, 0x1p-500, 0x1p-758, 500, 758, 0x1p-100, 1 - 0x1p-51,
                         0x3fea61298e1e069c, 0x00043d70a3d70a3d, 0x0008000000000000};
constexpr Format kF32 = {0x1p60, 0x1p96, 0x1p-56, 0x1p-94, 56, 94, 0x1p-60, 1 - 0x1p-22,
                         0x3f53094c, 0x0021eb85, 0x00400000};
const Format& format_of(Expr x) { return is_f32(x) ? kF32 : kF64; }

// cosh and sinh of a result, one of them a root: log(x + root); or, where x would be infinite or is not in the domain,
// numbers that stand for it.
struct Sides {
    Expr x, root, lost;     // lost: what root^2 lacks, slow forms only
    Expr bias, unit;        // the bias of exponents; log(2), or the part of it that with_exponent takes last
};
template <class MakeResult>
Sides sides(Expr usual, Expr x, Expr root, Expr lost, double unit, Expr size, MakeResult result_of_special) {
    const Expr bias = x.number(log_format(x).bias), usual_unit = x.number(unit);
    const auto [a, r, l, b, u] = unless_rare(usual, std::array<Expr, 5>{x, root, lost, bias, usual_unit}, [&] {
        const Format& format = format_of(x);
        // Of a large x, root is x. A product of 8 and infinity or NaN is what others are.
        const Expr large = (size >= format.limit) & (size < kInfinity), far = size > format.apart;
        const Expr scaled = size * select(far, x.number(format.far_scale), x.number(format.scale));
        const Expr z = select(large, scaled, x.number(4));
        const Expr moved = bias - select(far, x.number(format.far_exponent), x.number(format.exponent));
        return std::array<Expr, 5>{z, z, x.number(0), select(large, moved, bias),
                                   select(large, usual_unit, result_of_special())};
    });
    return {a, r, l, b, u};
}

// u = 2^k m: 2^k and -k.
struct Power {
    Expr value, minus_exponent;
};
Power power_of(Expr u, Expr bias, uint64_t lowest) {
    const LogFormat& format = log_format(u);
    const Expr bits = raw_bits(u);
    const Expr moved = bits + word(bits, format.one - lowest);
    const Expr power = moved & word(bits, format.infinity);
    const Expr exponent = from_bits(shru(moved, format.fraction_bits) | word(bits, format.magic));
    return {from_bits(power), bias - exponent};
}

// 1 / (2 root) and 1 / divisor by one division.
struct Inverses {
    Expr half_of_root, of_divisor;
};
Inverses inverses(Expr root, Expr divisor) {
    const Expr both = 0.5 / fma(root, divisor, root.number(format_of(root).tiny));
    return {divisor * both, (root + root) * both};
}

}  // namespace

// log(a + root), root = sqrt(a^2 + 1), a = |x|. For k = 0 the series is of 2 a / (1 + root), beyond of
// 2 (a + root - 2^k) / (a + root + 2^k).
Expr asinh(Expr x, bool fast) {
    const Expr size = abs(x);
    const LogFormat& format = log_format(x);
    const Expr square = fma(size, size, x.number(1));
    Expr lost = x.number(0);
    const Expr r = unary(Op::Sqrt, square);
    if (!fast) {
        const Expr below = square - 1;
        lost = fma(-r, r, square) + (fma(size, size, -below) - ((square - below) - 1));
    }
    const Sides s =
        sides(size < format_of(x).limit, size, r, lost, fast ? format.ln2 + format.ln2_low : format.ln2_low, size,
              [&] { return size; });
    const auto [power, minus_k] = power_of(s.x + s.root, s.bias, fast ? format.lowest_fast : format_of(x).lowest);
    const Expr near = power == 1, zero = x.number(0), one = x.number(1);
    const Expr half = s.x + select(near, zero, s.root - power), top = half + half;
    const Expr other = select(near, one, s.x + power), bottom = s.root + other;
    if (fast) {
        const Expr t = top / bottom, w = t * t;
        const Expr p = is_f32(x) ? horner(w, kTwiceAtanhFastF32) : horner(w, kTwiceAtanhFast);
        return with_sign_bit_of(fma(t * w, p, fma(minus_k, -s.unit, t)), x);
    }
    const Inverses inverse = inverses(s.root, bottom);
    const Expr root_low = s.lost * inverse.half_of_root;
    const Expr bottom_low = (s.root - (bottom - other)) + root_low;
    const Expr t = top * inverse.of_divisor, w = t * t;
    const Expr top_low = select(near, zero, root_low);
    const Expr rest = fma(-t, bottom_low, fma(top_low, x.number(2), fma(-t, bottom, top)));
    const Expr small = rest * inverse.of_divisor;
    const Expr p = is_f32(x) ? horner(w, kTwiceAtanhF32) : horner(w, kTwiceAtanh);
    const Exponent sum = with_exponent(minus_k, t, format.ln2, s.unit);
    return with_sign_bit_of(sum.high + fma(t * w, p, sum.low + small), x);
}

// log(x + root), root = sqrt(x^2 - 1): with d = x - 1, which is exact where it matters, x^2 - 1 is d^2 + 2 d. For k = 0
// the series is of 2 root / (1 + x), beyond as for asinh.
Expr acosh(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    const Expr d = x - 1, twice = d + d, square = fma(d, d, twice);
    const Expr r = unary(Op::Sqrt, square);
    Expr lost = x.number(0);
    if (!fast) lost = fma(-r, r, square) + fma(d, d, twice - square);
    const Sides s = sides(is_in_range(x, 1, format_of(x).limit), x, r, lost,
                          fast ? format.ln2 + format.ln2_low : format.ln2_low, x,
                          [&] { return select(x > 1, x, nan_like(x)); });
    const auto [power, minus_k] = power_of(s.x + s.root, s.bias, fast ? format.lowest_fast : format_of(x).lowest);
    if (fast) {
        const Expr half = (s.x - power) + s.root, bottom = s.x + (power + s.root);
        const Expr t = (half + half) / bottom, w = t * t;
        const Expr p = is_f32(x) ? horner(w, kTwiceAtanhFastF32) : horner(w, kTwiceAtanhFast);
        return fma(t * w, p, fma(minus_k, -s.unit, t));
    }
    const Expr near = power == 1, zero = x.number(0), one = x.number(1);
    const Expr half = s.root + select(near, zero, s.x - power), top = half + half;
    const Expr other = select(near, one, s.root + power), bottom = s.x + other;
    const Inverses inverse = inverses(s.root, bottom);
    const Expr root_low = s.lost * inverse.half_of_root;
    const Expr bottom_low = s.x - (bottom - other);
    const Expr t = top * inverse.of_divisor, w = t * t;
    const Expr rest = fma(-t, bottom_low, fma(root_low, x.number(2), fma(-t, bottom, top)));
    const Expr small = rest * inverse.of_divisor;
    const Expr p = is_f32(x) ? horner(w, kTwiceAtanhF32) : horner(w, kTwiceAtanh);
    const Exponent sum = with_exponent(minus_k, t, format.ln2, s.unit);
    return sum.high + fma(t * w, p, sum.low + small);
}

// log(p / q) / 2 with p = 1 + a, q = 1 - a, a = |x|. k is taken from the difference of the bits of p and q, which are
// their logarithms nearly; the argument of the series, (p - 2^k q) / (p + 2^k q), is a (1 + 2^k) + (1 - 2^k) over
// a (1 - 2^k) + (1 + 2^k), each with one rounding, and just a where k is 0.
Expr atanh(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    const Expr a = abs(x), one = x.number(1), p = a + one, q = one - a;
    const Expr p_bits = raw_bits(p), q_bits = raw_bits(q);
    const Expr moved =
        (p_bits - q_bits) + word(p_bits, fast ? format_of(x).share_fast : format_of(x).share);
    const Expr k_bits = moved & word(p_bits, format.infinity);
    const Expr power = from_bits(k_bits + word(p_bits, format.one));
    const Expr sum = one + power, difference = one - power;
    const double ln2 = fast ? format.ln2 + format.ln2_low : format.ln2_low;
    const std::array<Expr, 3> usual{fma(a, sum, difference), fma(a, difference, sum), x.number(ln2 / 2)};
    // So near 1 that 2^k + 1 would be rounded; and beyond.
    const auto [top, bottom, unit] = unless_rare(a < format_of(x).nearly_one, usual, [&] {
        const Expr inside = a < 1, scaled = from_bits(q_bits + k_bits);
        return std::array<Expr, 3>{select(inside, (one - scaled) + a, x.number(0)),
                                   select(inside, p + scaled, one),
                                   select(inside, usual[2], select(a == 1, x.number(kInfinity), nan_like(x)))};
    });
    const Expr exponent = from_bits(shru(moved, format.fraction_bits) | word(moved, format.magic));
    const Expr minus_k = x.number(format.bias - (is_f32(x) ? 127 : 1023)) - exponent;
    const Expr t = top / bottom, w = t * t;
    if (fast) {
        const Expr series = is_f32(x) ? horner(w, kAtanhFastF32) : horner(w, kAtanhFast);
        return with_sign_bit_of(fma(t * w, series, fma(minus_k, -unit, t)), x);
    }
    const Expr series = is_f32(x) ? horner(w, kAtanhF32) : horner(w, kAtanh);
    // What the division lost counts where the result is a little below 1/2. The divisor is about 2.6 there.
    const Expr lost = fma(-t, bottom, top);
    const Exponent total = with_exponent(minus_k, t, format.ln2 / 2, unit);
    return with_sign_bit_of(total.high + fma(t * w, series, fma(lost, x.number(0.375), total.low)), x);
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Asinh(const Site& s) { return maths::asinh(s[0], s.fast); }
Expr Acosh(const Site& s) { return maths::acosh(s[0], s.fast); }
Expr Atanh(const Site& s) { return maths::atanh(s[0], s.fast); }

}  // namespace exprjit::expand
