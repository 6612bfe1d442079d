// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/maths/log_pieces.h"

#include <limits>

namespace exprjit::maths {

namespace {

constexpr LogFormat kF64 = {52,
                            ~uint64_t{0},
                            0x3ff0000000000000,
                            0x3fe6000000000000,
                            0x3fe6a09e667f3bcd,
                            0x3fe8000000000000,
                            0x000fffffffffffff,
                            0x7ff0000000000000,
                            0x4330000000000000,
                            0x1p52 + 1023,
                            0x1p54,
                            54,
                            0x1p-1022,
                            kLn2High,
                            kLn2Low,
                            kLog10Of2High,
                            kLog10Of2Low,
                            kLog2OfE,
                            kLog2OfELow,
                            kLog10OfE,
                            kLog10OfELow};
constexpr LogFormat kF32 = {23,
                            0xffffffff,
                            0x3f800000,
                            0x3f300000,
                            0x3f3504f3,
                            0x3f400000,
                            0x007fffff,
                            0x7f800000,
                            0x4b000000,
                            0x1p23 + 127,
                            0x1p25,
                            25,
                            0x1p-126,
                            kLn2F32High,
                            kLn2F32Low,
                            kLog10Of2F32High,
                            kLog10Of2F32Low,
                            kLog2OfEF32,
                            kLog2OfEF32Low,
                            kLog10OfEF32,
                            kLog10OfEF32Low};

// (2 atanh(s) / s - 2) / s^2 with s^2 = w, in units of the base's logarithm.
Expr series(Expr w, Base base) {
    const auto of = [&](std::span<const double> wide, std::span<const double> narrow) {
        return is_f32(w) ? horner(w, narrow) : horner(w, wide);
    };
    switch (base) {
    case Base::Two: return of(kLog2, kLog2F32);
    case Base::Ten: return of(kLog10, kLog10F32);
    case Base::EOfSum: return of(kLogOfSum, kLogOfSumF32);
    case Base::E: break;
    }
    return of(kLog, kLogF32);
}

}  // namespace

const LogFormat& log_format(Expr x) { return is_f32(x) ? kF32 : kF64; }

Split split(Expr x, Expr bias, uint64_t lowest) {
    const LogFormat& format = log_format(x);
    const Expr bits = raw_bits(x);
    const Expr moved = bits + word(bits, format.one - lowest);
    const Expr mantissa = from_bits((moved & word(bits, format.fraction)) + word(bits, lowest));
    const Expr exponent = from_bits(shru(moved, format.fraction_bits) | word(bits, format.magic));
    return {mantissa, bias - exponent, moved};
}

Expr minus_exponent(Expr power_bits, Expr moved, Expr bias) {
    const LogFormat& format = log_format(bias);
    if (is_f32(bias)) return fma(to(Op::IntToFloat, Scalar::F32, power_bits), bias.number(-0x1p-23), bias);
    return bias - from_bits(shru(moved, format.fraction_bits) | word(moved, format.magic));
}
double exponent_bias(Expr x) { return is_f32(x) ? 127 : kF64.bias; }

// As unsigned numbers, bits - smallest normal < infinity - smallest normal; moved so that signed numbers compare alike.
Expr is_ordinary(Expr x, int headroom) {
    const LogFormat& format = log_format(x);
    const Expr bits = raw_bits(x);
    const uint64_t limit = 2 * format.infinity - static_cast<uint64_t>(headroom) * (format.fraction + 1);
    return bits + word(bits, format.infinity) < word(bits, limit & format.mask);
}

Expr log_of_special(Expr x) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return select(x == 0, x.number(-kInfinity), select(x > 0, x, nan_like(x)));
}

// log(1 + f) = f - f^2/2 + s (f^2/2 + w p(w)), s = f / (2 + f), w = s^2: this is 2 s + s w p(w) = 2 atanh(s). The
// fast form is f - s f + s w p(w), where the rounding of s counts.
Expr log_beyond_head(NearOne a, Expr half_head, Expr early, Base base) {
    const Expr s = a.f / a.two_plus, w = s * s;
    const Expr q = fma(w, series(w, base), half_head * a.f);
    // The order with one rounding less is one operation longer. Other bases need it, because half_head is rounded
    // there.
    if (base == Base::E || base == Base::EOfSum) return fma(s, q, fma(-half_head, a.f, early));
    return fma(-half_head, a.f, fma(s, q, early));
}

Expr log_beyond_head_fast(NearOne a, Expr head, Expr early, Base base) {
    const Expr s = a.f / a.two_plus, w = s * s;
    return fma(s, fma(w, series(w, base), -head), early);
}

Expr log_beyond_one_fast(NearOne a, Expr early) {
    const Expr s = a.f / a.two_plus, w = s * s;
    return fma(s, fma(w, is_f32(w) ? horner(w, kLogFastF32) : horner(w, kLogFast), -a.f), early);
}

Exponent with_exponent(Expr minus_k, Expr head, double unit, Expr unit_low) {
    const Expr high = fma(minus_k, head.number(-unit), head);
    const Expr lost = head - fma(minus_k, head.number(unit), high);
    return {high, fma(minus_k, -unit_low, lost)};
}

Expr log_for_f32(Expr x, bool fast) {
    const Split a = split(x, x.number(kF64.bias), kF64.lowest_fast);
    const Expr s = (a.mantissa - 1) / (a.mantissa + 1), w = s * s;
    return fma(a.minus_exponent, x.number(-(kLn2High + kLn2Low)),
               s * (fast ? horner(w, kLogNarrowFast) : horner(w, kLogNarrow)));
}

}  // namespace exprjit::maths
