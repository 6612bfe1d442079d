// SPDX-License-Identifier: MIT OR Apache-2.0
#include "stream_call.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace exprjit::server {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamCall::start(Core& core,
                                                                               grpc::CallbackServerContext* context) {
    const auto call = std::make_shared<StreamCall>(core, context);
    call->self_ = call;
    Outcome problem = call->refusal();
    if (!problem) {
        call->is_counted_ = true;
        if (core.streams_open.fetch_add(1) >= core.options.limits.max_streams) {
            problem = limit_problem("max-streams",
                                    "the server has " + std::to_string(core.options.limits.max_streams) +
                                        " streams open, its limit max-streams: try again later",
                                    200);
        }
    }
    std::unique_lock lock(call->mutex_);
    if (problem) {
        call->fail(std::move(*problem));
    } else {
        const Limits& limits = core.options.limits;
        call->start_watch(limits.max_stream_ms);
        call->watch_idle(Clock::now() + std::chrono::milliseconds(std::min(limits.max_call_ms, limits.stream_idle_ms)));
        core.streams.add(call);
    }
    call->go_on(std::move(lock));
    return call.get();
}

StreamCall::~StreamCall() {
    core_.streams.remove(this);
    drop(inbox_);
    ej_reducer_destroy(reducer_);
    if (is_counted_) {
        core_.streams_open.fetch_sub(1);
    }
}

void StreamCall::drop(std::deque<Message>& messages) {
    for (const Message& message : messages) {
        core_.memory.give(message.size);
    }
    messages.clear();
}

// The first problem is the answer.
bool StreamCall::fail(Problem problem) {
    if (problem_ || is_complete_) {
        return false;
    }
    problem_ = std::move(problem);
    return true;
}

StreamCall::Steps StreamCall::next_steps() {
    Steps steps;
    if (is_finished_) {
        return steps;
    }
    if (stop_.is_raised()) {
        fail(stopped_problem(stop_.reason()));
    }
    const bool is_ending = problem_.has_value();
    if (is_ending) {
        drop(inbox_);
        outbox_.clear();
        if (is_working_ && core_.pool.withdraw(*this)) {
            is_working_ = false;
        }
        // A client that does not read would hold the call beyond its time: the write must fail.
        steps.cancel = is_writing_ && stop_.is_raised() && !std::exchange(has_cancelled_, true);
    }
    const auto in_flight =
        static_cast<int64_t>(inbox_.size() + outbox_.size()) + (is_writing_ ? 1 : 0) + (is_working_ ? 1 : 0);
    if (!is_ending && !is_working_ && !is_complete_ && (!inbox_.empty() || is_half_closed_)) {
        steps.work = is_working_ = true;
    }
    if (!is_ending && !is_reading_ && !is_half_closed_ && in_flight < core_.options.limits.max_batches_in_flight) {
        steps.read = is_reading_ = true;
    }
    if (!is_writing_ && !outbox_.empty()) {
        steps.write = is_writing_ = true;
        write_buffer_.Swap(&outbox_.front());
        outbox_.pop_front();
    }
    if ((is_ending || is_complete_) && !is_working_ && !is_writing_ && steps_in_progress_ == 0 && !steps.cancel) {
        steps.finish = is_finished_ = true;
    }
    return steps;
}

void StreamCall::go_on(std::unique_lock<std::mutex> lock) {
    const std::shared_ptr<Call> kept = shared_from_this();
    for (;;) {
        const Steps steps = next_steps();
        if (!steps.read && !steps.write && !steps.work && !steps.cancel && !steps.finish) {
            return;
        }
        ++steps_in_progress_;
        lock.unlock();
        if (steps.finish) {
            end_watch();
            end_idle_watch();
            Finish(ended(problem_));
            return;
        }
        if (steps.read) {
            StartRead(&read_buffer_);
        }
        if (steps.write) {
            StartWrite(&write_buffer_);
        }
        if (steps.cancel) {
            context_->TryCancel();
        }
        const bool is_pushed = !steps.work || core_.pool.push(kept, true);
        lock.lock();
        --steps_in_progress_;
        if (!is_pushed) {
            is_working_ = false;
            fail(stopped_problem(StopSign::Reason::kDrained));
        }
    }
}

