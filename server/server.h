// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The server as a whole: built from its options, drained, ended.
#pragma once

#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "connections.h"
#include "core.h"
#include "http.h"

namespace exprjit::server {

class Server {
  public:
    // "" or why it cannot run; `exit_code` is then 2 for a mistake in the options, 1 for the machine's refusal.
    std::string start(Options options, int& exit_code);
    // Address, authentication and limits, in one line.
    std::string start_up_line() const;
    // Refuses new calls, waits for those in flight, at most for the grace that the options give, and ends everything.
    // False if calls were cut off. The process should end then; only /metrics and /healthz still answer.
    bool drain();

  private:
    std::string build(int& exit_code);
    std::string open_metrics();
    void add_gauges();

    Options options_;
    // Destroyed from the last to the first: nothing is called that is gone.
    std::unique_ptr<Core> core_;
    std::unique_ptr<grpc::Service> service_;
    std::unique_ptr<Listeners> listeners_;
    std::unique_ptr<grpc::Server> server_;
    std::unique_ptr<HttpPage> http_;
    int metrics_port_ = 0;
};

}  // namespace exprjit::server
