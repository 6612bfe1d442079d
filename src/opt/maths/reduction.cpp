// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The reduction of an angle by quarter turns: Cody and Waite, "Software manual for the elementary functions" (1980), with
// fma as in Boldo, Daumas and Li, "Formally verified argument reduction with a fused multiply-add" (2009). Beyond its reach
// (4 million in f64, 131 thousand in f32) the exact reduction of ir/payne_hanek.h, in a block that other arguments pass by.
#include "opt/maths/reduction.h"

#include <limits>

#include "opt/maths/trig_coefficients.h"

namespace exprjit::maths {

namespace {

constexpr char kQuarterTurns[] = "quarter turns", kHalfTurns[] = "half turns", kOddQuarters[] = "odd quarter turns";

// What a short reduction gave, or what exact() gives beyond its reach. Of NaN and infinities the short one has made NaN:
// columns have them where something is missing, so they are not worth the exact one.
template <size_t N, class Exact>
std::array<Expr, N> unless_out_of_reach(Expr size, const std::array<Expr, N>& reduced, Exact exact) {
    const Expr reach = size.number(is_f32(size) ? 0x1p17 : 0x1p22);
    return unless_rare(size < reach, reduced, [&] {
        const Expr is_far = (size >= reach) & (size < size.number(std::numeric_limits<double>::infinity()));
        return unless_rare(!is_far, reduced, exact);
    });
}

Expr one_bits(Expr i) { return i.scalar() == Scalar::I32 ? word(i, 0x3f800000) : word(i, 0x3ff0000000000000); }

// x less n quarter turns. x - n pi/2 begins with a number that needs no rounding: it is a multiple of the last place of
// the first part of pi/2, and less than 1.
Pair wide_difference(Expr x, Expr n, bool fast) {
    const Expr first = fma(n, x.number(-kHalfPi[0]), x);
    const Expr r = fma(n, x.number(-kHalfPi[1]), first);
    if (fast) return {r, fma(n, x.number(-kHalfPi[2]), r)};
    // n times the second part is exact, so this is what rounding r lost, and the third part is next.
    const Expr lost = fma(n, x.number(-kHalfPi[1]), first - r);
    return {r, fma(n, x.number(-kHalfPi[2]), lost)};
}

// In f32 the parts of pi/2 are too short to give one of them short multiples: the product is a pair.
Pair narrow_difference(Expr x, Expr n, bool fast) {
    const Expr first = fma(n, x.number(-kHalfPi32[0]), x);
    if (fast) {
        const Expr r = fma(n, x.number(-kHalfPi32[1]), first);
        return {r, fma(n, x.number(-kHalfPi32[2]), r)};
    }
    const Expr product = n * x.number(kHalfPi32[1]);
    const Expr minus_of_product = fma(n, x.number(-kHalfPi32[1]), product);
    const Expr r = first - product;
    const Expr lost = (first - r) - product;
    return {r, fma(n, x.number(-kHalfPi32[2]), lost + minus_of_product)};
}

Reduced reduce(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr size = abs(x), angle = fast ? x : size;
    // Adding 1.5 times the power of two whose last place is 1 rounds to an integer and leaves it in the lowest bits.
    const Expr magic = x.number(narrow ? 0x1.8p23 : 0x1.8p52);
    const Expr rounded = fma(angle, x.number(narrow ? kTwoOverPi32 : kTwoOverPi), magic);
    const Expr n = rounded - magic;
    const Pair d = narrow ? narrow_difference(angle, n, fast) : wide_difference(angle, n, fast);
    const Expr turns = raw_bits(rounded);
    const auto [r, low, q] = unless_out_of_reach(size, std::array{d.high, d.low, turns}, [&] {
        const Expr high = unary(Op::Pio2High, angle);
        const Pair sum = fast_two_sum(high, unary(Op::Pio2Low, angle));
        return std::array{sum.high, fast ? sum.high : sum.low, raw_bits(high)};
    });
    return {r, low, q};
}

// Multiples of half turns are even multiples of quarter turns, or odd ones: n is one of these for a sum with a number
// whose last place is 2.
Reduced half_turns(Expr x, int quarters) {
    const bool narrow = is_f32(x);
    const Expr magic = x.number(narrow ? 0x1.8p24 : 0x1.8p53), factor = x.number(narrow ? kTwoOverPi32 : kTwoOverPi);
    const Expr rounded = quarters == 0 ? fma(x, factor, magic) : fma(x, factor, x.number(1)) + magic;
    const Expr even = rounded - magic, n = quarters == 0 ? even : even - x.number(1);
    const Pair d = narrow ? narrow_difference(x, n, true) : wide_difference(x, n, true);
    const auto [r, low, turns] = unless_out_of_reach(abs(x), std::array{d.high, d.low, raw_bits(rounded)}, [&] {
        // By quarter turns; an odd number of them leaves pi/2 + r, whose sine is that of pi/2 - |r|.
        const Expr high = unary(Op::Pio2High, x), quarter = high + unary(Op::Pio2Low, x);
        const Expr q = raw_bits(high) + raw_bits(high).number(quarters);
        const Expr half =
            select((q & q.number(1)) != 0, x.number(narrow ? 0x1.921fb6p+0 : kHalfPi[0]) - abs(quarter), quarter);
        return std::array{half, half, shru(q, 1)};
    });
    return {r, low, turns};
}

}  // namespace

Reduced reduce_by_quarter_turns(Expr x, bool fast, SharedPieces& shared) {
    const auto [r, low, turns] = shared.get<3>(kQuarterTurns, x, [&] {
        const Reduced reduced = reduce(x, fast);
        return std::array{reduced.r, reduced.low, reduced.turns};
    });
    return {r, low, turns};
}

Reduced reduce_by_half_turns(Expr x, int quarters, SharedPieces& shared) {
    const auto [r, low, turns] = shared.get<3>(quarters == 0 ? kHalfTurns : kOddQuarters, x, [&] {
        const Reduced reduced = half_turns(x, quarters);
        return std::array{reduced.r, reduced.low, reduced.turns};
    });
    return {r, low, turns};
}

Expr sign_bit(Expr i) { return i.scalar() == Scalar::I32 ? word(i, 0x80000000) : word(i, 0x8000000000000000); }

Expr sign_factor(Expr sign, const Expr* x) {
    if (x != nullptr) sign = sign ^ raw_bits(*x);
    return from_bits((sign & sign_bit(sign)) | one_bits(sign));
}

Expr sign_of(Expr x) { return sign_factor(raw_bits(x)); }

}  // namespace exprjit::maths
