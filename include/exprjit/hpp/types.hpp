// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: element types and single values.
#pragma once

#include <exprjit/hpp/error.hpp>

#include <cstring>
#include <limits>
#include <tuple>
#if __cplusplus >= 202302L && defined(__has_include)
#if __has_include(<stdfloat>)
#include <stdfloat>
#endif
#endif

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

enum class dtype : ej_dtype {
    none = EJ_DTYPE_NONE,
    boolean = EJ_BOOL,
    i32 = EJ_I32,
    i64 = EJ_I64,
    f32 = EJ_F32,
    f64 = EJ_F64,
    i8 = EJ_I8,
    i16 = EJ_I16,
    u8 = EJ_U8,
    u16 = EJ_U16,
    u32 = EJ_U32,
    f16 = EJ_F16,
    u64 = EJ_U64,
};
inline std::string_view name(dtype type) noexcept { return ej_dtype_name(static_cast<ej_dtype>(type)); }

// The bits of an f16, for columns of them where the compiler has no std::float16_t.
struct half {
    std::uint16_t bits;
};

namespace detail {

template <class T>
constexpr dtype find_dtype() {
    using U = std::remove_cv_t<T>;
    constexpr bool is_character = std::is_same_v<U, char> || std::is_same_v<U, wchar_t> ||
                                  std::is_same_v<U, char16_t> || std::is_same_v<U, char32_t>
#ifdef __cpp_char8_t
                                  || std::is_same_v<U, char8_t>
#endif
        ;
    if constexpr (is_character) {
        return dtype::none;
    } else if constexpr (std::is_same_v<U, bool>) {
        return dtype::boolean;
    } else if constexpr (std::is_integral_v<U> && std::is_signed_v<U>) {
        return sizeof(U) == 1   ? dtype::i8
               : sizeof(U) == 2 ? dtype::i16
               : sizeof(U) == 4 ? dtype::i32
               : sizeof(U) == 8 ? dtype::i64
                                : dtype::none;
    } else if constexpr (std::is_integral_v<U>) {
        return sizeof(U) == 1   ? dtype::u8
               : sizeof(U) == 2 ? dtype::u16
               : sizeof(U) == 4 ? dtype::u32
               : sizeof(U) == 8 ? dtype::u64
                                : dtype::none;
    } else if constexpr (std::is_same_v<U, float>) {
        return dtype::f32;
    } else if constexpr (std::is_same_v<U, double>) {
        return dtype::f64;
    } else if constexpr (std::is_same_v<U, half>) {
        return dtype::f16;
    }
#ifdef __STDCPP_FLOAT16_T__
    else if constexpr (std::is_same_v<U, std::float16_t>) {
        return dtype::f16;
    }
#endif
    else {
        return dtype::none;
    }
}

constexpr dtype widened(dtype type) {
    switch (type) {
    case dtype::i8:
    case dtype::i16:
    case dtype::u8:
    case dtype::u16: return dtype::i32;
    case dtype::u32:
    case dtype::u64: return dtype::i64;
    case dtype::f16: return dtype::f32;
    default: return type;
    }
}

// Whether a value of one type becomes the other without loss, by NumPy's promotion, as ej_kernel_call has it.
constexpr bool converts(dtype from, dtype to) {
    from = widened(from);
    if (from == to || from == dtype::boolean) return true;
    return (from == dtype::i32 && (to == dtype::i64 || to == dtype::f64)) ||
           ((from == dtype::i64 || from == dtype::f32) && to == dtype::f64);
}

}  // namespace detail

// The dtype of a C++ type; dtype::none for what has none (characters, long double, classes).
template <class T>
inline constexpr dtype dtype_of = detail::find_dtype<T>();

// The types that parameters and results can have: bool, 32- and 64-bit signed integers, float, double.
template <class T>
inline constexpr bool is_value_type = dtype_of<T> != dtype::none&& dtype_of<T> == detail::widened(dtype_of<T>) &&
                                      !std::is_const_v<T> && !std::is_volatile_v<T>;

// A number of one of these types.
class value {
  public:
    value() noexcept : raw_(ej_f64(0)) {}
    explicit value(const ej_value& raw) noexcept : raw_(raw) {}
    template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
    value(T v) noexcept {
        constexpr dtype own = dtype_of<T>;
        static_assert(own != dtype::none, "exprjit: a value is a bool, an integer, a float or a double");
        static_assert(own != dtype::u64,
                      "exprjit: a 64-bit unsigned value may not fit; cast it to std::int64_t or double");
        if constexpr (own == dtype::boolean) {
            raw_ = ej_bool(v);
        } else if constexpr (detail::widened(own) == dtype::i32) {
            raw_ = ej_i32(v);
        } else if constexpr (detail::widened(own) == dtype::i64) {
            raw_ = ej_i64(v);
        } else if constexpr (detail::widened(own) == dtype::f32) {
            raw_ = ej_f32(static_cast<float>(v));
        } else {
            raw_ = ej_f64(v);
        }
    }

    dtype type() const noexcept { return static_cast<dtype>(raw_.type); }
    const ej_value& raw() const noexcept { return raw_; }
    // The number as a T, if every number of its type is one: status::type otherwise.
    template <class T>
    outcome<T> as() const {
        static_assert(is_value_type<T>,
                      "exprjit: a value is read as bool, std::int32_t, std::int64_t, float or double");
        if (!detail::converts(type(), dtype_of<T>)) {
            return detail::fail<T>(error(exprjit::status::type, "this value is " + std::string(name(type())) +
                                                                    ", which does not become " +
                                                                    std::string(name(dtype_of<T>)) + " without loss"));
        }
        return to<T>();
    }
    // The same without a check: a C++ conversion.
    template <class T>
    T to() const noexcept {
        switch (type()) {
        case dtype::boolean: return static_cast<T>(raw_.as.b != 0);
        case dtype::i32: return static_cast<T>(raw_.as.i32);
        case dtype::i64: return static_cast<T>(raw_.as.i64);
        case dtype::f32: return static_cast<T>(raw_.as.f32);
        default: return static_cast<T>(raw_.as.f64);
        }
    }

  private:
    ej_value raw_;
};
static_assert(sizeof(value) == sizeof(ej_value), "an array of values is an array of ej_value");

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
