// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One thread that tells calls when their time is over.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace exprjit::server {

class Watched {
  public:
    virtual ~Watched() = default;
    virtual void on_deadline() = 0;  // on the watch's thread, without its lock; quick
};

class DeadlineWatch {
  public:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::weak_ptr<Watched> watched;
        bool is_past = false;
    };
    using Entries = std::multimap<Clock::time_point, Entry>;
    using Ticket = Entries::iterator;

    DeadlineWatch();
    ~DeadlineWatch();
    DeadlineWatch(const DeadlineWatch&) = delete;
    DeadlineWatch& operator=(const DeadlineWatch&) = delete;

    // Tickets stay valid until forget, whether their time has come or not. Every ticket is forgotten exactly once.
    Ticket add(Clock::time_point when, std::weak_ptr<Watched> watched);
    void forget(Ticket ticket);

  private:
    void watch();

    std::mutex mutex_;
    std::condition_variable wake_;
    Entries pending_, past_;  // an entry whose time has come moves over, node and all
    // When the thread looks again. A later deadline does not wake it, nor does a forgotten one: in the usual case, calls that
    // end long before their time, it sleeps.
    Clock::time_point wakes_at_ = Clock::time_point::max();
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace exprjit::server
