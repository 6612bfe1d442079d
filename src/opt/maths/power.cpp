// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/maths/power.h"

#include <limits>

#include "opt/expand.h"
#include "opt/maths/pow_coefficients.h"
#include "opt/maths/range.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kShifter = 0x1.8p52 + 1023;  // a sum with it has its integer part, biased, in the lowest bits
constexpr double kExponentMagic = 0x1p52;     // as a float, its lowest bits can be replaced by an integer
constexpr uint64_t kExponentMagicBits = 0x4330000000000000;
constexpr uint64_t kOneBits = 0x3ff0000000000000, kSignificandBits = 0x000fffffffffffff;
constexpr uint64_t kRootHalfBits = 0x3fe6a09e667f3bcd;
constexpr int kSignificandWidth = 52;
constexpr double kBeyond = 1100;  // e and 2 to it are beyond every float
constexpr uint64_t kNarrowRootHalfBits = 0x3f3504f3, kNarrowExponentBits = 0xff800000;
constexpr int kNarrowSignificandWidth = 23, kNarrowNormal = 25;  // 2^25 makes any subnormal f32 normal

// x = m 2^k with m in [sqrt(1/2), sqrt(2)), by arithmetic on the bits as in musl's log: adding what makes sqrt(1/2) a power
// of two carries into the exponent.
struct Reduced {
    Expr m, k;
};

Reduced reduce(Expr bits, Expr bias) {
    const Expr moved = bits + word(bits, kOneBits - kRootHalfBits);
    const Expr k = from_bits(shru(moved, kSignificandWidth) | word(bits, kExponentMagicBits)) - bias;
    const Expr m = from_bits((moved & word(bits, kSignificandBits)) + word(bits, kRootHalfBits));
    return {m, k};
}

constexpr double kBias = kExponentMagic + 1023;

}  // namespace

Base base_of_power(Expr x, double limit) {
    const Expr bits = raw_bits(x);
    const auto [base, bias, usual_limit] =
        unless_rare(is_in_range(x, std::numeric_limits<double>::min(), kInfinity),
                    std::array<Expr, 3>{bits, x.number(kBias), x.number(limit)}, [&] {
                        const Expr size = abs(x), tiny = size < std::numeric_limits<double>::min();
                        const Expr positive = (x > 0) & (x < kInfinity);
                        return std::array<Expr, 3>{raw_bits(select(tiny, size * 0x1p54, size)),
                                                   select(tiny, x.number(kBias + 54), x.number(kBias)),
                                                   select(positive, x.number(limit), x.number(0))};
                    });
    return {base, bias, usual_limit};
}

NarrowBase base_of_narrow_power(Expr x, double limit) {
    const Expr bits = raw_bits(x), usual_limit = widened(x).number(limit);
    const auto [base, chosen_limit] = unless_rare(
        is_in_range(x, std::numeric_limits<float>::min(), kInfinity), std::array<Expr, 2>{bits, usual_limit}, [&] {
            const Expr size = abs(x), tiny = size < std::numeric_limits<float>::min();
            const Expr moved = raw_bits(size * 0x1p25) - word(bits, uint64_t{kNarrowNormal} << kNarrowSignificandWidth);
            return std::array<Expr, 2>{select(tiny, moved, raw_bits(size)),
                                       select((x > 0) & (x < kInfinity), usual_limit, usual_limit.number(0))};
        });
    return {base, chosen_limit};
}

// With s = 2 (m - 1) / (m + 1), log(m) = 2 artanh(s / 2) = s + s z (1/12 + z q(z)), z = s^2 (the series of fdlibm's
// e_pow.c). |s| < 0.344, so that the second term is less than 2^-6.5 of the first and z q less than 2^-6 of 1/12: s, s z and
// 1/12 + z q are pairs, q is not. What is added to the low parts is in the order in which it is known.
Pair log_for_power(const Base& base, bool fast) {
    const auto [m, k] = reduce(base.bits, base.bias);
    const Expr f = m - 1, g = m + 1, g_low = m - (g - 1);
    const Expr numerator = f + f, s = numerator / g;
    // What s has lost, the residual / g, times the derivative 1 / (1 - s^2 / 4) of the logarithm; 1 / g is (2 - s) / 4. A
    // second division costs less than the multiplications that would replace it.
    const Expr s_low = fma(-s, g_low, fma(-s, g, numerator)) / (s + 2);
    const Expr z = s * s, z_low = fma(s, s, -z);
    const Expr c = s * z, c_low = fma(s, z_low, fma(s, z, -c));
    // k log(2) + s as a pair (k = 0 or |k log(2)| > |s|). k log(2) - partial is exact, as it is small and a multiple of 2^-54.
    const Expr ln2 = k.number(kPowLn2High);
    const Expr partial = fma(k, ln2, s), of_s = s + fma(k, ln2, -partial);
    const Expr partial_low = fma(k, k.number(kPowLn2Low), s_low + of_s);

    const Expr q = fast ? even_odd(z, kPowLogFast) : even_odd(z, kPowLog);
    const Expr twelfth = z.number(kPowTwelfthHigh), twelfth_low = z.number(kPowTwelfthLow);
    const Expr u = fma(z, q, twelfth), u_low = fma(z, q, twelfth - u);
    const Expr known = fma(c, twelfth_low, fma(c_low, u, partial_low));
    const Expr high = fma(c, u, partial);
    return {high, fma(c, u, partial - high) + fma(c, u_low, known)};
}

