// SPDX-License-Identifier: MIT OR Apache-2.0
//
// asinh, acosh and atanh: special values, symmetry, and the figures in their rows.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;

// C99, F.9.2.
struct Case {
    Op op;
    double x, result;
};
constexpr Case kAnnexF[] = {
    {Op::Asinh, 0.0, 0.0},   {Op::Asinh, -0.0, -0.0},  {Op::Asinh, kInf, kInf},  {Op::Asinh, -kInf, -kInf},
    {Op::Asinh, kNan, kNan}, {Op::Acosh, 1, 0.0},      {Op::Acosh, 0.5, kNan},   {Op::Acosh, 0.0, kNan},
    {Op::Acosh, -1, kNan},   {Op::Acosh, -2, kNan},    {Op::Acosh, -1e30, kNan}, {Op::Acosh, -kInf, kNan},
    {Op::Acosh, kInf, kInf}, {Op::Acosh, kNan, kNan},  {Op::Atanh, 0.0, 0.0},    {Op::Atanh, -0.0, -0.0},
    {Op::Atanh, 1, kInf},    {Op::Atanh, -1, -kInf},   {Op::Atanh, 1.5, kNan},   {Op::Atanh, -1e30, kNan},
    {Op::Atanh, kInf, kNan}, {Op::Atanh, -kInf, kNan}, {Op::Atanh, kNan, kNan},
};

TEST(InverseHyperbolic, SpecialValuesOfAnnexF) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const Case& c : kAnnexF) {
            const OpRunner f(c.op, s);
            const Slot x = float_bits(s, c.x), wanted = float_bits(s, c.result);
            EXPECT_TRUE(same_value(s, f(x), wanted)) << f.describe(&x) << float_of(s, f(x));
            EXPECT_TRUE(same_value(s, f.folded(x), wanted)) << f.describe(&x);
        }
    }
}

TEST(InverseHyperbolic, AllWaysAgreeAndSignsAreSymmetric) {
    for (const Op op : {Op::Asinh, Op::Acosh, Op::Atanh}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) {
                EXPECT_TRUE(same_value(s, f(x), f.folded(x))) << f.describe(&x);
                if (op == Op::Acosh) continue;
                const Slot mirrored = float_bits(s, -float_of(s, x));
                EXPECT_TRUE(same_value(s, f(mirrored), float_bits(s, -float_of(s, f(x))))) << f.describe(&x);
            }
        }
    }
}

#if EXPRJIT_HAVE_MPFR

TEST(InverseHyperbolic, AsinhWithinTheFigureOfItsRow) {
    for_each_form(
        Op::Asinh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_asinh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            std::mt19937_64 random(21);
            const bool wide = f.type() == Scalar::F64;
            std::uniform_real_distribution<double> small(-2, 2), exponent(wide ? -1074 : -149, wide ? 1023.99 : 127.99);
            for (int k = 0; k < 3000; ++k) {
                f.judge(small(random));
                f.judge(small(random) * std::ldexp(1, -k % 40));
                f.judge(std::exp2(exponent(random)));
            }
            f.judge(wide ? 0x1.fffffffffffffp1023 : 0x1.fffffep127);
            f.judge(wide ? 0x1p511 : 0x1p63);
            f.judge(wide ? 0x1p512 : 0x1p64);
            f.judge(wide ? -0x1p-1074 : -0x1p-149);
        });
}

TEST(InverseHyperbolic, AcoshWithinTheFigureOfItsRow) {
    for_each_form(
        Op::Acosh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_acosh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            std::mt19937_64 random(22);
            const bool wide = f.type() == Scalar::F64;
            std::uniform_real_distribution<double> small(0, 2), exponent(0, wide ? 1023.99 : 127.99);
            for (int k = 0; k < 3000; ++k) {
                f.judge(1 + small(random));
                f.judge(1 + small(random) * std::ldexp(1, -k % 53));
                f.judge(std::exp2(exponent(random)));
            }
            f.judge(wide ? 0x1.fffffffffffffp1023 : 0x1.fffffep127);
            f.judge(wide ? 0x1.0000000000001p0 : 0x1.000002p0);
            f.judge(1);
        });
}

TEST(InverseHyperbolic, AtanhWithinTheFigureOfItsRow) {
    for_each_form(
        Op::Atanh, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_atanh(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            std::mt19937_64 random(23);
            const bool wide = f.type() == Scalar::F64;
            std::uniform_real_distribution<double> inside(-1, 1), exponent(wide ? -1074 : -149, -0.001);
            for (int k = 0; k < 3000; ++k) {
                f.judge(inside(random));
                f.judge(0.3 * inside(random));
                f.judge(std::exp2(exponent(random)));
                f.judge(-1 + std::exp2(-(k % 53) - 0.7 * std::fabs(inside(random))));
            }
            f.judge(wide ? 0x1.fffffffffffffp-1 : 0x1.fffffep-1);
            f.judge(wide ? -0x1p-1074 : -0x1p-149);
        });
}

#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
