// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Memory of columns: aligned, counted, given back.
#include <gtest/gtest.h>

#include <cstring>

#include "memory.h"

namespace exprjit::server {
namespace {

TEST(Memory, EveryPieceIsAlignedAndItsOwn) {
    MemoryQuota quota(1 << 20);
    Arena arena(quota);
    std::vector<std::pair<uint8_t*, size_t>> pieces;
    for (const size_t size : {0ul, 1ul, 63ul, 64ul, 65ul, 5000ul, 9000ul, 100'000ul, 8ul}) {
        uint8_t* piece = arena.allocate(size);
        ASSERT_NE(piece, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % Arena::kAlignment, 0u);
        std::memset(piece, static_cast<int>(pieces.size() + 1), size);
        pieces.emplace_back(piece, size);
    }
    for (size_t i = 0; i < pieces.size(); ++i) {
        for (size_t k = 0; k < pieces[i].second; ++k) {
            ASSERT_EQ(pieces[i].first[k], i + 1);
        }
    }
}

TEST(Memory, AnArenaCountsBeforeItTakesAndGivesAllBack) {
    MemoryQuota quota(100'000);
    {
        Arena arena(quota);
        ASSERT_NE(arena.allocate(60'000), nullptr);
        EXPECT_GE(quota.used(), 60'000);
        EXPECT_EQ(arena.allocate(60'000), nullptr);
        EXPECT_EQ(arena.allocate(SIZE_MAX), nullptr);
        EXPECT_EQ(arena.allocate(SIZE_MAX - 100'000), nullptr);
        EXPECT_NE(arena.allocate(10'000), nullptr) << "a refusal takes nothing";
        EXPECT_LE(quota.used(), 100'000);
    }
    EXPECT_EQ(quota.used(), 0);
}

TEST(Memory, TheQuotaHoldsAtItsEdge) {
    MemoryQuota quota(10);
    EXPECT_FALSE(quota.take(11));
    EXPECT_TRUE(quota.take(10));
    EXPECT_FALSE(quota.take(1));
    quota.give(1);
    EXPECT_TRUE(quota.take(1));
    EXPECT_FALSE(quota.take(SIZE_MAX));
    EXPECT_EQ(quota.used(), 10);
}

}  // namespace
}  // namespace exprjit::server
