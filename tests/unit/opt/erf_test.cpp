// SPDX-License-Identifier: MIT OR Apache-2.0
//
// erf, erfc and gelu: special values, the last subnormals, the joints of their pieces, and the figures in their rows.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;

double at(const OpRunner& f, Scalar s, double x) { return float_of(s, f(float_bits(s, x))); }
double after(Scalar s, double x, double towards) {
    return s == Scalar::F32 ? std::nextafterf(static_cast<float>(x), static_cast<float>(towards))
                            : std::nextafter(x, towards);
}

// C99, F.9.5.1 and F.9.5.2; gelu(x) is x Phi(x), so its limit on the left is -0.
TEST(Erf, SpecialValuesOfAnnexF) {
    constexpr struct {
        double x, erf, erfc, gelu;
    } kCases[] = {{0.0, 0.0, 1, 0.0},   {-0.0, -0.0, 1, -0.0}, {kInf, 1, 0.0, kInf},    {-kInf, -1, 2, -0.0},
                  {1e30, 1, 0.0, 1e30}, {-1e30, -1, 2, -0.0},  {kNan, kNan, kNan, kNan}};
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner erf(Op::Erf, s), erfc(Op::Erfc, s), gelu(Op::Gelu, s);
        for (const auto& c : kCases) {
            const Slot x = float_bits(s, c.x);
            EXPECT_TRUE(same_value(s, erf(x), float_bits(s, c.erf))) << erf.describe(&x) << float_of(s, erf(x));
            EXPECT_TRUE(same_value(s, erfc(x), float_bits(s, c.erfc))) << erfc.describe(&x) << float_of(s, erfc(x));
            EXPECT_TRUE(same_value(s, gelu(x), float_bits(s, c.gelu))) << gelu.describe(&x) << float_of(s, gelu(x));
        }
    }
}

TEST(Erf, AllWaysAgree) {
    for (const Op op : {Op::Erf, Op::Erfc, Op::Gelu}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) EXPECT_TRUE(same_value(s, f(x), f.folded(x))) << f.describe(&x);
        }
    }
}

TEST(Erf, IsOddAndAtMostOne) {
    std::mt19937_64 random(31);
    std::uniform_real_distribution<double> exponent(-300, 2.5), narrow_exponent(-37, 2.5);
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner f(Op::Erf, s);
        for (int k = 0; k < 2000; ++k) {
            const double x = std::pow(10, s == Scalar::F64 ? exponent(random) : narrow_exponent(random));
            EXPECT_EQ(at(f, s, x), -at(f, s, -x));
            EXPECT_LE(at(f, s, x), 1);
        }
    }
}

// Where the results are the smallest subnormal, by mpmath, and a little beyond.
TEST(Erf, TailsEndWithTheSubnormals) {
    constexpr struct {
        Op op;
        Scalar s;
        double last;
    } kEdges[] = {{Op::Erfc, Scalar::F64, 0x1.b369a6244e684p+4},
                  {Op::Erfc, Scalar::F32, 0x1.40a27c0000000p+3},
                  {Op::Gelu, Scalar::F64, -0x1.347f52c625566p+5},
                  {Op::Gelu, Scalar::F32, -0x1.c9d8b20000000p+3}};
    for (const auto& e : kEdges) {
        const OpRunner f(e.op, e.s);
        const double smallest = e.s == Scalar::F64 ? 0x1p-1074 : 0x1p-149;
        const double wanted = e.op == Op::Gelu ? -smallest : smallest;
        // The unit is the smallest number, so within one of them is all that can be asked.
        EXPECT_LE(std::fabs(at(f, e.s, e.last) - wanted), smallest) << info(e.op).text;
        EXPECT_EQ(at(f, e.s, e.last * 1.01), 0) << info(e.op).text;
        EXPECT_NE(at(f, e.s, e.last * 0.99), 0) << info(e.op).text;
    }
}

// Where one piece gives way to the next, and where erf becomes 1.
TEST(Erf, DoesNotStepBackAtTheJoints) {
    for (const Op op : {Op::Erf, Op::Erfc, Op::Gelu}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            const double unit = s == Scalar::F64 ? 0x1p-52 : 0x1p-23;
            for (const double joint : {0.75, 1.0625, 1.1875, 1.25, 1.75, 3.9375, 5.9375}) {
                double x = joint * (1 - 20 * unit), before = at(f, s, x);
                for (int k = 0; k < 60; ++k, x = after(s, x, kInf)) {
                    const double y = at(f, s, x);
                    if (op == Op::Erfc) {
                        EXPECT_LE(y, before + std::fabs(y) * unit) << info(op).text << " near " << joint;
                    } else {
                        EXPECT_GE(y, before - std::fabs(y) * unit) << info(op).text << " near " << joint;
                    }
                    before = y;
                }
            }
        }
    }
}

#if EXPRJIT_HAVE_MPFR

// begin … end is where the function is neither a constant nor its argument.
void judge_over(JudgedFunction& f, double begin, double end) {
    std::mt19937_64 random(32);
    const bool wide = f.type() == Scalar::F64;
    std::uniform_real_distribution<double> everywhere(begin, end), usual(-2, 2), exponent(wide ? -1074 : -149, 0);
    for (int k = 0; k < 700; ++k) {
        f.judge(everywhere(random));
        f.judge(usual(random));
        f.judge(std::exp2(exponent(random)));
        f.judge(-std::exp2(exponent(random)));
    }
    for (const double joint : {0.75, 1.0625, 1.1875, 1.25, 1.75}) {
        std::uniform_real_distribution<double> near(joint * 0.98, joint * 1.05);
        for (int k = 0; k < 150; ++k) {
            const double x = near(random);
            f.judge(x), f.judge(-x);
        }
    }
}

TEST(Erf, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Erf, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_erf(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) { judge_over(f, -6.5, 6.5); });
}

TEST(Erfc, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Erfc, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_erfc(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) { f.type() == Scalar::F64 ? judge_over(f, -6.5, 27.3) : judge_over(f, -4.5, 10.1); });
}

TEST(Gelu, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Gelu,
        [](mpfr_ptr r, const Exact& x, const Exact&) {
            Exact z(0.5);
            mpfr_sqrt(z, z, MPFR_RNDN);
            mpfr_mul(z, z, x, MPFR_RNDN);
            mpfr_neg(z, z, MPFR_RNDN);
            mpfr_erfc(z, z, MPFR_RNDN);
            mpfr_mul(z, z, x, MPFR_RNDN);
            mpfr_div_2ui(r, z, 1, MPFR_RNDN);
        },
        [](JudgedFunction& f) { f.type() == Scalar::F64 ? judge_over(f, -38.7, 9) : judge_over(f, -14.4, 6); });
}

#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
