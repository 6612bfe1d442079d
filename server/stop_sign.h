// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a call in progress is told to stop, whatever it is doing: waiting, compiling, running a kernel.
#pragma once

#include <exprjit/exprjit.h>

#include <atomic>

#include "problem.h"

namespace exprjit::server {

class StopSign {
  public:
    enum class Reason : int { kNone, kCancelled, kDeadline, kDrained, kNoStart, kIdle };

    StopSign() { ej_cancel_token_create(&token_); }
    ~StopSign() { ej_cancel_token_release(token_); }
    StopSign(const StopSign&) = delete;
    StopSign& operator=(const StopSign&) = delete;

    // The first reason stands.
    void raise(Reason reason) {
        Reason none = Reason::kNone;
        if (reason_.compare_exchange_strong(none, reason)) {
            ej_cancel_token_cancel(token_);
        }
    }
    Reason reason() const { return reason_.load(); }
    bool is_raised() const { return reason() != Reason::kNone; }

    // For a compilation or a run that must end when the sign is raised.
    const ej_cancel_token* token() const { return token_; }
    ej_run_options run_options() const {
        ej_run_options run{};
        run.struct_size = sizeof run;
        run.cancel = token_;
        return run;
    }

  private:
    std::atomic<Reason> reason_{Reason::kNone};
    ej_cancel_token* token_ = nullptr;
};

// What the client of a stopped call is told.
Problem stopped_problem(StopSign::Reason reason);

}  // namespace exprjit::server
