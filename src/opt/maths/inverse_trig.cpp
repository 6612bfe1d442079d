// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Inverse functions of sine, cosine and tangent. The tangent by one division that brings its argument below 1/2; sine and
// cosine by the half-angle formula beyond 1/2 (both as in Cody and Waite, 1980). What each step loses is carried along.
#include <limits>
#include <span>

#include "opt/expand.h"
#include "opt/maths/inverse_trig_coefficients.h"
#include "opt/maths/log_pieces.h"
#include "opt/maths/pieces.h"
#include "opt/maths/range.h"
#include "opt/maths/reduction.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// rest + t s p(s). Rows and calls overlap, so that few operations count for more than a short wait, up to some length.
Expr arc_polynomial(Expr t, Expr s, std::span<const double> c, Expr rest) {
    return fma(t * s, c.size() <= 8 ? horner(s, c) : even_odd(s, c), rest);
}

double nearest_right_angle(Expr like) {
    return is_f32(like) ? kRightAngle32[0] + kRightAngle32[1] : kRightAngle[0] + kRightAngle[1];
}

// The angle of the point (x, y) as seen from the origin, 0 … pi, for y >= 0 and |x| and y neither so large nor so small
// that sums and quotients of them are out of range.
//
// Of the first quadrant: y/x up to kFlat is a tangent; up to 2 the angle is pi/4 + atan((y - x) / (y + x)); above,
// pi/2 - atan(x/y). The angle is pi/2 less a multiple of pi/4 (by 2, 1, 0) plus the arc tangent of that quotient t. In the
// second quadrant the difference from pi/2 has the other sign. kFlat is where angles reach 1/2, so that what rounding t
// and y + 1 costs is at most a quarter of a unit each.
struct Point {
    Expr y, size;       // size: |x|
    const Expr* side;   // 1 with the sign of x, or nothing if x is positive
    Expr flat, steep;   // whether y <= kFlat |x|, y > 2 |x|
    const Expr* large;  // whether y may be infinite
};

constexpr double kFlat = 0.546875, kEighth = 0.4142135623730950;  // tan(pi/8)

Expr angle(const Point& p) {
    const Expr y = p.y, flat = p.flat, steep = p.steep, zero = y.number(0);
    const bool narrow = is_f32(y);
    const double right = narrow ? kRightAngle32[0] : kRightAngle[0];
    const Expr upper = select(steep, zero, y), other = select(flat, zero, upper);
    const Expr base = select(steep, y, p.size), denominator = base + other;
    Expr numerator = upper - select(flat, zero, p.size);
    Expr start = numerator;
    if (p.side == nullptr) {
        start = select(steep, y.number(right), select(flat, zero, y.number(right / 2)));
    } else {
        numerator = numerator * *p.side;
        const Expr turned = select(steep, zero, select(flat, y.number(-right), y.number(-right / 2)));
        start = fma(*p.side, turned, y.number(right));
    }
    const Expr reciprocal = 1 / denominator, t = numerator * reciprocal, s = t * t;
    // What the quotient lost; of infinity, where it is 0, nothing. For y / 1, which is exact up to kFlat, that is enough;
    // in general what the denominator lost counts, too, and the slope of the arc tangent.
    Expr lost = fma(-t, denominator, numerator);
    if (p.side != nullptr) lost = fma(-t, other - (denominator - base), lost);
    lost = lost * reciprocal;
    if (p.side != nullptr) lost = fma(-s, lost, lost);
    if (p.large != nullptr) lost = select(*p.large, zero, lost);
    const Expr rest = fma(start, y.number(narrow ? kRightAngleRatio32 : kRightAngleRatio), lost);
    return start + (t + (narrow ? arc_polynomial(t, s, kAtan32, rest) : arc_polynomial(t, s, kAtan, rest)));
}

Expr angle(Expr y, Expr size, Expr side) {
    return angle({y, size, &side, y <= size * kFlat, y > size + size, nullptr});
}

