// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/reducer.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "runtime/engine.h"
#include "runtime/executor.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

struct Level {
    Isa isa;
    TierChoice tier;
};

class Reducing : public testing::TestWithParam<Level> {
  protected:
    ~Reducing() override {
        for (Kernel* k : kernels_) k->release();
        engine_->close();
    }
    Kernel& compile(const char* text, std::vector<TextParam> params = {}) {
        CompileRequest r;
        r.text = text;
        r.params = params;
        r.isa = GetParam().isa;
        r.tier = GetParam().tier;
        auto made = engine_->compile(r);
        EXPECT_TRUE(made.ok()) << text << ": " << made.error().diagnostics.front().message;
        kernels_.push_back(*made);
        return **made;
    }
    Ref<Engine> engine_ = Engine::create({});
    std::vector<Kernel*> kernels_;
};

// Random batches, with random strides and bitmaps, of a stream whose whole is known.
TEST_P(Reducing, RandomBatchesGiveTheBitsOfTheWhole) {
    Kernel& k =
        compile("a = sum(x * y)\nb = prod(1 + x * 1e-6)\nc = min(x)\nd = argmin(y)\ne = std(x)\nf = count(x > 0)",
                {{"x", Storage::F32}, {"y", Storage::I32}});
    std::mt19937 random(5);
    const int64_t rows = 40000;
    std::vector<float> x(2 * rows);
    std::vector<int32_t> y(rows);
    std::vector<uint8_t> bits(rows / 8 + 2);
    for (float& v : x) v = float(int(random() % 20001) - 10000) / 3;
    for (int32_t& v : y) v = int32_t(random() % 1000);
    for (uint8_t& b : bits) b = uint8_t(random() | random());
    for (const bool nulls : {false, true}) {
        const Column whole[] = {{x.data(), 8, Storage::F32, nulls ? bits.data() : nullptr, nulls ? 3 : 0},
                                {y.data(), 4, Storage::I32}};
        const size_t outputs = k.code().result_count();
        std::vector<uint64_t> wanted(outputs), got(outputs);
        std::vector<Column> out;
        for (size_t i = 0; i < outputs; ++i) out.push_back({&wanted[i], 8, storage_of(k.code().result_type(i))});
        auto evaluated = eval_columns(k, {}, whole, out, rows);
        ASSERT_TRUE(evaluated.ok()) << evaluated.error().diagnostics.front().message;
        for (int round = 0; round < 10; ++round) {
            auto made = Reducer::create(k);
            ASSERT_TRUE(made.ok()) << made.error().diagnostics.front().message;
            Reducer& r = **made;
            PoolExecutor pool(3);
            for (int64_t at = 0; at < rows;) {
                const int64_t most = round % 3 == 0 ? 20000 : round % 3 == 1 ? 5000 : 300;
                const int64_t n = std::min<int64_t>(rows - at, static_cast<int64_t>(random()) % most);
                const Column part[] = {slice(whole[0], at), slice(whole[1], at)};
                ASSERT_TRUE(r.feed(ColumnRun(nullptr, round % 2 == 0 ? &pool : nullptr), part, n).ok());
                at += n;
            }
            EXPECT_EQ(r.rows(), rows);
            ASSERT_TRUE(r.finish(got.data()).ok());
            EXPECT_EQ(got, wanted);
        }
    }
}

TEST_P(Reducing, WithoutRowsItIsTheReductionOfNothing) {
    Kernel& k = compile("a = sum(x)\nb = count(x > 0)\nc = prod(x)");
    auto made = Reducer::create(k);
    ASSERT_TRUE(made.ok());
    uint64_t out[3] = {1, 1, 1};
    ASSERT_TRUE((*made)->finish(out).ok());
    EXPECT_EQ(out[0], 0u);
    EXPECT_EQ(out[1], 0u);
    EXPECT_EQ(out[2], 0x3ff0000000000000u);
    const Column none[] = {{nullptr, 8, Storage::F64}};
    EXPECT_TRUE((*made)->feed({}, none, 0).ok());
    ASSERT_TRUE((*made)->finish(out).ok());
    EXPECT_EQ(out[0], 0u);
}

TEST_P(Reducing, WhatIsNoReductionInOnePassIsRefused) {
    for (const char* text : {"x + 1", "sum(x - mean(x))", "a = sum(x)\nb = x"}) {
        auto made = Reducer::create(compile(text));
        ASSERT_FALSE(made.ok()) << text;
        EXPECT_EQ(made.error().status(), Status::Unsupported) << text;
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, Reducing,
                         testing::Values(Level{Isa::None, TierChoice::Interpreter},
                                         Level{Isa::V2, TierChoice::Optimised}, Level{Isa::V3, TierChoice::Optimised},
                                         Level{Isa::None, TierChoice::Optimised},
                                         Level{Isa::None, TierChoice::Baseline}));

}  // namespace
}  // namespace exprjit
