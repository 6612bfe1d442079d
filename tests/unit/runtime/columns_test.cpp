// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine.h"
#include "runtime/kernel.h"
#include "runtime/row_loop.h"

namespace exprjit {
namespace {

class RuntimeColumns : public testing::TestWithParam<TierChoice> {
  protected:
    ~RuntimeColumns() override {
        for (Kernel* k : kernels_) k->release();
        engine_->close();
    }

    const Kernel& compile(const std::string& text, std::vector<TextParam> params, std::optional<Scalar> result = {}) {
        CompileRequest r;
        r.text = text;
        r.params = params;
        r.tier = GetParam();
        r.result_type = result;
        auto made = engine_->compile(r);
        EXPECT_TRUE(made.ok()) << text << ": " << made.error().diagnostics.front().message;
        kernels_.push_back(*made);
        return **made;
    }

    Ref<Engine> engine_ = Engine::create({});
    std::vector<Kernel*> kernels_;
};

template <class T>
Storage storage_for() {
    if constexpr (std::is_same_v<T, double>)
        return Storage::F64;
    else if constexpr (std::is_same_v<T, float>)
        return Storage::F32;
    else if constexpr (std::is_same_v<T, int64_t>)
        return Storage::I64;
    else if constexpr (std::is_same_v<T, int32_t>)
        return Storage::I32;
    else if constexpr (std::is_same_v<T, int16_t>)
        return Storage::I16;
    else if constexpr (std::is_same_v<T, int8_t>)
        return Storage::I8;
    else if constexpr (std::is_same_v<T, uint32_t>)
        return Storage::U32;
    else if constexpr (std::is_same_v<T, uint16_t>)
        return Storage::U16;
    else
        return Storage::U8;
}

template <class T>
Column column_of(std::vector<T>& v) {
    return {v.data(), sizeof(T), storage_for<T>()};
}

Result<void> eval(const Kernel& k, std::vector<Column> in, std::vector<Column> out, int64_t rows,
                  const volatile int32_t* stop = nullptr) {
    return eval_columns(k, stop, in, out, rows);
}

TEST_P(RuntimeColumns, EvaluatesRowByRow) {
    const Kernel& k = compile("a*b+c", {});
    for (const size_t n : {size_t{0}, size_t{1}, size_t{7}, size_t{1000}}) {
        std::vector<double> a(n), b(n), c(n), out(n, -1);
        for (size_t i = 0; i < n; ++i) a[i] = double(i), b[i] = 0.5 * double(i), c[i] = 3;
        ASSERT_TRUE(eval(k, {column_of(a), column_of(b), column_of(c)}, {column_of(out)}, int64_t(n)).ok());
        for (size_t i = 0; i < n; ++i) EXPECT_EQ(out[i], a[i] * b[i] + c[i]);
    }
}

TEST_P(RuntimeColumns, StridesMayBeNegativeUnalignedOrZero) {
    const Kernel& k = compile("a - b", {});
    std::vector<char> memory(1000);
    const auto put = [&](size_t at, double d) { std::memcpy(memory.data() + at, &d, sizeof d); };
    for (size_t i = 0; i < 10; ++i) put(1 + i * 11, double(i));  // never aligned
    const double one = 0.25;
    std::vector<double> out(20, -1);
    const Column a{memory.data() + 1 + 9 * 11, -11, Storage::F64};
    const Column b{const_cast<double*>(&one), 0, Storage::F64};
    const Column o{out.data() + 18, -16, Storage::F64};
    ASSERT_TRUE(eval(k, {a, b}, {o}, 10).ok());
    for (size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(out[18 - 2 * i], double(9 - i) - 0.25);
        EXPECT_EQ(out[19 - 2 * i], -1) << "what lies between is left alone";
    }
}

template <class T>
void check_widening(const Kernel& k, std::vector<T> values) {
    std::vector<double> out(values.size());
    const Column in = column_of(values);
    ASSERT_TRUE(eval(k, {in}, {column_of(out)}, int64_t(values.size())).ok()) << name_of(in.dtype);
    for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(out[i], double(values[i]) * 2) << name_of(in.dtype);
    for (size_t i = 0; i < values.size(); ++i) {  // the same as one value for all rows
        const Column uniform{&values[i], 0, in.dtype};
        std::vector<double> all(3);
        ASSERT_TRUE(eval(k, {uniform}, {column_of(all)}, 3).ok());
        EXPECT_EQ(all, std::vector<double>(3, double(values[i]) * 2)) << name_of(in.dtype);
    }
}

TEST_P(RuntimeColumns, EveryDtypeWidensToTheParameter) {
    const Kernel& k = compile("x * 2", {{"x", Storage::F64}});
    check_widening<double>(k, {0.1, -5, 1e300});
    check_widening<float>(k, {0.1f, -5});
    check_widening<int64_t>(k, {-3, int64_t{1} << 60});
    check_widening<int32_t>(k, {-3, INT32_MIN});
    check_widening<int16_t>(k, {-3, 32767});
    check_widening<int8_t>(k, {-128, 127});
    check_widening<uint32_t>(k, {0, 4294967295u});
    check_widening<uint16_t>(k, {0, 65535});
    check_widening<uint8_t>(k, {0, 255});
}

TEST_P(RuntimeColumns, BoolsAndHalves) {
    const Kernel& flag = compile("not b", {{"b", Storage::Bool}});
    std::vector<uint8_t> in = {0, 1, 2, 255}, out(4, 9);
    const Column bools{in.data(), 1, Storage::Bool}, result{out.data(), 1, Storage::Bool};
    ASSERT_TRUE(eval(flag, {bools}, {result}, 4).ok());
    EXPECT_EQ(out, (std::vector<uint8_t>{1, 0, 0, 0})) << "any byte but 0 is true";

    const Kernel& half = compile("h + 0.0", {{"h", Storage::F16}});
    std::vector<uint16_t> halves = {0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x7e00};
    std::vector<float> floats(halves.size());
    const Column h{halves.data(), 2, Storage::F16};
    ASSERT_TRUE(eval(half, {h}, {column_of(floats)}, int64_t(halves.size())).ok());
    const float expected[] = {1, -2, 0x1p-24f, 0x1.ff8p-15f, 0x1p-14f, 65504, INFINITY, -INFINITY, 0};
    for (size_t i = 0; i + 1 < halves.size(); ++i) EXPECT_EQ(floats[i], expected[i]) << i;
    EXPECT_TRUE(std::isnan(floats.back()));
    for (size_t i = 0; i < halves.size(); ++i) {
        const auto direct = std::bit_cast<float>(half_to_float_bits(halves[i])) + 0.0f;
        EXPECT_TRUE(std::isnan(direct) || direct == floats[i]) << i;
    }
}

TEST_P(RuntimeColumns, OutputsConvertAndThereMayBeSeveral) {
    const Kernel& k = compile("s = a + b\nd = a - b", {{"a", Storage::I32}, {"b", Storage::I32}});
    ASSERT_EQ(k.code().result_count(), 2u);
    std::vector<int32_t> a = {5, INT32_MAX}, b = {7, 1};
    std::vector<int64_t> s(2);
    std::vector<double> d(2);
    ASSERT_TRUE(eval(k, {column_of(a), column_of(b)}, {column_of(s), column_of(d)}, 2).ok());
    EXPECT_EQ(s, (std::vector<int64_t>{12, INT32_MIN}));
    EXPECT_EQ(d, (std::vector<double>{-2, INT32_MAX - 1.0}));
}

TEST_P(RuntimeColumns, InPlaceIsAllowedAndPartialOverlapRefused) {
    const Kernel& k = compile("a*2", {});
    std::vector<double> v = {1, 2, 3, 4};
    ASSERT_TRUE(eval(k, {column_of(v)}, {column_of(v)}, 4).ok());
    EXPECT_EQ(v, (std::vector<double>{2, 4, 6, 8}));
    const Column shifted{v.data() + 1, 8, Storage::F64};
    auto done = eval(k, {column_of(v)}, {shifted}, 3);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().status(), Status::InvalidArgument);
    const Column backwards{v.data() + 3, -8, Storage::F64};
    EXPECT_FALSE(eval(k, {column_of(v)}, {backwards}, 4).ok());
    const Column self{v.data(), 0, Storage::F64};
    EXPECT_FALSE(eval(k, {column_of(v)}, {self}, 4).ok()) << "an output needs room for every row";
    EXPECT_EQ(v, (std::vector<double>{2, 4, 6, 8})) << "nothing ran";

