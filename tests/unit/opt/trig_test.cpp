// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Sine, cosine and what is made of them: accuracy by MPFR against the figure in their rows, special values by C99 Annex F,
// and the exact reduction of angles.
#include "ir/payne_hanek.h"
#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "trig_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kPi = 3.14159265358979323846;
// The f64 that is nearest to a multiple of pi/2, and the same in f32 (Muller, "Elementary functions", 3rd edition, 11.2).
const double kHardest = std::ldexp(6381956970095103.0, 797), kHardestNarrow = std::ldexp(16367173.0, 72);

#if EXPRJIT_HAVE_MPFR

void check_angles(Op op, Judge1 judge) {
    in_every_way(op, [&](const Compiled& f) {
        Judgement j(f, judge);
        std::mt19937_64 random(static_cast<uint64_t>(op));
        const bool narrow = f.scalar() == Scalar::F32;
        for (const double reach : {1.0, 4.0, 100.0, 1e5, 4.2e6}) {
            std::uniform_real_distribution<double> inside(-reach, reach);
            for (int i = 0; i < 300; ++i) j.at(inside(random));
        }
        // Beside multiples of quarter turns, where one part of the result vanishes, and of eighths, where parts change.
        for (int k = 1; k < 3'000'000; k += k / 4 + 1) {
            const double d = f.rounded(k * (kPi / 4));
            for (const double x : {std::nextafter(d, 0), d, std::nextafter(d, 1e9)}) j.at(x);
        }
        std::uniform_int_distribution<int> exponent(narrow ? -149 : -1074, narrow ? 127 : 1023);
        std::uniform_real_distribution<double> mantissa(1, 2);
        for (int i = 0; i < 400; ++i) j.at(std::ldexp(mantissa(random), exponent(random)));
        for (const double edge : {0x1p17, 0x1p22}) {  // the reach of the short reduction
            for (const double x : {f.rounded(std::nextafter(edge, 0)), edge, -edge, edge + 1}) j.at(x);
        }
        j.at(narrow ? kHardestNarrow : kHardest);
        j.at(narrow ? 3.4028234663852886e38 : 1.7976931348623157e308);
    });
}

TEST(Trig, SinWithinItsFigure) { check_angles(Op::Sin, mpfr_sin); }
TEST(Trig, CosWithinItsFigure) { check_angles(Op::Cos, mpfr_cos); }
TEST(Trig, TanWithinItsFigure) { check_angles(Op::Tan, mpfr_tan); }
TEST(Trig, CotWithinItsFigure) { check_angles(Op::Cot, mpfr_cot); }
TEST(Trig, SecWithinItsFigure) { check_angles(Op::Sec, mpfr_sec); }
TEST(Trig, CscWithinItsFigure) { check_angles(Op::Csc, mpfr_csc); }

// Multiples of 2^-20 up to 2^20, for which pi x to 400 bits is enough.
int exact_sinc(mpfr_ptr r, mpfr_srcptr x, mpfr_rnd_t) {
    if (mpfr_zero_p(x)) return mpfr_set_ui(r, 1, MPFR_RNDN);
    if (mpfr_integer_p(x)) return mpfr_set_ui(r, 0, MPFR_RNDN);
    Exact angle, sine;
    mpfr_const_pi(angle, MPFR_RNDN);
    mpfr_mul(angle, angle, x, MPFR_RNDN);
    mpfr_sin(sine, angle, MPFR_RNDN);
    return mpfr_div(r, sine, angle, MPFR_RNDN);
}
int exact_radians(mpfr_ptr r, mpfr_srcptr x, mpfr_rnd_t) {
    Exact pi;
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_mul(r, x, pi, MPFR_RNDN);
    return mpfr_div_ui(r, r, 180, MPFR_RNDN);
}
int exact_degrees(mpfr_ptr r, mpfr_srcptr x, mpfr_rnd_t) {
    Exact pi;
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_div(r, x, pi, MPFR_RNDN);
    return mpfr_mul_ui(r, r, 180, MPFR_RNDN);
}

