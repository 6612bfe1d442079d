// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The pipeline as a whole: flags, names of passes, growth, array lowering.
#include <cstring>

#include "ir/text.h"
#include "opt/passes.h"
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

using Values = std::span<const ValueId>;

Slot f64(double d) { return std::bit_cast<uint64_t>(d); }

TEST(Flags, ContractFusesProductsThatNothingElseUses) {
    const auto program = make({kF64, kF64, kF64}, {kF64, kF64, kF64, kF64}, [](Builder& b, Values v) {
        const ValueId shared = b.binary(Op::Mul, v[0], v[0]);
        const ValueId results[4] = {b.binary(Op::Add, b.binary(Op::Mul, v[0], v[1]), v[2]),
                                    b.binary(Op::Sub, b.binary(Op::Mul, v[1], v[2]), v[0]),
                                    b.binary(Op::Sub, v[1], b.binary(Op::Mul, v[0], v[2])),
                                    b.binary(Op::Add, shared, b.binary(Op::Sub, shared, v[1]))};
        b.ret(results);
    });
    EXPECT_EQ(count_ops(optimised(program, Tier::Optimised), Op::Fma), 0u);
    for (const Tier tier : {Tier::Interpreter, Tier::Baseline, Tier::Optimised}) {
        const Program p = optimised(program, tier, kFlagContract);
        EXPECT_EQ(count_ops(p, Op::Fma), 3u);
        EXPECT_EQ(count_ops(p, Op::Mul), 1u);
        const double a = 1.1, x = 2.3, c = -3.7;
        const Outcome o = run(p, {f64(a), f64(x), f64(c)});
        EXPECT_EQ(o.outs[0], f64(std::fma(a, x, c)));
        EXPECT_EQ(o.outs[1], f64(std::fma(x, c, -a)));
        EXPECT_EQ(o.outs[2], f64(std::fma(-a, c, x)));
    }
}

TEST(Flags, ContractLeavesExpandedNodesAlone) {
    const auto program = make({kF64}, {kF64}, [](Builder& b, Values v) { b.ret(b.unary(Op::Silu, v[0])); });
    const size_t of_its_own = count_ops(optimised(program, Tier::Optimised), Op::Fma);
    EXPECT_EQ(count_ops(optimised(program, Tier::Optimised, kFlagContract), Op::Fma), of_its_own);
}

TEST(Flags, TheProgramsOwnFlagsCountToo) {
    Program p = make({kF64}, {kF64}, [](Builder& b, Values v) {
        b.ret(b.binary(Op::Add, b.binary(Op::Mul, v[0], b.f64(3)), b.f64(1)));
    });
    p.flags = kFlagContract;
    const Program after = optimised(p, Tier::Baseline);
    EXPECT_EQ(count_ops(after, Op::Fma), 1u);
    EXPECT_EQ(after.flags, 0u);
}

TEST(Flags, ReassocMakesTrees) {
    // a + b + … + h, and the depth of the longest chain of additions.
    const auto program = make({kF64, kF64, kF64, kF64, kF64, kF64, kF64, kF64}, {kF64}, [](Builder& b, Values v) {
        ValueId sum = v[0];
        for (size_t i = 1; i < v.size(); ++i) sum = b.binary(Op::Add, sum, v[i]);
        b.ret(sum);
    });
    const Program p = optimised(program, Tier::Baseline, kFlagReassoc);
    std::vector<int> depth(p.entry().size(), 0);
    for (ValueId v = 0; v < p.entry().size(); ++v) {
        for (const ValueId o : p.entry().operands(v)) depth[v] = std::max(depth[v], depth[o] + 1);
    }
    EXPECT_EQ(depth[p.entry().size() - 2], 3);
    EXPECT_EQ(count_ops(p, Op::Add), 7u);
    EXPECT_EQ(run(p, {f64(1), f64(2), f64(3), f64(4), f64(5), f64(6), f64(7), f64(8)}).outs[0], f64(36));
}

