// SPDX-License-Identifier: MIT OR Apache-2.0
#include "options.h"

#include <exprjit/exprjit.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>
#include <thread>

namespace exprjit::server {
namespace {

constexpr const char* kDefaultAddress = "127.0.0.1:50051";

std::string environment_name(std::string flag) {
    for (char& c : flag) {
        c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return "EXPRJIT_SERVER_" + flag;
}

template <typename T>
CLI::Option* add(CLI::App& app, const std::string& flag, T& value, const std::string& meaning) {
    return app.add_option("--" + flag, value, meaning)->envname(environment_name(flag))->capture_default_str();
}

void add_choice(CLI::App& app, const char* flag, std::string& value, const char* meaning,
                std::vector<std::string> words) {
    add(app, flag, value, meaning)->check(CLI::IsMember(std::move(words)));
}

// "64KiB", "64k", "65536": k, m, g, t are powers of 1024.
std::optional<int64_t> read_number(std::string_view text, bool is_size) {
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc::result_out_of_range) {
        return text.front() == '-' ? INT64_MIN : INT64_MAX;  // beyond every bound
    }
    if (error != std::errc()) {
        return {};
    }
    std::string unit(rest, end);
    unit.erase(0, unit.find_first_not_of(' '));
    std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return std::tolower(c); });
    if (unit.empty()) {
        return value;
    }
    constexpr std::string_view kUnits = "kmgt";
    const size_t power = kUnits.find(unit.front());
    const std::string behind = unit.substr(power == std::string_view::npos ? 0 : 1);
    const bool is_unit =
        power == std::string_view::npos ? behind == "b" : behind.empty() || behind == "b" || behind == "ib";
    const int shift = power == std::string_view::npos ? 0 : 10 * (static_cast<int>(power) + 1);
    if (!is_size || !is_unit || value < 0) {
        return {};
    }
    return value > INT64_MAX >> shift ? INT64_MAX : value << shift;
}

// A whole number within its bounds, which replaces what was written.
CLI::Validator number(int64_t smallest, int64_t largest, const std::string& unit) {
    return CLI::Validator(
        [=](std::string& text) -> std::string {
            const bool is_size = unit == "bytes";
            const std::string bounds = std::to_string(smallest) + " to " + std::to_string(largest) + " " + unit;
            const std::optional<int64_t> value = read_number(text, is_size);
            if (!value) {
                return "'" + text + "' is no whole number" + (is_size ? " (write 65536, 64KiB or 64k)" : "") +
                       "; allowed are " + bounds;
            }
            if (*value < smallest || *value > largest) {
                return "allowed are " + bounds + ", not " + text;
            }
            text = std::to_string(*value);
            return "";
        },
        "");
}

void add_limits(CLI::App& app, Limits& limits) {
    for (const LimitRow& row : limit_rows()) {
        add(app, row.name, limits.*row.value, row.meaning)
            ->transform(number(row.smallest, row.largest, row.unit))
            ->group("Limits")
            ->type_name(row.unit);
    }
}

void add_flags(CLI::App& app, Options& options) {
    app.add_option("--listen", options.listen,
                   std::string("unix:PATH or HOST:PORT, several times for several; port 0 takes a free one [") +
                       kDefaultAddress + "]")
        ->envname(environment_name("listen"))
        ->delimiter(',');
    add(app, "socket-mode", options.socket_mode, "permissions of unix sockets, octal")
        ->check([](const std::string& text) -> std::string {
            const bool good =
                !text.empty() && text.size() <= 4 && text.find_first_not_of("01234567") == std::string::npos;
            return good ? "" : "write three octal digits, as 660";
        });
    add(app, "token-file", options.token_file, "calls need one of the tokens in it, one per line")->type_name("FILE");
    add(app, "tls-cert", options.tls_cert, "certificate chain, PEM: TLS on every TCP address")->type_name("FILE");
    add(app, "tls-key", options.tls_key, "its private key, PEM")->type_name("FILE");
    add(app, "tls-client-ca", options.tls_client_ca, "clients need a certificate signed by one of these, PEM")
        ->type_name("FILE");
    app.add_flag("--insecure", options.insecure, "listen on any address without TLS or tokens")
        ->envname(environment_name("insecure"));
    add(app, "threads", options.threads, "workers that compile and run kernels; 0: one per CPU")
        ->transform(number(0, 1024, "threads"));
    add(app, "metrics-port", options.metrics_port,
        "/metrics and /healthz on 127.0.0.1: a port, auto (a free one) or off");
    add_choice(app, "reflection", options.reflection,
               "gRPC server reflection; auto: only if nobody outside this machine can call", {"auto", "on", "off"});
    add_choice(app, "explain-assembly", options.explain_assembly, "Explain shows machine code; auto: as reflection",
               {"auto", "on", "off"});
    add_choice(app, "code-memory", options.code_memory, "memory of compiled code; none interprets everything",
               {"sealed", "dual", "none"});
    add_choice(app, "isa", options.isa, "highest instruction set level to use", {"auto", "v2", "v3", "v4"});
    add_choice(app, "log-format", options.log_format, "logs on standard error", {"json", "text"});
    add_choice(app, "log-level", options.log_level, "debug logs every call", {"debug", "info", "warning", "error"});
    add_limits(app, options.limits);
}

