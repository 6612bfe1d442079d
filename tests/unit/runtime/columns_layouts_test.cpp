// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Strides, lengths and dtypes on every engine, against plain C++; threads and streaming stores must not show.
#include <cmath>

#include "columns_fixture.h"

namespace exprjit::columns {
namespace {

const int64_t kLengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 67, 1000, 2047, 2049, 5000};

template <class A, class B, class O>
void check_pair(const Kernels::Named& k, int64_t sa, int64_t sb, int64_t so, int64_t n) {
    const auto rows = static_cast<size_t>(n);
    Placed<A> a(rows, sa, 1);
    Placed<B> b(rows, sb, 3);
    Placed<O> out(rows, so, 5);
    for (size_t r = 0; r < rows; ++r) a.set(r, A(r * 7 % 100)), b.set(r, B(r % 90));
    const auto done = eval(*k.kernel, {a.column(), b.column()}, {out.column()}, n);
    ASSERT_TRUE(done.ok()) << k.engine.name << ": " << why(done);
    for (size_t r = 0; r < rows; ++r)
        ASSERT_EQ(out.get(r), O(O(a.get(r)) * 3 - O(b.get(r))))
            << k.engine.name << " strides " << sa << ' ' << sb << ' ' << so << " rows " << n << " row " << r;
    ASSERT_TRUE(out.intact()) << k.engine.name << " strides " << sa << ' ' << sb << ' ' << so << " rows " << n;
}

template <class A, class B, class O>
void check_strides(const Kernels& kernels) {
    const auto wide_a = static_cast<int64_t>(sizeof(A)), wide_b = static_cast<int64_t>(sizeof(B)),
               wide_o = static_cast<int64_t>(sizeof(O));
    for (const auto& k : kernels) {
        for (const int64_t n : kLengths) {
            if (k.engine.tier == TierChoice::Interpreter && n > 1000) continue;
            check_pair<A, B, O>(k, wide_a, wide_b, wide_o, n);
            check_pair<A, B, O>(k, -wide_a, wide_b, wide_o, n);
            check_pair<A, B, O>(k, 24, wide_b, -wide_o, n);
            check_pair<A, B, O>(k, 0, -17, 40, n);
            check_pair<A, B, O>(k, wide_a, 0, 13, n);
        }
    }
}

TEST(ColumnLayouts, StridesLengthsAndDtypes) {
    {
        const Kernels k("a * 3 - b", {{"a", Storage::F64}, {"b", Storage::F64}});
        check_strides<double, double, double>(k);
        check_strides<float, int16_t, double>(k);
        check_strides<uint32_t, uint64_t, double>(k);
    }
    {
        const Kernels k("a * 3 - b", {{"a", Storage::F32}, {"b", Storage::F32}});
        check_strides<float, float, float>(k);
    }
    {
        const Kernels k("a * 3 - b", {{"a", Storage::I32}, {"b", Storage::I32}});
        check_strides<int32_t, int32_t, int32_t>(k);
        check_strides<int8_t, uint8_t, int64_t>(k);
        check_strides<uint16_t, int16_t, int32_t>(k);
    }
    {
        const Kernels k("a * 3 - b", {{"a", Storage::I64}, {"b", Storage::I64}});
        check_strides<int64_t, uint64_t, int64_t>(k);
        check_strides<uint32_t, int32_t, int64_t>(k);
    }
}

TEST(ColumnLayouts, InPlaceInEveryOrder) {
    const Kernels kernels("a * 2 + b", {{"a", Storage::F64}, {"b", Storage::F64}});
    for (const auto& k : kernels) {
        for (const int64_t stride : {int64_t{8}, int64_t{-8}, int64_t{24}, int64_t{-11}}) {
            for (const int64_t n : kLengths) {
                const auto rows = static_cast<size_t>(n);
                Placed<double> a(rows, stride), b(rows, 8);
                for (size_t r = 0; r < rows; ++r) a.set(r, double(r)), b.set(r, 0.5 * double(r));
                ASSERT_TRUE(eval(*k.kernel, {a.column(), b.column()}, {a.column()}, n).ok());
                for (size_t r = 0; r < rows; ++r) ASSERT_EQ(a.get(r), 2.5 * double(r)) << k.engine.name << ' ' << n;
                ASSERT_TRUE(a.intact());
            }
        }
    }
}

TEST(ColumnLayouts, SwapInPlace) {
    const Kernels kernels("x = b\ny = a", {{"a", Storage::F64}, {"b", Storage::F64}});
    for (const auto& k : kernels) {
        for (const int64_t stride : {int64_t{8}, int64_t{16}}) {
            for (const int64_t n : kLengths) {
                const auto rows = static_cast<size_t>(n);
                Placed<double> a(rows, stride), b(rows, 8);
                for (size_t r = 0; r < rows; ++r) a.set(r, double(r)), b.set(r, -double(r));
                ASSERT_TRUE(eval(*k.kernel, {a.column(), b.column()}, {a.column(), b.column()}, n).ok());
                for (size_t r = 0; r < rows; ++r) {
                    ASSERT_EQ(a.get(r), -double(r)) << k.engine.name << ' ' << n;
                    ASSERT_EQ(b.get(r), double(r)) << k.engine.name << ' ' << n;
                }
            }
        }
    }
}

TEST(ColumnLayouts, UniformOutputsMayBeOneElement) {
    const Kernels kernels("u = a * 2; v = a + b", {{"a", Storage::F64}, {"b", Storage::F64}});
    for (const auto& k : kernels) {
        for (const int64_t n : {int64_t{1}, int64_t{5}, int64_t{3000}}) {
            double two = 2, u = 0;
            std::vector<double> b(static_cast<size_t>(n), 1), v(b.size());
            const Column single{&two, 0, Storage::F64, nullptr, 0}, bs{b.data(), 8, Storage::F64, nullptr, 0};
            const Column us{&u, 0, Storage::F64, nullptr, 0}, vs{v.data(), 8, Storage::F64, nullptr, 0};
            ASSERT_TRUE(eval(*k.kernel, {single, bs}, {us, vs}, n).ok()) << k.engine.name;
            EXPECT_EQ(u, 4);
            EXPECT_EQ(v, std::vector<double>(b.size(), 3));
            std::vector<double> all(b.size());
            const Column many{all.data(), 8, Storage::F64, nullptr, 0};
            ASSERT_TRUE(eval(*k.kernel, {single, bs}, {many, vs}, n).ok());
            EXPECT_EQ(all, std::vector<double>(b.size(), 4)) << "the same with an element per row";
            if (n > 1) {
                EXPECT_FALSE(eval(*k.kernel, {bs, single}, {us, vs}, n).ok()) << "here u differs from row to row";
            }
        }
    }
}

TEST(ColumnLayouts, ThreadsAndStreamingDoNotShow) {
    const Kernels kernels("sqrt(a) * b - a / (b + 1)", {{"a", Storage::F64}, {"b", Storage::F64}});
    const int64_t n = 16 * 1024 * 5 + 77;
    std::vector<double> a(static_cast<size_t>(n)), b(a.size()), expected(a.size());
    for (size_t r = 0; r < a.size(); ++r) {
        a[r] = double(r) * 0.37, b[r] = double(r % 1000);
        expected[r] = std::sqrt(a[r]) * b[r] - a[r] / (b[r] + 1);
    }
    for (const auto& k : kernels) {
        for (int threads = 1; threads <= 8; ++threads) {
            for (const int64_t streaming : {int64_t{0}, INT64_MAX}) {
                for (const size_t shift : {size_t{0}, size_t{1}, size_t{5}}) {
                    if (threads > 2 && shift != 1) continue;
                    MixingExecutor executor(threads);
                    ColumnRun run(nullptr, &executor);
                    run.streaming_bytes = streaming;
                    std::vector<double> out(a.size() + 16, -1);
                    const Column as{a.data(), 8, Storage::F64, nullptr, 0}, bs{b.data(), 8, Storage::F64, nullptr, 0};
                    const Column os{out.data() + shift, 8, Storage::F64, nullptr, 0};
                    ASSERT_TRUE(eval(*k.kernel, {as, bs}, {os}, n, run).ok());
                    EXPECT_EQ(executor.tasks_run() > 1, threads > 1);
                    for (size_t r = 0; r < a.size(); ++r)
                        ASSERT_EQ(out[r + shift], expected[r]) << k.engine.name << " row " << r << " of " << threads;
                    for (size_t r = 0; r < shift; ++r) ASSERT_EQ(out[r], -1);
                    for (size_t r = a.size() + shift; r < out.size(); ++r) ASSERT_EQ(out[r], -1);
                }
            }
        }
    }
}

TEST(ColumnLayouts, StreamedOutputsOfSeveralKinds) {
    const Kernels kernels("s = a + b; d = a - b; f = a > b; w = f64(a)", {{"a", Storage::F32}, {"b", Storage::F32}});
    for (const auto& k : kernels) {
        for (const int64_t n : {int64_t{1024}, int64_t{4099}, int64_t{40'001}}) {
            const auto rows = static_cast<size_t>(n);
            Placed<float> a(rows, 4), b(rows, 4), s(rows, 4, 4), d(rows, 4, 20);
            Placed<bool> f(rows, 1, 1);
            Placed<double> w(rows, 8, 4);
            for (size_t r = 0; r < rows; ++r) a.set(r, float(r % 77)), b.set(r, float(r % 50));
            ColumnRun run;
            run.streaming_bytes = 0;
            const auto done =
                eval(*k.kernel, {a.column(), b.column()}, {s.column(), d.column(), f.column(), w.column()}, n, run);
            ASSERT_TRUE(done.ok()) << why(done);
            for (size_t r = 0; r < rows; ++r) {
                ASSERT_EQ(s.get(r), float(r % 77) + float(r % 50)) << k.engine.name << ' ' << r;
                ASSERT_EQ(d.get(r), float(r % 77) - float(r % 50));
                ASSERT_EQ(f.get(r), r % 77 > r % 50);
                ASSERT_EQ(w.get(r), double(r % 77));
            }
            ASSERT_TRUE(s.intact() && d.intact() && f.intact() && w.intact());
        }
    }
}

}  // namespace
}  // namespace exprjit::columns
