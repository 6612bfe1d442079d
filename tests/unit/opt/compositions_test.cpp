// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The functions composed of others, judged by MPFR against the figure in their row of the table.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "mpfr_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

#if EXPRJIT_HAVE_MPFR

using Judge = std::function<void(mpfr_ptr, mpfr_srcptr)>;

struct Range {
    double from, to;
};

void check(Op op, const Judge& judge, std::initializer_list<Range> ranges, std::initializer_list<Range> narrow_ranges) {
    std::mt19937_64 random(99);
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        const OpRunner runner(op, s);
        double worst = 0;
        const auto at = [&](double d) {
            const Slot x = float_bits(s, d);
            const double got = float_of(s, runner(x));
            Exact exact(float_of(s, x));
            judge(exact, exact);
            const double error = ulp_error(s, got, exact);
            ASSERT_LE(error, info(op).ulp.of(s, false)) << runner.describe(&x) << got;
            worst = std::max(worst, error);
        };
        for (const Range& r : s == Scalar::F32 ? narrow_ranges : ranges) {
            std::uniform_real_distribution<double> inside(r.from, r.to);
            for (int i = 0; i < 3000; ++i) at(inside(random));
            for (int e = -140; e < 0; ++e) {  // towards zero, where the range reaches it
                if (r.from <= 0) at(r.from < 0 ? -std::ldexp(1.3, e) : std::ldexp(1.7, e));
                if (r.to >= 0 && r.from <= 0) at(std::ldexp(1.1, e));
            }
        }
        std::printf("%s: worst %.3f ULP in %s, %.1f allowed\n", info(op).text, worst, std::string(name_of(s)).c_str(),
                    static_cast<double>(info(op).ulp.of(s, false)));
    }
}

TEST(Compositions, Rsqrt) {
    check(Op::Rsqrt, [](mpfr_ptr r, mpfr_srcptr x) { mpfr_rec_sqrt(r, x, MPFR_RNDN); }, {{0, 10}, {0, 1e300}},
          {{0, 10}, {0, 1e38}});
}
TEST(Compositions, CotSecCsc) {
    const std::initializer_list<Range> ranges = {{-10, 10}, {-1000, 1000}, {-1e15, 1e15}},
                                       narrow = {{-10, 10}, {-1000, 1000}, {-1e6, 1e6}};
    check(
        Op::Cot, [](mpfr_ptr r, mpfr_srcptr x) { mpfr_cot(r, x, MPFR_RNDN); }, ranges, narrow);
    check(
        Op::Sec, [](mpfr_ptr r, mpfr_srcptr x) { mpfr_sec(r, x, MPFR_RNDN); }, ranges, narrow);
    check(
        Op::Csc, [](mpfr_ptr r, mpfr_srcptr x) { mpfr_csc(r, x, MPFR_RNDN); }, ranges, narrow);
}
TEST(Compositions, Sinc) {
    check(Op::Sinc,
          [](mpfr_ptr r, mpfr_srcptr x) {
              if (mpfr_zero_p(x)) {
                  mpfr_set_ui(r, 1, MPFR_RNDN);
                  return;
              }
              Exact pi_x, sine;
              mpfr_const_pi(pi_x, MPFR_RNDN);
              mpfr_mul(pi_x, pi_x, x, MPFR_RNDN);
              if (mpfr_integer_p(x))
                  mpfr_set_zero(sine, 1);
              else
                  mpfr_sin(sine, pi_x, MPFR_RNDN);
              mpfr_div(r, sine, pi_x, MPFR_RNDN);
          },
          {{-1, 1}, {-20, 20}, {-1e6, 1e6}, {0.999999, 1.000001}}, {{-1, 1}, {-20, 20}, {-1e4, 1e4}, {0.999, 1.001}});
}
TEST(Compositions, Angles) {
    const auto scaled = [](bool to_degrees) {
        return [to_degrees](mpfr_ptr r, mpfr_srcptr x) {
            Exact factor;
            mpfr_const_pi(factor, MPFR_RNDN);
            mpfr_div_ui(factor, factor, 180, MPFR_RNDN);
            if (to_degrees)
                mpfr_div(r, x, factor, MPFR_RNDN);
            else
                mpfr_mul(r, x, factor, MPFR_RNDN);
        };
    };
    check(Op::Deg2rad, scaled(false), {{-360, 360}, {-1e300, 1e300}}, {{-360, 360}, {-1e38, 1e38}});
    check(Op::Rad2deg, scaled(true), {{-7, 7}, {-1e308, 1e308}}, {{-7, 7}, {-3e38, 3e38}});
}
// e^x and 1 + e^x in r and the scratch number.
void exp_and_one_more(mpfr_ptr e, mpfr_ptr more, mpfr_srcptr x) {
    mpfr_exp(e, x, MPFR_RNDN);
    mpfr_add_ui(more, e, 1, MPFR_RNDN);
}
TEST(Compositions, SigmoidAndSilu) {
    const std::initializer_list<Range> ranges = {{-5, 5}, {-40, 40}, {-750, 750}, {-746, -700}};
    const std::initializer_list<Range> narrow = {{-5, 5}, {-20, 20}, {-110, 110}, {-105, -80}};
    check(
        Op::Sigmoid,
        [](mpfr_ptr r, mpfr_srcptr x) {
            Exact e, more;
            exp_and_one_more(e, more, x);
            mpfr_div(r, e, more, MPFR_RNDN);
        },
        ranges, narrow);
    check(
        Op::Silu,
        [](mpfr_ptr r, mpfr_srcptr x) {
            Exact e, more;
            exp_and_one_more(e, more, x);
            mpfr_mul(e, e, x, MPFR_RNDN);
            mpfr_div(r, e, more, MPFR_RNDN);
        },
        ranges, narrow);
}
TEST(Compositions, Softplus) {
    check(Op::Softplus,
          [](mpfr_ptr r, mpfr_srcptr x) {
              Exact e;
              mpfr_exp(e, x, MPFR_RNDN);
              mpfr_log1p(r, e, MPFR_RNDN);
          },
          {{-5, 5}, {-40, 40}, {-745, 1000}}, {{-5, 5}, {-20, 20}, {-103, 200}});
}
TEST(Compositions, Logn) {
    std::mt19937_64 random(5);
    std::uniform_real_distribution<double> exponent(-300, 300), narrow_exponent(-37, 37);
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        const OpRunner logn(Op::Logn, s);
        for (int i = 0; i < 5000; ++i) {
            auto& pick = s == Scalar::F32 ? narrow_exponent : exponent;
            const Slot args[2] = {float_bits(s, std::pow(10, pick(random))), float_bits(s, std::pow(10, pick(random)))};
            Exact x(float_of(s, args[0])), base(float_of(s, args[1]));
            mpfr_log(x, x, MPFR_RNDN);
            mpfr_log(base, base, MPFR_RNDN);
            mpfr_div(x, x, base, MPFR_RNDN);
            ASSERT_LE(ulp_error(s, float_of(s, logn(args[0], args[1])), x), info(Op::Logn).ulp.of(s, false))
                << logn.describe(args);
        }
    }
}

