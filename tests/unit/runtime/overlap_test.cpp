// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/overlap.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace exprjit {
namespace {

char memory[1 << 12];

Column column(size_t offset, int64_t stride, Storage dtype) { return {memory + offset, stride, dtype}; }

std::set<const char*> bytes_of(const Column& c, int64_t rows) {
    std::set<const char*> all;
    for (int64_t r = 0; r < rows; ++r) {
        for (size_t b = 0; b < byte_size(c.dtype); ++b) all.insert(static_cast<const char*>(c.data) + r * c.stride + b);
    }
    return all;
}

TEST(RuntimeOverlap, NeverMissesASharedByte) {
    std::mt19937 random(11);
    int disjoint = 0, meeting = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto any = [&] {
            const int64_t strides[] = {0, 1, 2, 4, 8, 12, 16, 24, -4, -8, -16, -24};
            return column(1500 + random() % 200, strides[random() % 12],
                          static_cast<Storage>(random() % kStorageCount));
        };
        const Column a = any(), b = any();
        const int64_t rows = random() % 40;
        const auto in_a = bytes_of(a, rows), in_b = bytes_of(b, rows);
        bool shared = false;
        for (const char* p : in_a) shared = shared || in_b.count(p) != 0;
        ASSERT_TRUE(!shared || may_overlap(a, b, rows)) << "case " << i;
        // For equal strides the answer is exact when the ranges meet in full periods; count how often it says no.
        (may_overlap(a, b, rows) ? meeting : disjoint) += 1;
    }
    EXPECT_GT(disjoint, 1000);
    EXPECT_GT(meeting, 1000);
}

TEST(RuntimeOverlap, FieldsOfOneRecordDoNotOverlap) {
    EXPECT_FALSE(may_overlap(column(0, 24, Storage::F64), column(8, 24, Storage::F64), 100));
    EXPECT_FALSE(may_overlap(column(0, 24, Storage::F64), column(16, 48, Storage::F64), 50));
    EXPECT_TRUE(may_overlap(column(0, 24, Storage::F64), column(4, 24, Storage::F64), 100));
    EXPECT_FALSE(may_overlap(column(0, 8, Storage::F64), column(800, 8, Storage::F64), 100));
    EXPECT_TRUE(may_overlap(column(0, 8, Storage::F64), column(792, 8, Storage::F64), 100));
    EXPECT_FALSE(may_overlap(column(792, -8, Storage::F64), column(800, 8, Storage::F64), 100));
}

TEST(RuntimeOverlap, ExactlyTheSameElementsAreInPlace) {
    EXPECT_TRUE(same_elements(column(0, 8, Storage::F64), column(0, 8, Storage::I64), 10));
    EXPECT_FALSE(same_elements(column(0, 8, Storage::F64), column(0, 16, Storage::F64), 10));
    EXPECT_TRUE(same_elements(column(0, 8, Storage::F64), column(0, 16, Storage::F64), 1));
    EXPECT_FALSE(same_elements(column(0, 8, Storage::F64), column(0, 8, Storage::F32), 10));
    EXPECT_FALSE(same_elements(column(72, -8, Storage::F64), column(0, 8, Storage::F64), 10));
}

TEST(RuntimeOverlap, StridesShorterThanAnElementOverlapThemselves) {
    EXPECT_TRUE(overlaps_itself(column(0, 4, Storage::F64), 2));
    EXPECT_TRUE(overlaps_itself(column(0, 0, Storage::I8), 2));
    EXPECT_FALSE(overlaps_itself(column(0, 0, Storage::I8), 1));
    EXPECT_FALSE(overlaps_itself(column(0, -8, Storage::F64), 2));
}

TEST(RuntimeOverlap, WhatLeavesTheAddressSpaceIsNotAddressable) {
    EXPECT_TRUE(addressable(column(0, 8, Storage::F64), 100));
    EXPECT_FALSE(addressable(column(0, INT64_MAX, Storage::F64), 10));
    EXPECT_FALSE(addressable(column(0, INT64_MIN, Storage::F64), 2));
    EXPECT_FALSE(addressable(column(0, 8, Storage::F64), INT64_MAX));
    EXPECT_TRUE(addressable(column(0, INT64_MAX, Storage::F64), 0));
}

}  // namespace
}  // namespace exprjit