// Where atan2 needs care: what is beyond the range of angle(), and the special cases (C99, F.9.1.4). y, size >= 0.
Expr distant_angle(Expr y, Expr size, Expr side) {
    const bool narrow = is_f32(y);
    const Expr zero = y.number(0), one = y.number(1);
    const Expr larger = max(y, size);
    // Of infinities only which of the two is one counts.
    const Expr infinite = larger == kInfinity;
    const Expr a = select(infinite, select(y == kInfinity, one, zero), y);
    const Expr b = select(infinite, select(size == kInfinity, one, zero), size);
    // Powers of two bring the larger one near 1. What the smaller one loses then shows only in a quotient so small that
    // it is its own tangent; that one is divided as it is, because it may be subnormal.
    const double edge = narrow ? 0x1p40 : 0x1p300;
    const Expr scale =
        select(larger > edge, y.number(1 / edge / edge), select(larger < 1 / edge, y.number(edge * edge), one));
    const Expr scaled = angle(a * scale, select(larger == 0, one, b * scale), side);
    const Expr tiny = y < size * (narrow ? 0x1p-15 : 0x1p-30);
    return select(tiny & (side > 0), y / size, scaled);
}

// start + atan(t), |t| <= 1, with the sign of y. One polynomial for the whole octant costs less than more cases do.
Expr fast_angle(Expr start, Expr t, Expr y) {
    const Expr s = t * t;
    const Expr arc = is_f32(t) ? fma(t * s, even_odd(s, kOctantAtan32), t) : fma(t * s, estrin(s, kOctantAtan), t);
    return with_sign(start + arc, y);
}

// In the octants beside the x axis the arc tangent of y/x, beside the y axis pi/2 less that of x/y: a quotient of which
// nothing is out of range. What has none are two zeros, or infinities, which count as 1.
Expr fast_atan2(Expr y, Expr x) {
    const Expr up = abs(y), size = abs(x), zero = x.number(0), right = x.number(nearest_right_angle(x));
    const Expr steep = up > size, quotient = select(steep, -x, up) / select(steep, up, x);
    const Expr x_bits = raw_bits(x);
    const Expr start = select(steep, right, select(x_bits < word(x_bits, 0), right + right, zero));
    const Expr t = unless_rare(quotient == quotient, quotient, [&] {
        const Expr of_infinities =
            select((up == kInfinity) & (size == kInfinity), with_sign(x.number(1), x), up + size);
        return select((up == zero) & (size == zero), zero, of_infinities);
    });
    return fast_angle(start, t, y);
}
Expr fast_atan(Expr x) {
    const Expr size = abs(x), one = x.number(1), zero = x.number(0), right = x.number(nearest_right_angle(x));
    if (is_f32(x)) {
        const Expr steep = size > one;
        return fast_angle(select(steep, right, zero), select(steep, -one, size) / select(steep, size, one), x);
    }
    // In three parts, as angle() has them, but of equal reach: half as many coefficients make up for it in f64.
    const Expr flat = size <= x.number(kEighth), steep = size > x.number(1 / kEighth);
    const Expr upper = select(steep, zero, size), lower = select(flat, zero, one);
    const Expr start = select(steep, right, select(flat, zero, x.number(nearest_right_angle(x) / 2)));
    const Expr t = (upper - lower) / (select(steep, size, one) + select(flat, zero, upper));
    const Expr s = t * t;
    return with_sign(start + fma(t * s, even_odd(s, kFastAtan), t), x);
}

// base + asin(v + of_v), v^2 = s <= 1/4, for a multiple `base` of pi/2; or twice that arc sine, if v and of_v are twice
// what they would be.
Expr arc(Expr base, Expr v, Expr of_v, Expr s) {
    const bool narrow = is_f32(s);
    const Pair first = fast_two_sum(base, v);
    const Expr rest = fma(base, s.number(narrow ? kRightAngleRatio32 : kRightAngleRatio), of_v) + first.low;
    return first.high + (narrow ? arc_polynomial(v, s, kAsin32, rest) : arc_polynomial(v, s, kAsin, rest));
}
Expr fast_arc(Expr base, Expr v, Expr s) {
    return base + (is_f32(s) ? arc_polynomial(v, s, kAsin32, v) : arc_polynomial(v, s, kAsin, v));
}

