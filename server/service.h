// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The service as gRPC sees it: each method of exprjit.proto, bound to the call that does it.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

namespace exprjit::server {

struct Core;

std::unique_ptr<grpc::Service> make_service(Core& core);

}  // namespace exprjit::server