#else
TEST(Compositions, WithinTheFigureOfTheirRow) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif  // EXPRJIT_HAVE_MPFR

TEST(Compositions, SpecialValues) {
    const auto at = [](Op op, double x) {
        const OpRunner runner(op, Scalar::F64);
        const Slot bits = float_bits(Scalar::F64, x);
        EXPECT_TRUE(same_value(Scalar::F64, runner(bits), runner.folded(bits)));
        return float_of(Scalar::F64, runner(bits));
    };
    const double inf = INFINITY;
    EXPECT_EQ(at(Op::Sinc, 0), 1.0);
    EXPECT_EQ(at(Op::Sinc, 0.5), 2 / 3.14159265358979323846);
    EXPECT_EQ(at(Op::Sinc, 3), 0.0);
    EXPECT_EQ(at(Op::Sigmoid, 0), 0.5);
    EXPECT_EQ(at(Op::Sigmoid, inf), 1.0);
    EXPECT_EQ(at(Op::Sigmoid, -inf), 0.0);
    EXPECT_EQ(at(Op::Softplus, inf), inf);
    EXPECT_EQ(at(Op::Softplus, -inf), 0.0);
    EXPECT_EQ(at(Op::Silu, inf), inf);
    EXPECT_EQ(at(Op::Silu, -inf), 0.0);
    EXPECT_EQ(at(Op::Gelu, inf), inf);
    EXPECT_EQ(at(Op::Gelu, -inf), 0.0);
    EXPECT_EQ(at(Op::Relu, -3), 0.0);
    EXPECT_FALSE(std::signbit(at(Op::Relu, -0.0)));
    EXPECT_EQ(at(Op::Rsqrt, 4), 0.5);
    EXPECT_EQ(at(Op::Rsqrt, 0), inf);
    EXPECT_EQ(at(Op::Rsqrt, inf), 0.0);
    for (const Op op :
         {Op::Sinc, Op::Sigmoid, Op::Softplus, Op::Silu, Op::Gelu, Op::Relu, Op::Rsqrt, Op::Cot, Op::Sec, Op::Csc})
        EXPECT_TRUE(std::isnan(at(op, NAN))) << info(op).text;
}

}  // namespace
}  // namespace exprjit::opt_test
