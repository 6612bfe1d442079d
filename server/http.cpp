// SPDX-License-Identifier: MIT OR Apache-2.0
#include "http.h"

#include <httplib.h>

#include <chrono>
#include <thread>

namespace exprjit::server {

namespace {

constexpr size_t kThreads = 8;
constexpr time_t kPatienceSeconds = 1;
constexpr int kBacklog = 64;

}  // namespace

struct HttpPage::Parts {
    httplib::Server server;
    std::thread thread;
    socket_t socket = INVALID_SOCKET;  // that listens; the server's
};

HttpPage::HttpPage(std::function<std::string()> metrics, std::function<bool()> healthy)
    : parts_(std::make_unique<Parts>()) {
    httplib::Server& server = parts_->server;
    // A connection that says nothing has a thread until its time is over.
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_keep_alive_max_count(16);
    server.set_keep_alive_timeout(kPatienceSeconds);
    server.set_read_timeout(kPatienceSeconds);
    server.set_write_timeout(kPatienceSeconds);
    server.set_payload_max_length(1024);
    // Without SO_REUSEPORT, which cpp-httplib sets by default: a port that is taken must be noticed.
    server.set_socket_options([this](socket_t socket) {
        parts_->socket = socket;
        const int on = 1;
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server.Get("/metrics", [metrics = std::move(metrics)](const httplib::Request&, httplib::Response& response) {
        response.set_content(metrics(), "text/plain; version=0.0.4; charset=utf-8");
    });
    server.Get("/healthz", [healthy = std::move(healthy)](const httplib::Request&, httplib::Response& response) {
        const bool good = healthy();
        response.status = good ? 200 : 503;
        response.set_content(good ? "serving\n" : "not serving\n", "text/plain");
    });
}

HttpPage::~HttpPage() {
    if (parts_->thread.joinable()) {
        parts_->server.stop();
        parts_->thread.join();
    }
}

int HttpPage::start(int port) {
    httplib::Server& server = parts_->server;
    const int bound = port == 0                                ? server.bind_to_any_port("127.0.0.1")
                      : server.bind_to_port("127.0.0.1", port) ? port
                                                               : 0;
    if (bound <= 0) {
        return 0;
    }
    // cpp-httplib queues five connections; the next would try again after a second.
    ::listen(parts_->socket, kBacklog);
    parts_->thread = std::thread([&server] { server.listen_after_bind(); });
    while (!server.is_running()) {  // stop() before that would be lost
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return bound;
}

}  // namespace exprjit::server