TEST(Pipeline, NamesAreThoseShown) {
    const Program before = make({kF64}, {kF64}, [](Builder& b, Values v) {
        b.ret(b.binary(Op::FloorDiv, b.binary(Op::Mul, v[0], b.f64(1)), b.binary(Op::Add, b.f64(1), b.f64(2))));
    });
    std::vector<std::string> shown;
    std::vector<size_t> floor_divs, muls;  // after each pass
    Program last;
    PipelineOptions options;
    options.after_pass = [&](const char* pass, const Program& p) {
        shown.push_back(pass);
        last = p;
        expect_valid(p, Trust::Internal);
        floor_divs.push_back(count_ops(p, Op::FloorDiv));
        muls.push_back(count_ops(p, Op::Mul));
    };
    Program p = before, quiet = before;
    PassScratch scratch;
    ASSERT_TRUE(run_pipeline(p, options, Limits{}, scratch).ok());
    std::vector<std::string> names;
    for (size_t i = 0; pass_name(i) != nullptr; ++i) names.push_back(pass_name(i));
    ASSERT_FALSE(names.empty());
    EXPECT_EQ(names.back(), kVectorizePass);  // the column engine's
    names.pop_back();
    EXPECT_EQ(shown, names);
    // Each pass is shown with what it did and the next one did not yet do.
    EXPECT_EQ(floor_divs, (std::vector<size_t>{1, 1, 1, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(muls, (std::vector<size_t>{1, 1, 0, 0, 0, 0, 0, 0, 0}));
    // Watching changes nothing.
    ASSERT_TRUE(run_pipeline(quiet, {}, Limits{}, scratch).ok());
    EXPECT_EQ(print(p), print(quiet));
    EXPECT_EQ(print(last), print(quiet));
}

TEST(Pipeline, TheSecondTimeChangesNothing) {
    const Program once =
        optimised(make({kF64, kI64}, {kF64, kI64},
                       [](Builder& b, Values v) {
                           const ValueId results[2] = {b.binary(Op::Add, b.unary(Op::Powi, v[0], 7),
                                                                b.unary(Op::Sinc, b.binary(Op::Mod, v[0], b.f64(3)))),
                                                       b.binary(Op::FloorDiv, b.binary(Op::Quot, v[1], b.i64(16)),
                                                                b.binary(Op::Rem, v[1], b.i64(-4)))};
                           b.ret(results);
                       }),
                  Tier::Optimised);
    EXPECT_EQ(print(optimised(once, Tier::Optimised)), print(once));
}

// The walk is left out after the expansions of elementary functions, so it must have next to nothing to find in them.
TEST(Pipeline, ExpansionsOfElementaryFunctionsLeaveTheWalkNothing) {
    constexpr size_t kSpecialCases = 5;  // what a function simplifies in its rare arm
    int functions = 0;
    for (int k = 0; k < kOpCount; ++k) {
        const Op op = static_cast<Op>(k);
        if (info(op).lowering != Lowering::Expand || info(op).ulp.largest() <= 0 || info(op).has(kHasImm)) continue;
        for (const Type type : {kF64, kF32}) {
            for (const uint32_t flags : {0u, static_cast<uint32_t>(kFlagFastMaths)}) {
                const Program p =
                    optimised(make({type, type}, {type},
                                   [&](Builder& b, Values v) {
                                       b.ret(info(op).arity == 1 ? b.unary(op, v[0]) : b.binary(op, v[0], v[1]));
                                   }),
                              Tier::Optimised, flags);
                Program again = p;
                PassScratch scratch;
                rewrite(again, scratch, kAllRules);
                eliminate_dead_code(again, scratch, OpSet::of(again));
                EXPECT_LE(p.entry().size(), again.entry().size() + kSpecialCases) << info(op).text << ' ' << flags;
                ++functions;
            }
        }
    }
    EXPECT_GT(functions, 100);
}

// A constant argument is different: what the expansion makes of it folds.
TEST(Pipeline, ConstantArgumentsFold) {
    const auto with = [](const auto& argument) {
        return optimised(
                   make({kF64}, {kF64}, [&](Builder& b, Values v) { b.ret(b.binary(Op::Pow, argument(b, v), v[0])); }),
                   Tier::Optimised)
            .entry()
            .size();
    };
    EXPECT_LT(with([](Builder& b, Values) { return b.f64(1.7); }) * 3,
              with([](Builder&, Values v) { return v[0]; }) * 2);
    const Program sine =
        optimised(make({}, {kF64}, [](Builder& b, Values) { b.ret(b.unary(Op::Sin, b.f64(0.5))); }), Tier::Optimised);
    EXPECT_EQ(sine.entry().size(), 2u);
}

// 100,000 nodes: the work is counted in nodes, which must grow in proportion.
TEST(Pipeline, LongProgramsGrowInProportion) {
    const auto chain = [](int length) {
        return make({kF64, kF64}, {kF64}, [&](Builder& b, Values v) {
            ValueId x = v[0];
            for (int i = 0; i < length; ++i)
                x = b.binary(i % 3 == 0 ? Op::FloorDiv : i % 3 == 1 ? Op::Mul : Op::Sub, v[1], x);
            b.ret(x);
        });
    };
    const size_t small = optimised(chain(1'000), Tier::Optimised).entry().size();
    const size_t large = optimised(chain(100'000), Tier::Optimised).entry().size();
    EXPECT_GT(small, 5'000u);
    EXPECT_LT(large, small * 101);
}

TEST(Pipeline, SharedSubtreesStayShared) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [](Builder& b, Values v) {
                                         ValueId x = v[0];
                                         for (int i = 0; i < 60; ++i) x = b.binary(Op::Add, x, x);
                                         b.ret(x);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(p.entry().size(), 62u);
}

TEST(Pipeline, ExpansionMeetsTheLimit) {
    Program p = make({kF64}, {kF64}, [](Builder& b, Values v) {
        ValueId x = v[0];
        for (int i = 0; i < 100; ++i) x = b.unary(Op::Powi, x, 15);
        b.ret(x);
    });
    Limits limits;
    limits.max_nodes = 1000;
    PassScratch scratch;
    const Result<void> done = run_pipeline(p, {}, limits, scratch);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().status(), Status::Limit);
}

// ---- Arrays

Program lowered(Program p) {
    PassScratch scratch;
    EXPECT_TRUE(lower_arrays(p, Limits{}, scratch).ok());
    expect_valid(p, Trust::Internal);
    EXPECT_EQ(count_ops(p, Op::Load) + count_ops(p, Op::Store), 0u);
    return p;
}

TEST(LowerArrays, MatricesWithAnyStrideAndAnyIndex) {
    const Type matrix = Type::array(Storage::I16, 2, true);
    const Program p = optimised(make({matrix, kI64, kI64, kI32}, {kI32, kI64},
                                     [](Builder& b, Values v) {
                                         const ValueId at[2] = {v[1], v[2]}, turned[2] = {v[2], v[1]};
                                         b.store(v[0], at, v[3]);
                                         const ValueId results[2] = {b.load(v[0], turned), b.len(v[0], 1)};
                                         b.ret(results);
                                     }),
                                Tier::Optimised);
    const Program raw = lowered(p);
    EXPECT_EQ(count_ops(raw, Op::LoadRaw), 1u);
    EXPECT_EQ(count_ops(raw, Op::StoreRaw), 1u);
    EXPECT_EQ(count_ops(raw, Op::Base), 1u);
    EXPECT_EQ(count_ops(raw, Op::Stride), 2u);
    const Interpreter a(p), b(raw);
    for (const bool backward : {false, true}) {
        for (int64_t i = -2; i < 6; ++i) {
            for (int64_t j = -2; j < 6; ++j) {
                Outcome outcomes[2];
                std::vector<int16_t> memories[2];
                for (int k = 0; k < 2; ++k) {
                    std::vector<int16_t>& memory = memories[k];
                    for (int16_t m = 0; m < 40; ++m) memory.push_back(m);
                    ArrayDescriptor d;
                    d.data = memory.data() + (backward ? 30 : 0);
                    d.length[0] = 3, d.length[1] = 4;
                    d.stride[0] = backward ? -20 : 20, d.stride[1] = backward ? -2 : 4;
                    const Slot args[4] = {reinterpret_cast<Slot>(&d), static_cast<Slot>(i), static_cast<Slot>(j),
                                          int_bits(Scalar::I32, -777)};
                    outcomes[k] = run(k == 0 ? a : b, args, 2);
                }
                EXPECT_EQ(outcomes[0].outs, outcomes[1].outs) << i << "," << j;
                EXPECT_EQ(memories[0], memories[1]) << i << "," << j;
            }
        }
    }
}

TEST(LowerArrays, LocalsAndTablesHaveConstantShape) {
    Program p = make({kI64, kF32}, {kF32, kI32, kI64, kF32}, [](Builder& b, Values v) {
        const ValueId local = b.append(Op::Local, Type::array(Storage::F32, 1, true), {}, 5);
        const ValueId table = b.append(Op::Table, Type::array(Storage::U8, 1, false), {}, 0);
        b.store(local, {&v[0], 1}, v[1]);
        const ValueId two = b.i64(2), nine = b.i64(9);
        const ValueId results[4] = {b.load(local, {&two, 1}), b.load(table, {&v[0], 1}), b.len(table, 0),
                                    b.load(local, {&nine, 1})};
        b.ret(results);
    });
    p.tables.push_back({Storage::U8, {10, 20, 30, 255}});
    expect_valid(p, Trust::Border);
    const Program before = optimised(p, Tier::Optimised), raw = lowered(before);
    EXPECT_EQ(count_ops(raw, Op::If), 2u);       // the two constant indices need none
    EXPECT_EQ(count_ops(raw, Op::LoadRaw), 2u);  // the one outside is 0
    for (int64_t i = -1; i < 7; ++i) {
        const Slot index = static_cast<Slot>(i), value = float_bits(Scalar::F32, 1.5);
        EXPECT_EQ(run(before, {index, value}).outs, run(raw, {index, value}).outs) << i;
    }
}

TEST(LowerArrays, KnownInsideNeedsNoBranch) {
    const Program raw = lowered(make({Type::array(Storage::F64, 1, true), kI64}, {kF64}, [](Builder& b, Values v) {
        const ValueId x = b.load(v[0], {&v[1], 1}, true);
        b.store(v[0], {&v[1], 1}, b.unary(Op::Neg, x), true);
        b.ret(x);
    }));
    EXPECT_EQ(count_ops(raw, Op::If), 0u);
    EXPECT_EQ(count_ops(raw, Op::Len), 0u);
    EXPECT_EQ(count_ops(raw, Op::Mul), 1u);  // the offset is shared
    double data[3] = {1, 2, 3};
    ArrayDescriptor d;
    d.data = data, d.length[0] = 3, d.stride[0] = 8;
    EXPECT_EQ(run(raw, {reinterpret_cast<Slot>(&d), 1}).outs[0], f64(2));
    EXPECT_EQ(data[1], -2);
}

TEST(LowerArrays, InsideLoopsAndWithoutArrays) {
    const Program plain = make({kF64}, {kF64}, [](Builder& b, Values v) { b.ret(b.unary(Op::Neg, v[0])); });
    EXPECT_EQ(print(lowered(plain)), print(plain));
    const Program p = make({Type::array(Storage::F64, 1, false)}, {kF64}, [](Builder& b, Values v) {
        const ValueId zero = b.f64(0);
        const ValueId loop = b.begin_for(b.i64(-1), b.binary(Op::Add, b.len(v[0], 0), b.i64(1)), b.i64(1), {&zero, 1});
        const ValueId i = loop + 1;
        const ValueId next = b.binary(Op::Add, loop + 2, b.load(v[0], {&i, 1}));
        b.yield({&next, 1});
        b.ret(b.end_loop());
    });
    double data[4] = {1, 2, 3, 4};
    ArrayDescriptor d;
    d.data = data, d.length[0] = 4, d.stride[0] = 8;
    EXPECT_EQ(run(lowered(optimised(p, Tier::Optimised)), {reinterpret_cast<Slot>(&d)}).outs[0], f64(10));
}

}  // namespace
}  // namespace exprjit::opt_test
