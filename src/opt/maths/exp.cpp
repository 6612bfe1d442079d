// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include <limits>
#include <vector>

#include "opt/maths/exp_pieces.h"
#include "opt/maths/functions.h"

namespace exprjit::maths {

namespace {

struct Parts {
    double high, low;
};

// What differs between the two formats.
struct Format {
    double magic;  // 1.5 units of the top bit: adding it rounds to an integer, which the low bits of the sum then hold
    int mantissa, bias;
    double log2_e, log2_ten;
    Parts ln2, ln10, log10_two;
    std::span<const double> accurate, near_zero, fast, base_two;
    std::span<const double> tangent_top, tangent_bottom, tangent_top_fast, tangent_bottom_fast;
    Limits limits;  // of e^x
};

constexpr Format k64 = {
    .magic = 0x1.8p52,
    .mantissa = 52,
    .bias = 1023,
    .log2_e = kLog2E64,
    .log2_ten = kLog2Ten64,
    .ln2 = {kLn264High, kLn264Low},
    .ln10 = {kLn1064High, kLn1064Low},
    .log10_two = {kLog10Two64High, kLog10Two64Low},
    .accurate = kExp64,
    .near_zero = kExpNearZero64,
    .fast = kExpFast64,
    .base_two = kExp2Of64,
    .tangent_top = kTangentTop64,
    .tangent_bottom = kTangentBottom64,
    .tangent_top_fast = kTangentTopFast64,
    .tangent_bottom_fast = kTangentBottomFast64,
    .limits = {708, -746, 710},
};
constexpr Format k32 = {
    .magic = 0x1.8p23,
    .mantissa = 23,
    .bias = 127,
    .log2_e = kLog2E32,
    .log2_ten = kLog2Ten32,
    .ln2 = {kLn232High, kLn232Low},
    .ln10 = {kLn1032High, kLn1032Low},
    .log10_two = {kLog10Two32High, kLog10Two32Low},
    .accurate = kExp32,
    .near_zero = kExpNearZero32,
    .fast = kExpFast32,
    .base_two = kExp2Of32,
    .tangent_top = kTangentTop32,
    .tangent_bottom = kTangentBottom32,
    .tangent_top_fast = kTangentTop32,
    .tangent_bottom_fast = kTangentBottom32,
    .limits = {87, -104, 89},
};

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

const Limits& limits_of_exp(Expr x) { return format_of(x).limits; }

Expr Exponent::power() const {
    return from_bits(shl(bits, bits.scalar() == Scalar::I32 ? k32.mantissa : k64.mantissa));
}

Pair Exponential::mantissa() const {
    const Expr one = high.number(1), sum = high + one;
    return {sum, ((one - sum) + high) + tail};
}

Pair Exponential::combined(Expr scale, Expr term) const {
    const Expr sum = fma(scale, high, term);
    return {sum, fma(scale, tail, fma(scale, high, term - sum))};
}

Reduced reduced(Expr x, bool fast, int offset) {
    const Format& f = format_of(x);
    const Counted c = count(x, f.log2_e, offset);
    if (fast) {
        const Expr r = fma(c.k, x.number(-f.ln2.low), fma(c.k, x.number(-f.ln2.high), x));
        return {c.bits, r, r, true};
    }
    const Pair r = without(x, c.k, f.ln2.high, f.ln2.low);
    return {c.bits, r.high, r.low, false};
}

Reduced reduced(Pair a, int offset) {
    Reduced r = reduced(a.high, false, offset);
    r.low = r.low + a.low;
    return r;
}

// 2^(k + r) = 2^k e^(r log(2)), if `fast`. Else a polynomial of its own, because r is exact; only the product of r and log(2)
// needs a low part.
Exponential exponential_base_two(Expr x, bool fast) {
    const Format& f = format_of(x);
    const Counted c = count(x, 1, 0);
    const Expr r = x - c.k;
    if (fast) return exponential({c.bits, r * f.ln2.high, r, true});
    const Pair product = two_product(r, x.number(f.ln2.high));
    const Expr square = r * r;
    return {c.bits, product.high, fma(square, even_odd(r, f.base_two), product.low)};
}

// 10^(k log10(2) + r) = 2^k e^(r log(10)).
Reduced reduced_base_ten(Expr x, bool fast) {
    const Format& f = format_of(x);
    const Counted c = count(x, f.log2_ten, 0);
    const Expr ten = x.number(f.ln10.high);
    const Pair rest = without(x, c.k, f.log10_two.high, f.log10_two.low);
    if (fast) {
        const Expr r = sum(rest) * ten;
        return {c.bits, r, r, true};
    }
    const Pair r = two_product(rest.high, ten);
    return {c.bits, r.high, fma(rest.high, x.number(f.ln10.low), fma(rest.low, ten, r.low)), false};
}

namespace {

// Every other coefficient.
void divide(std::span<const double> c, std::vector<double>& even, std::vector<double>& odd) {
    for (size_t k = 0; k < c.size(); ++k) (k % 2 == 0 ? even : odd).push_back(c[k]);
}

}  // namespace

std::array<Expr, 2> exponential_halves(Expr r, bool fast) {
    std::vector<double> even, odd;
    divide(fast ? format_of(r).accurate : format_of(r).near_zero, even, odd);
    const Expr square = r * r;
    return {horner(square, even), horner(square, odd)};
}

Exponential exponential(const Reduced& r, bool near_zero) {
    const Format& f = format_of(r.high);
    const Expr x = r.high, square = x * x;
    if (r.fast) return {r.k, x, square * even_odd(x, near_zero ? f.accurate : f.fast)};
    Expr tail = square;
    if (near_zero) {  // x^2 / 2 is what matters of the tail: what comes after it is added to it last
        std::vector<double> even, odd;
        divide(f.near_zero.subspan(1), odd, even);
        const Expr rest = fma(x, horner(square, odd), square * horner(square, even));
        tail = fma(square, rest, square * 0.5);
    } else {
        tail = square * even_odd(x, f.accurate);
    }
    return {r.k, x, fma(r.low, (x + x.number(1)) + tail, tail)};  // e^(high + low) = e^high (1 + low)
}

HalfExponential half_exponential(Expr h, Reach reach) {
    const Format& f = format_of(h);
    const Counted c = count(h, 2 * f.log2_e, 0);
    const bool fast = reach == Reach::Fast;
    Pair r = without(h, c.k, f.ln2.high / 2, f.ln2.low / 2);
    if (fast) r.high = fma(c.k, h.number(-f.ln2.low / 2), r.high);
    if (reach == Reach::Wide) r = fast_two_sum(r.high, r.low);
    const Expr square = r.high * r.high;
    const Expr even = square * horner(square, fast ? f.tangent_bottom_fast : f.tangent_bottom);
    const Expr cube = square * r.high, rest = horner(square, fast ? f.tangent_top_fast : f.tangent_top);
    return {c.bits, r.high, even, fast ? cube * rest : fma(cube, rest, r.low)};
}

Expr scaled(Expr y, Exponent k, Expr x, const Limits& limits) {
    const Expr large = x > 0.0;
    const Exponent within = k.plus(select(large, k.bits.number(-64), k.bits.number(64)));
    const Expr result = y * within.power() * select(large, y.number(0x1p64), y.number(0x1p-64));
    return select(x > limits.infinite, y.number(std::numeric_limits<double>::infinity()),
                  select(x < limits.zero, y.number(0), result));
}

namespace {

struct Division {
    Expr inverse, quotient, rest;
};

Division divide(Pair a, Pair b) {
    const Expr inverse = 1 / b.high, q = a.high * inverse;
    return {inverse, q, fma(-q, b.high, a.high) + fma(-q, b.low, a.low)};
}

}  // namespace

Pair quotient(Pair a, Pair b) {
    const Division d = divide(a, b);
    return {d.quotient, d.rest * d.inverse};
}

Expr rounded_quotient(Pair a, Pair b) {
    const Division d = divide(a, b);
    return fma(d.rest, d.inverse, d.quotient);
}

namespace {

// The last steps of exp, exp2 and exp10, which only differ in where they leave the range.
Expr finished(const Exponential& e, bool short_sum, Expr x, const Limits& limits) {
    const Expr power = e.k.power();
    const Pair y = short_sum ? Pair{fma(power, e.rest(), power), power} : e.mantissa();
    return unless_rare(abs(x) < limits.usual, short_sum ? y.high : sum(y) * power,
                       [&] { return scaled(short_sum ? e.rest() + 1 : sum(y), e.k, x, limits); });
}

}  // namespace

Expr exp(Expr x, bool fast) {
    const Format& f = format_of(x);
    return finished(exponential(reduced(x, fast)), fast, x, f.limits);
}

Expr exp_of_pair(Pair a) {
    const Format& f = format_of(a.high);
    return finished(exponential(reduced(a)), false, a.high, f.limits);
}

// The square is exact as a pair. Where it overflows its low part is a NaN, which exp_of_pair does not look at.
Expr exp_of_minus_square(Expr a, bool fast) {
    const Pair square = two_product(a, -a);
    if (!fast) return exp_of_pair(square);
    const Format& f = format_of(a);
    Reduced r = reduced(square.high, true);
    r.high = r.high + square.low;
    return finished(exponential(r), true, square.high, f.limits);
}

// 2^k e^r - 1 = (2^k - 1) + 2^k r + …: the first sum is exact as a pair as long as 2^k - 1 is, which is until x = 37. From
// there on the 1 belongs to the low part, and the value is scaled, because 2^k may be infinite.
Expr expm1(Expr x, bool fast) {
    const Format& f = format_of(x);
    const double lowest = -f.limits.usual, highest = is_f32(x) ? 16.5 : 36.5, middle = (lowest + highest) / 2;
    const Exponential e = exponential(reduced(x, fast), true);
    const Expr power = e.k.power(), less = power - x.number(1);
    const Expr usual = fast ? fma(power, e.rest(), less) : sum(e.combined(power, less));
    const Expr signed_zero = select(x == 0.0, x, usual);
    return unless_rare(abs(x - middle) < highest - middle, signed_zero, [&] {
        // Where x is below -1 the result is -1 as well as anything.
        const Expr down = x.number(0x1p-64), part = e.k.plus(e.k.bits.number(-64)).power();
        const Pair y = e.combined(part, part);
        const Expr large = ((y.low - down) + y.high) * 0x1p64;
        return select(x > f.limits.infinite, x.number(std::numeric_limits<double>::infinity()),
                      select(x < 0.0, x.number(-1), large));
    });
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Exp(const Site& s) { return maths::exp(s[0], s.fast); }
Expr Expm1(const Site& s) { return maths::expm1(s[0], s.fast); }

// Their own limits: at -1021 … 1021, and so on, 2^k is normal.
Expr Exp2(const Site& s) {
    const Expr x = s[0];
    const maths::Limits limits = maths::is_f32(x) ? maths::Limits{125, -151, 128} : maths::Limits{1021, -1076, 1024};
    return maths::finished(maths::exponential_base_two(x, s.fast), true, x, limits);
}

Expr Exp10(const Site& s) {
    const Expr x = s[0];
    const auto e = maths::exponential(maths::reduced_base_ten(x, s.fast));
    return maths::is_f32(x) ? maths::finished(e, s.fast, x, {37, -46, 39})
                            : maths::finished(e, s.fast, x, {307, -324, 309});
}

}  // namespace exprjit::expand
