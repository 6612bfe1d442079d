// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the command line and the environment say.
#pragma once

#include <string>
#include <vector>

#include "address.h"
#include "server_limits.h"

namespace exprjit::server {

struct Options {
    std::vector<std::string> listen;
    std::vector<Address> addresses;  // of `listen`
    std::string socket_mode = "600";
    std::string token_file;
    std::string tls_cert, tls_key, tls_client_ca;
    bool insecure = false;
    int threads = 0;  // 0: one per CPU
    std::string metrics_port = "9464";
    bool metrics_port_is_given = false;
    std::string reflection = "auto";
    std::string explain_assembly = "auto";
    std::string code_memory = "sealed";
    std::string isa = "auto";
    std::string log_format = "json";
    std::string log_level = "info";
    Limits limits;

    // "on" or "off", or by "auto" whether only this machine can reach the server.
    bool has_reflection() const { return is_on(reflection); }
    bool shows_assembly() const { return is_on(explain_assembly); }
    bool is_local() const;

  private:
    bool is_on(const std::string& choice) const { return choice == "auto" ? is_local() : choice == "on"; }
};

// Reads both. True: go on; otherwise the program ends with *exit_code (0 after --help, --version or --print-config; 2 after a mistake,
// which has been printed).
bool read_options(int argc, char** argv, Options& options, int& exit_code);

}  // namespace exprjit::server
