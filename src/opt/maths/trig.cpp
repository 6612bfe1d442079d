// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sine, cosine and what is made of them: in f64 from one reduction by quarter turns; fast and in f32 by half turns, where
// one polynomial serves and nothing is chosen, but a cosine has a reduction of its own. The polynomials are minimax (tools/
// coefficients/trig.py); the low parts are carried as in fdlibm's k_sin.c and k_cos.c (Sun Microsystems, 1993).
#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/reduction.h"
#include "opt/maths/trig_coefficients.h"

namespace exprjit::maths {

namespace {

// The quotient of two unevaluated sums, of which only the first is rounded: one step of Newton's method from it.
struct Quotient {
    Expr rounded, exact;
};
Quotient divide(Pair a, Pair b) {
    const Expr reciprocal = 1 / b.high, q = a.high * reciprocal, minus = -q;
    const Expr rest = fma(minus, b.high, a.high) + fma(minus, b.low, a.low);
    return {q, fma(rest, reciprocal, q)};
}

// Which of four quadrants: sin r, cos r, -sin r, -cos r.
struct Quadrant {
    Expr is_odd;
    Expr sign;  // its highest bit
};

// The quadrant of `turns` + `quarters`, whose lowest bit and the one above become exponent and sign of a float. (A float
// compare is cheaper for a select of floats.)
Quadrant quadrant_of(Expr turns, int quarters) {
    const Expr moved =
        shl(quarters == 0 ? turns : turns + turns.number(quarters), turns.scalar() == Scalar::I32 ? 30 : 62);
    return {from_bits(moved) != 0, moved};
}

// Both polynomials have the same number of terms, and choosing between their coefficients is cheaper than computing both.
template <size_t N>
std::array<Expr, N> chosen(Expr odd, const double (&if_odd)[N], const double (&if_even)[N], Expr like) {
    std::array<Expr, N> c;
    for (size_t k = 0; k < N; ++k) c[k] = select(odd, like.number(if_odd[k]), like.number(if_even[k]));
    return c;
}

// rest + t p(s).
template <size_t N>
Expr times_polynomial(Expr t, Expr s, const std::array<Expr, N>& c, Expr rest) {
    Expr p = c[N - 1];
    for (size_t k = N - 1; k-- > 0;) p = fma(p, s, c[k]);
    return fma(t, p, rest);
}

// cos(r + low) if `odd`, or sin(r + low), as a number that needs no rounding and a rest; |r| <= pi/4. The slope of the sine
// is near enough to 1 for the low part, where that is not more than half a unit of r.
Pair sine_or_cosine(Expr r, Expr low, Expr odd) {
    const Expr s = r * r, one = r.number(1), half = r.number(-0.5);
    const Expr near_cosine = fma(s, half, one), lost = fma(s, half, one - near_cosine);
    const Expr t = select(odd, s, r) * s, of_low = select(odd, fma(-low, r, lost), low);
    return {select(odd, near_cosine, r), times_polynomial(t, s, chosen(odd, kCos, kSin, r), of_low)};
}

// sin(x + quarters pi/2) to 4 ULP, by half turns: one polynomial, and no low part.
Expr fast_sine(Expr x, int quarters, SharedPieces& shared) {
    const HalfTurns a = reduce_by_half_turns(x, quarters, shared);
    const Expr s = a.r * a.r, one = x.number(1);
    const Expr p = is_f32(x) ? horner(s, kFastSin32) : horner(s, kFastSin);
    return from_bits(raw_bits(a.low) ^ a.sign) * fma(s, p, one);
}

// sin(r - low) = r head + rest for |r| <= pi/2 in f32: by one polynomial, r (1 - s/8 + s q(s)), which needs no choice. An
// eighth of r is exact, so all that 1 - s/8 loses is known; of the slope in r, which is a cosine, two digits are enough.
struct HalfTurnSine {
    Expr r, head, rest;
};
HalfTurnSine half_turn_sine(Expr r, Expr low) {
    const Expr s = r * r, one = r.number(1), eighth = r * r.number(-0.125);
    const Expr head = fma(eighth, r, one), of_head = fma(eighth, r, one - head);
    const Expr tail = fma(s, horner(s, kHalfSin32), of_head), slope = fma(s, r.number(kCosineSlope32), one);
    return {r, head, fma(r, tail, -(low * slope))};
}

Pair as_pair(const HalfTurnSine& v) {
    const Expr value = fma(v.r, v.head, v.rest);
    return {value, fma(v.r, v.head, -value) + v.rest};
}
Pair as_pair(Pair a) { return fast_two_sum(a.high, a.low); }

// sin(x + quarters pi/2) of an f32.
Expr sine32(Expr x, int quarters, SharedPieces& shared) {
    const HalfTurns a = reduce_by_half_turns_with_low(x, quarters, shared);
    const HalfTurnSine v = half_turn_sine(a.r, a.low);
    return from_bits(raw_bits(fma(v.r, v.head, v.rest)) ^ a.sign);
}

// sin(x + quarters pi/2).
Expr sine(Expr x, int quarters, bool fast, SharedPieces& shared) {
    if (fast) return fast_sine(x, quarters, shared);
    if (is_f32(x)) return sine32(x, quarters, shared);
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    const Quadrant quadrant = quadrant_of(a.turns, quarters);
    const Expr size = sum(sine_or_cosine(a.r, a.low, quadrant.is_odd));
    return changed_sign(size, quarters == 0 ? quadrant.sign ^ raw_bits(x) : quadrant.sign);
}

// 1 / a, where a is not rounded.
Expr reciprocal_of(Pair a) {
    const Expr reciprocal = 1 / a.high;
    const Expr rest = fma(-a.low, reciprocal, fma(-a.high, reciprocal, a.high.number(1)));
    const Expr exact = fma(rest, reciprocal, reciprocal);
    // An infinite reciprocal has no rest.
    return select(exact == exact, exact, reciprocal);
}

// 1 / sin(x + quarters pi/2).
Expr reciprocal_sine(Expr x, int quarters, bool fast, SharedPieces& shared) {
    if (fast) return 1 / sine(x, quarters, fast, shared);
    if (is_f32(x)) {
        const HalfTurns a = reduce_by_half_turns_with_low(x, quarters, shared);
        const HalfTurnSine v = half_turn_sine(a.r, a.low);
        return from_bits(raw_bits(reciprocal_of(as_pair(v))) ^ a.sign);
    }
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    const Quadrant quadrant = quadrant_of(a.turns, quarters);
    const Pair parts = sine_or_cosine(a.r, a.low, quadrant.is_odd);
    const Expr size = reciprocal_of(as_pair(parts));
    return changed_sign(size, quarters == 0 ? quadrant.sign ^ raw_bits(x) : quadrant.sign);
}

// tan(x), or 1 / tan(x), to 4 ULP, by a rational function of what is left of x: in f32, where a few terms do, r by a
// polynomial, so that only the lower part has to be rounded.
Expr fast_tangent(Expr x, bool inverse, SharedPieces& shared) {
    const Reduced a = reduce_by_quarter_turns(x, true, shared);
    const bool narrow = is_f32(x);
    const Expr r = a.low, s = r * r;
    const Expr sine = narrow ? r : r * horner(s, kTanAbove);
    const Expr cosine = narrow ? horner(s, kTanBelow32) : horner(s, kTanBelow);
    const Expr is_odd = quadrant_of(a.turns, 0).is_odd, odd = inverse ? !is_odd : is_odd;
    const Expr quotient = select(odd, cosine, sine) / select(odd, sine, cosine);
    return from_bits(raw_bits(quotient) ^ shl(a.turns, narrow ? 31 : 63));
}

// tan(x), or 1 / tan(x): r over r cot r, which is 1 - s/4 + s p(s). As a quarter of r is exact, all that 1 - s/4 loses is
// known; of the slope of r cot r in r, two digits are enough. The tangent of an odd number of quarter turns more is minus
// the reciprocal.
Expr tangent(Expr x, bool inverse, bool fast, SharedPieces& shared) {
    if (fast) return fast_tangent(x, inverse, shared);
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    const bool narrow = is_f32(x);
    const Expr r = a.r, s = r * r, one = x.number(1), quarter = r * x.number(-0.25);
    const Expr head = fma(quarter, r, one), of_head = fma(quarter, r, one - head);
    const Expr of_low = fma(r * a.low, x.number(narrow ? kCotSlope32 : kCotSlope), of_head);
    const Pair below = fast_two_sum(head, fma(s, narrow ? horner(s, kCot32) : even_odd(s, kCot), of_low));
    const Expr is_odd = quadrant_of(a.turns, 0).is_odd, odd = inverse ? !is_odd : is_odd;
    // Beside a multiple of pi/2 the low part may not be small.
    const Pair above = fast_two_sum(r, a.low);
    const Quotient q = divide({select(odd, below.high, above.high), select(odd, below.low, above.low)},
                              {select(odd, above.high, below.high), select(odd, above.low, below.low)});
    // An infinite reciprocal, the cotangent's at 0, has no rest.
    const Expr size = inverse ? select(q.exact == q.exact, q.exact, q.rounded) : q.exact;
    return changed_sign(size, shl(a.turns, narrow ? 31 : 63) ^ raw_bits(x));
}

// c x for a constant that is rounded down, so that the second term of an infinite x has the sign of the first.
Expr scaled(Expr x, const double (&c)[2]) { return fma(x, x.number(c[0]), x * x.number(c[1])); }

}  // namespace

std::array<Expr, 2> sin_cos(Expr x, bool fast, SharedPieces& shared) {
    return {sine(x, 0, fast, shared), sine(x, 1, fast, shared)};
}

}  // namespace exprjit::maths

