// SPDX-License-Identifier: MIT OR Apache-2.0
#include "server.h"

#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <thread>

#include "log.h"
#include "service.h"
#include "settings.h"

namespace exprjit::server {

namespace {

constexpr const char* kServiceName = "exprjit.v1.Exprjit";
// Descriptors that are not connections: listeners, epoll, logs, libraries, the metrics page.
constexpr size_t kOtherDescriptors = 64;
// A stream on which nothing happens for so long waits for nothing; a client that sends its next batch when it has read the last
// answer is quicker.
constexpr std::chrono::milliseconds kQuiet(250);

}  // namespace

std::string Server::start(Options options, int& exit_code) {
    options_ = std::move(options);
    exit_code = 2;
    Tokens tokens;
    if (!options_.token_file.empty()) {
        std::string why = tokens.load(options_.token_file);
        if (!why.empty()) {
            return "--token-file: " + why;
        }
    }
    const size_t descriptors = raise_descriptor_limit();
    const size_t possible = descriptors > 2 * kOtherDescriptors ? descriptors - kOtherDescriptors : descriptors / 2;
    if (static_cast<size_t>(options_.limits.max_connections) > possible) {
        log_event(
            LogLevel::kWarning, "fewer connections",
            {{"asked", options_.limits.max_connections}, {"file descriptors", static_cast<int64_t>(descriptors)}});
        options_.limits.max_connections = static_cast<int64_t>(possible);
    }
    ej_engine* engine = nullptr;
    exit_code = 1;
    std::string why = make_engine(options_, &engine);
    if (!why.empty()) {
        return why;
    }
    core_ = std::make_unique<Core>(options_, std::move(tokens), engine);
    why = build(exit_code);
    if (why.empty()) {
        why = open_metrics();
    }
    if (why.empty()) {
        listeners_->start();
    }
    return why;
}

std::string Server::build(int& exit_code) {
    const Limits& limits = options_.limits;
    service_ = make_service(*core_);
    grpc::EnableDefaultHealthCheckService(true);
    std::shared_ptr<grpc::ServerCredentials> credentials;
    std::string why = make_credentials(options_, credentials);
    if (!why.empty()) {
        exit_code = 2;
        return why;
    }
    grpc::ServerBuilder builder;
    apply_settings(limits, builder);
    choose_reflection(options_.has_reflection(), builder);
    builder.RegisterService(service_.get());
    listeners_ = std::make_unique<Listeners>(Listeners::Limits{static_cast<size_t>(limits.max_connections),
                                                               static_cast<size_t>(limits.max_connections_per_peer)},
                                             core_->metrics);
    for (Address& address : options_.addresses) {
        using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
        // Nobody listens in on a unix socket: it needs no TLS, and its clients no certificate.
        auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
            Type::FROM_FD, address.is_unix ? grpc::InsecureServerCredentials() : credentials);
        why = listeners_->open(address, static_cast<mode_t>(std::stoul(options_.socket_mode, nullptr, 8)),
                               std::move(acceptor));
        if (!why.empty()) {
            return why;
        }
    }
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) {
        return "gRPC cannot start; its own messages stand above";
    }
    server_->GetHealthCheckService()->SetServingStatus(kServiceName, true);
    return "";
}

std::string Server::open_metrics() {
    if (options_.metrics_port == "off") {
        return "";
    }
    add_gauges();
    http_ = std::make_unique<HttpPage>([this] { return core_->metrics.text(); },
                                       [this] { return !core_->is_draining.load(); });
    const int wanted = options_.metrics_port == "auto" ? 0 : std::stoi(options_.metrics_port);
    metrics_port_ = http_->start(wanted);
    if (metrics_port_ != 0) {
        return "";
    }
    http_.reset();
    if (options_.metrics_port_is_given) {
        return "cannot listen on 127.0.0.1:" + options_.metrics_port +
               " for --metrics-port: it is in use; choose another port, auto or off";
    }
    log_event(LogLevel::kWarning, "no metrics page",
              {{"port", static_cast<int64_t>(wanted)}, {"reason", std::string("in use")}});
    return "";
}

