// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random row functions in every shape.
#include "random_row.h"

namespace exprjit::opt_test {
namespace {

TEST(VectorizeRandom, EveryShapeAgrees) {
    int in_lanes = 0;
    constexpr int kCases = 500;
    for (uint64_t seed = 0; seed < kCases; ++seed) {
        RowCase c = RandomRow(seed).make_case();
        c.must_have_lanes = false;
        std::mt19937_64 random(seed);
        SCOPED_TRACE("seed " + std::to_string(seed));
        for (const Shape& shape : kShapes) {
            const RowLoop loop(c, shape);
            if (HasFailure()) return;
            in_lanes += loop.lanes() > 1;
            for (int round = 0; round < 7; ++round) {
                const int64_t n =
                    round < 5 ? static_cast<int64_t>(random() % 70) : static_cast<int64_t>(random() % 400);
                const RowData d = random_data(c, n, random, round % 2 == 0);
                expect_same(c, d, loop, by_definition(c, d), loop.run(d, round % 3 == 0));
                if (HasFailure()) return;
            }
        }
    }
    // Most must be in lanes, or the test says little about them.
    EXPECT_GT(in_lanes, kCases * 2);
}

}  // namespace
}  // namespace exprjit::opt_test
