// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"

namespace exprjit::expand {

namespace {

// trunc_to_int gives MIN for everything out of range, right below and wrong above and for NaN.
Expr float_to_int(Expr x, Scalar u) {
    const bool narrow = u == Scalar::I32;
    const Expr raw = to(Op::TruncToInt, u, x);
    const Expr largest = raw.bits(u, narrow ? 0x7fffffffu : 0x7fffffffffffffffu);
    const Expr saturated = select(x >= (narrow ? 0x1p31 : 0x1p63), largest, raw);
    return select(x == x, saturated, raw.number(0));
}

Expr int_to_int(Expr x, Scalar u) {
    if (u == Scalar::I64) return to(Op::Widen, u, x);
    return to(Op::Wrap, u, min(max(x, x.number(-0x1p31)), x.number(0x1p31 - 1)));
}

}  // namespace

// All 25 pairs: truncates, saturates, NaN to integer 0, to bool means != 0.
Expr Convert(const Site& s) {
    const Expr x = s[0];
    const Scalar from = x.scalar();
    if (from == s.u) return x;
    if (s.u == Scalar::Bool) return x != 0;
    if (from == Scalar::Bool) return to(Op::FromBool, s.u, x);
    if (s.is_float()) return exprjit::is_float(s.u) ? to(Op::FloatToFloat, s.u, x) : float_to_int(x, s.u);
    return exprjit::is_float(s.u) ? to(Op::IntToFloat, s.u, x) : int_to_int(x, s.u);
}

}  // namespace exprjit::expand
