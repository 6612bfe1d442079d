// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: C++ callables as functions of the expression language.
#pragma once

#include <exprjit/hpp/types.hpp>

#include <mutex>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// Whether a host function's result depends on its arguments only, and nothing else happens. Calls of a pure one may be
// merged, left out, made for rows that do not need them, and made by several threads at once. An impure one is called
// once per evaluation, in the order of rows, on one thread.
enum class purity { impure, pure };

namespace detail {

// The signature of a callable: of a function pointer, or of the only operator() of a class.
template <class F>
struct callable_signature : callable_signature<decltype(&F::operator())> {};
template <class R, class... A>
struct callable_signature<R (*)(A...)> {
    using type = R(A...);
};
template <class R, class... A>
struct callable_signature<R (*)(A...) noexcept> : callable_signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable_signature<R (C::*)(A...)> : callable_signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable_signature<R (C::*)(A...) const> : callable_signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable_signature<R (C::*)(A...) noexcept> : callable_signature<R (*)(A...)> {};
template <class C, class R, class... A>
struct callable_signature<R (C::*)(A...) const noexcept> : callable_signature<R (*)(A...)> {};

// How a value travels to a host function and back: a bool is an int32_t there.
template <class T>
using host_type = std::conditional_t<std::is_same_v<T, bool>, std::int32_t, T>;

template <class F, class Signature>
struct host_call;
template <class F, class R, class... A>
struct host_call<F, R(A...)> {
    static_assert((is_value_type<std::remove_cv_t<std::remove_reference_t<A>>> && ...) && is_value_type<R>,
                  "exprjit: a host function takes and returns bool, std::int32_t, std::int64_t, float or double");
    static_assert(sizeof...(A) <= 16, "exprjit: a host function has at most 16 parameters");

    // noexcept: there are frames of machine code around it that cannot be unwound.
    static host_type<R> call(void* function, host_type<std::decay_t<A>>... arguments) noexcept {
        return static_cast<host_type<R>>((*static_cast<F*>(function))(static_cast<std::decay_t<A>>(arguments)...));
    }
    static std::string signature() {
        std::string text = "(";
        const std::string_view names[] = {name(dtype_of<std::decay_t<A>>)..., ""};
        for (std::size_t i = 0; i < sizeof...(A); ++i) {
            if (i != 0) text += ", ";
            text += names[i];
        }
        return text + ") -> " + std::string(name(dtype_of<R>));
    }
};

// The C interface reads names and definitions to their first NUL: what comes after one would be dropped in silence.
inline failure refuse_nul(std::string_view text, const char* what) {
    const std::size_t at = text.find('\0');
    if (at == text.npos) return std::nullopt;
    return error(status::invalid_argument, std::string(what) + " has a NUL character at byte " + std::to_string(at) +
                                               "; it must be text without one");
}

// The callables of an engine, kept by it and by every kernel it made: generated code has their addresses in it, and so have
// definitions that call them, whatever happens to their names afterwards. Therefore only what was refused is given back.
class host_functions {
  public:
    template <class F>
    F* keep(F&& function) {
        using kept = std::decay_t<F>;
        auto held = std::make_shared<kept>(std::forward<F>(function));
        const std::lock_guard<std::mutex> lock(mutex_);
        all_.push_back(held);
        return held.get();
    }
    // One that no code can have seen.
    void drop(const void* function) {
        std::shared_ptr<void> dropped;  // destroyed when the lock is gone: it is the user's code
        const std::lock_guard<std::mutex> lock(mutex_);
        for (std::size_t i = all_.size(); i-- > 0;) {
            if (all_[i].get() != function) continue;
            dropped = std::move(all_[i]);
            all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
    }
    // Of the shared engine, which is never destroyed either.
    static const std::shared_ptr<host_functions>& shared() {
        static const auto* const functions = new std::shared_ptr<host_functions>(std::make_shared<host_functions>());
        return *functions;
    }

  private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<void>> all_;
};

}  // namespace detail
}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
