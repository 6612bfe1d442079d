// SPDX-License-Identifier: MIT OR Apache-2.0
//
// hypot(x, y) = sqrt(x^2 + y^2), with a step of Newton's from what the squares, their sum and the root have lost: Borges, "An
// improved algorithm for hypot(a, b)" (2019), its variant with fma.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/pieces.h"
#include "opt/maths/range.h"

namespace exprjit::expand {

namespace {

using namespace maths;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Where the larger number is in [least, most) the squares do not overflow and what they lose does not underflow. Others are
// scaled first, and the result is scaled back.
struct Limits {
    double least, most;
    double up, down;
};

Limits limits_of(Expr x) {
    return is_f32(x) ? Limits{0x1p-36, 0x1p63, 0x1p90, 0x1p-70} : Limits{0x1p-450, 0x1p511, 0x1p700, 0x1p-600};
}

struct Sides {
    Expr larger, smaller, factor;  // `factor` multiplies the result
};

Sides sorted(Expr x, Expr y) {
    const Expr x_size = abs(x), y_size = abs(y), swap = x_size < y_size;
    return {select(swap, y_size, x_size), select(swap, x_size, y_size), x.number(1)};
}

// Zero, infinity and NaN are the factor of the hypotenuse of 1 and 0.
Sides scaled(const Sides& s) {
    const Limits limits = limits_of(s.larger);
    const Expr small = s.larger < limits.least, zero = s.larger.number(0), one = s.larger.number(1);
    const Expr scale = select(small, s.larger.number(limits.up), s.larger.number(limits.down));
    const Expr back = select(small, s.larger.number(1 / limits.up), s.larger.number(1 / limits.down));
    const Expr infinity = s.larger.number(kInfinity), sum = s.larger + s.smaller;
    const Expr infinite = (s.larger == infinity) | (s.smaller == infinity);  // the other may be NaN
    const Expr number = (s.larger > 0) & (sum == sum) & !infinite;
    return {select(number, s.larger * scale, one), select(number, s.smaller * scale, zero),
            select(number, back, select(infinite, infinity, sum))};
}

// The square of the hypotenuse tells whether it is rare: NaN, infinite or too small. Without fma, which would treat x and y
// differently.
Expr fast_hypot(Expr x, Expr y) {
    const Expr square = x * x + y * y;
    const double least = limits_of(x).least;
    return unless_rare(is_in_range(square, least * least, kInfinity), unary(Op::Sqrt, square), [&] {
        const Sides s = scaled(sorted(x, y));
        return unary(Op::Sqrt, s.larger * s.larger + s.smaller * s.smaller) * s.factor;
    });
}

}  // namespace

Expr Hypot(const Site& site) {
    if (site.fast) return fast_hypot(site[0], site[1]);
    const Sides s = sorted(site[0], site[1]);
    const Limits limits = limits_of(s.larger);
    // If y is NaN, the larger one is x: the result is NaN without more, unless x is infinite.
    const auto [a, b, factor] =
        unless_rare(is_in_range(s.larger, limits.least, limits.most), std::array{s.larger, s.smaller, s.factor}, [&] {
            const Sides rare = scaled(s);
            return std::array{rare.larger, rare.smaller, rare.factor};
        });
    const Expr h = unary(Op::Sqrt, fma(a, a, b * b));
    const Expr h_square = h * h, a_square = a * a;
    const Expr h_lost = fma(h, h, -h_square), a_lost = fma(a, a, -a_square);
    const Expr excess = fma(-b, b, h_square - a_square) + (h_lost - a_lost);
    return (h - excess / (h + h)) * factor;
}

}  // namespace exprjit::expand
