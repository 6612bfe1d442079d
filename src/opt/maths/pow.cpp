// SPDX-License-Identifier: MIT OR Apache-2.0
//
// pow(x, y) = e^(y log|x|) for positive x; what C99 says of the others in the block for rare arguments.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/power.h"
#include "opt/maths/range.h"

namespace exprjit::expand {

namespace {

using namespace maths;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Expr of_any(Expr x, Expr y, Expr log, const Exponential& e) {
    const Expr undefined = (x < 0) & (x > -kInfinity) & (y != floor(y));
    return power_of_any({x, y, log, is_odd_integer(y), undefined}, e);
}

// y log|x| is at most 745 in size where the result counts: its absolute error is 2^9.6 times the relative one of the
// logarithm, which must therefore be a pair.
Expr pow_f64(Expr x, Expr y, bool fast) {
    const Base base = base_of_power(x, 708);  // e^-708 and e^708 are normal
    const Pair log = log_for_power(base, fast);
    const Expr exponent = y * log.high;
    const Expr exponent_low = fma(y, log.low, fma(y, log.high, -exponent));
    const Exponential e = exp_for_power({exponent, exponent_low}, fast);
    return unless_rare(abs(exponent) < base.limit, scaled_normal(e), [&] { return of_any(x, y, log.high, e); });
}

// In f64 one number suffices, and the result is rounded once, when it is narrowed.
Expr pow_f32(Expr x, Expr narrow_y, bool fast) {
    const NarrowBase base = base_of_narrow_power(x, 1000);  // 2^-1000 and 2^1000 are normal in f64
    const Expr y = widened(narrow_y), log = log2_for_power(base, fast), exponent = y * log;
    const Exponential e = exp2_for_power(exponent, fast);
    return narrowed(
        unless_rare(abs(exponent) < base.limit, scaled_normal(e), [&] { return of_any(widened(x), y, log, e); }));
}

}  // namespace

Expr Pow(const Site& s) { return is_f32(s[0]) ? pow_f32(s[0], s[1], s.fast) : pow_f64(s[0], s[1], s.fast); }

}  // namespace exprjit::expand
