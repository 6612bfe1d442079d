// SPDX-License-Identifier: MIT OR Apache-2.0
//
// root(x, n) = |x|^(1/n), for odd n with the sign of x. The logarithm is divided by n, so that 1/n is never rounded.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/power.h"
#include "opt/maths/range.h"

namespace exprjit::expand {

namespace {

using namespace maths;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Special values are those of pow(x, 1/n), except that an even or broken root of a negative number is NaN.
Expr of_any(Expr x, Expr n, Expr log, const Exponential& e) {
    const Expr odd = is_odd_integer(n);
    return power_of_any({x, 1 / n, log, odd, (x < 0) & !odd}, e);
}

Expr root_f64(Expr x, Expr n, bool fast) {
    const Base base = base_of_power(x, 708);
    const Pair log = log_for_power(base, fast);
    const Expr exponent = log.high / n;
    const Expr exponent_low = (fma(-exponent, n, log.high) + log.low) / n;
    const Exponential e = exp_for_power({exponent, exponent_low}, fast);
    const Expr usual = (abs(exponent) < base.limit) & (abs(n) < kInfinity);
    return unless_rare(usual, scaled_normal(e), [&] { return of_any(x, n, log.high, e); });
}

Expr root_f32(Expr x, Expr narrow_n, bool fast) {
    const NarrowBase base = base_of_narrow_power(x, 1000);
    const Expr n = widened(narrow_n), log = log2_for_power(base, fast), exponent = log / n;
    const Exponential e = exp2_for_power(exponent, fast);
    const Expr usual = (abs(exponent) < base.limit) & (abs(n) < kInfinity);
    return narrowed(unless_rare(usual, scaled_normal(e), [&] { return of_any(widened(x), n, log, e); }));
}

}  // namespace

Expr Root(const Site& s) { return is_f32(s[0]) ? root_f32(s[0], s[1], s.fast) : root_f64(s[0], s[1], s.fast); }

}  // namespace exprjit::expand
