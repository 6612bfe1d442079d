// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "code_memory_fixture.h"
#include "runtime/stack_limit.h"

namespace exprjit {
namespace {

std::unique_ptr<CodeMemory> open_memory() {
    std::string why;
    auto memory = make_dual_code_memory(&why);
    EXPECT_NE(memory, nullptr) << why;
    return memory;
}

// What holds for both policies.
struct Policy {
    const char* name;
    std::unique_ptr<CodeMemory> (*make)(std::string* why);
    const char* permissions;
};
class RuntimeCodeMemoryPolicies : public testing::TestWithParam<Policy> {
  protected:
    void SetUp() override {
        std::string why;
        memory = GetParam().make(&why);
        ASSERT_NE(memory, nullptr) << why;
    }
    std::unique_ptr<CodeMemory> memory;
};
INSTANTIATE_TEST_SUITE_P(All, RuntimeCodeMemoryPolicies,
                         testing::Values(Policy{"dual", make_dual_code_memory, "r-xs"},
                                         Policy{"sealed", make_sealed_code_memory, "r-xp"}),
                         [](const auto& info) { return info.param.name; });

TEST_P(RuntimeCodeMemoryPolicies, RunsWhatIsInstalled) {
    std::vector<CodeBlock> blocks(1000);
    for (uint32_t i = 0; i < blocks.size(); ++i) {
        ASSERT_TRUE(memory->install(returns(i, i % 300), blocks[i]));
        EXPECT_EQ(reinterpret_cast<uintptr_t>(blocks[i].address) % kCodeGranule, 0u);
        EXPECT_EQ(blocks[i].bytes % kCodeGranule, 0u);
    }
    for (uint32_t i = 0; i < blocks.size(); ++i) EXPECT_EQ(run(blocks[i]), i);
    for (const CodeBlock& b : blocks) memory->release(b);
    EXPECT_EQ(memory->code_bytes(), 0u);
}

TEST(RuntimeCodeMemory, UnusedAndFreedGranulesAreBreakpoints) {
    const auto memory = open_memory();
    CodeBlock a, b;
    ASSERT_TRUE(memory->install(returns(1), a));
    ASSERT_TRUE(memory->install(returns(2), b));
    const auto all_breakpoints = [](const uint8_t* p, size_t n) {
        return std::all_of(p, p + n, [](uint8_t x) { return x == 0xcc; });
    };
    EXPECT_TRUE(all_breakpoints(a.address + 6, kCodeGranule - 6));
    EXPECT_TRUE(all_breakpoints(b.address + kCodeGranule, 4096));
    memory->release(a);
    EXPECT_TRUE(all_breakpoints(a.address, kCodeGranule));
    EXPECT_EQ(run(b), 2u);
    CodeBlock c;
    ASSERT_TRUE(memory->install(returns(3), c));
    EXPECT_EQ(c.address, a.address) << "a freed granule is used again";
    EXPECT_EQ(run(c), 3u);
    memory->release(b);
    memory->release(c);
}

TEST(RuntimeCodeMemory, TakesCodeLargerThanAnyArena) {
    const auto memory = open_memory();
    CodeBlock big, small;
    ASSERT_TRUE(memory->install(returns(7, size_t{9} << 20), big));
    ASSERT_TRUE(memory->install(returns(8), small));
    EXPECT_EQ(run(big), 7u);
    EXPECT_GE(memory->arena_bytes(), size_t{9} << 20);
    memory->release(big);
    EXPECT_LT(memory->arena_bytes(), size_t{9} << 20) << "an empty arena goes back to the system";
    EXPECT_EQ(run(small), 8u);
    memory->release(small);
}

TEST_P(RuntimeCodeMemoryPolicies, AnEmptyOneIsSmall) {
    EXPECT_LT(memory->arena_bytes(), size_t{1} << 20);
    EXPECT_EQ(memory->code_bytes(), 0u);
}

TEST_P(RuntimeCodeMemoryPolicies, BlocksNeverOverlapWhateverTheOrder) {
    std::mt19937 random(7);
    struct Held {
        CodeBlock block;
        uint32_t number;
    };
    std::vector<Held> held;
    for (uint32_t step = 0; step < 20'000; ++step) {
        if (held.size() < 400 || random() % 2 == 0) {
            Held h{{}, step};
            ASSERT_TRUE(memory->install(returns(step, random() % (random() % 50 == 0 ? 20'000 : 600)), h.block));
            held.push_back(h);
        } else {
            const size_t i = random() % held.size();
            ASSERT_EQ(run(held[i].block), held[i].number);
            memory->release(held[i].block);
            held[i] = held.back();
            held.pop_back();
        }
    }
    size_t bytes = 0;
    for (const Held& h : held) {
        ASSERT_EQ(run(h.block), h.number);
        bytes += h.block.bytes;
    }
    EXPECT_EQ(memory->code_bytes(), bytes);
    for (const Held& h : held) memory->release(h.block);
    EXPECT_EQ(memory->code_bytes(), 0u);
}

TEST_P(RuntimeCodeMemoryPolicies, NothingIsWritableAndExecutable) {
    CodeBlock b;
    ASSERT_TRUE(memory->install(returns(1), b));
    EXPECT_FALSE(any_writable_and_executable());
    EXPECT_EQ(permissions_at(b.address), GetParam().permissions);
    memory->release(b);
}

// The pages are shared with the child. Whatever the child frees and installs must not reach the parent's code.
TEST_P(RuntimeCodeMemoryPolicies, ForkChildCannotChangeTheParentsCode) {
    CodeBlock block;
    ASSERT_TRUE(memory->install(returns(42), block));
    EXPECT_TRUE(holds_in_child([&] {
        if (run(block) != 42) return false;
        memory->release(block);
        for (uint32_t i = 0; i < 5000; ++i) {
            CodeBlock mine;
            if (!memory->install(returns(666), mine) || run(mine) != 666) return false;
        }
        return true;
    }));
    EXPECT_EQ(run(block), 42u);
    memory->release(block);
}

TEST_P(RuntimeCodeMemoryPolicies, ForkParentCannotChangeTheChildsCode) {
    CodeBlock block;
    ASSERT_TRUE(memory->install(returns(42), block));
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        if (read(ready[0], &byte, 1) != 1) _exit(2);  // the parent has released and installed
        _exit(run(block) == 42 ? 0 : 1);
    }
    memory->release(block);
    std::vector<CodeBlock> others(2000);
    for (CodeBlock& b : others) {
        ASSERT_TRUE(memory->install(returns(666), b));
        ASSERT_EQ(run(b), 666u);
    }
    ASSERT_EQ(write(ready[1], "x", 1), 1);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (const CodeBlock& b : others) memory->release(b);
    close(ready[0]);
    close(ready[1]);
}

TEST(RuntimeCodeMemory, RetiredArenasAreUnmappedWhenEmpty) {
    const auto memory = open_memory();
    CodeBlock block;
    ASSERT_TRUE(memory->install(returns(1), block));
    EXPECT_TRUE(holds_in_child([] { return true; }));
    EXPECT_GT(memory->arena_bytes(), 0u);
    EXPECT_EQ(run(block), 1u);
    memory->release(block);
    EXPECT_EQ(memory->arena_bytes(), 0u);
    ASSERT_TRUE(memory->install(returns(2), block));
    EXPECT_EQ(run(block), 2u);
    memory->release(block);
}

TEST_P(RuntimeCodeMemoryPolicies, ForksWhileThreadsInstall) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (uint32_t t = 0; t < 3; ++t) {
        threads.emplace_back([&, t] {
            for (uint32_t i = 0; !stop; ++i) {
                CodeBlock b;
                if (!memory->install(returns(t * 1'000'000 + i), b) || run(b) != t * 1'000'000 + i) ++wrong;
                memory->release(b);
            }
        });
    }
    for (int i = 0; i < 30; ++i) {
        EXPECT_TRUE(holds_in_child([&] {
            CodeBlock b;
            return memory->install(returns(5), b) && run(b) == 5;
        }));
    }
    stop = true;
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(wrong, 0);
}

TEST(RuntimeStackLimit, LiesBelowThisFrameOnEveryThread) {
    const auto check = [] {
        const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
        const uintptr_t limit = stack_limit();
        EXPECT_NE(limit, 0u);
        EXPECT_LT(limit, here);
    };
    check();
    std::thread(check).join();
}

}  // namespace
}  // namespace exprjit
