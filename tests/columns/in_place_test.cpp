// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Outputs that share memory with inputs: exactly (in place), not at all although their bytes interleave, or partly, which
// is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>

#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr TypedName kParams[] = {{"a", Storage::F64}, {"b", Storage::F64}};

double as_double(uint64_t bits) { return std::bit_cast<double>(bits); }

std::vector<uint64_t> small_numbers(int64_t rows, trial::Random& random) {
    std::vector<uint64_t> v(static_cast<size_t>(rows) + 1);
    for (uint64_t& e : v) e = std::bit_cast<uint64_t>(static_cast<double>(random.between(-4000, 4000)) / 16.0);
    return v;
}

Outcome evaluate(const Kernel& kernel, std::vector<ej_column> in, std::vector<ej_column> out, int64_t rows,
                 int32_t threads = 0) {
    const ej_run_options run = with_threads(threads);
    ej_error* error = nullptr;
    const ej_status status =
        ej_kernel_eval_with(kernel.get(), &run, in.data(), in.size(), out.data(), out.size(), rows, &error);
    return outcome_of(status, error);
}

TEST(InPlace, EveryLayoutAndLength) {
    trial::Random random(31);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel one = compile(engine, "a * 2 + b", kParams);
        const Kernel swap = compile(engine, "x = b; y = a", kParams);
        const Kernel both = compile(engine, "x = a + b; y = b - a", kParams);
        ASSERT_TRUE(one != nullptr && swap != nullptr && both != nullptr);
        for (const int64_t rows : {0, 1, 3, 8, 15, 16, 17, 64, 67, 500, 5000, 40000})
            for (size_t p = 0; p < kPatternCount; ++p) {
                if (p == kUniform) continue;
                const std::vector<uint64_t> a = small_numbers(rows, random), b = small_numbers(rows, random);
                for (const int which : {0, 1, 2}) {
                    TestColumn columns[2];
                    for (TestColumn& c : columns)
                        c.lay_out(Storage::F64, rows, kPatterns[p],
                                  rows % 2 == 0 ? trial::Guarded::Side::Back : trial::Guarded::Side::Front);
                    columns[0].write(a);
                    columns[1].write(b);
                    const ej_column ca = columns[0].column(), cb = columns[1].column();
                    const Outcome o = which == 0   ? evaluate(one, {ca, cb}, {ca}, rows, 3)
                                      : which == 1 ? evaluate(swap, {ca, cb}, {ca, cb}, rows, 3)
                                                   : evaluate(both, {ca, cb}, {ca, cb}, rows, 1);
                    const std::string what = std::string(engine.name) + ", text " + std::to_string(which) + ", " +
                                             std::to_string(rows) + " rows, " + kPatterns[p].name;
                    ASSERT_EQ(o.status, EJ_OK) << what << ": " << o.message;
                    ASSERT_TRUE(columns[0].intact() && columns[1].intact()) << what;
                    for (int64_t r = 0; r < rows; ++r) {
                        const double x = as_double(a[static_cast<size_t>(r)]), y = as_double(b[static_cast<size_t>(r)]);
                        const double first = which == 0 ? x * 2 + y : which == 1 ? y : x + y;
                        const double second = which == 0 ? y : which == 1 ? x : y - x;
                        ASSERT_EQ(as_double(columns[0].block().element(r)), first) << what << ", row " << r;
                        ASSERT_EQ(as_double(columns[1].block().element(r)), second) << what << ", row " << r;
                    }
                }
            }
    }
}

// Fields of an array of structs lie between each other, but share no byte.
TEST(InPlace, InterleavedFields) {
    trial::Random random(32);
    struct Particle {
        float tag;
        double x, v, result;
    } __attribute__((packed));
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "a + b * 0.5", kParams);
        ASSERT_NE(kernel, nullptr);
        for (const int64_t rows : {1, 7, 16, 67, 3000}) {
            std::vector<Particle> all(static_cast<size_t>(rows));
            for (Particle& p : all) {
                const double x = static_cast<double>(random.between(-99, 99)), v = static_cast<double>(random.below(9));
                p = {1.5f, x, v, -1};
            }
            const auto field = [&](size_t offset) {
                return ej_column{
                    reinterpret_cast<uint8_t*>(all.data()) + offset, sizeof(Particle), EJ_F64, 0, nullptr, 0};
            };
            const size_t x = offsetof(Particle, x), v = offsetof(Particle, v), result = offsetof(Particle, result);
            const Outcome o = evaluate(kernel, {field(x), field(v)}, {field(result)}, rows, 2);
            ASSERT_EQ(o.status, EJ_OK) << o.message;
            for (const Particle& p : all) {
                ASSERT_EQ(double{p.result}, double{p.x} + double{p.v} * 0.5);
                ASSERT_EQ(float{p.tag}, 1.5f);
            }
        }
    }
}

TEST(InPlace, PartialOverlapIsRefused) {
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "a + b", kParams);
        ASSERT_NE(kernel, nullptr);
        std::vector<double> memory(400, 3.0), other(400, 4.0);
        const auto column = [](double* p, int64_t stride) { return ej_column{p, stride, EJ_F64, 0, nullptr, 0}; };
        const struct {
            const char* what;
            ej_column in, out;
        } cases[] = {
            {"one element later", column(memory.data(), 8), column(memory.data() + 1, 8)},
            {"one element earlier", column(memory.data() + 1, 8), column(memory.data(), 8)},
            {"another stride from the same place", column(memory.data(), 8), column(memory.data(), 16)},
            {"backwards over itself", column(memory.data(), 8), column(memory.data() + 99, -8)},
            {"half an element", column(memory.data(), 8),
             column(reinterpret_cast<double*>(reinterpret_cast<uint8_t*>(memory.data()) + 4), 8)},
            {"over the last element", column(memory.data(), 8), column(memory.data() + 99, 8)},
            {"over a uniform input", column(memory.data() + 50, 0), column(memory.data(), 8)},
        };
        for (const auto& c : cases) {
            const std::vector<double> before = memory;
            const Outcome o = evaluate(kernel, {c.in, column(other.data(), 8)}, {c.out}, 100);
            EXPECT_EQ(o.status, EJ_ERR_INVALID_ARGUMENT) << engine.name << ": " << c.what;
            EXPECT_EQ(memory, before) << engine.name << ": " << c.what;
        }
        // Next to each other is not over each other.
        EXPECT_EQ(
            evaluate(kernel, {column(memory.data(), 8), column(other.data(), 8)}, {column(memory.data() + 100, 8)}, 100)
                .status,
            EJ_OK);
        // Two outputs in one place cannot both be right.
        const Kernel two = compile(engine, "x = a; y = b", kParams);
        EXPECT_EQ(evaluate(two, {column(other.data(), 8), column(other.data() + 100, 8)},
                           {column(memory.data(), 8), column(memory.data() + 1, 8)}, 100)
                      .status,
                  EJ_ERR_INVALID_ARGUMENT);
    }
}

}  // namespace
