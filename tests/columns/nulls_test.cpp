// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Missing values: which rows of an output are there, what the others leave alone, and what reductions skip. Each text
// stands beside what it means, written again in C++ for one row.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>

#include "support/reduction_reference.h"
#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

struct Value {
    double v = 0;
    bool is_valid = true;
};
constexpr Value kNull{0, false};

using Row = std::function<Value(Value a, Value b, Value c)>;
struct RowCase {
    const char* text;
    Row row;
    bool is_bool = false;
};

Value both(Value a, Value b, double v) { return {v, a.is_valid && b.is_valid}; }

// Over a: f64, b: f64, c: bool.
const RowCase kRowCases[] = {
    {"a + b", [](Value a, Value b, Value) { return both(a, b, a.v + b.v); }},
    {"a", [](Value a, Value, Value) { return a; }},
    {"2.5", [](Value, Value, Value) { return Value{2.5}; }},
    {"sqrt(abs(a)) * b - a", [](Value a, Value b, Value) { return both(a, b, std::sqrt(std::fabs(a.v)) * b.v - a.v); }},
    {"is_null(a)", [](Value a, Value, Value) { return Value{double(!a.is_valid)}; }, true},
    {"is_null(a + b) or is_null(c)",
     [](Value a, Value b, Value c) { return Value{double(!a.is_valid || !b.is_valid || !c.is_valid)}; }, true},
    {"coalesce(a, 7.0)", [](Value a, Value, Value) { return a.is_valid ? a : Value{7.0}; }},
    {"coalesce(a, b)", [](Value a, Value b, Value) { return a.is_valid ? a : b; }},
    {"coalesce(a, b, 1.5) * 2",
     [](Value a, Value b, Value) {
         return Value{(a.is_valid ? a : b.is_valid ? b : Value{1.5}).v * 2};
     }},
    {"where(c, a, b)", [](Value a, Value b, Value c) { return !c.is_valid ? kNull
                                                              : c.v != 0  ? a
                                                                          : b; }},
    {"where(is_null(a), b, a + b)", [](Value a, Value b, Value) { return a.is_valid ? both(a, b, a.v + b.v) : b; }},
    {"a if c else 3.0", [](Value a, Value, Value c) { return !c.is_valid ? kNull
                                                             : c.v != 0  ? a
                                                                         : Value{3.0}; }},
    {"coalesce(a if c else b, -1.0)",
     [](Value a, Value b, Value c) {
         const Value v = !c.is_valid ? kNull : c.v != 0 ? a : b;
         return v.is_valid ? v : Value{-1.0};
     }},
    {"a < b", [](Value a, Value b, Value) { return both(a, b, a.v < b.v); }, true},
};

// Three columns of rows with or without nulls, and the values behind the bits.
struct Inputs {
    std::vector<uint64_t> elements[3];
    std::vector<uint8_t> valid[3];
    bool has_bitmap[3] = {};
    bool is_uniform[3] = {};

    Value at(size_t k, size_t row) const {
        const uint64_t e = elements[k][is_uniform[k] ? 0 : row];
        return {k == 2 ? static_cast<double>(e) : std::bit_cast<double>(e), !has_bitmap[k] || valid[k][row] != 0};
    }
};

constexpr Storage kStorages[3] = {Storage::F64, Storage::F64, Storage::Bool};

Inputs make_inputs(size_t rows, trial::Random& random) {
    Inputs in;
    for (size_t k = 0; k < 3; ++k) {
        in.has_bitmap[k] = !random.one_in(3);
        in.is_uniform[k] = random.one_in(6);
        const uint64_t nulls = static_cast<uint64_t>(random.between(1, 40));
        for (size_t r = 0; r < rows; ++r) {
            const double d = static_cast<double>(random.between(-1000, 1000)) / 8.0;
            in.elements[k].push_back(k == 2 ? random.below(2) : std::bit_cast<uint64_t>(d));
            in.valid[k].push_back(!random.one_in(nulls));
        }
        if (rows == 0) in.elements[k].push_back(0);
    }
    return in;
}

void lay_out(TestColumns& columns, const Inputs& in, int64_t rows, trial::Random& random) {
    columns.inputs.resize(3);
    for (size_t k = 0; k < 3; ++k) {
        size_t p = random.below(kPatternCount);
        if (p == kUniform) p = 0;
        const auto side = random.one_in(2) ? trial::Guarded::Side::Front : trial::Guarded::Side::Back;
        columns.inputs[k].lay_out(kStorages[k], rows, kPatterns[in.is_uniform[k] ? kUniform : p], side);
        columns.inputs[k].write(in.elements[k]);
        if (in.has_bitmap[k]) columns.inputs[k].add_validity(in.valid[k], random.between(0, 13), random);
    }
}

