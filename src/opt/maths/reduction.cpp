// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The reduction of an angle by quarter turns: Cody and Waite, "Software manual for the elementary functions" (1980), with
// fma as in Boldo, Daumas and Li, "Formally verified argument reduction with a fused multiply-add" (2009). Beyond its reach
// (4 million in f64, 131 thousand in f32) the exact reduction of ir/payne_hanek.h, in a block that other arguments pass by.
#include "opt/maths/reduction.h"

#include <cmath>
#include <limits>

#include "opt/maths/trig_coefficients.h"

namespace exprjit::maths {

namespace {

constexpr char kHalfTurnsLow[] = "half turns with a low part", kOddQuartersLow[] = "odd quarter turns with a low part";
constexpr char kQuarterTurns[] = "quarter turns", kHalfTurns[] = "half turns", kOddQuarters[] = "odd quarter turns";

constexpr double kReach = 0x1p22, kReach32 = 0x1p17;

// What a short reduction gave, or what exact() gives beyond its reach. Of NaN and infinities the short one has made NaN:
// columns have them where something is missing, so they are not worth the exact one.
template <size_t N, class Exact>
std::array<Expr, N> unless_out_of_reach(Expr size, double limit, const std::array<Expr, N>& reduced, Exact exact) {
    const Expr reach = size.number(limit);
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

// In f32 the parts of pi/2 are too short to give one of them short multiples. The first difference is a multiple of the last
// place of the rounded product, or of a smaller number, so that first - r is exact (Boldo, Graillat and Muller, "On the
// robustness of the 2Sum and Fast2Sum algorithms", 2017); less the exact product it is what r has lost.
Pair narrow_difference(Expr x, Expr n, bool fast) {
    const Expr first = fma(n, x.number(-kHalfPi32[0]), x);
    if (fast) {
        const Expr r = fma(n, x.number(-kHalfPi32[1]), first);
        return {r, fma(n, x.number(-kHalfPi32[2]), r)};
    }
    const Expr r = first - n * x.number(kHalfPi32[1]);
    const Expr lost = fma(n, x.number(-kHalfPi32[1]), first - r);
    return {r, fma(n, x.number(-kHalfPi32[2]), lost)};
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
    const double reach = narrow ? kReach32 : kReach;
    const auto [r, low, q] = unless_out_of_reach(size, reach, std::array{d.high, d.low, turns}, [&] {
        const Expr high = unary(Op::Pio2High, angle);
        const Pair sum = fast_two_sum(high, unary(Op::Pio2Low, angle));
        return std::array{sum.high, fast ? sum.high : sum.low, raw_bits(high)};
    });
    return {r, low, q};
}

// A multiple of quarter turns, and whether it is an odd number of half turns, together with the quarter asked for, as a
// sign bit.
struct Multiple {
    Expr n, sign;
};

// The nearest even multiple is what a sum with a number rounds to whose last place is 2.
Multiple nearest_even(Expr x) {
    const bool narrow = is_f32(x);
    const Expr magic = x.number(narrow ? 0x1.8p24 : 0x1.8p53);
    const Expr rounded = fma(x, x.number(narrow ? kTwoOverPi32 : kTwoOverPi), magic);
    return {rounded - magic, shl(raw_bits(rounded), narrow ? 31 : 63)};
}

// The nearest odd multiple is the one above the even multiple that comes below x: a sum's places after that of the 2 are
// cut off. It needs some of them, or the remainder would grow by what they round. The 2 more make the place of the 2
// count one half turn more, which is what two odd quarters add up to.
Multiple nearest_odd(Expr x) {
    const bool narrow = is_f32(x);
    const int places = narrow ? 6 : 21;
    const double magic = std::ldexp(1.5, (narrow ? 24 : 53) - places);
    const Expr rounded = fma(x, x.number(narrow ? kTwoOverPi32 : kTwoOverPi), x.number(magic + 2));
    const uint64_t all = narrow ? 0xffffffff : ~uint64_t{0};
    const Expr bits = raw_bits(rounded), even = bits & word(bits, all >> places << places);
    return {from_bits(even) - x.number(magic + 1), shl(even, (narrow ? 31 : 63) - places)};
}

// What is left of x + quarters pi/2 by half turns, from the exact reduction by quarter turns: an odd number of these
// leaves pi/2 + r, whose sine is that of pi/2 - |r|.
struct Remainder {
    Expr r, sign;
};
Remainder exact_half_turns(Expr x, int quarters) {
    const bool narrow = is_f32(x);
    const Expr high = unary(Op::Pio2High, x), quarter = high + unary(Op::Pio2Low, x);
    const Expr q = raw_bits(high) + raw_bits(high).number(quarters);
    const Expr odd = (q & q.number(1)) != 0;
    const Expr half = select(odd, x.number(narrow ? 0x1.921fb6p+0 : kHalfPi[0]) - abs(quarter), quarter);
    return {half, shl(shru(q, 1), narrow ? 31 : 63)};
}

HalfTurns half_turns(Expr x, int quarters) {
    const bool narrow = is_f32(x);
    const Multiple m = quarters == 0 ? nearest_even(x) : nearest_odd(x);
    const Pair d = narrow ? narrow_difference(x, m.n, true) : wide_difference(x, m.n, true);
    const double reach = narrow ? kReach32 : kReach;
    const auto [r, low, sign] = unless_out_of_reach(abs(x), reach, std::array{d.high, d.low, m.sign}, [&] {
        const Remainder exact = exact_half_turns(x, quarters);
        return std::array{exact.r, exact.r, exact.sign};
    });
    return {r, low, sign};
}

// pi/2 - |high + low|, not rounded to one number.
Pair less_than_quarter_turn(Pair a) {
    const Expr sign = select(a.high < 0, a.high.number(-1), a.high.number(1));
    const Pair d = fast_two_sum(a.high.number(kHalfPi32[0]), -(a.high * sign));
    return {d.high, d.low + fma(-a.low, sign, a.high.number(kHalfPi32[1]))};
}

HalfTurns half_turns_with_low(Expr x, int quarters) {
    const Multiple m = quarters == 0 ? nearest_even(x) : nearest_odd(x);
    const Expr first = fma(m.n, x.number(-kHalfPi32[0]), x);
    const Expr r = first - m.n * x.number(kHalfPi32[1]);
    // As in narrow_difference(), but negative: like this it is +0 where n is 0.
    Expr lost = r - first;
    // Between 0 and 1/2 the first difference of an odd multiple loses something as well.
    if (quarters != 0) lost = lost + (fma(m.n, x.number(kHalfPi32[0]), first) - x);
    lost = fma(m.n, x.number(kHalfPi32[1]), lost);
    const Expr minus_low = fma(m.n, x.number(kHalfPi32[2]), lost);
    const auto [high, low, sign] = unless_out_of_reach(abs(x), kReach32, std::array{r, minus_low, m.sign}, [&] {
        const Pair exact = fast_two_sum(unary(Op::Pio2High, x), unary(Op::Pio2Low, x));
        const Expr bits = raw_bits(unary(Op::Pio2High, x)), q = bits + bits.number(quarters);
        const Expr odd = (q & q.number(1)) != 0;
        const Pair rest = less_than_quarter_turn(exact);
        return std::array{select(odd, rest.high, exact.high), -select(odd, rest.low, exact.low), shl(shru(q, 1), 31)};
    });
    return {high, low, sign};
}

}  // namespace

Reduced reduce_by_quarter_turns(Expr x, bool fast, SharedPieces& shared) {
    const auto [r, low, turns] = shared.get<3>(kQuarterTurns, x, [&] {
        const Reduced reduced = reduce(x, fast);
        return std::array{reduced.r, reduced.low, reduced.turns};
    });
    return {r, low, turns};
}

HalfTurns reduce_by_half_turns(Expr x, int quarters, SharedPieces& shared) {
    const auto [r, low, sign] = shared.get<3>(quarters == 0 ? kHalfTurns : kOddQuarters, x, [&] {
        const HalfTurns reduced = half_turns(x, quarters);
        return std::array{reduced.r, reduced.low, reduced.sign};
    });
    return {r, low, sign};
}

HalfTurns reduce_by_half_turns_with_low(Expr x, int quarters, SharedPieces& shared) {
    const auto [r, low, sign] = shared.get<3>(quarters == 0 ? kHalfTurnsLow : kOddQuartersLow, x, [&] {
        const HalfTurns reduced = half_turns_with_low(x, quarters);
        return std::array{reduced.r, reduced.low, reduced.sign};
    });
    return {r, low, sign};
}

Expr sign_of(Expr x) { return from_bits((raw_bits(x) & sign_bit(x)) | one_bits(raw_bits(x))); }

}  // namespace exprjit::maths
