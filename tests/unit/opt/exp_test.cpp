// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Exponential functions: special values, exact results, the edges of the range, and the figures in their rows.
#include <random>

#include "opt/maths/functions.h"
#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "function_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kInf = INFINITY, kNan = NAN;
const std::initializer_list<Op> kExponentials = {Op::Exp, Op::Exp2, Op::Exp10, Op::Expm1};

double at(const OpRunner& f, Scalar s, double x) { return float_of(s, f(float_bits(s, x))); }

// C99, F.9.3.1 to F.9.3.3; exp10 by analogy.
TEST(Exp, SpecialValuesOfAnnexF) {
    constexpr struct {
        double x, power, less_one;
    } kCases[] = {{0.0, 1, 0.0}, {-0.0, 1, -0.0}, {kInf, kInf, kInf}, {-kInf, 0.0, -1}, {kNan, kNan, kNan}};
    for (const Op op : kExponentials) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const auto& c : kCases) {
                const Slot x = float_bits(s, c.x), wanted = float_bits(s, op == Op::Expm1 ? c.less_one : c.power);
                EXPECT_TRUE(same_value(s, f(x), wanted)) << f.describe(&x) << float_of(s, f(x));
                EXPECT_TRUE(same_value(s, f.folded(x), wanted)) << f.describe(&x);
            }
        }
    }
}

TEST(Exp, AllWaysAgree) {
    for (const Op op : kExponentials) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            for (const Slot x : special_values(s)) EXPECT_TRUE(same_value(s, f(x), f.folded(x))) << f.describe(&x);
        }
    }
}

TEST(Exp, OfIntegersIsExactWhereItCanBe) {
    const OpRunner exp2(Op::Exp2, Scalar::F64), exp10(Op::Exp10, Scalar::F64);
    for (int k = -1074; k < 1024; ++k) EXPECT_EQ(at(exp2, Scalar::F64, k), std::ldexp(1, k));
    double ten = 1;
    for (int k = 0; k <= 22; ++k, ten *= 10) EXPECT_EQ(at(exp10, Scalar::F64, k), ten);
    const OpRunner narrow2(Op::Exp2, Scalar::F32), narrow10(Op::Exp10, Scalar::F32);
    for (int k = -149; k < 128; ++k) EXPECT_EQ(at(narrow2, Scalar::F32, k), std::ldexp(1, k));
    ten = 1;
    for (int k = 0; k <= 10; ++k, ten *= 10) EXPECT_EQ(at(narrow10, Scalar::F32, k), ten);
}

// The largest arguments with finite results and the smallest whose results are not 0, and their neighbours beyond.
TEST(Exp, EndsWhereTheRangeEnds) {
    const struct {
        Op op;
        Scalar s;
        double largest, smallest;
    } kEdges[] = {{Op::Exp, Scalar::F64, 0x1.62e42fefa39efp9, -0x1.74910d52d3051p9},
                  {Op::Exp, Scalar::F32, 0x1.62e42ep6, -0x1.9fe368p6},
                  {Op::Exp2, Scalar::F64, 0x1.fffffffffffffp9, -0x1.0cbffffffffffp10},
                  {Op::Exp2, Scalar::F32, 0x1.fffffep6, -0x1.2bfffep7},
                  {Op::Exp10, Scalar::F64, 0x1.34413509f79fep8, -0x1.439b746e36b52p8},
                  {Op::Exp10, Scalar::F32, 0x1.344134p5, -0x1.693c6ap5},
                  {Op::Expm1, Scalar::F64, 0x1.62e42fefa39efp9, 0},
                  {Op::Expm1, Scalar::F32, 0x1.62e42ep6, 0}};
    for (const auto& e : kEdges) {
        const OpRunner f(e.op, e.s);
        const auto after = [&](double x, double towards) {
            return e.s == Scalar::F32 ? std::nextafterf(static_cast<float>(x), static_cast<float>(towards))
                                      : std::nextafter(x, towards);
        };
        EXPECT_TRUE(std::isfinite(at(f, e.s, e.largest))) << info(e.op).text;
        EXPECT_EQ(at(f, e.s, after(e.largest, kInf)), kInf) << info(e.op).text;
        EXPECT_EQ(at(f, e.s, e.s == Scalar::F32 ? 1e30 : 1e300), kInf);
        if (e.smallest == 0) continue;
        EXPECT_GT(at(f, e.s, e.smallest), 0) << info(e.op).text;
        EXPECT_EQ(at(f, e.s, after(e.smallest, -kInf)), 0) << info(e.op).text;
        EXPECT_EQ(at(f, e.s, e.s == Scalar::F32 ? -1e30 : -1e300), 0);
    }
}

// Where the integer part of x / log(2) changes, and where rare arguments begin.
TEST(Exp, DoesNotFallFromOneNeighbourToTheNext) {
    for (const Op op : kExponentials) {
        for (const Scalar s : {Scalar::F64, Scalar::F32}) {
            const OpRunner f(op, s);
            const double unit = s == Scalar::F64 ? 0x1p-52 : 0x1p-23;
            for (const double edge : {0.5, 0.34657359027997264, 0.15051499783199057, 1.0, 16.5, 36.5, 37.0, 87.0, 125.0,
                                      307.0, 708.0, 1021.0, -1.5, -37.0, -87.0, -125.0, -307.0, -708.0}) {
                double before = -kInf;
                for (int k = -20; k < 20; ++k) {
                    const double y = at(f, s, edge + k * unit * std::fabs(edge));
                    if (y == kInf) break;
                    EXPECT_GE(y, before - std::fabs(y) * unit) << info(op).text << " near " << edge;
                    before = y;
                }
            }
        }
    }
}

