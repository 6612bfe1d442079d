// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#include "ir/types.h"

namespace exprjit::lang {

// The type of an expression: a scalar, or one of the weak types of expressions made of literals only, which take the
// type of what they meet. Error stands for an expression that was already reported.
enum class Ty : uint8_t { Bool, I32, I64, F32, F64, WeakInt, WeakFloat, Error };
inline constexpr int kTyCount = 7;  // without Error
static_assert(static_cast<int>(Ty::F64) == static_cast<int>(Scalar::F64));

constexpr Ty ty_of(Scalar s) { return static_cast<Ty>(s); }
constexpr bool is_weak(Ty t) { return t == Ty::WeakInt || t == Ty::WeakFloat; }
constexpr bool is_integer(Ty t) { return t == Ty::Bool || t == Ty::I32 || t == Ty::I64 || t == Ty::WeakInt; }

// What a value of this type is computed as when nothing else decides.
constexpr Scalar natural(Ty t) {
    switch (t) {
    case Ty::WeakInt: return Scalar::I64;
    case Ty::WeakFloat:
    case Ty::Error: return Scalar::F64;
    default: return static_cast<Scalar>(t);
    }
}

// The type of a float computation on such an operand.
constexpr Ty float_of(Ty t) { return t == Ty::WeakInt ? Ty::WeakFloat : is_integer(t) ? Ty::F64 : t; }

// The common type of two operands in arithmetic: NumPy 2's rules among i32 i64 f32 f64, weak literals, and bool as i32.
// Not associative where a weak and a strong type meet a third; see Promotion.
constexpr Ty promote(Ty a, Ty b) {
    if (a > b) {
        const Ty t = a;
        a = b;
        b = t;
    }
    if (b == Ty::Error) return Ty::Error;
    if (a == Ty::Bool) return b == Ty::Bool || b == Ty::WeakInt ? Ty::I32 : b == Ty::WeakFloat ? Ty::F64 : b;
    if (a == b) return a;
    switch (b) {
    case Ty::WeakInt: return a;
    case Ty::WeakFloat: return a == Ty::F32 || a == Ty::F64 ? a : a == Ty::WeakInt ? Ty::WeakFloat : Ty::F64;
    case Ty::F64: return Ty::F64;
    case Ty::F32: return Ty::F64;  // with i32 or i64
    default: return Ty::I64;       // i32 with i64
    }
}

// The common type of any number of operands: strong ones first, then weak ones, whatever their order.
class Promotion {
  public:
    constexpr void add(Ty t) {
        Ty& side = is_weak(t) ? weak_ : strong_;
        bool& any = is_weak(t) ? any_weak_ : any_strong_;
        side = any ? promote(side, t) : t;
        any = true;
    }
    // At least one operand was added. A lone bool stays bool.
    constexpr Ty result() const { return !any_weak_ ? strong_ : !any_strong_ ? weak_ : promote(strong_, weak_); }

  private:
    Ty strong_ = Ty::Error, weak_ = Ty::Error;
    bool any_strong_ = false, any_weak_ = false;
};

}  // namespace exprjit::lang
