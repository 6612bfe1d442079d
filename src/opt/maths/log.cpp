// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Logarithms. x = 2^k m with m in [11/16, 11/8) or [sqrt(1/2), sqrt(2)); with f = m - 1 and s = f / (2 + f), log(m) is
// log((1 + s) / (1 - s)) = 2 atanh(s), a series in s^2 <= 0.0343 (Cody, Waite, "Software manual for the elementary
// functions", 1980; the form that keeps f, which is exact, apart from the rest is that of Ng's e_log.c in fdlibm).
#include <limits>

#include "opt/expand.h"
#include "opt/maths/functions.h"
#include "opt/maths/log_pieces.h"

namespace exprjit::maths {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// m = 1 + f and k of any x. Where x is special, it is taken for 5/2, and `constant`, which multiplies, is the result.
struct Parts {
    NearOne m;
    Expr minus_k, constant;
};
Parts parts(Expr x, double constant, uint64_t lowest) {
    const LogFormat& format = log_format(x);
    const Expr usual_bias = x.number(format.bias), usual_constant = x.number(constant);
    const auto [y, bias, value] = unless_rare(is_ordinary(x), std::array<Expr, 3>{x, usual_bias, usual_constant}, [&] {
        const Expr subnormal = (x > 0) & (x < format.smallest_normal);
        return std::array<Expr, 3>{select(subnormal, x * format.subnormal_scale, x.number(2.5)),
                                   select(subnormal, usual_bias + format.subnormal_exponent, usual_bias),
                                   select(subnormal, usual_constant, log_of_special(x))};
    });
    const Split s = split(y, bias, lowest);
    return {{s.mantissa - 1, s.mantissa + 1}, s.minus_exponent, value};
}

// The same of 1 + z, which would lose digits of a small z. It does so only to find k: f = 2^-k z - (1 - 2^-k) is exact
// for f >= -1/4. (Where 2^-k is lost beside 1, it would be beside the result, too.)
Parts parts_of_one_plus(Expr z, double constant, uint64_t lowest) {
    const LogFormat& format = log_format(z);
    const Expr sum = z + 1;
    const std::array<Expr, 3> usual{z, sum, z.number(constant)};
    const auto [y, u, value] = unless_rare(is_ordinary(sum, 2), usual, [&] {
        // What is near the largest number is divided by 4, and each of its k stands for a little more than log(2).
        const Expr large = (z > 1) & (z < kInfinity), quarter = z * 0.25;
        const Expr minus_k = split(quarter, z.number(format.bias), lowest).minus_exponent;
        const Expr more = usual[2] - z.number(2 * (format.ln2 + format.ln2_low)) / minus_k;
        const Expr result = select(z == -1, z.number(-kInfinity), select(z > 0, z, nan_like(z)));
        return std::array<Expr, 3>{select(large, quarter, z.number(1.5)), select(large, quarter, z.number(2.5)),
                                   select(large, more, result)};
    });
    const Expr bits = raw_bits(u), moved = bits + word(bits, format.one - lowest);
    const Expr power = moved & word(bits, format.infinity), scale = from_bits(word(bits, 2 * format.one) - power);
    const Expr f = fma(y, scale, -(z.number(1) - scale));  // 0 of the sign of z where k is 0
    return {{f, f + 2}, minus_exponent(power, moved, z.number(exponent_bias(z))), value};
}

// f factor and what rounding that lost, to begin a logarithm to another base with.
Pair head_of(Expr f, double factor, Expr factor_low) {
    const Pair product = two_product(f, f.number(factor));
    return {product.high, fma(f, factor_low, product.low)};
}

}  // namespace

Expr log(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    if (fast) {
        const auto [m, minus_k, ln2] = parts(x, format.ln2 + format.ln2_low, format.lowest_fast);
        return log_beyond_one_fast(m, fma(minus_k, -ln2, m.f));
    }
    const auto [m, minus_k, ln2_low] = parts(x, format.ln2_low, format.lowest);
    const Exponent sum = with_exponent(minus_k, m.f, format.ln2, ln2_low);
    return sum.high + log_beyond_head(m, m.f * 0.5, sum.low, Base::E);
}

Expr log2(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    if (fast) {
        const auto [m, minus_k, unit] = parts(x, 1, format.lowest_fast);
        const Expr head = m.f * format.log2_of_e;
        return log_beyond_head_fast(m, head, fma(minus_k, -unit, head), Base::Two);
    }
    const auto [m, minus_k, factor_low] = parts(x, format.log2_of_e_low, format.lowest);
    const Pair head = head_of(m.f, format.log2_of_e, factor_low);
    const Expr high = head.high - minus_k, lost = head.high - (high + minus_k);
    return high + log_beyond_head(m, head.high * 0.5, head.low + lost, Base::Two);
}

