// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Selecting, filtering and evaluating under a selection, against the plain loop that says the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "support/reduction_reference.h"
#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr int64_t kLengths[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 67, 1000, 4096, 4097, 20003};

// A column of numbers from -8 … 8 with or without nulls.
struct Numbers {
    std::vector<uint64_t> bits;
    std::vector<uint8_t> valid;
    bool has_bitmap = false;
    double at(size_t r) const { return std::bit_cast<double>(bits[r]); }
    bool is_valid(size_t r) const { return !has_bitmap || valid[r] != 0; }
};

Numbers make_numbers(size_t rows, trial::Random& random) {
    Numbers n;
    n.has_bitmap = random.one_in(3);
    for (size_t r = 0; r < rows; ++r) {
        n.bits.push_back(std::bit_cast<uint64_t>(static_cast<double>(random.between(-64, 64)) / 8.0));
        n.valid.push_back(!random.one_in(5));
    }
    return n;
}

void lay_out(TestColumn& c, const Numbers& n, trial::Random& random) {
    size_t p = random.below(kPatternCount);
    if (p == kUniform) p = 0;
    c.lay_out(Storage::F64, static_cast<int64_t>(n.bits.size()), kPatterns[p],
              random.one_in(2) ? trial::Guarded::Side::Front : trial::Guarded::Side::Back);
    c.write(n.bits);
    if (n.has_bitmap) c.add_validity(n.valid, random.between(0, 9), random);
}

TEST(Selection, SelectGivesTheRowsInOrder) {
    const TypedName param{"x", Storage::F64};
    trial::Random random(51);
    for (const NamedEngine& engine : all_engines())
        for (const double limit : {-100.0, 0.0, 7.5, 100.0}) {
            const Kernel kernel = compile(engine, "x > " + std::to_string(limit), {&param, 1});
            ASSERT_NE(kernel, nullptr);
            for (const int64_t rows : kLengths) {
                const Numbers x = make_numbers(static_cast<size_t>(rows), random);
                TestColumn in;
                lay_out(in, x, random);
                const ej_column column = in.column();
                std::vector<int64_t> want;
                for (size_t r = 0; r < x.bits.size(); ++r)
                    if (x.is_valid(r) && x.at(r) > limit) want.push_back(static_cast<int64_t>(r));
                // The indices lie flush against a page too: there is room for `rows` and no more.
                trial::Guarded memory(static_cast<size_t>(rows) * 8, trial::Guarded::Side::Back);
                auto* indices = reinterpret_cast<int64_t*>(memory.data());
                int64_t count = -1;
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                ej_error* error = nullptr;
                const ej_status status =
                    ej_kernel_select(kernel.get(), &run, &column, 1, rows, indices, &count, &error);
                const Outcome o = outcome_of(status, error);
                ASSERT_EQ(o.status, EJ_OK) << engine.name << ": " << o.message;
                ASSERT_TRUE(in.intact() && memory.intact());
                ASSERT_EQ(std::vector<int64_t>(indices, indices + count), want)
                    << engine.name << ", x > " << limit << ", " << rows << " rows";
            }
        }
}