void check_ranges(Op op, Judge1 judge, std::initializer_list<double> reaches) {
    in_every_way(op, [&](const Compiled& f) {
        Judgement j(f, judge);
        std::mt19937_64 random(static_cast<uint64_t>(op));
        for (const double reach : reaches) {
            std::uniform_real_distribution<double> inside(-reach, reach);
            for (int i = 0; i < 700; ++i) j.at(inside(random));
        }
        const int least = f.scalar() == Scalar::F32 ? -149 : -1074;
        for (int e = least; e < 0; ++e) j.at(std::ldexp(1.3, e)), j.at(-std::ldexp(1.9, e));
    });
}
TEST(Trig, SincWithinItsFigure) { check_ranges(Op::Sinc, exact_sinc, {1, 3, 20, 1e6}); }
TEST(Trig, Deg2radWithinItsFigure) { check_ranges(Op::Deg2rad, exact_radians, {360, 1e30}); }
TEST(Trig, Rad2degWithinItsFigure) { check_ranges(Op::Rad2deg, exact_degrees, {7, 1e30}); }

// The remainder and its quadrant against a division to 1,400 bits.
template <class T>
void check_reduction(T x) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    mpfr_t exact, turn, quarters;
    mpfr_inits2(1400, exact, turn, quarters, static_cast<mpfr_ptr>(nullptr));
    mpfr_const_pi(turn, MPFR_RNDN);
    mpfr_div_2ui(turn, turn, 1, MPFR_RNDN);
    mpfr_set_d(exact, static_cast<double>(x), MPFR_RNDN);
    mpfr_div(quarters, exact, turn, MPFR_RNDN);
    mpfr_rint(quarters, quarters, MPFR_RNDN);
    mpfr_mul(turn, turn, quarters, MPFR_RNDN);
    mpfr_sub(exact, exact, turn, MPFR_RNDN);
    mpfr_fmod_ui(quarters, quarters, 4, MPFR_RNDN);

    const T high = meaning::pio2_high(x), low = meaning::pio2_low(x);
    EXPECT_EQ(std::bit_cast<Bits>(high) & 3, static_cast<Bits>(mpfr_get_si(quarters, MPFR_RNDN)) & 3) << x;
    mpfr_set_d(turn, mpfr_get_d(exact, MPFR_RNDN), MPFR_RNDN);  // for its size
    mpfr_sub_d(exact, exact, static_cast<double>(high), MPFR_RNDN);
    mpfr_sub_d(exact, exact, static_cast<double>(low), MPFR_RNDN);
    if (mpfr_zero_p(turn)) return;
    mpfr_div(exact, exact, turn, MPFR_RNDN);
    EXPECT_LT(std::fabs(mpfr_get_d(exact, MPFR_RNDN)), sizeof(T) == 8 ? 0x1p-70 : 0x1p-45) << x;
    mpfr_clears(exact, turn, quarters, static_cast<mpfr_ptr>(nullptr));
}
TEST(Trig, ReductionIsExactForEveryFiniteNumber) {
    std::mt19937_64 random(11);
    for (int e = -2; e < 1024; ++e) {
        const double x = std::ldexp(1 + static_cast<double>(random() >> 12) * 0x1p-52, e);
        check_reduction(x), check_reduction(-x);
        if (e < 128) check_reduction(static_cast<float>(x * 0.75)), check_reduction(static_cast<float>(-x * 0.75));
    }
    check_reduction(kHardest);
    check_reduction(static_cast<float>(kHardestNarrow));
    check_reduction(1.7976931348623157e308);
    check_reduction(3.4028234663852886e38f);
    EXPECT_EQ(meaning::pio2_high(0.25), 0.25);
    EXPECT_TRUE(std::isnan(meaning::pio2_high(INFINITY)) && std::isnan(meaning::pio2_low(-INFINITY)));
    EXPECT_TRUE(std::isnan(meaning::pio2_high(NAN)) && std::isnan(meaning::pio2_low(NAN)));
}

#else
TEST(Trig, WithinItsFigure) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif  // EXPRJIT_HAVE_MPFR

double at(Op op, Scalar s, double x) {
    const OpRunner runner(op, s);
    const Slot bits = float_bits(s, x);
    EXPECT_TRUE(same_value(s, runner(bits), runner.folded(bits)));
    return float_of(s, runner(bits));
}
bool is_zero(double x, bool negative) { return x == 0 && std::signbit(x) == negative; }

