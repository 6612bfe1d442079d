// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What unary calls and streams have in common: who may call, until when, and how a call is told to stop.
//
// A call is kept alive by the reference in `self_` until gRPC has done with it (OnDone), and by whoever works on it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>

#include "core.h"
#include "problem.h"
#include "stop_sign.h"

namespace exprjit::server {

// With the detail in the trailers.
grpc::Status grpc_status(const Problem& problem);

class Call : public Task, public Watched, public std::enable_shared_from_this<Call> {
  public:
    using Clock = DeadlineWatch::Clock;

    Call(Core& core, Method method, grpc::CallbackServerContext* context);
    ~Call() override;

  protected:
    // Why the call is refused at the door: no token, or the server is draining.
    Outcome refusal() const;
    // on_deadline is called at the client's deadline, or after `most_ms`.
    void start_watch(int64_t most_ms);
    void end_watch();
    // Counts the end of the call, once, and makes the status for it.
    grpc::Status ended(const Outcome& problem);

    Core& core_;
    const Method method_;
    grpc::CallbackServerContext* const context_;  // valid until OnDone
    StopSign stop_;
    std::shared_ptr<Call> self_;

  private:
    DeadlineWatch::Ticket ticket_;
    bool is_watched_ = false;
    const Clock::time_point begun_ = Clock::now();
};

}  // namespace exprjit::server
