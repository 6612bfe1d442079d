// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ir/builder.h"

namespace exprjit {

// A value under construction. Operators append nodes, so that an expansion reads like its formula. A double beside an
// Expr is that number in the Expr's type and in all its lanes; it must be exact there (or the nearest, where the
// formula says so).
struct Expr {
    Builder* builder;
    ValueId id;

    Type type() const { return builder->type_of(id); }
    Scalar scalar() const { return type().scalar(); }
    Expr number(double d) const { return {builder, builder->number(type(), d)}; }
    // The constant with these bits in this type, which has as many lanes as the Expr.
    Expr bits(Scalar s, uint64_t b) const { return {builder, builder->splat(type().with(s), builder->constant(s, b))}; }
};

inline Expr unary(Op op, Expr a) { return {a.builder, a.builder->unary(op, a.id)}; }
inline Expr binary(Op op, Expr a, Expr b) { return {a.builder, a.builder->binary(op, a.id, b.id)}; }

inline Expr operator+(Expr a, Expr b) { return binary(Op::Add, a, b); }
inline Expr operator-(Expr a, Expr b) { return binary(Op::Sub, a, b); }
inline Expr operator*(Expr a, Expr b) { return binary(Op::Mul, a, b); }
inline Expr operator/(Expr a, Expr b) { return binary(Op::Div, a, b); }  // floats only
inline Expr operator-(Expr a) { return unary(Op::Neg, a); }
inline Expr operator&(Expr a, Expr b) { return binary(Op::And, a, b); }
inline Expr operator^(Expr a, Expr b) { return binary(Op::Xor, a, b); }
inline Expr operator!(Expr a) { return unary(Op::Not, a); }
inline Expr operator<(Expr a, Expr b) { return binary(Op::Lt, a, b); }
inline Expr operator<=(Expr a, Expr b) { return binary(Op::Le, a, b); }
inline Expr operator>(Expr a, Expr b) { return binary(Op::Gt, a, b); }
inline Expr operator>=(Expr a, Expr b) { return binary(Op::Ge, a, b); }
inline Expr operator==(Expr a, Expr b) { return binary(Op::Eq, a, b); }
inline Expr operator!=(Expr a, Expr b) { return binary(Op::Ne, a, b); }

inline Expr operator+(Expr a, double b) { return a + a.number(b); }
inline Expr operator-(Expr a, double b) { return a - a.number(b); }
inline Expr operator*(Expr a, double b) { return a * a.number(b); }
inline Expr operator/(double a, Expr b) { return b.number(a) / b; }
inline Expr operator<(Expr a, double b) { return a < a.number(b); }
inline Expr operator>(Expr a, double b) { return a > a.number(b); }
inline Expr operator>=(Expr a, double b) { return a >= a.number(b); }
inline Expr operator==(Expr a, double b) { return a == a.number(b); }
inline Expr operator!=(Expr a, double b) { return a != a.number(b); }

inline Expr abs(Expr a) { return unary(Op::Abs, a); }
inline Expr trunc(Expr a) { return unary(Op::Trunc, a); }
inline Expr floor(Expr a) { return unary(Op::Floor, a); }
inline Expr min(Expr a, Expr b) { return binary(Op::Min, a, b); }
inline Expr max(Expr a, Expr b) { return binary(Op::Max, a, b); }
inline Expr fma(Expr a, Expr b, Expr c) { return {a.builder, a.builder->ternary(Op::Fma, a.id, b.id, c.id)}; }
inline Expr select(Expr c, Expr a, Expr b) { return {a.builder, a.builder->select(c.id, a.id, b.id)}; }
inline Expr to(Op op, Scalar u, Expr a) { return {a.builder, a.builder->to(op, u, a.id)}; }

// The bits of a float as the integer of its width. Of a NaN they are unspecified: callers guard them with a select.
inline Expr raw_bits(Expr a) { return to(Op::RawBits, a.scalar() == Scalar::F32 ? Scalar::I32 : Scalar::I64, a); }

}  // namespace exprjit
