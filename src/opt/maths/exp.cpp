// SPDX-License-Identifier: MIT OR Apache-2.0
#include <limits>

#include "opt/expand.h"
#include "opt/maths/exp_pieces.h"
#include "opt/maths/functions.h"

namespace exprjit::maths {

namespace {

// The last steps of exp, exp2 and exp10, which only differ in where they leave the range.
Expr finished(const Exponential& e, bool short_sum, Expr x, const Limits& limits) {
    const Expr power = e.k.power();
    const Pair y = short_sum ? Pair{fma(power, e.rest(), power), power} : e.mantissa();
    return unless_rare(abs(x) < limits.usual, short_sum ? y.high : sum(y) * power,
                       [&] { return scaled(short_sum ? e.rest() + 1 : sum(y), e.k, x, limits); });
}

}  // namespace

Expr exp(Expr x, bool fast) { return finished(exponential(reduced(x, fast)), fast, x, limits_of_exp(x)); }

Expr exp_of_pair(Pair a) { return finished(exponential(reduced(a)), false, a.high, limits_of_exp(a.high)); }

// The square is exact as a pair. Where it overflows its low part is a NaN, which exp_of_pair does not look at.
Expr exp_of_minus_square(Expr a, bool fast) {
    const Pair square = two_product(a, -a);
    if (!fast) return exp_of_pair(square);
    Reduced r = reduced(square.high, true);
    r.high = r.high + square.low;
    return finished(exponential(r), true, square.high, limits_of_exp(a));
}

// 2^k e^r - 1 = (2^k - 1) + 2^k r + …: the first sum is exact as a pair as long as 2^k - 1 is, which is until x = 37.
// From there on the 1 belongs to the low part, and the value is scaled, because 2^k may be infinite.
Expr expm1(Expr x, bool fast) {
    const Limits& limits = limits_of_exp(x);
    const double lowest = -limits.usual, highest = is_f32(x) ? 16.5 : 36.5, middle = (lowest + highest) / 2;
    const Exponential e = exponential(reduced(x, fast), true);
    const Expr power = e.k.power(), less = power - x.number(1);
    const Expr usual = fast ? fma(power, e.rest(), less) : sum(e.combined(power, less));
    const Expr signed_zero = select(x == 0.0, x, usual);
    return unless_rare(abs(x - middle) < highest - middle, signed_zero, [&] {
        // Where x is below -1 the result is -1 as well as anything.
        const Expr down = x.number(0x1p-64), part = e.k.plus(e.k.bits.number(-64)).power();
        const Pair y = e.combined(part, part);
        const Expr large = ((y.low - down) + y.high) * 0x1p64;
        return select(x > limits.infinite, x.number(std::numeric_limits<double>::infinity()),
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
