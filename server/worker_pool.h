// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The threads that compile and run kernels, and the bounded queue before them. A task that waits is owned by the queue; whoever
// takes it out (a worker, or a cancellation by withdraw) is its only owner from then on. That is what makes it impossible for a
// call to be answered twice.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace exprjit::server {

class Task {
  public:
    virtual ~Task() = default;
    virtual void run() = 0;  // on a worker; does not throw

  private:
    friend class WorkerPool;
    std::list<std::shared_ptr<Task>>::iterator place_;
    bool is_queued_ = false;  // guarded by the pool's mutex
};

class WorkerPool {
  public:
    WorkerPool(int threads, size_t capacity);
    ~WorkerPool();  // runs what is queued, then joins
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False if the queue is full. `always`: a task whose number is bounded elsewhere (one per open stream).
    bool push(std::shared_ptr<Task> task, bool always = false);
    // Takes a waiting task out of the queue. False if it is not there (any more): somebody else owns it.
    bool withdraw(Task& task);

    size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
    size_t busy() const { return busy_.load(std::memory_order_relaxed); }

  private:
    void work();

    const size_t capacity_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::list<std::shared_ptr<Task>> queue_;
    size_t idle_ = 0;
    bool closing_ = false;
    std::atomic<size_t> waiting_{0}, busy_{0};
    std::vector<std::thread> threads_;
};

}  // namespace exprjit::server
