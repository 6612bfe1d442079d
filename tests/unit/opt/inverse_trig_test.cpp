// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Arc sine, cosine and tangent: accuracy by MPFR against the figure in their rows, special values by C99 Annex F.
#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "trig_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

#if EXPRJIT_HAVE_MPFR

// Inside [-1, 1], towards its ends, towards 0, and where the formula changes.
void check_inverse(Op op, Judge1 judge) {
    in_every_way(op, [&](const Compiled& f) {
        Judgement j(f, judge);
        std::mt19937_64 random(static_cast<uint64_t>(op));
        std::uniform_real_distribution<double> inside(-1, 1), exponent(-60, 0);
        for (int i = 0; i < 2000; ++i) j.at(inside(random));
        for (int i = 0; i < 300; ++i) {
            const double small = std::exp2(exponent(random));
            for (const double x : {small, -small, 1 - small, small - 1, 0.5 + small / 2, -0.5 - small / 2}) j.at(x);
        }
        const double unit = f.scalar() == Scalar::F32 ? 0x1p-24 : 0x1p-53;
        for (const double x : {0.5, 0.5 - unit / 2, 0.5 + unit, 1 - unit, 1.0}) j.at(x), j.at(-x);
        for (int e = f.scalar() == Scalar::F32 ? -149 : -1074; e < -20; e += 3) j.at(std::ldexp(1.7, e));
    });
}
TEST(InverseTrig, AsinWithinItsFigure) { check_inverse(Op::Asin, mpfr_asin); }
TEST(InverseTrig, AcosWithinItsFigure) { check_inverse(Op::Acos, mpfr_acos); }

TEST(InverseTrig, AtanWithinItsFigure) {
    in_every_way(Op::Atan, [&](const Compiled& f) {
        Judgement j(f, mpfr_atan);
        std::mt19937_64 random(3);
        for (const double reach : {0.6, 1.0, 2.5, 10.0, 1e4}) {
            std::uniform_real_distribution<double> inside(-reach, reach);
            for (int i = 0; i < 600; ++i) j.at(inside(random));
        }
        const bool narrow = f.scalar() == Scalar::F32;
        for (int e = narrow ? -149 : -1074; e < (narrow ? 128 : 1024); ++e)
            j.at(std::ldexp(1.4, e)), j.at(-std::ldexp(1.9, e));
        for (const double x : {0.5, 1.0, 2.0}) {
            for (int k = -3; k <= 3; ++k) j.at(x + k * std::ldexp(x, narrow ? -23 : -52));
        }
    });
}

TEST(InverseTrig, Atan2WithinItsFigure) {
    in_every_way(Op::Atan2, [&](const Compiled& f) {
        Judgement j(f, nullptr, mpfr_atan2);
        std::mt19937_64 random(4);
        const int reach = f.scalar() == Scalar::F32 ? 148 : 1070;
        std::uniform_real_distribution<double> inside(-10, 10), ratio(-3, 3), mantissa(1, 2);
        std::uniform_int_distribution<int> exponent(-reach, f.scalar() == Scalar::F32 ? 126 : 1022);
        const auto signed_by = [&](double d) { return random() % 2 == 0 ? d : -d; };
        for (int i = 0; i < 1000; ++i) j.at(inside(random), inside(random));
        for (int i = 0; i < 1500; ++i) {  // anywhere, and of like size anywhere
            const int e = exponent(random);
            const double x = signed_by(std::ldexp(mantissa(random), e));
            j.at(signed_by(std::ldexp(mantissa(random), exponent(random))), x);
            j.at(signed_by(x * std::exp2(ratio(random))), x);
        }
        // Quotients that are subnormal.
        const double large = f.scalar() == Scalar::F32 ? 0x1p120 : 0x1p1020;
        for (int e = 0; e < 60; ++e) {
            const double tiny = std::ldexp(1.1, f.scalar() == Scalar::F32 ? 8 - e : -2 - e);
            j.at(tiny, large), j.at(-tiny, large * 1.7), j.at(tiny, -large);
        }
    });
}

#else
TEST(InverseTrig, WithinItsFigure) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif  // EXPRJIT_HAVE_MPFR

