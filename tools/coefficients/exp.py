# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/exp_coefficients.h: python3 tools/coefficients/exp.py > src/opt/maths/exp_coefficients.h"""

import mpmath as mp

from remez import Polynomial, array, fit, hexadecimal, round_to, split

# Half of log(2), and a little for the rounding of the multiple of log(2) that is taken off.
HALF = {"f64": mp.log(2) / 2 + mp.mpf("1e-9"), "f32": mp.log(2) / 2 + mp.mpf("1e-5")}


def exponential(kind, terms, fixed=None):
    """q of exp(r) = 1 + r + r^2 q(r); the error is relative to exp(r)."""
    q = lambda r: (mp.exp(r) - 1 - r) / r**2
    return fit(q, -HALF[kind], HALF[kind], list(range(terms)), kind, lambda r: r**2 / mp.exp(r), fixed)


def exponential_of_twice(kind, terms):
    """q of (exp(2 r) - 1) / 2 = r + r^2 q(r), |r| <= log(2)/4; the error is relative to it."""
    half = HALF[kind] / 2
    return fit(lambda r: (mp.expm1(2 * r) / 2 - r) / r**2, -half, half, list(range(terms)), kind,
               lambda r: 2 * r**2 / mp.expm1(2 * r))


def exponential_base_two(kind, terms):
    """q of 2^r = 1 + c r + r^2 q(r), where c is log(2); the error is relative to 2^r."""
    half = mp.mpf(1) / 2
    return fit(lambda r: (2**r - 1 - r * mp.log(2)) / r**2, -half, half, list(range(terms)), kind, lambda r: r**2 / 2**r)


def logarithm(kind, terms):
    """p of log((1 + w) / (1 - w)) = 2 w + w^3 p(w^2), 0 <= w <= 1/3; the error is relative to the logarithm."""
    true = lambda w: mp.log((1 + w) / (1 - w))
    root = lambda v: mp.sqrt(v)
    p = lambda v: (true(root(v)) - 2 * root(v)) / root(v) ** 3
    return fit(p, mp.mpf("1e-3"), mp.mpf(1) / 9 + mp.mpf("1e-6"), list(range(terms)), kind,
               lambda v: root(v) ** 3 / true(root(v)))


def tangent(kind, top, bottom):
    """q and p of tanh(r) = r (1 + u q(u)) / (1 + u p(u)), u = r^2, |r| <= log(2)/4; the error is relative.

    p comes from interpolation at Chebyshev's points, which is next to the best; q is then the best for the rounded p.
    """
    limit = (HALF[kind] / 2) ** 2
    true = lambda u: mp.tanh(mp.sqrt(u)) / mp.sqrt(u)
    n = top + bottom
    rows, right = mp.matrix(n, n), mp.matrix(n, 1)
    for i in range(n):
        u = limit / 2 * (1 - mp.cos(mp.pi * (2 * i + 1) / (2 * n)))
        for j in range(top):
            rows[i, j] = u ** (j + 1)
        for j in range(bottom):
            rows[i, top + j] = -true(u) * u ** (j + 1)
        right[i] = true(u) - 1
    p = [round_to(c, kind) for c in list(mp.lu_solve(rows, right))[top:]]
    denominator = lambda u: 1 + mp.fsum(c * u ** (j + 1) for j, c in enumerate(p))
    q = fit(lambda u: (true(u) * denominator(u) - 1) / u, limit / 10000, limit, list(range(top)), kind,
            lambda u: u / (true(u) * denominator(u)))
    return q, Polynomial(list(range(bottom)), p, q.error)


def constant(name, value, kind, note):
    return f"inline constexpr double {name} = {hexadecimal(round_to(value, kind), kind)};  // {note}"


def pair(name, value, kind, note):
    high = round_to(value, kind)
    low = round_to(value - high, kind)
    return (f"inline constexpr double {name}High = {hexadecimal(high, kind)}, {name}Low = {hexadecimal(low, kind)};"
            f"  // {note}")


def main():
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/exp.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {
""")
    for kind, suffix in (("f64", "64"), ("f32", "32")):
        print(constant(f"kLog2E{suffix}", 1 / mp.log(2), kind, "1 / log(2)"))
        print(constant(f"kLog2Ten{suffix}", mp.log(10, 2), kind, "log2(10)"))
        print(pair(f"kLn2{suffix}", mp.log(2), kind, "log(2)"))
        print(pair(f"kLn10{suffix}", mp.log(10), kind, "log(10)"))
        print(pair(f"kLog10Two{suffix}", mp.log10(2), kind, "log10(2)"))
        print()
    note = "q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative"
    print(array("kExp64", exponential("f64", 10), "f64", note))
    print(array("kExpNearZero64", exponential("f64", 11, {0: mp.mpf("0.5")}), "f64", note))
    print(array("kExpFast64", exponential("f64", 9), "f64", note))
    print(array("kExp32", exponential("f32", 5), "f32", note))
    print(array("kExpNearZero32", exponential("f32", 6, {0: mp.mpf("0.5")}), "f32", note))
    print(array("kExpFast32", exponential("f32", 4), "f32", note))
    note = "q of (exp(2 r) - 1) / 2 = r + r^2 q(r), |r| <= log(2)/4, relative"
    print(array("kExpOfTwice32", exponential_of_twice("f32", 5), "f32", note))
    note = "q of 2^r = 1 + log(2) r + r^2 q(r), |r| <= 1/2, relative"
    print(array("kExp2Of64", exponential_base_two("f64", 10), "f64", note))
    print(array("kExp2Of32", exponential_base_two("f32", 5), "f32", note))
    print()
    note = "p of log((1 + w) / (1 - w)) = 2 w + w^3 p(w^2), 0 <= w <= 1/3, relative"
    print(array("kLogOfRatio64", logarithm("f64", 10), "f64", note))
    print(array("kLogOfRatioFast64", logarithm("f64", 9), "f64", note))
    print(array("kLogOfRatio32", logarithm("f32", 4), "f32", note))
    print()
    for name, kind, top, bottom in (("64", "f64", 3, 2), ("Fast64", "f64", 2, 2), ("32", "f32", 1, 1)):
        q, p = tangent(kind, top, bottom)
        note = "q of tanh(r) = r (1 + u q(u)) / (1 + u p(u)), u = r^2, |r| <= log(2)/4, relative"
        print(array(f"kTangentTop{name}", q, kind, note))
        print(array(f"kTangentBottom{name}", p, kind, "p of it"))
    print("\n}  // namespace exprjit::maths")


main()
