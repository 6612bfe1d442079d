// SPDX-License-Identifier: MIT OR Apache-2.0
#include "service.h"

#include "exprjit.grpc.pb.h"
#include "service_calls.h"
#include "stream_call.h"
#include "unary_call.h"

namespace exprjit::server {
namespace {

// Evaluate and EvaluateStream take the bytes as they come: see batch.h.
using V1 = v1::Exprjit;
using Binding = V1::WithCallbackMethod_Compile<
    V1::WithRawCallbackMethod_Evaluate<V1::WithRawCallbackMethod_EvaluateStream<V1::WithCallbackMethod_Explain<
        V1::WithCallbackMethod_ListFunctions<V1::WithCallbackMethod_GetServerInfo<V1::Service>>>>>>;

class ExprjitService final : public Binding {
  public:
    explicit ExprjitService(Core& core) : core_(core) {}

    grpc::ServerUnaryReactor* Compile(grpc::CallbackServerContext* context, const v1::CompileRequest* request,
                                      v1::CompileReply* reply) override {
        return UnaryCall::start(core_, Method::kCompile, context, request->ByteSizeLong(),
                                [this, request, reply](UnaryCall::Turn turn) {
                                    return answer_compile(core_, *request, turn.stop, *reply);
                                });
    }
    grpc::ServerUnaryReactor* Evaluate(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* reply) override {
        return UnaryCall::start(core_, Method::kEvaluate, context, request->Length(),
                                [this, request, reply](UnaryCall::Turn turn) {
                                    return answer_evaluate(core_, *request, turn.stop, turn.queue_ns, *reply);
                                });
    }
    grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
    EvaluateStream(grpc::CallbackServerContext* context) override {
        return StreamCall::start(core_, context);
    }
    grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context, const v1::ExplainRequest* request,
                                      v1::ExplainReply* reply) override {
        return UnaryCall::start(core_, Method::kExplain, context, request->ByteSizeLong(),
                                [this, request, reply](UnaryCall::Turn turn) {
                                    return answer_explain(core_, *request, turn.stop, *reply);
                                });
    }
    grpc::ServerUnaryReactor* ListFunctions(grpc::CallbackServerContext* context,
                                            const v1::ListFunctionsRequest* /*request*/,
                                            v1::ListFunctionsReply* reply) override {
        return UnaryCall::answer_at_once(core_, Method::kListFunctions, context,
                                         [reply](UnaryCall::Turn) { return answer_functions(*reply); });
    }
    grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                            const v1::GetServerInfoRequest* /*request*/,
                                            v1::GetServerInfoReply* reply) override {
        return UnaryCall::answer_at_once(core_, Method::kGetServerInfo, context,
                                         [this, reply](UnaryCall::Turn) { return answer_info(core_, *reply); });
    }

  private:
    Core& core_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_service(Core& core) { return std::make_unique<ExprjitService>(core); }

}  // namespace exprjit::server
