// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Part of exprjit.hpp: ending what runs or is being compiled, from another thread.
#pragma once

#include <exprjit/hpp/error.hpp>

#include <new>

namespace exprjit {
inline namespace EXPRJIT_HPP_VARIANT {

// Given to compilations (compile_options::cancel) and runs (run_options::cancel), any number of them at once: cancel() ends
// them with status::cancelled soon after, and every later one before it begins, until reset(); only texts that the cache
// has are compiled all the same. share() gives a second handle to the same token, for the thread that cancels. Using a
// token that was moved from does nothing.
class cancel_token {
  public:
    // A token that is not cancelled.
    cancel_token() {
        if (ej_cancel_token_create(&handle_) == EJ_OK) return;
#ifdef EXPRJIT_NO_EXCEPTIONS
        std::abort();
#else
        throw std::bad_alloc();
#endif
    }
    cancel_token(cancel_token&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    cancel_token& operator=(cancel_token&& other) noexcept {
        cancel_token taken(std::move(other));
        std::swap(handle_, taken.handle_);
        return *this;
    }
    ~cancel_token() { ej_cancel_token_release(handle_); }
    ej_cancel_token* get() const noexcept { return handle_; }
    cancel_token share() const noexcept { return cancel_token(ej_cancel_token_retain(handle_)); }

    // From any thread, and from a signal handler.
    void cancel() const noexcept { ej_cancel_token_cancel(handle_); }
    void reset() const noexcept { ej_cancel_token_reset(handle_); }
    bool is_cancelled() const noexcept { return ej_cancel_token_is_cancelled(handle_) != 0; }

  private:
    explicit cancel_token(ej_cancel_token* owned) noexcept : handle_(owned) {}
    ej_cancel_token* handle_ = nullptr;
};

}  // namespace EXPRJIT_HPP_VARIANT
}  // namespace exprjit
