// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Who runs the pieces of one evaluation: the calling thread alone (no executor), the library's own pool, or the host.
#pragma once

#include <cstdint>

namespace exprjit {

// Runs the pieces of one evaluation. A task neither fails nor throws: failures are in what `data` points to.
class Executor {
  public:
    virtual ~Executor() = default;
    // Calls task(data, i) once for every i in 0 … count-1, on any threads, in any order; returns when all are done.
    virtual void run(int64_t count, void (*task)(void* data, int64_t index), void* data) = 0;
    // How many pieces can run at once, about: at least 1.
    virtual int threads() const = 0;
};

// Hands the pieces to a function of the host.
class HostExecutor final : public Executor {
  public:
    using Parallel = void (*)(void* user_data, int64_t count, void (*task)(void* data, int64_t index), void* data);

    HostExecutor(Parallel parallel, void* user_data, int threads)
        : parallel_(parallel), user_data_(user_data), threads_(threads) {}
    void run(int64_t count, void (*task)(void* data, int64_t index), void* data) override {
        if (count > 0) parallel_(user_data_, count, task, data);
    }
    int threads() const override { return threads_; }

  private:
    Parallel parallel_;
    void* user_data_;
    int threads_;
};

// The process's own threads. They are started when first asked for, never before, as many as a run asks for at most;
// afterwards they sleep until the next run. A run while another one is in progress (of another thread, or around this
// one) happens on its calling thread alone: nothing ever waits for a turn. A fork leaves the child without threads; it
// starts its own when it asks for them. They are joined when the library is unloaded or the process exits.
class PoolExecutor final : public Executor {
  public:
    // More threads than this are never used.
    static constexpr int kMostThreads = 256;

    // `threads` counts the calling thread. Starts nothing yet.
    explicit PoolExecutor(int threads) : threads_(threads < 1 ? 1 : threads > kMostThreads ? kMostThreads : threads) {}
    void run(int64_t count, void (*task)(void* data, int64_t index), void* data) override;
    int threads() const override { return threads_; }

    // How many threads the pool has started in this process and still has; for tests.
    static int started();

  private:
    int threads_;
};

// How many CPUs this thread may run on; at least 1.
int available_cpus();

}  // namespace exprjit
