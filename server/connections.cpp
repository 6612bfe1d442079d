// SPDX-License-Identifier: MIT OR Apache-2.0
#include "connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "log.h"

namespace exprjit::server {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);  // after EMFILE and the like

union SocketAddress {
    sockaddr any;
    sockaddr_un unix_path;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_storage room;
};

socklen_t fill(const Address& address, SocketAddress& out) {
    std::memset(&out, 0, sizeof out);
    if (address.is_unix) {
        out.unix_path.sun_family = AF_UNIX;
        std::memcpy(out.unix_path.sun_path, address.host.c_str(), address.host.size());
        return sizeof out.unix_path;
    }
    if (address.is_ipv6) {
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(address.port);
        inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr);
        return sizeof out.v6;
    }
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr);
    return sizeof out.v4;
}

ino_t inode_of(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

// Whether a process still listens on the unix socket that lies there.
bool is_served(const SocketAddress& where, socklen_t size) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool served = fd >= 0 && (connect(fd, &where.any, size) == 0 || errno == EAGAIN);
    close(fd);
    return served;
}

// What one peer is for the bound: an IP address, or the process at the other end of a unix socket.
std::string peer_of(int fd, const SocketAddress& from) {
    char text[INET6_ADDRSTRLEN] = "?";
    switch (from.any.sa_family) {
    case AF_INET: return inet_ntop(AF_INET, &from.v4.sin_addr, text, sizeof text);
    case AF_INET6: return inet_ntop(AF_INET6, &from.v6.sin6_addr, text, sizeof text);
    default: {
        ucred credentials{};
        socklen_t size = sizeof credentials;
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
        return "process " + std::to_string(credentials.pid);
    }
    }
}

}  // namespace

void ConnectionTable::add(int fd, const std::string& peer) {
    const std::lock_guard lock(mutex_);
    open_.insert_or_assign(fd, Connection{inode_of(fd), peer});  // an older one with this number is over
}

bool ConnectionTable::is_open(int fd, const Connection& connection) const { return inode_of(fd) == connection.inode; }

void ConnectionTable::sweep() {
    std::erase_if(open_, [this](const auto& entry) { return !is_open(entry.first, entry.second); });
}

size_t ConnectionTable::count() {
    const std::lock_guard lock(mutex_);
    sweep();
    return open_.size();
}

size_t ConnectionTable::count_of(const std::string& peer) {
    const std::lock_guard lock(mutex_);
    size_t count = 0;
    for (const auto& entry : open_) {
        count += entry.second.peer == peer && is_open(entry.first, entry.second) ? 1 : 0;
    }
    return count;
}

void ConnectionTable::shut_down_all() {
    const std::lock_guard lock(mutex_);
    sweep();
    for (const auto& entry : open_) {
        shutdown(entry.first, SHUT_RDWR);
    }
}

Listeners::~Listeners() { stop(); }

std::string Listeners::open(Address& address, mode_t socket_mode,
                            std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor) {
    const auto failure = [&](int fd) {
        const std::string why = std::strerror(errno);
        if (fd >= 0) {
            close(fd);
        }
        return "cannot listen on " + address.text() + ": " + why;
    };
    SocketAddress where;
    const socklen_t size = fill(address, where);
    const int fd = socket(where.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return failure(fd);
    }
    ino_t inode = 0;
    if (address.is_unix) {
        struct stat there {};
        if (lstat(address.host.c_str(), &there) == 0) {
            if (!S_ISSOCK(there.st_mode)) {
                close(fd);
                return "cannot listen on " + address.text() + ": a file is there that is no socket";
            }
            if (is_served(where, size)) {
                close(fd);
                return "cannot listen on " + address.text() + ": another process serves it";
            }
            unlink(address.host.c_str());
        }
        // Born closed to everybody else, so that there is no moment with other permissions.
        const mode_t old = umask(0777 & ~socket_mode);
        const bool bound = bind(fd, &where.any, size) == 0;
        umask(old);
        struct stat made {};
        if (!bound || lstat(address.host.c_str(), &made) != 0) {
            return failure(fd);
        }
        inode = made.st_ino;
    } else {
        const int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
                   sizeof on);  // not REUSEPORT: two servers never share a port by accident
        if (address.is_ipv6) {
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        }
        socklen_t got = sizeof where;
        if (bind(fd, &where.any, size) != 0 || getsockname(fd, &where.any, &got) != 0) {
            return failure(fd);
        }
        address.port = ntohs(address.is_ipv6 ? where.v6.sin6_port : where.v4.sin_port);
    }
    if (listen(fd, 256) != 0) {
        return failure(fd);
    }
    listeners_.push_back({fd, address.is_unix ? address.host : "", inode, std::move(acceptor)});
    return "";
}

void Listeners::start() {
    wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    thread_ = std::thread([this] { accept_loop(); });
    pthread_setname_np(thread_.native_handle(), "accept");
}

void Listeners::stop() {
    if (thread_.joinable()) {
        stopping_ = true;
        eventfd_write(wake_fd_, 1);
        thread_.join();
        close(wake_fd_);
    }
    for (const Listener& listener : listeners_) {
        close(listener.fd);
        struct stat there {};
        if (!listener.unix_path.empty() && lstat(listener.unix_path.c_str(), &there) == 0 &&
            there.st_ino == listener.unix_inode) {
            unlink(listener.unix_path.c_str());
        }
    }
    listeners_.clear();
}

void Listeners::accept_loop() {
    std::vector<pollfd> waits;
    for (const Listener& listener : listeners_) {
        waits.push_back({listener.fd, POLLIN, 0});
    }
    waits.push_back({wake_fd_, POLLIN, 0});
    while (!stopping_) {
        if (poll(waits.data(), waits.size(), -1) < 0) {
            continue;
        }
        for (size_t i = 0; i < listeners_.size(); ++i) {
            if ((waits[i].revents & POLLIN) != 0 && !accept_one(listeners_[i])) {
                // No descriptors or no memory: the connection waits in the kernel until something is closed.
                log_event(LogLevel::kWarning, "accepting paused", {{"reason", std::string(std::strerror(errno))}});
                pollfd wake{wake_fd_, POLLIN, 0};
                poll(&wake, 1, static_cast<int>(kPause.count()));
            }
        }
    }
}

// False after a failure that would come again at once.
bool Listeners::accept_one(Listener& listener) {
    SocketAddress from;
    std::memset(&from, 0, sizeof from);
    socklen_t size = sizeof from;
    const int fd = accept4(listener.fd, &from.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    hand_over(listener, fd, peer_of(fd, from));
    return true;
}

void Listeners::hand_over(Listener& listener, int fd, const std::string& peer) {
    const bool is_full = table_.count() >= limits_.connections;
    if (is_full || table_.count_of(peer) >= limits_.connections_per_peer) {
        close(fd);
        metrics_.count_connection(false);
        log_event(LogLevel::kDebug, "connection refused",
                  {{"peer", peer}, {"limit", std::string(is_full ? "max-connections" : "max-connections-per-peer")}});
        return;
    }
    if (listener.unix_path.empty()) {
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    table_.add(fd, peer);
    metrics_.count_connection(true);
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = listener.fd;
    connection.fd = fd;
    listener.acceptor->HandleNewConnection(&connection);
}

}  // namespace exprjit::server