namespace exprjit::expand {

using namespace maths;

Expr Sin(const Site& s) { return sine(s[0], 0, s.fast, s.shared); }
Expr Cos(const Site& s) { return sine(s[0], 1, s.fast, s.shared); }
Expr Tan(const Site& s) { return tangent(s[0], false, s.fast, s.shared); }
Expr Cot(const Site& s) { return tangent(s[0], true, s.fast, s.shared); }
Expr Sec(const Site& s) { return reciprocal_sine(s[0], 1, s.fast, s.shared); }
Expr Csc(const Site& s) { return reciprocal_sine(s[0], 0, s.fast, s.shared); }

// sin(pi x) by its distance u to the nearest integer, which is exact; in f64 beyond 1/4 as the cosine of what lacks to 1/2,
// which is exact as well. Of an infinity NaN, as NumPy has it.
Expr Sinc(const Site& s) {
    const Expr x = s[0];
    const bool narrow = is_f32(x);
    const Expr nearest = unary(Op::Round, x), u = x - nearest, half = nearest * 0.5;
    const Expr size = abs(u), far = size > 0.25;
    const auto times_pi = [&](Expr a) {
        const Expr high = a * a.number(narrow ? kPi32[0] : kPi[0]);
        const Expr low = fma(a, a.number(narrow ? kPi32[0] : kPi[0]), -high);
        return Pair{high, fma(a, a.number(narrow ? kPi32[1] : kPi[1]), low)};
    };
    const Pair angle = times_pi(narrow ? size : select(far, x.number(0.5) - size, size));
    const Pair sine =
        narrow ? as_pair(half_turn_sine(angle.high, -angle.low)) : as_pair(sine_or_cosine(angle.high, angle.low, far));
    const Quotient q = divide(sine, times_pi(x));
    // sin(pi |x|) turns round where the nearest integer is odd. At integers the quotient may be 0 / inf, and is +0.
    const Expr odd = half != floor(half);
    const Expr turned = select((u < 0) != odd, -q.exact, q.exact);
    const Expr at_zero = abs(x) < (narrow ? 0x1p-14 : 0x1p-28);
    return select(at_zero, x.number(1), select(u == 0, x.number(0), turned));
}

Expr Deg2rad(const Site& s) { return is_f32(s[0]) ? scaled(s[0], kDegree32) : scaled(s[0], kDegree); }
Expr Rad2deg(const Site& s) { return is_f32(s[0]) ? scaled(s[0], kRadian32) : scaled(s[0], kRadian); }

}  // namespace exprjit::expand
