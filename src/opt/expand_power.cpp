// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cmath>

#include "opt/expand.h"

namespace exprjit::expand {

namespace {

// x^n, n >= 1, by squaring, as `multiply` and `square` of any kind of number. At most 6 steps for n <= 16.
template <class Number, class Square, class Multiply>
Number chain(Number x, int n, Square square, Multiply multiply) {
    int bit = 1;
    while (bit * 2 <= n) bit *= 2;
    Number power = x;
    for (bit /= 2; bit != 0; bit /= 2) {
        power = square(power);
        if ((n & bit) != 0) power = multiply(power, x);
    }
    return power;
}

Expr plain_power(Expr x, int n) {
    return chain(
        x, n, [](Expr p) { return p * p; }, [](Expr p, Expr y) { return p * y; });
}

// An unevaluated sum: `high` is what plain multiplication gives, `low` all it lost, to first order.
struct Sum {
    Expr high, low;
};

// Negative and positive powers of two up to 2^±1022, exactly.
double power_of_two(int exponent) { return std::ldexp(1.0, exponent); }

// x^n in f64 within 1 ULP for 3 <= |n| <= 16. The products' rounding errors are exact (fma) as long as they do not
// underflow, so an x whose power comes near the bottom (and, for a reciprocal, the top) of the range is scaled by 2^k
// first and the power scaled back last, where it is rounded once. Zeros, infinities and NaN come out of the plain
// product.
Expr compensated_power(Expr x, int n) {
    const bool invert = n < 0;
    const int m = invert ? -n : n;
    const int k = 900 / m;  // then 2^(k m) is in range, and the scaled power of any x that matters is above 2^-200
    const Expr one = x.number(1), size = abs(x);
    const Expr tiny = size < power_of_two(-k);
    Expr scale = select(tiny, x.number(power_of_two(k)), one);
    Expr unscale = select(tiny, x.number(power_of_two(invert ? k * m : -k * m)), one);
    if (invert) {
        const Expr huge = size > power_of_two(k);
        scale = select(huge, x.number(power_of_two(-k)), scale);
        unscale = select(huge, x.number(power_of_two(-k * m)), unscale);
    }
    const Expr y = x * scale;
    // The first step is written out because y itself has lost nothing.
    bool is_exact = true;
    const Sum power = chain(
        Sum{y, y}, m,
        [&](Sum p) {
            const Expr high = p.high * p.high, error = fma(p.high, p.high, -high);
            const Expr low = is_exact ? error : fma(p.high + p.high, p.low, error);
            is_exact = false;
            return Sum{high, low};
        },
        [&](Sum p, Sum) {
            const Expr high = p.high * y;
            return Sum{high, fma(p.low, y, fma(p.high, y, -high))};
        });
    Expr plain = power.high;
    Expr exact = power.high + power.low;
    if (invert) {
        // One Newton step from the rounded reciprocal, with the residual of both parts.
        plain = one / power.high;
        const Expr residual = fma(-power.low, plain, fma(-power.high, plain, one));
        exact = fma(plain, residual, plain);
    }
    // Not above zero in size: a zero whose sign the sum lost, or NaN from inf - inf.
    return select(abs(exact) > 0, exact, plain) * unscale;
}

// x^n in f32: in f64 six roundings stay far below half a unit of f32, and neither over- nor underflow of f64 comes
// before that of f32.
Expr single_power(Expr x, int n) {
    const Expr wide = to(Op::FloatToFloat, Scalar::F64, x);
    const Expr power = plain_power(wide, n < 0 ? -n : n);
    return to(Op::FloatToFloat, Scalar::F32, n < 0 ? 1 / power : power);
}

}  // namespace

Expr Powi(const Site& s) {
    const int n = static_cast<int>(static_cast<int64_t>(s.imm));
    const Expr x = s[0];
    if (n == 0) return x.number(1);  // of NaN too, as in C
    if (n == -1) return 1 / x;
    if (!s.is_float() || n == 1 || n == 2) return plain_power(x, n);
    return x.scalar() == Scalar::F32 ? single_power(x, n) : compensated_power(x, n);
}

}  // namespace exprjit::expand
