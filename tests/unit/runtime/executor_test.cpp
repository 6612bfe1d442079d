// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#if defined(__SANITIZE_THREAD__)
// The children start threads of their own, which ThreadSanitizer otherwise takes for a mistake.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }
#endif

namespace exprjit {
namespace {

// Counts how often each piece ran.
struct Counts {
    explicit Counts(size_t n) : ran(n) {}
    std::vector<std::atomic<int>> ran;

    static void task(void* data, int64_t i) { ++static_cast<Counts*>(data)->ran[static_cast<size_t>(i)]; }
    bool all_are(int wanted) const {
        for (const auto& n : ran) {
            if (n != wanted) return false;
        }
        return true;
    }
};

TEST(PoolExecutor, StartsNothingForOneThreadOrOnePiece) {
    const int before = PoolExecutor::started();
    Counts counts(1000);
    PoolExecutor alone(1);
    alone.run(1000, Counts::task, &counts);
    EXPECT_TRUE(counts.all_are(1));
    PoolExecutor eight(8);
    Counts single(1);
    eight.run(1, Counts::task, &single);
    eight.run(0, Counts::task, &single);
    EXPECT_TRUE(single.all_are(1));
    EXPECT_EQ(PoolExecutor::started(), before);
}

TEST(PoolExecutor, RunsEveryPieceOnceAndKeepsItsThreads) {
    for (int threads = 2; threads <= 8; ++threads) {
        PoolExecutor executor(threads);
        Counts counts(5000);
        for (int round = 0; round < 20; ++round) executor.run(5000, Counts::task, &counts);
        EXPECT_TRUE(counts.all_are(20)) << threads;
    }
    EXPECT_GE(PoolExecutor::started(), 7);
}

TEST(PoolExecutor, FewPiecesStillAllRunInManyShortRuns) {
    PoolExecutor executor(4);
    Counts counts(2);
    for (int round = 0; round < 5000; ++round) executor.run(2, Counts::task, &counts);
    EXPECT_TRUE(counts.all_are(5000));
}

TEST(PoolExecutor, NestedRunsHappenOnTheirOwnThread) {
    struct Nest {
        std::atomic<int> inner{0};
        static void outer_task(void* data, int64_t) {
            PoolExecutor(4).run(
                10, [](void* d, int64_t) { ++static_cast<Nest*>(d)->inner; }, data);
        }
    } nest;
    PoolExecutor(4).run(50, Nest::outer_task, &nest);
    EXPECT_EQ(nest.inner, 500);
}

TEST(PoolExecutor, SeveralCallersAtOnce) {
    std::vector<std::thread> callers;
    std::atomic<int> wrong{0};
    for (int c = 0; c < 6; ++c) {
        callers.emplace_back([&wrong] {
            Counts counts(100);
            for (int round = 0; round < 200; ++round) PoolExecutor(3).run(100, Counts::task, &counts);
            wrong += !counts.all_are(200);
        });
    }
    for (std::thread& t : callers) t.join();
    EXPECT_EQ(wrong, 0);
}

// Signals are for the host's threads, and results must not depend on the floating-point environment of whoever started
// one.
TEST(PoolExecutor, WorkersBlockSignalsAndComputeInTheDefaultEnvironment) {
    struct Seen {
        std::atomic<int> unblocked{0}, odd_environment{0}, others{0};
        pthread_t caller = pthread_self();
        static void task(void* data, int64_t) {
            auto& seen = *static_cast<Seen*>(data);
            if (pthread_equal(seen.caller, pthread_self())) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                return;
            }
            ++seen.others;
            sigset_t set;
            pthread_sigmask(SIG_SETMASK, nullptr, &set);
            seen.unblocked += sigismember(&set, SIGINT) != 1 || sigismember(&set, SIGUSR1) != 1;
            seen.odd_environment += (_mm_getcsr() & ~0x3fu) != 0x1f80;
        }
    } seen;
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);  // flush to zero, denormals are zero
    for (int round = 0; round < 100 && seen.others == 0; ++round) PoolExecutor(12).run(64, Seen::task, &seen);
    _mm_setcsr(before);
    EXPECT_GT(seen.others, 0);
    EXPECT_EQ(seen.unblocked, 0);
    EXPECT_EQ(seen.odd_environment, 0);
}

// The child may fork in the middle of another thread's run; it has threads of its own when it asks for them.
TEST(PoolExecutor, ChildGoesOnWhileTheParentRuns) {
    std::atomic<bool> stop{false};
    Counts busy(64);
    std::thread runner([&] {
        while (!stop) PoolExecutor(3).run(64, Counts::task, &busy);
    });
    for (int round = 0; round < 20; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            bool ok = PoolExecutor::started() == 0;
            Counts counts(500);
            for (int k = 0; k < 20; ++k) PoolExecutor(4).run(500, Counts::task, &counts);
            ok = ok && counts.all_are(20) && PoolExecutor::started() == 3;
            _exit(ok ? 0 : 1);
        }
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "round " << round << ", status " << status;
    }
    stop = true;
    runner.join();
    EXPECT_GT(busy.ran[0], 0);
}

// exit() joins the threads of the pool, in a process that used them and in a child that did not.
TEST(PoolExecutor, ProcessesEnd) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer gives up on threads that a forked child starts";
#endif
    for (const bool use : {true, false}) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(20);
            Counts counts(500);
            if (use) PoolExecutor(4).run(500, Counts::task, &counts);
            exit(0);
        }
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    }
}

TEST(HostExecutor, CallsTheHost) {
    struct Host {
        int calls = 0;
        static void parallel(void* user_data, int64_t count, void (*task)(void*, int64_t), void* data) {
            ++static_cast<Host*>(user_data)->calls;
            for (int64_t i = count; i-- > 0;) task(data, i);
        }
    } host;
    HostExecutor executor(Host::parallel, &host, 5);
    EXPECT_EQ(executor.threads(), 5);
    Counts counts(10);
    executor.run(10, Counts::task, &counts);
    executor.run(0, Counts::task, &counts);
    EXPECT_TRUE(counts.all_are(1));
    EXPECT_EQ(host.calls, 1);
}

TEST(AvailableCpus, IsAtLeastOne) { EXPECT_GE(available_cpus(), 1); }

}  // namespace
}  // namespace exprjit
