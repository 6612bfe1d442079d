// SPDX-License-Identifier: MIT OR Apache-2.0
#include "call.h"

#include <algorithm>

#include "log.h"

namespace exprjit::server {

grpc::Status grpc_status(const Problem& problem) {
    return {static_cast<grpc::StatusCode>(problem.code), std::string(utf8_prefix(problem.message, 1024)),
            encode_detail(problem)};
}

Call::Call(Core& core, Method method, grpc::CallbackServerContext* context)
    : core_(core), method_(method), context_(context) {
    core_.calls_open.fetch_add(1);
}

Call::~Call() { core_.calls_open.fetch_sub(1); }

Outcome Call::refusal() const {
    if (core_.tokens.are_required()) {
        const auto& metadata = context_->client_metadata();
        const auto found = metadata.find("authorization");
        if (found == metadata.end()) {
            return Problem{.code = Code::kUnauthenticated,
                           .message = "this server wants a token: send the header 'authorization: Bearer TOKEN'"};
        }
        if (!core_.tokens.allow({found->second.data(), found->second.size()})) {
            return Problem{.code = Code::kUnauthenticated, .message = "the token is not one of this server's"};
        }
    }
    if (core_.is_draining.load(std::memory_order_relaxed)) {
        return stopped_problem(StopSign::Reason::kDrained);
    }
    return {};
}

void Call::start_watch(int64_t most_ms) {
    const auto most = std::chrono::milliseconds(most_ms);
    const auto now = std::chrono::system_clock::now();
    const auto wanted = context_->deadline();  // far in the future if the client set none
    const auto left = wanted > now + most ? std::chrono::system_clock::duration(most) : wanted - now;
    ticket_ = core_.watch.add(Clock::now() + left, weak_from_this());
    is_watched_ = true;
}

void Call::end_watch() {
    if (is_watched_) {
        is_watched_ = false;
        core_.watch.forget(ticket_);
    }
}

grpc::Status Call::ended(const Outcome& problem) {
    core_.metrics.count_call(method_, problem ? static_cast<int>(problem->code) : 0);
    const LogLevel level = problem && problem->code == Code::kInternal ? LogLevel::kError : LogLevel::kDebug;
    if (log_wants(level)) {
        log_event(level, "call ended",
                  {{"method", std::string(method_name(method_))},
                   {"status", std::string(code_name(problem ? problem->code : Code::kOk))},
                   {"ms", std::chrono::duration<double, std::milli>(Clock::now() - begun_).count()},
                   {"peer", context_->peer()},
                   {"message", problem ? problem->message : std::string()}});
    }
    return problem ? grpc_status(*problem) : grpc::Status::OK;
}

}  // namespace exprjit::server
