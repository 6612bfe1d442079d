// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A call with one answer. It has one owner at a time: the reaction that starts it, the queue, a worker, or the cancellation that took
// it out of the queue. Only the owner answers, so there is one Finish, whatever happens at the same moment.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>

#include "call.h"

namespace exprjit::server {

class UnaryCall final : public grpc::ServerUnaryReactor, public Call {
  public:
    struct Turn {  // what the work gets to know
        StopSign& stop;
        int64_t queue_ns;
    };
    using Work = std::function<Outcome(Turn turn)>;

    // Does the work on a worker. `held_bytes` are counted against the memory of all calls until the answer.
    static grpc::ServerUnaryReactor* start(Core& core, Method method, grpc::CallbackServerContext* context,
                                           size_t held_bytes, Work work);
    // Does it here and now: for what takes microseconds and must be answered under any load.
    static grpc::ServerUnaryReactor* answer_at_once(Core& core, Method method, grpc::CallbackServerContext* context,
                                                    Work work);

    UnaryCall(Core& core, Method method, grpc::CallbackServerContext* context, Work work)
        : Call(core, method, context), held_(core.memory), work_(std::move(work)) {}

    void run() override;
    void on_deadline() override { stop(StopSign::Reason::kDeadline); }
    void OnCancel() override { stop(StopSign::Reason::kCancelled); }
    void OnDone() override { const std::shared_ptr<Call> last = std::move(self_); }

  private:
    void stop(StopSign::Reason reason);
    void answer(const Outcome& problem);

    MemoryLease held_;
    Work work_;
    Clock::time_point queued_;
};

}  // namespace exprjit::server
