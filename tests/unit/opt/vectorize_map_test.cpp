// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Maps: one function over columns, alone and in lanes.
#include "vectorize_harness.h"

namespace exprjit::opt_test {
namespace {

using Values = std::span<const ValueId>;

TEST(VectorizeMap, MultiplyAdd) {
    const auto body = [](Builder& b, Values p) { b.ret(b.binary(Op::Add, b.binary(Op::Mul, p[0], p[1]), p[2])); };
    const RowCase c = row_case(make({kF64, kF64, kF64}, {kF64}, body),
                               {column(Storage::F64), column(Storage::F64), uniform()}, {store_of(0, Storage::F64)});
    expect_all_shapes_agree(c, 1);
    const RowCase narrow =
        row_case(make({kF32, kF32, kF32}, {kF32}, body), {column(Storage::F32), uniform(), column(Storage::F16)},
                 {store_of(0, Storage::F16)});
    EXPECT_EQ(RowLoop(narrow, kShapes[1]).lanes(), 16);
    expect_all_shapes_agree(narrow, 2);
}

TEST(VectorizeMap, EveryStorageInAndOut) {
    for (int s = 0; s < kStorageCount; ++s) {
        const auto storage = static_cast<Storage>(s);
        const Type type = widened(storage);
        const RowCase c = row_case(make({type}, {type}, [](Builder& b, Values p) { b.ret(p[0]); }), {column(storage)},
                                   {store_of(0, storage)});
        expect_all_shapes_agree(c, static_cast<uint64_t>(s), false, false);
        if (HasFailure()) return;
    }
}

TEST(VectorizeMap, WhatIsUniformIsComputedOnce) {
    const RowCase c = row_case(make({kF64, kF64}, {kF64},
                                    [](Builder& b, Values p) {
                                        const ValueId s = b.unary(Op::Exp, b.binary(Op::Mul, p[1], b.f64(2)));
                                        b.ret(b.binary(Op::Mul, p[0], s));
                                    }),
                               {column(Storage::F64), uniform()}, {store_of(0, Storage::F64)});
    const RowLoop loop(c, kShapes[1]);
    size_t calls = 0;
    bool inside = false;
    for (const Node& n : loop.program().entry().nodes) {
        inside = inside || n.op == Op::For;
        if (n.op != Op::Exp) continue;
        ++calls;
        EXPECT_FALSE(inside);
        EXPECT_TRUE(n.type.is_scalar());
    }
    EXPECT_LE(calls, 1u);  // none where exp is expanded
    expect_all_shapes_agree(c, 3, true);
}

TEST(VectorizeMap, ConstantAndUniformOutputs) {
    const RowCase c = row_case(
        make({kF64, kI32, kBool}, {kF64, kI32, kBool, kI64},
             [](Builder& b, Values p) {
                 const ValueId out[4] = {b.f64(2.5), p[1], p[2], b.to(Op::Widen, Scalar::I64, p[1])};
                 b.ret(out);
             }),
        {column(Storage::F64), uniform(), column(Storage::Bool)},
        {store_of(0, Storage::F64), store_of(1, Storage::I8), store_of(2, Storage::Bool), store_of(3, Storage::U64)});
    expect_all_shapes_agree(c, 4);
}

// Division by zero fails in the first row where it happens, and not where there is no row.
TEST(VectorizeMap, ChecksReportTheGroup) {
    const RowCase c = row_case(make({kI64, kI32}, {kI64},
                                    [](Builder& b, Values p) {
                                        b.check(b.binary(Op::Ne, p[1], b.i32(0)), CheckCode::DivideByZero, 3);
                                        b.ret(b.binary(Op::Quot, p[0], b.to(Op::Widen, Scalar::I64, p[1])));
                                    }),
                               {column(Storage::I64), column(Storage::I16)}, {store_of(0, Storage::I64)});
    for (uint64_t seed = 0; seed < 20; ++seed) {
        expect_all_shapes_agree(c, seed, true, false);
        if (HasFailure()) return;
    }
}

TEST(VectorizeMap, ChecksInArms) {
    const RowCase c = row_case(make({kF64, kF64}, {kF64},
                                    [](Builder& b, Values p) {
                                        b.begin_if(b.binary(Op::Gt, p[0], b.f64(0)));
                                        b.check(b.binary(Op::Lt, p[1], b.f64(14)), CheckCode::Domain, 1);
                                        const ValueId x = b.unary(Op::Sqrt, p[0]);
                                        b.yield({&x, 1});
                                        b.begin_else();
                                        b.begin_if(b.binary(Op::Lt, p[0], b.f64(-5)));
                                        b.check(b.binary(Op::Gt, p[1], b.f64(-14.5)), CheckCode::User, 2);
                                        b.yield({&p[1], 1});
                                        b.begin_else();
                                        const ValueId n = b.unary(Op::Neg, p[0]);
                                        b.yield({&n, 1});
                                        const Type t = kF64;
                                        const ValueId inner = b.end_if({&t, 1});
                                        b.yield({&inner, 1});
                                        b.ret(b.end_if({&t, 1}));
                                    }),
                               {column(Storage::F64), column(Storage::F64)}, {store_of(0, Storage::F64)});
    for (uint64_t seed = 0; seed < 30; ++seed) {
        expect_all_shapes_agree(c, seed, true, false);
        if (HasFailure()) return;
    }
    EXPECT_EQ(count_ops(RowLoop(c, kShapes[1]).program(), Op::If), 0u);
}

// An arm that calls a function is skipped where no lane takes it.
TEST(VectorizeMap, ExpensiveArmsAreBranches) {
    const RowCase c =
        row_case(make({kF64, kF64}, {kF64, kF64},
                      [](Builder& b, Values p) {
                          b.begin_if(b.binary(Op::Gt, p[0], b.f64(12)));
                          const ValueId g = b.unary(Op::Gamma, b.binary(Op::Mul, p[0], p[1]));
                          b.check(b.binary(Op::Ne, g, b.f64(1)), CheckCode::Domain, 1);
                          const ValueId a[2] = {g, p[1]};
                          b.yield(a);
                          b.begin_else();
                          const ValueId e[2] = {p[0], b.unary(Op::Abs, p[1])};
                          b.yield(e);
                          const Type t[2] = {kF64, kF64};
                          const ValueId r = b.end_if(t);
                          const ValueId out[2] = {r, r + 1};
                          b.ret(out);
                      }),
                 {column(Storage::F64), column(Storage::F64)}, {store_of(0, Storage::F64), store_of(1, Storage::F64)});
    EXPECT_GE(count_ops(RowLoop(c, kShapes[1]).program(), Op::Any), 1u);
    expect_all_shapes_agree(c, 5, true);
}

TEST(VectorizeMap, UniformIfsStayBranches) {
    const RowCase c =
        row_case(make({kF64, kF64, kBool}, {kF64, kF64},
                      [](Builder& b, Values p) {
                          b.begin_if(p[2]);
                          b.check(b.binary(Op::Lt, p[0], b.f64(15)), CheckCode::Domain, 1);
                          const ValueId a[2] = {b.binary(Op::Add, p[0], p[1]), p[1]};
                          b.yield(a);
                          b.begin_else();
                          const ValueId e[2] = {p[1], b.f64(3)};
                          b.yield(e);
                          const Type t[2] = {kF64, kF64};
                          const ValueId r = b.end_if(t);
                          const ValueId out[2] = {r, r + 1};
                          b.ret(out);
                      }),
                 {column(Storage::F64), uniform(), uniform()}, {store_of(0, Storage::F64), store_of(1, Storage::F64)});
    EXPECT_EQ(count_ops(RowLoop(c, kShapes[1]).program(), Op::Any), 0u);
    for (uint64_t seed = 0; seed < 8; ++seed) expect_all_shapes_agree(c, seed, true, false);
}

// for k in 0 … n: s = s * x + k, and an If inside; n is the same for all rows.
TEST(VectorizeMap, LoopsWithUniformTrips) {
    const RowCase c =
        row_case(make({kF64, kI64}, {kF64, kI64},
                      [](Builder& b, Values p) {
                          const ValueId trips = b.binary(Op::And, p[1], b.i64(7));
                          const ValueId init[3] = {b.f64(0), b.i64(1), b.f64(1)};
                          const ValueId loop = b.begin_for(b.i64(0), trips, b.i64(1), init);
                          const ValueId k = b.to(Op::IntToFloat, Scalar::F64, loop + 1);
                          b.begin_if(b.binary(Op::Lt, p[0], k));
                          b.check(b.binary(Op::Gt, p[0], b.f64(-15.5)), CheckCode::User, 9);
                          b.yield({&k, 1});
                          b.begin_else();
                          b.yield({&p[0], 1});
                          const Type t = kF64;
                          const ValueId x = b.end_if({&t, 1});
                          const ValueId s = b.binary(Op::Add, b.binary(Op::Mul, loop + 2, x), k);
                          const ValueId next[3] = {s, b.binary(Op::Mul, loop + 3, b.i64(3)), loop + 2};
                          b.yield(next);
                          const ValueId end = b.end_loop();
                          const ValueId out[2] = {b.binary(Op::Add, end, end + 2), end + 1};
                          b.ret(out);
                      }),
                 {column(Storage::F64), uniform()}, {store_of(0, Storage::F64), store_of(1, Storage::I64)});
    for (uint64_t seed = 0; seed < 8; ++seed) expect_all_shapes_agree(c, seed, true, false);
}

// What inlining makes of a function with early returns: a loop of one trip.
TEST(VectorizeMap, EarlyReturns) {
    Program p;
    p.functions.resize(2);
    const Type t = kF64;
    {
        Function& f = p.functions[1];
        f.results = {kF64};
        Builder b(f);
        const ValueId x = b.param(kF64, "x"), y = b.param(kF64, "y");
        b.begin_if(b.binary(Op::Lt, x, b.f64(-3)));
        b.ret(b.unary(Op::Neg, x));
        b.begin_else();
        b.begin_if(b.binary(Op::Gt, y, b.f64(3)));
        b.check(b.binary(Op::Lt, x, b.f64(15)), CheckCode::User, 5);
        b.begin_if(b.binary(Op::Gt, x, b.f64(9)));
        b.ret(y);
        b.begin_else();
        b.yield({&x, 1});
        const ValueId z = b.end_if({&t, 1});
        b.yield({&z, 1});
        b.begin_else();
        b.yield({&y, 1});
        const ValueId w = b.end_if({&t, 1});
        b.yield({&w, 1});
        const ValueId v = b.end_if({&t, 1});
        b.check(b.binary(Op::Ne, v, b.f64(1)), CheckCode::User, 6);
        b.ret(b.binary(Op::Mul, v, b.f64(2)));
    }
    {
        Function& f = p.functions[0];
        f.results = {kF64};
        Builder b(f);
        const ValueId a[2] = {b.param(kF64, "x"), b.param(kF64, "y")};
        const ValueId first = b.append(Op::Call, kF64, a, 1);
        const ValueId swapped[2] = {first, a[0]};
        b.ret(b.append(Op::Call, kF64, swapped, 1));
    }
    const RowCase c = row_case(p, {column(Storage::F64), column(Storage::F64)}, {store_of(0, Storage::F64)});
    for (uint64_t seed = 0; seed < 30; ++seed) {
        expect_all_shapes_agree(c, seed, true, false);
        if (HasFailure()) return;
    }
}

// A function that was not inlined anywhere may still return from its middle.
TEST(VectorizeMap, ReturnsInTheMiddle) {
    RowCase c;
    c.row = make({kF64}, {kF64, kF64}, [](Builder& b, Values p) {
        const ValueId swapped[2] = {b.f64(1), p[0]}, plain[2] = {p[0], b.f64(2)};
        b.begin_if(b.binary(Op::Lt, p[0], b.f64(0)));
        b.ret(swapped);
        b.begin_else();
        b.yield({});
        b.end_if({});
        b.ret(plain);
    });
    c.inputs = {column(Storage::F64)};
    c.sinks = {store_of(0, Storage::F64), store_of(1, Storage::F64)};
    c.must_have_lanes = false;
    expect_all_shapes_agree(c, 8);
}

TEST(VectorizeMap, StaysScalar) {
    RowCase c = row_case(make({kF64, kI64}, {kF64},
                              [](Builder& b, Values p) {
                                  // The trips depend on the row.
                                  const ValueId trips = b.binary(Op::And, p[1], b.i64(3));
                                  const ValueId loop = b.begin_for(b.i64(0), trips, b.i64(1), {&p[0], 1});
                                  const ValueId s = b.binary(Op::Mul, loop + 2, p[0]);
                                  b.yield({&s, 1});
                                  b.ret(b.end_loop());
                              }),
                         {column(Storage::F64), column(Storage::I64)}, {store_of(0, Storage::F64)});
    c.must_have_lanes = false;
    EXPECT_EQ(RowLoop(c, kShapes[1]).lanes(), 1);
    expect_all_shapes_agree(c, 6);

    RowCase local = row_case(make({kI64}, {kI64},
                                  [](Builder& b, Values p) {
                                      const ValueId a = b.append(Op::Local, Type::array(Storage::I64, 1, true), {}, 4);
                                      const ValueId at = b.binary(Op::And, p[0], b.i64(3));
                                      b.store(a, {&at, 1}, p[0]);
                                      const ValueId two = b.i64(2);
                                      b.ret(b.load(a, {&two, 1}));
                                  }),
                             {column(Storage::I64)}, {store_of(0, Storage::I64)});
    local.must_have_lanes = false;
    EXPECT_EQ(RowLoop(local, kShapes[1]).lanes(), 1);
    expect_all_shapes_agree(local, 7);
}

// ---- Long chains: two groups side by side

size_t loads_in_first_loop(const RowLoop& loop) {
    size_t loads = 0;
    bool inside = false;
    for (const Node& n : loop.program().entry().nodes) {
        if (n.op == Op::EndFor) break;
        inside = inside || n.op == Op::For;
        loads += inside && n.op == Op::LoadRaw;
    }
    return loads;
}

// `length` multiplications and additions, one after the other, with a branch that some rows take among them.
RowCase chain_case(int length, bool streams) {
    RowCase c =
        row_case(make({kF64, kF64}, {kF64, kF64},
                      [&](Builder& b, Values p) {
                          ValueId x = p[0];
                          for (int k = 0; k < length; ++k) {
                              x = b.binary(k % 2 == 0 ? Op::Mul : Op::Add, x, k % 3 == 0 ? p[1] : b.f64(0.75));
                              if (k % 16 != 7) continue;
                              b.begin_if(b.binary(Op::Lt, b.unary(Op::Abs, x), b.f64(4)), kIfUsual);
                              b.yield({&x, 1});
                              b.begin_else();
                              const ValueId rare = b.unary(Op::Sqrt, b.unary(Op::Abs, x));
                              b.yield({&rare, 1});
                              x = b.end_if({&kF64, 1});
                          }
                          const ValueId out[2] = {x, p[0]};
                          b.ret(out);
                      }),
                 {column(Storage::F64), column(Storage::F64)}, {store_of(0, Storage::F64), store_of(1, Storage::F64)});
    for (RowSink& sink : c.sinks) sink.streaming = streams;
    return c;
}

TEST(VectorizeMap, LongChainsRunInPairs) {
    for (const int length : {30, 70, 120, 300}) {
        for (const bool streams : {false, true}) {
            const RowCase c = chain_case(length, streams);
            EXPECT_EQ(loads_in_first_loop(RowLoop(c, kShapes[1])), 4u) << length << streams;
            EXPECT_EQ(loads_in_first_loop(RowLoop(c, kShapes[2])), 2u) << length << streams;
            expect_all_shapes_agree(c, static_cast<uint64_t>(length));
            if (HasFailure()) return;
        }
    }
}

// As many operations in chains that do not wait for each other fill the CPU by themselves, until they are too many for it.
TEST(VectorizeMap, ShortChainsStandAlone) {
    for (const int chains : {20, 80}) {
        const RowCase c = row_case(make({kF64, kF64}, {kF64},
                                        [&](Builder& b, Values p) {
                                            std::vector<ValueId> sums;
                                            for (int k = 0; k < chains; ++k) {
                                                const ValueId x = b.binary(Op::Mul, p[k % 2], b.f64(k + 0.5));
                                                sums.push_back(b.binary(Op::Div, x, b.binary(Op::Add, x, b.f64(k))));
                                            }
                                            for (size_t k = 0; k + 1 < sums.size(); k += 2)
                                                sums.push_back(b.binary(Op::Add, sums[k], sums[k + 1]));
                                            b.ret(sums.back());
                                        }),
                                   {column(Storage::F64), column(Storage::F64)}, {store_of(0, Storage::F64)});
        EXPECT_EQ(loads_in_first_loop(RowLoop(c, kShapes[1])), chains == 20 ? 2u : 4u);
        expect_all_shapes_agree(c, static_cast<uint64_t>(chains), true, false);
        if (HasFailure()) return;
    }
}

TEST(VectorizeMap, ElementaryFunctionsInPairs) {
    for (const Op op : {Op::Sin, Op::Erfc, Op::Log}) {
        const RowCase c =
            row_case(make({kF32}, {kF32}, [&](Builder& b, Values p) { b.ret(b.unary(op, b.unary(Op::Exp, p[0]))); }),
                     {column(Storage::F32)}, {store_of(0, Storage::F32)});
        EXPECT_EQ(loads_in_first_loop(RowLoop(c, kShapes[1])), 2u) << info(op).text;
        expect_all_shapes_agree(c, static_cast<uint64_t>(op), false, false);
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace exprjit::opt_test
