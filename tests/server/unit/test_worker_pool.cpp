// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The queue before the workers: bounded, in order, and with one owner per task whoever comes first.
#include <gtest/gtest.h>

#include <future>
#include <random>

#include "deadline_watch.h"
#include "worker_pool.h"

namespace exprjit::server {
namespace {

struct Job : Task {
    explicit Job(std::function<void()> what) : work(std::move(what)) {}
    void run() override { work(); }
    std::function<void()> work;
};

// Keeps the only worker of a pool busy until `open` is set.
struct Gate {
    explicit Gate(WorkerPool& pool) {
        std::promise<void> inside;
        pool.push(std::make_shared<Job>([this, &inside] {
            inside.set_value();
            open.get_future().wait();
        }));
        inside.get_future().wait();
    }
    std::promise<void> open;
};

TEST(WorkerPool, OneMoreThanTheQueueHoldsIsRefusedAtOnce) {
    std::vector<int> order;
    WorkerPool pool(1, 3);
    Gate gate(pool);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(pool.push(std::make_shared<Job>([&order, i] { order.push_back(i); })));
    }
    EXPECT_FALSE(pool.push(std::make_shared<Job>([&order] { order.push_back(-1); })));
    std::promise<void> last;
    EXPECT_TRUE(pool.push(std::make_shared<Job>([&] { last.set_value(); }), true)) << "bounded elsewhere";
    EXPECT_EQ(pool.waiting(), 4u);
    gate.open.set_value();
    last.get_future().wait();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(WorkerPool, AWithdrawnTaskFreesItsPlaceAndNeverRuns) {
    bool ran = false;
    WorkerPool pool(1, 1);
    Gate gate(pool);
    const auto job = std::make_shared<Job>([&] { ran = true; });
    EXPECT_FALSE(pool.withdraw(*job));
    ASSERT_TRUE(pool.push(job));
    EXPECT_TRUE(pool.withdraw(*job));
    EXPECT_FALSE(pool.withdraw(*job));
    EXPECT_EQ(job.use_count(), 1);
    std::promise<void> last;
    EXPECT_TRUE(pool.push(std::make_shared<Job>([&] { last.set_value(); })));
    gate.open.set_value();
    last.get_future().wait();
    EXPECT_FALSE(ran);
}

TEST(WorkerPool, WorkerAndWithdrawalNeverBothGetATask) {
    constexpr int kTasks = 20'000;
    std::vector<std::atomic<int>> owners(kTasks);
    {
        WorkerPool pool(2, kTasks);
        std::vector<std::shared_ptr<Job>> jobs;
        for (int i = 0; i < kTasks; ++i) {
            jobs.push_back(std::make_shared<Job>([&owners, i] { ++owners[static_cast<size_t>(i)]; }));
        }
        std::atomic<int> pushed{0};
        std::thread canceller([&] {
            for (int i = 0; i < kTasks; ++i) {
                while (pushed.load() <= i) {
                    std::this_thread::yield();
                }
                if (pool.withdraw(*jobs[static_cast<size_t>(i)])) {
                    ++owners[static_cast<size_t>(i)];
                }
            }
        });
        for (int i = 0; i < kTasks; ++i) {
            ASSERT_TRUE(pool.push(jobs[static_cast<size_t>(i)]));
            pushed.store(i + 1);
        }
        canceller.join();
    }
    for (const auto& count : owners) {
        ASSERT_EQ(count.load(), 1);
    }
}

struct Alarm : Watched {
    void on_deadline() override { rung.set_value(DeadlineWatch::Clock::now()); }
    std::promise<DeadlineWatch::Clock::time_point> rung;
};

TEST(DeadlineWatch, RingsInTimeAlsoForADeadlineThatComesBeforeTheOthers) {
    DeadlineWatch watch;
    const auto late = std::make_shared<Alarm>();
    const auto soon = std::make_shared<Alarm>();
    const auto now = DeadlineWatch::Clock::now();
    const auto first = watch.add(now + std::chrono::hours(1), late);
    const auto second = watch.add(now + std::chrono::milliseconds(30), soon);
    const auto rung = soon->rung.get_future().get();
    EXPECT_GE(rung - now, std::chrono::milliseconds(30));
    EXPECT_LT(rung - now, std::chrono::seconds(5));
    watch.forget(second);
    watch.forget(first);
}

TEST(DeadlineWatch, WhatIsForgottenOrGoneDoesNotRing) {
    DeadlineWatch watch;
    const auto forgotten = std::make_shared<Alarm>();
    auto gone = std::make_shared<Alarm>();
    const auto now = DeadlineWatch::Clock::now();
    watch.forget(watch.add(now + std::chrono::milliseconds(5), forgotten));
    const auto ticket = watch.add(now + std::chrono::milliseconds(5), gone);
    gone.reset();
    const auto last = std::make_shared<Alarm>();
    watch.forget([&] {
        const auto lasting = watch.add(now + std::chrono::milliseconds(30), last);
        last->rung.get_future().wait();
        return lasting;
    }());
    watch.forget(ticket);
    EXPECT_EQ(forgotten->rung.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace exprjit::server