// m and k by the bits as in reduce(), where 32 of them are enough.
Expr log2_for_power(const NarrowBase& base, bool fast) {
    const Expr moved = base.bits - word(base.bits, kNarrowRootHalfBits);
    const Expr k = to(Op::IntToFloat, Scalar::F64, shr(moved, kNarrowSignificandWidth));
    const Expr m = widened(from_bits(base.bits - (moved & word(moved, kNarrowExponentBits))));
    const Expr s = (m - 1) / (m + 1), z = s * s;
    return fma(s, fast ? even_odd(z, kPowLog2SingleFast) : even_odd(z, kPowLog2Single), k);
}

// Cody and Waite, "Software manual for the elementary functions" (1980): the exponent less its multiple of log(2), then
// 1 + r + r^2 / 2 + r^3 p(r), in which the sum 1 + r is exact as a pair. r is exact: it is less than 0.35 and a
// multiple of 2^-54. What is left of the exponent is less than 2^-43 and comes in last, with its factor e^r.
Exponential exp_for_power(Pair exponent, bool fast) {
    const Expr w = exponent.high, shifter = w.number(kShifter);
    const Expr shifted = fma(w, w.number(kPowLog2E), shifter), n = shifted - shifter;
    const Expr r = fma(-n, n.number(kPowLn2High), w), rest = fma(-n, n.number(kPowLn2Low), exponent.low);
    const Expr square = r * r;
    if (fast) {
        const Expr of_r = fma(square, fma(r, even_odd(r, kPowExpFast), r.number(0.5)), r) + 1;
        return {fma(rest, of_r, of_r), n, shifted};
    }
    const Expr sum = r + 1, sum_low = r - (sum - 1);
    const Expr tail = fma(square, r.number(0.5), fma(square * r, even_odd(r, kPowExp), sum_low));
    return {sum + fma(rest, sum + tail, tail), n, shifted};
}

Exponential exp2_for_power(Expr exponent, bool fast) {
    const Expr shifter = exponent.number(kShifter), shifted = exponent + shifter, n = shifted - shifter;
    const Expr r = exponent - n;
    return {fast ? even_odd(r, kPowExp2SingleFast) : even_odd(r, kPowExp2Single), n, shifted};
}

namespace {

Expr power_of_two(Expr biased) { return from_bits(shl(raw_bits(biased), kSignificandWidth)); }

}  // namespace

Expr scaled_normal(const Exponential& e) { return e.significand * power_of_two(e.biased); }

namespace {

// In two steps, of which only the second, towards the result, can leave the range; right up to |scale| = 1600.
Expr scaled(const Exponential& e, Expr is_small) {
    constexpr int kStep = 600;
    const Expr away = select(is_small, e.biased.number(kStep), e.biased.number(-kStep));
    const Expr back = select(is_small, e.biased.number(0x1p-600), e.biased.number(0x1p600));
    return e.significand * power_of_two(e.biased + away) * back;
}

}  // namespace

// NaN passes through the product with the logarithm; only powers of 1 and powers to the 0 know nothing of it.
Expr power_of_any(const PowerCase& c, const Exponential& e) {
    const Expr x = c.x, y = c.y, size = abs(x), one = x.number(1), infinity = x.number(kInfinity);
    const Expr log = select(size == 0, -infinity, select(size < infinity, c.log, size));
    const Expr exponent = y * log, is_small = exponent < 0;
    const Expr beyond = select(is_small, x.number(0), exponent * infinity);
    const Expr of_size = select(abs(exponent) < kBeyond, scaled(e, is_small), beyond);
    const Expr of_any_size = select((size == 1) | (y == 0), one, of_size);
    const Expr power = select(expand::is_negative(x) & c.odd, -of_any_size, of_any_size);
    return select(c.undefined, x.bits(Scalar::F64, 0x7ff8000000000000), power);
}

// Half of it lies in the middle between two integers. (Of a positive number the difference is exact.)
Expr is_odd_integer(Expr n) {
    const Expr half = abs(n) * 0.5;
    return half - floor(half) == 0.5;
}

}  // namespace exprjit::maths
