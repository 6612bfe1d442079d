// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Hash-consing when a stranger has chosen the nodes so that all of them have one hash.
#include <gtest/gtest.h>

#include <bit>

#include "ir/builder.h"

namespace exprjit {
namespace {

TEST(ConsTable, CollidingNodesDoNotMakeItQuadratic) {
    constexpr uint32_t kHash = 12345;
    constexpr ValueId kCount = 1000;
    Function f;
    ConsTable table;
    for (ValueId v = 0; v < kCount; ++v) {
        Node& n = f.nodes.emplace_back();
        n.op = Op::Const;
        n.type = kI64;
        n.imm = v;
        uint32_t slot = 0;
        ASSERT_EQ(table.find(f, std::bit_cast<Words>(n), kHash, slot), kNoValue);
        table.insert(slot, v, kHash);
    }
    uint32_t slot = 0;
    EXPECT_EQ(table.find(f, std::bit_cast<Words>(f.nodes[0]), kHash, slot), 0u) << "the first ones are shared";
    EXPECT_EQ(table.find(f, std::bit_cast<Words>(f.nodes[kCount - 1]), kHash, slot), kNoValue)
        << "the search went past all the others";
    EXPECT_LT(table.mark(), 100u);
    table.release(0);
    EXPECT_EQ(table.find(f, std::bit_cast<Words>(f.nodes[0]), kHash, slot), kNoValue);
}

}  // namespace
}  // namespace exprjit
