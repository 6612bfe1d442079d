// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace exprjit::bench {

// A server of this build, as a process of its own. Ended with SIGTERM.
class ServerProcess {
  public:
    // `program`: beside this benchmark, or in ../bin. Returns once the server has printed its first line.
    ServerProcess(const std::string& program, std::vector<std::string> arguments);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    bool is_running() const { return process_ > 0; }
    double processor_seconds() const;  // used so far
    double resident_megabytes() const;

  private:
    pid_t process_ = -1;
};

}  // namespace exprjit::bench
