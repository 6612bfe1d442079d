// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"
#include "opt/maths/erf_coefficients.h"
#include "opt/maths/functions.h"
#include "opt/maths/gauss_tail.h"

namespace exprjit::maths {

namespace {

// 1 - erfc(x) for kErfBorder <= x <= 6 (f64) or 4 (f32), beyond which it is 1; the error of erfc counts little. In f64 the
// bell apart, in f32 the logarithm of erfc as one polynomial, as N. Juffa has it in his erff (NVIDIA developer forum).
Expr outer_erf(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr one = x.number(1), border = x.number(kErfBorder), magic = x.number(narrow ? 0x1.8p23 + 127 : 0x1.8p52 + 1023);
    const auto counted = [&](Expr log) { return fma(log, log.number(narrow ? kErfLog2E32 : kErfLog2E64), magic); };
    const auto power = [&](Expr sum) { return from_bits(shl(raw_bits(sum), narrow ? 23 : 52)); };
    const Expr ln2 = x.number(narrow ? kErfLn232 : kErfLn264);
    if (narrow) {
        const std::span<const double> c = fast ? std::span<const double>(kErfTailFast32) : std::span<const double>(kErfTail32);
        const Expr u = x - border, p = even_odd(u, c.subspan(1)), first = x.number(c[0]), log = fma(u, p, first);
        const Expr sum = counted(log), k = sum - magic, scale = power(sum);
        const Expr r = fast ? fma(-k, ln2, log) : fma(u, p, fma(-k, ln2, first));
        const Expr q = fast ? even_odd(r, kErfExpFast32) : even_odd(r, kErfExp32);
        return fma(-(r * scale), q, one - scale);
    }
    const Expr square = x * x, sum = counted(-square), k = sum - magic, scale = power(sum);
    const Expr r = fast ? fma(-k, ln2, -square) : fma(-x, x, -(k * ln2));
    const Expr q = fast ? even_odd(r, kErfExpFast64) : even_odd(r, kErfExp64);
    const Expr u = (border - x) / (x + kErfTailShift);
    const Expr p = fast ? near_constant(u, kErfTailFast64) : near_constant(u, kErfTail64);
    return fma(-fma(r * scale, q, scale), p, one);
}

constexpr GaussTail kTail64 = {kErfcFlattener, kErfcShift,  kErfcScale, kErfcTailMiddle,
                               kErfcCentre,    kErfcTail64, kErfcExp64};
constexpr GaussTail kTailFast64 = {kErfcFlattener, kErfcShift,      kErfcScale,    kErfcTailMiddle,
                                   kErfcCentre,    kErfcTailFast64, kErfcExpFast64};
constexpr GaussTail kTail32 = {kErfcFlattener, kErfcShift,  kErfcScale, kErfcTailMiddle,
                               kErfcCentre,    kErfcTail32, kErfcExp32};
constexpr GaussTail kTailFast32 = {kErfcFlattener, kErfcShift,      kErfcScale,    kErfcTailMiddle,
                                   kErfcCentre,    kErfcTailFast32, kErfcExpFast32};

}  // namespace

Expr erf(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr size = abs(x), end = x.number(narrow ? 4 : 6);
    const Expr u = fma(x, x, x.number(-kErfMiddle));
    const Expr inner = fma(x, narrow ? near_constant(u, kErf32) : near_constant(u, kErf64), x);
    const Expr outer = outer_erf(select(size > end, end, size), fast), bits = raw_bits(x);
    const Expr sign = bits & word(bits, narrow ? 0x80000000u : 0x8000000000000000u);
    return select(size < x.number(kErfBorder), inner, from_bits(raw_bits(outer) | sign));
}

Expr erfc(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr size = abs(x), end = x.number(narrow ? kErfcEnd32 : kErfcEnd64), a = select(size > end, end, size);
    // 1 - x - (erf(x) - x), 1 - x being exact as a sum of two.
    const Expr one = x.number(1), line = one - x, u = fma(x, x, x.number(-kErfcBegin * kErfcBegin));
    const Expr p = narrow ? (fast ? near_constant(u, kErfcFast32) : near_constant(u, kErfc32))
                          : (fast ? near_constant(u, kErfcFast64) : near_constant(u, kErfc64));
    const Expr inner = fast ? fma(-x, p, line) : line + fma(-x, p, (one - line) - x);
    const GaussTail& tail = narrow ? (fast ? kTailFast32 : kTail32) : (fast ? kTailFast64 : kTail64);
    const Expr outer = reduced_tail(enlarged_tail(tail, a, a, a, x.number(kErfcWeight), fast));
    return select(size < x.number(kErfcBegin), inner, select(x < 0.0, x.number(2) - outer, outer));
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Erf(const Site& s) { return maths::erf(s[0], s.fast); }
Expr Erfc(const Site& s) { return maths::erfc(s[0], s.fast); }

}  // namespace exprjit::expand
