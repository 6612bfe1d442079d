// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From options to the settings of gRPC and of the engine.
#pragma once

#include <exprjit/exprjit.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "options.h"

namespace exprjit::server {

// "" or why not.
std::string make_engine(const Options& options, ej_engine** engine);
// TLS if the options have a certificate, plain otherwise. "" or why not.
std::string make_credentials(const Options& options, std::shared_ptr<grpc::ServerCredentials>& credentials);
void apply_settings(const Limits& limits, grpc::ServerBuilder& builder);
void choose_reflection(bool on, grpc::ServerBuilder& builder);
// As many file descriptors as the system allows this process; how many that is.
size_t raise_descriptor_limit();

}  // namespace exprjit::server
