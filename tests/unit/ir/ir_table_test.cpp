// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What code relies on in ops.def and in the type system.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ir/op.h"
#include "ir/types.h"

namespace exprjit {
namespace {

TEST(IrTable, CodesAscendAndNamesAreUnique) {
    std::set<std::string> names;
    for (int k = 0; k < kOpCount; ++k) {
        const OpInfo& i = kOpInfos[k];
        EXPECT_GT(i.code, k > 0 ? kOpInfos[k - 1].code : 0) << i.text;
        EXPECT_TRUE(names.insert(i.text).second) << i.text;
        Op op{};
        ASSERT_TRUE(find_op(i.text, op));
        EXPECT_EQ(static_cast<int>(op), k);
        ASSERT_TRUE(find_op_by_code(i.code, op));
        EXPECT_EQ(static_cast<int>(op), k);
    }
    Op op{};
    EXPECT_FALSE(find_op("nothing", op));
    EXPECT_FALSE(find_op("", op));
    EXPECT_FALSE(find_op_by_code(65535, op));
}

TEST(IrTable, RowsAgreeWithTheirSignatures) {
    for (const OpInfo& i : kOpInfos) {
        const std::string signature = i.signature;
        EXPECT_EQ(signature == "*", i.lowering == Lowering::Shape) << i.text;
        if (signature == "*") continue;
        EXPECT_EQ(i.arity, static_cast<int>(signature.find('>'))) << i.text;
        EXPECT_NE(i.types, 0) << i.text;
        EXPECT_EQ(signature.back() == 'U', i.results != 0) << i.text;
        EXPECT_EQ(signature.size() - signature.find('>') == 3, i.has(kMulti)) << i.text;
        EXPECT_TRUE(!i.has(kCommutative) || i.arity >= 2) << i.text;
    }
}

TEST(IrTypes, TextRoundTrips) {
    for (int s = 0; s < kScalarCount; ++s) {
        for (int log2 = 0; log2 <= kMaxLaneLog2; ++log2) {
            const Type t = Type::lanes(static_cast<Scalar>(s), log2);
            Type back;
            ASSERT_TRUE(parse_type(to_string(t), back)) << to_string(t);
            EXPECT_EQ(t, back);
            EXPECT_EQ(Type::from_bits(t.bits()), t);
        }
    }
    for (int s = 0; s < kStorageCount; ++s) {
        for (int rank = 1; rank <= kMaxRank; ++rank) {
            for (const bool is_mut : {false, true}) {
                const Type t = Type::array(static_cast<Storage>(s), rank, is_mut);
                Type back;
                ASSERT_TRUE(parse_type(to_string(t), back)) << to_string(t);
                EXPECT_EQ(t, back);
            }
        }
    }
    Type t;
    for (const char* bad :
         {"", "f65", "i8", "f64x", "f64x0", "f64x1", "f64x3", "f64x02", "f64x128", "f64x4x", "array", "array<f64>",
          "array<f64,0>", "array<f64,4>", "array<f64,11>", "mut f64", "mutarray<f64,1>", "f64 "})
        EXPECT_FALSE(parse_type(bad, t)) << bad;
}

}  // namespace
}  // namespace exprjit
