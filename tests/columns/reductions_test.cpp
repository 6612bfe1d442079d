// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions against the order they are defined in, one row after the other: every kind and type, at every level, for
// lengths around groups and blocks, with and without a condition on the rows, for any number of threads, in one piece and
// in batches.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "ir/builder.h"
#include "support/reduction_reference.h"
#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr int64_t kLengths[] = {0,   1,    2,    63,   64,   65,           127,      128,
                                129, 1000, 4095, 4096, 4097, 3 * 4096 + 5, 7 * 4096, 90001};

struct Kind {
    ReduceKind kind;
    Scalar type;
    bool has_condition;
    std::string name() const {
        return std::string(name_of(kind)) + " of " + std::string(exprjit::name_of(type)) +
               (has_condition ? " where" : "");
    }
};

std::vector<Kind> all_kinds() {
    std::vector<Kind> list;
    for (int k = 0; k < kReduceKindCount; ++k)
        for (int t = 0; t < kScalarCount; ++t)
            for (const bool condition : {false, true})
                if ((reduced_types(static_cast<ReduceKind>(k)) & set_of(static_cast<Scalar>(t))) != 0)
                    list.push_back({static_cast<ReduceKind>(k), static_cast<Scalar>(t), condition});
    return list;
}

// f(x[, c]) = reduce x where c.
Program program_of(const Kind& k) {
    Program p;
    p.functions.resize(1);
    Function& f = p.entry();
    f.name = "main";
    f.results = {reduced_result(k.kind, k.type)};
    Builder b(f);
    const ValueId x = b.param(k.type, "x");
    const ValueId c = k.has_condition ? b.param(kBool, "c") : b.boolean(true);
    b.ret(b.reduce(k.kind, x, c));
    return p;
}

// Sizes differ much, so that another order gives other bits; special values only at times, since they decide alone.
std::vector<uint64_t> values(Scalar type, size_t rows, trial::Random& random) {
    const bool special = random.one_in(4);
    std::vector<uint64_t> out(rows);
    for (uint64_t& e : out) {
        const double size = std::ldexp(1.0, static_cast<int>(random.between(-20, 20)));
        const double d = (static_cast<double>(random.between(-1000000, 1000000)) / 1000000.0) * size;
        switch (type) {
        case Scalar::F32: e = std::bit_cast<uint32_t>(static_cast<float>(d)); break;
        case Scalar::F64: e = std::bit_cast<uint64_t>(d); break;
        default: e = trial::canonical(type, random.one_in(2) ? random.next() : random.below(5)); break;
        }
        if (special && random.one_in(rows / 3 + 1)) e = trial::random_value(type, random);
    }
    return out;
}

// Products of many such values are 0 or infinite; near 1 they stay numbers whose last bits tell the order.
void bring_near_one(std::vector<uint64_t>& v, Scalar type, trial::Random& random) {
    for (uint64_t& e : v) {
        const double d = 1.0 + static_cast<double>(random.between(-1000, 1000)) / 300000.0;
        if (type == Scalar::F32) e = std::bit_cast<uint32_t>(static_cast<float>(d));
        if (type == Scalar::F64) e = std::bit_cast<uint64_t>(d);
    }
}

std::vector<uint8_t> condition(size_t rows, trial::Random& random) {
    static constexpr uint64_t chances[] = {0, 1, 2, 2, 50};  // never, always, half, half, rarely
    const uint64_t chance = random.pick(std::span<const uint64_t>(chances));
    std::vector<uint8_t> out(rows);
    for (uint8_t& c : out) c = chance != 0 && random.one_in(chance);
    return out;
}

struct Rows {
    std::vector<uint64_t> values;
    std::vector<uint8_t> counts;  // empty: all
};

Rows make_rows(const Kind& k, size_t rows, trial::Random& random) {
    Rows out;
    out.values = values(k.type, rows, random);
    if (k.kind == ReduceKind::Prod && !random.one_in(4)) bring_near_one(out.values, k.type, random);
    if (k.has_condition) out.counts = condition(rows, random);
    return out;
}

