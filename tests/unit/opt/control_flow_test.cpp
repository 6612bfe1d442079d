// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Branches on constants, loops without trips, and dead code in structured programs.
#include "ir/text.h"
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

using Values = std::span<const ValueId>;

Slot f64(double d) { return std::bit_cast<uint64_t>(d); }
void yield(Builder& b, std::initializer_list<ValueId> v) { b.yield({v.begin(), v.size()}); }

TEST(FoldControl, ConstantConditionLeavesOneArm) {
    for (const bool condition : {true, false}) {
        const Program p = optimised(make({kF64}, {kF64, kF64},
                                         [&](Builder& b, Values v) {
                                             b.begin_if(b.boolean(condition));
                                             yield(b, {b.unary(Op::Neg, v[0]), v[0]});
                                             b.begin_else();
                                             yield(b, {v[0], b.unary(Op::Sqrt, v[0])});
                                             const Type types[2] = {kF64, kF64};
                                             const ValueId r = b.end_if(types);
                                             const ValueId results[2] = {r, r + 1};
                                             b.ret(results);
                                         }),
                                    Tier::Optimised);
        EXPECT_EQ(p.entry().size(), 3u);
        EXPECT_EQ(count_ops(p, Op::If), 0u);
        const Outcome o = run(p, {f64(4)});
        EXPECT_EQ(o.outs[0], f64(condition ? -4 : 4));
        EXPECT_EQ(o.outs[1], f64(condition ? 4 : 2));
    }
}

TEST(FoldControl, AnArmThatReturnsEndsTheFunction) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.begin_if(b.boolean(true));
                                         b.ret(b.unary(Op::Neg, v[0]));
                                         b.begin_else();
                                         b.yield({});
                                         b.end_if({});
                                         b.check(b.binary(Op::Lt, v[0], v[0]), CheckCode::User, 1);
                                         b.ret(v[0]);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(p.entry().size(), 3u);
    EXPECT_EQ(run(p, {f64(4)}).outs[0], f64(-4));
}

// A decided branch inside a decided branch breaks out of a loop: what follows in both is dead, the loop's end is not.
TEST(FoldControl, BreakInsideDecidedBranches) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.begin_loop({&v[0], 1});
                                         const ValueId x = b.function().size() - 1;
                                         b.begin_if(b.binary(Op::Eq, b.i32(2), b.i32(2)));
                                         b.begin_if(b.boolean(false));
                                         b.yield({});
                                         b.begin_else();
                                         const ValueId y = b.binary(Op::Add, x, b.f64(1));
                                         b.break_to(0, {&y, 1});
                                         b.end_if({});
                                         b.check(b.boolean(false), CheckCode::User, 1);
                                         b.yield({});
                                         b.begin_else();
                                         b.yield({});
                                         b.end_if({});
                                         b.yield({&x, 1});
                                         b.ret(b.end_loop());
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::If), 0u);
    EXPECT_EQ(count_ops(p, Op::Check), 0u);
    EXPECT_EQ(count_ops(p, Op::Loop), 1u);
    const Outcome o = run(p, {f64(4)});
    EXPECT_EQ(o.exit, Exit::Ok);
    EXPECT_EQ(o.outs[0], f64(5));
}

TEST(FoldControl, ChecksThatHoldVanishAndOthersStay) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.check(b.binary(Op::Lt, b.f64(1), b.f64(2)), CheckCode::User, 1);
                                         b.check(b.binary(Op::Lt, b.f64(2), b.f64(1)), CheckCode::User, 2);
                                         b.check(b.binary(Op::Lt, v[0], b.f64(1)), CheckCode::User, 3);
                                         b.ret(v[0]);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::Check), 2u);
    const Outcome o = run(p, {f64(0)});
    EXPECT_EQ(o.exit, Exit::CheckFailed);
    EXPECT_EQ(check_site(o.failed_imm), 2u);
}

