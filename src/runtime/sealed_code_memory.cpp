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
constexpr size_t kPage = 4096;  // the smallest of x86-64; a multiple of kCodeGranule
constexpr size_t kSmallestArena = size_t{512} << 10;
constexpr size_t kLargestArena = size_t{64} << 20;

// The kernel keeps a record (a VMA) for each run of pages with equal permissions, 65,530 per process by default, and mmap
// fails when they are used up, the host's too. Blocks next to each other share one, so installing costs none; closing a
// released page between two blocks costs two. Beyond this many borders between runs, released pages stay open (empty,
// but executable) unless closing them makes no new border.
constexpr size_t kMostBorders = 8192;

// Address space reserved at once, and what became of its pages.
struct Arena {
    uint8_t* base = nullptr;
    size_t bytes = 0;
    bool single = false;     // made for one block larger than an ordinary arena, and goes with it
    UnitBitmap pages;        // taken: by a block, or lost
    std::vector<bool> open;  // pages that are executable: of blocks, and released ones that were not closed
    size_t lost = 0;         // pages whose content could not be dropped: never used again

    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() {
        if (base != nullptr) munmap(base, bytes);
    }

    // Nothing is committed: no memory, no swap, no permission. False with errno set if the system refuses.
    bool reserve(size_t size) {
        void* const at = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED) return false;
        base = static_cast<uint8_t*>(at);
        bytes = size;
        pages.reset((size / kPage + 63) / 64 * 64);
        if (size / kPage % 64 != 0) pages.take(size / kPage, pages.units() - size / kPage);
        open.assign(size / kPage, false);
        return true;
    }

    // Pages of blocks that are not released.
    size_t used() const { return pages.used() - (pages.units() - bytes / kPage) - lost; }

    bool is_open(size_t page) const { return page < open.size() && open[page]; }
    // Borders between open and closed pages within a run and at its ends. Beyond the arena everything is closed.
    size_t borders(size_t first, size_t count) const {
        size_t n = 0;
        for (size_t p = first; p <= first + count; ++p)
            n += static_cast<size_t>((p != 0 && is_open(p - 1)) != is_open(p));
        return n;
    }
    // Whether closing a run of open pages leaves more borders than there were.
    bool closing_adds_borders(size_t first, size_t count) const {
        return (first != 0 && is_open(first - 1)) && is_open(first + count);
    }
};

// Takes the pages' content away: what is there afterwards is new memory, zero when first touched. False if it is locked in
// memory for good.
bool drop(uint8_t* at, size_t bytes) {
    if (madvise(at, bytes, MADV_DONTNEED) == 0) return true;
    return munlock(at, bytes) == 0 && madvise(at, bytes, MADV_DONTNEED) == 0;  // after the host's mlockall
}

class SealedCodeMemory final : public CodeMemory, private ForkAware {
  public:
    SealedCodeMemory() { register_for_fork(); }
    ~SealedCodeMemory() override { unregister_for_fork(); }

    // One block is made and released, to know whether the system allows it.
    bool open() {
        const uint8_t code[] = {kBreakpoint};
        CodeBlock block;
        if (!install(code, block)) return false;
        release(block);
        return true;
    }

    bool install(std::span<const uint8_t> code, CodeBlock& out) override {
        const size_t count = (code.size() + kPage - 1) / kPage;
        if (count == 0) return false;
        // Written under the lock: a fork in between would leave the child with pages that nobody seals.
        const std::lock_guard lock(mutex_);
        Arena* arena = nullptr;
        size_t first = SIZE_MAX;
        for (size_t i = 0; i < arenas_.size() && first == SIZE_MAX; ++i) {
            arena = arenas_[i].get();
            if (!arena->single) first = arena->pages.find(count);
        }
        if (first == SIZE_MAX) {
            arena = add_arena(count * kPage);
            if (arena == nullptr) return false;
            first = 0;
        }
        if (!seal(*arena, first, count, code)) return false;
        arena->pages.take(first, count);
        code_bytes_.fetch_add(count * kPage, std::memory_order_relaxed);
        out = {arena->base + first * kPage, count * kPage, arena};
        return true;
    }

