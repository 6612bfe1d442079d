// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What logarithms are made of and inverse hyperbolic functions share: taking a number apart, and log(1 + f) near 1.
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
    uint64_t lowest_of_sum;     // the same for log1p, 3/4
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

// bias - the exponent in the bits of a power of two, which are those of `moved` with a fraction of 0; exponent_bias gives
// 0 for 1.
Expr minus_exponent(Expr power_bits, Expr moved, Expr bias);
double exponent_bias(Expr x);

// Whether x is normal, positive and below infinity / 2^headroom; by one comparison.
Expr is_ordinary(Expr x, int headroom = 0);
// NaN in the type of x.
inline Expr nan_like(Expr x) { return x.bits(x.scalar(), is_f32(x) ? 0x7fc00000 : 0x7ff8000000000000); }
// What the logarithm to a base above 1 is of 0, infinity, negative numbers and NaN.
Expr log_of_special(Expr x);

// f of log(1 + f), 1 + f in [11/16, 11/8], and 2 + f, which may be known earlier than f.
struct NearOne {
    Expr f, two_plus;
};
enum class Base { E, EOfSum, Two, Ten };  // EOfSum: base e, 1 + f in [3/4, 3/2]
// early + (the logarithm of 1 + f to that base - head), where head is f / log(base). Everything but the last two
// operations is ready before the series is.
Expr log_beyond_head(NearOne a, Expr half_head, Expr early, Base base);
// The same for 1 + f in [sqrt(1/2), sqrt(2)], about 2 ULP off.
Expr log_beyond_head_fast(NearOne a, Expr head, Expr early, Base base);
// Base e with fewer terms still: one or two ULP more.
Expr log_beyond_one_fast(NearOne a, Expr early);

// A sum k unit + head that is exact but for k unit_low: `unit`, the logarithm of 2, has few bits.
struct Exponent {
    Expr high, low;
};
Exponent with_exponent(Expr minus_k, Expr head, double unit, Expr unit_low);

// The logarithm of an ordinary x in f64, good enough for results in f32: 2^-30 of it, also near 1; `fast`: 2^-23.
Expr log_for_f32(Expr x, bool fast);

}  // namespace exprjit::maths
