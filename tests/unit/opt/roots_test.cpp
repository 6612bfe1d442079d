// SPDX-License-Identifier: MIT OR Apache-2.0
//
// cbrt, hypot and root.
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;

double at(const OpRunner& f, double x, double y = 0) {
    const Slot args[2] = {float_bits(f.result(), x), float_bits(f.result(), y)};
    const Slot got = f(args[0], args[1]);
    EXPECT_TRUE(same_value(f.result(), got, f.folded(args[0], args[1]))) << f.describe(args);
    return float_of(f.result(), got);
}

#define EXPECT_SAME(a, b)                                                                                              \
    EXPECT_TRUE(same_value(Scalar::F64, float_bits(Scalar::F64, a), float_bits(Scalar::F64, b)))                       \
        << (a) << " is not " << (b)

TEST(Cbrt, SpecialValues) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner cbrt(Op::Cbrt, s);
        for (const double same : {0.0, -0.0, 1.0, -1.0, kInf, -kInf, kNan}) EXPECT_SAME(at(cbrt, same), same);
        for (int k = -40; k <= 40; ++k) {
            EXPECT_SAME(at(cbrt, k * k * k), k);
            EXPECT_SAME(at(cbrt, std::ldexp(1.0, 3 * k)), std::ldexp(1.0, k));
        }
    }
    const OpRunner cbrt(Op::Cbrt, Scalar::F64);
    EXPECT_SAME(at(cbrt, -0x1p-1074), -0x1p-358);
    EXPECT_SAME(at(cbrt, 0x1p-1023), 0x1p-341);
    EXPECT_SAME(at(cbrt, 0x1p1023), 0x1p341);
}

TEST(Hypot, SpecialValuesOfAnnexF) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner hypot(Op::Hypot, s);
        const double least = s == Scalar::F32 ? 0x1p-149 : 0x1p-1074;
        const double largest =
            s == Scalar::F32 ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
        const struct {
            double x, y, hypotenuse;
        } cases[] = {{0.0, 0.0, 0.0},
                     {-0.0, -0.0, 0.0},
                     {-0.0, 0.0, 0.0},
                     {kInf, kNan, kInf},
                     {-kInf, kNan, kInf},
                     {kInf, -kInf, kInf},
                     {kInf, 0.0, kInf},
                     {-kInf, 1, kInf},
                     {kNan, 1, kNan},
                     {kNan, 0.0, kNan},
                     {kNan, kNan, kNan},
                     {3, -4, 5},
                     {-5, 12, 13},
                     {least, 0.0, least},
                     {3 * least, 4 * least, 5 * least},
                     {largest, 0.0, largest},
                     {largest, 1, largest},
                     {largest, largest, kInf}};
        for (const auto& c : cases) {
            EXPECT_SAME(at(hypot, c.x, c.y), c.hypotenuse);
            EXPECT_SAME(at(hypot, c.y, c.x), c.hypotenuse);
        }
    }
}

TEST(Root, SpecialValues) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner root(Op::Root, s);
        const struct {
            double x, n, root;
        } cases[] = {{27, 3, 3},       {-27, 3, -3},      {-16, 4, kNan},         {-16, 2.5, kNan}, {16, 0.5, 256},
                     {0.0, 3, 0.0},    {-0.0, 3, -0.0},   {-0.0, 2, 0.0},         {kInf, 3, kInf},  {-kInf, 3, -kInf},
                     {-kInf, 2, kNan}, {8, -3, 0.5},      {-8, -3, -0.5},         {kNan, 3, kNan},  {2, kNan, kNan},
                     {0.0, -3, kInf},  {-0.0, -3, -kInf}, {-0.0, -2, kInf},       {kInf, -2, 0.0},  {-kInf, -3, -0.0},
                     {7, kInf, 1},     {7, 1, 7},         {7, -1, 1 / 7.0},       {2, 0.0, kInf},   {0.5, 0.0, 0.0},
                     {1, 0.0, 1},      {0.5, -0.0, kInf}, {-5, -0.99999994, kNan}};
        for (const auto& c : cases) EXPECT_SAME(at(root, c.x, c.n), float_of(s, float_bits(s, c.root)));
    }
}

TEST(Roots, AllWaysAgree) {
    for (const Op op : {Op::Hypot, Op::Root}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) {
                for (const Slot y : special_values(s)) {
                    const Slot args[2] = {x, y};
                    EXPECT_TRUE(same_value(s, f(x, y), f.folded(x, y))) << f.describe(args);
                    if (op == Op::Hypot) {
                        EXPECT_TRUE(same_value(s, f(x, y), f(y, x))) << f.describe(args);
                    }
                }
            }
        }
    }
}

#if EXPRJIT_HAVE_MPFR

// Numbers of all sizes, subnormal and negative ones too.
double any_number(std::mt19937_64& random, Scalar s) {
    const bool narrow = s == Scalar::F32;
    const double size =
        std::exp2(std::uniform_real_distribution<double>(narrow ? -149 : -1074, narrow ? 128 : 1024)(random));
    return random() % 2 == 0 ? size : -size;
}

TEST(Cbrt, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Cbrt, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_cbrt(r, x, MPFR_RNDN); },
        [](JudgedFunction& cbrt) {
            std::mt19937_64 random(3);
            for (int i = 0; i < 10000; ++i) cbrt.judge(any_number(random, cbrt.type()));
            for (int i = 0; i < 10000; ++i) cbrt.judge(0.9 + i * 0.00081);
            for (const double x : special_floats()) cbrt.judge(x);
        });
}

TEST(Hypot, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Hypot, [](mpfr_ptr r, const Exact& x, const Exact& y) { mpfr_hypot(r, x, y, MPFR_RNDN); },
        [](JudgedFunction& hypot) {
            std::mt19937_64 random(4);
            std::uniform_real_distribution<double> unit(-1, 1);
            for (int i = 0; i < 6000; ++i) {
                const double x = any_number(random, hypot.type());
                hypot.judge(x, x * std::exp2(30 * unit(random)));
                hypot.judge(x, x * unit(random));
                hypot.judge(x, any_number(random, hypot.type()));
                hypot.judge(unit(random), unit(random));
            }
            for (const double x : special_floats())
                for (const double y : special_floats()) hypot.judge(x, y);
        });
}

// Whole n only: MPFR has no other roots.
TEST(Root, WithinTheFigureOfItsRow) {
    const auto exact_root = [](mpfr_ptr r, const Exact& x, const Exact& y) {
        const long n = mpfr_get_si(y, MPFR_RNDN);
        mpfr_rootn_ui(r, x, static_cast<unsigned long>(std::abs(n)), MPFR_RNDN);
        if (n < 0) mpfr_ui_div(r, 1, r, MPFR_RNDN);
    };
    for_each_form(Op::Root, exact_root, [](JudgedFunction& root) {
        std::mt19937_64 random(5);
        for (const int n : {1, 2, 3, 4, 5, 7, 10, 31, 100, 12345, -1, -2, -3, -7, -1000})
            for (int i = 0; i < 700; ++i) root.judge(any_number(random, root.type()), n);
    });
}

#else
TEST(Roots, WithinTheFigureOfTheirRows) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
