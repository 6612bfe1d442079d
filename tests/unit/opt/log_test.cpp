// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Logarithms: special values, exact results, neighbours at the edges, and the figures in their rows.
#include <random>

#include "opt/maths/functions.h"
#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;

// C99, F.9.3.7 to F.9.3.10.
struct Case {
    double x, result;
};
constexpr Case kAnnexF[] = {{0.0, -kInf},  {-0.0, -kInf}, {1, 0.0},    {-1, kNan},
                            {-kInf, kNan}, {kInf, kInf},  {kNan, kNan}};
constexpr Case kAnnexFOf1p[] = {{0.0, 0.0},    {-0.0, -0.0}, {-1, -kInf}, {-1.5, kNan},
                                {-kInf, kNan}, {kInf, kInf}, {kNan, kNan}};

void check_cases(Op op, std::span<const Case> cases) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner f(op, s);
        for (const Case& c : cases) {
            const Slot x = float_bits(s, c.x), wanted = float_bits(s, c.result);
            EXPECT_TRUE(same_value(s, f(x), wanted)) << f.describe(&x) << float_of(s, f(x));
            EXPECT_TRUE(same_value(s, f.folded(x), wanted)) << f.describe(&x);
        }
    }
}

TEST(Log, SpecialValuesOfAnnexF) {
    for (const Op op : {Op::Log, Op::Log2, Op::Log10}) check_cases(op, kAnnexF);
    check_cases(Op::Log1p, kAnnexFOf1p);
}

TEST(Log, AllWaysAgree) {
    for (const Op op : {Op::Log, Op::Log2, Op::Log10, Op::Log1p}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) EXPECT_TRUE(same_value(s, f(x), f.folded(x))) << f.describe(&x);
        }
    }
    const OpRunner logn(Op::Logn, Scalar::F64);
    for (const Slot x : special_values(Scalar::F64)) {
        for (const Slot base : special_values(Scalar::F64)) {
            const Slot args[2] = {x, base};
            EXPECT_TRUE(same_value(Scalar::F64, logn(x, base), logn.folded(x, base))) << logn.describe(args);
        }
    }
}

double at(const OpRunner& f, Scalar s, double x, double y = 0) {
    return float_of(s, f(float_bits(s, x), float_bits(s, y)));
}

TEST(Log, OfPowersOfTheBaseIsExact) {
    const OpRunner log2(Op::Log2, Scalar::F64), log10(Op::Log10, Scalar::F64), logn(Op::Logn, Scalar::F64);
    for (int k = -1074; k < 1024; ++k) EXPECT_EQ(at(log2, Scalar::F64, std::ldexp(1, k)), k);
    double ten = 1, three = 1;
    for (int k = 0; k <= 22; ++k, ten *= 10, three *= 3) {
        EXPECT_EQ(at(log10, Scalar::F64, ten), k);
        EXPECT_EQ(at(logn, Scalar::F64, three, 3), k);
    }
    const OpRunner narrow2(Op::Log2, Scalar::F32), narrow10(Op::Log10, Scalar::F32);
    for (int k = -149; k < 128; ++k) EXPECT_EQ(at(narrow2, Scalar::F32, std::ldexp(1, k)), k);
    ten = 1;
    for (int k = 0; k <= 10; ++k, ten *= 10) EXPECT_EQ(at(narrow10, Scalar::F32, ten), k);
}

// The reduction changes its interval at 11/16 and 11/8, and its way at the ends of the range.
TEST(Log, DoesNotFallFromOneNeighbourToTheNext) {
    for (const Op op : {Op::Log, Op::Log2, Op::Log10, Op::Log1p}) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            const bool wide = s == Scalar::F64;
            const double unit = wide ? 0x1p-52 : 0x1p-23, last = wide ? 0x1p1023 : 0x1p127, first = 4 / last;
            for (const double edge : {11.0 / 16, 11.0 / 8, 11.0 / 4, first, last}) {
                const double moved = op == Op::Log1p && edge < 3 && edge > 0.5 ? edge - 1 : edge;
                double before = -kInf;
                for (int k = -20; k < 20; ++k) {
                    const double y = at(f, s, moved + k * unit * std::fabs(moved));
                    EXPECT_GE(y, before - std::fabs(y) * unit) << info(op).text << " near " << moved;
                    before = y;
                }
            }
        }
    }
}

TEST(Logn, IsTheQuotientOfTwoLogarithms) {
    constexpr struct {
        double x, base, result;
    } kCases[] = {{8, 2, 3},        {2, 8, 1 / 3.0}, {0.25, 2, -2},     {0.25, 0.5, 2},     {1, 5, 0.0},
                  {5, 1, kInf},     {0.5, 1, -kInf}, {1, 1, kNan},      {0, 10, -kInf},     {0, 0.5, kInf},
                  {kInf, 10, kInf}, {10, kInf, 0.0}, {0.5, kInf, -0.0}, {10, 0, -0.0},      {-1, 10, kNan},
                  {10, -1, kNan},   {kNan, 2, kNan}, {2, kNan, kNan},   {kInf, kInf, kNan}, {0, 0, kNan},
                  {-0.0, 2, -kInf}, {kInf, 1, kInf}};
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const OpRunner f(Op::Logn, s);
        for (const auto& c : kCases) {
            const Slot args[2] = {float_bits(s, c.x), float_bits(s, c.base)};
            EXPECT_TRUE(same_value(s, f(args[0], args[1]), float_bits(s, c.result)))
                << f.describe(args) << float_of(s, f(args[0], args[1]));
        }
    }
}