#if EXPRJIT_HAVE_MPFR

// lowest … highest is where results are neither 0 nor infinite.
void judge_over(JudgedFunction& f, double lowest, double highest) {
    std::mt19937_64 random(21);
    const bool wide = f.type() == Scalar::F64;
    std::uniform_real_distribution<double> everywhere(lowest, highest), usual(-5, 5), near(-1, 1),
        exponent(wide ? -1074 : -149, 0), bottom(lowest, lowest * 0.94), top(highest * 0.98, highest);
    for (int k = 0; k < 2000; ++k) {
        f.judge(everywhere(random));
        f.judge(usual(random));
        f.judge(near(random));
        f.judge(std::exp2(exponent(random)));
        f.judge(-std::exp2(exponent(random)));
        f.judge(bottom(random));
        f.judge(top(random));
    }
    for (const double edge : {lowest, highest, -708.0, -87.0, 37.5, 1e300, -1e300}) f.judge(edge);
    f.judge(-0.0);
}

TEST(Exp, WithinTheFigureOfItsRow) {
    for_each_form(
        Op::Exp, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_exp(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            f.type() == Scalar::F64 ? judge_over(f, -745.5, 709.7827) : judge_over(f, -104, 88.7228);
        });
    for_each_form(
        Op::Exp2, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_exp2(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            f.type() == Scalar::F64 ? judge_over(f, -1075.5, 1023.999) : judge_over(f, -150.5, 127.999);
        });
    for_each_form(
        Op::Exp10, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_exp10(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            f.type() == Scalar::F64 ? judge_over(f, -323.9, 308.2547) : judge_over(f, -45.3, 38.5318);
        });
    for_each_form(
        Op::Expm1, [](mpfr_ptr r, const Exact& x, const Exact&) { mpfr_expm1(r, x, MPFR_RNDN); },
        [](JudgedFunction& f) {
            f.type() == Scalar::F64 ? judge_over(f, -745.5, 709.7827) : judge_over(f, -104, 88.7228);
            std::mt19937_64 random(22);
            std::uniform_real_distribution<double> hardest(0.34, 0.42), steps(15, 45);
            for (int k = 0; k < 2000; ++k) f.judge(hardest(random)), f.judge(steps(random)), f.judge(-steps(random));
        });
}

// What pow and erf build on. Units of the result; what MPFR says of exact sums and squares.
double worst_of(const std::function<Expr(Builder&, std::span<const ValueId>)>& body,
                const std::function<std::array<double, 2>(int)>& arguments,
                const std::function<void(mpfr_ptr, const Exact&, const Exact&)>& truth) {
    const Program p = make({Type(Scalar::F64), Type(Scalar::F64)}, {Type(Scalar::F64)},
                           [&](Builder& b, std::span<const ValueId> x) { b.ret(body(b, x).id); });
    const Interpreter interpreter(p);
    double worst = 0;
    for (int k = 0; k < 20000; ++k) {
        const auto [x, y] = arguments(k);
        const Slot bits[2] = {float_bits(Scalar::F64, x), float_bits(Scalar::F64, y)};
        Exact exact;
        truth(exact, Exact(x), Exact(y));
        worst =
            std::max(worst, ulp_error(Scalar::F64, float_of(Scalar::F64, run(interpreter, bits, 1).outs[0]), exact));
    }
    return worst;
}

TEST(Exp, OfAPairAndOfASquare) {
    std::mt19937_64 random(23);
    std::uniform_real_distribution<double> high(-760, 720), small(-1, 1), root(-28, 28);
    const auto sum = [](mpfr_ptr r, const Exact& x, const Exact& y) {
        mpfr_add(r, x, y, MPFR_RNDN);
        mpfr_exp(r, r, MPFR_RNDN);
    };
    EXPECT_LE(worst_of(
                  [](Builder& b, std::span<const ValueId> v) {
                      return maths::exp_of_pair({{&b, v[0]}, {&b, v[1]}});
                  },
                  [&](int) {
                      const double x = high(random);
                      return std::array{x, small(random) * std::fabs(x) * 0x1p-52};
                  },
                  sum),
              0.85);
    for (const bool fast : {false, true}) {
        EXPECT_LE(worst_of(
                      [&](Builder& b, std::span<const ValueId> v) {
                          return maths::exp_of_minus_square({&b, v[0]}, fast);
                      },
                      [&](int k) {
                          return std::array{k % 2 == 0 ? root(random) : small(random), 0.0};
                      },
                      [](mpfr_ptr r, const Exact& x, const Exact&) {
                          mpfr_sqr(r, x, MPFR_RNDN);
                          mpfr_neg(r, r, MPFR_RNDN);
                          mpfr_exp(r, r, MPFR_RNDN);
                      }),
                  fast ? 3.5 : 0.85);
    }
}

#endif  // EXPRJIT_HAVE_MPFR

TEST(Exp, OfASquareThatOverflows) {
    const Program p = make({Type(Scalar::F64)}, {Type(Scalar::F64)}, [](Builder& b, std::span<const ValueId> x) {
        b.ret(maths::exp_of_minus_square({&b, x[0]}, false).id);
    });
    for (const double x : {1e200, -1e300, kInf, -kInf})
        EXPECT_EQ(float_of(Scalar::F64, run(p, {float_bits(Scalar::F64, x)}).outs[0]), 0.0);
    EXPECT_TRUE(std::isnan(float_of(Scalar::F64, run(p, {float_bits(Scalar::F64, kNan)}).outs[0])));
}

}  // namespace
}  // namespace exprjit::opt_test
