// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compilations that are stopped at any moment: the next one on the same thread is as if nothing had been.
#include "support/compile_watch.h"

#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "runtime/cache.h"
#include "runtime/columns.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"
#include "runtime/watched.h"

namespace exprjit {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

void set(int32_t& word, int32_t to) { __atomic_store_n(&word, to, __ATOMIC_RELAXED); }

// A long chain of which every node is needed, with a loop-free and a called part; ends in a value that is easy to check.
std::string long_text(int statements) {
    std::string text = "a = x*0\n";
    for (int i = 0; i < statements; ++i) text += i % 50 == 0 ? "a = a + sqrt(y*0 + 1)\n" : "a = (a + x)*y - x*y\n";
    return text + "a";
}

double call(const Kernel& k, double x, double y) {
    const Slot args[2] = {std::bit_cast<uint64_t>(x), std::bit_cast<uint64_t>(y)};
    Slot out = 0;
    const auto done = call_kernel(k, nullptr, args, &out);
    EXPECT_TRUE(done.ok());
    return std::bit_cast<double>(out);
}

TEST(RuntimeCompileWatch, ThrowsOnlyWhenToldTo) {
    int32_t word = 0;
    poll_compile();  // nobody watches
    const CompileWatch watch(&word, UINT64_MAX);
    poll_compile();
    {
        const CompileWatch inner(nullptr, 1);
        std::this_thread::sleep_for(microseconds(10));
        try {
            poll_compile();
            ADD_FAILURE() << "the limit was passed over";
        } catch (const CompileStopped& s) {
            EXPECT_FALSE(s.cancelled);
            EXPECT_GE(s.nanoseconds, 10'000u);
        }
    }
    poll_compile();  // the outer one again
    set(word, 1);
    EXPECT_THROW(poll_compile(), CompileStopped);
    EXPECT_NO_THROW(for (size_t step = 0; step < kPollStep - 1; ++step) poll_compile_at(step));
    EXPECT_THROW(poll_compile_at(kPollStep - 1), CompileStopped);
}

TEST(RuntimeCompileWatch, ExpiresAfterItsTimeAndNotBefore) {
    const uint64_t limit = 20'000'000;
    const auto start = steady_clock::now();
    auto stopped = watched(nullptr, limit, []() -> Result<void> {
        for (;;) poll_compile();
    });
    const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(steady_clock::now() - start).count();
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().status(), Status::Limit);
    EXPECT_GE(elapsed, static_cast<int64_t>(limit) * 98 / 100);
}

class RuntimeCompileWatchTiers : public testing::TestWithParam<TierChoice> {};
INSTANTIATE_TEST_SUITE_P(All, RuntimeCompileWatchTiers,
                         testing::Values(TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised));

TEST_P(RuntimeCompileWatchTiers, CancelledAtAnyMoment) {
    const auto engine = Engine::create({});
    const std::string text = long_text(8'000);
    int32_t word = 0;
    CompileRequest r;
    r.text = text;
    r.tier = GetParam();
    r.cancel = &word;
    const auto start = steady_clock::now();
    Kernel* whole = *engine->compile(r);
    const auto duration = std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
    const double expected = call(*whole, 2, 1);
    EXPECT_EQ(expected, 160.0);
    whole->release();

    std::mt19937 random(11);
    int cancelled = 0;
    for (int round = 0; round < 20; ++round) {
        engine->clear_cache();
        set(word, 0);
        const microseconds delay(random() % static_cast<uint64_t>(duration.count()));
        std::thread other([&] {
            std::this_thread::sleep_for(delay);
            set(word, 1);
        });
        auto made = engine->compile(r);
        other.join();
        if (made.ok()) {
            EXPECT_EQ(call(**made, 2, 1), expected);
            (*made)->release();
        } else {
            ++cancelled;
            EXPECT_EQ(made.error().status(), Status::Cancelled);
            EXPECT_EQ(engine->stats().cache.entries, 0u);
        }
        CompileRequest small;
        const std::string after = "x*y + " + std::to_string(round);
        small.text = after;
        auto next = engine->compile(small);
        ASSERT_TRUE(next.ok());
        EXPECT_EQ(call(**next, 3, 4), 12.0 + round);
        (*next)->release();
    }
    EXPECT_GT(cancelled, 0);
    engine->close();
}

// The token of one thread ends its waiting for another's compilation, and nothing else.
TEST(RuntimeCompileWatch, EndsWaitingForAnotherThread) {
    Cache cache(SIZE_MAX);
    const uint8_t key[] = {1, 2, 3};
    const Hash128 hash = hash_bytes(key);
    ASSERT_FALSE(cache.find_or_begin(Cache::kCode, hash, key));  // this thread makes it
    int32_t word = 0;
    Result<void> waited;
    std::thread other([&] {
        const uint8_t same[] = {1, 2, 3};
        waited = watched(&word, UINT64_MAX, [&]() -> Result<void> {
            cache.find_or_begin(Cache::kCode, hash, same);
            return {};
        });
    });
    while (cache.figures().waits == 0) std::this_thread::yield();
    set(word, 1);
    other.join();
    ASSERT_FALSE(waited.ok());
    EXPECT_EQ(waited.error().status(), Status::Cancelled);
    cache.end_flight(key);
    EXPECT_FALSE(cache.find_or_begin(Cache::kCode, hash, key)) << "the flight was this thread's all the time";
    cache.end_flight(key);
}

// The loops over columns are compiled by the first evaluation, which obeys its stop word meanwhile.
TEST(RuntimeCompileWatch, EndsTheCompilationOfLoops) {
    const auto engine = Engine::create({});
    const std::string text = long_text(3'000);
    CompileRequest r;
    r.text = text;
    Kernel* const k = *engine->compile(r);
    const uint64_t compiles = engine->stats().compiles;
    double x[4] = {1, 2, 3, 4}, y[4] = {1, 1, 1, 1}, out[4] = {};
    Column in[2], result[1];
    for (Column* c : {&in[0], &in[1], &result[0]}) c->stride = 8, c->dtype = Storage::F64;
    in[0].data = x, in[1].data = y, result[0].data = out;
    int32_t word = 1;
    auto done = eval_columns(*k, ColumnRun(&word), in, result, 4);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().status(), Status::Cancelled);
    EXPECT_EQ(engine->stats().compiles, compiles) << "nothing was finished";
    set(word, 0);
    done = eval_columns(*k, ColumnRun(&word), in, result, 4);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(out[3], 60.0);
    k->release();
    engine->close();
}

}  // namespace
}  // namespace exprjit
