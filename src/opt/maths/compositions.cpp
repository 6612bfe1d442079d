// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions that are a few others put together. Where the textbook formula loses accuracy, the comment says how.
#include "opt/expand.h"

namespace exprjit::expand {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kExpOfMinus40 = 4.248354255291589e-18;

Expr exp(Expr x) { return unary(Op::Exp, x); }
Expr sin(Expr x) { return unary(Op::Sin, x); }

// Functions that vanish at -inf are a product with x there; -1000 is beyond where they underflow and keeps it finite.
Expr from_the_left(Expr x) { return max(x, x.number(-1000)); }

}  // namespace

Expr Cot(const Site& s) { return 1 / unary(Op::Tan, s[0]); }
Expr Sec(const Site& s) { return 1 / unary(Op::Cos, s[0]); }
Expr Csc(const Site& s) { return 1 / sin(s[0]); }

// sin(pi x) by its distance to the nearest integer, which is exact: pi x itself would be off by more than the sine
// there.
Expr Sinc(const Site& s) {
    const Expr x = s[0], nearest = unary(Op::Round, x);
    const Expr half = nearest * 0.5;
    const Expr odd = half != floor(half);
    const Expr size = sin((x - nearest) * kPi);
    return select(x == 0, x.number(1), select(odd, -size, size) / (x * kPi));
}

Expr Deg2rad(const Site& s) { return s[0] * (kPi / 180); }
Expr Rad2deg(const Site& s) { return s[0] * (180 / kPi); }

// exp of a negative number only, so that it never overflows where the result does not vanish.
Expr Sigmoid(const Site& s) {
    const Expr x = s[0], e = exp(-abs(x));
    return select(x < 0, e, x.number(1)) / (e + 1);
}

Expr Relu(const Site& s) { return max(s[0], s[0].number(0)); }

Expr Softplus(const Site& s) {
    const Expr x = s[0];
    return max(x, x.number(0)) + unary(Op::Log1p, exp(-abs(x)));
}

// On the left erfc(z) falls so steeply that rounding z = -x / sqrt(2) alone costs z^2 units. What z lost, d, is known
// exactly, and erfc(z + d) is erfc(z) (1 - d s) with s = -erfc'(z) / erfc(z), which z + sqrt(z^2 + 4/pi) is within
// a few percent of. In f32 the same is had by computing in f64.
Expr Gelu(const Site& s) {
    constexpr double kRootHalf = 0.70710678118654752440, kRest = -4.8336466567264567e-17;  // 1 / sqrt(2), to twice f64
    const bool narrow = s[0].scalar() == Scalar::F32;
    const Expr x = from_the_left(narrow ? to(Op::FloatToFloat, Scalar::F64, s[0]) : s[0]);
    const Expr z = x * -kRootHalf, tail = unary(Op::Erfc, z);
    if (narrow) return to(Op::FloatToFloat, Scalar::F32, x * 0.5 * tail);
    const Expr d = fma(x, x.number(-kRest), fma(x, x.number(-kRootHalf), -z));
    const Expr slope = z + unary(Op::Sqrt, z * z + 4 / kPi);
    return x * 0.5 * select(z > 0.5, fma(tail, -(d * slope), tail), tail);
}

// On the far left exp(x) is subnormal before x exp(x) is: it is taken 40 further right (exact: the sum needs no more
// bits) and the product brought back.
Expr Silu(const Site& s) {
    const Expr x = from_the_left(s[0]);
    const Expr far = x < (x.scalar() == Scalar::F32 ? -80.0 : -700.0);
    const Expr e = exp(select(far, x + 40, -abs(x)));
    const Expr near_value = select(x < 0, x * e, x) / (e + 1);
    return select(far, x * e * kExpOfMinus40, near_value);
}

}  // namespace exprjit::expand
