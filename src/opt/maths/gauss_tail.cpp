// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The bell and the factor before it are one power of e: what the polynomial gives is added to what the reduction of
// -z^2 left, in two parts, and the constant terms of exp are added in two parts, so that only the last addition
// rounds. Cody, "Rational Chebyshev approximations for the error function" (1969) has the quotient by x; S. Sun's
// s_erf.c (1993) has the factor in the exponent.
#include "opt/maths/gauss_tail.h"

#include "opt/maths/erf_coefficients.h"

namespace exprjit::maths {

Expr enlarged_tail(const GaussTail& tail, Expr x, Expr a, Expr b, Expr numerator, bool fast) {
    const bool narrow = is_f32(x);
    // -z^2 = k log(2) + r. The power of two is 2^(k + 128), or 2^(k + 64), which is normal for all x.
    const Expr magic = x.number(narrow ? 0x1.8p23 + 127 + 64 : 0x1.8p52 + 1023 + 128);
    const Expr square = a * b;
    const auto off_centre = [&](Expr e) { return tail.centre == 0 ? e : e + tail.centre; };
    const Expr counted =
        fma(tail.centre == 0 ? square : square - tail.centre, x.number(narrow ? -kErfLog2E32 : -kErfLog2E64), magic);
    const Expr power = from_bits(shl(raw_bits(counted), narrow ? 23 : 52));
    const Expr k = counted - x.number(narrow ? 0x1.8p23 + 127 + 64 : 0x1.8p52 + 1023 + 128);
    const Expr k_high = k * (narrow ? kErfLn2High32 : kErfLn2High64);  // exact
    const Expr low_of_ln2 = x.number(narrow ? -kErfLn2Low32 : -kErfLn2Low64);
    const Expr u = fma(x, x.number(-tail.middle), x.number(tail.scale - tail.middle * tail.shift)) / (x + tail.shift);
    const Expr rest = estrin(u, tail.rest);
    if (fast) {
        const Expr r = fma(-a, b, -k_high) + off_centre(fma(k, low_of_ln2, rest));
        const Expr y = numerator / (x + tail.flattener);
        return fma(y, fma(r * r, estrin(r, tail.exp), r), y) * power;
    }
    // Multiples of a unit of `square` with few bits: both differences are exact.
    const Expr high = off_centre(-k_high - square);
    const Expr low = fma(k, low_of_ln2, rest - fma(a, b, -square));
    const Pair r = fast_two_sum(high, low);  // where |low| > |high|, both are small
    const Pair e = fast_two_sum(x.number(1), r.high);
    const Expr e_low = fma(r.high * r.high, estrin(r.high, tail.exp), fma(r.low, e.high, e.low));
    // numerator / (x + flattener) in two parts. x is not below half of the flattener, so the sum's rest is exact.
    const Expr sum = x + tail.flattener, of_sum = x.number(tail.flattener) - (sum - x);
    const Expr inverse = 1 / sum, y = numerator * inverse;
    const Expr y_low = fma(-y, of_sum, fma(-y, sum, numerator)) * inverse;
    const Expr product = y * e.high;
    const Expr product_low = fma(y, e.high, -product) + fma(y, e_low, y_low * e.high);
    return (product + product_low) * power;
}

}  // namespace exprjit::maths