// The columns of rows from … from + n - 1, in the layouts `p` and the one after it.
void lay_out(TestColumns& columns, const Kind& k, const Rows& rows, size_t from, size_t n, size_t p) {
    columns.inputs.resize(k.has_condition ? 2 : 1);
    const auto side = n % 2 == 0 ? trial::Guarded::Side::Back : trial::Guarded::Side::Front;
    columns.inputs[0].lay_out(storage_of(k.type), static_cast<int64_t>(n), kPatterns[p], side);
    columns.inputs[0].write(std::span(rows.values).subspan(from, n));
    if (!k.has_condition) return;
    const size_t q = (p + 1) % kPatternCount == kUniform ? 0 : (p + 1) % kPatternCount;
    columns.inputs[1].lay_out(Storage::Bool, static_cast<int64_t>(n), kPatterns[q], side);
    columns.inputs[1].write(std::vector<uint64_t>(rows.counts.begin() + static_cast<std::ptrdiff_t>(from),
                                                  rows.counts.begin() + static_cast<std::ptrdiff_t>(from + n)));
}

// The values must tell the order, or the tests below show nothing.
TEST(Reductions, AnotherOrderGivesOtherBits) {
    trial::Random random(10);
    for (const ReduceKind kind : {ReduceKind::Sum, ReduceKind::Prod}) {
        int different = 0;
        for (int k = 0; k < 50; ++k) {
            const Rows rows = make_rows({kind, Scalar::F64, false}, 130, random);
            double in_order = kind == ReduceKind::Sum ? 0.0 : 1.0;
            for (const uint64_t v : rows.values)
                in_order =
                    kind == ReduceKind::Sum ? in_order + std::bit_cast<double>(v) : in_order * std::bit_cast<double>(v);
            different += !trial::same_value(Scalar::F64, std::bit_cast<uint64_t>(in_order),
                                            trial::reference_reduction(kind, Scalar::F64, rows.values, {}));
        }
        EXPECT_GT(different, 20) << name_of(kind);
    }
}

TEST(Reductions, EveryKindInItsOrder) {
    trial::Random random(11);
    TestColumns columns;
    columns.outputs.resize(1);
    for (const Kind& k : all_kinds()) {
        const Program program = program_of(k);
        std::vector<Kernel> kernels;
        for (const NamedEngine& engine : all_engines()) kernels.push_back(compile_ir(engine, program));
        if (HasFailure()) return;
        const Storage result = storage_of(reduced_result(k.kind, k.type));
        for (const int64_t n : kLengths) {
            const Rows rows = make_rows(k, static_cast<size_t>(n), random);
            const Slot want = trial::reference_reduction(k.kind, k.type, rows.values, rows.counts);
            for (size_t e = 0; e < kernels.size(); ++e)
                for (int32_t threads = 1; threads <= (n > 4096 ? 8 : 1); ++threads) {
                    size_t p = static_cast<size_t>(n + threads) % kPatternCount;
                    if (p == kUniform) p = 0;
                    lay_out(columns, k, rows, 0, static_cast<size_t>(n), p);
                    columns.outputs[0].lay_out(result, 1, kPatterns[0], trial::Guarded::Side::Back);
                    const ej_run_options run = with_threads(threads);
                    const Outcome o = columns.evaluate(kernels[e], n, &run);
                    const std::string what = k.name() + " at " + all_engines()[e].name + ", " + std::to_string(n) +
                                             " rows, " + kPatterns[p].name + ", " + std::to_string(threads) +
                                             " threads";
                    ASSERT_EQ(o.status, EJ_OK) << what << ": " << o.message;
                    ASSERT_TRUE(columns.intact()) << what;
                    const uint64_t got = columns.outputs[0].block().element(0);
                    ASSERT_TRUE(trial::same_element(result, got, want))
                        << what << ": got " << trial::describe_element(result, got) << ", want "
                        << trial::describe_element(result, want);
                }
        }
    }
}

