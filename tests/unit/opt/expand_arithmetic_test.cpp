// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

Slot f64(double d) { return std::bit_cast<uint64_t>(d); }

struct FloatCase {
    double a, b, quotient, remainder;
};
struct IntCase {
    int64_t a, b, quotient, remainder;
};

#define F(a, b, q, r) {a, b, q, r},
#define I(a, b, q, r)
const FloatCase kFloatCases[] = {
#include "python_cases.inc"
};
#undef F
#undef I
#define F(a, b, q, r)
#define I(a, b, q, r) {a, b, q, r},
const IntCase kIntCases[] = {
#include "python_cases.inc"
};
#undef F
#undef I

TEST(ExpandFloorDiv, FloatsGiveWhatPythonGives) {
    const OpRunner floor_div(Op::FloorDiv, Scalar::F64), mod(Op::Mod, Scalar::F64);
    for (const FloatCase& c : kFloatCases) {
        const Slot args[2] = {f64(c.a), f64(c.b)};
        const Slot q = floor_div(args[0], args[1]), r = mod(args[0], args[1]);
        EXPECT_TRUE(same_value(Scalar::F64, q, f64(c.quotient))) << floor_div.describe(args) << show(Scalar::F64, q);
        EXPECT_TRUE(same_value(Scalar::F64, r, f64(c.remainder))) << mod.describe(args) << show(Scalar::F64, r);
        EXPECT_TRUE(same_value(Scalar::F64, q, floor_div.folded(args[0], args[1])));
        EXPECT_TRUE(same_value(Scalar::F64, r, mod.folded(args[0], args[1])));
    }
}

TEST(ExpandFloorDiv, FloatByZeroIsTheQuotientAndNan) {
    const OpRunner floor_div(Op::FloorDiv, Scalar::F64), mod(Op::Mod, Scalar::F64);
    for (const double a : special_floats()) {
        for (const double zero : {0.0, -0.0}) {
            EXPECT_TRUE(same_value(Scalar::F64, floor_div(f64(a), f64(zero)), f64(a / zero))) << a;
            EXPECT_TRUE(is_nan_bits(Scalar::F64, mod(f64(a), f64(zero)))) << a;
        }
    }
}

// NumPy's algorithm (npy_divmod) over again, in plain C++ and in float.
void numpy_divmod(float a, float b, float& quotient, float& remainder) {
    float mod = std::fmod(a, b);
    if (b == 0) {
        quotient = a / b;
        remainder = mod;
        return;
    }
    float div = (a - mod) / b;
    if (mod != 0) {
        if ((b < 0) != (mod < 0)) mod += b, div -= 1.0f;
    } else {
        mod = std::copysign(0.0f, b);
    }
    if (div != 0) {
        quotient = std::floor(div);
        if (div - quotient > 0.5f) quotient += 1.0f;
    } else {
        quotient = std::copysign(0.0f, a / b);
    }
    remainder = mod;
}

TEST(ExpandFloorDiv, SingleFloatsGiveWhatNumpyGives) {
    const OpRunner floor_div(Op::FloorDiv, Scalar::F32), mod(Op::Mod, Scalar::F32);
    for (const Slot a : special_values(Scalar::F32)) {
        for (const Slot b : special_values(Scalar::F32)) {
            float q, r;
            numpy_divmod(static_cast<float>(float_of(Scalar::F32, a)), static_cast<float>(float_of(Scalar::F32, b)), q,
                         r);
            const Slot args[2] = {a, b};
            EXPECT_TRUE(same_value(Scalar::F32, floor_div(a, b), float_bits(Scalar::F32, q)))
                << floor_div.describe(args);
            EXPECT_TRUE(same_value(Scalar::F32, mod(a, b), float_bits(Scalar::F32, r))) << mod.describe(args);
        }
    }
}

TEST(ExpandFloorDiv, IntegersGiveWhatPythonGives) {
    const OpRunner floor_div(Op::FloorDiv, Scalar::I64), mod(Op::Mod, Scalar::I64);
    const OpRunner narrow_div(Op::FloorDiv, Scalar::I32), narrow_mod(Op::Mod, Scalar::I32);
    for (const IntCase& c : kIntCases) {
        const Slot a = static_cast<Slot>(c.a), b = static_cast<Slot>(c.b);
        const Slot args[2] = {a, b};
        EXPECT_EQ(static_cast<int64_t>(floor_div(a, b)), c.quotient) << floor_div.describe(args);
        EXPECT_EQ(static_cast<int64_t>(mod(a, b)), c.remainder) << mod.describe(args);
        EXPECT_EQ(static_cast<int64_t>(floor_div.folded(a, b)), c.quotient) << floor_div.describe(args);
        EXPECT_EQ(static_cast<int64_t>(mod.folded(a, b)), c.remainder) << mod.describe(args);
        if (c.a != static_cast<int32_t>(c.a) || c.b != static_cast<int32_t>(c.b)) continue;
        if (c.quotient > INT32_MAX) continue;  // MIN // -1: wraps, tested below
        const Slot na = int_bits(Scalar::I32, c.a), nb = int_bits(Scalar::I32, c.b);
        EXPECT_EQ(int_of(Scalar::I32, narrow_div(na, nb)), c.quotient) << c.a << " // " << c.b;
        EXPECT_EQ(int_of(Scalar::I32, narrow_mod(na, nb)), c.remainder) << c.a << " % " << c.b;
    }
}

