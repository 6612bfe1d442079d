// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>
#include <mutex>
#include <vector>

#include "runtime/code_memory.h"
#include "runtime/fork_aware.h"
#include "runtime/unit_bitmap.h"

namespace exprjit {

namespace {

constexpr uint8_t kBreakpoint = 0xcc;
constexpr size_t kSmallestArena = size_t{256} << 10;
constexpr size_t kLargestArena = size_t{4} << 20;
// How far ahead of the highest block memory is made resident: one system call for many page faults.
constexpr size_t kReadyStep = size_t{64} << 10;

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

// Two views of one memory file, and which of its granules are taken.
struct Arena {
    uint8_t* writable = nullptr;
    uint8_t* executable = nullptr;
    size_t bytes = 0;
    size_t ready = 0;  // below it, unused granules hold breakpoints
    bool retired = false;
    bool single = false;  // made for one block larger than an ordinary arena, and goes with it
    UnitBitmap granules;

    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() {
        if (writable != nullptr) munmap(writable, bytes);
        if (executable != nullptr) munmap(executable, bytes);
    }

    // False with errno set if the system refuses.
    bool map(size_t size) {
        int file = memfd_create("exprjit", MFD_CLOEXEC | MFD_EXEC);
        if (file < 0 && errno == EINVAL) file = memfd_create("exprjit", MFD_CLOEXEC);  // before Linux 6.3
        if (file < 0) return false;
        bool ok = ftruncate(file, static_cast<off_t>(size)) == 0;
        void* w = ok ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
        void* x = w != MAP_FAILED ? mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0) : MAP_FAILED;
        const int reason = errno;
        close(file);
        bytes = size;
        if (w != MAP_FAILED) writable = static_cast<uint8_t*>(w);
        if (x != MAP_FAILED) executable = static_cast<uint8_t*>(x);
        errno = reason;
        return executable != nullptr;
    }

    // Fills with breakpoints up to `end`, ahead in steps, so that an arena is resident only as far as it is used.
    void make_ready(size_t end) {
        if (end <= ready) return;
        const size_t to = std::min(bytes, (end + kReadyStep - 1) / kReadyStep * kReadyStep);
        std::memset(writable + ready, kBreakpoint, to - ready);
        madvise(executable + ready, to - ready, MADV_POPULATE_READ);  // only a matter of speed; older systems refuse
        ready = to;
    }
};

class DualCodeMemory final : public CodeMemory, private ForkAware {
  public:
    DualCodeMemory() { register_for_fork(); }
    ~DualCodeMemory() override { unregister_for_fork(); }

    // The first arena is mapped at once, to know whether the system allows it; its memory is not resident until used.
    bool open() { return add_arena(kSmallestArena) != nullptr; }

    bool install(std::span<const uint8_t> code, CodeBlock& out) override {
        const size_t count = (code.size() + kCodeGranule - 1) / kCodeGranule;
        if (count == 0) return false;
        const std::lock_guard lock(mutex_);
        size_t at = SIZE_MAX;
        Arena* arena = nullptr;
        for (size_t i = arenas_.size(); i-- > 0 && at == SIZE_MAX;) {  // the newest is the likeliest to have room
            arena = arenas_[i].get();
            if (!arena->retired && !arena->single) at = arena->granules.find(count);
        }
        if (at == SIZE_MAX) {
            arena = add_arena(count * kCodeGranule);
            if (arena == nullptr) return false;
            at = 0;
        }
        arena->granules.take(at, count);
        const size_t offset = at * kCodeGranule;
        arena->make_ready(offset + count * kCodeGranule);
        // Written under the lock: a fork in between would otherwise let this thread write into a retired arena.
        std::memcpy(arena->writable + offset, code.data(), code.size());
        code_bytes_.fetch_add(count * kCodeGranule, std::memory_order_relaxed);
        out = {arena->executable + offset, count * kCodeGranule, arena};
        return true;
    }

    void release(const CodeBlock& block) override {
        if (block.arena == nullptr) return;
        std::unique_ptr<Arena> emptied;  // unmapped after the lock is given back
        const std::lock_guard lock(mutex_);
        Arena& arena = *static_cast<Arena*>(block.arena);
        const size_t offset = static_cast<size_t>(block.address - arena.executable);
        arena.granules.give_back(offset / kCodeGranule, block.bytes / kCodeGranule);
        if (!arena.retired) std::memset(arena.writable + offset, kBreakpoint, block.bytes);
        code_bytes_.fetch_sub(block.bytes, std::memory_order_relaxed);
        // One empty arena is kept for what comes next; retired ones and the others go back to the system.
        if (arena.granules.used() == 0 && (arena.retired || arena.single || open_arenas() > 1)) emptied = take(arena);
    }

    size_t code_bytes() const override { return code_bytes_.load(std::memory_order_relaxed); }
    size_t arena_bytes() const override { return arena_bytes_.load(std::memory_order_relaxed); }

  private:
    Arena* add_arena(size_t at_least) {
        size_t size = std::max(next_size_, kSmallestArena);
        while (size < at_least && size < kLargestArena) size *= 2;
        if (size < at_least) size = (at_least + 4095) / 4096 * 4096;
        auto arena = std::make_unique<Arena>();
        arenas_.reserve(arenas_.size() + 1);
        if (!arena->map(size)) return nullptr;
        arena->granules.reset(size / kCodeGranule);  // sizes are whole pages, so multiples of 64 granules
        arena->single = size > kLargestArena;
        if (!arena->single) next_size_ = std::min(kLargestArena, next_size_ * 4);
        arena_bytes_.fetch_add(size, std::memory_order_relaxed);
        arenas_.push_back(std::move(arena));
        return arenas_.back().get();
    }

    size_t open_arenas() const {
        return static_cast<size_t>(
            std::count_if(arenas_.begin(), arenas_.end(), [](const auto& a) { return !a->retired && !a->single; }));
    }

    std::unique_ptr<Arena> take(Arena& arena) {
        const auto it = std::find_if(arenas_.begin(), arenas_.end(), [&](const auto& a) { return a.get() == &arena; });
        assert(it != arenas_.end());
        std::unique_ptr<Arena> taken = std::move(*it);
        arenas_.erase(it);
        arena_bytes_.fetch_sub(taken->bytes, std::memory_order_relaxed);
        return taken;
    }

    void before_fork() override { mutex_.lock(); }
    void after_fork(bool) override {
        for (const auto& arena : arenas_) {
            arena->retired = true;
            if (arena->granules.used() == 0) arena_bytes_.fetch_sub(arena->bytes, std::memory_order_relaxed);
        }
        std::erase_if(arenas_, [](const auto& a) { return a->granules.used() == 0; });
        next_size_ = kSmallestArena;
        mutex_.unlock();
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Arena>> arenas_;
    size_t next_size_ = kSmallestArena;
    std::atomic<size_t> code_bytes_{0};
    std::atomic<size_t> arena_bytes_{0};
};

}  // namespace

std::unique_ptr<CodeMemory> make_dual_code_memory(std::string* why) {
    auto memory = std::make_unique<DualCodeMemory>();
    if (memory->open()) return memory;
    if (why != nullptr) *why = std::strerror(errno);
    return nullptr;
}

}  // namespace exprjit
