// SPDX-License-Identifier: MIT OR Apache-2.0
#include <random>

#include "opt_test.h"
#if EXPRJIT_HAVE_MPFR
#include "mpfr_judge.h"
#endif

namespace exprjit::opt_test {
namespace {

#if EXPRJIT_HAVE_MPFR

// Arguments where x^n is most likely to go wrong: ordinary ones, all magnitudes, and the edges of the range of x^n.
std::vector<double> power_arguments(Scalar s, int n) {
    std::mt19937_64 random(12345 + static_cast<uint64_t>(n));
    std::uniform_real_distribution<double> unit(1, 2);
    std::vector<double> xs = special_floats();
    const int bottom = s == Scalar::F32 ? -149 : -1074, top = s == Scalar::F32 ? 127 : 1023;
    const auto add = [&](double x) {
        if (s == Scalar::F32) x = static_cast<float>(x);
        xs.push_back(x);
        xs.push_back(-x);
    };
    for (int i = 0; i < 3000; ++i) add(unit(random) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 0.5 : 0.001));
    for (int e = bottom; e <= top; ++e) add(std::ldexp(unit(random), e));
    const int m = std::abs(n);
    if (m == 0) return xs;
    for (const int edge : {bottom, bottom + 1, bottom + 30, bottom + (s == Scalar::F32 ? 23 : 52), top, top + 1, -top,
                           -top - 1, -top - 2, -900, 900, -bottom, -bottom - 1}) {
        const double near = std::exp2(static_cast<double>(edge) / m);
        for (int i = 0; i < 300; ++i) add(near * (1 + (unit(random) - 1.5) * (i < 150 ? 1e-15 * i : 0.01 * (i - 150))));
    }
    return xs;
}

TEST(ExpandPowi, WithinOneUnitForEveryExponent) {
    double worst[2] = {0, 0};
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        for (int n = -16; n <= 16; ++n) {
            const Interpreter powi(
                optimised(make({s}, {s},
                               [&](Builder& b, std::span<const ValueId> v) {
                                   b.ret(b.unary(Op::Powi, v[0], static_cast<uint64_t>(static_cast<int64_t>(n))));
                               }),
                          Tier::Optimised));
            for (const double d : power_arguments(s, n)) {
                const Slot arg = float_bits(s, d);
                const double x = float_of(s, arg);
                const double got = float_of(s, run(powi, {&arg, 1}, 1).outs[0]);
                Exact exact(x);
                mpfr_pow_si(exact, exact, n, MPFR_RNDN);
                const double error = ulp_error(s, got, exact);
                ASSERT_LE(error, 1.0) << show(s, arg) << " ** " << n << " = " << got;
                worst[s == Scalar::F64] = std::max(worst[s == Scalar::F64], error);
                // C99's special values, signs of zeros included.
                const double c99 = std::pow(x, n);
                if (x == 0 || std::isinf(x) || std::isnan(x))
                    ASSERT_TRUE(same_value(Scalar::F64, std::bit_cast<Slot>(got), std::bit_cast<Slot>(c99)))
                        << x << " ** " << n;
                else
                    ASSERT_EQ(std::signbit(got), std::signbit(c99)) << x << " ** " << n;
            }
        }
    }
    RecordProperty("worst_ulp_f32", std::to_string(worst[0]));
    RecordProperty("worst_ulp_f64", std::to_string(worst[1]));
    std::printf("powi: worst %.4f ULP in f32, %.4f in f64\n", worst[0], worst[1]);
}

#endif  // EXPRJIT_HAVE_MPFR

TEST(ExpandPowi, AllWaysAgree) {
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        for (const int n : {-16, -3, -2, -1, 0, 1, 2, 3, 15}) {
            const OpRunner powi(Op::Powi, s, Scalar::Bool, static_cast<uint64_t>(static_cast<int64_t>(n)));
            for (const Slot a : special_values(s))
                EXPECT_TRUE(same_value(s, powi(a), powi.folded(a))) << powi.describe(&a) << n;
        }
    }
}

TEST(ExpandPowi, IntegersWrap) {
    for (const Scalar s : {Scalar::I32, Scalar::I64}) {
        for (int n = 0; n <= 16; ++n) {
            const OpRunner powi(Op::Powi, s, Scalar::Bool, static_cast<uint64_t>(n));
            for (const Slot a : special_values(s)) {
                uint64_t want = 1;
                for (int i = 0; i < n; ++i) want *= static_cast<uint64_t>(int_of(s, a));
                EXPECT_EQ(powi(a), int_bits(s, static_cast<int64_t>(want))) << powi.describe(&a) << n;
            }
        }
    }
}

#if !EXPRJIT_HAVE_MPFR
TEST(ExpandPowi, WithinOneUnitForEveryExponent) { GTEST_SKIP() << "needs MPFR: apt-get install libmpfr-dev"; }
#endif

}  // namespace
}  // namespace exprjit::opt_test
