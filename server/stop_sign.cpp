// SPDX-License-Identifier: MIT OR Apache-2.0
#include "stop_sign.h"

namespace exprjit::server {

Problem stopped_problem(StopSign::Reason reason) {
    switch (reason) {
    case StopSign::Reason::kDeadline:
        return {.code = Code::kDeadlineExceeded,
                .message = "the time for this call is over: the client's deadline, or this server's limit max-call-ms "
                           "or max-stream-ms"};
    case StopSign::Reason::kDrained:
        return {.code = Code::kUnavailable,
                .message = "the server is shutting down: call another one, or again later",
                .retry_after_ms = 1000};
    case StopSign::Reason::kNoStart:
        return {.code = Code::kDeadlineExceeded,
                .message = "the first message of the stream, a StreamStart, did not come in time (this server's limits "
                           "max-call-ms and stream-idle-ms): send it when you open the stream"};
    case StopSign::Reason::kIdle:
        return {.code = Code::kDeadlineExceeded,
                .message =
                    "the stream was idle for too long (this server's limit stream-idle-ms): no batch came and no "
                    "answer was read; open a stream when there is something to send"};
    default: return {.code = Code::kCancelled, .message = "the client cancelled the call"};
    }
}

}  // namespace exprjit::server
