// SPDX-License-Identifier: MIT OR Apache-2.0
#include "service.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include "exprjit.grpc.pb.h"
#include "program_check.h"
#include "service_calls.h"
#include "stream_call.h"
#include "unary_call.h"

namespace exprjit::server {
namespace {

// All methods take the bytes as they come: those with columns because of batch.h, the others because gRPC answers a message it cannot
// decode (a text that is not UTF-8 is one) with UNIMPLEMENTED and no word about the reason.
using V1 = v1::Exprjit;
using Binding = V1::WithRawCallbackMethod_Compile<
    V1::WithRawCallbackMethod_Evaluate<V1::WithRawCallbackMethod_EvaluateStream<V1::WithRawCallbackMethod_Explain<
        V1::WithRawCallbackMethod_ListFunctions<V1::WithRawCallbackMethod_GetServerInfo<V1::Service>>>>>>;

using Context = grpc::CallbackServerContext;
using grpc::ByteBuffer;

// Before protobuf makes objects of the request.
Outcome check_request(const Core& core, const ByteBuffer& bytes, ProgramPlace place) {
    const Limits& limits = core.options.limits;
    if (Outcome problem = check_message_size(bytes.Length(), limits)) {
        return problem;
    }
    ByteBuffer reference(bytes);
    grpc::ProtoBufferReader source(&reference);
    return check_program(source, bytes.Length(), place, limits);
}

// A request without fields, but for those of a later version.
Outcome check_empty(const ByteBuffer& bytes) {
    constexpr size_t kMost = 4096;
    if (bytes.Length() <= kMost) {
        return {};
    }
    return wrong_request("this call takes an empty message, not " + std::to_string(bytes.Length()) + " bytes");
}

// Decodes the request, lets `answer(request, reply)` work, encodes the reply.
template <typename Request, typename Reply, typename Answer>
Outcome answer_message(const Limits& limits, const ByteBuffer& bytes, MemoryLease& held, ByteBuffer& reply_bytes,
                       Answer&& answer) {
    Request request;
    ByteBuffer reference(bytes);  // no copy
    grpc::ProtoBufferReader source(&reference);
    if (!request.ParseFromZeroCopyStream(&source)) {
        return wrong_request(
            "the bytes are not the message of exprjit.proto that this call takes (texts must be UTF-8)");
    }
    Reply reply;
    if (Outcome problem = answer(request, reply)) {
        return problem;
    }
    const size_t size = reply.ByteSizeLong();
    if (size > static_cast<uint64_t>(limits.max_message_bytes) + kBesidesBatch) {
        return limit_problem("max-message-bytes", "the answer has " + std::to_string(size) +
                                                      " bytes; this server's limit max-message-bytes is " +
                                                      std::to_string(limits.max_message_bytes));
    }
    if (!held.take(size)) {
        return out_of_memory(held.bytes() + size, held.limit());
    }
    const grpc::Slice slice(reply.SerializeAsString());
    reply_bytes = ByteBuffer(&slice, 1);
    return {};
}

class ExprjitService final : public Binding {
  public:
    explicit ExprjitService(Core& core) : core_(core) {}

    grpc::ServerUnaryReactor* Compile(Context* context, const ByteBuffer* bytes, ByteBuffer* reply) override {
        return UnaryCall::start(
            core_, Method::kCompile, context, bytes->Length(), [this, bytes, reply](UnaryCall::Turn turn) -> Outcome {
                if (Outcome problem = check_request(core_, *bytes, ProgramPlace::kCompileRequest)) {
                    return problem;
                }
                return answer_message<v1::CompileRequest, v1::CompileReply>(
                    core_.options.limits, *bytes, turn.held, *reply,
                    [&](const auto& request, auto& out) { return answer_compile(core_, request, turn.stop, out); });
            });
    }
    grpc::ServerUnaryReactor* Evaluate(Context* context, const ByteBuffer* bytes, ByteBuffer* reply) override {
        return UnaryCall::start(core_, Method::kEvaluate, context, bytes->Length(),
                                [this, bytes, reply](UnaryCall::Turn turn) {
                                    return answer_evaluate(core_, *bytes, turn.stop, turn.queue_ns, *reply);
                                });
    }
    grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* EvaluateStream(Context* context) override {
        return StreamCall::start(core_, context);
    }
    grpc::ServerUnaryReactor* Explain(Context* context, const ByteBuffer* bytes, ByteBuffer* reply) override {
        return UnaryCall::start(
            core_, Method::kExplain, context, bytes->Length(), [this, bytes, reply](UnaryCall::Turn turn) -> Outcome {
                if (Outcome problem = check_request(core_, *bytes, ProgramPlace::kExplainRequest)) {
                    return problem;
                }
                return answer_message<v1::ExplainRequest, v1::ExplainReply>(
                    core_.options.limits, *bytes, turn.held, *reply,
                    [&](const auto& request, auto& out) { return answer_explain(core_, request, turn.stop, out); });
            });
    }
    grpc::ServerUnaryReactor* ListFunctions(Context* context, const ByteBuffer* bytes, ByteBuffer* reply) override {
        return UnaryCall::answer_at_once(core_, Method::kListFunctions, context,
                                         [this, bytes, reply](UnaryCall::Turn turn) -> Outcome {
                                             if (Outcome problem = check_empty(*bytes)) {
                                                 return problem;
                                             }
                                             return answer_message<v1::ListFunctionsRequest, v1::ListFunctionsReply>(
                                                 core_.options.limits, *bytes, turn.held, *reply,
                                                 [](const auto&, auto& out) { return answer_functions(out); });
                                         });
    }
    grpc::ServerUnaryReactor* GetServerInfo(Context* context, const ByteBuffer* bytes, ByteBuffer* reply) override {
        return UnaryCall::answer_at_once(core_, Method::kGetServerInfo, context,
                                         [this, bytes, reply](UnaryCall::Turn turn) -> Outcome {
                                             if (Outcome problem = check_empty(*bytes)) {
                                                 return problem;
                                             }
                                             return answer_message<v1::GetServerInfoRequest, v1::GetServerInfoReply>(
                                                 core_.options.limits, *bytes, turn.held, *reply,
                                                 [this](const auto&, auto& out) { return answer_info(core_, out); });
                                         });
    }

  private:
    Core& core_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_service(Core& core) { return std::make_unique<ExprjitService>(core); }

}  // namespace exprjit::server