// What CLI11 cannot check by itself. "" if all is well.
std::string check(Options& options) {
    if (options.listen.empty()) {
        options.listen.emplace_back(kDefaultAddress);
    }
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        return "--tls-cert and --tls-key belong together: give both or none";
    }
    if (!options.tls_client_ca.empty() && options.tls_cert.empty()) {
        return "--tls-client-ca needs --tls-cert and --tls-key";
    }
    const Protection protection{!options.tls_cert.empty(), !options.token_file.empty(), options.insecure};
    for (const std::string& text : options.listen) {
        std::string why;
        Address& address = options.addresses.emplace_back();
        if (!parse_address(text, address, why)) {
            return "--listen: " + why;
        }
        why = reason_to_refuse(address, protection);
        if (!why.empty()) {
            return why;
        }
    }
    const std::string& port = options.metrics_port;
    if (port != "off" && port != "auto") {
        const bool digits =
            !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
        const int number = digits ? std::atoi(port.c_str()) : 0;
        if (number < 1 || number > 65535) {
            return "--metrics-port: '" + port + "' is neither a port (1 to 65535) nor auto nor off";
        }
    }
    if (options.threads == 0) {
        options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    }
    return "";
}

void print_config(const Options& options) {
    const auto line = [](const std::string& name, const std::string& value) {
        std::printf("%-26s %s\n", name.c_str(), value.c_str());
    };
    for (const Address& address : options.addresses) {
        line("listen", address.text());
    }
    line("socket-mode", options.socket_mode);
    line("token-file", options.token_file.empty() ? "none" : options.token_file);
    line("tls-cert", options.tls_cert.empty() ? "none" : options.tls_cert);
    line("tls-key", options.tls_key.empty() ? "none" : options.tls_key);
    line("tls-client-ca", options.tls_client_ca.empty() ? "none" : options.tls_client_ca);
    line("insecure", options.insecure ? "yes" : "no");
    line("threads", std::to_string(options.threads));
    line("metrics-port", options.metrics_port);
    line("reflection", options.has_reflection() ? "on" : "off");
    line("explain-assembly", options.shows_assembly() ? "on" : "off");
    line("code-memory", options.code_memory);
    line("isa", options.isa);
    line("log-format", options.log_format);
    line("log-level", options.log_level);
    for (const LimitRow& row : limit_rows()) {
        line(row.name, std::to_string(options.limits.*row.value) + " " + row.unit);
    }
}

}  // namespace

bool Options::is_local() const {
    return std::all_of(addresses.begin(), addresses.end(), [](const Address& address) { return address.is_loopback; });
}

bool read_options(int argc, char** argv, Options& options, int& exit_code) {
    CLI::App app("exprjit-server: compiles and evaluates expressions for clients over gRPC.\n"
                 "Every option can also be set in the environment: --max-nodes as EXPRJIT_SERVER_MAX_NODES.",
                 "exprjit-server");
    bool wants_config = false;
    bool wants_version = false;
    app.add_flag("--print-config", wants_config, "print what is in force, and end");
    app.add_flag("--version", wants_version, "print the version, and end");
    add_flags(app, options);
    exit_code = 0;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            std::cout << app.help();
        } else {
            std::cerr << "exprjit-server: " << error.what() << "\nexprjit-server --help lists the options.\n";
            exit_code = 2;
        }
        return false;
    }
    if (wants_version) {
        std::printf("exprjit-server %s\n", ej_version());
        return false;
    }
    options.metrics_port_is_given = app.get_option("--metrics-port")->count() > 0;
    const std::string why = check(options);
    if (!why.empty()) {
        std::cerr << "exprjit-server: " << why << "\n";
        exit_code = 2;
        return false;
    }
    if (wants_config) {
        print_config(options);
        return false;
    }
    return true;
}

}  // namespace exprjit::server
