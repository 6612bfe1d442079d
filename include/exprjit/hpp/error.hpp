// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: failures. `error` is thrown, or, with EXPRJIT_NO_EXCEPTIONS, held by the `result` that a
// function returns instead of its value.
#pragma once

#include <exprjit/hpp/config.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// exprjit.h says what each of them means.
enum class status : ej_status {
    ok = EJ_OK,
    invalid_argument = EJ_ERR_INVALID_ARGUMENT,
    syntax = EJ_ERR_SYNTAX,
    name = EJ_ERR_NAME,
    type = EJ_ERR_TYPE,
    limit = EJ_ERR_LIMIT,
    divide_by_zero = EJ_ERR_DIVIDE_BY_ZERO,
    domain = EJ_ERR_DOMAIN,
    cancelled = EJ_ERR_CANCELLED,
    stack = EJ_ERR_STACK,
    needs_context = EJ_ERR_NEEDS_CONTEXT,
    unsupported = EJ_ERR_UNSUPPORTED,
    no_memory = EJ_ERR_NO_MEMORY,
    internal = EJ_ERR_INTERNAL,
};

// One mistake of a text. The views live as long as the error they come from (or a copy of it).
struct diagnostic {
    std::int32_t code = 0;  // stable, shown as EJ1203; 0 for what this header finds
    exprjit::status status = exprjit::status::ok;
    std::string_view message, hint;  // the hint may be empty
    std::size_t begin = 0, end = 0;  // bytes of the text, end exclusive
    std::int32_t line = 0;           // from 1; 0: no position
    std::int32_t column = 0;         // from 1, in characters
};

class error : public std::exception {
  public:
    // Takes over `owned`, which may be NULL where there was no memory to describe the failure.
    error(exprjit::status status, ej_error* owned) : status_(status), handle_(owned, &ej_error_destroy) {}
    // A failure found by this header.
    error(exprjit::status status, const std::string& message)
        : status_(status), text_(std::make_shared<const std::string>("error: " + message + "\n")) {}

    exprjit::status status() const noexcept { return status_; }
    // The first diagnostic as one line, without its place.
    std::string_view message() const noexcept {
        if (text_) return std::string_view(*text_).substr(7, text_->size() - 8);
        return handle_ ? ej_error_message(handle_.get()) : ej_status_name(static_cast<ej_status>(status_));
    }
    // Every diagnostic with its source line, carets and hint, as a person reads it; each line ended.
    std::string_view render() const noexcept { return what(); }
    // The same, so that an exception nobody caught shows the place, too.
    const char* what() const noexcept override {
        if (text_) return text_->c_str();
        return handle_ ? ej_error_render(handle_.get()) : ej_status_name(static_cast<ej_status>(status_));
    }
    // The lowest failing row of a run-time failure over columns; -1 otherwise.
    std::int64_t row() const noexcept { return handle_ ? ej_error_row(handle_.get()) : -1; }

    std::vector<diagnostic> diagnostics() const {
        std::vector<diagnostic> all;
        for (std::size_t i = 0; handle_ && i < ej_error_count(handle_.get()); ++i) {
            ej_diagnostic d = {};
            d.struct_size = sizeof d;
            if (ej_error_get(handle_.get(), i, &d) != EJ_OK) break;
            all.push_back(
                {d.code, static_cast<exprjit::status>(d.status), d.message, d.hint, d.begin, d.end, d.line, d.column});
        }
        if (all.empty()) all.push_back({0, status_, message(), {}, 0, 0, 0, 0});
        return all;
    }

  private:
    exprjit::status status_;
    std::shared_ptr<ej_error> handle_;         // shared, because exceptions are copied
    std::shared_ptr<const std::string> text_;  // instead of a handle
};

// A value or the error that stands in its place. Taking the value of a failure ends the program with the rendered
// error.
template <class T>
class [[nodiscard]] result {
  public:
    using value_type = T;
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(exprjit::error failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    T& value() & { return *checked(); }
    const T& value() const& { return *const_cast<result*>(this)->checked(); }
    T&& value() && { return std::move(*checked()); }
    T& operator*() & { return *checked(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*checked()); }
    T* operator->() { return checked(); }
    const T* operator->() const { return &value(); }
    T value_or(T other) && { return has_value() ? std::move(*checked()) : std::move(other); }
    // Only for a failure.
    const exprjit::error& error() const { return *std::get_if<1>(&state_); }

  private:
    T* checked() {
        if (!has_value()) std::fputs(error().what(), stderr), std::abort();
        return std::get_if<0>(&state_);
    }
    std::variant<T, exprjit::error> state_;
};

template <>
class [[nodiscard]] result<void> {
  public:
    using value_type = void;
    result() = default;
    result(exprjit::error failure) : failure_(std::move(failure)) {}
    bool has_value() const noexcept { return !failure_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (failure_) std::fputs(failure_->what(), stderr), std::abort();
    }
    const exprjit::error& error() const { return *failure_; }

  private:
    std::optional<exprjit::error> failure_;
};

// What a function of this header that can fail returns: T, having thrown `error` on failure, or result<T>.
#ifdef EXPRJIT_NO_EXCEPTIONS
template <class T>
using outcome = result<T>;
#else
template <class T>
using outcome = T;
#endif

namespace detail {

using failure = std::optional<error>;

// Runs a function of the C interface that describes its failure in an ej_error.
template <class Call>
failure attempt(const Call& call) {
    ej_error* owned = nullptr;
    const ej_status status = call(&owned);
    if (status == EJ_OK) return std::nullopt;
    return error(static_cast<exprjit::status>(status), owned);
}
// One that has no more to say than its status.
inline failure failed(ej_status status) {
    if (status == EJ_OK) return std::nullopt;
    return error(static_cast<exprjit::status>(status), nullptr);
}

#ifdef EXPRJIT_NO_EXCEPTIONS
template <class T>
result<T> fail(error e) {
    return e;
}
inline result<void> done(failure f) { return f ? result<void>(std::move(*f)) : result<void>(); }
#else
template <class T>
[[noreturn]] T fail(error e) {
    throw e;
}
inline void done(failure f) {
    if (f) throw std::move(*f);
}
#endif

// The end of a function: the failure if there was one, else the value.
template <class T>
outcome<T> finish(failure f, T value) {
    if (f) return fail<T>(std::move(*f));
    return value;
}

}  // namespace detail

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