TEST(Selection, FilterKeepsTheRowsNextToEachOther) {
    const TypedName params[] = {{"x", Storage::F64}, {"y", Storage::F64}};
    const Storage out_types[] = {Storage::F64, Storage::F32, Storage::I32, Storage::Bool, Storage::I64};
    trial::Random random(52);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(
            engine, "keep = x > y; p = x * 2 + y; q = f32(x); i = i32(8 * x); b = y < 0; j = i64(8 * y)", params);
        ASSERT_NE(kernel, nullptr);
        for (const int64_t rows : kLengths)
            for (int turn = 0; turn < 3; ++turn) {
                const size_t n = static_cast<size_t>(rows);
                const Numbers x = make_numbers(n, random), y = make_numbers(n, random);
                TestColumns columns;
                columns.inputs.resize(2);
                columns.outputs.resize(std::size(out_types));
                lay_out(columns.inputs[0], x, random);
                lay_out(columns.inputs[1], y, random);
                std::vector<ej_column> in, out;
                for (TestColumn& c : columns.inputs) in.push_back(c.column());
                for (size_t k = 0; k < columns.outputs.size(); ++k) {
                    size_t p = turn == 0 ? 0 : random.below(kPatternCount);
                    if (p == kUniform) p = 0;
                    columns.outputs[k].lay_out(out_types[k], rows, kPatterns[p],
                                               random.one_in(2) ? trial::Guarded::Side::Front
                                                                : trial::Guarded::Side::Back);
                    if (x.has_bitmap || y.has_bitmap)
                        columns.outputs[k].add_validity(std::vector<uint8_t>(n), random.between(0, 9), random);
                    out.push_back(columns.outputs[k].column());
                }
                int64_t count = -1;
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                ej_error* error = nullptr;
                const ej_status status = ej_kernel_filter(kernel.get(), &run, in.data(), in.size(), out.data(),
                                                          out.size(), rows, &count, &error);
                const Outcome o = outcome_of(status, error);
                ASSERT_EQ(o.status, EJ_OK) << engine.name << ": " << o.message;
                ASSERT_TRUE(columns.intact()) << engine.name << ", " << rows << " rows";
                int64_t kept = 0;
                for (size_t r = 0; r < n; ++r) {
                    if (!x.is_valid(r) || !y.is_valid(r) || !(x.at(r) > y.at(r))) continue;
                    const double a = x.at(r), b = y.at(r);
                    const uint64_t want[] = {std::bit_cast<uint64_t>(a * 2 + b),
                                             std::bit_cast<uint32_t>(static_cast<float>(a)),
                                             static_cast<uint32_t>(static_cast<int32_t>(8 * a)), b < 0,
                                             static_cast<uint64_t>(static_cast<int64_t>(8 * b))};
                    ASSERT_LT(kept, count) << engine.name << ", " << rows << " rows";
                    for (size_t k = 0; k < std::size(want); ++k) {
                        ASSERT_EQ(columns.outputs[k].block().element(kept), want[k])
                            << engine.name << ", " << rows << " rows, output " << k << ", kept row " << kept;
                        ASSERT_TRUE(columns.outputs[k].is_valid(kept));
                    }
                    ++kept;
                }
                ASSERT_EQ(count, kept) << engine.name << ", " << rows << " rows";
            }
    }
}

// A kept row may still hold nulls in the other columns.
TEST(Selection, FilterKeepsNulls) {
    const TypedName params[] = {{"x", Storage::F64}, {"y", Storage::F64}};
    trial::Random random(53);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "keep = y > 0; p = x + 1; q = is_null(x)", params);
        ASSERT_NE(kernel, nullptr);
        for (const int64_t rows : kLengths) {
            const size_t n = static_cast<size_t>(rows);
            Numbers x = make_numbers(n, random);
            const Numbers y = make_numbers(n, random);
            x.has_bitmap = true;
            TestColumns columns;
            columns.inputs.resize(2);
            columns.outputs.resize(2);
            lay_out(columns.inputs[0], x, random);
            lay_out(columns.inputs[1], y, random);
            columns.outputs[0].lay_out(Storage::F64, rows, kPatterns[0], trial::Guarded::Side::Back);
            columns.outputs[0].add_validity(std::vector<uint8_t>(n), random.between(0, 9), random);
            columns.outputs[1].lay_out(Storage::Bool, rows, kPatterns[0], trial::Guarded::Side::Back);
            const ej_column in[] = {columns.inputs[0].column(), columns.inputs[1].column()};
            const ej_column out[] = {columns.outputs[0].column(), columns.outputs[1].column()};
            int64_t count = -1;
            ej_error* error = nullptr;
            const ej_status status = ej_kernel_filter(kernel.get(), nullptr, in, 2, out, 2, rows, &count, &error);
            const Outcome o = outcome_of(status, error);
            ASSERT_EQ(o.status, EJ_OK) << engine.name << ": " << o.message;
            ASSERT_TRUE(columns.intact());
            int64_t kept = 0;
            for (size_t r = 0; r < n; ++r) {
                if (!y.is_valid(r) || !(y.at(r) > 0)) continue;
                ASSERT_LT(kept, count);
                ASSERT_EQ(columns.outputs[0].is_valid(kept), x.is_valid(r)) << engine.name << ", row " << r;
                ASSERT_EQ(columns.outputs[1].block().element(kept), uint64_t{!x.is_valid(r)});
                if (x.is_valid(r)) {
                    ASSERT_EQ(std::bit_cast<double>(columns.outputs[0].block().element(kept)), x.at(r) + 1);
                }
                ++kept;
            }
            ASSERT_EQ(count, kept);
        }
    }
}

