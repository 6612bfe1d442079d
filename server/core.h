// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What all calls share. Members are in the order in which they depend on each other: the workers are joined first.
#pragma once

#include <exprjit/exprjit.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "deadline_watch.h"
#include "kernel_store.h"
#include "memory.h"
#include "metrics.h"
#include "open_streams.h"
#include "options.h"
#include "token.h"
#include "worker_pool.h"

namespace exprjit::server {

struct Core {
    Core(const Options& chosen, Tokens allowed, ej_engine* made)
        : options(chosen), tokens(std::move(allowed)), engine(made),
          kernels(static_cast<size_t>(chosen.limits.max_kernels),
                  static_cast<uint64_t>(chosen.limits.max_kernel_bytes)),
          memory(chosen.limits.max_memory_bytes), pool(chosen.threads, static_cast<size_t>(chosen.limits.queue)) {}
    ~Core() { ej_engine_destroy(engine); }

    const Options options;
    const Tokens tokens;
    ej_engine* const engine;  // owned
    const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
    Metrics metrics;
    KernelStore kernels;
    MemoryQuota memory;
    std::atomic<bool> is_draining{false};
    std::atomic<int64_t> calls_open{0}, streams_open{0};
    OpenStreams streams;
    DeadlineWatch watch;
    WorkerPool pool;
};

}  // namespace exprjit::server