    const Kernel& two = compile("x = a\ny = a + 1", {});
    std::vector<double> out(4);
    EXPECT_FALSE(eval(two, {column_of(v)}, {column_of(out), column_of(out)}, 4).ok());
    std::vector<double> records(8);
    const Column x{records.data(), 16, Storage::F64}, y{records.data() + 1, 16, Storage::F64};
    ASSERT_TRUE(eval(two, {column_of(v)}, {x, y}, 4).ok());
    EXPECT_EQ(records, (std::vector<double>{2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_P(RuntimeColumns, TheLowestFailingRowIsReported) {
    const Kernel& k = compile("a // b", {{"a", Storage::I64}, {"b", Storage::I64}});
    std::vector<int64_t> a(100, 9), b(100, 2), out(100);
    b[71] = 0, b[37] = 0;
    auto done = eval(k, {column_of(a), column_of(b)}, {column_of(out)}, 100);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().status(), Status::DivideByZero);
    EXPECT_EQ(done.error().row, 37);
    b[37] = b[71] = -2;
    ASSERT_TRUE(eval(k, {column_of(a), column_of(b)}, {column_of(out)}, 100).ok());
    EXPECT_EQ(out[37], -5);
}

TEST_P(RuntimeColumns, WrongColumnsAreExplained) {
    const Kernel& k = compile("a + b", {{"a", Storage::I32}, {"b", Storage::I32}});
    std::vector<int32_t> i(4);
    std::vector<double> f(4);
    std::vector<float> g(4);
    const auto status = [&](std::vector<Column> in, std::vector<Column> out) {
        const auto done = eval(k, in, out, 4);
        return done.ok() ? Status::Ok : done.error().status();
    };
    std::vector<int32_t> o(4);
    EXPECT_EQ(status({column_of(i)}, {column_of(o)}), Status::InvalidArgument);
    EXPECT_EQ(status({column_of(i), column_of(i)}, {}), Status::InvalidArgument);
    EXPECT_EQ(status({column_of(i), column_of(f)}, {column_of(o)}), Status::Type);
    EXPECT_EQ(status({column_of(i), column_of(i)}, {column_of(g)}), Status::Type) << "i32 to f32 can lose";
    EXPECT_EQ(status({column_of(i), column_of(i)}, {{o.data(), 2, Storage::I16}}), Status::Type);
    EXPECT_EQ(status({column_of(i), {nullptr, 4, Storage::I32}}, {column_of(o)}), Status::InvalidArgument);
    EXPECT_EQ(status({column_of(i), {i.data(), INT64_MAX, Storage::I32}}, {column_of(o)}), Status::InvalidArgument);
    EXPECT_TRUE(
        eval(k, {{nullptr, 4, Storage::I32}, {nullptr, 0, Storage::I32}}, {{nullptr, 4, Storage::I32}}, 0).ok());
    EXPECT_EQ(status({column_of(i), column_of(i)}, {column_of(o)}), Status::Ok);
}

TEST_P(RuntimeColumns, TheStopWordEndsALongRun) {
    const Kernel& k = compile("sqrt(a) + exp(a)", {});
    double in = 2;
    std::vector<double> out(200'000);
    const volatile int32_t stop = 1;
    // Polled on back edges, in chunks: a run as long as this one sees it before it is over.
    const auto done = eval(k, {{&in, 0, Storage::F64}}, {column_of(out)}, int64_t(out.size()), &stop);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().status(), Status::Cancelled);
}

TEST_P(RuntimeColumns, ManyColumnsGoOnTheStack) {
    std::string text = "0";
    std::vector<TextParam> params;
    std::vector<std::string> names;
    for (int i = 0; i < 30; ++i) names.push_back("p" + std::to_string(i));
    for (int i = 0; i < 30; ++i) {
        params.push_back({names[size_t(i)], i % 2 == 0 ? Storage::F64 : Storage::I64});
        text += " + " + names[size_t(i)] + " * " + std::to_string(i + 1);
    }
    const Kernel& k = compile(text, params);
    std::vector<std::vector<double>> f(30, std::vector<double>(5));
    std::vector<std::vector<int64_t>> n(30, std::vector<int64_t>(5));
    std::vector<Column> in;
    std::vector<double> out(5), expected(5);
    for (size_t i = 0; i < 30; ++i) {
        for (size_t r = 0; r < 5; ++r) {
            f[i][r] = double(r + i), n[i][r] = int64_t(r * i);
            expected[r] += double(i + 1) * (i % 2 == 0 ? f[i][r] : double(n[i][r]));
        }
        in.push_back(i % 2 == 0 ? column_of(f[i]) : column_of(n[i]));
        if (i % 7 == 3) in.back().stride = 0;  // some of them uniform
    }
    for (size_t r = 0; r < 5; ++r) {
        for (size_t i = 3; i < 30; i += 7) {
            const double here = i % 2 == 0 ? f[i][r] : double(n[i][r]), first = i % 2 == 0 ? f[i][0] : double(n[i][0]);
            expected[r] += double(i + 1) * (first - here);
        }
    }
    ASSERT_TRUE(eval(k, in, {column_of(out)}, 5).ok());
    EXPECT_EQ(out, expected);
}

TEST_P(RuntimeColumns, LayoutsAreCompiledOnceAndCounted) {
    const Kernel& k = compile("a*b", {});
    std::vector<double> a(4, 2), b(4, 3), out(4);
    const uint64_t before = engine_->stats().compiles;
    const uint64_t bytes = engine_->stats().cache.bytes;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(eval(k, {column_of(a), column_of(b)}, {column_of(out)}, 4).ok());
    EXPECT_EQ(engine_->stats().compiles, before + 1);
    EXPECT_GT(engine_->stats().cache.bytes, bytes);
    EXPECT_EQ(k.code().column_count, 1u);
}

TEST_P(RuntimeColumns, ThreadsShareALayout) {
    const Kernel& k = compile("a*a+1", {});
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            std::vector<double> a(100, 3), out(100);
            for (int i = 0; i < 20; ++i) {
                if (!eval(k, {column_of(a)}, {column_of(out)}, 100).ok() || out != std::vector<double>(100, 10))
                    ++wrong;
            }
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(k.code().column_count, 1u);
}

TEST_P(RuntimeColumns, MoreLayoutsThanAreKeptStillWork) {
    const Kernel& k = compile("a + b + c", {{"a", Storage::F64}, {"b", Storage::F64}, {"c", Storage::F64}});
    const Storage all[] = {Storage::Bool, Storage::I32, Storage::I64, Storage::F32, Storage::F64, Storage::I8};
    std::vector<double> out(2);
    char zeros[64] = {};
    for (const Storage x : all) {
        for (const Storage y : all) {
            for (const Storage z : all) {
                const auto column = [&](Storage s) { return Column{zeros, int64_t(byte_size(s)), s}; };
                out = {1, 1};
                ASSERT_TRUE(eval(k, {column(x), column(y), column(z)}, {column_of(out)}, 2).ok());
                ASSERT_EQ(out, (std::vector<double>{0, 0}));
            }
        }
    }
    EXPECT_LE(k.code().column_count, 64u);
}

INSTANTIATE_TEST_SUITE_P(Tiers, RuntimeColumns,
                         testing::Values(TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised),
                         [](const auto& info) {
                             return info.param == TierChoice::Interpreter ? "Interpreter"
                                    : info.param == TierChoice::Baseline  ? "Baseline"
                                                                          : "Optimised";
                         });

}  // namespace
}  // namespace exprjit
