// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deadline_watch.h"

#include <pthread.h>

#include <utility>

namespace exprjit::server {

DeadlineWatch::DeadlineWatch() : thread_([this] { watch(); }) {
    pthread_setname_np(thread_.native_handle(), "deadline-watch");
}

DeadlineWatch::~DeadlineWatch() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

DeadlineWatch::Ticket DeadlineWatch::add(Clock::time_point when, std::weak_ptr<Watched> watched) {
    Ticket ticket;
    bool is_earlier;
    {
        const std::lock_guard lock(mutex_);
        ticket = pending_.emplace(when, Entry{std::move(watched)});
        is_earlier = when < wakes_at_;
    }
    if (is_earlier) {
        wake_.notify_one();
    }
    return ticket;
}

void DeadlineWatch::forget(Ticket ticket) {
    const std::lock_guard lock(mutex_);
    (ticket->second.is_past ? past_ : pending_).erase(ticket);
}

void DeadlineWatch::watch() {
    std::unique_lock lock(mutex_);
    while (!closing_) {
        const auto first = pending_.begin();
        if (first != pending_.end() && first->first <= Clock::now()) {
            const std::weak_ptr<Watched> due = first->second.watched;
            first->second.is_past = true;
            past_.insert(pending_.extract(first));
            lock.unlock();
            if (const std::shared_ptr<Watched> watched = due.lock()) {
                watched->on_deadline();
            }
            lock.lock();
            continue;
        }
        if (first == pending_.end()) {
            wakes_at_ = Clock::time_point::max();
            wake_.wait(lock);
        } else {
            const Clock::time_point when = first->first;  // a copy: the entry may be forgotten meanwhile
            wakes_at_ = when;
            wake_.wait_until(lock, when);
        }
    }
}

}  // namespace exprjit::server
