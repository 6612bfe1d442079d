// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Our own accept loop. gRPC 1.51's stops for good when the process runs out of file descriptors, and knows no bound on connections;
// this one pauses, refuses what is too much, and hands the rest to gRPC.
#pragma once

#include <grpcpp/server_builder.h>
#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "address.h"
#include "metrics.h"

namespace exprjit::server {

// The connections that gRPC was given. gRPC closes them without telling anybody; one is over when its descriptor no longer names
// the socket that was handed over, which its inode tells.
class ConnectionTable {
  public:
    void add(int fd, const std::string& peer);
    size_t count();
    size_t count_of(const std::string& peer);
    void shut_down_all();

  private:
    struct Connection {
        ino_t inode;
        std::string peer;
    };
    void sweep();  // forgets those that are over
    bool is_open(int fd, const Connection& connection) const;

    std::mutex mutex_;
    std::unordered_map<int, Connection> open_;
};

class Listeners {
  public:
    struct Limits {
        size_t connections, connections_per_peer;
    };

    Listeners(Limits limits, Metrics& metrics) : limits_(limits), metrics_(metrics) {}
    ~Listeners();
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    // Binds and listens; a port 0 of `address` becomes the one taken. "" or what went wrong. A unix socket that nobody serves any
    // more is replaced, a served one is not.
    std::string open(Address& address, mode_t socket_mode,
                     std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor);
    void start();
    // No new connections from now on; unix sockets are removed.
    void stop();
    // Ends what clients keep open.
    void shut_down_connections() { table_.shut_down_all(); }
    size_t connections() { return table_.count(); }

  private:
    struct Listener {
        int fd;
        std::string unix_path;
        ino_t unix_inode;  // ours: what another process put there meanwhile is left alone
        std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
    };
    void accept_loop();
    bool accept_one(Listener& listener);
    void hand_over(Listener& listener, int fd, const std::string& peer);

    const Limits limits_;
    Metrics& metrics_;
    ConnectionTable table_;
    std::vector<Listener> listeners_;
    int wake_fd_ = -1;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace exprjit::server
