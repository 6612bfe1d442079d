// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: the two choices a program makes (exceptions or values, C++17 or later), and span.
//
// Everything lives in an inline namespace that is named after these choices, so that files compiled with different ones
// can be linked into one program.
#pragma once

#include <exprjit/exprjit.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

#if __cplusplus < 201703L
#error "exprjit.hpp needs C++17 or newer: -std=c++17 (exprjit.h is enough for C++11)"
#endif

#if !defined(EXPRJIT_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define EXPRJIT_NO_EXCEPTIONS
#endif

#if __cplusplus >= 202002L
#include <span>
#ifdef EXPRJIT_NO_EXCEPTIONS
#define EXPRJIT_HPP_VARIANT cpp20_values
#else
#define EXPRJIT_HPP_VARIANT cpp20_throws
#endif
#else
#ifdef EXPRJIT_NO_EXCEPTIONS
#define EXPRJIT_HPP_VARIANT cpp17_values
#else
#define EXPRJIT_HPP_VARIANT cpp17_throws
#endif
#endif

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

namespace detail {

template <class>
inline constexpr bool always_false = false;

// Things with data() and size(): vectors, arrays, spans, C arrays.
template <class R, class = void>
struct contiguous : std::false_type {};
template <class R>
struct contiguous<R, std::void_t<decltype(std::data(std::declval<R&>())), decltype(std::size(std::declval<R&>()))>>
    : std::is_pointer<decltype(std::data(std::declval<R&>()))> {};
template <class R>
inline constexpr bool is_contiguous = contiguous<std::remove_reference_t<R>>::value;
// The element as it is seen through this range: const double for a const vector of double.
template <class R>
using element_t = std::remove_pointer_t<decltype(std::data(std::declval<std::remove_reference_t<R>&>()))>;

}  // namespace detail

#if __cplusplus >= 202002L
template <class T>
using span = std::span<T>;
#else
// What is needed of C++20's std::span.
template <class T>
class span {
  public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using iterator = T*;

    constexpr span() noexcept = default;
    constexpr span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <class R, class = std::enable_if_t<detail::is_contiguous<R> &&
                                                std::is_convertible_v<detail::element_t<R> (*)[], T (*)[]>>>
    constexpr span(R&& range) noexcept : data_(std::data(range)), size_(std::size(range)) {}

    constexpr T* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T& operator[](std::size_t i) const { return data_[i]; }
    constexpr T& front() const { return data_[0]; }
    constexpr T& back() const { return data_[size_ - 1]; }
    constexpr T* begin() const noexcept { return data_; }
    constexpr T* end() const noexcept { return data_ + size_; }
    constexpr span first(std::size_t count) const { return {data_, count}; }
    constexpr span last(std::size_t count) const { return {data_ + (size_ - count), count}; }
    constexpr span subspan(std::size_t offset) const { return {data_ + offset, size_ - offset}; }
    constexpr span subspan(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }

  private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};
template <class R>
span(R&&) -> span<detail::element_t<R>>;
#endif

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
