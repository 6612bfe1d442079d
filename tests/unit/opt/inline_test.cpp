// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

using Values = std::span<const ValueId>;

Slot f64(double d) { return std::bit_cast<uint64_t>(d); }

// Adds a function to a program.
void add(Program& p, std::initializer_list<Type> params, std::initializer_list<Type> results,
         const std::function<void(Builder&, Values)>& body) {
    Program one = make(params, results, body);
    one.entry().name = "f" + std::to_string(p.functions.size());
    p.functions.push_back(std::move(one.entry()));
}

// A call with its further results.
ValueId call(Builder& b, uint64_t callee, std::initializer_list<Type> results,
             std::initializer_list<ValueId> arguments) {
    const ValueId v = b.append(Op::Call, results.size() == 0 ? kVoid : *results.begin(),
                               {arguments.begin(), arguments.size()}, callee);
    for (size_t k = 1; k < results.size(); ++k) b.append(Op::Result, results.begin()[k], {}, k);
    return v;
}

// The program runs alike with its calls in place and without them.
void expect_inlined(const Program& p, std::initializer_list<std::initializer_list<Slot>> arguments) {
    expect_valid(p, Trust::Border);
    const Interpreter calls(p);
    for (const Tier tier : {Tier::Baseline, Tier::Optimised}) {
        const Program flat = optimised(p, tier);
        ASSERT_EQ(flat.functions.size(), 1u);
        EXPECT_EQ(count_ops(flat, Op::Call), 0u);
        const Interpreter inlined(flat);
        for (const auto& args : arguments) {
            const std::span<const Slot> slots(args.begin(), args.size());
            const Outcome a = run(calls, slots, p.entry().results.size()),
                          b = run(inlined, slots, p.entry().results.size());
            EXPECT_EQ(a.exit, b.exit);
            if (a.exit == Exit::Ok) {
                EXPECT_EQ(a.outs, b.outs);
            }
            EXPECT_EQ(a.failed_imm, b.failed_imm);
            EXPECT_EQ(a.failed_index, b.failed_index);
        }
    }
}

TEST(Inline, StraightCalleeWithTwoResults) {
    Program p = make({kF64, kF64}, {kF64}, [](Builder& b, Values v) {
        const ValueId first = call(b, 1, {kF64, kF64}, {v[0], v[1]});
        const ValueId second = call(b, 1, {kF64, kF64}, {first, first + 1});
        b.ret(b.binary(Op::Sub, second, second + 1));
    });
    add(p, {kF64, kF64}, {kF64, kF64}, [](Builder& b, Values v) {
        const ValueId results[2] = {b.binary(Op::Add, v[0], v[1]), b.binary(Op::Mul, v[0], v[1])};
        b.ret(results);
    });
    expect_inlined(p, {{f64(3), f64(5)}, {f64(-1), f64(0.25)}});
}

// Returns from inside a loop, from a branch, and at the end.
TEST(Inline, EarlyReturns) {
    Program p = make({kI64, kI64}, {kI64, kBool}, [](Builder& b, Values v) {
        const ValueId found = call(b, 1, {kI64, kBool}, {v[0], v[1]});
        const ValueId again = call(b, 1, {kI64, kBool}, {found, v[1]});
        const ValueId results[2] = {b.binary(Op::Add, found, again), b.binary(Op::Or, found + 1, again + 1)};
        b.ret(results);
    });
    // The first i below n with i * i > x, and whether there is one.
    add(p, {kI64, kI64}, {kI64, kBool}, [](Builder& b, Values v) {
        b.begin_if(b.binary(Op::Lt, v[0], b.i64(0)));
        const ValueId at_once[2] = {v[0], b.boolean(false)};
        b.ret(at_once);
        b.begin_else();
        b.yield({});
        b.end_if({});
        const ValueId i = b.begin_for(b.i64(0), v[1], b.i64(1), {}) + 1;
        b.begin_if(b.binary(Op::Gt, b.binary(Op::Mul, i, i), v[0]));
        const ValueId found[2] = {i, b.boolean(true)};
        b.ret(found);
        b.begin_else();
        b.yield({});
        b.end_if({});
        b.yield({});
        b.end_loop();
        const ValueId none[2] = {b.i64(-7), b.boolean(false)};
        b.ret(none);
    });
    expect_inlined(p, {{10, 100}, {10, 2}, {static_cast<Slot>(-3), 5}, {0, 0}, {1000, 1000}});
}

