// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sine, cosine and what is made of them, from one reduction by quarter turns. The polynomials are minimax (tools/
// coefficients/trig.py); the low parts are carried as in fdlibm's k_sin.c and k_cos.c (Sun Microsystems, 1993).
#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/reduction.h"
#include "opt/maths/trig_coefficients.h"

namespace exprjit::maths {

namespace {

Expr is_odd(Expr i) { return (i & i.number(1)) != 0; }

// The quotient of two unevaluated sums, of which only the first is rounded: one step of Newton's method from it.
struct Quotient {
    Expr rounded, exact;
};
Quotient divide(Pair a, Pair b) {
    const Expr reciprocal = 1 / b.high, q = a.high * reciprocal, minus = -q;
    const Expr rest = fma(minus, b.high, a.high) + fma(minus, b.low, a.low);
    return {q, fma(rest, reciprocal, q)};
}

// sin(r + low) and cos(r + low) as what does not need rounding and the rest; |r| <= pi/4.
struct SineCosine {
    Pair sine, cosine;
};

SineCosine accurate_parts(Expr r, Expr low) {
    const bool narrow = is_f32(r);
    const Expr s = r * r, one = r.number(1), minus = -r;
    const Expr near_cosine = fma(s, r.number(-0.5), one);
    const Expr sine_terms = narrow ? horner(s, kSin32) : even_odd(s, kSin);
    const Expr sine_rest = fma(r * s, sine_terms, low * near_cosine);
    // What 1 - s/2 lost, what s lost, and what `low` takes.
    const Expr lost = fma(s, r.number(-0.5), one - near_cosine);
    const Expr of_s = fma(minus, r, s);
    const Expr cosine_terms = narrow ? horner(s, kCos32) : even_odd(s, kCos);
    const Expr cosine_rest = fma(s * s, cosine_terms, fma(minus, low, fma(of_s, r.number(0.5), lost)));
    return {{r, sine_rest}, {near_cosine, cosine_rest}};
}

std::array<Expr, 2> fast_values(Expr r) {
    const bool narrow = is_f32(r);
    const Expr s = r * r;
    const Expr sine = fma(r * s, narrow ? horner(s, kSin32) : even_odd(s, kSin), r);
    const Expr cosine = fma(s * s, narrow ? horner(s, kFastCos32) : even_odd(s, kFastCos), fma(s, r.number(-0.5), r.number(1)));
    return {sine, cosine};
}

// sin(x + quarters pi/2) for 0 <= quarters <= 1.
Expr sine(Expr x, int quarters, bool fast, SharedPieces& shared) {
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    std::array<Expr, 2> values{a.r, a.r};
    if (fast) {
        values = fast_values(a.r);
    } else {
        const SineCosine parts = accurate_parts(a.r, a.low);
        values = {sum(parts.sine), sum(parts.cosine)};
    }
    const Expr odd = is_odd(a.turns);
    if (quarters == 0) return select(odd, values[1], values[0]) * sign_factor(shru(a.turns, 1), &x);
    return select(odd, values[0], values[1]) * sign_factor(shru(a.turns + a.turns.number(1), 1), nullptr);
}

// 1 / sin(x + quarters pi/2).
Expr reciprocal_sine(Expr x, int quarters, bool fast, SharedPieces& shared) {
    if (fast) return 1 / sine(x, quarters, fast, shared);
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    const SineCosine parts = accurate_parts(a.r, a.low);
    const Expr odd = quarters == 0 ? is_odd(a.turns) : !is_odd(a.turns);
    const Pair value =
        fast_two_sum(select(odd, parts.cosine.high, parts.sine.high), select(odd, parts.cosine.low, parts.sine.low));
    const Expr reciprocal = 1 / value.high;
    const Expr rest = fma(-value.low, reciprocal, fma(-value.high, reciprocal, x.number(1)));
    const Expr exact = fma(rest, reciprocal, reciprocal);
    // An infinite reciprocal has no rest.
    const Expr size = select(exact == exact, exact, reciprocal);
    return size * (quarters == 0 ? sign_factor(shru(a.turns, 1), &x)
                                 : sign_factor(shru(a.turns + a.turns.number(1), 1), nullptr));
}

// tan(x), or 1 / tan(x). With t = tan(r/2), tan(r) is 2t / (1 - t^2), and the tangent of an odd number of quarter turns
// more is minus the reciprocal.
Expr tangent(Expr x, bool inverse, bool fast, SharedPieces& shared) {
    const Reduced a = reduce_by_quarter_turns(x, fast, shared);
    const bool narrow = is_f32(x);
    const Expr r = a.r, s = r * r, one = x.number(1), quarter = x.number(-0.25);
    const Expr odd = inverse ? !is_odd(a.turns) : is_odd(a.turns);
    const Expr sign = sign_factor(a.turns, &x);
    if (fast) {
        const Expr twice = fma(r * s, narrow ? horner(s, kTan32) : even_odd(s, kFastTan), r);
        const Expr below = fma(twice * twice, quarter, one);
        return select(odd, below, twice) / select(odd, twice, below) * sign;
    }
    const Expr terms = narrow ? horner(s, kTan32) : even_odd(s, kTan);
    const Pair twice = fast_two_sum(r, fma(r * s, terms, fma(a.low * s, x.number(0.25), a.low)));
    const Expr square = twice.high * twice.high;
    const Expr of_square = fma(twice.high + twice.high, twice.low, fma(twice.high, twice.high, -square));
    const Expr high = fma(square, quarter, one);
    const Pair below{high, fma(of_square, quarter, fma(square, quarter, one - high))};
    const Quotient q = divide({select(odd, below.high, twice.high), select(odd, below.low, twice.low)},
                              {select(odd, twice.high, below.high), select(odd, twice.low, below.low)});
    // An infinite reciprocal, the cotangent's at 0, has no rest.
    return (inverse ? select(q.exact == q.exact, q.exact, q.rounded) : q.exact) * sign;
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

// sin(pi x) by its distance u to the nearest integer, which is exact; beyond 1/4 as the cosine of what lacks to 1/2, which
// is exact as well. Of an infinity NaN, as NumPy has it.
Expr Sinc(const Site& s) {
    const Expr x = s[0];
    const bool narrow = is_f32(x);
    const Expr nearest = unary(Op::Round, x), u = x - nearest, half = nearest * 0.5;
    const Expr size = abs(u), far = size > 0.25;
    const Expr v = select(far, x.number(0.5) - size, size);
    const auto times_pi = [&](Expr a) {
        const Expr high = a * a.number(narrow ? kPi32[0] : kPi[0]);
        const Expr low = fma(a, a.number(narrow ? kPi32[0] : kPi[0]), -high);
        return Pair{high, fma(a, a.number(narrow ? kPi32[1] : kPi[1]), low)};
    };
    const Pair angle = times_pi(v);
    const SineCosine parts = accurate_parts(angle.high, angle.low);
    const Pair value =
        fast_two_sum(select(far, parts.cosine.high, parts.sine.high), select(far, parts.cosine.low, parts.sine.low));
    const Quotient q = divide(value, times_pi(x));
    // sin(pi |x|) turns round where the nearest integer is odd. At integers the quotient may be 0 / inf, and is +0.
    const Expr odd = half != floor(half);
    const Expr turned = select((u < 0) != odd, -q.exact, q.exact);
    const Expr at_zero = abs(x) < (narrow ? 0x1p-14 : 0x1p-28);
    return select(at_zero, x.number(1), select(u == 0, x.number(0), turned));
}

Expr Deg2rad(const Site& s) { return is_f32(s[0]) ? scaled(s[0], kDegree32) : scaled(s[0], kDegree); }
Expr Rad2deg(const Site& s) { return is_f32(s[0]) ? scaled(s[0], kRadian32) : scaled(s[0], kRadian); }

}  // namespace exprjit::expand