// Of the half arc cosine of |x|: the square of its sine, (1 - |x|) / 2; twice the sine; and what rounding took from that.
struct HalfAngle {
    Expr square, twice, lost;
};
HalfAngle half_angle(Expr size) {
    const Expr four_squares = fma(size, size.number(-2), size.number(2));  // exact beyond 1/2
    const Expr twice = unary(Op::Sqrt, four_squares);
    // Half of twice / four_squares is the derivative of the root, and the division need not wait for that. The tiny
    // number keeps 0 / 0 away.
    const Expr slope = 0.5 / (four_squares + (is_f32(size) ? 0x1p-60 : 0x1p-300));
    const Expr square = fma(size, size.number(-0.5), size.number(0.5));
    return {square, twice, fma(-twice, twice, four_squares) * (twice * slope)};
}

}  // namespace

}  // namespace exprjit::maths

namespace exprjit::expand {

using namespace maths;

// |x| below 1/2 as it is; beyond, pi/2 - 2 asin(sqrt((1 - |x|) / 2)).
Expr Asin(const Site& s) {
    const Expr x = s[0], size = abs(x), far = size > 0.5, zero = x.number(0);
    const double right = s.fast ? nearest_right_angle(x) : is_f32(x) ? kRightAngle32[0] : kRightAngle[0];
    const HalfAngle half = half_angle(size);
    const Expr square = select(far, half.square, x * x), v = select(far, -half.twice, size);
    const Expr base = select(far, x.number(right), zero);
    return changed_sign(s.fast ? fast_arc(base, v, square) : arc(base, v, select(far, -half.lost, zero), square),
                        raw_bits(x));
}

// |x| below 1/2: pi/2 - asin x; beyond, 2 asin(sqrt((1 - |x|) / 2)), or what that lacks to pi. Both have the sign of x.
Expr Acos(const Site& s) {
    const Expr x = s[0], size = abs(x), far = size > 0.5, zero = x.number(0);
    const double right = s.fast ? nearest_right_angle(x) : is_f32(x) ? kRightAngle32[0] : kRightAngle[0];
    const Expr of_far = select(x < 0, x.number(2 * right), zero);
    const HalfAngle half = half_angle(size);
    const Expr base = select(far, of_far, x.number(right)), square = select(far, half.square, x * x);
    const Expr v = changed_sign(select(far, half.twice, -size), raw_bits(x));
    if (s.fast) return fast_arc(base, v, square);
    return arc(base, v, changed_sign(select(far, half.lost, zero), raw_bits(x)), square);
}

Expr Atan(const Site& s) {
    if (s.fast) return fast_atan(s[0]);
    const Expr x = s[0], size = abs(x), one = x.number(1);
    const Expr large = size > (is_f32(x) ? 0x1p60 : 0x1p300);
    return with_sign(angle({size, one, nullptr, size <= x.number(kFlat), size > 2.0, &large}), x);
}

Expr Atan2(const Site& s) {
    if (s.fast) return fast_atan2(s[0], s[1]);
    const bool narrow = is_f32(s[0]);
    const Expr y = abs(s[0]), size = abs(s[1]), side = sign_of(s[1]);
    // The sum is the larger one, nearly, and a maximum costs several instructions.
    const Expr usual = is_in_range(y + size, narrow ? 0x1p-39 : 0x1p-299, narrow ? 0x1p40 : 0x1p300) &
                       ((y > (narrow ? 0x1p-90 : 0x1p-900)) | (y == 0));
    const Expr result = unless_rare(usual, angle(y, size, side), [&] { return distant_angle(y, size, side); });
    return with_sign(result, s[0]);
}

}  // namespace exprjit::expand
