// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/maths/power.h"

#include <limits>

#include "opt/expand.h"
#include "opt/maths/pow_coefficients.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kShifter = 0x1.8p52;        // a sum with it has its integer part in the lowest bits
constexpr double kExponentMagic = 0x1p52;    // as a float, its lowest bits can be replaced by an integer
constexpr uint64_t kExponentMagicBits = 0x4330000000000000;
constexpr uint64_t kOneBits = 0x3ff0000000000000, kSignificandBits = 0x000fffffffffffff;
constexpr uint64_t kRootHalfBits = 0x3fe6a09e667f3bcd;
constexpr int kSignificandWidth = 52;
constexpr double kBeyond = 1100;  // e and 2 to it are beyond every float

// x = m 2^k with m in [sqrt(1/2), sqrt(2)), by arithmetic on the bits as in musl's log: adding what makes sqrt(1/2) a power
// of two carries into the exponent.
struct Reduced {
    Expr m, k;
};

Reduced reduce(Expr x, Expr bias) {
    const Expr bits = raw_bits(x), moved = bits + word(bits, kOneBits - kRootHalfBits);
    const Expr k = from_bits(shru(moved, kSignificandWidth) | word(bits, kExponentMagicBits)) - bias;
    const Expr m = from_bits((moved & word(bits, kSignificandBits)) + word(bits, kRootHalfBits));
    return {m, k};
}

constexpr double kBias = kExponentMagic + 1023;

}  // namespace

// With s = 2 (m - 1) / (m + 1), log(m) = 2 artanh(s / 2) = s + s z (1/12 + z q(z)), z = s^2 (the series of fdlibm's
// e_pow.c). |s| < 0.344, so that the second term is less than 2^-6.5 of the first and q less than 2^-12.5: s, z and 1/12 + z q
// are pairs, q is not.
Pair log_for_power(Expr size, bool fast) {
    constexpr double kSmallestNormal = std::numeric_limits<double>::min();
    const Expr tiny = size < kSmallestNormal;
    const Reduced x = reduce(select(tiny, size * 0x1p54, size), select(tiny, size.number(kBias + 54), size.number(kBias)));
    const Expr m = x.m, k = x.k;

    const Expr f = m - 1, g = m + 1, g_low = m - (g - 1);
    const Expr numerator = f + f, inverse = 1 / g;
    const Expr s = numerator * inverse;
    const Expr s_low = fma(-s, g_low, fma(-s, g, numerator)) * inverse;
    const Expr z = s * s;
    const Expr z_low = fma(s + s, s_low, fma(s, s, -z));
    const Expr q = fast ? even_odd(z, kPowLogFast) : even_odd(z, kPowLog);
    const Expr twelfth = z.number(kPowTwelfthHigh), twelfth_low = z.number(kPowTwelfthLow);
    const Expr u = fma(z, q, twelfth);
    const Expr u_low = fma(z, q, twelfth - u) + (fast ? twelfth_low : fma(z_low, q, twelfth_low));
    const Expr t = z * u;
    const Expr t_low = fma(z_low, u, fma(z, u_low, fma(z, u, -t)));
    const Expr a = s * t;
    const Expr a_low = fma(s_low, t, fma(s, t_low, fma(s, t, -a)));

    // k log(2) + s + a, largest first (k = 0 or |k log(2)| > |s|).
    const Expr ln2 = k.number(kPowLn2High);
    const Expr partial = fma(k, ln2, s), partial_low = s + fma(k, ln2, -partial);
    const Expr high = partial + a;
    const Expr low = fma(k, k.number(kPowLn2Low), (a_low + s_low) + partial_low);
    return {high, (a - (high - partial)) + low};
}

Expr log2_for_power(Expr size, bool fast) {
    const Reduced x = reduce(size, size.number(kBias));
    const Expr f = x.m - 1, s = (f + f) / (x.m + 1), z = s * s;
    return fma(s, fast ? horner(z, kPowLog2SingleFast) : even_odd(z, kPowLog2Single), x.k);
}

// Cody and Waite, "Software manual for the elementary functions" (1980): the exponent less its multiple of log(2), then
// 1 + r + r^2 p(r), in which the sum 1 + r is exact as a pair.
Exponential exp_for_power(Pair exponent, bool fast) {
    const Expr w = exponent.high, shifter = w.number(kShifter);
    const Expr shifted = fma(w, w.number(kPowLog2E), shifter), n = shifted - shifter;
    const Expr near = fma(-n, n.number(kPowLn2High), w), rest = fma(-n, n.number(kPowLn2Low), exponent.low);
    const Expr r = near + rest, square = r * r;
    if (fast) return {fma(square, even_odd(r, kPowExpFast), r) + 1, n, shifted};
    const Expr r_low = (near - r) + rest;
    const Expr sum = r + 1, sum_low = (r - (sum - 1)) + r_low;
    return {sum + fma(square, even_odd(r, kPowExp), sum_low), n, shifted};
}

Exponential exp2_for_power(Expr exponent, bool fast) {
    const Expr shifter = exponent.number(kShifter), shifted = exponent + shifter, n = shifted - shifter;
    const Expr r = exponent - n;
    return {fast ? even_odd(r, kPowExp2SingleFast) : even_odd(r, kPowExp2Single), n, shifted};
}

Expr scaled_normal(const Exponential& e) {
    return from_bits(raw_bits(e.significand) + shl(raw_bits(e.shifted_scale), kSignificandWidth));
}

namespace {

Expr power_of_two(Expr shifted) {
    const Expr bits = raw_bits(shifted);
    return from_bits(shl(bits, kSignificandWidth) + word(bits, kOneBits));
}

// In two steps, of which only the second can leave the range.
Expr scaled(const Exponential& e) {
    const Expr shifter = e.scale.number(kShifter);
    const Expr half = fma(e.scale, e.scale.number(0.5), shifter);
    const Expr other_half = (e.scale - (half - shifter)) + shifter;
    return e.significand * power_of_two(half) * power_of_two(other_half);
}

}  // namespace

Expr power_of_any(const PowerCase& c, const Exponential& e) {
    const Expr x = c.x, y = c.y, one = x.number(1), infinity = x.number(kInfinity);
    const Expr log = select(c.size == 0, -infinity, select(c.size == kInfinity, infinity, c.log));
    const Expr exponent = y * log;
    const Expr size = select(exponent > kBeyond, infinity, select(exponent < -kBeyond, x.number(0), scaled(e)));
    const Expr of_size = select(c.size == 1, one, size);  // 1^infinity, which inf * 0 does not say
    const Expr power = select(expand::is_negative(x) & c.odd, -of_size, of_size);
    const Expr no_number = select((x != x) | (y != y), x + y, power);
    const Expr defined = select((y == 0) | (x == 1), one, no_number);
    return select(c.undefined, x.bits(Scalar::F64, 0x7ff8000000000000), defined);
}

Expr is_odd_integer(Expr n) {
    const Expr half = n * 0.5;
    return half - floor(half) == 0.5;  // of an infinity NaN, which equals nothing
}

}  // namespace exprjit::maths
