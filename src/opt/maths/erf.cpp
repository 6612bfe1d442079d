// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include "opt/maths/erf_coefficients.h"
#include "opt/maths/functions.h"
#include "opt/maths/gauss_tail.h"

namespace exprjit::maths {

namespace {

// erf(x) / x - 1, for |x| < kErfBorder.
Expr centre(Expr square) { return is_f32(square) ? even_odd(square, kErf32) : even_odd(square, kErf64); }

// -erfc(x) for kErfBorder <= x <= 6 (f64) or 4 (f32), beyond which erf is 1; good enough to be added to 1. In f64 the bell
// apart, in f32 the logarithm of erfc as one polynomial, as N. Juffa does in his erff (NVIDIA developer forum, 2018).
Expr minus_tail(Expr x, Expr square, bool fast) {
    const bool narrow = is_f32(x);
    const int mantissa = narrow ? 23 : 52;
    const Expr magic = x.number(narrow ? 0x1.8p23 + 127 : 0x1.8p52 + 1023);
    const Expr log =
        narrow ? even_odd(x, fast ? std::span<const double>(kErfTailFast32) : std::span<const double>(kErfTail32)) : -square;
    const Expr sum = fma(log, log.number(narrow ? kErfLog2E32 : kErfLog2E64), magic);
    const Expr k = sum - magic, power = from_bits(shl(raw_bits(sum), mantissa));
    const Expr r = fma(k, k.number(narrow ? -kErfLn232 : -kErfLn264), log);
    if (narrow) {
        const Expr q = even_odd(r, fast ? std::span<const double>(kErfExpFast32) : std::span<const double>(kErfExp32));
        return fma(r * power, q, power);
    }
    const Expr q = even_odd(r, fast ? std::span<const double>(kErfExpFast64) : std::span<const double>(kErfExp64));
    const Expr y = 1 / (x + kErfTailShift);
    const Expr p = even_odd(y, fast ? std::span<const double>(kErfTailFast64) : std::span<const double>(kErfTail64));
    return fma(r * power, q, power) * (y * p);
}

constexpr GaussTail kTail64 = {kErfcFlattener, kErfcShift,  kErfcScale, kErfcMiddle,
                               kErfcCentre,    kErfcTail64, kErfcExp64};
constexpr GaussTail kTailFast64 = {kErfcFlattener, kErfcShift,      kErfcScale,    kErfcMiddle,
                                   kErfcCentre,    kErfcTailFast64, kErfcExpFast64};
constexpr GaussTail kTail32 = {kErfcFlattener, kErfcShift,  kErfcScale, kErfcMiddle,
                               kErfcCentre,    kErfcTail32, kErfcExp32};
constexpr GaussTail kTailFast32 = {kErfcFlattener, kErfcShift,      kErfcScale,    kErfcMiddle,
                                   kErfcCentre,    kErfcTailFast32, kErfcExpFast32};

}  // namespace

Expr erf(Expr x, bool fast) {
    const Expr size = abs(x), end = x.number(is_f32(x) ? 4 : 6);
    const Expr a = select(size > end, end, size), square = a * a;
    const Expr inner = fma(x, centre(square), x);
    const Expr outer = x.number(1) - minus_tail(a, square, fast);
    const Expr bits = raw_bits(x);
    const Expr sign = bits & word(bits, is_f32(x) ? 0x80000000u : 0x8000000000000000u);
    return select(size < x.number(kErfBorder), inner, from_bits(raw_bits(outer) | sign));
}

Expr erfc(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr size = abs(x), end = x.number(narrow ? kErfcEnd32 : kErfcEnd64);
    const Expr a = select(size > end, end, size), one = x.number(1);
    // 1 - erf(x), 1 - x being exact as a sum of two.
    const Expr high = one - x, p = centre(x * x);
    const Expr inner = high + (fast ? -(x * p) : fma(-x, p, (one - high) - x));
    const GaussTail& tail = narrow ? (fast ? kTailFast32 : kTail32) : (fast ? kTailFast64 : kTail64);
    const Expr outer = reduced_tail(enlarged_tail(tail, a, a, a, x.number(0.5), fast));
    return select(size < x.number(kErfcBegin), inner, select(x < 0.0, x.number(2) - outer, outer));
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Erf(const Site& s) { return maths::erf(s[0], s.fast); }
Expr Erfc(const Site& s) { return maths::erfc(s[0], s.fast); }

}  // namespace exprjit::expand
