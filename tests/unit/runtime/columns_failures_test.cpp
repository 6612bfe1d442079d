// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The lowest failing row and its first check, whatever the width, the threads, and where the output goes; cancellation.
#include "columns_fixture.h"

namespace exprjit::columns {
namespace {

template <class T>
Column of(std::vector<T>& v) {
    return {v.data(), sizeof(T), storage_for<T>(), nullptr, 0};
}

TEST(ColumnFailures, TheLowestRowOnEveryEngineAndThread) {
    const Kernels kernels("(a // b) + (b % c)", {{"a", Storage::I64}, {"b", Storage::I64}, {"c", Storage::I64}});
    const size_t n = 16 * 1024 * 3 + 13;
    for (const auto& k : kernels) {
        for (const size_t row :
             {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{4095}, size_t{20'000}, n - 2, n - 1}) {
            for (const int threads : {1, 4}) {
                for (const bool in_place : {false, true}) {
                    std::vector<int64_t> a(n, 9), b(n, 2), c(n, 5), out(n);
                    c[row] = 0;
                    if (row + 1 < n) b[row + 1] = 0;  // in the same group mostly, and another check
                    if (row + 9000 < n) b[row + 9000] = 0;
                    MixingExecutor executor(threads);
                    const auto done = eval(*k.kernel, {of(a), of(b), of(c)}, {in_place ? of(b) : of(out)}, int64_t(n),
                                           {nullptr, &executor});
                    ASSERT_FALSE(done.ok()) << k.engine.name;
                    ASSERT_EQ(done.error().row, int64_t(row)) << k.engine.name << " threads " << threads;
                    ASSERT_EQ(done.error().status(), Status::DivideByZero);
                    ASSERT_NE(why(done).find("remainder"), std::string::npos) << "the check that fails in that row";
                }
            }
        }
    }
}

TEST(ColumnFailures, StagedColumnsToo) {
    const Kernels kernels("a // b", {{"a", Storage::I32}, {"b", Storage::I32}});
    for (const auto& k : kernels) {
        for (size_t row = 0; row < 41; ++row) {
            Placed<int32_t> a(41, -12), b(41, 4), out(41, 9);
            for (size_t r = 0; r < 41; ++r) a.set(r, 100), b.set(r, r == row || r == 40 ? 0 : 7);
            const auto done = eval(*k.kernel, {a.column(), b.column()}, {out.column()}, 41, {nullptr, nullptr, 1000});
            ASSERT_FALSE(done.ok());
            EXPECT_EQ(done.error().row, int64_t(row) + 1000) << k.engine.name;
            EXPECT_TRUE(out.intact());
            b.set(row, 7), b.set(40, 7);
            ASSERT_TRUE(eval(*k.kernel, {a.column(), b.column()}, {out.column()}, 41).ok())
                << "what is past the end does not fail";
        }
    }
}

TEST(ColumnFailures, InReductionsAndAfterThem) {
    const Kernels inside("sum(a // b)", {{"a", Storage::I64}, {"b", Storage::I64}});
    const Kernels after("a // (b - min(b))", {{"a", Storage::I64}, {"b", Storage::I64}});
    for (const size_t row : {size_t{0}, size_t{5}, size_t{4096}, size_t{9999}}) {
        std::vector<int64_t> a(10'000, 9), b(10'000, 2), out(10'000);
        int64_t sum = 0;
        const Column single{&sum, 8, Storage::I64, nullptr, 0};
        b[row] = 0, b[9999] = 0;
        for (const auto& k : inside) {
            const auto done = eval(*k.kernel, {of(a), of(b)}, {single}, 10'000);
            ASSERT_FALSE(done.ok());
            EXPECT_EQ(done.error().row, int64_t(row)) << k.engine.name;
        }
        for (const auto& k : after) {
            const auto done = eval(*k.kernel, {of(a), of(b)}, {of(out)}, 10'000);
            ASSERT_FALSE(done.ok());
            EXPECT_EQ(done.error().row, int64_t(row)) << k.engine.name << ": the smallest b divides by zero";
        }
    }
}

TEST(ColumnFailures, LargeUnsignedValues) {
    const Kernels kernels("x + 1", {{"x", Storage::I64}});
    for (const auto& k : kernels) {
        std::vector<uint64_t> x(50, 7);
        std::vector<int64_t> out(50);
        ASSERT_TRUE(eval(*k.kernel, {of(x)}, {of(out)}, 50).ok());
        EXPECT_EQ(out, std::vector<int64_t>(50, 8));
        x[31] = x[44] = uint64_t{1} << 63;
        const auto done = eval(*k.kernel, {of(x)}, {of(out)}, 50);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::Domain);
        EXPECT_EQ(done.error().row, 31) << k.engine.name;
        EXPECT_NE(why(done).find("column 0 ('x')"), std::string::npos) << why(done);
        const Column uniform{&x[31], 0, Storage::U64, nullptr, 0};
        const auto first = eval(*k.kernel, {uniform}, {of(out)}, 50);
        ASSERT_FALSE(first.ok());
        EXPECT_EQ(first.error().row, 0);
        const Column fine{&x[30], 0, Storage::U64, nullptr, 0};
        EXPECT_TRUE(eval(*k.kernel, {fine}, {of(out)}, 50).ok());
    }
}

TEST(ColumnFailures, CancelledBetweenChunks) {
    const Kernels kernels("y = sqrt(a) + 1; s = a - sum(a)", {{"a", Storage::F64}});
    std::vector<double> a(300'000, 2), y(a.size()), s(a.size());
    const volatile int32_t stop = 1;
    for (const auto& k : kernels) {
        for (const int threads : {1, 3}) {
            MixingExecutor executor(threads);
            const auto done = eval(*k.kernel, {of(a)}, {of(y), of(s)}, int64_t(a.size()), {&stop, &executor});
            ASSERT_FALSE(done.ok());
            EXPECT_EQ(done.error().status(), Status::Cancelled) << k.engine.name;
        }
    }
}

TEST(ColumnFailures, ReducedOutputsOverlapNothing) {
    const Kernels kernels("s = sum(a); d = a - s", {{"a", Storage::F64}});
    std::vector<double> a(100, 2), d(100);
    double s = 0;
    for (const auto& k : kernels) {
        const auto single = [](double* p, int64_t stride) { return Column{p, stride, Storage::F64, nullptr, 0}; };
        EXPECT_FALSE(eval(*k.kernel, {of(a)}, {single(&a[3], 8), of(d)}, 100).ok());
        EXPECT_FALSE(eval(*k.kernel, {of(a)}, {single(&d[99], 0), of(d)}, 100).ok());
        EXPECT_FALSE(eval(*k.kernel, {of(a)}, {single(nullptr, 0), of(d)}, 100).ok());
        for (const int64_t stride : {int64_t{0}, int64_t{8}, int64_t{-1000}, INT64_MAX}) {
            ASSERT_TRUE(eval(*k.kernel, {of(a)}, {single(&s, stride), of(d)}, 100).ok())
                << "one element needs no stride";
            EXPECT_EQ(s, 200);
            EXPECT_EQ(d[50], -198);
        }
    }
}

}  // namespace
}  // namespace exprjit::columns
