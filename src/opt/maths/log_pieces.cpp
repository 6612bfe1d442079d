// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/maths/log_pieces.h"

namespace exprjit::maths {

namespace {

constexpr LogFormat kF64 = {52,
                            ~uint64_t{0},
                            0x3ff0000000000000,
                            0x3fe6000000000000,
                            0x3fe6a09e667f3bcd,
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
constexpr LogFormat kF32 = {
    23,           0xffffffff,     0x3f800000,       0x3f300000,      0x3f3504f3,  0x007fffff,
    0x7f800000,   0x4b000000,     0x1p23 + 127,     0x1p25,          25,          0x1p-126,
    kLn2F32High,  kLn2F32Low,     kLog10Of2F32High, kLog10Of2F32Low, kLog2OfEF32, kLog2OfEF32Low,
    kLog10OfEF32, kLog10OfEF32Low};

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

// As unsigned numbers, bits - smallest normal < infinity - smallest normal; moved so that signed numbers compare alike.
Expr is_ordinary(Expr x, int headroom) {
    const LogFormat& format = log_format(x);
    const Expr bits = raw_bits(x);
    const uint64_t limit = 2 * format.infinity - static_cast<uint64_t>(headroom) * (format.fraction + 1);
    return bits + word(bits, format.infinity) < word(bits, limit & format.mask);
}

Ordinary make_ordinary(Expr x, double constant) {
    const LogFormat& format = log_format(x);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const Expr usual_bias = x.number(format.bias), usual_constant = x.number(constant);
    const auto [y, bias, value] = unless_rare(is_ordinary(x), std::array<Expr, 3>{x, usual_bias, usual_constant}, [&] {
        const Expr subnormal = (x > 0) & (x < format.smallest_normal);
        const Expr result = select(x == 0, x.number(-kInfinity), select(x > 0, x, nan_like(x)));
        return std::array<Expr, 3>{select(subnormal, x * format.subnormal_scale, x.number(2.5)),
                                   select(subnormal, usual_bias + format.subnormal_exponent, usual_bias),
                                   select(subnormal, usual_constant, result)};
    });
    return {y, bias, value};
}

// f64: log(1 + f) = f - f^2/2 + s (f^2/2 + w p(w)), s = f / (2 + f), w = s^2: this is 2 s + s w p(w) = 2 atanh(s). In f32
// a polynomial in f costs less than the division.
Expr log_beyond_square(NearOne a, Expr early, bool fast) {
    if (is_f32(a.f)) return fma(a.f * a.f * a.f, estrin(a.f, kLogF32), early);
    const Expr s = a.f / a.two_plus, w = s * s;
    const Expr series = fast ? estrin(w, kLogFast) : estrin(w, kLog);
    return fma(s, fma(w, series, a.f * 0.5 * a.f), early);
}

Expr log_beyond_one(NearOne a, Expr early, bool fast) {
    if (fast && is_f32(a.f)) return fma(a.f * a.f, estrin(a.f, kLogFastF32), early);
    const Expr half = a.f * 0.5;
    if (fast) return log_beyond_square(a, fma(-half, a.f, early), true);
    return fma(-half, a.f, log_beyond_square(a, early, false));
}

Expr small_inverse(Expr f) { return is_f32(f) ? horner(f, kInverseF32) : horner(f, kInverse); }

Exponent with_exponent(Expr minus_k, Expr head, double unit, Expr unit_low) {
    const Expr high = fma(minus_k, head.number(-unit), head);
    const Expr lost = head - fma(minus_k, head.number(unit), high);
    return {high, fma(minus_k, -unit_low, lost)};
}

}  // namespace exprjit::maths
