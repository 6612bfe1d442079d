// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unary_call.h"

#include <exception>

namespace exprjit::server {

grpc::ServerUnaryReactor* UnaryCall::start(Core& core, Method method, grpc::CallbackServerContext* context,
                                           size_t held_bytes, Work work) {
    const auto call = std::make_shared<UnaryCall>(core, method, context, std::move(work));
    call->self_ = call;
    if (const Outcome refused = call->refusal()) {
        call->answer(refused);
    } else if (!call->held_.take(held_bytes)) {
        call->answer(out_of_memory(held_bytes, core.memory.limit()));
    } else {
        call->start_watch(core.options.limits.max_call_ms);
        call->queued_ = Clock::now();
        if (!core.pool.push(call)) {
            call->answer(limit_problem("queue",
                                       "the server is busy: its queue of " + std::to_string(core.options.limits.queue) +
                                           " calls (limit queue) is full; try again later",
                                       50));
        } else if (call->stop_.is_raised()) {
            call->leave_queue();  // it came before the call was in the queue
        }
    }
    return call.get();  // gRPC's, until OnDone
}

grpc::ServerUnaryReactor* UnaryCall::answer_at_once(Core& core, Method method, grpc::CallbackServerContext* context,
                                                    Work work) {
    const auto call = std::make_shared<UnaryCall>(core, method, context, std::move(work));
    call->self_ = call;
    Outcome problem = call->refusal();
    if (!problem) {
        call->start_watch(core.options.limits.max_call_ms);
        problem = call->work_({call->stop_, 0, call->held_});
    }
    call->answer(std::move(problem));
    return call.get();
}

void UnaryCall::on_deadline() {
    {
        const std::lock_guard lock(end_mutex_);
        if (is_answered_) {
            if (!is_done_) {
                context_->TryCancel();  // the client does not read its answer
            }
            return;
        }
        stop_.raise(StopSign::Reason::kDeadline);
    }
    leave_queue();
}

void UnaryCall::OnCancel() {
    stop_.raise(StopSign::Reason::kCancelled);
    leave_queue();
}

void UnaryCall::OnDone() {
    end_watch();
    const std::shared_ptr<Call> last = std::move(self_);  // outlives the lock
    const std::lock_guard lock(end_mutex_);
    is_done_ = true;
}

void UnaryCall::leave_queue() {
    if (core_.pool.withdraw(*this)) {
        answer(stopped_problem(stop_.reason()));
    }
}

void UnaryCall::run() {
    if (stop_.is_raised()) {
        answer(stopped_problem(stop_.reason()));
        return;
    }
    const int64_t queue_ns = std::chrono::nanoseconds(Clock::now() - queued_).count();
    core_.metrics.observe_queue(queue_ns);
    Outcome problem;
    try {
        problem = work_({stop_, queue_ns, held_});
    } catch (const std::bad_alloc&) {
        problem =
            limit_problem("max-memory-bytes", "the machine has no more memory for this call: try again later", 1000);
    } catch (const std::exception& error) {
        problem = Problem{.code = Code::kInternal, .message = std::string("a fault of the server: ") + error.what()};
    }
    if (problem && problem->code == Code::kCancelled && stop_.is_raised()) {
        problem = stopped_problem(stop_.reason());
    }
    answer(problem);
}

void UnaryCall::answer(Outcome problem) {
    work_ = nullptr;
    {
        const std::lock_guard lock(end_mutex_);
        is_answered_ = true;
        // The deadline came before and leaves the call to this answer, which must not be one that waits for the client to read.
        if (!problem && stop_.is_raised()) {
            problem = stopped_problem(stop_.reason());
        }
    }
    Finish(ended(problem));
}

}  // namespace exprjit::server
