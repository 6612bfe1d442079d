// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What each unary call does, once it is its turn.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "exprjit.pb.h"
#include "problem.h"
#include "stop_sign.h"

namespace exprjit::server {

struct Core;

Outcome answer_compile(Core& core, const v1::CompileRequest& request, StopSign& stop, v1::CompileReply& reply);
Outcome answer_evaluate(Core& core, const grpc::ByteBuffer& request, StopSign& stop, int64_t queue_ns,
                        grpc::ByteBuffer& reply);
Outcome answer_explain(Core& core, const v1::ExplainRequest& request, StopSign& stop, v1::ExplainReply& reply);
Outcome answer_functions(v1::ListFunctionsReply& reply);
Outcome answer_info(Core& core, v1::GetServerInfoReply& reply);

}  // namespace exprjit::server
