// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A call with one answer. It has one owner at a time: the reaction that starts it, the queue, a worker, or the cancellation that took
// it out of the queue. Only the owner answers, so there is one Finish, whatever happens at the same moment.
//
// A call is over when its answer has left, not when it was given: a client that reads nothing would otherwise hold the columns of
// the answer, and a server that drains, for ever. The time of the call and the memory it is counted with go on until OnDone.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <mutex>

#include "call.h"

namespace exprjit::server {

class UnaryCall final : public grpc::ServerUnaryReactor, public Call {
  public:
    struct Turn {  // what the work gets to know
        StopSign& stop;
        int64_t queue_ns;
        MemoryLease& held;  // counted until the answer has left
    };
    using Work = std::function<Outcome(Turn turn)>;

    // Does the work on a worker. `held_bytes` are counted against the memory of all calls until the answer has left.
    static grpc::ServerUnaryReactor* start(Core& core, Method method, grpc::CallbackServerContext* context,
                                           size_t held_bytes, Work work);
    // Does it here and now: for what takes microseconds and must be answered under any load.
    static grpc::ServerUnaryReactor* answer_at_once(Core& core, Method method, grpc::CallbackServerContext* context,
                                                    Work work);

    UnaryCall(Core& core, Method method, grpc::CallbackServerContext* context, Work work)
        : Call(core, method, context), held_(core.memory), work_(std::move(work)) {}

    void run() override;
    void on_deadline() override;
    void OnCancel() override;
    void OnDone() override;

  private:
    void leave_queue();
    void answer(Outcome problem);

    MemoryLease held_;
    Work work_;
    Clock::time_point queued_;
    // Between the deadline, the answer and the end. Recursive: gRPC may run OnDone inside TryCancel.
    std::recursive_mutex end_mutex_;
    bool is_answered_ = false, is_done_ = false;
};

}  // namespace exprjit::server
