// SPDX-License-Identifier: MIT OR Apache-2.0
//
// sigmoid, silu and softplus: limits, and the figures in their rows.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

TEST(Neural, Limits) {
    constexpr double kInf = INFINITY, kNan = NAN;
    constexpr struct {
        double x, sigmoid, silu, softplus;
    } kCases[] = {{kInf, 1, kInf, kInf},
                  {-kInf, 0.0, -0.0, 0.0},
                  {kNan, kNan, kNan, kNan},
                  {1e30, 1, 1e30, 1e30},
                  {-1e30, 0.0, -0.0, 0.0}};
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner sigmoid(Op::Sigmoid, s), silu(Op::Silu, s), softplus(Op::Softplus, s);
        for (const auto& c : kCases) {
            const Slot x = float_bits(s, c.x);
            EXPECT_TRUE(same_value(s, sigmoid(x), float_bits(s, c.sigmoid))) << sigmoid.describe(&x);
            EXPECT_TRUE(same_value(s, silu(x), float_bits(s, c.silu))) << silu.describe(&x);
            EXPECT_TRUE(same_value(s, softplus(x), float_bits(s, c.softplus))) << softplus.describe(&x);
        }
        for (const double zero : {0.0, -0.0}) {
            const Slot x = float_bits(s, zero);
            EXPECT_EQ(float_of(s, sigmoid(x)), 0.5);
            EXPECT_TRUE(same_value(s, silu(x), x)) << silu.describe(&x);
        }
        for (const OpRunner* f : {&sigmoid, &silu, &softplus}) {
            for (const Slot x : special_values(s)) EXPECT_TRUE(same_value(s, (*f)(x), f->folded(x))) << f->describe(&x);
        }
    }
}

TEST(Neural, Relu) {
    const OpRunner relu(Op::Relu, Scalar::F64), whole(Op::Relu, Scalar::I32);
    const auto of = [&](double x) { return float_of(Scalar::F64, relu(float_bits(Scalar::F64, x))); };
    EXPECT_EQ(of(-3), 0);
    EXPECT_EQ(of(2.5), 2.5);
    EXPECT_FALSE(std::signbit(of(-0.0)));
    EXPECT_TRUE(std::isnan(of(NAN)));
    EXPECT_EQ(int_of(Scalar::I32, whole(int_bits(Scalar::I32, -7))), 0);
}

#if EXPRJIT_HAVE_MPFR

// From `lowest` on the results are not 0.
void judge_from(JudgedFunction& f, double lowest) {
    std::mt19937_64 random(41);
    const bool wide = f.type() == Scalar::F64;
    std::uniform_real_distribution<double> everywhere(lowest, -lowest), usual(-5, 5), near(-1, 1), steps(-45, 45),
        bottom(lowest, 0.93 * lowest), exponent(wide ? -1074 : -149, 0);
    for (int k = 0; k < 1500; ++k) {
        f.judge(everywhere(random));
        f.judge(usual(random));
        f.judge(near(random));
        f.judge(steps(random));
        f.judge(bottom(random));
        f.judge(std::exp2(exponent(random)));
        f.judge(-std::exp2(exponent(random)));
    }
    for (const double edge : {lowest, 708.0, -708.0, 87.0, -87.0, 1e30, -1e30}) f.judge(edge);
}

// 1 / (1 + e^-x) to more bits than count, without an exponential that overflows.
void logistic(mpfr_ptr r, const Exact& x) {
    Exact e, size;
    const bool left = mpfr_signbit(static_cast<mpfr_srcptr>(x)) != 0;
    mpfr_abs(size, x, MPFR_RNDN);
    mpfr_neg(size, size, MPFR_RNDN);
    mpfr_exp(e, size, MPFR_RNDN);
    mpfr_add_ui(r, e, 1, MPFR_RNDN);
    left ? mpfr_div(r, e, r, MPFR_RNDN) : mpfr_ui_div(r, 1, r, MPFR_RNDN);
}

TEST(Neural, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Sigmoid, [](mpfr_ptr r, const Exact& x, const Exact&) { logistic(r, x); },
        [](JudgedFunction& f) { judge_from(f, f.type() == Scalar::F64 ? -746 : -104); });
    for_each_form(
        Op::Silu,
        [](mpfr_ptr r, const Exact& x, const Exact&) {
            logistic(r, x);
            mpfr_mul(r, r, x, MPFR_RNDN);
        },
        [](JudgedFunction& f) { judge_from(f, f.type() == Scalar::F64 ? -752.5 : -109); });
    for_each_form(
        Op::Softplus,
        [](mpfr_ptr r, const Exact& x, const Exact&) {
            Exact e;
            mpfr_abs(e, x, MPFR_RNDN);
            mpfr_neg(e, e, MPFR_RNDN);
            mpfr_exp(e, e, MPFR_RNDN);
            mpfr_log1p(e, e, MPFR_RNDN);
            mpfr_set(r, x, MPFR_RNDN);
            if (mpfr_signbit(r) != 0) mpfr_set_zero(r, 1);
            mpfr_add(r, r, e, MPFR_RNDN);
        },
        [](JudgedFunction& f) { judge_from(f, f.type() == Scalar::F64 ? -746 : -104); });
}

#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
