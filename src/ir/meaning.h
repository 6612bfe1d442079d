// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The reference meanings that rows of ops.def name when one C++ operator does not say it. Every engine computes exactly
// these values (NaNs compare equal). The interpreter runs them; Call rows call them; code generation is tested against them.
#pragma once

#include <math.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "ir/op.h"
#include "ir/payne_hanek.h"

namespace exprjit::meaning {

template <class T>
using unsigned_of = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
inline constexpr int width = static_cast<int>(sizeof(T)) * 8;

// ---- Arithmetic: integers wrap, computed unsigned because signed overflow is undefined in C++.

template <class T>
T add(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return a + b;
    else
        return static_cast<T>(static_cast<unsigned_of<T>>(a) + static_cast<unsigned_of<T>>(b));
}

template <class T>
T sub(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return a - b;
    else
        return static_cast<T>(static_cast<unsigned_of<T>>(a) - static_cast<unsigned_of<T>>(b));
}

template <class T>
T mul(T a, T b) {
    if constexpr (std::is_floating_point_v<T>)
        return a * b;
    else
        return static_cast<T>(static_cast<unsigned_of<T>>(a) * static_cast<unsigned_of<T>>(b));
}

// Whether the exact result does not fit: the second result of the *_overflow operations.
template <Op op, class T>
bool overflows(T a, T b) {
    T ignored;
    if constexpr (op == Op::AddOverflow)
        return __builtin_add_overflow(a, b, &ignored);
    else if constexpr (op == Op::SubOverflow)
        return __builtin_sub_overflow(a, b, &ignored);
    else
        return __builtin_mul_overflow(a, b, &ignored);
}

template <class T>
T quot(T a, T b) {
    if (b == 0) return 0;
    if (b == -1) return sub(T(0), a);  // MIN / -1 traps in hardware
    return a / b;
}

template <class T>
T rem(T a, T b) {
    if (b == 0 || b == -1) return 0;
    return a % b;
}

template <class T>
T neg(T a) {
    if constexpr (std::is_floating_point_v<T>)
        return -a;
    else
        return sub(T(0), a);
}

template <class T>
T abs(T a) {
    if constexpr (std::is_floating_point_v<T>)
        return std::fabs(a);
    else
        return a < 0 ? neg(a) : a;
}

template <class T>
T min(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        if (a != a) return a;
        if (b != b) return b;
        if (a == b) return std::signbit(a) ? a : b;
    }
    return a < b ? a : b;
}

template <class T>
T max(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
        if (a != a) return a;
        if (b != b) return b;
        if (a == b) return std::signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

// ---- Bits

template <class T>
T bit_not(T a) {
    if constexpr (std::is_same_v<T, bool>)
        return !a;
    else
        return ~a;
}

template <class T>
bool in_width(T count) {
    return static_cast<unsigned_of<T>>(count) < static_cast<unsigned_of<T>>(width<T>);
}

template <class T>
T shl(T a, T count) {
    return in_width(count) ? static_cast<T>(static_cast<unsigned_of<T>>(a) << count) : T(0);
}

template <class T>
T shr(T a, T count) {
    return a >> (in_width(count) ? count : T(width<T> - 1));
}

template <class T>
T shru(T a, T count) {
    return in_width(count) ? static_cast<T>(static_cast<unsigned_of<T>>(a) >> count) : T(0);
}

template <class T>
T rotl(T a, T count) {
    return static_cast<T>(std::rotl(static_cast<unsigned_of<T>>(a), static_cast<int>(count & (width<T> - 1))));
}

template <class T>
T rotr(T a, T count) {
    return static_cast<T>(std::rotr(static_cast<unsigned_of<T>>(a), static_cast<int>(count & (width<T> - 1))));
}

template <class T>
T popcount(T a) {
    return static_cast<T>(std::popcount(static_cast<unsigned_of<T>>(a)));
}

template <class T>
T clz(T a) {
    return static_cast<T>(std::countl_zero(static_cast<unsigned_of<T>>(a)));
}

template <class T>
T ctz(T a) {
    return static_cast<T>(std::countr_zero(static_cast<unsigned_of<T>>(a)));
}

template <class T>
T bswap(T a) {
    if constexpr (sizeof(T) == 8)
        return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(a)));
    else
        return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(a)));
}

// The table's two sets pair every float with every integer; the verifier admits equal widths only, and the others are
// never called.
template <class U, class T>
U bit_cast_or_zero(T a) {
    if constexpr (sizeof(U) == sizeof(T))
        return std::bit_cast<U>(a);
    else
        return U(0);
}

// ---- Conversion

// What cvttsd2si and its kin do: out of range and NaN give the smallest integer.
template <class U, class T>
U trunc_to_int(T a) {
    constexpr T limit = static_cast<T>(std::numeric_limits<U>::min());  // -2^(n-1), exact in every float type
    const T whole = std::trunc(a);
    return whole >= limit && whole < -limit ? static_cast<U>(whole) : std::numeric_limits<U>::min();
}

template <class U, class T>
U wrap(T a) {
    return static_cast<U>(static_cast<unsigned_of<U>>(static_cast<uint64_t>(static_cast<int64_t>(a))));
}

// ---- Functions

template <class T>
T round_even(T a) {
    return std::nearbyint(a);  // every engine runs in round-to-nearest-even
}

// lgamma writes the global signgam; the reentrant forms do not.
inline double lgamma(double a) {
    int sign;
    return ::lgamma_r(a, &sign);
}
inline float lgamma(float a) {
    int sign;
    return ::lgammaf_r(a, &sign);
}

inline double pow(double a, double b) { return std::pow(a, b); }
inline float pow(float a, float b) { return std::pow(a, b); }

template <class T>
T int_pow(T base, T exponent) {
    if (exponent < 0) {
        if (base == 1) return 1;
        if (base == -1) return (exponent & 1) != 0 ? T(-1) : T(1);
        return 0;
    }
    T result = 1;
    for (; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0) result = mul(result, base);
        base = mul(base, base);
    }
    return result;
}

}  // namespace exprjit::meaning

namespace exprjit {

// The C++ type of a scalar.
template <Scalar s>
struct CppTypeOf;
template <>
struct CppTypeOf<Scalar::Bool> {
    using type = bool;
};
template <>
struct CppTypeOf<Scalar::I32> {
    using type = int32_t;
};
template <>
struct CppTypeOf<Scalar::I64> {
    using type = int64_t;
};
template <>
struct CppTypeOf<Scalar::F32> {
    using type = float;
};
template <>
struct CppTypeOf<Scalar::F64> {
    using type = double;
};
template <Scalar s>
using cpp_type = typename CppTypeOf<s>::type;

// MeaningOf<op>::eval<T, U>(a, b, c): result 0 of a value operation with Inst or Call lowering. Operands past the arity are
// ignored. Rows without a meaning (structure, Expand) have exists == false.
template <Op op>
struct MeaningOf;

#define NO_MEANING U()
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning_)                                        \
    template <>                                                                                                        \
    struct MeaningOf<Op::Name> {                                                                                       \
        static constexpr bool exists = Lowering::lowering == Lowering::Inst || Lowering::lowering == Lowering::Call;   \
        template <class T, class U, class A, class V, class C>                                                         \
        static U eval([[maybe_unused]] A a, [[maybe_unused]] V b, [[maybe_unused]] C c) {                              \
            return meaning_;                                                                                           \
        }                                                                                                              \
    };
#include "ir/ops.def"
#undef NO_MEANING

}  // namespace exprjit