TEST(FoldControl, LoopsWithoutTripsGiveTheirInitialValues) {
    const struct {
        int64_t lo, hi, step;
        bool empty;
    } cases[] = {{0, 0, 1, true},  {0, 1, 1, false},  {5, 3, 1, true},
                 {3, 5, -1, true}, {5, 3, -1, false}, {0, 9, 0, true},
                 {0, 9, 3, false}, {0, 0, -1, true},  {INT64_MAX, INT64_MIN, 1, true}};
    for (const auto& c : cases) {
        const Program p = make({kF64}, {kF64}, [&](Builder& b, Values v) {
            b.begin_for(b.i64(c.lo), b.i64(c.hi), b.i64(c.step), {&v[0], 1});
            const ValueId x = b.function().size() - 1;
            yield(b, {b.binary(Op::Add, x, b.f64(1))});
            b.ret(b.end_loop());
        });
        const Program after = optimised(p, Tier::Optimised);
        EXPECT_EQ(count_ops(after, Op::For), c.empty ? 0u : 1u) << c.lo << " " << c.hi << " " << c.step;
        EXPECT_EQ(run(after, {f64(1)}).outs[0], run(optimised(p, Tier::Baseline), {f64(1)}).outs[0]);
    }
}

TEST(FoldControl, OverflowPairs) {
    const Program p = optimised(make({}, {kI32, kBool, kI32},
                                     [&](Builder& b, Values) {
                                         const ValueId a = b.binary(Op::AddOverflow, b.i32(INT32_MAX), b.i32(1));
                                         const ValueId c = b.binary(Op::MulOverflow, b.i32(6), b.i32(7));
                                         const ValueId results[3] = {a, a + 1, c};
                                         b.ret(results);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::AddOverflow), 0u);
    const Outcome o = run(p, {});
    EXPECT_EQ(o.outs, (std::vector<Slot>{0x80000000u, 1, 42}));
}

TEST(FoldControl, NanIsCanonical) {
    const Program p = optimised(
        make({}, {kF64, kF32},
             [&](Builder& b, Values) {
                 const ValueId results[2] = {b.binary(Op::Div, b.f64(-0.0), b.f64(0)), b.unary(Op::Sqrt, b.f32(-1))};
                 b.ret(results);
             }),
        Tier::Optimised);
    EXPECT_EQ(p.entry()[0].imm, 0x7ff8000000000000u);
    EXPECT_EQ(p.entry()[1].imm, 0x7fc00000u);
}

// ---- Dead code

TEST(Dce, UnusedValuesGo) {
    const Program p = optimised(make({kF64, kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.unary(Op::Sin, v[0]);
                                         b.binary(Op::AddOverflow, b.i32(1), b.to(Op::TruncToInt, Scalar::I32, v[1]));
                                         const ValueId kept = b.binary(Op::Add, v[0], v[1]);
                                         b.unary(Op::Exp, kept);
                                         b.ret(kept);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(p.entry().size(), 4u);
}

TEST(Dce, TheFlagAloneKeepsItsPair) {
    const Program p = optimised(make({kI32, kI32}, {kBool},
                                     [&](Builder& b, Values v) {
                                         b.unary(Op::Popcount, v[0]);
                                         b.ret(b.binary(Op::MulOverflow, v[0], v[1]) + 1);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(p.entry().size(), 5u);
    EXPECT_EQ(run(p, {0x10000, 0x10000}).outs[0], 1u);
}

// sum is used, count only feeds itself, last is used by nobody at all.
TEST(Dce, CarriedValuesThatOnlyFeedThemselvesGo) {
    const Program p = optimised(make({kI64, kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         const ValueId inits[3] = {b.i64(0), v[1], v[1]};
                                         const ValueId loop = b.begin_for(b.i64(0), v[0], b.i64(1), inits);
                                         const ValueId count = loop + 2, sum = loop + 3, last = loop + 4;
                                         yield(b, {b.binary(Op::Add, count, b.i64(3)), b.binary(Op::Mul, sum, b.f64(2)),
                                                   b.unary(Op::Sqrt, last)});
                                         b.ret(b.end_loop() + 1);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::Carried), 1u);
    EXPECT_EQ(count_ops(p, Op::Result), 0u);
    EXPECT_EQ(count_ops(p, Op::Sqrt), 0u);
    EXPECT_EQ(run(p, {10, f64(1)}).outs[0], f64(1024));
}

TEST(Dce, SlotsAreRenumberedInEveryLeave) {
    // Four carried values; 1 and 3 are needed, 3 through 1 only. A break and a continue carry the full list.
    const auto program = make({kF64, kI64}, {kF64}, [&](Builder& b, Values v) {
        const ValueId inits[4] = {v[0], v[0], b.f64(7), b.f64(0.5)};
        const ValueId loop = b.begin_for(b.i64(0), v[1], b.i64(1), inits);
        const ValueId i = loop + 1, a = loop + 2, s = loop + 3, c = loop + 4, d = loop + 5;
        b.begin_if(b.binary(Op::Gt, s, b.f64(1000)));
        const ValueId leaving[4] = {a, b.unary(Op::Neg, s), c, d};
        b.break_to(0, leaving);
        b.begin_else();
        b.begin_if(b.binary(Op::Eq, b.binary(Op::And, i, b.i64(1)), b.i64(1)));
        const ValueId skipping[4] = {s, s, a, d};
        b.continue_to(0, skipping);
        b.begin_else();
        b.yield({});
        b.end_if({});
        b.yield({});
        b.end_if({});
        yield(b, {b.unary(Op::Exp, a), b.binary(Op::Add, s, d), b.unary(Op::Neg, c), b.binary(Op::Mul, d, b.f64(3))});
        b.ret(b.end_loop() + 1);
    });
    const Program after = optimised(program, Tier::Optimised), before = optimised(program, Tier::Baseline);
    EXPECT_EQ(count_ops(after, Op::Carried), 2u);
    EXPECT_EQ(count_ops(after, Op::Exp), 0u);
    for (const uint64_t trips : {0, 1, 2, 5, 9, 100})
        EXPECT_EQ(run(after, {f64(1), trips}).outs[0], run(before, {f64(1), trips}).outs[0]) << trips;
}

TEST(Dce, BranchesWithoutEffectGoAndUnusedResultsToo) {
    const Program p = optimised(make({kBool, kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.begin_if(v[0]);
                                         b.unary(Op::Sin, v[1]);
                                         b.yield({});
                                         b.begin_else();
                                         b.yield({});
                                         b.end_if({});
                                         b.begin_if(v[0]);
                                         yield(b, {b.unary(Op::Sin, v[1]), b.unary(Op::Neg, v[1])});
                                         b.begin_else();
                                         yield(b, {v[1], v[1]});
                                         const Type types[2] = {kF64, kF64};
                                         b.ret(b.end_if(types) + 1);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::If), 1u);
    EXPECT_EQ(count_ops(p, Op::Sin), 0u);
    EXPECT_EQ(count_ops(p, Op::Result), 0u);
    EXPECT_EQ(run(p, {1, f64(2)}).outs[0], f64(-2));
    EXPECT_EQ(run(p, {0, f64(2)}).outs[0], f64(2));
}

TEST(Dce, EffectsKeepWhatEncloses) {
    const Program p = optimised(make({kI64, kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         const ValueId loop = b.begin_for(b.i64(0), v[0], b.i64(1), {});
                                         b.begin_if(b.binary(Op::Gt, loop + 1, b.i64(5)));
                                         b.check(b.binary(Op::Lt, v[1], b.f64(3)), CheckCode::Domain, 9);
                                         b.yield({});
                                         b.begin_else();
                                         b.yield({});
                                         b.end_if({});
                                         b.yield({});
                                         b.end_loop();
                                         b.begin_for(b.i64(0), v[0], b.i64(1), {&v[1], 1});  // no effect, result unused
                                         yield(b, {v[1]});
                                         b.end_loop();
                                         b.ret(v[1]);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::For), 1u);
    EXPECT_EQ(run(p, {5, f64(4)}).exit, Exit::Ok);
    const Outcome o = run(p, {9, f64(4)});
    EXPECT_EQ(o.exit, Exit::CheckFailed);
    EXPECT_EQ(o.failed_index, 6);
}

TEST(Dce, LocalsWithOnlyStoresGo) {
    for (const bool is_read : {false, true}) {
        const Program p = optimised(make({kF64}, {kF64},
                                         [&](Builder& b, Values v) {
                                             const ValueId local =
                                                 b.append(Op::Local, Type::array(Storage::F64, 1, true), {}, 8);
                                             const ValueId index = b.i64(3);
                                             b.store(local, {&index, 1}, v[0]);
                                             b.ret(is_read ? b.load(local, {&index, 1}) : v[0]);
                                         }),
                                    Tier::Optimised);
        EXPECT_EQ(count_ops(p, Op::Local), is_read ? 1u : 0u);
        EXPECT_EQ(count_ops(p, Op::Store), is_read ? 1u : 0u);
        EXPECT_EQ(run(p, {f64(2.5)}).outs[0], f64(2.5));
    }
}

TEST(Dce, EndlessLoopsStay) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.begin_loop({});
                                         b.yield({});
                                         b.end_loop();
                                         b.ret(v[0]);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::Loop), 1u);
}

TEST(Dce, PositionsFollowTheirNodes) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [&](Builder& b, Values v) {
                                         b.at({1, 2});
                                         b.unary(Op::Sin, v[0]);
                                         b.at({3, 4});
                                         const ValueId kept = b.unary(Op::Sqrt, v[0]);
                                         b.at({5, 6});
                                         b.ret(kept);
                                     }),
                                Tier::Optimised);
    ASSERT_EQ(p.entry().size(), 3u);
    EXPECT_EQ(p.entry().span_of(1), (Span{3, 4}));
    EXPECT_EQ(p.entry().span_of(2), (Span{5, 6}));
}

// Without loops one walk decides: of three results the second is used, through a branch in one arm. Another branch there
// is used by nobody, a third has a check in it, which must run.
TEST(Dce, BranchesKeepWhatIsUsedAndWhatMustRun) {
    const Type three[3] = {kF64, kF64, kF64}, two[2] = {kF64, kF64};
    const auto program = make({kF64, kF64}, {kF64}, [&](Builder& b, Values v) {
        b.begin_if(b.binary(Op::Lt, v[0], v[1]));
        b.begin_if(b.binary(Op::Lt, v[0], b.f64(0)));
        yield(b, {b.unary(Op::Ceil, v[0]), b.unary(Op::Sqrt, v[1])});
        b.begin_else();
        yield(b, {b.unary(Op::Floor, v[0]), b.binary(Op::Add, v[0], v[1])});
        const ValueId used = b.end_if(two) + 1;
        b.begin_if(b.binary(Op::Gt, v[0], b.f64(3)));
        yield(b, {b.binary(Op::Div, v[0], v[1])});
        b.begin_else();
        yield(b, {b.binary(Op::Div, v[1], v[0])});
        const ValueId unused = b.end_if({three, 1});
        yield(b, {unused, b.binary(Op::Mul, used, b.f64(2)), b.unary(Op::Trunc, used)});
        b.begin_else();
        b.begin_if(b.binary(Op::Eq, v[1], b.f64(-1)));
        b.check(b.binary(Op::Ge, v[0], b.f64(5)), CheckCode::User, 1);
        yield(b, {b.unary(Op::Round, v[0])});
        b.begin_else();
        yield(b, {v[0]});
        const ValueId checked = b.end_if({three, 1});
        yield(b, {checked, v[1], v[0]});
        b.ret(b.end_if(three) + 1);
    });
    const Program after = optimised(program, Tier::Optimised), before = optimised(program, Tier::Baseline);
    EXPECT_EQ(count_ops(after, Op::If), 3u);
    EXPECT_EQ(count_ops(after, Op::Check), 1u);
    EXPECT_EQ(count_ops(after, Op::Sqrt), 1u);
    for (const Op gone : {Op::Ceil, Op::Floor, Op::Div, Op::Trunc, Op::Round, Op::Result})
        EXPECT_EQ(count_ops(after, gone), 0u) << info(gone).text;
    for (const double x : {-2.0, 1.0, 4.0, 6.0}) {
        for (const double y : {-1.0, 2.0, 9.0}) {
            const Outcome a = run(after, {f64(x), f64(y)}), b = run(before, {f64(x), f64(y)});
            EXPECT_EQ(a.exit, b.exit) << x << ' ' << y;
            if (b.exit == Exit::Ok) {
                EXPECT_EQ(a.outs[0], b.outs[0]) << x << ' ' << y;
            }
        }
    }
    EXPECT_NE(run(after, {f64(4), f64(-1)}).exit, Exit::Ok);
}

TEST(Dce, ABranchThatReturnsStays) {
    const auto program = make({kF64}, {kF64}, [](Builder& b, Values v) {
        b.begin_if(b.binary(Op::Lt, v[0], b.f64(0)));
        b.ret(b.unary(Op::Neg, v[0]));
        b.begin_else();
        b.yield({});
        b.end_if({});
        b.ret(b.unary(Op::Sqrt, v[0]));
    });
    const Program after = optimised(program, Tier::Optimised);
    EXPECT_EQ(count_ops(after, Op::If), 1u);
    EXPECT_EQ(run(after, {f64(-9)}).outs[0], f64(9));
    EXPECT_EQ(run(after, {f64(9)}).outs[0], f64(3));
}

}  // namespace
}  // namespace exprjit::opt_test
