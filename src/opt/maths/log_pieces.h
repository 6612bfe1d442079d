// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What logarithms and inverse hyperbolic functions share: taking a number apart, and log(1 + f) near 1.
#pragma once

#include <cstdint>

#include "opt/maths/log_coefficients.h"
#include "opt/maths/pieces.h"

namespace exprjit::maths {

// What depends on the type.
struct LogFormat {
    int fraction_bits;
    uint64_t mask;              // of all bits
    uint64_t one;               // bits of 1
    uint64_t lowest;            // bits of the least m, 11/16: log(1 + f) - f is then below 1/16
    uint64_t lowest_fast;       // the same for fewer terms and for log_as_pair, sqrt(1/2): the smallest s^2
    uint64_t fraction;          // bits below the exponent
    uint64_t infinity;          // bits of infinity
    uint64_t magic;             // bits of 2^fraction_bits: beside them an integer is a float
    double bias;                // 2^fraction_bits + the bias of exponents
    double subnormal_scale;     // a power of two that makes subnormal numbers normal
    double subnormal_exponent;  // and its exponent
    double smallest_normal;
    double ln2, ln2_low;
    double log10_of_2, log10_of_2_low;
    double log2_of_e, log2_of_e_low, log10_of_e, log10_of_e_low;
};

const LogFormat& log_format(Expr x);

// x = 2^k m, m in [lowest, 2 lowest), for a normal positive x. The exponent comes negated: so it is +0 where k is 0,
// and its product with a negative number is the -0 that changes no sum, not even the sign of a zero.
struct Split {
    Expr mantissa, minus_exponent;
    Expr moved;  // the bits of x / lowest, nearly: their exponent field is k + the bias of exponents
};
// `bias` is that of the format, more by the exponent of the power of two by which x was multiplied.
Split split(Expr x, Expr bias, uint64_t lowest);

// Whether x is normal, positive and below infinity / 2^headroom; by one comparison.
Expr is_ordinary(Expr x, int headroom = 0);
// NaN in the type of x.
inline Expr nan_like(Expr x) { return x.bits(x.scalar(), is_f32(x) ? 0x7fc00000 : 0x7ff8000000000000); }
// What the logarithm to a base above 1 is of 0, infinity, negative numbers and NaN.
Expr log_of_special(Expr x);
// y >= 0 with the sign bit of x.
Expr with_sign_bit_of(Expr y, Expr x);

// f of log(1 + f), 1 + f in [11/16, 11/8], and 2 + f, which may be known earlier than f.
struct NearOne {
    Expr f, two_plus;
};
enum class Base { E, Two, Ten };
// early + (the logarithm of 1 + f to that base - head), where head is f / log(base). Everything but the last two
// operations is ready before the series is.
Expr log_beyond_head(NearOne a, Expr half_head, Expr early, Base base);
// The same for 1 + f in [sqrt(1/2), sqrt(2)], about 2 ULP off.
Expr log_beyond_head_fast(NearOne a, Expr head, Expr early, Base base);
// Base e with fewer terms still: one or two ULP more.
Expr log_beyond_one_fast(NearOne a, Expr early);
// 1 / (1 + f) to about 2^-9, and to 2^-6 f near 0, for what is small beside 1.
Expr small_inverse(Expr f);

// A sum k unit + head that is exact but for k unit_low: `unit`, the logarithm of 2, has few bits.
struct Exponent {
    Expr high, low;
};
Exponent with_exponent(Expr minus_k, Expr head, double unit, Expr unit_low);

// The logarithm of an ordinary x in f64, good enough for results in f32: 2^-30 of it, also near 1; `fast`: 2^-23.
Expr log_for_f32(Expr x, bool fast);

// ---- log(1 + z)

// What log(1 + z) is where 1 + z is not a positive number below 2^1023: log(2^exponent scaled) where is_huge, else
// `result`.
struct Special {
    Expr result, is_huge, scaled;
    int exponent;
};

// The operands of the general formula: u.high = 2^k m, and u.low is what it lost.
struct OnePlus {
    Pair u;
    Expr bias, constant;
};

// Where the arguments are special, u is a power of two (times 5/4), and `constant`, which multiplies, is the result.
template <class MakeSpecial>
OnePlus one_plus(Expr proper, Pair sum, double constant, MakeSpecial make_special) {
    const Expr x = sum.high, bias = x.number(log_format(x).bias), usual_constant = x.number(constant);
    const std::array<Expr, 4> usual{sum.high, sum.low, bias, usual_constant};
    const auto [u, lost, b, c] = unless_rare(proper, usual, [&] {
        const Special s = make_special();
        return std::array<Expr, 4>{select(s.is_huge, s.scaled, x.number(2.5)), x.number(0),
                                   select(s.is_huge, bias - s.exponent, bias),
                                   select(s.is_huge, usual_constant, s.result)};
    });
    return {{u, lost}, b, c};
}

// log(1 + z) = log(u) within 1 ULP, where `proper`: u is ordinary (with headroom 1); z.low is below 2^-53, u.low at
// most a unit of u.high. A small z stands for itself: 1 + z would keep little of it.
template <class MakeSpecial>
Expr log1p_of(Pair z, Pair u, Expr proper, MakeSpecial make_special) {
    const LogFormat& format = log_format(z.high);
    const OnePlus a = one_plus(proper, u, format.ln2_low, make_special);
    const Split s = split(a.u.high, a.bias, format.lowest);
    const Expr is_small = abs(z.high) < 0.25;
    const Expr f = select(is_small, z.high, s.mantissa - 1);
    const Expr scale = from_bits(word(s.moved, 2 * format.one) - (s.moved & word(s.moved, format.infinity)));
    const Expr low = select(is_small, z.low, a.u.low * scale);
    const Exponent sum = with_exponent(s.minus_exponent, f, format.ln2, a.constant);
    return sum.high + log_beyond_head({f, f + 2}, f * 0.5, fma(low, small_inverse(f), sum.low), Base::E);
}

// log(1 + z) to 4 ULP.
template <class MakeSpecial>
Expr log1p_fast(Expr z, MakeSpecial make_special) {
    const LogFormat& format = log_format(z);
    const Expr sum = z + 1;
    const OnePlus a = one_plus(is_ordinary(sum, 1), {sum, z.number(0)}, format.ln2 + format.ln2_low, make_special);
    const Split s = split(a.u.high, a.bias, format.lowest_fast);
    const Expr f = select(s.minus_exponent == 0, z, s.mantissa - 1);
    const Expr early = fma(s.minus_exponent, -a.constant, f);
    return is_f32(z) ? log_beyond_head_fast({f, f + 2}, f, early, Base::E) : log_beyond_one_fast({f, f + 2}, early);
}

}  // namespace exprjit::maths
