// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: columns. Vectors, arrays and spans are columns as they are; `strided`, `field` and `nullable`
// make columns of what lies further apart or has nulls; numbers stand for all rows. Nothing is copied.
#pragma once

#include <exprjit/hpp/types.hpp>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// `size` elements, `stride` bytes apart, perhaps with a bitmap of the valid ones (exprjit.h: ej_column). An output is a
// strided<double>, an input may be a strided<const double>.
template <class T>
class strided {
  public:
    using element_type = T;
    using bitmap = std::conditional_t<std::is_const_v<T>, const std::uint8_t, std::uint8_t>;

    constexpr strided(T* data, std::size_t size, std::ptrdiff_t stride) noexcept
        : data_(data), size_(size), stride_(stride) {}
    template <class R, class = std::enable_if_t<detail::is_contiguous<R> &&
                                                std::is_convertible_v<detail::element_t<R> (*)[], T (*)[]>>>
    constexpr strided(R&& range) noexcept
        : data_(std::data(range)), size_(std::size(range)), stride_(static_cast<std::ptrdiff_t>(sizeof(T))) {}

    // The same column with nulls: bit `offset` of the bitmap, lowest of a byte first, belongs to element 0.
    constexpr strided with_validity(span<bitmap> bits, std::size_t offset = 0) const noexcept {
        strided copy = *this;
        copy.validity_ = bits, copy.validity_offset_ = offset, copy.has_validity_ = true;
        return copy;
    }

    // Not data(), so that nobody takes it for contiguous.
    constexpr T* origin() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr std::ptrdiff_t stride() const noexcept { return stride_; }
    constexpr bool has_validity() const noexcept { return has_validity_; }
    constexpr span<bitmap> validity() const noexcept { return validity_; }
    constexpr std::size_t validity_offset() const noexcept { return validity_offset_; }

  private:
    T* data_;
    std::size_t size_;
    std::ptrdiff_t stride_;
    span<bitmap> validity_;
    std::size_t validity_offset_ = 0;
    bool has_validity_ = false;
};

// One field of every struct of an array: field(orders, &order::price).
template <class R, class S, class M>
auto field(R&& structs, M S::*member) {
    using element = detail::element_t<R>;
    static_assert(std::is_same_v<std::remove_const_t<element>, S>, "exprjit: the field is of another struct");
    using T = std::conditional_t<std::is_const_v<element>, const M, M>;
    static_assert(dtype_of<T> != dtype::none, "exprjit: a column's elements are bools, integers, floats or doubles");
    element* const first = std::data(structs);
    const std::size_t size = std::size(structs);
    return strided<T>(size != 0 ? &(first->*member) : nullptr, size, static_cast<std::ptrdiff_t>(sizeof(S)));
}

// A column with nulls: nullable(prices, known_bits).
template <class R>
auto nullable(R&& range, span<typename strided<detail::element_t<R>>::bitmap> bits, std::size_t offset = 0) {
    return strided<detail::element_t<R>>(range).with_validity(bits, offset);
}

namespace detail {

template <class T>
struct strided_element {
    static constexpr bool is_strided = false;
};
template <class T>
struct strided_element<strided<T>> {
    static constexpr bool is_strided = true;
    using type = T;
};
template <class T>
inline constexpr bool is_strided = strided_element<std::decay_t<T>>::is_strided;
template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<std::remove_reference_t<T>>;

inline constexpr std::int64_t kOneForAll = -1;

// What inputs and outputs share. The library never writes to an input, hence the const_cast.
template <class T>
ej_column raw_column(const strided<T>& c) noexcept {
    ej_column raw = {};
    raw.data = const_cast<std::remove_const_t<T>*>(c.origin());
    raw.stride = c.stride();
    raw.dtype = static_cast<ej_dtype>(dtype_of<T>);
    if (c.has_validity()) {
        raw.validity = const_cast<std::uint8_t*>(c.validity().data());
        raw.validity_offset = static_cast<std::int64_t>(c.validity_offset());
    }
    return raw;
}

template <class T>
bool covers_rows(const strided<T>& c) noexcept {
    return !c.has_validity() || (c.validity_offset() + c.size() + 7) / 8 <= c.validity().size();
}

}  // namespace detail

// One input of an evaluation, its element type forgotten: a column, or a number for all rows.
class input {
  public:
    template <class T, std::enable_if_t<detail::is_number<T>, int> = 0>
    input(T number) noexcept : rows_(detail::kOneForAll) {
        static_assert(dtype_of<T> != dtype::none, "exprjit: a number is a bool, an integer, a float or a double");
        raw_.dtype = static_cast<ej_dtype>(dtype_of<T>);
        std::memcpy(number_, &number, sizeof number);
    }
    template <class T>
    input(const strided<T>& c) noexcept
        : raw_(detail::raw_column(c)), rows_(static_cast<std::int64_t>(c.size())), covered_(detail::covers_rows(c)) {
        static_assert(dtype_of<T> != dtype::none,
                      "exprjit: a column's elements are bools, integers, floats or doubles");
    }
    template <class R, std::enable_if_t<detail::is_contiguous<const R> && !detail::is_strided<R>, int> = 0>
    input(const R& range) noexcept : input(strided<std::add_const_t<detail::element_t<const R>>>(range)) {}
    // A column described by hand.
    input(const ej_column& raw, std::int64_t rows) noexcept : raw_(raw), rows_(rows) {}

