// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions of a block: every kind, type and predicate, in the one order, whatever the lanes.
#include "vectorize_harness.h"

namespace exprjit::opt_test {
namespace {

using Values = std::span<const ValueId>;

std::vector<Scalar> types_of(ReduceKind kind) {
    switch (kind) {
    case ReduceKind::Sum:
    case ReduceKind::Prod: return {Scalar::I64, Scalar::F32, Scalar::F64};
    case ReduceKind::Count: return {Scalar::Bool};
    case ReduceKind::Deviations: return {Scalar::F64};
    default: return {Scalar::I32, Scalar::I64, Scalar::F32, Scalar::F64};
    }
}

constexpr ReduceKind kKinds[] = {ReduceKind::Sum,   ReduceKind::Prod,   ReduceKind::Min,    ReduceKind::Max,
                                 ReduceKind::Count, ReduceKind::ArgMin, ReduceKind::ArgMax, ReduceKind::Deviations};

// x itself, with a predicate that is always true, a column, or computed.
RowCase reducing(ReduceKind kind, Scalar type, int predicate) {
    Program p = make({Type(type), kBool}, {Type(type), kBool}, [&](Builder& b, Values v) {
        ValueId counts = v[1];
        if (predicate == 0) counts = b.boolean(true);
        if (predicate == 2) counts = b.binary(Op::Ne, v[0], b.number(type, 1));
        const ValueId out[2] = {v[0], counts};
        b.ret(out);
    });
    return row_case(std::move(p), {column(storage_of(type)), column(Storage::Bool)}, {reduction_of(kind, 0, 1)});
}

TEST(VectorizeReduce, EveryKindTypeAndPredicate) {
    uint64_t seed = 0;
    for (const ReduceKind kind : kKinds) {
        for (const Scalar type : types_of(kind)) {
            for (int predicate = 0; predicate < 3; ++predicate) {
                SCOPED_TRACE(std::string(name_of(kind)) + " of " + std::string(name_of(type)) + ", predicate " +
                             std::to_string(predicate));
                const RowCase c = reducing(kind, type, predicate);
                expect_all_shapes_agree(c, ++seed, true);
                expect_all_shapes_agree(c, ++seed, false);
                if (HasFailure()) return;
            }
        }
    }
}

// Nothing is better than no row: infinities and the ends of the integers are values like others.
TEST(VectorizeReduce, ArgsOfExtremes) {
    for (const ReduceKind kind : {ReduceKind::ArgMin, ReduceKind::ArgMax}) {
        for (const Scalar type : types_of(kind)) {
            const RowCase c = reducing(kind, type, 0);
            std::vector<Slot> values = special_values(type);
            if (is_float(type)) {
                const double infinity = std::numeric_limits<double>::infinity();
                values = {float_bits(type, infinity), float_bits(type, -infinity)};
            }
            std::mt19937_64 random(3);
            for (const Shape& shape : kShapes) {
                const RowLoop loop(c, shape);
                for (const int64_t n : {1, 2, 7, 8, 40, 64, 65, 300}) {
                    for (size_t only = 0; only <= values.size(); ++only) {
                        RowData d = random_data(c, n, random, true);
                        const size_t size = byte_size(type);
                        for (int64_t r = 0; r < n; ++r)
                            narrow(storage_of(type),
                                   only < values.size() ? values[only] : values[random() % values.size()],
                                   d.columns[0].data() + static_cast<size_t>(r) * size);
                        expect_same(c, d, loop, by_definition(c, d), loop.run(d, true));
                        if (HasFailure()) return;
                    }
                }
            }
        }
    }
}

// An empty sum is +0, and so is a sum of -0 only.
TEST(VectorizeReduce, ZeroOfASum) {
    const RowCase c = reducing(ReduceKind::Sum, Scalar::F64, 0);
    for (const Shape& shape : kShapes) {
        const RowLoop loop(c, shape);
        for (const int64_t n : {0, 1, 8, 64, 100}) {
            RowData d;
            d.rows = n;
            d.columns = {std::vector<uint8_t>(static_cast<size_t>(n) * 8),
                         std::vector<uint8_t>(static_cast<size_t>(n), 1)};
            d.uniforms = {0, 0};
            for (int64_t r = 0; r < n; ++r)
                narrow(Storage::F64, float_bits(Scalar::F64, -0.0), d.columns[0].data() + 8 * static_cast<size_t>(r));
            EXPECT_EQ(loop.run(d, true).results[0], 0u) << shape.name << ", " << n << " rows";
        }
    }
}

// Several reductions in one pass, of different widths, that share what they can; and a store beside them.
TEST(VectorizeReduce, ManyAtOnce) {
    Program p = make({kF64, kF32, kI32}, {kF64, kF32, kI64, kI32, kBool, kBool, kF64}, [](Builder& b, Values v) {
        const ValueId wide = b.to(Op::FloatToFloat, Scalar::F64, v[1]);
        const ValueId out[7] = {b.binary(Op::Mul, v[0], wide),      b.binary(Op::Add, v[1], b.f32(1)),
                                b.to(Op::Widen, Scalar::I64, v[2]), v[2],
                                b.binary(Op::Gt, v[0], b.f64(0)),   b.boolean(true),
                                b.binary(Op::Sub, v[0], wide)};
        b.ret(out);
    });
    const RowCase c = row_case(std::move(p), {column(Storage::F64), column(Storage::F32), column(Storage::I16)},
                               {reduction_of(ReduceKind::Sum, 0, 5), reduction_of(ReduceKind::Sum, 0, 4),
                                reduction_of(ReduceKind::Prod, 1, 4), reduction_of(ReduceKind::Sum, 2, 5),
                                reduction_of(ReduceKind::Min, 3, 4), reduction_of(ReduceKind::ArgMax, 1, 4),
                                store_of(6, Storage::F64), reduction_of(ReduceKind::Deviations, 0, 4),
                                reduction_of(ReduceKind::Deviations, 6, 5), reduction_of(ReduceKind::Count, 4, 5),
                                reduction_of(ReduceKind::Count, 5, 4), reduction_of(ReduceKind::Count, 5, 5)});
    expect_all_shapes_agree(c, 1, true);
    expect_all_shapes_agree(c, 2);
}

// A body that is too large for registers keeps its accumulators in memory; with checks, an If, and a uniform value.
TEST(VectorizeReduce, LargeBodies) {
    Program p = make({kF64, kF64}, {kF64, kBool}, [](Builder& b, Values v) {
        ValueId x = v[0];
        for (int k = 0; k < 30; ++k) x = b.binary(Op::Add, b.binary(Op::Mul, x, v[1]), b.f64(k));
        b.begin_if(b.binary(Op::Gt, v[0], b.f64(0)));
        b.check(b.binary(Op::Lt, v[0], b.f64(15.5)), CheckCode::Domain, 4);
        const ValueId root = b.unary(Op::Sqrt, v[0]);
        b.yield({&root, 1});
        b.begin_else();
        b.yield({&x, 1});
        const Type t = kF64;
        const ValueId out[2] = {b.end_if({&t, 1}), b.binary(Op::Lt, v[0], b.f64(9))};
        b.ret(out);
    });
    const RowCase c = row_case(std::move(p), {column(Storage::F64), uniform()},
                               {reduction_of(ReduceKind::Sum, 0, 1), reduction_of(ReduceKind::Prod, 0, 1),
                                reduction_of(ReduceKind::Min, 0, 1), reduction_of(ReduceKind::ArgMin, 0, 1),
                                reduction_of(ReduceKind::Deviations, 0, 1), reduction_of(ReduceKind::Count, 1, 1)});
    for (uint64_t seed = 0; seed < 4; ++seed) expect_all_shapes_agree(c, seed, true, seed == 0);
    const RowCase wild = [&] {
        RowCase w = c;
        w.sinks = {reduction_of(ReduceKind::Sum, 0, 1)};
        return w;
    }();
    expect_all_shapes_agree(wild, 9);
}

// What is reduced need not depend on the row.
TEST(VectorizeReduce, UniformValues) {
    Program p = make({kF64, kBool}, {kF64, kBool, kBool}, [](Builder& b, Values v) {
        const ValueId out[3] = {b.binary(Op::Div, v[0], b.f64(3)), v[1], b.boolean(true)};
        b.ret(out);
    });
    const RowCase c = row_case(std::move(p), {uniform(), uniform()},
                               {reduction_of(ReduceKind::Sum, 0, 2), reduction_of(ReduceKind::Max, 0, 1),
                                reduction_of(ReduceKind::Count, 1, 2), reduction_of(ReduceKind::Deviations, 0, 2),
                                reduction_of(ReduceKind::ArgMin, 0, 1)});
    for (uint64_t seed = 0; seed < 4; ++seed) expect_all_shapes_agree(c, seed, true);
}

// The second pass of a deviation runs no check again and needs only its own values.
TEST(VectorizeReduce, SecondPassIsASlice) {
    Program p = make({kF64, kF64}, {kF64, kBool, kF64}, [](Builder& b, Values v) {
        b.check(b.binary(Op::Lt, v[1], b.f64(100)), CheckCode::User, 1);
        const ValueId out[3] = {v[0], b.boolean(true), b.unary(Op::Sqrt, v[1])};
        b.ret(out);
    });
    const RowCase c = row_case(std::move(p), {column(Storage::F64), column(Storage::F64)},
                               {reduction_of(ReduceKind::Deviations, 0, 1), store_of(2, Storage::F64)});
    const RowLoop loop(c, kShapes[0]);
    EXPECT_EQ(count_ops(loop.program(), Op::Check), 1u);
    EXPECT_EQ(count_ops(loop.program(), Op::Sqrt), 1u);
    expect_all_shapes_agree(c, 1, true);
}

}  // namespace
}  // namespace exprjit::opt_test