constexpr TypedName kParams[] = {{"a", Storage::F64}, {"b", Storage::F64}, {"c", Storage::Bool}};
constexpr int64_t kLengths[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 70, 127, 130, 1000, 5000, 20011};

TEST(Nulls, OfEveryRow) {
    TestColumns columns;
    columns.outputs.resize(1);
    for (const RowCase& c : kRowCases)
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile(engine, c.text, kParams);
            ASSERT_NE(kernel, nullptr);
            trial::Random random(21);
            const Storage out = c.is_bool ? Storage::Bool : Storage::F64;
            for (const int64_t rows : kLengths)
                for (int turn = 0; turn < 4; ++turn) {
                    const size_t n = static_cast<size_t>(rows);
                    const Inputs in = make_inputs(n, random);
                    lay_out(columns, in, rows, random);
                    size_t p = random.below(kPatternCount);
                    if (p == kUniform) p = 0;
                    columns.outputs[0].lay_out(out, rows, kPatterns[p], trial::Guarded::Side::Back);
                    std::vector<uint8_t> garbage(n);
                    for (uint8_t& g : garbage) g = static_cast<uint8_t>(random.below(2));
                    columns.outputs[0].add_validity(garbage, random.between(0, 70), random);
                    const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                    const Outcome o = columns.evaluate(kernel, rows, &run);
                    const std::string what = std::string(c.text) + " at " + engine.name + ", " + std::to_string(rows) +
                                             " rows, turn " + std::to_string(turn);
                    ASSERT_EQ(o.status, EJ_OK) << what << ": " << o.message;
                    ASSERT_TRUE(columns.intact()) << what;
                    for (int64_t r = 0; r < rows; ++r) {
                        const size_t at = static_cast<size_t>(r);
                        const Value want = c.row(in.at(0, at), in.at(1, at), in.at(2, at));
                        ASSERT_EQ(columns.outputs[0].is_valid(r), want.is_valid) << what << ", row " << r;
                        if (!want.is_valid) continue;
                        const uint64_t bits = c.is_bool ? want.v != 0 : std::bit_cast<uint64_t>(want.v);
                        const uint64_t got = columns.outputs[0].block().element(r);
                        ASSERT_TRUE(trial::same_element(out, got, bits))
                            << what << ", row " << r << ": got " << trial::describe_element(out, got) << ", want "
                            << trial::describe_element(out, bits);
                    }
                }
        }
}

TEST(Nulls, AnOutputThatMayBeNullNeedsABitmap) {
    for (const NamedEngine& engine : all_engines()) {
        TestColumns columns;
        columns.inputs.resize(3);
        columns.outputs.resize(1);
        trial::Random random(22);
        const std::vector<uint8_t> valid(20, 1);
        for (size_t k = 0; k < 3; ++k) {
            columns.inputs[k].lay_out(kStorages[k], 20, kPatterns[0], trial::Guarded::Side::Back);
            columns.inputs[k].write(std::vector<uint64_t>(20));
        }
        columns.inputs[0].add_validity(valid, 3, random);
        columns.outputs[0].lay_out(Storage::F64, 20, kPatterns[0], trial::Guarded::Side::Back);
        EXPECT_EQ(columns.evaluate(compile(engine, "a + b", kParams), 20).status, EJ_ERR_INVALID_ARGUMENT);
        EXPECT_EQ(columns.outputs[0].block().element(0), trial::ColumnBlock::untouched(Storage::F64));
        // No null can reach these.
        EXPECT_EQ(columns.evaluate(compile(engine, "b + 1", kParams), 20).status, EJ_OK);
        EXPECT_EQ(columns.evaluate(compile(engine, "coalesce(a, 0.0)", kParams), 20).status, EJ_OK);
        EXPECT_TRUE(columns.intact());
    }
}