    // Valid as long as this object stays where it is.
    ej_column raw() const noexcept {
        ej_column c = raw_;
        if (rows_ == detail::kOneForAll) c.data = const_cast<unsigned char*>(number_);
        return c;
    }
    std::int64_t rows() const noexcept { return rows_; }  // -1 for a number
    bool bitmap_is_long_enough() const noexcept { return covered_; }

  private:
    ej_column raw_ = {};
    std::int64_t rows_;
    bool covered_ = true;
    alignas(8) unsigned char number_[8] = {};
};

// One output: a column to write, or a variable that receives the one value of a reduced output.
class output {
  public:
    template <class T, std::enable_if_t<detail::is_number<T>, int> = 0>
    output(T& variable) noexcept : rows_(detail::kOneForAll) {
        static_assert(!std::is_const_v<T>, "exprjit: an output cannot be const");
        static_assert(dtype_of<T> != dtype::none, "exprjit: a number is a bool, an integer, a float or a double");
        raw_.data = &variable;
        raw_.dtype = static_cast<ej_dtype>(dtype_of<T>);
    }
    template <class T>
    output(const strided<T>& c) noexcept
        : raw_(detail::raw_column(c)), rows_(static_cast<std::int64_t>(c.size())), covered_(detail::covers_rows(c)) {
        static_assert(!std::is_const_v<T>, "exprjit: an output cannot be const");
        static_assert(dtype_of<T> != dtype::none,
                      "exprjit: a column's elements are bools, integers, floats or doubles");
    }
    template <class R, std::enable_if_t<detail::is_contiguous<R> && !detail::is_strided<R>, int> = 0>
    output(R&& range) noexcept : output(strided<detail::element_t<R>>(range)) {}
    // A column described by hand.
    output(const ej_column& raw, std::int64_t rows) noexcept : raw_(raw), rows_(rows) {}

    const ej_column& raw() const noexcept { return raw_; }
    std::int64_t rows() const noexcept { return rows_; }  // -1 for a variable
    bool bitmap_is_long_enough() const noexcept { return covered_; }

  private:
    ej_column raw_ = {};
    std::int64_t rows_;
    bool covered_ = true;
};

namespace detail {

// An argument of a typed evaluation as the input of a parameter of type P, checked by the compiler.
template <class P, class Arg>
input input_for(const Arg& argument) {
    if constexpr (std::is_same_v<Arg, input>) {
        return argument;
    } else if constexpr (is_number<Arg>) {
        static_assert(!std::is_floating_point_v<Arg> || std::is_floating_point_v<P>,
                      "exprjit: a fractional number is given for an integer parameter; cast it");
        static_assert(!std::is_same_v<P, bool> || std::is_same_v<Arg, bool>,
                      "exprjit: a number is given for a bool parameter; compare it with 0");
        return input(static_cast<P>(argument));
    } else if constexpr (is_strided<Arg>) {
        using element = typename strided_element<Arg>::type;
        static_assert(dtype_of<element> != dtype::none,
                      "exprjit: a column's elements are bools, integers, floats or doubles");
        static_assert(dtype_of<element> == dtype::none || converts(dtype_of<element>, dtype_of<P>),
                      "exprjit: the column's elements do not become the parameter's type without loss; "
                      "declare the parameter as what the column holds");
        return input(argument);
    } else if constexpr (is_contiguous<const Arg>) {
        return input_for<P>(strided<std::add_const_t<element_t<const Arg>>>(argument));
    } else {
        static_assert(always_false<Arg>,
                      "exprjit: an input is a number, or a column: a vector (not of bool), an array, "
                      "a span, exprjit::strided, exprjit::field, exprjit::input");
    }
}

// The same for an output of type T.
template <class T, class Arg>
output output_for(Arg&& argument) {
    using A = std::decay_t<Arg>;
    if constexpr (std::is_same_v<A, output>) {
        return argument;
    } else if constexpr (is_number<Arg>) {
        static_assert(converts(dtype_of<T>, dtype_of<std::remove_reference_t<Arg>>),
                      "exprjit: the output does not become the variable's type without loss");
        return output(argument);
    } else if constexpr (is_strided<A>) {
        using element = typename strided_element<A>::type;
        static_assert(!std::is_const_v<element>, "exprjit: an output cannot be const");
        static_assert(dtype_of<element> != dtype::none,
                      "exprjit: a column's elements are bools, integers, floats or doubles");
        static_assert(dtype_of<element> == dtype::none || converts(dtype_of<T>, dtype_of<element>),
                      "exprjit: the output does not become the column's element type without loss");
        return output(argument);
    } else if constexpr (is_contiguous<Arg>) {
        return output_for<T>(strided<element_t<Arg>>(argument));
    } else {
        static_assert(always_false<Arg>, "exprjit: an output is a column to write: a vector (not of bool), an array, a "
                                         "span, exprjit::strided, exprjit::field, exprjit::output, or a variable");
    }
}

}  // namespace detail

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
