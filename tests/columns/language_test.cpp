// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The reductions of the language, alone and inside expressions, against the same computed step by step from the sums,
// counts and deviations they are made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "support/reduction_reference.h"
#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr TypedName kParams[] = {{"x", Storage::F64}, {"y", Storage::F64}, {"n", Storage::I32}, {"c", Storage::Bool}};
constexpr int64_t kLengths[] = {1, 2, 15, 16, 17, 64, 65, 1000, 4096, 4097, 20003};

struct Data {
    std::vector<uint64_t> columns[4];
    std::vector<double> x, y;
    std::vector<int64_t> n;
    std::vector<uint8_t> c;
    size_t rows() const { return x.size(); }
};

Data make_data(size_t rows, trial::Random& random) {
    Data d;
    for (size_t r = 0; r < rows; ++r) {
        d.x.push_back(static_cast<double>(random.between(-1000000, 1000000)) / 997.0);
        d.y.push_back(static_cast<double>(random.between(-1000000, 1000000)) / 1013.0);
        d.n.push_back(random.between(-2000000000, 2000000000));
        d.c.push_back(random.one_in(2));
        d.columns[0].push_back(std::bit_cast<uint64_t>(d.x[r]));
        d.columns[1].push_back(std::bit_cast<uint64_t>(d.y[r]));
        d.columns[2].push_back(static_cast<uint32_t>(static_cast<int32_t>(d.n[r])));
        d.columns[3].push_back(d.c[r]);
    }
    return d;
}

double reduced(ReduceKind kind, const std::vector<double>& v, std::span<const uint8_t> counts = {}) {
    std::vector<Slot> slots;
    for (const double d : v) slots.push_back(std::bit_cast<Slot>(d));
    return std::bit_cast<double>(trial::reference_reduction(kind, Scalar::F64, slots, counts));
}

double rows_that_count(const Data& d) { return static_cast<double>(std::count(d.c.begin(), d.c.end(), 1)); }

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> out;
    for (size_t r = 0; r < a.size(); ++r) out.push_back(a[r] * b[r]);
    return out;
}

// A text whose only output is reduced, and its value.
struct ReducedCase {
    const char* text;
    Storage type;
    std::function<uint64_t(const Data&)> value;
};

uint64_t bits(double d) { return std::bit_cast<uint64_t>(d); }

const ReducedCase kReducedCases[] = {
    {"sum(x)", Storage::F64, [](const Data& d) { return bits(reduced(ReduceKind::Sum, d.x)); }},
    {"mean(x)", Storage::F64,
     [](const Data& d) { return bits(reduced(ReduceKind::Sum, d.x) / static_cast<double>(d.rows())); }},
    {"mean(x, where=c)", Storage::F64,
     [](const Data& d) { return bits(reduced(ReduceKind::Sum, d.x, d.c) / rows_that_count(d)); }},
    {"var(x)", Storage::F64,
     [](const Data& d) { return bits(reduced(ReduceKind::Deviations, d.x) / static_cast<double>(d.rows())); }},
    {"std(x, where=c)", Storage::F64,
     [](const Data& d) { return bits(std::sqrt(reduced(ReduceKind::Deviations, d.x, d.c) / rows_that_count(d))); }},
    {"dot(x, y)", Storage::F64, [](const Data& d) { return bits(reduced(ReduceKind::Sum, product(d.x, d.y))); }},
    {"norm(x)", Storage::F64,
     [](const Data& d) { return bits(std::sqrt(reduced(ReduceKind::Sum, product(d.x, d.x)))); }},
    {"max(x) - min(y)", Storage::F64,
     [](const Data& d) { return bits(reduced(ReduceKind::Max, d.x) - reduced(ReduceKind::Min, d.y)); }},
    {"sum(n)", Storage::I64,
     [](const Data& d) {
         uint64_t s = 0;
         for (const int64_t v : d.n) s += static_cast<uint64_t>(v);
         return s;
     }},
    {"prod(n)", Storage::I64,
     [](const Data& d) {
         uint64_t p = 1;
         for (const int64_t v : d.n) p *= static_cast<uint64_t>(v);
         return p;
     }},
    {"count(x > y)", Storage::I64,
     [](const Data& d) {
         uint64_t k = 0;
         for (size_t r = 0; r < d.rows(); ++r) k += d.x[r] > d.y[r];
         return k;
     }},
    {"any(x > 1000)", Storage::Bool,
     [](const Data& d) -> uint64_t { return std::any_of(d.x.begin(), d.x.end(), [](double v) { return v > 1000; }); }},
    {"all(x < 1000)", Storage::Bool,
     [](const Data& d) -> uint64_t { return std::all_of(d.x.begin(), d.x.end(), [](double v) { return v < 1000; }); }},
    {"argmin(x)", Storage::I64,
     [](const Data& d) { return static_cast<uint64_t>(std::min_element(d.x.begin(), d.x.end()) - d.x.begin()); }},
    {"argmax(n)", Storage::I64,
     [](const Data& d) { return static_cast<uint64_t>(std::max_element(d.n.begin(), d.n.end()) - d.n.begin()); }},
};

void lay_out_inputs(TestColumns& columns, const Data& d, trial::Random& random) {
    columns.inputs.resize(4);
    for (size_t k = 0; k < 4; ++k) {
        size_t p = random.below(kPatternCount);
        if (p == kUniform) p = 0;
        columns.inputs[k].lay_out(kParams[k].type, static_cast<int64_t>(d.rows()), kPatterns[p],
                                  random.one_in(2) ? trial::Guarded::Side::Front : trial::Guarded::Side::Back);
        columns.inputs[k].write(d.columns[k]);
    }
}

