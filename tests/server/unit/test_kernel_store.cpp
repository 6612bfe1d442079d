// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Handles: found by what they are and by what asked for them, bounded, least recently used out first.
#include <gtest/gtest.h>

#include "kernel_store.h"

namespace exprjit::server {
namespace {

HeldRef held(const std::string& handle, uint64_t bytes = 1) {
    auto made = std::make_shared<Held>();
    made->handle = handle;
    made->memory_bytes = bytes;
    ej_engine_compile(nullptr, handle.c_str(), nullptr, &made->kernel, nullptr);
    return made;
}

TEST(KernelStore, FindsByHandleAndByEveryRequestThatLedThere) {
    KernelStore store(10, 1000);
    const HeldRef first = store.keep(held("a"), "request 1");
    EXPECT_EQ(store.keep(held("a"), "request 2"), first) << "one kernel per handle";
    EXPECT_EQ(store.find("a"), first);
    EXPECT_EQ(store.find_request("request 1"), first);
    EXPECT_EQ(store.find_request("request 2"), first);
    EXPECT_EQ(store.find("request 1"), nullptr);
    EXPECT_EQ(store.find_request("a"), nullptr);
    EXPECT_EQ(store.size(), 1u);
}

TEST(KernelStore, TheLeastRecentlyUsedGoesAndItsRequestsWithIt) {
    KernelStore store(2, 1000);
    store.keep(held("a"), "ra");
    store.keep(held("b"), "rb");
    ASSERT_NE(store.find("a"), nullptr);
    const HeldRef b = store.find_request("rb");
    ASSERT_NE(store.find_request("ra"), nullptr);
    store.keep(held("c"), "rc");
    EXPECT_EQ(store.find("b"), nullptr);
    EXPECT_EQ(store.find_request("rb"), nullptr);
    EXPECT_NE(store.find("a"), nullptr);
    EXPECT_NE(store.find("c"), nullptr);
    EXPECT_EQ(store.evictions(), 1u);
    EXPECT_EQ(ej_kernel_param_count(b->kernel), 1u) << "whoever uses it keeps it alive";
}

TEST(KernelStore, IsBoundedInBytesAndKeepsTheNewestWhateverItsSize) {
    KernelStore store(100, 100);
    for (int i = 0; i < 50; ++i) {
        store.keep(held("x" + std::to_string(i), 30), "r" + std::to_string(i));
        EXPECT_LE(store.size(), 3u);
    }
    store.keep(held("large", 1000), "rl");
    EXPECT_EQ(store.size(), 1u);
    EXPECT_NE(store.find("large"), nullptr);
}

TEST(KernelStore, ManyTextsOfOneProgramTakeBoundedRoom) {
    KernelStore store(10, 1000);
    for (int i = 0; i < 1000; ++i) {
        store.keep(held("a"), "r" + std::to_string(i));
    }
    int remembered = 0;
    for (int i = 0; i < 1000; ++i) {
        remembered += store.find_request("r" + std::to_string(i)) != nullptr ? 1 : 0;
    }
    EXPECT_GT(remembered, 0);
    EXPECT_LE(remembered, 16);
}

}  // namespace
}  // namespace exprjit::server
