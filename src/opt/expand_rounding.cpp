// SPDX-License-Identifier: MIT OR Apache-2.0
#include <limits>

#include "opt/constants.h"
#include "opt/expand.h"

namespace exprjit::expand {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Expr is_nan(Expr x) { return x != x; }

// The bits of a NaN are unspecified, so its sign must not show.
Expr is_negative(Expr x) {
    const Expr bits = raw_bits(x);
    return (bits < 0.0) & (x == x);
}

Expr with_sign_of(Expr magnitude, Expr x) { return select(is_negative(x), -magnitude, magnitude); }

// Half away from zero. x - trunc(x) is exact; of an infinity it is NaN, which is not >= 0.5.
Expr RoundAway(const Site& s) {
    const Expr x = s[0], whole = trunc(x);
    const Expr one_away = whole + select(x < 0, x.number(-1), x.number(1));
    return select(abs(x - whole) >= 0.5, one_away, whole);
}

Expr Frac(const Site& s) { return s[0] - trunc(s[0]); }

Expr Sign(const Site& s) {
    const Expr x = s[0];
    if (!s.is_float()) return to(Op::FromBool, x.scalar(), x > 0) - to(Op::FromBool, x.scalar(), x < 0);
    // What is neither above nor below zero is a zero, which abs makes +0, or NaN, which stays.
    return select(x > 0, x.number(1), select(x < 0, x.number(-1), abs(x)));
}

Expr Copysign(const Site& s) { return with_sign_of(abs(s[0]), s[1]); }
Expr Signbit(const Site& s) { return is_negative(s[0]); }
Expr IsNan(const Site& s) { return is_nan(s[0]); }
Expr IsInf(const Site& s) { return abs(s[0]) == kInfinity; }
Expr IsFinite(const Site& s) { return abs(s[0]) < kInfinity; }  // false for NaN

Expr Bits(const Site& s) {
    const Expr x = s[0], bits = raw_bits(x);
    return select(x == x, bits, bits.bits(bits.scalar(), nan_bits(x.scalar())));
}

}  // namespace exprjit::expand
