// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/maths/pieces.h"

#include <vector>

namespace exprjit::maths {

Expr horner(Expr x, std::span<const double> c) {
    Expr p = x.number(c.back());
    for (size_t k = c.size() - 1; k-- > 0;) p = fma(p, x, x.number(c[k]));
    return p;
}

Expr even_odd(Expr x, std::span<const double> c) {
    if (c.size() < 4) return horner(x, c);
    std::vector<double> even, odd;
    for (size_t k = 0; k < c.size(); ++k) (k % 2 == 0 ? even : odd).push_back(c[k]);
    const Expr square = x * x;
    return fma(horner(square, odd), x, horner(square, even));
}

Expr estrin(Expr x, std::span<const double> c) {
    std::vector<Expr> terms;
    for (size_t k = 0; k + 1 < c.size(); k += 2) terms.push_back(fma(x, x.number(c[k + 1]), x.number(c[k])));
    if (c.size() % 2 != 0) terms.push_back(x.number(c.back()));
    for (Expr power = x; terms.size() > 1;) {
        power = power * power;
        size_t kept = 0;
        for (size_t k = 0; k < terms.size(); k += 2)
            terms[kept++] = k + 1 < terms.size() ? fma(power, terms[k + 1], terms[k]) : terms[k];
        terms.resize(kept, terms[0]);
    }
    return terms[0];
}

Pair two_sum(Expr a, Expr b) {
    const Expr sum = a + b, of_b = sum - a;
    return {sum, (a - (sum - of_b)) + (b - of_b)};
}

Pair fast_two_sum(Expr a, Expr b) {
    const Expr sum = a + b;
    return {sum, b - (sum - a)};
}

Pair two_product(Expr a, Expr b) {
    const Expr product = a * b;
    return {product, fma(a, b, -product)};
}

Pair add(Pair a, Expr b) {
    const Pair s = fast_two_sum(a.high, b);
    return fast_two_sum(s.high, s.low + a.low);
}

Pair add(Pair a, Pair b) {
    const Pair s = fast_two_sum(a.high, b.high);
    return fast_two_sum(s.high, s.low + (a.low + b.low));
}

Pair multiply(Pair a, Expr b) {
    const Pair p = two_product(a.high, b);
    return fast_two_sum(p.high, fma(a.low, b, p.low));
}

Pair multiply(Pair a, Pair b) {
    const Pair p = two_product(a.high, b.high);
    return fast_two_sum(p.high, fma(a.high, b.low, fma(a.low, b.high, p.low)));
}

}  // namespace exprjit::maths