TEST(ExpandFloorDiv, IntegersNeverTrap) {
    for (const Scalar s : {Scalar::I32, Scalar::I64}) {
        const OpRunner floor_div(Op::FloorDiv, s), mod(Op::Mod, s);
        const Slot lowest = int_bits(s, s == Scalar::I32 ? INT32_MIN : INT64_MIN), minus_one = int_bits(s, -1);
        EXPECT_EQ(floor_div(lowest, minus_one), lowest);
        EXPECT_EQ(mod(lowest, minus_one), 0u);
        for (const Slot a : special_values(s)) {
            EXPECT_EQ(floor_div(a, 0), 0u);
            EXPECT_EQ(mod(a, 0), 0u);
        }
    }
}

// Divisors that are constants take other paths: shifts, masks, fewer corrections.
TEST(ExpandFloorDiv, ConstantDivisorsAgreeWithVariableOnes) {
    for (const Op op : {Op::FloorDiv, Op::Mod, Op::Quot, Op::Rem}) {
        for (const Scalar s : {Scalar::I32, Scalar::I64}) {
            const OpRunner variable(op, s);
            for (const Slot divisor : special_values(s)) {
                const Program p = make({s}, {s}, [&](Builder& b, std::span<const ValueId> v) {
                    b.ret(b.binary(op, v[0], b.constant(s, divisor)));
                });
                const Interpreter baseline(optimised(p, Tier::Baseline)), full(optimised(p, Tier::Optimised));
                for (const Slot a : special_values(s)) {
                    const Slot args[2] = {a, divisor};
                    const Slot wanted = variable(a, divisor);
                    EXPECT_EQ(run(baseline, args, 1).outs[0], wanted) << variable.describe(args);
                    EXPECT_EQ(run(full, args, 1).outs[0], wanted) << variable.describe(args);
                }
            }
        }
    }
}

TEST(ExpandMinMax, FminAndFmaxIgnoreNan) {
    for (const Scalar s : {Scalar::F32, Scalar::F64}) {
        const OpRunner fmin(Op::Fmin, s), fmax(Op::Fmax, s);
        for (const Slot a : special_values(s)) {
            for (const Slot b : special_values(s)) {
                const double x = float_of(s, a), y = float_of(s, b);
                const bool x_first = x < y || (x == y && std::signbit(x)) || std::isnan(y);
                const bool y_first = y < x || (x == y && std::signbit(y)) || std::isnan(x);
                EXPECT_TRUE(same_value(s, fmin(a, b), x_first ? a : b)) << x << " " << y;
                EXPECT_TRUE(same_value(s, fmax(a, b),
                                       std::isnan(y)   ? a
                                       : std::isnan(x) ? b
                                       : y_first       ? a
                                                       : b))
                    << x << " " << y;
            }
        }
    }
}

TEST(ExpandMinMax, ClampAndInrange) {
    const OpRunner clamp(Op::Clamp, Scalar::F64), inside(Op::Inrange, Scalar::F64);
    const OpRunner int_clamp(Op::Clamp, Scalar::I32), int_inside(Op::Inrange, Scalar::I32);
    EXPECT_EQ(clamp(f64(5), f64(1), f64(3)), f64(3));
    EXPECT_EQ(clamp(f64(-5), f64(1), f64(3)), f64(1));
    EXPECT_EQ(clamp(f64(2), f64(1), f64(3)), f64(2));
    EXPECT_EQ(clamp(f64(-0.0), f64(0.0), f64(3)), f64(0.0));
    EXPECT_TRUE(is_nan_bits(Scalar::F64, clamp(f64(NAN), f64(1), f64(3))));
    EXPECT_EQ(inside(f64(3), f64(1), f64(3)), 1u);
    EXPECT_EQ(inside(f64(3.5), f64(1), f64(3)), 0u);
    EXPECT_EQ(inside(f64(NAN), f64(1), f64(3)), 0u);
    EXPECT_EQ(int_clamp(int_bits(Scalar::I32, -9), int_bits(Scalar::I32, -4), 7), int_bits(Scalar::I32, -4));
    EXPECT_EQ(int_clamp(9, int_bits(Scalar::I32, -4), 7), 7u);
    EXPECT_EQ(int_inside(7, 7, 7), 1u);
    EXPECT_EQ(int_inside(8, 7, 7), 0u);
}

}  // namespace
}  // namespace exprjit::opt_test
