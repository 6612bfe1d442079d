// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The first evaluation over columns takes over what the compile just before it left on the same thread, and nothing else.
#include "columns_fixture.h"

namespace exprjit::columns {

namespace {

class Reuse : public ::testing::Test {
  protected:
    ~Reuse() override {
        for (Kernel* k : kernels_) k->release();
        engine_->close();
    }
    Kernel& compile(const std::string& text) {
        CompileRequest r;
        r.text = text;
        kernels_.push_back(*engine_->compile(r));
        return *kernels_.back();
    }
    // Over two rows, 3 and 5.
    static double second_row(const Kernel& k, Storage input = Storage::F64) {
        double x[2] = {3, 5}, out[2] = {};
        float narrow[2] = {3, 5};
        const bool is_wide = input == Storage::F64;
        const Column in{is_wide ? static_cast<void*>(x) : narrow, is_wide ? 8 : 4, input, nullptr, 0};
        const Column result{out, 8, Storage::F64, nullptr, 0};
        EXPECT_TRUE(eval_columns(k, ColumnRun(), {&in, 1}, {&result, 1}, 2).ok());
        return out[1];
    }

    Ref<Engine> engine_ = Engine::create({});
    std::vector<Kernel*> kernels_;
};

TEST_F(Reuse, RightAfterTheCompile) { EXPECT_EQ(second_row(compile("x * 2 + 1")), 11); }

TEST_F(Reuse, AnotherKernelWasCompiledInBetween) {
    Kernel &a = compile("x * 2 + 1"), &b = compile("x * x");
    EXPECT_EQ(second_row(a), 11);
    EXPECT_EQ(second_row(b), 25);
}

TEST_F(Reuse, SomethingElseWasReadInBetween) {
    Kernel& a = compile("x * 2 + 1");
    CompileRequest r;
    r.text = "sqrt(y) - 7 * y";
    EXPECT_TRUE(engine_->check(r).ok());
    EXPECT_EQ(second_row(a), 11);
    Kernel& b = compile("x * 3");
    r.text = "sqrt(";
    EXPECT_FALSE(engine_->compile(r));
    EXPECT_EQ(second_row(b), 15);
    EXPECT_EQ(second_row(compile("x*2 + 1")), 11);  // the same program in another text: found, not made
}

TEST_F(Reuse, AnotherLayoutFirst) {
    Kernel& a = compile("x * 2 + 1");
    EXPECT_EQ(second_row(a, Storage::F32), 11);
    EXPECT_EQ(second_row(a), 11);
}

TEST_F(Reuse, OnAnotherThread) {
    Kernel& a = compile("x * 2 + 1");
    double there = 0;
    std::thread([&] {
        compile("x - 1");
        there = second_row(a);
    }).join();
    EXPECT_EQ(there, 11);
    EXPECT_EQ(second_row(a), 11);
}

}  // namespace

}  // namespace exprjit::columns