void StreamCall::OnReadDone(bool ok) {
    std::unique_lock lock(mutex_);
    is_reading_ = false;
    last_active_ = Clock::now();
    has_begun_ = has_begun_ || ok;
    if (!ok) {
        is_half_closed_ = true;
    } else if (!problem_) {
        const size_t size = read_buffer_.Length();
        if (core_.memory.take(size)) {
            inbox_.emplace_back();
            inbox_.back().bytes.Swap(&read_buffer_);
            inbox_.back().size = size;
        } else {
            fail(out_of_memory(size, core_.memory.limit()));
        }
    }
    go_on(std::move(lock));
}

void StreamCall::OnWriteDone(bool ok) {
    std::unique_lock lock(mutex_);
    is_writing_ = false;
    last_active_ = Clock::now();
    write_buffer_.Clear();
    if (!ok) {
        stop_.raise(StopSign::Reason::kCancelled);
    }
    go_on(std::move(lock));
}

void StreamCall::OnCancel() {
    stop_.raise(StopSign::Reason::kCancelled);
    go_on(std::unique_lock(mutex_));
}

void StreamCall::on_deadline() {
    stop_.raise(StopSign::Reason::kDeadline);
    go_on(std::unique_lock(mutex_));
}

// Under the mutex, or before anybody else knows the call.
void StreamCall::watch_idle(Clock::time_point when) {
    idle_ticket_ = core_.watch.add(when, std::shared_ptr<Watched>(shared_from_this(), &idle_));
    is_idle_watched_ = true;
}

void StreamCall::end_idle_watch() {
    if (is_idle_watched_) {
        is_idle_watched_ = false;
        core_.watch.forget(idle_ticket_);
    }
}

bool StreamCall::has_work() const { return is_working_ || is_writing_ || !inbox_.empty() || !outbox_.empty(); }

void StreamCall::on_idle() {
    std::unique_lock lock(mutex_);
    if (is_finished_) {
        return;
    }
    const auto now = Clock::now();
    const auto until = last_active_ + std::chrono::milliseconds(core_.options.limits.stream_idle_ms);
    if (has_begun_ && (is_working_ || until > now)) {
        end_idle_watch();
        watch_idle(is_working_ ? now + std::chrono::milliseconds(core_.options.limits.stream_idle_ms) : until);
        return;
    }
    stop_.raise(has_begun_ ? StopSign::Reason::kIdle : StopSign::Reason::kNoStart);
    go_on(std::move(lock));
}

void StreamCall::end_if_quiet(std::chrono::milliseconds quiet) {
    std::unique_lock lock(mutex_);
    if (!has_work() && !is_half_closed_ && last_active_ + quiet <= Clock::now() &&
        fail(stopped_problem(StopSign::Reason::kDrained))) {
        go_on(std::move(lock));
    }
}

void StreamCall::run() {
    std::unique_lock lock(mutex_);
    const bool is_end = inbox_.empty();
    Message message;
    if (!is_end) {
        message.bytes.Swap(&inbox_.front().bytes);
        message.size = inbox_.front().size;
        inbox_.pop_front();
    }
    lock.unlock();

    std::optional<grpc::ByteBuffer> reply;
    Outcome problem;
    if (!stop_.is_raised()) {
        // One batch has the time that one call has, whatever the stream may take.
        const auto ticket = core_.watch.add(Clock::now() + std::chrono::milliseconds(core_.options.limits.max_call_ms),
                                            weak_from_this());
        try {
            problem = is_end ? answer_end(reply) : answer_message(message.bytes, reply);
        } catch (const std::bad_alloc&) {
            problem = limit_problem("max-memory-bytes", "the machine has no more memory for this call: try again later",
                                    1000);
        } catch (const std::exception& error) {
            problem =
                Problem{.code = Code::kInternal, .message = std::string("a fault of the server: ") + error.what()};
        }
        core_.watch.forget(ticket);
    }
    core_.memory.give(message.size);

    lock.lock();
    is_working_ = false;
    last_active_ = Clock::now();
    if (problem) {
        const bool is_stopped = problem->code == Code::kCancelled && stop_.is_raised();
        fail(is_stopped ? stopped_problem(stop_.reason()) : std::move(*problem));
    } else if (!problem_) {
        if (reply) {
            outbox_.push_back(std::move(*reply));
        }
        is_complete_ = is_end && !stop_.is_raised();
    }
    go_on(std::move(lock));
}

}  // namespace exprjit::server
