// SPDX-License-Identifier: MIT OR Apache-2.0
#include <grpcpp/support/proto_buffer_reader.h>

#include <chrono>

#include "core.h"
#include "program.h"
#include "reply.h"
#include "service_calls.h"

namespace exprjit::server {

Outcome answer_evaluate(Core& core, const grpc::ByteBuffer& request, StopSign& stop, int64_t queue_ns,
                        grpc::ByteBuffer& reply) {
    const Limits& limits = core.options.limits;
    EvaluateMessage message;
    grpc::ByteBuffer bytes(request);  // a reference, not a copy
    const size_t size = bytes.Length();
    Arena arena(core.memory, size);
    grpc::ProtoBufferReader source(&bytes);
    if (Outcome problem = read_evaluate(source, size, limits, arena, message)) {
        return problem;
    }
    Resolved resolved;
    if (Outcome problem = resolve_reference(core, message.program_ref, stop, resolved)) {
        return problem;
    }
    std::vector<ej_column> inputs;
    if (Outcome problem = bind_inputs(*resolved.held, message.batch, limits, arena, inputs)) {
        return problem;
    }
    const auto start = std::chrono::steady_clock::now();
    OutBatch out;
    if (Outcome problem = evaluate(resolved.held, stop.run_options(), inputs, message.batch.rows, limits, core.memory,
                                   arena.alone(), out)) {
        return problem;
    }
    const int64_t run_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
    core.metrics.observe_run(run_ns);
    reply = evaluate_reply(out, {resolved.compile_ns, queue_ns, run_ns}, resolved.held->handle);
    core.metrics.count_batch(message.batch.rows, size, reply.Length());
    return {};
}

}  // namespace exprjit::server