// Both accuracies of one operation; they must agree that the result is `wanted`, with its sign.
void expect(Op op, Scalar s, std::initializer_list<double> args, double wanted) {
    for (const uint32_t flags : {0u, uint32_t{kFlagFastMaths}}) {
        const Program p = make({s, s}, {Type(s)}, [&](Builder& b, std::span<const ValueId> v) {
            b.ret(args.size() == 2 ? b.binary(op, v[0], v[1]) : b.unary(op, v[0]));
        });
        const Slot slots[2] = {float_bits(s, args.begin()[0]), float_bits(s, args.size() == 2 ? args.begin()[1] : 0)};
        const double got = float_of(s, run(Interpreter(optimised(p, Tier::Optimised, flags)), slots, 1).outs[0]);
        const double rounded = float_of(s, float_bits(s, wanted));
        EXPECT_TRUE(std::isnan(wanted) ? std::isnan(got) : got == rounded && std::signbit(got) == std::signbit(rounded))
            << info(op).text << " of " << std::string(name_of(s)) << " at " << *args.begin() << ", "
            << args.begin()[args.size() - 1] << ": " << got << ", not " << wanted;
    }
}

TEST(InverseTrig, SpecialValues) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const Op op : {Op::Asin, Op::Acos}) {
            for (const double x : {1.0000002, -1.0000002, kInfinity, -kInfinity, double(NAN)}) expect(op, s, {x}, NAN);
        }
        for (const Op op : {Op::Asin, Op::Atan}) {
            for (const double zero : {0.0, -0.0}) expect(op, s, {zero}, zero);
            const double least = s == Scalar::F32 ? 0x1p-149 : 0x1p-1074;
            expect(op, s, {-least}, -least);
        }
        expect(Op::Asin, s, {1}, kPi / 2);
        expect(Op::Asin, s, {-1}, -kPi / 2);
        expect(Op::Acos, s, {1}, 0.0);
        expect(Op::Acos, s, {-1}, kPi);
        for (const double zero : {0.0, -0.0}) expect(Op::Acos, s, {zero}, kPi / 2);
        for (const double large : {kInfinity, s == Scalar::F32 ? 3e38 : 1e308}) {
            expect(Op::Atan, s, {large}, kPi / 2);
            expect(Op::Atan, s, {-large}, -kPi / 2);
        }
        expect(Op::Atan, s, {NAN}, NAN);
    }
}

// C99 F.9.1.4, case by case.
TEST(InverseTrig, SpecialValuesOfAtan2) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        const auto atan2 = [&](double y, double x, double wanted) { expect(Op::Atan2, s, {y, x}, wanted); };
        const double least = s == Scalar::F32 ? 0x1p-149 : 0x1p-1074, large = s == Scalar::F32 ? 3e38 : 1e308;
        for (const double sign : {1.0, -1.0}) {
            atan2(sign * 0.0, -0.0, sign * kPi);
            atan2(sign * 0.0, 0.0, sign * 0.0);
            for (const double x : {least, 1.0, large, kInfinity}) {
                atan2(sign * 0.0, -x, sign * kPi);
                atan2(sign * 0.0, x, sign * 0.0);
                atan2(sign * x, 0.0, sign * kPi / 2);
                atan2(sign * x, -0.0, sign * kPi / 2);
            }
            for (const double y : {least, 1.0, large}) {
                atan2(sign * y, -kInfinity, sign * kPi);
                atan2(sign * y, kInfinity, sign * 0.0);
                atan2(sign * kInfinity, y, sign * kPi / 2);
                atan2(sign * kInfinity, -y, sign * kPi / 2);
                atan2(sign * y, y, sign * kPi / 4);
                atan2(sign * y, -y, sign * 3 * kPi / 4);
            }
            atan2(sign * kInfinity, -kInfinity, sign * 3 * kPi / 4);
            atan2(sign * kInfinity, kInfinity, sign * kPi / 4);
            for (const double x : {0.0, -1.0, kInfinity}) {
                atan2(NAN, sign * x, NAN);
                atan2(sign * x, NAN, NAN);
            }
        }
        atan2(least, large, 0.0);
        atan2(-least, large, -0.0);
    }
}

// No step backwards where one formula takes over from another.
TEST(InverseTrig, MonotoneWhereFormulasMeet) {
    for (const Op op : {Op::Asin, Op::Atan}) {
        const OpRunner f(op, Scalar::F64);
        for (const double middle : {0.5, 1.0, 2.0}) {
            if (op == Op::Asin && middle > 0.5) continue;
            double x = middle * (1 - 0x1p-48), previous = -1;
            for (int k = 0; k < 64; ++k, x = std::nextafter(x, 4.0)) {
                const double value = float_of(Scalar::F64, f(float_bits(Scalar::F64, x)));
                EXPECT_GE(value, previous) << info(op).text << x;
                previous = value;
            }
        }
    }
}

}  // namespace
}  // namespace exprjit::opt_test
