// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What logarithms and inverse hyperbolic functions share: taking a number apart, and log(m) for m near 1.
#pragma once

#include <cstdint>
#include <limits>

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

// x = 2^k m, m in [lowest, 2 lowest), for a normal positive x. The exponent comes negated: so it is +0 where k is 0, and
// its product with a negative number is the -0 that changes no sum, not even the sign of a zero.
struct Split {
    Expr mantissa, minus_exponent;
    Expr moved;  // the bits of x / lowest, nearly: their exponent field is k + the bias
};
// `bias` is that of the format, more by the exponent of the power of two by which x was multiplied.
Split split(Expr x, Expr bias, uint64_t lowest);

// Whether x is normal, positive and finite, and below infinity / 2^headroom; by one comparison.
Expr is_ordinary(Expr x, int headroom = 0);

// An argument of a logarithm where the general formula holds. Special arguments are made a power of two (times 5/4), and
// `constant`, one of those that multiply, the infinity or NaN that is the result.
struct Ordinary {
    Expr x, bias, constant;
};
Ordinary make_ordinary(Expr x, double constant);

// log(1 + f) = f + rest for 1 + f in [11/16, 11/8], if `fast` in [sqrt(1/2), sqrt(2)].
Expr log_rest(Expr f, bool fast);
// The same with two corrections: log(1 + f) = sum.high + sum.low, where the sum of f and -f^2/2 is exact. |low| < 0.015.
Pair log_parts(Expr f);

}  // namespace exprjit::maths
