// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/span.h"

namespace exprjit {

// What kind of thing went wrong. The numbers are those of ej_status in exprjit.h (capi asserts it).
enum class Status : int32_t {
    Ok = 0,
    InvalidArgument = 1,
    Syntax = 2,
    Name = 3,
    Type = 4,
    Limit = 5,
    DivideByZero = 6,
    Domain = 7,
    Cancelled = 8,
    Stack = 9,
    NeedsContext = 10,
    Unsupported = 11,
    NoMemory = 12,
    Internal = 13,
};

// One thing wrong with a text or a call: a stable code (shown as EJ1203), one line of message, and the way out.
struct Diagnostic {
    Status status = Status::Internal;
    int32_t code = 0;
    Span span;
    std::string message;
    std::string hint;
};

// Why an operation failed: one or more diagnostics in order of position, and for run-time failures the row.
struct Error {
    std::vector<Diagnostic> diagnostics;
    int64_t row = -1;

    Status status() const { return diagnostics.empty() ? Status::Internal : diagnostics.front().status; }
};

// Heap-allocated so that Result<T> stays as small as T plus a word; failure is the cold path.
using Failure = std::unique_ptr<Error>;

inline Failure fail(Diagnostic d) {
    auto e = std::make_unique<Error>();
    e->diagnostics.push_back(std::move(d));
    return e;
}

inline Failure fail(Status status, int32_t code, std::string message, std::string hint = {}, Span span = kNoSpan) {
    return fail(Diagnostic{status, code, span, std::move(message), std::move(hint)});
}

// Either a value or a Failure. Test with ok() (or as a bool) before looking inside.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() {
        assert(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const {
        assert(ok());
        return *std::get_if<0>(&state_);
    }
    T& operator*() { return value(); }
    T* operator->() { return &value(); }

    const Error& error() const { return **std::get_if<1>(&state_); }
    Failure take_failure() { return std::move(*std::get_if<1>(&state_)); }

  private:
    std::variant<T, Failure> state_;
};

// Success, or a Failure.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Failure failure) : failure_(std::move(failure)) {}

    bool ok() const { return !failure_; }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return *failure_; }
    Failure take_failure() { return std::move(failure_); }

  private:
    Failure failure_;
};

}  // namespace exprjit