#if EXPRJIT_HAVE_MPFR

void judge_positive(JudgedFunction& f) {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> near_one(0.5, 2), any(0, 100);
    const bool wide = f.type() == Scalar::F64;
    std::uniform_real_distribution<double> exponent(wide ? -1074 : -149, wide ? 1023.99 : 127.99);
    for (int k = 0; k < 3000; ++k) {
        f.judge(near_one(random));
        f.judge(any(random));
        f.judge(std::exp2(exponent(random)));
        f.judge(1 + (near_one(random) - 1.25) * std::ldexp(1, -k % 54));
    }
    for (const double edge :
         {0.6875, 0.7071067811865476, 1.0, 1.375, 1.4142135623730951, wide ? 0x1p-1022 : 0x1p-126}) {
        for (const double next : {0x1p-52, -0x1p-53, 0x1p-23, -0x1p-24, 0.0}) f.judge(edge + edge * next);
    }
    f.judge(wide ? 0x1p-1074 : 0x1p-149);
    f.judge(wide ? 0x1.fffffffffffffp1023 : 0x1.fffffep127);
}

TEST(Log, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Log, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_log(r, x, MPFR_RNDN); }, judge_positive);
    for_each_form(
        Op::Log2, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_log2(r, x, MPFR_RNDN); }, judge_positive);
    for_each_form(
        Op::Log10, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_log10(r, x, MPFR_RNDN); }, judge_positive);
}

TEST(Log1p, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Log1p, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_log1p(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            std::mt19937_64 random(12);
            const bool wide = f.type() == Scalar::F64;
            std::uniform_real_distribution<double> negative(-1, 0), small(-0.5, 1),
                exponent(wide ? -1074 : -149, wide ? 1023.99 : 127.99);
            for (int k = 0; k < 3000; ++k) {
                f.judge(negative(random));
                f.judge(small(random));
                f.judge(-1 + std::exp2(-(k % 53) + negative(random)));
                f.judge(std::exp2(exponent(random)));
                f.judge(-std::exp2(std::min(exponent(random), -0.001)));
            }
            f.judge(wide ? 0x1.fffffffffffffp1023 : 0x1.fffffep127);
            f.judge(wide ? -0x1.fffffffffffffp-1 : -0x1.fffffep-1);
            f.judge(-0.0);
        });
}

TEST(Logn, WithinTheFigureOfItsRow) {
    const auto quotient = [](mpfr_ptr r, const Exact& x, const Exact& base) {
        Exact b;
        mpfr_log(b, base, MPFR_RNDN);
        mpfr_log(r, x, MPFR_RNDN);
        mpfr_div(r, r, b, MPFR_RNDN);
    };
    for_each_form(Op::Logn, quotient, [](JudgedFunction& f) {
        std::mt19937_64 random(13);
        const bool wide = f.type() == Scalar::F64;
        std::uniform_real_distribution<double> near_one(0.5, 2), exponent(wide ? -1074 : -149, wide ? 1023.99 : 127.99);
        for (int k = 0; k < 2000; ++k) {
            f.judge(std::exp2(exponent(random)), std::exp2(exponent(random)));
            f.judge(near_one(random), near_one(random));
            f.judge(std::exp2(exponent(random)), near_one(random));
        }
    });
}

// What pow builds on.
TEST(Log, AsAPairHasFifteenBitsMore) {
    const Program p =
        make({Type(Scalar::F64)}, {Type(Scalar::F64), Type(Scalar::F64)}, [](Builder& b, std::span<const ValueId> x) {
            const maths::Pair log = maths::log_as_pair({&b, x[0]});
            const ValueId results[2] = {log.high.id, log.low.id};
            b.ret(results);
        });
    const Interpreter interpreter(p);
    std::mt19937_64 random(14);
    std::uniform_real_distribution<double> near_one(0.5, 2), exponent(-1074, 1023.99);
    const auto judge = [&](double x) {
        if (x == 1) return;
        const Slot bits = float_bits(Scalar::F64, x);
        const Outcome o = run(interpreter, {&bits, 1}, 2);
        const double high = float_of(Scalar::F64, o.outs[0]), low = float_of(Scalar::F64, o.outs[1]);
        EXPECT_LE(std::fabs(low), std::fabs(high) * 0x1p-53) << x;
        Exact exact(x), sum(high);
        mpfr_log(exact, exact, MPFR_RNDN);
        mpfr_add_d(sum, sum, low, MPFR_RNDN);
        mpfr_sub(sum, sum, exact, MPFR_RNDN);
        mpfr_div(sum, sum, exact, MPFR_RNDN);
        EXPECT_LE(std::fabs(mpfr_get_d(sum, MPFR_RNDN)), 0x1p-68) << x;
    };
    for (int k = 0; k < 10000; ++k) {
        judge(near_one(random));
        judge(1 + (near_one(random) - 1.25) * std::ldexp(1, -k % 52));
        judge(std::exp2(exponent(random)));
    }
}

#endif  // EXPRJIT_HAVE_MPFR

}  // namespace
}  // namespace exprjit::opt_test
