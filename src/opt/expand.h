// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function per row of ops.def with lowering Expand: what the operation is in terms of others. Works for any
// number of lanes. A new Expand row does not compile until its function is declared here. An expansion that needs
// another one calls its function, so that no Expand operation is left in what it returns.
#pragma once

#include <span>

#include "opt/expr.h"
#include "opt/shared_pieces.h"

namespace exprjit {

// The node being expanded: its operands (already in the new function), its U and its immediate.
struct Site {
    Builder& builder;
    std::span<const ValueId> operands;
    Scalar u;
    uint64_t imm;
    bool fast;             // 4 ULP are enough
    SharedPieces& shared;  // what hash-consing cannot share, because it holds regions

    Expr operator[](size_t i) const { return {&builder, operands[i]}; }
    Type type() const { return builder.type_of(operands[0]); }
    bool is_float() const { return exprjit::is_float(type().scalar()); }
};

using Expansion = Expr (*)(const Site&);

// The function that expands `op`, nullptr if its row is not Expand.
Expansion expansion_of(Op op);

namespace expand {

// expand_arithmetic.cpp
Expr Fmin(const Site& s);
Expr Fmax(const Site& s);
Expr FloorDiv(const Site& s);
Expr Mod(const Site& s);
Expr Clamp(const Site& s);
Expr Inrange(const Site& s);

// expand_rounding.cpp: rounding, signs and classes
Expr RoundAway(const Site& s);
Expr Frac(const Site& s);
Expr Sign(const Site& s);
Expr Copysign(const Site& s);
Expr Signbit(const Site& s);
Expr IsNan(const Site& s);
Expr IsInf(const Site& s);
Expr IsFinite(const Site& s);
Expr Bits(const Site& s);

// expand_convert.cpp
Expr Convert(const Site& s);

// expand_nulls.cpp: what they are where no row is null; propagate_nulls has rewritten the others before
Expr IsNull(const Site& s);
Expr Coalesce(const Site& s);

// expand_power.cpp
Expr Powi(const Site& s);

// maths/exp.cpp
Expr Exp(const Site& s);
Expr Exp2(const Site& s);
Expr Exp10(const Site& s);
Expr Expm1(const Site& s);

// maths/log.cpp
Expr Log(const Site& s);
Expr Log2(const Site& s);
Expr Log10(const Site& s);
Expr Log1p(const Site& s);
Expr Logn(const Site& s);

// maths/pow.cpp, maths/cbrt.cpp, maths/hypot.cpp, maths/root.cpp, maths/rsqrt.cpp
Expr Pow(const Site& s);
Expr Cbrt(const Site& s);
Expr Hypot(const Site& s);
Expr Root(const Site& s);
Expr Rsqrt(const Site& s);

// maths/trig.cpp
Expr Sin(const Site& s);
Expr Cos(const Site& s);
Expr Tan(const Site& s);
Expr Cot(const Site& s);
Expr Sec(const Site& s);
Expr Csc(const Site& s);
Expr Sinc(const Site& s);
Expr Deg2rad(const Site& s);
Expr Rad2deg(const Site& s);

// maths/inverse_trig.cpp
Expr Asin(const Site& s);
Expr Acos(const Site& s);
Expr Atan(const Site& s);
Expr Atan2(const Site& s);

// maths/hyperbolic.cpp, maths/inverse_hyperbolic.cpp
Expr Sinh(const Site& s);
Expr Cosh(const Site& s);
Expr Tanh(const Site& s);
Expr Asinh(const Site& s);
Expr Acosh(const Site& s);
Expr Atanh(const Site& s);

// maths/erf.cpp
Expr Erf(const Site& s);
Expr Erfc(const Site& s);

// maths/neural.cpp: what neural networks put between their layers
Expr Sigmoid(const Site& s);
Expr Relu(const Site& s);
Expr Softplus(const Site& s);
Expr Gelu(const Site& s);
Expr Silu(const Site& s);

// Shared pieces: bool results with as many lanes as x.
Expr is_nan(Expr x);
Expr is_negative(Expr x);  // the sign bit, false for a NaN
// `magnitude` (not negative, not NaN) with the sign of `x`; of a NaN x it is `magnitude`.
Expr with_sign_of(Expr magnitude, Expr x);

}  // namespace expand
}  // namespace exprjit
