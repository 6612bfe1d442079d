#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/inverse_hyperbolic_coefficients.h:
python3 tools/coefficients/inverse_hyperbolic.py > src/opt/maths/inverse_hyperbolic_coefficients.h"""

from remez import array, fit, mp

# The least u / 2^k in the logarithm of u = 2^k m. sqrt(1/2) makes the argument of the series smallest. With half of
# sqrt(e), k is 0 exactly where the result is below 1/2, and rounding the argument costs little beyond.
LOWEST_FAST, LOWEST = mp.sqrt(mp.mpf(1) / 2), mp.exp(mp.mpf(1) / 2) / 2
# atanh takes k from bits: the reach of its quotient, by the share of 1 that rounding k adds (inverse_hyperbolic.cpp).
REACH_FAST, REACH = mp.mpf("0.2001"), mp.mpf("0.2670")


def reach(lowest):
    """The largest (m - 1) / (m + 1) for m in [lowest, 2 lowest]."""
    return max((1 - lowest) / (1 + lowest), (2 * lowest - 1) / (2 * lowest + 1))


def series(name, scale, largest, count, kind):
    """p with scale atanh(t / scale) = t + t w p(w), w = t^2, for |t| <= scale * largest."""
    value = lambda w: mp.fsum((w / scale**2) ** j / (2 * j + 3) for j in range(60)) / scale**2
    p = fit(value, 0, (scale * largest) ** 2, range(count), kind, weight=lambda w: w)
    return array(name, p, kind, f"|t| <= {mp.nstr(scale * largest, 5)}")


def main():
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made by tools/coefficients/inverse_hyperbolic.py.
// clang-format off
#pragma once

namespace exprjit::maths {
""")
    print("// 2 atanh(t / 2) = t + t w p(w), w = t^2.")
    print(series("kTwiceAtanh", 2, reach(LOWEST), 8, "f64"))
    print(series("kTwiceAtanhFast", 2, reach(LOWEST_FAST), 6, "f64"))
    print(series("kTwiceAtanhF32", 2, reach(LOWEST), 4, "f32"))
    print(series("kTwiceAtanhFastF32", 2, reach(LOWEST_FAST), 3, "f32"))
    print("// atanh(t) = t + t w p(w).")
    print(series("kAtanh", 1, REACH, 8, "f64"))
    print(series("kAtanhFast", 1, REACH_FAST, 7, "f64"))
    print(series("kAtanhF32", 1, REACH, 4, "f32"))
    print(series("kAtanhFastF32", 1, REACH_FAST, 3, "f32"))
    print("\n}  // namespace exprjit::maths")


main()
