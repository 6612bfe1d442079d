// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include <limits>

#include "opt/maths/exp_pieces.h"
#include "opt/maths/functions.h"

namespace exprjit::maths {

namespace {

// What differs between the two formats.
struct Format {
    double
        magic;  // 1.5 units at the bottom of the mantissa: adding it rounds to an integer, which its low bits then hold
    int mantissa, bias;
    double log2_e, log2_ten;
    double ln2_high, ln2_low, ln10_high, ln10_low, log10_two_high, log10_two_low;
    std::span<const double> accurate, fast;
    // Between -usual and usual 2^k is normal, and so are the results. Beyond zero and infinite they are exactly that.
    double usual, zero, infinite;
};

constexpr Format k64 = {0x1.8p52,       52,
                        1023,           kLog2E64,
                        kLog2Ten64,     kLn264High,
                        kLn264Low,      kLn1064High,
                        kLn1064Low,     kLog10Two64High,
                        kLog10Two64Low, kExp64,
                        kExpFast64,     708,
                        -746,           710};
constexpr Format k32 = {0x1.8p23,
                        23,
                        127,
                        kLog2E32,
                        kLog2Ten32,
                        kLn232High,
                        kLn232Low,
                        kLn1032High,
                        kLn1032Low,
                        kLog10Two32High,
                        kLog10Two32Low,
                        kExp32,
                        kExpFast32,
                        87,
                        -104,
                        89};

const Format& format_of(Expr x) { return is_f32(x) ? k32 : k64; }

// x units rounded to an integer, and its bits as an exponent. The sum has room for the bias: it is added at no cost.
struct Counted {
    Exponent bits;
    Expr k;
};
Counted count(Expr x, double units, int offset) {
    const Format& f = format_of(x);
    const Expr magic = x.number(f.magic + f.bias + offset);
    const Expr sum = units == 1 ? x + magic : fma(x, x.number(units), magic);
    return {{raw_bits(sum)}, sum - magic};
}

// x - k step, where step = high + low. The first is exact: both are multiples of a unit of which the result needs few.
Pair without(Expr x, Expr k, double high, double low) { return {fma(k, k.number(-high), x), k * k.number(-low)}; }

}  // namespace

Expr Exponent::power() const {
    return from_bits(shl(bits, bits.scalar() == Scalar::I32 ? k32.mantissa : k64.mantissa));
}

Pair Exponential::mantissa() const {
    const Expr one = high.number(1), sum = high + one;
    return {sum, ((one - sum) + high) + tail};
}

Reduced reduced(Expr x, bool fast, int offset) {
    const Format& f = format_of(x);
    const Counted c = count(x, f.log2_e, offset);
    if (fast) {
        const Expr r = fma(c.k, x.number(-f.ln2_low), fma(c.k, x.number(-f.ln2_high), x));
        return {c.bits, r, r, true};
    }
    const Pair r = without(x, c.k, f.ln2_high, f.ln2_low);
    return {c.bits, r.high, r.low, false};
}

Reduced reduced(Pair a, int offset) {
    Reduced r = reduced(a.high, false, offset);
    r.low = r.low + a.low;
    return r;
}

// 2^(k + r) = 2^k e^(r log(2)), and the product as a pair.
Reduced reduced_base_two(Expr x, bool fast) {
    const Format& f = format_of(x);
    const Counted c = count(x, 1, 0);
    const Expr rest = x - c.k;
    if (fast) {
        const Expr r = rest * f.ln2_high;
        return {c.bits, r, r, true};
    }
    const Pair r = two_product(rest, x.number(f.ln2_high));
    return {c.bits, r.high, fma(rest, x.number(f.ln2_low), r.low), false};
}

// 10^(k log10(2) + r) = 2^k e^(r log(10)).
Reduced reduced_base_ten(Expr x, bool fast) {
    const Format& f = format_of(x);
    const Counted c = count(x, f.log2_ten, 0);
    const Expr ten = x.number(f.ln10_high);
    const Pair rest = without(x, c.k, f.log10_two_high, f.log10_two_low);
    if (fast) {
        const Expr r = sum(rest) * ten;
        return {c.bits, r, r, true};
    }
    const Pair r = two_product(rest.high, ten);
    return {c.bits, r.high, fma(rest.high, x.number(f.ln10_low), fma(rest.low, ten, r.low)), false};
}

Exponential exponential(const Reduced& r) {
    const Format& f = format_of(r.high);
    const Expr x = r.fast ? r.high : r.high + r.low;
    const Expr square = x * x, q = even_odd(x, r.fast ? f.fast : f.accurate);
    return {r.k, r.high, r.fast ? square * q : fma(square, q, r.low)};
}

Expr scaled(Expr y, Exponent k, Expr x, double zero, double infinite) {
    const Expr large = x > 0.0;
    const Expr k_within = k.plus(select(large, k.bits.number(-64), k.bits.number(64)));
    const Expr result = y * Exponent{k_within}.power() * select(large, y.number(0x1p64), y.number(0x1p-64));
    return select(x > infinite, y.number(std::numeric_limits<double>::infinity()), select(x < zero, y.number(0), result));
}

namespace {

// The last steps of exp, exp2 and exp10, which only differ in where they leave the range.
Expr finished(const Exponential& e, bool fast, Expr x, double usual, double zero, double infinite) {
    const Expr power = e.k.power();
    const Pair y = fast ? Pair{fma(power, e.rest(), power), power} : e.mantissa();
    return unless_rare(abs(x) < usual, fast ? y.high : sum(y) * power,
                       [&] { return scaled(fast ? e.rest() + 1 : sum(y), e.k, x, zero, infinite); });
}

}  // namespace

Expr exp(Expr x, bool fast) {
    const Format& f = format_of(x);
    return finished(exponential(reduced(x, fast)), fast, x, f.usual, f.zero, f.infinite);
}

Expr exp_of_pair(Pair a) {
    const Format& f = format_of(a.high);
    return finished(exponential(reduced(a)), false, a.high, f.usual, f.zero, f.infinite);
}

// The square is exact as a pair. Where it overflows its low part is a NaN, which exp_of_pair does not look at.
Expr exp_of_minus_square(Expr a, bool fast) {
    const Pair square = two_product(a, -a);
    if (!fast) return exp_of_pair(square);
    const Format& f = format_of(a);
    Reduced r = reduced(square.high, true);
    r.high = r.high + square.low;
    return finished(exponential(r), true, square.high, f.usual, f.zero, f.infinite);
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Exp(const Site& s) { return maths::exp(s[0], s.fast); }

}  // namespace exprjit::expand
