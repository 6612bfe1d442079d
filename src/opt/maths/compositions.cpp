// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions that are a few others put together. Where the textbook formula loses accuracy, the comment says how.
#include "opt/expand.h"

namespace exprjit::expand {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kExpOfMinus40 = 4.248354255291589e-18;

Expr exp(Expr x) { return unary(Op::Exp, x); }

// Functions that vanish at -inf are a product with x there; -1000 is beyond where they underflow and keeps it finite.
Expr from_the_left(Expr x) { return max(x, x.number(-1000)); }

}  // namespace

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