TEST(Language, ReducedValues) {
    TestColumns columns;
    columns.outputs.resize(1);
    for (const ReducedCase& c : kReducedCases)
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile(engine, c.text, kParams);
            ASSERT_NE(kernel, nullptr);
            trial::Random random(61);
            for (const int64_t rows : kLengths) {
                const Data d = make_data(static_cast<size_t>(rows), random);
                lay_out_inputs(columns, d, random);
                columns.outputs[0].lay_out(c.type, 1, kPatterns[0], trial::Guarded::Side::Back);
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
                const Outcome o = columns.evaluate(kernel, rows, &run);
                ASSERT_EQ(o.status, EJ_OK) << c.text << ": " << o.message;
                ASSERT_TRUE(columns.intact()) << c.text;
                const uint64_t got = columns.outputs[0].block().element(0), want = c.value(d);
                ASSERT_TRUE(trial::same_element(c.type, got, want))
                    << c.text << " at " << engine.name << ", " << rows << " rows: got "
                    << trial::describe_element(c.type, got) << ", want " << trial::describe_element(c.type, want);
            }
        }
}

// Reductions inside what is computed for every row, and inside each other.
TEST(Language, ReductionsInsideExpressions) {
    TestColumns columns;
    columns.outputs.resize(4);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine,
                                      "centred = x - mean(x); share = x / sum(x);"
                                      "spread = sum((x - mean(x)) * (x - mean(x))); rest = x * 2 - centred",
                                      kParams);
        ASSERT_NE(kernel, nullptr);
        trial::Random random(62);
        for (const int64_t rows : kLengths) {
            const Data d = make_data(static_cast<size_t>(rows), random);
            lay_out_inputs(columns, d, random);
            for (size_t k = 0; k < 4; ++k)
                columns.outputs[k].lay_out(Storage::F64, k == 2 ? 1 : rows, kPatterns[0], trial::Guarded::Side::Back);
            const ej_run_options run = with_threads(static_cast<int32_t>(random.between(0, 4)));
            const Outcome o = columns.evaluate(kernel, rows, &run);
            ASSERT_EQ(o.status, EJ_OK) << o.message;
            ASSERT_TRUE(columns.intact());
            const double sum = reduced(ReduceKind::Sum, d.x), mean = sum / static_cast<double>(rows);
            std::vector<double> squares;
            for (const double x : d.x) squares.push_back((x - mean) * (x - mean));
            const auto got = [&](size_t k, int64_t r) {
                return std::bit_cast<double>(columns.outputs[k].block().element(r));
            };
            ASSERT_EQ(got(2, 0), reduced(ReduceKind::Sum, squares)) << engine.name << ", " << rows << " rows";
            for (int64_t r = 0; r < rows; ++r) {
                const double x = d.x[static_cast<size_t>(r)];
                ASSERT_EQ(got(0, r), x - mean) << engine.name << ", " << rows << " rows, row " << r;
                ASSERT_EQ(got(1, r), x / sum) << engine.name << ", " << rows << " rows, row " << r;
                ASSERT_EQ(got(3, r), x * 2 - (x - mean)) << engine.name << ", " << rows << " rows, row " << r;
            }
        }
    }
}

// What the function reference says of no rows, none that count included.
TEST(Language, NoRows) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const struct {
        const char* text;
        Storage type;
        uint64_t value;
        bool fails;
    } cases[] = {
        {"sum(x, where=c)", Storage::F64, bits(0), false},    {"prod(x, where=c)", Storage::F64, bits(1), false},
        {"mean(x, where=c)", Storage::F64, bits(nan), false}, {"var(x, where=c)", Storage::F64, bits(nan), false},
        {"std(x, where=c)", Storage::F64, bits(nan), false},  {"norm(x, where=c)", Storage::F64, bits(0), false},
        {"dot(x, y, where=c)", Storage::F64, bits(0), false}, {"count(where=c)", Storage::I64, 0, false},
        {"any(c, where=c)", Storage::Bool, 0, false},         {"all(x > y, where=c)", Storage::Bool, 1, false},
        {"min(x, where=c)", Storage::F64, 0, true},           {"max(n, where=c)", Storage::I32, 0, true},
        {"argmin(x, where=c)", Storage::I64, 0, true},        {"argmax(x, where=c)", Storage::I64, 0, true},
    };
    TestColumns columns;
    columns.outputs.resize(1);
    trial::Random random(63);
    for (const auto& c : cases)
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile(engine, c.text, kParams);
            ASSERT_NE(kernel, nullptr);
            for (const int64_t rows : {0, 1, 16, 67, 5000}) {
                Data d = make_data(static_cast<size_t>(rows), random);
                d.columns[3].assign(static_cast<size_t>(rows), 0);
                lay_out_inputs(columns, d, random);
                columns.outputs[0].lay_out(c.type, 1, kPatterns[0], trial::Guarded::Side::Back);
                const Outcome o = columns.evaluate(kernel, rows);
                ASSERT_EQ(o.status, c.fails ? EJ_ERR_DOMAIN : EJ_OK)
                    << c.text << " at " << engine.name << ": " << o.message;
                if (c.fails) continue;
                const uint64_t got = columns.outputs[0].block().element(0);
                ASSERT_TRUE(trial::same_element(c.type, got, c.value))
                    << c.text << " at " << engine.name << ", " << rows << " rows: got "
                    << trial::describe_element(c.type, got);
            }
        }
}

}  // namespace
