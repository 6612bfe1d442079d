// SPDX-License-Identifier: MIT OR Apache-2.0
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;

// C99, F.9.4.4.
struct Case {
    double x, y, power;
};
constexpr Case kAnnexF[] = {
    {0.0, -3, kInf},     {-0.0, -3, -kInf},  {0.0, -2.5, kInf},   {-0.0, -2, kInf},    {-0.0, -kInf, kInf},
    {0.0, 3, 0.0},       {-0.0, 3, -0.0},    {-0.0, 2, 0.0},      {-0.0, 0.5, 0.0},    {0.0, kInf, 0.0},
    {-1, kInf, 1},       {-1, -kInf, 1},     {1, kInf, 1},        {1, -kInf, 1},       {1, kNan, 1},
    {kNan, 0.0, 1},      {kNan, -0.0, 1},    {0.0, 0.0, 1},       {kInf, -0.0, 1},     {-kInf, 0.0, 1},
    {-8, 1 / 3.0, kNan}, {-0.5, 2.5, kNan},  {0.5, -kInf, kInf},  {-0.5, -kInf, kInf}, {2, -kInf, 0.0},
    {-2, -kInf, 0.0},    {0.5, kInf, 0.0},   {-0.5, kInf, 0.0},   {2, kInf, kInf},     {-2, kInf, kInf},
    {-kInf, -3, -0.0},   {-kInf, -2, 0.0},   {-kInf, -0.5, 0.0},  {-kInf, 3, -kInf},   {-kInf, 2, kInf},
    {-kInf, 0.5, kInf},  {-kInf, 0.7, kInf}, {-kInf, kInf, kInf}, {-kInf, -kInf, 0.0}, {kInf, -0.5, 0.0},
    {kInf, 0.5, kInf},   {kInf, kInf, kInf}, {kInf, -kInf, 0.0},  {kNan, 1, kNan},     {2, kNan, kNan},
    {-1, kNan, kNan},    {kNan, kNan, kNan}, {kNan, kInf, kNan},  {kInf, kNan, kNan},  {0.0, kNan, kNan},
};

TEST(Pow, SpecialValuesOfAnnexF) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner pow(Op::Pow, s);
        for (const Case& c : kAnnexF) {
            const Slot args[2] = {float_bits(s, c.x), float_bits(s, c.y)};
            EXPECT_TRUE(same_value(s, pow(args[0], args[1]), float_bits(s, c.power)))
                << pow.describe(args) << float_of(s, pow(args[0], args[1]));
            EXPECT_TRUE(same_value(s, pow.folded(args[0], args[1]), float_bits(s, c.power))) << pow.describe(args);
        }
    }
}

// The neighbours of odd integers are no integers, however near: the power of -0 has no sign, that of a negative number is NaN.
TEST(Pow, NeighboursOfOddIntegers) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner pow(Op::Pow, s);
        for (const double odd : {1.0, -1.0, 3.0, -3.0, -4097.0}) {
            for (const double towards : {0.0, 2 * odd}) {
                const double y = s == Scalar::F64
                                     ? std::nextafter(odd, towards)
                                     : std::nextafter(static_cast<float>(odd), static_cast<float>(towards));
                const double of_zero = y < 0 ? kInf : 0.0;
                EXPECT_TRUE(same_value(s, pow(float_bits(s, -0.0), float_bits(s, y)), float_bits(s, of_zero))) << y;
                EXPECT_TRUE(same_value(s, pow(float_bits(s, -2), float_bits(s, y)), float_bits(s, kNan))) << y;
            }
            EXPECT_TRUE(same_value(s, pow(float_bits(s, -1), float_bits(s, odd)), float_bits(s, -1))) << odd;
        }
    }
}

TEST(Pow, AllWaysAgree) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner pow(Op::Pow, s);
        for (const Slot x : special_values(s)) {
            for (const Slot y : special_values(s)) {
                const Slot args[2] = {x, y};
                EXPECT_TRUE(same_value(s, pow(x, y), pow.folded(x, y))) << pow.describe(args);
            }
        }
    }
}

TEST(Pow, ExactPowersAreExact) {
    const OpRunner pow(Op::Pow, Scalar::F64);
    const auto f = [&](double x, double y) {
        return float_of(Scalar::F64, pow(float_bits(Scalar::F64, x), float_bits(Scalar::F64, y)));
    };
    for (int k = 2; k < 40; ++k) {
        EXPECT_EQ(f(k, 1), k);
        EXPECT_EQ(f(k * k, 0.5), k);
        EXPECT_EQ(f(k, 5), std::round(std::pow(k, 5)));
        EXPECT_EQ(f(-k, 3), -k * k * k);
    }
    for (int k = -1074; k < 1024; ++k) EXPECT_EQ(f(2, k), std::ldexp(1.0, k));
    const double largest = std::numeric_limits<double>::max(), least = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(f(largest, 1), largest);
    EXPECT_EQ(f(largest, -1), 1 / largest);
    EXPECT_EQ(f(least, 1), least);
    EXPECT_EQ(f(least, -1), kInf);
    EXPECT_EQ(f(2, 1024), kInf);
    EXPECT_EQ(f(2, -1075.5), 0.0);
    EXPECT_EQ(f(-2, 1025), -kInf);
    EXPECT_TRUE(std::signbit(f(-2, -1077)));
}

#if EXPRJIT_HAVE_MPFR

void exact_pow(mpfr_ptr r, const Exact& x, const Exact& y) { mpfr_pow(r, x, y, MPFR_RNDN); }

TEST(Pow, WithinTheFigureOfItsRow) {
    for_each_form(Op::Pow, exact_pow, [](JudgedFunction& pow) {
        const bool narrow = pow.type() == Scalar::F32;
        const double top = narrow ? 128 : 1024, bottom = narrow ? -149 : -1074;
        std::mt19937_64 random(11);
        const auto between = [&](double a, double b) { return std::uniform_real_distribution<double>(a, b)(random); };
        // Results of all sizes, of bases of all sizes, near 1 and at the seams of the reduction.
        for (int i = 0; i < 2500; ++i) {
            const double base = std::exp2(between(bottom, top)), near_one = between(0.4, 2.5),
                         power = between(bottom, top);
            pow.judge(base, power / std::log2(pow.rounded(base)));
            pow.judge(near_one, power / std::log2(pow.rounded(near_one)));
            pow.judge(-std::exp2(between(-9, 9)), std::nearbyint(between(-140, 140)));
            pow.judge(between(0, 100), between(-9, 9));
            const double little = std::ldexp(between(-1, 1), -i % 50);
            if (pow.rounded(1 + little) != 1) pow.judge(1 + little, power / std::log2(pow.rounded(1 + little)));
            const double seam = (i % 2 == 0 ? std::sqrt(2) : std::sqrt(0.5)) * (1 + little * 0x1p-4);
            pow.judge(seam, power / std::log2(pow.rounded(seam)));
        }
        // Both ends of the range of results.
        for (int i = 0; i < 1500; ++i) {
            const double base = between(1.01, 9);
            pow.judge(base, (top + std::ldexp(between(-1, 1), -i % 40)) / std::log2(pow.rounded(base)));
            pow.judge(base, (bottom + between(-2, 55)) / std::log2(pow.rounded(base)));
        }
        for (const double x : special_floats())
            for (const double y : special_floats()) pow.judge(x, y);
    });
}

#else
TEST(Pow, WithinTheFigureOfItsRow) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