Expr log10(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    if (fast) {
        const auto [m, minus_k, unit] = parts(x, format.log10_of_2 + format.log10_of_2_low, format.lowest_fast);
        const Expr head = m.f * format.log10_of_e;
        return log_beyond_head_fast(m, head, fma(minus_k, -unit, head), Base::Ten);
    }
    const auto [m, minus_k, unit_low] = parts(x, format.log10_of_2_low, format.lowest);
    const Pair head = head_of(m.f, format.log10_of_e, x.number(format.log10_of_e_low));
    const Exponent sum = with_exponent(minus_k, head.high, format.log10_of_2, unit_low);
    return sum.high + log_beyond_head(m, head.high * 0.5, head.low + sum.low, Base::Ten);
}

Expr log1p(Expr x, bool fast) {
    const LogFormat& format = log_format(x);
    if (fast) {
        const auto [m, minus_k, ln2] = parts_of_one_plus(x, format.ln2 + format.ln2_low, format.lowest_fast);
        const Expr early = fma(minus_k, -ln2, m.f);
        return is_f32(x) ? log_beyond_head_fast(m, m.f, early, Base::E) : log_beyond_one_fast(m, early);
    }
    const auto [m, minus_k, ln2_low] = parts_of_one_plus(x, format.ln2_low, format.lowest_of_sum);
    const Exponent sum = with_exponent(minus_k, m.f, format.ln2, ln2_low);
    return sum.high + log_beyond_head(m, m.f * 0.5, sum.low, Base::EOfSum);
}

Pair log_as_pair(Expr x) {
    const Expr tiny = x < 0x1p-1022;
    const Expr bias = select(tiny, x.number(log_format(x).bias + 54), x.number(log_format(x).bias));
    const auto [m, minus_k, moved] = split(select(tiny, x * 0x1p54, x), bias, log_format(x).lowest_fast);
    // s = f / (m + 1) by one division, and what it lost by the residual, which is exact (fma).
    const Expr f = m - 1, t = m + 1, lost = m - (t - 1);
    const Expr inverse = 1 / t;
    const Expr s = f * inverse;
    const Expr s_low = fma(-s, lost, fma(-s, t, f)) * inverse;
    const Expr twice = s + s;
    const Expr w = s * s, w_low = fma(twice, s_low, fma(s, s, -w));
    // p = 2/5 + w (2/7 + …), then q = 2/3 + w p, each with what rounding it lost.
    const Expr tail = even_odd(w, kLogPair), fifths = w.number(kTwoFifths), thirds = w.number(kTwoThirds);
    const Expr p = fma(w, tail, fifths), p_low = fma(w, tail, fifths - p) + kTwoFifthsLow;
    const Expr wp = w * p, wp_low = fma(w_low, p, fma(w, p_low, fma(w, p, -wp)));
    const Expr q = thirds + wp, q_low = ((thirds - q) + wp) + (wp_low + kTwoThirdsLow);
    const Pair cube{w * s, fma(w_low, s, fma(w, s_low, fma(w, s, -(w * s))))};
    const Expr rest = cube.high * q, rest_low = fma(cube.low, q, fma(cube.high, q_low, fma(cube.high, q, -rest)));
    // k log(2) + 2 s + rest: each term is at most the sum before it, or that sum is 0.
    const Pair first = fast_two_sum(minus_k * -kLn2High, twice);
    const Pair second = fast_two_sum(first.high, rest);
    const Expr small = fma(minus_k, x.number(-kLn2Low), fma(s_low, s.number(2), rest_low));
    return fast_two_sum(second.high, (first.low + second.low) + small);
}

// log(x) / log(base), f64: the logarithms as pairs and their quotient with the residual; f32: in f64. Where one of
// them is special or log(base) is 0, IEEE division of what they are there says it all.
Expr logn(Expr x, Expr base, bool fast) {
    if (!is_f32(x) && fast) return log(x, false) / log(base, false);
    const auto quotient_of_special = [](Expr y, Expr y_log, Expr b, Expr b_log) {
        const auto value = [](Expr z, Expr log) { return select((z > 0) & (z < kInfinity), log, log_of_special(z)); };
        return value(y, y_log) / value(b, b_log);
    };
    if (is_f32(x)) {
        const Expr y = widened(x), b = widened(base);
        const Expr y_log = log_for_f32(y, false), b_log = log_for_f32(b, false);
        const Expr proper = is_ordinary(y) & is_ordinary(b);
        return narrowed(unless_rare(proper, y_log / b_log, [&] { return quotient_of_special(y, y_log, b, b_log); }));
    }
    const Pair a = log_as_pair(x), b = log_as_pair(base);
    const Expr quotient = a.high / b.high;
    const Expr residual = fma(-quotient, b.low, fma(-quotient, b.high, a.high) + a.low);
    const Expr proper = (x > 0) & (x < kInfinity) & (base > 0) & (base < kInfinity) & (base != 1);
    return unless_rare(proper, fma(residual, 1 / b.high, quotient),
                       [&] { return quotient_of_special(x, a.high, base, b.high); });
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Log(const Site& s) { return maths::log(s[0], s.fast); }
Expr Log2(const Site& s) { return maths::log2(s[0], s.fast); }
Expr Log10(const Site& s) { return maths::log10(s[0], s.fast); }
Expr Log1p(const Site& s) { return maths::log1p(s[0], s.fast); }
Expr Logn(const Site& s) { return maths::logn(s[0], s[1], s.fast); }

}  // namespace exprjit::expand
