// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

// Runs `op` over all special values of both float types; `wanted` gives the answer for the value, as bits of the result type.
void check_floats(Op op, const std::function<Slot(Scalar, double)>& wanted) {
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        const OpRunner runner(op, s);
        for (const Slot a : special_values(s)) {
            const Slot got = runner(a), want = wanted(s, float_of(s, a));
            EXPECT_TRUE(same_value(runner.result(), got, want))
                << runner.describe(&a) << " got " << show(runner.result(), got) << ", want "
                << show(runner.result(), want);
            EXPECT_TRUE(same_value(runner.result(), runner.folded(a), want)) << runner.describe(&a);
        }
    }
}

TEST(ExpandRounding, RoundAway) {
    check_floats(Op::RoundAway, [](Scalar s, double x) {
        return s == Scalar::F32 ? float_bits(s, std::round(static_cast<float>(x))) : float_bits(s, std::round(x));
    });
}
TEST(ExpandRounding, Frac) {
    check_floats(Op::Frac, [](Scalar s, double x) { return float_bits(s, x - std::trunc(x)); });
}
TEST(ExpandSigns, Sign) {
    check_floats(Op::Sign, [](Scalar s, double x) {
        return float_bits(s, std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0);
    });
    for (const Scalar s : {Scalar::I32, Scalar::I64}) {
        const OpRunner sign(Op::Sign, s);
        for (const Slot a : special_values(s)) {
            const int64_t x = int_of(s, a);
            EXPECT_EQ(int_of(s, sign(a)), x > 0 ? 1 : x < 0 ? -1 : 0) << x;
        }
    }
}
TEST(ExpandSigns, SignbitOfNanIsFalse) {
    check_floats(Op::Signbit, [](Scalar, double x) { return Slot{!std::isnan(x) && std::signbit(x)}; });
}
TEST(ExpandSigns, CopysignOfNanIsAbs) {
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        const OpRunner copysign(Op::Copysign, s);
        for (const Slot a : special_values(s)) {
            for (const Slot b : special_values(s)) {
                const double x = float_of(s, a), y = float_of(s, b);
                const Slot args[2] = {a, b};
                const double want = std::isnan(y) ? std::fabs(x) : std::copysign(x, y);
                EXPECT_TRUE(same_value(s, copysign(a, b), float_bits(s, want))) << copysign.describe(args);
            }
        }
    }
}
TEST(ExpandClasses, IsNanIsInfIsFinite) {
    check_floats(Op::IsNan, [](Scalar, double x) { return Slot{std::isnan(x)}; });
    check_floats(Op::IsInf, [](Scalar, double x) { return Slot{std::isinf(x)}; });
    check_floats(Op::IsFinite, [](Scalar, double x) { return Slot{std::isfinite(x)}; });
}
TEST(ExpandClasses, BitsHaveOneNan) {
    for (const auto& [s, u] : {std::pair{Scalar::F32, Scalar::I32}, std::pair{Scalar::F64, Scalar::I64}}) {
        const OpRunner bits(Op::Bits, s, u);
        for (const Slot a : special_values(s)) {
            const Slot want = is_nan_bits(s, a) ? nan_bits(s) : a;
            EXPECT_EQ(bits(a), want);
            EXPECT_EQ(bits.folded(a), want);
        }
    }
}

// What a conversion means, said over again: long double holds every value of every type exactly.
Slot reference_convert(Scalar from, Scalar to, Slot bits) {
    const long double x =
        is_float(from) ? static_cast<long double>(float_of(from, bits)) : static_cast<long double>(int_of(from, bits));
    if (to == Scalar::Bool) return Slot{!(x == 0)};
    if (to == Scalar::F32) return float_bits(to, static_cast<double>(static_cast<float>(x)));
    if (to == Scalar::F64) return float_bits(to, static_cast<double>(x));
    if (x != x) return 0;
    const long double low = to == Scalar::I32 ? -0x1p31L : -0x1p63L;
    if (x <= low) return int_bits(to, static_cast<int64_t>(low));
    if (x >= -low) return int_bits(to, to == Scalar::I32 ? INT32_MAX : INT64_MAX);
    const long double whole = x < 0 ? -std::floor(-x) : std::floor(x);
    return int_bits(to, static_cast<int64_t>(whole));
}

TEST(ExpandConvert, AllPairs) {
    for (int from = 0; from < kScalarCount; ++from) {
        for (int to = 0; to < kScalarCount; ++to) {
            const auto t = static_cast<Scalar>(from), u = static_cast<Scalar>(to);
            const OpRunner convert(Op::Convert, t, u);
            for (const Slot a : special_values(t)) {
                const Slot want = reference_convert(t, u, a);
                EXPECT_TRUE(same_value(u, convert(a), want))
                    << convert.describe(&a) << name_of(u) << " " << show(u, want);
                EXPECT_TRUE(same_value(u, convert.folded(a), want)) << convert.describe(&a) << name_of(u);
            }
        }
    }
}

}  // namespace
}  // namespace exprjit::opt_test
