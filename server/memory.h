// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The memory of columns: counted against one limit for all calls before it is taken, and aligned for vectors.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace exprjit::server {

class MemoryQuota {
  public:
    explicit MemoryQuota(int64_t limit) : limit_(limit) {}

    // False, and nothing is taken, if the limit would be passed.
    bool take(size_t bytes);
    void give(size_t bytes) { used_.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed); }
    int64_t used() const { return used_.load(std::memory_order_relaxed); }
    int64_t limit() const { return limit_; }

  private:
    const int64_t limit_;
    std::atomic<int64_t> used_{0};
};

// Bytes of a quota that are given back at the end of a scope.
class MemoryLease {
  public:
    explicit MemoryLease(MemoryQuota& quota) : quota_(quota) {}
    ~MemoryLease() { end(); }
    MemoryLease(const MemoryLease&) = delete;
    MemoryLease& operator=(const MemoryLease&) = delete;

    bool take(size_t bytes);
    void end();
    size_t bytes() const { return bytes_; }
    int64_t limit() const { return quota_.limit(); }

  private:
    MemoryQuota& quota_;
    size_t bytes_ = 0;
};

// Memory that lives together. Not thread-safe.
class Arena {
  public:
    static constexpr size_t kAlignment = 64;

    // `besides`: what the call holds elsewhere, for `alone`.
    explicit Arena(MemoryQuota& quota, size_t besides = 0) : lease_(quota), besides_(besides) {}
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // `size` bytes at a multiple of kAlignment, not initialised; nullptr if the quota or the machine has no more.
    uint8_t* allocate(size_t size);
    // What the call holds, this arena included.
    size_t alone() const { return besides_ + lease_.bytes(); }
    int64_t limit() const { return lease_.limit(); }

  private:
    static constexpr size_t kChunk = 16 << 10;

    MemoryLease lease_;
    const size_t besides_;
    std::vector<uint8_t*> chunks_;
    uint8_t* next_ = nullptr;
    size_t left_ = 0;
};

}  // namespace exprjit::server
