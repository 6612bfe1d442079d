// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace exprjit {
namespace {

std::atomic<int> alive{0};

class Thing final : public Cached {
  public:
    explicit Thing(std::string key, Thing* base = nullptr) : key_(std::move(key)), base_(Ref<Thing>::share(base)) {
        ++alive;
    }
    std::span<const uint8_t> key() const override { return bytes(key_); }
    Cached* depends_on() const override { return base_.get(); }
    static std::span<const uint8_t> bytes(const std::string& s) {
        return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
    }

  private:
    ~Thing() override { --alive; }
    std::string key_;
    Ref<Thing> base_;
};

Hash128 hash_of(const std::string& s) { return hash_bytes(Thing::bytes(s)); }

Ref<Cached> find(Cache& cache, const std::string& key, Cache::Kind kind = Cache::kCode) {
    return cache.find(kind, hash_of(key), Thing::bytes(key));
}

void add(Cache& cache, const std::string& key, size_t charge) {
    const Ref<Thing> thing(new Thing(key));
    EXPECT_FALSE(cache.insert(Cache::kCode, hash_of(key), *thing, charge));
}

TEST(RuntimeCache, FindsWhatWasInserted) {
    Cache cache(SIZE_MAX);
    for (int i = 0; i < 1000; ++i) add(cache, std::to_string(i), 10);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(find(cache, std::to_string(i)));
    EXPECT_FALSE(find(cache, "1000"));
    EXPECT_EQ(cache.figures().entries, 1000u);
    cache.clear();
    EXPECT_FALSE(find(cache, "5"));
    EXPECT_EQ(cache.figures().bytes, 0u);
    EXPECT_EQ(alive, 0);
}

TEST(RuntimeCache, EqualHashesAreNotEqualKeys) {
    Cache cache(SIZE_MAX);
    const Hash128 same{1, 2};
    const Ref<Thing> a(new Thing("a")), b(new Thing("b"));
    EXPECT_FALSE(cache.insert(Cache::kCode, same, *a, 1));
    EXPECT_FALSE(cache.insert(Cache::kCode, same, *b, 1));
    const std::string other = "c";
    EXPECT_EQ(cache.find(Cache::kCode, same, a->key()).get(), a.get());
    EXPECT_EQ(cache.find(Cache::kCode, same, b->key()).get(), b.get());
    EXPECT_FALSE(cache.find(Cache::kCode, same, Thing::bytes(other)));
}

TEST(RuntimeCache, SecondInsertGetsTheFirst) {
    Cache cache(SIZE_MAX);
    const Ref<Thing> a(new Thing("k")), b(new Thing("k"));
    EXPECT_FALSE(cache.insert(Cache::kCode, hash_of("k"), *a, 1));
    const auto present = cache.insert(Cache::kCode, hash_of("k"), *b, 1);
    EXPECT_EQ(present.get(), a.get());
    EXPECT_EQ(cache.figures().entries, 1u);
}

TEST(RuntimeCache, EvictsTheLeastRecentlyUsedAndOnlyItsOwnReference) {
    Cache cache(1000);
    const Ref<Thing> held(new Thing("held"));
    EXPECT_FALSE(cache.insert(Cache::kCode, hash_of("held"), *held, 200));
    add(cache, "b", 200);
    add(cache, "c", 200);
    EXPECT_TRUE(find(cache, "b"));  // younger than "held" and "c" now
    add(cache, "d", 600);
    EXPECT_FALSE(find(cache, "held"));
    EXPECT_FALSE(find(cache, "c"));
    EXPECT_TRUE(find(cache, "b"));
    EXPECT_TRUE(find(cache, "d"));
    EXPECT_LE(cache.figures().bytes, 1000u);
    EXPECT_EQ(cache.figures().evictions, 2u);
    EXPECT_EQ(held->references(), 1u) << "the cache gave up its reference, not ours";
    EXPECT_EQ(alive, 3);
}

TEST(RuntimeCache, WhatIsLargerThanTheBoundIsNotKept) {
    Cache cache(1000);
    add(cache, "small", 10);
    add(cache, "huge", 5000);
    EXPECT_FALSE(find(cache, "huge"));
    EXPECT_LE(cache.figures().bytes, 1000u);
}

TEST(RuntimeCache, ABoundOfOneMeansNoCache) {
    Cache cache(1);
    add(cache, "a", 1);
    EXPECT_FALSE(find(cache, "a"));
    EXPECT_FALSE(cache.find_or_begin(Cache::kCode, hash_of("a"), {}));
    EXPECT_FALSE(cache.find_or_begin(Cache::kCode, hash_of("a"), {})) << "nobody waits";
}

TEST(RuntimeCache, TextsGoBeforeTheCodeTheyKeepAlive) {
    Cache cache(2000);
    const Ref<Thing> code(new Thing("code"));
    EXPECT_FALSE(cache.insert(Cache::kCode, hash_of("code"), *code, 500));
    for (int i = 0; i < 100; ++i) {  // one program, spelled a hundred ways
        const std::string key = "text" + std::to_string(i);
        const Ref<Thing> text(new Thing(key, code.get()));
        EXPECT_FALSE(cache.insert(Cache::kText, hash_of(key), *text, 100));
        ASSERT_TRUE(find(cache, "code"));
        ASSERT_LE(cache.figures().bytes, 2000u);
    }
    EXPECT_FALSE(find(cache, "text0", Cache::kText));
    EXPECT_TRUE(find(cache, "text99", Cache::kText));
}

TEST(RuntimeCache, RechargeCountsGrowthAndEvicts) {
    Cache cache(1000);
    add(cache, "old", 100);
    const Ref<Thing> grows(new Thing("grows"));
    EXPECT_FALSE(cache.insert(Cache::kCode, hash_of("grows"), *grows, 100));
    const uint64_t before = cache.figures().bytes;
    cache.recharge(*grows, 100);
    EXPECT_EQ(cache.figures().bytes, before + 100);
    cache.recharge(*grows, 650);
    EXPECT_FALSE(find(cache, "old"));
    EXPECT_TRUE(find(cache, "grows"));
    cache.clear();
    cache.recharge(*grows, 100);  // no longer in the cache
    EXPECT_EQ(cache.figures().bytes, 0u);
}

TEST(RuntimeCache, TableSurvivesRandomTraffic) {
    Cache cache(40 * 132);  // room for 40 entries of 100
    std::mt19937 random(3);
    std::vector<std::string> recent;
    for (int step = 0; step < 20'000; ++step) {
        const std::string key = std::to_string(random() % 200);
        auto found = find(cache, key);
        const auto it = std::find(recent.begin(), recent.end(), key);
        ASSERT_EQ(static_cast<bool>(found), it != recent.end()) << "step " << step << " key " << key;
        if (it != recent.end()) recent.erase(it);
        if (!found) add(cache, key, 100);
        recent.push_back(key);
        if (recent.size() > 40) recent.erase(recent.begin());
    }
}

TEST(RuntimeCache, OneThreadFliesAndTheOthersWait) {
    Cache cache(SIZE_MAX);
    const std::string key = "shared";
    std::atomic<int> made{0}, got{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            const std::string mine = key;
            auto found = cache.find_or_begin(Cache::kCode, hash_of(mine), Thing::bytes(mine));
            if (!found) {
                ++made;
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                const Ref<Thing> thing(new Thing(mine));
                EXPECT_FALSE(cache.insert(Cache::kCode, hash_of(mine), *thing, 1));
                cache.end_flight(Thing::bytes(mine));
            } else {
                ++got;
            }
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(got, 7);
}

TEST(RuntimeCache, AFailedFlightLetsTheNextOneTry) {
    Cache cache(SIZE_MAX);
    const std::string key = "fails";
    std::atomic<int> tries{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            const std::string mine = key;
            if (cache.find_or_begin(Cache::kCode, hash_of(mine), Thing::bytes(mine))) return;
            ++tries;
            cache.end_flight(Thing::bytes(mine));
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(tries, 4);
}

TEST(RuntimeCache, AForkedChildDoesNotWaitForThreadsItDoesNotHave) {
    Cache cache(SIZE_MAX);
    const std::string key = "in flight";
    ASSERT_FALSE(cache.find_or_begin(Cache::kCode, hash_of(key), Thing::bytes(key)));
    std::atomic<bool> waiting{false};
    std::thread waiter([&] {
        waiting = true;
        const std::string mine = key;
        if (!cache.find_or_begin(Cache::kCode, hash_of(mine), Thing::bytes(mine))) cache.end_flight(Thing::bytes(mine));
    });
    while (!waiting || cache.figures().waits == 0) std::this_thread::yield();
    const pid_t child = fork();
    if (child == 0) {
        alarm(10);  // kills the child if it waits for ever
        if (cache.find_or_begin(Cache::kCode, hash_of(key), Thing::bytes(key))) _exit(2);
        cache.end_flight(Thing::bytes(key));
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cache.end_flight(Thing::bytes(key));
    waiter.join();
}

TEST(RuntimeHash, DependsOnEveryByteAndOnTheLength) {
    std::string s(100, 'x');
    const Hash128 h = hash_of(s);
    EXPECT_EQ(hash_of(s), h);
    for (size_t i = 0; i < s.size(); ++i) {
        std::string other = s;
        other[i] ^= 1;
        EXPECT_NE(hash_of(other).low, h.low) << i;
        EXPECT_NE(hash_of(other).high, h.high) << i;
        EXPECT_NE(hash_of(s.substr(0, i)).low, h.low) << i;
    }
    EXPECT_NE(hash_of(std::string(1, '\0')), hash_of(std::string(2, '\0')));
}

}  // namespace
}  // namespace exprjit
