// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The example in docs/ir.md is real: it parses, verifies, prints as it stands there, and shows every kind of structure.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "ir/text.h"
#include "ir/verify.h"

namespace exprjit {
namespace {

TEST(IrDocs, TheExampleIsReal) {
    std::ifstream file(std::string(EXPRJIT_SOURCE_DIR) + "/docs/ir.md");
    const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t begin = page.find("```ir\n");
    ASSERT_NE(begin, std::string::npos);
    const size_t first = page.find('\n', page.find("; One function", begin)) + 1;  // print() writes no comment
    const std::string example = page.substr(first, page.find("```", first) - first);
    auto p = parse_ir(example, Limits());
    ASSERT_TRUE(p.ok()) << p.error().diagnostics[0].message;
    EXPECT_EQ(print(*p), example);
    const auto verified = verify(*p, Limits());
    EXPECT_TRUE(verified.ok()) << verified.error().diagnostics[0].message;
    for (int k = 0; k < kOpCount; ++k) {
        const Op op = static_cast<Op>(k);
        if (info(op).is_value() || info(op).has(kInternal)) continue;
        bool shown = false;
        for (const Function& f : p->functions) {
            for (const Node& n : f.nodes) shown = shown || n.op == op;
        }
        EXPECT_TRUE(shown) << info(op).text << " is missing in the example";
    }
}

}  // namespace
}  // namespace exprjit
