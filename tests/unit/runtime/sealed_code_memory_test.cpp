// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <random>

#include "code_memory_fixture.h"

// The sanitizers put functions of their own in front of the system's.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define EXPRJIT_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EXPRJIT_SANITIZED 1
#endif

namespace exprjit {
namespace {

constexpr size_t kPage = 4096;

std::unique_ptr<CodeMemory> open_memory() {
    std::string why;
    auto memory = make_sealed_code_memory(&why);
    EXPECT_NE(memory, nullptr) << why;
    return memory;
}

TEST(RuntimeSealedCodeMemory, ABlockIsWholePagesFilledWithBreakpoints) {
    const auto memory = open_memory();
    CodeBlock b;
    ASSERT_TRUE(memory->install(returns(1), b));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(b.address) % kPage, 0u);
    EXPECT_EQ(b.bytes, kPage);
    EXPECT_TRUE(std::all_of(b.address + 6, b.address + kPage, [](uint8_t x) { return x == 0xcc; }));
    EXPECT_EQ(permissions_at(b.address), "r-xp");
    EXPECT_EQ(memory->code_bytes(), kPage);
    memory->release(b);
    EXPECT_EQ(permissions_at(b.address), "---p") << "released pages can be neither read nor run";
    EXPECT_EQ(memory->code_bytes(), 0u);
    CodeBlock again;
    ASSERT_TRUE(memory->install(returns(2), again));
    EXPECT_EQ(again.address, b.address) << "a released page is used again";
    EXPECT_EQ(run(again), 2u);
    memory->release(again);
}

TEST(RuntimeSealedCodeMemory, TakesCodeLargerThanAnyArena) {
    const auto memory = open_memory();
    CodeBlock big, small;
    ASSERT_TRUE(memory->install(returns(7, size_t{70} << 20), big));
    ASSERT_TRUE(memory->install(returns(8), small));
    EXPECT_EQ(run(big), 7u);
    EXPECT_GE(memory->arena_bytes(), size_t{70} << 20);
    memory->release(big);
    EXPECT_LT(memory->arena_bytes(), size_t{70} << 20) << "it goes back to the system";
    EXPECT_EQ(run(small), 8u);
    memory->release(small);
}

// A mapping of its own per kernel would end at 32,746 of them (vm.max_map_count).
TEST(RuntimeSealedCodeMemory, FortyThousandBlocksTakeFewMappings) {
    const auto memory = open_memory();
    const size_t before = mappings().size();
    std::vector<CodeBlock> blocks(40'000);
    for (uint32_t i = 0; i < blocks.size(); ++i) ASSERT_TRUE(memory->install(returns(i), blocks[i])) << i;
    EXPECT_LT(mappings().size(), before + 20);
    EXPECT_FALSE(any_writable_and_executable());
    for (uint32_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(run(blocks[i]), i);
    // Every second one goes: 20,000 holes, of which the system is told of some only.
    for (size_t i = 0; i < blocks.size(); i += 2) memory->release(blocks[i]);
    EXPECT_LT(mappings().size(), before + 10'000);
    for (uint32_t i = 1; i < blocks.size(); i += 2) ASSERT_EQ(run(blocks[i]), i);
    for (uint32_t i = 0; i < blocks.size(); i += 2) ASSERT_TRUE(memory->install(returns(i + 1'000'000), blocks[i]));
    EXPECT_LT(mappings().size(), before + 20) << "filled holes are gone";
    for (uint32_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(run(blocks[i]), i % 2 == 0 ? i + 1'000'000 : i);
    EXPECT_FALSE(any_writable_and_executable());
    for (const CodeBlock& b : blocks) memory->release(b);
    EXPECT_EQ(memory->code_bytes(), 0u);
    EXPECT_LE(memory->arena_bytes(), size_t{64} << 20) << "one empty arena is kept";
}

// A released page that stays open is empty: nothing of the code can be run or read.
TEST(RuntimeSealedCodeMemory, ReleasedPagesKeepNothing) {
    const auto memory = open_memory();
    std::vector<CodeBlock> blocks(20'000);
    for (CodeBlock& b : blocks) ASSERT_TRUE(memory->install(returns(0xabcdef), b));
    for (size_t i = 0; i < blocks.size(); i += 2) memory->release(blocks[i]);
    size_t open = 0;
    const std::vector<Mapping> all = mappings();
    for (size_t i = 0; i < blocks.size(); i += 2) {
        const auto at = reinterpret_cast<uintptr_t>(blocks[i].address);
        const auto m =
            std::find_if(all.begin(), all.end(), [&](const Mapping& x) { return at >= x.low && at < x.high; });
        ASSERT_NE(m, all.end());
        EXPECT_NE(m->permissions, "rw-p");
        if (m->permissions != "r-xp") continue;
        ++open;
        EXPECT_TRUE(std::all_of(blocks[i].address, blocks[i].address + kPage, [](uint8_t x) { return x == 0; }));
    }
    EXPECT_GT(open, 0u) << "the test is about these";
    EXPECT_LT(open, 10'000u);
    for (size_t i = 1; i < blocks.size(); i += 2) memory->release(blocks[i]);
}

// Other than with dual memory, a fork costs nothing: both sides go on in the same pages, each in its own copy.
TEST(RuntimeSealedCodeMemory, ForkRetiresNothing) {
    const auto memory = open_memory();
    CodeBlock a, b;
    ASSERT_TRUE(memory->install(returns(1), a));
    const size_t arena_bytes = memory->arena_bytes();
    EXPECT_TRUE(holds_in_child([&] {
        memory->release(a);
        CodeBlock mine;
        return memory->install(returns(2), mine) && mine.address == a.address && run(mine) == 2;
    }));
    EXPECT_EQ(run(a), 1u);
    ASSERT_TRUE(memory->install(returns(3), b));
    EXPECT_EQ(b.address, a.address + kPage);
    EXPECT_EQ(memory->arena_bytes(), arena_bytes);
    memory->release(a);
    memory->release(b);
}

#if !defined(EXPRJIT_SANITIZED)

// Which call to the system, counted from the arming, fails; -1: none.
std::atomic<int> calls_until_failure{-1};
std::atomic<int> calls_that_fail{0};

bool fails_now() {
    if (calls_until_failure.load() < 0) return false;
    if (calls_until_failure.fetch_sub(1) > 0) return false;
    const bool again = calls_that_fail.fetch_sub(1) > 1;
    if (again) calls_until_failure.store(0);
    errno = ENOMEM;
    return true;
}

// Every call to the system fails once, alone and together with the one after it: what was installed stays, what is
// installed runs, nothing is writable and executable, and afterwards everything works.
TEST(RuntimeSealedCodeMemory, EveryCallToTheSystemMayFail) {
    for (int failing = 1; failing <= 2; ++failing) {
        int refused = 0;
        for (int at = 0;; ++at) {
            const auto memory = open_memory();
            std::vector<CodeBlock> blocks(200);
            for (uint32_t i = 0; i < blocks.size(); ++i) ASSERT_TRUE(memory->install(returns(i), blocks[i]));
            calls_that_fail = failing;
            calls_until_failure = at;
            for (uint32_t i = 0; i < 100; i += 3) {
                memory->release(blocks[i]);
                blocks[i] = {};
            }
            for (uint32_t i = 0; i < 100; i += 3) {
                if (!memory->install(returns(i, i % 2 * 5000), blocks[i])) ++refused, blocks[i] = {};
            }
            const bool reached = calls_until_failure.exchange(-1) < 0;
            EXPECT_FALSE(any_writable_and_executable());
            size_t bytes = 0;
            for (uint32_t i = 0; i < blocks.size(); ++i) {
                if (blocks[i].address == nullptr) continue;
                ASSERT_EQ(run(blocks[i]), i) << "call " << at << " failed";
                bytes += blocks[i].bytes;
            }
            EXPECT_EQ(memory->code_bytes(), bytes);
            CodeBlock more;
            ASSERT_TRUE(memory->install(returns(77), more));
            EXPECT_EQ(run(more), 77u);
            memory->release(more);
            for (const CodeBlock& b : blocks) memory->release(b);
            EXPECT_EQ(memory->code_bytes(), 0u);
            if (!reached) break;
        }
        EXPECT_GT(refused, 0);
    }
}

TEST(RuntimeSealedCodeMemory, SaysWhyTheSystemRefuses) {
    for (int at = 0; at < 3; ++at) {  // reserve, write, seal
        calls_that_fail = 1;
        calls_until_failure = at;
        std::string why;
        EXPECT_EQ(make_sealed_code_memory(&why), nullptr);
        calls_until_failure = -1;
        EXPECT_EQ(why, std::strerror(ENOMEM));
    }
}

#endif

}  // namespace
}  // namespace exprjit

#if !defined(EXPRJIT_SANITIZED)

// In front of the C library's, for the library under test, which is linked statically.
extern "C" {

void* mmap(void* at, size_t bytes, int protection, int flags, int file, off_t offset) noexcept {
    // Of a reservation only: nobody else's memory is to fail.
    if (protection == PROT_NONE && (flags & MAP_NORESERVE) != 0 && exprjit::fails_now()) return MAP_FAILED;
    return reinterpret_cast<void*>(syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}
int mprotect(void* at, size_t bytes, int protection) noexcept {
    if (exprjit::fails_now()) return -1;
    return static_cast<int>(syscall(SYS_mprotect, at, bytes, protection));
}
int madvise(void* at, size_t bytes, int advice) noexcept {
    if (advice == MADV_DONTNEED && exprjit::fails_now()) return -1;
    return static_cast<int>(syscall(SYS_madvise, at, bytes, advice));
}
int munlock(const void* at, size_t bytes) noexcept {
    if (exprjit::fails_now()) return -1;
    return static_cast<int>(syscall(SYS_munlock, at, bytes));
}

}  // extern "C"

#endif
