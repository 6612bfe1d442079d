// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The pool of constants in front of the code: equal constants are stored once, and constants chosen by a stranger so that
// all of them collide in its hash table cost no more than others.
#include <gtest/gtest.h>

#include <cstring>

#include "jit/plan.h"

namespace exprjit::jit {
namespace {

uint64_t read(const ConstantPool& pool, uint32_t at, uint32_t size) {
    uint64_t bits = 0;
    std::memcpy(&bits, pool.bytes().data() + at, size);
    return bits;
}

TEST(ConstantPool, EqualConstantsAreStoredOnce) {
    ConstantPool pool;
    for (int round = 0; round < 2; ++round)
        for (uint64_t i = 0; i < 5000; ++i) {
            const uint32_t at = pool.add(i * 0x123456789abcdefu, 8);
            EXPECT_EQ(read(pool, at, 8), i * 0x123456789abcdefu);
            EXPECT_EQ(at % 8, 0u);
        }
    // A table under this load has runs longer than the pool cares to follow now and then: those few are stored twice.
    EXPECT_LT(pool.bytes().size(), 5000u * 8 + 800);
}

TEST(ConstantPool, SizesAreToldApart) {
    ConstantPool pool;
    const uint32_t wide = pool.add(7, 8), narrow = pool.add(7, 4);
    EXPECT_NE(wide, narrow);
    EXPECT_EQ(read(pool, wide, 8), 7u);
    EXPECT_EQ(read(pool, narrow, 4), 7u);
    EXPECT_EQ(pool.add(7, 8), wide);
    EXPECT_EQ(pool.add(7, 4), narrow);
}

// The product with the table's multiplier has one and the same upper half for every constant of this series.
TEST(ConstantPool, CollidingConstantsDoNotMakeItQuadratic) {
    uint64_t inverse = 1;  // of the multiplier modulo 2^64, by Newton's iteration
    for (int i = 0; i < 6; ++i) inverse *= 2 - 0x9e3779b97f4a7c15u * inverse;
    const auto constant = [inverse](uint64_t i) {
        return (uint64_t{0x12345678} << 32 | (i * 2654435761u & UINT32_MAX)) * inverse;
    };
    ASSERT_EQ(constant(1) * 0x9e3779b97f4a7c15u >> 32, constant(2) * 0x9e3779b97f4a7c15u >> 32);
    ConstantPool pool;
    for (uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(read(pool, pool.add(constant(i), 8), 8), constant(i));
    const size_t before = pool.bytes().size();
    const uint32_t again = pool.add(constant(999), 8);
    EXPECT_EQ(read(pool, again, 8), constant(999));
    EXPECT_GT(pool.bytes().size(), before) << "the search went past all the colliding constants to find this one";
}

}  // namespace
}  // namespace exprjit::jit
