// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function per row of ops.def with lowering Expand: what the operation is in terms of others. Works for any
// number of lanes. A new Expand row does not compile until its function is declared here. An expansion that needs
// another one calls its function, so that no Expand operation is left in what it returns.
#pragma once

#include <span>

#include "opt/expr.h"

namespace exprjit {

// The node being expanded: its operands (already in the new function), its U and its immediate.
struct Site {
    Builder& builder;
    std::span<const ValueId> operands;
    Scalar u;
    uint64_t imm;

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
Expr Rsqrt(const Site& s);
Expr Root(const Site& s);

// maths/compositions.cpp: functions made of other functions
Expr Logn(const Site& s);
Expr Cot(const Site& s);
Expr Sec(const Site& s);
Expr Csc(const Site& s);
Expr Sinc(const Site& s);
Expr Deg2rad(const Site& s);
Expr Rad2deg(const Site& s);
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