void Server::add_gauges() {
    Core* core = core_.get();
    const auto add = [&](const char* name, const char* help, auto read) {
        core->metrics.add_gauge(name, help, [read] { return static_cast<double>(read()); });
    };
    add("exprjit_queue_calls", "Calls that wait for a worker.", [core] { return core->pool.waiting(); });
    add("exprjit_busy_workers", "Workers at work.", [core] { return core->pool.busy(); });
    add("exprjit_workers", "Workers.", [core] { return core->options.threads; });
    add("exprjit_open_calls", "Calls open, streams included.", [core] { return core->calls_open.load(); });
    add("exprjit_open_streams", "EvaluateStream calls open.", [core] { return core->streams_open.load(); });
    add("exprjit_open_connections", "Connections open.", [this] { return listeners_->connections(); });
    add("exprjit_columns_bytes", "Memory held by columns.", [core] { return core->memory.used(); });
    add("exprjit_kernels", "Handles kept.", [core] { return core->kernels.size(); });
    add("exprjit_kernel_evictions", "Handles dropped so far to make room.",
        [core] { return core->kernels.evictions(); });
    add("exprjit_draining", "1 once the server shuts down.", [core] { return core->is_draining.load() ? 1 : 0; });
    const auto stats = [core] {
        ej_engine_stats out{};
        out.struct_size = sizeof out;
        ej_engine_get_stats(core->engine, &out);
        return out;
    };
    add("exprjit_code_bytes", "Machine code alive.", [stats] { return stats().code_bytes; });
    add("exprjit_cache_bytes", "The engine's cache.", [stats] { return stats().cache_bytes; });
    add("exprjit_compiles", "Programs compiled so far.", [stats] { return stats().compiles; });
    add("exprjit_cache_hits", "Programs found in the engine's cache so far.", [stats] {
        const ej_engine_stats now = stats();
        return now.text_hits + now.canonical_hits;
    });
}

std::string Server::start_up_line() const {
    const Limits& limits = options_.limits;
    std::string line = std::string("exprjit-server ") + ej_version() + " listening on ";
    for (size_t i = 0; i < options_.addresses.size(); ++i) {
        line += (i == 0 ? "" : ", ") + options_.addresses[i].text();
    }
    line += "; authentication: ";
    line += !options_.token_file.empty() ? "token" : "none";
    line += !options_.tls_client_ca.empty() ? " and client certificate" : "";
    line += !options_.tls_cert.empty() ? "; TLS on" : "; TLS off";
    line += "; limits: text " + limit_text(limits.max_text_bytes, "bytes") + ", " +
            limit_text(limits.max_nodes, "nodes") + ", message " + limit_text(limits.max_message_bytes, "bytes") +
            ", call " + limit_text(limits.max_call_ms, "ms") + ", queue " + limit_text(limits.queue, "calls") +
            ", memory " + limit_text(limits.max_memory_bytes, "bytes") + ", " +
            limit_text(limits.max_connections, "connections") + ", " + limit_text(options_.threads, "workers");
    line += metrics_port_ != 0 ? "; metrics on http://127.0.0.1:" + std::to_string(metrics_port_) + "/metrics"
                               : "; metrics off";
    return line;
}

bool Server::drain() {
    using Clock = std::chrono::steady_clock;
    const auto grace = std::chrono::milliseconds(options_.limits.grace_ms);
    const auto until = Clock::now() + grace;
    server_->GetHealthCheckService()->Shutdown();  // NOT_SERVING, for good
    core_->is_draining = true;
    listeners_->stop();
    // Sends GOAWAY, so that clients go elsewhere with their next call; cuts off what is open when the grace is over.
    std::atomic<bool> is_shut{false};
    std::thread shutting([&] {
        server_->Shutdown(std::chrono::system_clock::now() + grace);
        is_shut = true;
    });
    while (core_->calls_open.load() > 0 && Clock::now() < until) {
        core_->streams.end_quiet(kQuiet);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const bool all_ended = core_->calls_open.load() == 0;
    // Answers leave while gRPC writes them; what stays open after that is watching (health, reflection), not working.
    const auto polite = Clock::now() + std::chrono::milliseconds(300);
    while (!is_shut && Clock::now() < std::min(polite, until)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (all_ended && !is_shut) {
        listeners_->shut_down_connections();
    }
    shutting.join();  // the metrics page goes with the process: its end would wait for silent connections
    return all_ended;
}

}  // namespace exprjit::server