TEST(Selection, EvaluatesSelectedRows) {
    const TypedName params[] = {{"x", Storage::F64}, {"y", Storage::F64}};
    trial::Random random(54);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel map = compile(engine, "x * y - 1", params);
        const Kernel sum = compile(engine, "sum(x * y)", params);
        const Kernel centred = compile(engine, "x - max(y)", params);
        ASSERT_TRUE(map != nullptr && sum != nullptr && centred != nullptr);
        for (const int64_t rows : kLengths)
            for (int turn = 0; turn < 3; ++turn) {
                const size_t n = static_cast<size_t>(rows);
                Numbers x = make_numbers(n, random), y = make_numbers(n, random);
                x.has_bitmap = y.has_bitmap = false;
                TestColumn in_x, in_y;
                lay_out(in_x, x, random);
                lay_out(in_y, y, random);
                const ej_column in[] = {in_x.column(), in_y.column()};
                std::vector<int64_t> indices(n == 0 ? 0 : random.below(2 * n + 1));
                for (int64_t& i : indices) i = static_cast<int64_t>(random.below(n));
                const int64_t count = static_cast<int64_t>(indices.size());
                std::vector<Slot> products;
                double largest = -INFINITY;
                for (const int64_t i : indices) {
                    products.push_back(
                        std::bit_cast<Slot>(x.at(static_cast<size_t>(i)) * y.at(static_cast<size_t>(i))));
                    largest = std::max(largest, y.at(static_cast<size_t>(i)));
                }
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                for (const Kernel* kernel : {&map, &sum, &centred}) {
                    TestColumn out;
                    out.lay_out(Storage::F64, kernel == &sum ? 1 : count, kPatterns[0], trial::Guarded::Side::Back);
                    const ej_column result = out.column();
                    ej_error* error = nullptr;
                    const ej_status status = ej_kernel_eval_selected(kernel->get(), &run, in, 2, rows, indices.data(),
                                                                     count, &result, 1, &error);
                    const Outcome o = outcome_of(status, error);
                    const std::string what = std::string(engine.name) + ", " + std::to_string(count) + " of " +
                                             std::to_string(rows) + " rows";
                    if (kernel == &centred && count == 0) {  // there is no largest of no rows
                        ASSERT_EQ(o.status, EJ_ERR_DOMAIN) << what << ": " << o.message;
                        continue;
                    }
                    // There is no largest of no rows.
                    ASSERT_EQ(o.status, kernel == &centred && count == 0 ? EJ_ERR_DOMAIN : EJ_OK)
                        << what << ": " << o.message;
                    ASSERT_TRUE(out.intact() && in_x.intact() && in_y.intact()) << what;
                    if (kernel == &sum) {
                        ASSERT_EQ(out.block().element(0),
                                  trial::reference_reduction(ReduceKind::Sum, Scalar::F64, products, {}))
                            << what;
                        continue;
                    }
                    for (int64_t k = 0; k < count; ++k) {
                        const size_t i = static_cast<size_t>(indices[static_cast<size_t>(k)]);
                        const double want = kernel == &map ? x.at(i) * y.at(i) - 1 : x.at(i) - largest;
                        ASSERT_EQ(std::bit_cast<double>(out.block().element(k)), want) << what << ", place " << k;
                    }
                }
            }
    }
}

TEST(Selection, AnIndexOutsideIsRefused) {
    const TypedName param{"x", Storage::I64};
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "x + 1", {&param, 1});
        const Kernel divides = compile(engine, "100 // x", {&param, 1});
        ASSERT_TRUE(kernel != nullptr && divides != nullptr);
        std::vector<int64_t> x{1, 2, 0, 4}, out(6000);
        const ej_column in{x.data(), 8, EJ_I64, 0, nullptr, 0}, result{out.data(), 8, EJ_I64, 0, nullptr, 0};
        for (const int64_t bad : {int64_t{4}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
            std::vector<int64_t> indices(5000, 1);
            indices[4200] = bad;
            indices[4300] = bad;
            ej_error* error = nullptr;
            const ej_status status =
                ej_kernel_eval_selected(kernel.get(), nullptr, &in, 1, 4, indices.data(), 5000, &result, 1, &error);
            const Outcome o = outcome_of(status, error);
            EXPECT_EQ(o.status, EJ_ERR_INVALID_ARGUMENT) << engine.name;
            EXPECT_EQ(o.row, 4200) << engine.name << ": " << o.message;
        }
        // Rows that are not selected do not fail; the others are counted by their place.
        std::vector<int64_t> indices(5000, 1);
        ej_error* error = nullptr;
        EXPECT_EQ(ej_kernel_eval_selected(divides.get(), nullptr, &in, 1, 4, indices.data(), 5000, &result, 1, &error),
                  EJ_OK);
        indices[4777] = 2;
        const ej_status status =
            ej_kernel_eval_selected(divides.get(), nullptr, &in, 1, 4, indices.data(), 5000, &result, 1, &error);
        const Outcome o = outcome_of(status, error);
        EXPECT_EQ(o.status, EJ_ERR_DIVIDE_BY_ZERO) << engine.name;
        EXPECT_EQ(o.row, 4777) << engine.name << ": " << o.message;
    }
}

}  // namespace
