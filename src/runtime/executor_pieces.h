// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#include "runtime/executor.h"
#include "support/result.h"

namespace exprjit {

// Runs body(i), a Result<void>, for i in 0 … count-1: in order on this thread without an executor. The failure of the
// lowest failing piece is the result, whoever ran it; pieces above a failed one may be left out. Throws std::bad_alloc
// if a piece did.
template <class Body>
Result<void> run_pieces(Executor* executor, int64_t count, Body&& body) {
    if (executor == nullptr || count < 2) {
        for (int64_t i = 0; i < count; ++i) {
            if (Result<void> done = body(i); !done) return done;
        }
        return {};
    }
    struct Shared {
        Body& body;
        std::mutex mutex;
        std::atomic<int64_t> lowest{std::numeric_limits<int64_t>::max()};
        Failure failure;  // nullptr with a `lowest`: out of memory

        void fail_at(int64_t i, Failure f) {
            const std::lock_guard lock(mutex);
            if (i >= lowest.load(std::memory_order_relaxed)) return;
            lowest.store(i, std::memory_order_relaxed);
            failure = std::move(f);
        }
    } shared{body, {}, {}, {}};
    shared.lowest = std::numeric_limits<int64_t>::max();
    executor->run(
        count,
        [](void* data, int64_t i) {
            auto& s = *static_cast<Shared*>(data);
            if (i > s.lowest.load(std::memory_order_relaxed)) return;
            try {
                if (Result<void> done = s.body(i); !done) s.fail_at(i, done.take_failure());
            } catch (const std::bad_alloc&) {
                s.fail_at(i, nullptr);
            }
        },
        &shared);
    if (shared.lowest == std::numeric_limits<int64_t>::max()) return {};
    if (shared.failure == nullptr) throw std::bad_alloc();
    return std::move(shared.failure);
}

}  // namespace exprjit
