// SPDX-License-Identifier: MIT OR Apache-2.0
#include <vector>

#include "opt/expand.h"
#include "opt/maths/erf_coefficients.h"
#include "opt/maths/functions.h"
#include "opt/maths/gauss_tail.h"

namespace exprjit::maths {

namespace {

struct ErfParts {
    double border;
    std::span<const double> centre, root_of_tail;
    bool fourth;  // 8 erfc is the fourth power, else erfc the eighth
};
static_assert(std::size(kErf64) <= std::size(kErfTail64) && std::size(kErfFast64) <= std::size(kErfTailFast64) &&
              std::size(kErf32) <= std::size(kErfTail32) && std::size(kErfFast32) <= std::size(kErfTailFast32));
constexpr size_t kOnlyOfB = 3;  // so many more terms are worth a part of their own
constexpr ErfParts kErfParts64 = {kErfBorder64, kErf64, kErfTail64, true};
constexpr ErfParts kErfPartsFast64 = {kErfBorderFast64, kErfFast64, kErfTailFast64, false};
constexpr ErfParts kErfParts32 = {kErfBorder32, kErf32, kErfTail32, true};
constexpr ErfParts kErfPartsFast32 = {kErfBorderFast32, kErfFast32, kErfTailFast32, false};

// sum of terms[k] u^k by Estrin's scheme.
Expr estrin_of(Expr u, std::vector<Expr> terms) {
    for (Expr power = u; terms.size() > 1; power = power * power) {
        size_t kept = 0;
        for (size_t k = 0; k < terms.size(); k += 2)
            terms[kept++] = k + 1 < terms.size() ? fma(power, terms[k + 1], terms[k]) : terms[k];
        terms.resize(kept, terms[0]);
    }
    return terms[0];
}

// The polynomial with coefficients a where `first` holds, else b, which has as many or more. Only what both have costs
// a select per coefficient. The two lowest terms are added last, one after the other: u is small where their rounding
// counts.
Expr one_of_two(Expr u, Expr first, std::span<const double> a, std::span<const double> b) {
    const size_t common = a.size() + kOnlyOfB < b.size() ? a.size() : b.size();
    const auto both = [&](size_t k) { return select(first, u.number(k < a.size() ? a[k] : 0), u.number(b[k])); };
    std::vector<Expr> terms, more;
    for (size_t k = 2; k < common; ++k) terms.push_back(both(k));
    for (size_t k = common; k < b.size(); ++k) more.push_back(u.number(b[k]));
    Expr rest = estrin_of(u, terms);
    if (!more.empty()) {
        Expr power = u, of_two = u;  // u^(common - 2)
        bool begun = false;
        for (size_t n = common - 2; n != 0; n >>= 1, of_two = of_two * of_two)
            if (n & 1) power = begun ? power * of_two : of_two, begun = true;
        rest = fma(select(first, u.number(0), estrin_of(u, more)), power, rest);
    }
    return fma(u, fma(u, rest, both(1)), both(0));
}

constexpr GaussTail kTail64 = {kErfcSlope, kErfcFlattener, kErfcShift, kErfcMiddle, kErfcTail64};
constexpr GaussTail kTail32 = {kErfcSlope, kErfcFlattener, kErfcShift, kErfcMiddle, kErfcTail32};
constexpr GaussTail kTailFast64 = {kErfcFastSlope, kErfcFastFlattener, kErfcFastShift, kErfcFastMiddle,
                                   kErfcFastTail64};
constexpr GaussTail kTailFast32 = {kErfcFastSlope, kErfcFastFlattener, kErfcFastShift, kErfcFastMiddle,
                                   kErfcFastTail32};

}  // namespace

// Beside 0 x + x p(x^2), beyond 1 minus a power of p(x), as C. Hastings has it ("Approximations for Digital
// Computers", 1955): a root of erfc is so smooth that one polynomial does, without an exponential or a quotient. Both
// polynomials are evaluated as one whose coefficients are selected, which does not wait for the multipliers.
Expr erf(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const ErfParts& parts = narrow ? (fast ? kErfPartsFast32 : kErfParts32) : (fast ? kErfPartsFast64 : kErfParts64);
    const Expr size = abs(x), border = x.number(parts.border), end = x.number(narrow ? kErfEnd32 : kErfEnd64);
    const Expr near_zero = size < border, one = x.number(1);
    const Expr u = select(near_zero, fma(x, x, x.number(-parts.border * parts.border / 2)),
                          select(size > end, end, size) - border);
    const Expr p = one_of_two(u, near_zero, parts.centre, parts.root_of_tail), second = p * p;
    const Expr fourth = parts.fourth ? second : second * second;
    const Expr outer = fma(parts.fourth ? second * -0.125 : -fourth, fourth, one), bits = raw_bits(x);
    const Expr sign = bits & word(bits, narrow ? 0x80000000u : 0x8000000000000000u);
    return select(near_zero, fma(x, p, x), from_bits(raw_bits(outer) | sign));
}

// The smaller of erfc(x) and erfc(-x), which is as good as a sum as it is alone.
Expr erfc(Expr x, bool fast) {
    const bool narrow = is_f32(x);
    const Expr a = abs(x), one = x.number(1);
    const GaussTail& tail = narrow ? (fast ? kTailFast32 : kTail32) : (fast ? kTailFast64 : kTail64);
    const Expr enlarged = fast ? fast_enlarged_tail(tail, a, a, a, one) : sum(enlarged_tail(tail, a, a, a, one));
    const Expr y = select(a > (narrow ? kErfcEnd32 : kErfcEnd64), x.number(0), reduced_tail(enlarged));
    return select(x < 0.0, x.number(2) - y, y);
}

}  // namespace exprjit::maths

namespace exprjit::expand {

Expr Erf(const Site& s) { return maths::erf(s[0], s.fast); }
Expr Erfc(const Site& s) { return maths::erfc(s[0], s.fast); }

}  // namespace exprjit::expand