// The same value in every row: the loop has one number, but the order is that of a column.
TEST(Reductions, OfAUniformInput) {
    trial::Random random(12);
    TestColumns columns;
    columns.outputs.resize(1);
    for (const Kind& k : all_kinds())
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile_ir(engine, program_of(k));
            ASSERT_NE(kernel, nullptr);
            for (const int64_t n : {0, 1, 100, 5000}) {
                Rows rows = make_rows(k, static_cast<size_t>(n) + 1, random);
                rows.values.assign(static_cast<size_t>(n), rows.values[0]);
                if (k.has_condition) rows.counts.pop_back();
                const Slot want = trial::reference_reduction(k.kind, k.type, rows.values, rows.counts);
                lay_out(columns, k, rows, 0, static_cast<size_t>(n), kUniform);
                const Storage result = storage_of(reduced_result(k.kind, k.type));
                columns.outputs[0].lay_out(result, 1, kPatterns[0], trial::Guarded::Side::Back);
                const Outcome o = columns.evaluate(kernel, n);
                ASSERT_EQ(o.status, EJ_OK) << o.message;
                const uint64_t got = columns.outputs[0].block().element(0);
                ASSERT_TRUE(trial::same_element(result, got, want))
                    << k.name() << " at " << engine.name << ", " << n << " rows: got "
                    << trial::describe_element(result, got) << ", want " << trial::describe_element(result, want);
            }
        }
}

// Batches of any sizes give the bits of the whole, and so does every intermediate result.
TEST(Reductions, InBatches) {
    trial::Random random(13);
    TestColumns columns;
    for (const Kind& k : all_kinds())
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile_ir(engine, program_of(k));
            ASSERT_NE(kernel, nullptr);
            const Scalar result = reduced_result(k.kind, k.type);
            for (const int64_t n : {0, 1, 130, 4096, 9000, 30000}) {
                const Rows rows = make_rows(k, static_cast<size_t>(n), random);
                ej_reducer* reducer = nullptr;
                ASSERT_EQ(ej_reducer_create(kernel.get(), &reducer, nullptr), EJ_OK) << k.name();
                const size_t typical = static_cast<size_t>(random.one_in(2) ? 300 : 6000);
                for (size_t from = 0; from < rows.values.size() || from == 0;) {
                    const size_t batch = std::min<size_t>(random.below(typical), rows.values.size() - from);
                    size_t p = random.below(kPatternCount);
                    if (p == kUniform) p = 0;
                    lay_out(columns, k, rows, from, batch, p);
                    std::vector<ej_column> in;
                    for (TestColumn& c : columns.inputs) in.push_back(c.column());
                    const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 3)));
                    ej_error* error = nullptr;
                    const ej_status status =
                        ej_reducer_feed(reducer, &run, in.data(), in.size(), static_cast<int64_t>(batch), &error);
                    const Outcome o = outcome_of(status, error);
                    ASSERT_EQ(o.status, EJ_OK) << o.message;
                    ASSERT_TRUE(columns.intact());
                    from += batch;
                    if (from != rows.values.size() && !random.one_in(4)) continue;
                    ej_value out{};
                    ASSERT_EQ(ej_reducer_finish(reducer, &out, 1, nullptr), EJ_OK);
                    const Slot want = trial::reference_reduction(k.kind, k.type, std::span(rows.values).first(from),
                                                                 k.has_condition ? std::span(rows.counts).first(from)
                                                                                 : std::span<const uint8_t>{});
                    const Slot got = trial::canonical(result, static_cast<Slot>(out.as.i64));
                    ASSERT_TRUE(trial::same_value(result, got, want))
                        << k.name() << " at " << engine.name << ", " << from << " of " << n << " rows: got "
                        << trial::describe(result, got) << ", want " << trial::describe(result, want);
                    if (from == rows.values.size()) break;
                }
                ej_reducer_destroy(reducer);
            }
        }
}

}  // namespace