    void release(const CodeBlock& block) override {
        if (block.arena == nullptr) return;
        std::unique_ptr<Arena> emptied;  // unmapped after the lock is given back
        const std::lock_guard lock(mutex_);
        Arena& arena = *static_cast<Arena*>(block.arena);
        const size_t first = static_cast<size_t>(block.address - arena.base) / kPage, count = block.bytes / kPage;
        clear(arena, first, count);
        code_bytes_.fetch_sub(block.bytes, std::memory_order_relaxed);
        // One empty arena is kept for what comes next; the others go back to the system.
        if (arena.used() == 0 && (arena.single || arenas_.size() > 1)) emptied = take(arena);
    }

    size_t code_bytes() const override { return code_bytes_.load(std::memory_order_relaxed); }
    size_t arena_bytes() const override { return arena_bytes_.load(std::memory_order_relaxed); }

  private:
    // Free pages become writable, hold the code, and become executable. They were never written, or are empty since they
    // were released; no thread is in them.
    bool seal(Arena& arena, size_t first, size_t count, std::span<const uint8_t> code) {
        uint8_t* const at = arena.base + first * kPage;
        const size_t bytes = count * kPage;
        if (mprotect(at, bytes, PROT_READ | PROT_WRITE) != 0) return false;
        std::memcpy(at, code.data(), code.size());
        std::memset(at + code.size(), kBreakpoint, bytes - code.size());
        const bool sealed = mprotect(at, bytes, PROT_READ | PROT_EXEC) == 0;
        const int reason = errno;
        mark(arena, first, count, true);
        if (sealed) return true;
        arena.pages.take(first, count);
        clear(arena, first, count);
        errno = reason;
        return false;
    }

    // The pages of a block become free, or are lost.
    void clear(Arena& arena, size_t first, size_t count) {
        uint8_t* const at = arena.base + first * kPage;
        const bool dropped = drop(at, count * kPage);
        const bool close = !dropped || borders_ < kMostBorders || !arena.closing_adds_borders(first, count);
        if (close && mprotect(at, count * kPage, PROT_NONE) == 0) mark(arena, first, count, false);
        if (dropped)
            arena.pages.give_back(first, count);
        else
            arena.lost += count;
    }

    void mark(Arena& arena, size_t first, size_t count, bool open) {
        borders_ -= arena.borders(first, count);
        std::fill_n(arena.open.begin() + static_cast<ptrdiff_t>(first), count, open);
        borders_ += arena.borders(first, count);
    }

    Arena* add_arena(size_t at_least) {
        size_t size = next_size_;
        while (size < at_least && size < kLargestArena) size *= 2;
        if (size < at_least) size = at_least;
        auto arena = std::make_unique<Arena>();
        arenas_.reserve(arenas_.size() + 1);
        if (!arena->reserve(size)) return nullptr;
        arena->single = size > kLargestArena;
        if (!arena->single) next_size_ = std::min(kLargestArena, next_size_ * 4);
        arena_bytes_.fetch_add(size, std::memory_order_relaxed);
        arenas_.push_back(std::move(arena));
        return arenas_.back().get();
    }

    std::unique_ptr<Arena> take(Arena& arena) {
        const auto it = std::find_if(arenas_.begin(), arenas_.end(), [&](const auto& a) { return a.get() == &arena; });
        assert(it != arenas_.end());
        std::unique_ptr<Arena> taken = std::move(*it);
        arenas_.erase(it);
        borders_ -= taken->borders(0, taken->open.size());
        arena_bytes_.fetch_sub(taken->bytes, std::memory_order_relaxed);
        return taken;
    }

    void before_fork() override { mutex_.lock(); }
    void after_fork(bool) override { mutex_.unlock(); }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Arena>> arenas_;
    size_t next_size_ = kSmallestArena;
    size_t borders_ = 0;  // of all arenas
    std::atomic<size_t> code_bytes_{0};
    std::atomic<size_t> arena_bytes_{0};
};

}  // namespace

std::unique_ptr<CodeMemory> make_sealed_code_memory(std::string* why) {
    auto memory = std::make_unique<SealedCodeMemory>();
    if (memory->open()) return memory;
    if (why != nullptr) *why = std::strerror(errno);
    return nullptr;
}

}  // namespace exprjit
