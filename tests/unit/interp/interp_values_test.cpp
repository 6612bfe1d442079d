// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cmath>
#include <limits>

#include "ir/builder.h"
#include "run_ir.h"

namespace exprjit {
namespace {

using testing::from_slot;
using testing::slot;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int64_t kMin = INT64_MIN, kMax = INT64_MAX;

template <class T>
constexpr Scalar scalar_of() {
    if constexpr (std::is_same_v<T, bool>)
        return Scalar::Bool;
    else if constexpr (std::is_same_v<T, int32_t>)
        return Scalar::I32;
    else if constexpr (std::is_same_v<T, int64_t>)
        return Scalar::I64;
    else if constexpr (std::is_same_v<T, float>)
        return Scalar::F32;
    else
        return Scalar::F64;
}

// evaluate() on C++ values: result U of op on T.
template <class U, class T>
U value(Op op, T a, T b = T(), T c = T()) {
    Slot out = 0;
    EXPECT_TRUE(evaluate(op, scalar_of<T>(), scalar_of<U>(), slot(a), slot(b), slot(c), &out)) << info(op).text;
    return from_slot<U>(out);
}

template <class T>
void expect_bits(T got, T want, const char* what) {
    if (want != want)
        EXPECT_NE(got, got) << what;
    else
        EXPECT_EQ(slot(got), slot(want)) << what << ": " << static_cast<double>(got) << " for "
                                         << static_cast<double>(want);
}

// Expectations are written out: a meaning is not judged by itself.
TEST(InterpValues, IntegersWrapAndNeverTrap) {
    EXPECT_EQ(value<int64_t>(Op::Add, kMax, int64_t{1}), kMin);
    EXPECT_EQ(value<int32_t>(Op::Sub, INT32_MIN, 1), INT32_MAX);
    EXPECT_EQ(value<int64_t>(Op::Mul, int64_t{1} << 62, int64_t{4}), 0);
    EXPECT_EQ(value<int64_t>(Op::Neg, kMin), kMin);
    EXPECT_EQ(value<int32_t>(Op::Abs, INT32_MIN), INT32_MIN);
    EXPECT_EQ(value<int64_t>(Op::Quot, int64_t{-7}, int64_t{2}), -3);
    EXPECT_EQ(value<int64_t>(Op::Quot, int64_t{7}, int64_t{0}), 0);
    EXPECT_EQ(value<int64_t>(Op::Quot, kMin, int64_t{-1}), kMin);
    EXPECT_EQ(value<int32_t>(Op::Rem, -7, 2), -1);
    EXPECT_EQ(value<int32_t>(Op::Rem, 7, 0), 0);
    EXPECT_EQ(value<int32_t>(Op::Rem, INT32_MIN, -1), 0);
    EXPECT_EQ(value<int64_t>(Op::IntPow, int64_t{3}, int64_t{4}), 81);
    EXPECT_EQ(value<int64_t>(Op::IntPow, int64_t{2}, int64_t{64}), 0);
    EXPECT_EQ(value<int64_t>(Op::IntPow, int64_t{-1}, int64_t{-3}), -1);
    EXPECT_EQ(value<int64_t>(Op::IntPow, int64_t{2}, int64_t{-1}), 0);
}

TEST(InterpValues, BitsAndShifts) {
    EXPECT_EQ(value<int32_t>(Op::Shl, 1, 31), INT32_MIN);
    EXPECT_EQ(value<int32_t>(Op::Shl, 1, 32), 0);
    EXPECT_EQ(value<int32_t>(Op::Shl, 1, -1), 0);
    EXPECT_EQ(value<int64_t>(Op::Shr, int64_t{-8}, int64_t{1}), -4);
    EXPECT_EQ(value<int64_t>(Op::Shr, int64_t{-8}, int64_t{64}), -1);
    EXPECT_EQ(value<int64_t>(Op::Shr, int64_t{8}, int64_t{-5}), 0);
    EXPECT_EQ(value<int32_t>(Op::Shru, -1, 28), 15);
    EXPECT_EQ(value<int32_t>(Op::Shru, -1, 99), 0);
    EXPECT_EQ(value<int32_t>(Op::Rotl, INT32_MIN, 33), 1);
    EXPECT_EQ(value<int32_t>(Op::Rotr, 1, 1), INT32_MIN);
    EXPECT_EQ(value<int64_t>(Op::Popcount, int64_t{-1}), 64);
    EXPECT_EQ(value<int32_t>(Op::Clz, 0), 32);
    EXPECT_EQ(value<int64_t>(Op::Ctz, int64_t{0}), 64);
    EXPECT_EQ(value<int32_t>(Op::Bswap, 0x01020304), 0x04030201);
    EXPECT_EQ(value<bool>(Op::Not, true), false);
    EXPECT_EQ(value<bool>(Op::Xor, true, true), false);
    EXPECT_EQ(value<int32_t>(Op::Not, 5), -6);
    EXPECT_EQ(value<int64_t>(Op::RawBits, 1.0), 0x3ff0000000000000);
    EXPECT_EQ(value<float>(Op::FromBits, 0x3f800000), 1.0f);
}

TEST(InterpValues, FloatsFollowTheRules) {
    expect_bits(value<double>(Op::Min, -0.0, 0.0), -0.0, "min(-0, 0)");
    expect_bits(value<double>(Op::Min, 0.0, -0.0), -0.0, "min(0, -0)");
    expect_bits(value<double>(Op::Max, -0.0, 0.0), 0.0, "max(-0, 0)");
    expect_bits(value<double>(Op::Min, kNan, 1.0), kNan, "min(nan, 1)");
    expect_bits(value<double>(Op::Max, 1.0, kNan), kNan, "max(1, nan)");
    expect_bits(value<double>(Op::Div, 1.0, 0.0), kInf, "1 / 0");
    expect_bits(value<double>(Op::Round, 2.5), 2.0, "round(2.5)");
    expect_bits(value<double>(Op::Round, -0.5), -0.0, "round(-0.5)");
    expect_bits(value<float>(Op::Round, 3.5f), 4.0f, "round(3.5f)");
    expect_bits(value<double>(Op::Floor, -0.5), -1.0, "floor(-0.5)");
    expect_bits(value<double>(Op::Sqrt, -1.0), kNan, "sqrt(-1)");
    expect_bits(value<double>(Op::Fmod, -7.5, 2.0), -1.5, "fmod");
    // 2^-52 squared is lost by two roundings and kept by one.
    const double e = 1 + 0x1p-52;
    expect_bits(value<double>(Op::Fma, e, e, -(1 + 0x1p-51)), 0x1p-104, "fma");
    EXPECT_FALSE(value<bool>(Op::Eq, kNan, kNan));
    EXPECT_TRUE(value<bool>(Op::Ne, kNan, kNan));
    EXPECT_FALSE(value<bool>(Op::Lt, kNan, 1.0));
    EXPECT_TRUE(value<bool>(Op::Ge, 0.0, -0.0));
}

TEST(InterpValues, Conversions) {
    EXPECT_EQ(value<int32_t>(Op::TruncToInt, -1.9), -1);
    EXPECT_EQ(value<int32_t>(Op::TruncToInt, 2147483648.0), INT32_MIN);
    EXPECT_EQ(value<int64_t>(Op::TruncToInt, kNan), kMin);
    EXPECT_EQ(value<int64_t>(Op::TruncToInt, 0x1p62f), int64_t{1} << 62);
    EXPECT_EQ(value<float>(Op::IntToFloat, int64_t{16777217}), 16777216.0f);
    EXPECT_EQ(value<double>(Op::IntToFloat, -3), -3.0);
    EXPECT_EQ(value<float>(Op::FloatToFloat, 0.1), 0.1f);
    EXPECT_EQ(value<int64_t>(Op::Widen, -5), -5);
    EXPECT_EQ(value<int32_t>(Op::Wrap, int64_t{0x1ffffffff}), -1);
    EXPECT_EQ(value<float>(Op::FromBool, true), 1.0f);
}

TEST(InterpValues, OverflowFlags) {
    const auto both = [](Op op, auto a, auto b, auto want, bool want_flag) {
        Slot out = 0;
        bool flag = !want_flag;
        const Scalar s = scalar_of<decltype(a)>();
        ASSERT_TRUE(evaluate(op, s, s, slot(a), slot(b), 0, &out, &flag));
        EXPECT_EQ(from_slot<decltype(want)>(out), want);
        EXPECT_EQ(flag, want_flag);
    };
    both(Op::AddOverflow, kMax, int64_t{1}, kMin, true);
    both(Op::AddOverflow, int64_t{1}, int64_t{1}, int64_t{2}, false);
    both(Op::SubOverflow, INT32_MIN, 1, INT32_MAX, true);
    both(Op::MulOverflow, 65536, 65536, 0, true);
    both(Op::MulOverflow, kMin, int64_t{-1}, kMin, true);
}

TEST(InterpValues, RowsRefuseForeignTypes) {
    Slot out = 0;
    EXPECT_FALSE(evaluate(Op::Sqrt, Scalar::I64, Scalar::I64, 0, 0, 0, &out));
    EXPECT_FALSE(evaluate(Op::Add, Scalar::Bool, Scalar::Bool, 0, 0, 0, &out));
    EXPECT_FALSE(evaluate(Op::Sigmoid, Scalar::F64, Scalar::F64, 0, 0, 0, &out));
    EXPECT_FALSE(evaluate(Op::For, Scalar::I64, Scalar::I64, 0, 0, 0, &out));
    EXPECT_FALSE(evaluate(Op::IntToFloat, Scalar::I64, Scalar::I32, 0, 0, 0, &out));
    EXPECT_FALSE(evaluate(Op::RawBits, Scalar::F64, Scalar::I32, 0, 0, 0, &out));
}

TEST(InterpValues, CallTargetsAreTheMeanings) {
    const auto gamma = reinterpret_cast<double (*)(double)>(call_target(Op::Gamma, Scalar::F64));
    ASSERT_NE(gamma, nullptr);
    EXPECT_EQ(gamma(1.25), std::tgamma(1.25));
    const auto remainder = reinterpret_cast<float (*)(float, float)>(call_target(Op::Fmod, Scalar::F32));
    ASSERT_NE(remainder, nullptr);
    EXPECT_EQ(remainder(7, 4), 3.0f);
    const auto power = reinterpret_cast<int32_t (*)(int32_t, int32_t)>(call_target(Op::IntPow, Scalar::I32));
    ASSERT_NE(power, nullptr);
    EXPECT_EQ(power(-2, 3), -8);
    EXPECT_EQ(call_target(Op::Gamma, Scalar::I32), nullptr);
    EXPECT_EQ(call_target(Op::Add, Scalar::F64), nullptr);
    EXPECT_EQ(call_target(Op::Convert, Scalar::F64), nullptr);
    for (int k = 0; k < kOpCount; ++k) {
        const Op op = static_cast<Op>(k);
        bool any = false;
        for (int s = 0; s < kScalarCount; ++s) any = any || call_target(op, static_cast<Scalar>(s)) != nullptr;
        EXPECT_EQ(any, info(op).lowering == Lowering::Call) << info(op).text;
    }
}

// The same row through evaluate(), through a scalar node and through lanes, for every row, type and value: equal bits.
TEST(InterpValues, ScalarsLanesAndFoldingAgree) {
    static constexpr uint64_t kBits[kScalarCount][8] = {
        {0, 1, 1, 0, 0, 1, 0, 1},
        {0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 31, 32, 7},
        {0, 1, UINT64_MAX, 0x8000000000000000, 0x7fffffffffffffff, 63, 64, 7},
        {0, 0x80000000, 0x3f800000, 0xbfc00000, 0x7f800000, 0x7fc00000, 1, 0x501502f9},
        {0, 0x8000000000000000, 0x3ff0000000000000, 0xbff8000000000000, 0x7ff0000000000000, 0x7ff8000000000000, 1,
         0x4202a05f20000000}};
    int rows = 0;
    for (int k = 0; k < kOpCount; ++k) {
        const Op op = static_cast<Op>(k);
        const OpInfo& i = info(op);
        if (i.lowering != Lowering::Inst && i.lowering != Lowering::Call) continue;
        for (int ts = 0; ts < kScalarCount; ++ts) {
            for (int us = 0; us < kScalarCount; ++us) {
                const Scalar t = static_cast<Scalar>(ts), u = static_cast<Scalar>(us);
                Slot ignored = 0;
                const bool ok = evaluate(op, t, u, 0, 0, 0, &ignored);
                if (i.results == 0 ? us != ts : (i.results & set_of(u)) == 0) continue;
                if ((i.types & set_of(t)) == 0) {
                    EXPECT_FALSE(ok) << i.text;
                    continue;
                }
                if (!ok) continue;  // raw_bits and from_bits of unequal widths
                if ((op == Op::Widen && us < ts) || (op == Op::Wrap && us > ts)) continue;  // refused by the verifier
                ++rows;
                // One program: the operation on four lanes and on each of the four as scalars.
                Program p;
                p.functions.emplace_back();
                Builder b(p.entry());
                std::vector<ValueId> out;
                std::vector<Slot> want;
                const bool flags = i.has(kMulti);
                for (int round = 0; round < 8; ++round) {
                    Slot bits[3][4];
                    ValueId lanes[3], scalars[3][4];
                    for (int o = 0; o < i.arity; ++o) {
                        const Scalar s = i.signature[o] == 'B' ? Scalar::Bool : t;
                        const Type wide = Type::lanes(s, 2);
                        const ValueId counter = b.append(Op::Iota, Type::lanes(Scalar::I32, 2), {});
                        for (int l = 0; l < 4; ++l) {
                            bits[o][l] = kBits[static_cast<int>(s)][(round + l * (o + 1) + 3 * o) % 8];
                            scalars[o][l] = b.constant(s, bits[o][l]);
                            const ValueId here =
                                b.binary(Op::Eq, counter, b.splat(Type::lanes(Scalar::I32, 2), b.i32(l)));
                            const ValueId filled = b.splat(wide, scalars[o][l]);
                            lanes[o] = l == 0 ? filled : b.select(here, filled, lanes[o]);
                        }
                    }
                    const auto operands = static_cast<size_t>(i.arity);
                    const ValueId wide = b.value(op, {lanes, operands}, u);
                    for (int l = 0; l < 4; ++l) {
                        ValueId one[3];
                        for (size_t o = 0; o < operands; ++o) one[o] = scalars[o][l];
                        const ValueId narrow = b.value(op, {one, operands}, u);
                        Slot value = 0;
                        bool flag = false;
                        ASSERT_TRUE(evaluate(op, t, u, bits[0][l], operands > 1 ? bits[1][l] : 0,
                                             operands > 2 ? bits[2][l] : 0, &value, &flag));
                        for (int second = 0; second <= (flags ? 1 : 0); ++second) {
                            const auto at = static_cast<ValueId>(second);
                            out.push_back(narrow + at);
                            out.push_back(b.append(Op::Extract, b.type_of(wide + at).scalar(), std::vector{wide + at},
                                                   static_cast<uint64_t>(l)));
                            for (int twice = 0; twice < 2; ++twice) want.push_back(second ? Slot{flag} : value);
                        }
                    }
                }
                for (const ValueId v : out) p.entry().results.push_back(b.type_of(v));
                b.ret(out);
                const auto verified = verify(p, Limits(), Trust::Internal);
                ASSERT_TRUE(verified.ok()) << verified.error().diagnostics[0].message;
                const testing::Outcome o = testing::run_program(p, {});
                ASSERT_EQ(o.exit, Exit::Ok);
                for (size_t n = 0; n < out.size(); ++n)
                    ASSERT_EQ(o.outs[n], want[n]) << i.text << " " << name_of(t) << " result " << n;
            }
        }
    }
    EXPECT_GT(rows, 150);
}

}  // namespace
}  // namespace exprjit