// A row that is null does not fail, whatever its bytes are.
TEST(Nulls, ChecksDoNotFailInNullRows) {
    constexpr TypedName params[] = {{"a", Storage::I64}, {"b", Storage::I64}};
    trial::Random random(23);
    TestColumns columns;
    columns.inputs.resize(2);
    columns.outputs.resize(1);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "a // b", params);
        ASSERT_NE(kernel, nullptr);
        for (const int64_t rows : {1, 5, 16, 67, 1000, 6000})
            for (int turn = 0; turn < 4; ++turn) {
                const size_t n = static_cast<size_t>(rows);
                std::vector<uint64_t> a(n), b(n);
                std::vector<uint8_t> valid(n);
                int64_t failing = -1;
                for (size_t r = 0; r < n; ++r) {
                    a[r] = random.below(100);
                    b[r] = random.below(5);
                    valid[r] = b[r] != 0 || (turn % 2 == 1 && random.one_in(n));
                    if (failing < 0 && valid[r] != 0 && b[r] == 0) failing = static_cast<int64_t>(r);
                }
                columns.inputs[0].lay_out(Storage::I64, rows, kPatterns[0], trial::Guarded::Side::Back);
                columns.inputs[0].write(a);
                columns.inputs[1].lay_out(Storage::I64, rows, kPatterns[2], trial::Guarded::Side::Front);
                columns.inputs[1].write(b);
                columns.inputs[1].add_validity(valid, random.between(0, 9), random);
                columns.outputs[0].lay_out(Storage::I64, rows, kPatterns[0], trial::Guarded::Side::Back);
                columns.outputs[0].add_validity(valid, 5, random);
                const Outcome o = columns.evaluate(kernel, rows);
                ASSERT_EQ(o.row, failing) << engine.name << ", " << rows << " rows: " << o.message;
                ASSERT_EQ(o.status, failing < 0 ? EJ_OK : EJ_ERR_DIVIDE_BY_ZERO);
                for (int64_t r = 0; r < rows && failing < 0; ++r) {
                    const size_t at = static_cast<size_t>(r);
                    ASSERT_EQ(columns.outputs[0].is_valid(r), valid[at] != 0);
                    if (valid[at] == 0) continue;
                    ASSERT_EQ(columns.outputs[0].block().element(r), a[at] / b[at]);
                }
            }
    }
}

// Rows whose value or condition is missing are not part of a reduction.
TEST(Nulls, ReductionsSkipThem) {
    trial::Random random(24);
    TestColumns columns;
    columns.outputs.resize(5);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine,
                                      "s = sum(a); n = count(); m = sum(a * b, where=c); k = count(a < b, where=c);"
                                      "filled = sum(coalesce(a, 100.0))",
                                      kParams);
        ASSERT_NE(kernel, nullptr);
        for (const int64_t rows : kLengths)
            for (int turn = 0; turn < 3; ++turn) {
                const size_t n = static_cast<size_t>(rows);
                const Inputs in = make_inputs(n, random);
                lay_out(columns, in, rows, random);
                std::vector<Slot> a(n), product(n), less(n), filled(n);
                std::vector<uint8_t> has_a(n), has_product(n);
                for (size_t r = 0; r < n; ++r) {
                    const Value x = in.at(0, r), y = in.at(1, r), c = in.at(2, r);
                    a[r] = std::bit_cast<Slot>(x.v);
                    product[r] = std::bit_cast<Slot>(x.v * y.v);
                    less[r] = x.v < y.v;
                    filled[r] = std::bit_cast<Slot>(x.is_valid ? x.v : 100.0);
                    has_a[r] = x.is_valid;
                    has_product[r] = x.is_valid && y.is_valid && c.is_valid && c.v != 0;
                }
                const auto sum = [](const std::vector<Slot>& v, std::span<const uint8_t> counts) {
                    return trial::reference_reduction(ReduceKind::Sum, Scalar::F64, v, counts);
                };
                const Slot want[] = {sum(a, has_a), n, sum(product, has_product),
                                     trial::reference_reduction(ReduceKind::Count, Scalar::Bool, less, has_product),
                                     sum(filled, {})};
                for (size_t k = 0; k < 5; ++k)
                    columns.outputs[k].lay_out(k == 1 || k == 3 ? Storage::I64 : Storage::F64, 1, kPatterns[0],
                                               trial::Guarded::Side::Back);
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                const Outcome o = columns.evaluate(kernel, rows, &run);
                ASSERT_EQ(o.status, EJ_OK) << o.message;
                ASSERT_TRUE(columns.intact());
                for (size_t k = 0; k < 5; ++k)
                    ASSERT_EQ(columns.outputs[k].block().element(0), want[k])
                        << engine.name << ", output " << k << ", " << rows << " rows, turn " << turn;
            }
    }
}

}  // namespace
