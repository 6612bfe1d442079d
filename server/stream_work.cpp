// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What an EvaluateStream computes: the first message, the batches, the end.
#include <grpcpp/support/proto_buffer_reader.h>

#include "exprjit.pb.h"
#include "program.h"
#include "stream_call.h"

namespace exprjit::server {
namespace {

grpc::ByteBuffer buffer_of(const google::protobuf::MessageLite& message) {
    const grpc::Slice slice(message.SerializeAsString());
    return {&slice, 1};
}

Problem not_by_batches(const std::string& reason) {
    return wrong_request(reason + ": call Evaluate with all rows in one batch");
}

}  // namespace

Outcome StreamCall::answer_message(grpc::ByteBuffer& bytes, std::optional<grpc::ByteBuffer>& reply) {
    StreamMessage message;
    const size_t size = bytes.Length();
    Arena arena(core_.memory, size);
    {
        grpc::ProtoBufferReader source(&bytes);
        if (Outcome problem = read_stream_message(source, size, core_.options.limits, arena, message)) {
            return problem;
        }
    }
    bytes.Clear();
    if (message.is_start != (held_ == nullptr)) {
        return wrong_request(message.is_start ? "the stream has begun: a second StreamStart must not follow"
                                              : "the first message of a stream must be a StreamStart");
    }
    return message.is_start ? begin(message, reply) : answer_batch(message.batch, size, arena, reply);
}

Outcome StreamCall::begin(const StreamMessage& message, std::optional<grpc::ByteBuffer>& reply) {
    Resolved resolved;
    if (Outcome problem = resolve_reference(core_, message.program_ref, stop_, resolved)) {
        return problem;
    }
    const Held& held = *resolved.held;
    if (held.is_all_reduced) {
        ej_error* error = nullptr;
        const ej_status status = ej_reducer_create(held.kernel, &reducer_, &error);
        if (status == EJ_ERR_UNSUPPORTED) {
            ej_error_destroy(error);
            return not_by_batches(
                "a reduction inside another's argument needs all rows at once, a stream gives them batch by batch");
        }
        if (status != EJ_OK) {
            return engine_problem(status, error, false);
        }
    } else if (held.is_reducing) {
        return not_by_batches(
            "the program mixes reductions over all rows with values of single rows, and a stream gives the rows "
            "batch by batch");
    }
    held_ = resolved.held;
    v1::EvaluateStreamReply answer;
    v1::StreamStarted& started = *answer.mutable_started();
    started.set_handle(held.handle);
    describe(held, *started.mutable_signature());
    started.set_max_batches_in_flight(static_cast<int32_t>(core_.options.limits.max_batches_in_flight));
    reply = buffer_of(answer);
    return {};
}

Outcome StreamCall::answer_batch(const InBatch& batch, size_t size, Arena& arena,
                                 std::optional<grpc::ByteBuffer>& reply) {
    std::vector<ej_column> inputs;
    if (Outcome problem = bind_inputs(*held_, batch, core_.options.limits, arena, inputs)) {
        problem->message += " (batch " + std::to_string(batches_) + " of the stream)";
        return problem;
    }
    const auto start = Clock::now();
    const ej_run_options run = stop_.run_options();
    OutBatch out;
    Outcome problem;
    if (reducer_ != nullptr) {
        ej_error* error = nullptr;
        const ej_status status = ej_reducer_feed(reducer_, &run, inputs.data(), inputs.size(), batch.rows, &error);
        if (status != EJ_OK) {
            problem = engine_problem(status, error, true);
        }
    } else {
        problem = evaluate(held_, run, inputs, batch.rows, core_.options.limits, core_.memory, arena.alone(), out);
        if (problem && problem->row >= 0) {
            problem->message +=
                " (of batch " + std::to_string(batches_) + ", which begins at row " + std::to_string(rows_) + ")";
            problem->row += rows_;
        }
    }
    if (problem) {
        return problem;
    }
    core_.metrics.observe_run(std::chrono::nanoseconds(Clock::now() - start).count());
    ++batches_;
    rows_ += batch.rows;
    size_t answered = 0;
    if (reducer_ == nullptr) {
        reply = stream_reply(out);
        answered = reply->Length();
    }
    core_.metrics.count_batch(batch.rows, size, answered);
    return {};
}

Outcome StreamCall::answer_end(std::optional<grpc::ByteBuffer>& reply) {
    if (held_ == nullptr) {
        return wrong_request("the stream ended without a StreamStart: nothing was asked");
    }
    if (reducer_ == nullptr) {
        return {};
    }
    std::vector<ej_value> values(held_->outputs.size());
    ej_error* error = nullptr;
    const ej_status status = ej_reducer_finish(reducer_, values.data(), values.size(), &error);
    if (status != EJ_OK) {
        return engine_problem(status, error, true);
    }
    v1::EvaluateStreamReply answer;
    v1::Batch& batch = *answer.mutable_batch();
    batch.set_rows(rows_);
    for (size_t i = 0; i < values.size(); ++i) {
        v1::Column& column = *batch.add_columns();
        column.set_name(held_->outputs[i].name);
        column.set_dtype(static_cast<v1::Dtype>(values[i].type));
        column.set_length(1);
        // The members of the union begin at the same place; a bool is one byte in a column.
        const size_t size = ej_dtype_size(values[i].type);
        column.set_data(reinterpret_cast<const char*>(&values[i].as), size);
    }
    reply = buffer_of(answer);
    return {};
}

}  // namespace exprjit::server
