// SPDX-License-Identifier: MIT OR Apache-2.0
//
// sinh, cosh and tanh: special values, symmetry, the edges of the range, and the figures in their rows.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;
const std::initializer_list<Op> kHyperbolics = {Op::Sinh, Op::Cosh, Op::Tanh};

double at(const OpRunner& f, Scalar s, double x) { return float_of(s, f(float_bits(s, x))); }

// C99, F.9.2.
TEST(Hyperbolic, SpecialValuesOfAnnexF) {
    constexpr struct {
        double x, sinh, cosh, tanh;
    } kCases[] = {{0.0, 0.0, 1, 0.0},
                  {-0.0, -0.0, 1, -0.0},
                  {kInf, kInf, kInf, 1},
                  {-kInf, -kInf, kInf, -1},
                  {kNan, kNan, kNan, kNan}};
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner sinh(Op::Sinh, s), cosh(Op::Cosh, s), tanh(Op::Tanh, s);
        for (const auto& c : kCases) {
            const Slot x = float_bits(s, c.x);
            EXPECT_TRUE(same_value(s, sinh(x), float_bits(s, c.sinh))) << sinh.describe(&x);
            EXPECT_TRUE(same_value(s, cosh(x), float_bits(s, c.cosh))) << cosh.describe(&x);
            EXPECT_TRUE(same_value(s, tanh(x), float_bits(s, c.tanh))) << tanh.describe(&x);
        }
    }
}

TEST(Hyperbolic, AllWaysAgree) {
    for (const Op op : kHyperbolics) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) EXPECT_TRUE(same_value(s, f(x), f.folded(x))) << f.describe(&x);
        }
    }
}

TEST(Hyperbolic, EvenAndOdd) {
    std::mt19937_64 random(31);
    std::uniform_real_distribution<double> any(0, 100), small(0, 1e-3);
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner sinh(Op::Sinh, s), cosh(Op::Cosh, s), tanh(Op::Tanh, s);
        for (int k = 0; k < 300; ++k) {
            const double x = k % 2 == 0 ? any(random) : small(random);
            EXPECT_EQ(at(sinh, s, -x), -at(sinh, s, x));
            EXPECT_EQ(at(cosh, s, -x), at(cosh, s, x));
            EXPECT_EQ(at(tanh, s, -x), -at(tanh, s, x));
        }
    }
}

TEST(Hyperbolic, EndsWhereTheRangeEnds) {
    const OpRunner sinh(Op::Sinh, Scalar::F64), cosh(Op::Cosh, Scalar::F64);
    const OpRunner narrow_sinh(Op::Sinh, Scalar::F32), narrow_cosh(Op::Cosh, Scalar::F32);
    const double last = 0x1.633ce8fb9f87dp9, narrow_last = 0x1.65a9f8p6;  // the results are finite as far as that
    for (const OpRunner* f : {&sinh, &cosh}) {
        EXPECT_TRUE(std::isfinite(at(*f, Scalar::F64, last)));
        EXPECT_EQ(at(*f, Scalar::F64, std::nextafter(last, kInf)), kInf);
        EXPECT_EQ(at(*f, Scalar::F64, 1e300), kInf);
    }
    for (const OpRunner* f : {&narrow_sinh, &narrow_cosh}) {
        EXPECT_TRUE(std::isfinite(at(*f, Scalar::F32, narrow_last)));
        EXPECT_EQ(at(*f, Scalar::F32, std::nextafterf(static_cast<float>(narrow_last), INFINITY)), kInf);
        EXPECT_EQ(at(*f, Scalar::F32, 1e30), kInf);
    }
    EXPECT_EQ(at(sinh, Scalar::F64, 5e-324), 5e-324);
    EXPECT_EQ(at(OpRunner(Op::Tanh, Scalar::F64), Scalar::F64, 5e-324), 5e-324);
}

TEST(Hyperbolic, TanhNeverLeavesItsRangeNorFalls) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner tanh(Op::Tanh, s);
        const double unit = s == Scalar::F64 ? 0x1p-52 : 0x1p-23;
        double before = -1;
        for (double x = -25; x <= 25; x += 0.0625) {
            const double y = at(tanh, s, x);
            EXPECT_LE(std::fabs(y), 1);
            EXPECT_GE(y, before);
            before = y;
        }
        for (const double edge : {0.17328679513998632, 8.0, 10.0, 18.0, 20.0}) {  // k changes; other formulas begin
            before = -1;
            for (int k = -20; k < 20; ++k) {
                const double y = at(tanh, s, edge + k * unit * edge);
                EXPECT_GE(y, before - y * unit) << edge;
                before = y;
            }
        }
    }
}

#if EXPRJIT_HAVE_MPFR

// Beyond `end` the results say nothing new.
void judge_to(JudgedFunction& f, double end) {
    std::mt19937_64 random(32);
    const bool wide = f.type() == Scalar::F64;
    std::uniform_real_distribution<double> everywhere(-end, end), usual(-5, 5), near(-1, 1), steps(5, 25),
        first_step(0.15, 0.45), last(0.98 * end, end), exponent(wide ? -1074 : -149, 0);
    for (int k = 0; k < 1500; ++k) {
        f.judge(everywhere(random));
        f.judge(usual(random));
        f.judge(near(random));
        f.judge(steps(random));
        f.judge(first_step(random));
        f.judge(last(random));
        f.judge(std::exp2(exponent(random)));
        f.judge(-std::exp2(exponent(random)));
    }
    for (const double edge : {18.0, 18.5, 20.0, 8.0, 10.0, 87.0, 708.0, 709.5, 88.5, 1e30, -0.0}) f.judge(edge);
}

TEST(Hyperbolic, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Sinh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_sinh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) { judge_to(f, f.type() == Scalar::F64 ? 710.4758 : 89.4159); });
    for_each_form(
        Op::Cosh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_cosh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) { judge_to(f, f.type() == Scalar::F64 ? 710.4758 : 89.4159); });
    for_each_form(
        Op::Tanh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_tanh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) { judge_to(f, f.type() == Scalar::F64 ? 22 : 11); });
}

#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
