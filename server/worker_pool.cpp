// SPDX-License-Identifier: MIT OR Apache-2.0
#include "worker_pool.h"

#include <pthread.h>

#include <utility>

namespace exprjit::server {

WorkerPool::WorkerPool(int threads, size_t capacity) : capacity_(capacity) {
    threads_.reserve(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
        pthread_setname_np(threads_.back().native_handle(), "kernel-worker");
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool WorkerPool::push(std::shared_ptr<Task> task, bool always) {
    bool somebody_sleeps;
    {
        const std::lock_guard lock(mutex_);
        if (closing_ || (!always && queue_.size() >= capacity_)) {
            return false;
        }
        Task& entered = *task;
        queue_.push_back(std::move(task));
        entered.place_ = std::prev(queue_.end());
        entered.is_queued_ = true;
        waiting_.store(queue_.size(), std::memory_order_relaxed);
        somebody_sleeps = idle_ > 0;
    }
    if (somebody_sleeps) {
        wake_.notify_one();
    }
    return true;
}

bool WorkerPool::withdraw(Task& task) {
    std::shared_ptr<Task> freed;  // after the lock: it may be the last reference
    const std::lock_guard lock(mutex_);
    if (!task.is_queued_) {
        return false;
    }
    freed = std::move(*task.place_);
    queue_.erase(task.place_);
    task.is_queued_ = false;
    waiting_.store(queue_.size(), std::memory_order_relaxed);
    return true;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        while (queue_.empty() && !closing_) {
            ++idle_;
            wake_.wait(lock);
            --idle_;
        }
        if (queue_.empty()) {
            return;
        }
        std::shared_ptr<Task> task = std::move(queue_.front());
        queue_.pop_front();
        task->is_queued_ = false;
        waiting_.store(queue_.size(), std::memory_order_relaxed);
        lock.unlock();
        busy_.fetch_add(1, std::memory_order_relaxed);
        task->run();
        task.reset();
        busy_.fetch_sub(1, std::memory_order_relaxed);
        lock.lock();
    }
}

}  // namespace exprjit::server