TEST(Trig, SpecialValues) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const Op op : {Op::Sin, Op::Cos, Op::Tan, Op::Cot, Op::Sec, Op::Csc, Op::Sinc}) {
            for (const double x : {double(INFINITY), -double(INFINITY), double(NAN)})
                EXPECT_TRUE(std::isnan(at(op, s, x))) << info(op).text << x;
        }
        for (const Op op : {Op::Sin, Op::Tan, Op::Deg2rad, Op::Rad2deg})
            EXPECT_TRUE(is_zero(at(op, s, 0.0), false) && is_zero(at(op, s, -0.0), true)) << info(op).text;
        for (const Op op : {Op::Cot, Op::Csc}) {
            EXPECT_EQ(at(op, s, 0.0), INFINITY) << info(op).text;
            EXPECT_EQ(at(op, s, -0.0), -INFINITY) << info(op).text;
        }
        for (const Op op : {Op::Cos, Op::Sec, Op::Sinc}) {
            EXPECT_EQ(at(op, s, 0.0), 1.0) << info(op).text;
            EXPECT_EQ(at(op, s, -0.0), 1.0) << info(op).text;
        }
        for (const double x : {1.0, -3.0, 1048576.0, 3e38}) EXPECT_TRUE(is_zero(at(Op::Sinc, s, x), false)) << x;
        const double least = s == Scalar::F32 ? 0x1p-149 : 0x1p-1074;
        for (const Op op : {Op::Sin, Op::Tan}) EXPECT_EQ(at(op, s, -least), -least) << info(op).text;
        for (const Op op : {Op::Deg2rad, Op::Rad2deg}) EXPECT_EQ(at(op, s, -INFINITY), -INFINITY) << info(op).text;
    }
    EXPECT_EQ(at(Op::Deg2rad, Scalar::F64, 180), kPi);
    EXPECT_EQ(at(Op::Rad2deg, Scalar::F64, kPi), 180.0);
    EXPECT_EQ(at(Op::Rad2deg, Scalar::F64, 1.7976931348623157e308), INFINITY);
}

// In the fast accuracy, too: infinities and NaN, and the sign of zero.
TEST(Trig, FastSpecialValues) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const Op op : {Op::Sin, Op::Cos, Op::Tan, Op::Cot, Op::Sec, Op::Csc, Op::Sinc}) {
            const Interpreter code(optimised(
                make({s}, {Type(s)}, [&](Builder& b, std::span<const ValueId> v) { b.ret(b.unary(op, v[0])); }),
                Tier::Optimised, kFlagFastMaths));
            const auto value = [&](double x) {
                const Slot bits = float_bits(s, x);
                return float_of(s, run(code, {&bits, 1}, 1).outs[0]);
            };
            for (const double x : {double(INFINITY), -double(INFINITY), double(NAN)})
                EXPECT_TRUE(std::isnan(value(x))) << info(op).text << x;
            const double at_zero = value(-0.0);
            if (op == Op::Sin || op == Op::Tan)
                EXPECT_TRUE(is_zero(at_zero, true)) << info(op).text;
            else
                EXPECT_EQ(at_zero, op == Op::Cot || op == Op::Csc ? -INFINITY : 1.0) << info(op).text;
        }
    }
}

TEST(Trig, OneArgumentIsReducedOnce) {
    const Program p = optimised(make({kF64}, {kF64},
                                     [](Builder& b, std::span<const ValueId> v) {
                                         ValueId sum = b.unary(Op::Sin, v[0]);
                                         for (const Op op : {Op::Cos, Op::Tan, Op::Sec})
                                             sum = b.binary(Op::Add, sum, b.unary(op, v[0]));
                                         b.ret(sum);
                                     }),
                                Tier::Optimised);
    EXPECT_EQ(count_ops(p, Op::Pio2High), 1u);
    EXPECT_EQ(count_ops(p, Op::If), 2u) << "one for what the short reduction does not reach, in it one for NaN";
}

// A NaN among the rows does not send them through the exact reduction, which costs a hundred times as much.
TEST(Trig, NanNeedsNoExactReduction) {
    for (const Op op : {Op::Sin, Op::Cos, Op::Tan}) {
        const Program p =
            optimised(make({kF64}, {kF64}, [&](Builder& b, std::span<const ValueId> v) { b.ret(b.unary(op, v[0])); }),
                      Tier::Optimised);
        const Function& f = p.entry();
        uint32_t depth = 0, depth_of_exact = 0;
        for (const Node& n : f.nodes) {
            depth += n.op == Op::If && n.imm == kIfUsual;
            depth -= n.op == Op::EndIf && f[n.link].imm == kIfUsual;
            if (n.op == Op::Pio2High) depth_of_exact = depth;
        }
        EXPECT_EQ(depth_of_exact, 2u) << info(op).name;
    }
}

}  // namespace
}  // namespace exprjit::opt_test
