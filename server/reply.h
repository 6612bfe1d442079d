// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Answers with columns, as gRPC sends them: large columns go out from the arena they were computed in, without a copy.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string_view>

#include "batch.h"

namespace exprjit::server {

struct EvaluateTimes {
    int64_t compile_ns = 0, queue_ns = 0, run_ns = 0;
};

// An EvaluateReply.
grpc::ByteBuffer evaluate_reply(const OutBatch& batch, const EvaluateTimes& times, std::string_view handle);
// An EvaluateStreamReply with a batch.
grpc::ByteBuffer stream_reply(const OutBatch& batch);

}  // namespace exprjit::server
