// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What holds of every row of the table: engines can run it, a Call row has a target and its meaning is that target.
#include <gtest/gtest.h>

#include "interp/interpreter.h"
#include "op_program.h"

namespace {

using namespace exprjit;

TEST(Table, CodesAscendAndNamesAreUnique) {
    for (int i = 1; i < kOpCount; ++i) EXPECT_LT(kOpInfos[i - 1].code, kOpInfos[i].code) << kOpInfos[i].name;
    for (int i = 0; i < kOpCount; ++i) {
        Op found = Op::Param;
        ASSERT_TRUE(find_op(kOpInfos[i].text, found)) << kOpInfos[i].text;
        EXPECT_EQ(static_cast<int>(found), i);
        ASSERT_TRUE(find_op_by_code(kOpInfos[i].code, found));
        EXPECT_EQ(static_cast<int>(found), i);
    }
}

TEST(Table, MeaningsExistExactlyForInstAndCallRows) {
    for (int k = 0; k < kOpCount; ++k) {
        const Op op = static_cast<Op>(k);
        const OpInfo& o = kOpInfos[k];
        if (!o.is_value()) continue;
        for (const auto& i : ops_test::instances(op)) {
            Slot out = 0;
            bool flag = false;
            const bool has = evaluate(op, i.t, i.u, 1, 1, 1, &out, &flag);
            EXPECT_EQ(has, o.lowering != Lowering::Expand) << i.name();
            EXPECT_EQ(call_target(op, i.t) != nullptr, o.lowering == Lowering::Call) << i.name();
        }
    }
}

}  // namespace
