// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The bell is e^r 2^k, with r in two parts, and 1 + p the little that the quotient leaves of the factor before it: what
// rounds is small beside 1, until the last multiplication, whose factors are pairs. Cody, "Rational Chebyshev
// approximations for the error function" (1969), takes the bell and a quotient by x apart in this way.
#include "opt/maths/gauss_tail.h"

#include <array>
#include <vector>

#include "opt/maths/exp_coefficients.h"

namespace exprjit::maths {

namespace {

// Every fourth coefficient apart: one multiplication more than even_odd, half the wait, and few constants at a time.
Expr by_fours(Expr x, std::span<const double> c) {
    std::array<std::vector<double>, 4> parts;
    for (size_t k = 0; k < c.size(); ++k) parts[k % 4].push_back(c[k]);
    const Expr square = x * x, fourth = square * square;
    const auto part = [&](size_t k) { return horner(fourth, parts[k]); };
    return fma(square, fma(x, part(3), part(2)), fma(x, part(1), part(0)));
}

// A polynomial in a variable that is small where accuracy counts: there it rounds once.
Expr near_constant(Expr u, std::span<const double> c) {
    const std::span<const double> rest = c.subspan(1);
    return fma(u, is_f32(u) ? even_odd(u, rest) : by_fours(u, rest), u.number(c[0]));
}

// exp(-z^2) 2^128 = power e^(r + low), where the square of z is a b and r is exact; 2^64 for f32. So enlarged, the power
// of two is normal for all z.
struct Bell {
    Expr power, r, low;
};

Bell bell_of(Expr a, Expr b) {
    const bool narrow = is_f32(a);
    const Expr magic = a.number(narrow ? 0x1.8p23 + 127 + 64 : 0x1.8p52 + 1023 + 128), square = a * b;
    const Expr counted = fma(square, a.number(narrow ? -kLog2E32 : -kLog2E64), magic), k = counted - magic;
    // Multiples of a unit of k log(2) or of `square`, and small: the sum is exact.
    const Expr r = fma(k, a.number(narrow ? -kLn232High : -kLn264High), -square);
    const Expr low = fma(k, a.number(narrow ? -kLn232Low : -kLn264Low), fma(-a, b, square));
    return {from_bits(shl(raw_bits(counted), narrow ? 23 : 52)), r, low};
}

// p'(t) of the f32 tables, which from x = 1 on is about the same for erfc and gelu. It weighs what a division
// lost, so one digit will do.
constexpr double kSlopeOfP = -0.3;

Expr flattened(const GaussTail& tail, Expr x) { return fma(x, x.number(tail.slope), x.number(tail.flattener)); }

}  // namespace

Pair enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator) {
    // A line that meets p at both ends, and a polynomial of which the ends see little: it rounds in between, where p varies
    // less.
    const Expr bottom = x + tail.shift, t = x / bottom, line = fma(t, x.number(tail.p[1]), x.number(tail.p[0]));
    const Expr p = fma(fma(-t, t, t), near_constant(t - tail.middle, tail.p.subspan(2)), line);
    const Bell bell = bell_of(a, b);
    const Pair e = fast_two_sum(x.number(1), bell.r);
    const Expr square = bell.r * bell.r, q = is_f32(x) ? even_odd(bell.r, kExp32) : even_odd(bell.r, kExp64);
    const Expr bend = square * q, rest = fma(bell.low, e.high + bend, bend + e.low);
    const Pair whole = fast_two_sum(e.high, rest);
    const Expr factor = fma(p, whole.high, whole.high);
    Expr factor_low = fma(p, whole.low, whole.low) + fma(p, whole.high, whole.high - factor);
    if (is_f32(x)) {
        // What the division lost, times p'(t); 1 / bottom is (1 - t) / shift.
        const Expr of_bottom = fma(t, x.number(-1 / tail.shift), x.number(1 / tail.shift));
        factor_low = fma(fma(-t, bottom, x) * of_bottom, x.number(kSlopeOfP), factor_low);
    }
    // The quotient in two parts. The flattener is a multiple of the sum's unit: their difference is exact.
    const Expr sum = flattened(tail, x), of_sum = fma(x, x.number(tail.slope), x.number(tail.flattener) - sum);
    const Expr inverse = 1 / sum, y = numerator * inverse;
    const Expr y_low = fma(-y, of_sum, fma(-y, sum, numerator)) * inverse;
    const Pair product = two_product(y, factor);
    const Expr product_low = fma(y, factor_low, fma(y_low, factor, product.low));
    return {product.high * bell.power, product_low * bell.power};
}

Expr fast_enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator) {
    const Expr p = near_constant(x / (x + tail.shift) - tail.middle, tail.p);
    const Bell bell = bell_of(a, b);
    const Expr r = bell.r + bell.low, square = r * r;
    const Expr e = fma(square, is_f32(x) ? even_odd(r, kExp32) : even_odd(r, kExp64), r);
    const Expr y = numerator / flattened(tail, x);
    return fma(y, e, y) * bell.power * p;
}

}  // namespace exprjit::maths
