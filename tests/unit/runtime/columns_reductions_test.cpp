// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions on every engine, against a plain statement of the fixed order: blocks of 4,096 rows, 512 bytes of lanes
// in a block, lanes combined by halves, blocks like the digits of a binary counter.
#include <cmath>
#include <limits>
#include <map>

#include "columns_fixture.h"
#include "runtime/reductions.h"
#include "runtime/reductions_stream.h"

namespace exprjit::columns {
namespace {

template <class T>
T fixed_sum(const std::vector<T>& v) {
    constexpr size_t kBlock = 4096, kLanes = 512 / sizeof(T);
    std::vector<std::pair<uint64_t, T>> digits;  // size in blocks, sum; largest first
    for (size_t at = 0; at < v.size(); at += kBlock) {
        T lane[kLanes] = {};
        for (size_t r = at; r < std::min(at + kBlock, v.size()); ++r) lane[(r - at) % kLanes] += v[r];
        for (size_t half = kLanes / 2; half > 0; half /= 2)
            for (size_t j = 0; j < half; ++j) lane[j] += lane[j + half];
        digits.push_back({1, lane[0]});
        while (digits.size() > 1 && digits.back().first == digits[digits.size() - 2].first) {
            const auto right = digits.back();
            digits.pop_back();
            digits.back() = {digits.back().first * 2, digits.back().second + right.second};
        }
    }
    if (digits.empty()) return 0;
    T sum = digits.back().second;
    for (size_t i = digits.size() - 1; i-- > 0;) sum = digits[i].second + sum;
    return sum;
}

std::vector<double> sample(int64_t n) {
    std::vector<double> v(static_cast<size_t>(n));
    uint64_t state = 88172645463325252u + static_cast<uint64_t>(n);
    for (double& x : v) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        x = double(int64_t(state >> 20)) * 0x1p-40 - 3;
    }
    return v;
}

Column of(std::vector<double>& v) { return {v.data(), 8, Storage::F64, nullptr, 0}; }
Column of(double& x) { return {&x, 8, Storage::F64, nullptr, 0}; }

const int64_t kLengths[] = {0,  1,  2,   3,    4,    5,    7,    8,    9,      31,    63,
                            64, 65, 100, 1000, 4095, 4096, 4097, 8192, 12'300, 70'001};

TEST(ColumnReductions, SumInTheFixedOrder) {
    const Kernels kernels("sum(x)", {{"x", Storage::F64}});
    for (const int64_t n : kLengths) {
        std::vector<double> v = sample(n);
        const double expected = fixed_sum(v);
        for (const auto& k : kernels) {
            double got = -1;
            const auto done = eval(*k.kernel, {of(v)}, {of(got)}, n);
            ASSERT_TRUE(done.ok()) << k.engine.name << ": " << why(done);
            EXPECT_TRUE(same_bits(got, expected)) << k.engine.name << " rows " << n << ' ' << got << ' ' << expected;
        }
    }
}

TEST(ColumnReductions, SumOfFloatsAndIntegers) {
    const Kernels floats("sum(x)", {{"x", Storage::F32}}), integers("sum(x)", {{"x", Storage::I32}});
    for (const int64_t n : kLengths) {
        const auto rows = static_cast<size_t>(n);
        std::vector<float> f(rows);
        Placed<int16_t> s(rows, -6);
        int64_t total = 0;
        for (size_t r = 0; r < rows; ++r) {
            f[r] = float(r % 97) * 0.37f - 10;
            s.set(r, int16_t(r * 31));
            total += s.get(r);
        }
        const float expected = fixed_sum(f);
        for (const auto& k : floats) {
            float got = -1;
            const Column in{f.data(), 4, Storage::F32, nullptr, 0}, out{&got, 0, Storage::F32, nullptr, 0};
            ASSERT_TRUE(eval(*k.kernel, {in}, {out}, n).ok());
            EXPECT_EQ(got, expected) << k.engine.name << " rows " << n;
        }
        for (const auto& k : integers) {
            int64_t got = -1;
            const Column out{&got, 8, Storage::I64, nullptr, 0};
            ASSERT_TRUE(eval(*k.kernel, {s.column()}, {out}, n).ok());
            EXPECT_EQ(got, total) << k.engine.name << " rows " << n;
        }
    }
}

TEST(ColumnReductions, EveryKindIsTheSameOnEveryEngine) {
    const char* const texts[] = {
        "sum(x*y)",           "prod(1 + x*1e-3)",     "mean(x)", "var(x)",    "std(x - y)", "any(x > 8)",
        "all(x > -4)",        "count(x > y)",         "count()", "dot(x, y)", "norm(x)",    "sum(x, where=y>0)",
        "mean(x, where=x<0)", "count(x > 0) + sum(y)"};
    for (const char* text : texts) {
        const Kernels kernels(text, {{"x", Storage::F64}, {"y", Storage::F64}});
        for (const int64_t n : kLengths) {
            std::vector<double> x = sample(n), y = sample(n + 1);
            double first = 0;
            bool has_first = false;
            for (const auto& k : kernels) {
                double got = -1;
                const auto done = eval(*k.kernel, {of(x), of(y)}, {of(got)}, n);
                ASSERT_TRUE(done.ok()) << text << ' ' << k.engine.name << ": " << why(done);
                if (!has_first) first = got;
                has_first = true;
                EXPECT_TRUE(same_bits(got, first))
                    << text << ' ' << k.engine.name << " rows " << n << ' ' << got << ' ' << first;
            }
        }
    }
}

TEST(ColumnReductions, ExtremesAndTheirRows) {
    const Kernels kernels("lo = min(x); hi = max(x); at = argmin(x); top = argmax(x)", {{"x", Storage::F64}});
    for (const int64_t n : kLengths) {
        if (n == 0) continue;
        std::vector<double> x = sample(n);
        const size_t nan_from = x.size();
        for (int pass = 0; pass < 2; ++pass) {
            if (pass == 1) x[nan_from / 2] = x[nan_from - 1] = std::nan("");
            double lo = INFINITY, hi = -INFINITY;
            int64_t at = -1, top = -1;
            for (size_t r = 0; r < x.size() && lo == lo; ++r) {
                if (x[r] != x[r]) lo = hi = x[r], at = top = int64_t(r);
                if (x[r] < lo) lo = x[r], at = int64_t(r);
                if (x[r] > hi) hi = x[r], top = int64_t(r);
            }
            for (const auto& k : kernels) {
                double got[2] = {0, 0};
                int64_t rows[2] = {0, 0};
                const Column at_out{&rows[0], 8, Storage::I64, nullptr, 0},
                    top_out{&rows[1], 8, Storage::I64, nullptr, 0};
                const auto done = eval(*k.kernel, {of(x)}, {of(got[0]), of(got[1]), at_out, top_out}, n);
                ASSERT_TRUE(done.ok()) << why(done);
                EXPECT_TRUE(same_bits(got[0], lo) && same_bits(got[1], hi)) << k.engine.name << " rows " << n;
                EXPECT_EQ(rows[0], at) << k.engine.name << " rows " << n;
                EXPECT_EQ(rows[1], top) << k.engine.name << " rows " << n;
            }
        }
    }
}

TEST(ColumnReductions, VarianceIsAccurate) {
    const Kernels kernels("var(x)", {{"x", Storage::F64}});
    for (const int64_t n : {int64_t{2}, int64_t{1000}, int64_t{50'000}}) {
        std::vector<double> x = sample(n);
        for (double& v : x) v += 1e6;  // where the naive formula loses half its digits
        long double mean = 0, squares = 0;
        for (const double v : x) mean += v;
        mean /= double(n);
        for (const double v : x) squares += (v - mean) * (v - mean);
        const auto expected = double(squares / double(n));
        for (const auto& k : kernels) {
            double got = 0;
            ASSERT_TRUE(eval(*k.kernel, {of(x)}, {of(got)}, n).ok());
            EXPECT_NEAR(got, expected, expected * 1e-12) << k.engine.name;
        }
    }
}

TEST(ColumnReductions, InsideExpressionsOfRows) {
    const Kernels kernels("d = (x - mean(x)) / std(x); s = sum((x - mean(x))**2); n = count()", {{"x", Storage::F64}});
    for (const int64_t n : kLengths) {
        std::vector<double> x = sample(n), first(x.size()), d(x.size());
        double first_s = 0;
        for (const auto& k : kernels) {
            double s = -1;
            int64_t count = -1;
            const Column out{d.data(), 8, Storage::F64, nullptr, 0}, rows{&count, 8, Storage::I64, nullptr, 0};
            const auto done = eval(*k.kernel, {of(x)}, {out, of(s), rows}, n);
            ASSERT_TRUE(done.ok()) << k.engine.name << ": " << why(done);
            EXPECT_EQ(count, n);
            EXPECT_FALSE(k.kernel->output_is_reduced(0));
            EXPECT_TRUE(k.kernel->output_is_reduced(1) && k.kernel->output_is_reduced(2));
            if (&k == kernels.begin()) first = d, first_s = s;
            EXPECT_TRUE(same_bits(s, first_s)) << k.engine.name << " rows " << n;
            for (size_t r = 0; r < d.size(); ++r) ASSERT_TRUE(same_bits(d[r], first[r])) << k.engine.name << ' ' << r;
            double total = 0;
            for (const double v : d) total += v;
            if (n > 1) {
                EXPECT_NEAR(total, 0, 1e-6 * double(n));
            }
        }
    }
}

TEST(ColumnReductions, InPlaceAndThreads) {
    const Kernels kernels("x - mean(x)", {{"x", Storage::F64}});
    const int64_t n = 100'001;
    std::vector<double> expected;
    for (const auto& k : kernels) {
        for (int threads = 0; threads <= 8; ++threads) {
            std::vector<double> x = sample(n);
            MixingExecutor executor(threads);
            ASSERT_TRUE(eval(*k.kernel, {of(x)}, {of(x)}, n, {nullptr, threads == 0 ? nullptr : &executor}).ok());
            if (expected.empty()) expected = x;
            EXPECT_EQ(x, expected) << k.engine.name << " threads " << threads;
        }
    }
}

TEST(ColumnReductions, NoRows) {
    const std::map<std::string, double> with_value = {{"sum(x)", 0}, {"prod(x)", 1}, {"dot(x, x)", 0}, {"norm(x)", 0}};
    for (const auto& [text, value] : with_value) {
        const Kernels kernels(text, {{"x", Storage::F64}});
        for (const auto& k : kernels) {
            double got = -1;
            const Column nothing{nullptr, 8, Storage::F64, nullptr, 0}, single{nullptr, 0, Storage::F64, nullptr, 0};
            ASSERT_TRUE(eval(*k.kernel, {nothing}, {of(got)}, 0).ok()) << text;
            EXPECT_EQ(got, value) << text;
            ASSERT_TRUE(eval(*k.kernel, {single}, {of(got)}, 0).ok()) << text;
        }
    }
    for (const char* text : {"min(x)", "max(x)", "argmin(x) + 0.0"}) {
        const Kernels kernels(text, {{"x", Storage::F64}});
        for (const auto& k : kernels) {
            double got = -1;
            const auto done = eval(*k.kernel, {{nullptr, 8, Storage::F64, nullptr, 0}}, {of(got)}, 0);
            ASSERT_FALSE(done.ok()) << text;
            EXPECT_EQ(done.error().status(), Status::Domain);
            EXPECT_EQ(done.error().row, -1);
            EXPECT_NE(why(done).find("no rows"), std::string::npos) << why(done);
        }
    }
}

TEST(ColumnReductions, ASingleCallHasNoRows) {
    const Kernels kernels("sum(x)", {{"x", Storage::F64}});
    for (const auto& k : kernels) {
        EXPECT_TRUE(k.kernel->is_reducing());
        Slot in = 0, out = 0;
        const auto called = call_kernel(*k.kernel, nullptr, &in, &out);
        ASSERT_FALSE(called.ok());
        EXPECT_EQ(called.error().status(), Status::Unsupported);
    }
}

TEST(ColumnReductions, PiecesGiveTheBitsOfTheWhole) {
    for (const char* text : {"sum(x)", "var(x)", "s = sum(x, where=x>0); m = max(x); at = argmin(x) + 0.0"}) {
        const Kernels kernels(text, {{"x", Storage::F64}});
        for (const auto& k : kernels) {
            ASSERT_TRUE(check_feedable(*k.kernel).ok());
            for (const int64_t n : {int64_t{1}, int64_t{4096}, int64_t{30'000}}) {
                std::vector<double> x = sample(n);
                const size_t outputs = k.kernel->code().result_count();
                std::vector<double> whole(outputs);
                std::vector<Column> outs;
                for (double& w : whole) outs.push_back(of(w));
                ASSERT_TRUE(eval(*k.kernel, {of(x)}, outs, n).ok());
                ReductionState state;
                for (int64_t at = 0; at < n; at += 8192) {
                    const Column piece{x.data() + at, 8, Storage::F64, nullptr, 0};
                    const std::vector<Column> in = {piece};
                    ASSERT_TRUE(
                        reduce_rows(*k.kernel, {nullptr, nullptr, at}, in, std::min<int64_t>(8192, n - at), state)
                            .ok());
                }
                std::vector<Slot> got(outputs);
                ASSERT_TRUE(finish_reductions(*k.kernel, {}, {}, state, got.data()).ok());
                for (size_t o = 0; o < outputs; ++o)
                    EXPECT_TRUE(same_bits(std::bit_cast<double>(got[o]), whole[o])) << text << ' ' << k.engine.name;
            }
        }
    }
    const Kernels two_passes("sum((x - mean(x))**2)", {{"x", Storage::F64}}),
        rows("x - mean(x)", {{"x", Storage::F64}}), none("x + 1", {{"x", Storage::F64}});
    for (const Kernels* bad : {&two_passes, &rows, &none}) {
        const auto done = check_feedable(*bad->begin()->kernel);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::Unsupported);
    }
}

TEST(ColumnReductions, BlockTreeIsABinaryCounter) {
    BlockTree tree({ReduceKind::Sum, Scalar::F64, Scalar::F64});
    const auto block = [](double d) {
        BlockPartial p;
        p.slots[0] = std::bit_cast<Slot>(d);
        return p;
    };
    EXPECT_EQ(std::bit_cast<double>(tree.result()), 0);
    const double big = 0x1p60, small = 1;  // small + small is seen next to big, small alone is not
    for (const double d : {big, -big, small, small}) tree.push(block(d));
    EXPECT_EQ(std::bit_cast<double>(tree.result()), 2) << "(big - big) + (1 + 1)";
    tree.push(block(3));
    EXPECT_EQ(std::bit_cast<double>(tree.result()), 5);
    BlockTree other({ReduceKind::Sum, Scalar::F64, Scalar::F64});
    for (const double d : {small, big, small, -big}) other.push(block(d));
    EXPECT_EQ(std::bit_cast<double>(other.result()), 0) << "(1 + big) + (1 - big)";
}

}  // namespace
}  // namespace exprjit::columns