TEST(Inline, NestedCallsInsideALoopKeepTheFailingIndex) {
    Program p = make({kI64, kF64}, {kF64}, [](Builder& b, Values v) {
        const ValueId loop = b.begin_for(b.i64(0), v[0], b.i64(1), {&v[1], 1});
        const ValueId next = call(b, 1, {kF64}, {loop + 2});
        b.yield({&next, 1});
        b.ret(b.end_loop());
    });
    add(p, {kF64}, {kF64},
        [](Builder& b, Values v) { b.ret(call(b, 2, {kF64}, {b.binary(Op::Mul, v[0], b.f64(2))})); });
    add(p, {kF64}, {kF64}, [](Builder& b, Values v) {
        b.check(b.binary(Op::Lt, v[0], b.f64(100)), CheckCode::User, 4);
        b.ret(v[0]);
    });
    expect_inlined(p, {{3, f64(1)}, {20, f64(1)}, {0, f64(1)}});
}

TEST(Inline, FunctionsWithoutResultsAndUnusedFunctions) {
    Program p = make({kF64}, {kF64}, [](Builder& b, Values v) {
        call(b, 2, {}, {v[0]});
        b.ret(v[0]);
    });
    add(p, {}, {}, [](Builder& b, Values) { b.ret(std::span<const ValueId>()); });
    add(p, {kF64}, {}, [](Builder& b, Values v) {
        b.begin_if(b.binary(Op::Gt, v[0], b.f64(1)));
        b.ret(std::span<const ValueId>());
        b.begin_else();
        b.yield({});
        b.end_if({});
        b.check(b.binary(Op::Gt, v[0], b.f64(0)), CheckCode::Domain, 1);
        b.ret(std::span<const ValueId>());
    });
    expect_inlined(p, {{f64(2)}, {f64(0.5)}, {f64(-1)}});
}

TEST(Inline, ExponentialCallsMeetTheLimit) {
    for (const bool has_body : {true, false}) {
        Program p;
        for (uint64_t i = 0; i < 60; ++i) {
            add(p, {kF64}, {kF64}, [&](Builder& b, Values v) {
                if (i == 59) return b.ret(has_body ? b.unary(Op::Sin, v[0]) : v[0]);
                b.ret(call(b, i + 1, {kF64}, {call(b, i + 1, {kF64}, {v[0]})}));
            });
        }
        expect_valid(p, Trust::Border);
        PassScratch scratch;
        Limits limits;
        limits.max_nodes = 20'000;
        const Result<void> done = run_pipeline(p, {}, limits, scratch);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::Limit);
        EXPECT_EQ(done.error().diagnostics[0].code, 4050);
    }
}

TEST(Inline, LocalsOfAllCallsCountTogether) {
    Program p = make({kF64}, {kF64}, [](Builder& b, Values v) {
        ValueId x = v[0];
        for (int i = 0; i < 3; ++i) x = call(b, 1, {kF64}, {x});
        b.ret(x);
    });
    add(p, {kF64}, {kF64}, [](Builder& b, Values v) {
        const ValueId local = b.append(Op::Local, Type::array(Storage::F64, 1, true), {}, 4096);
        const ValueId index = b.i64(0);
        b.store(local, {&index, 1}, v[0]);
        b.ret(b.load(local, {&index, 1}));
    });
    PassScratch scratch;
    const Result<void> done = run_pipeline(p, {}, Limits{}, scratch);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().diagnostics[0].code, 4052);
}

}  // namespace
}  // namespace exprjit::opt_test
