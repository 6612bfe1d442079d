#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/inverse_hyperbolic_coefficients.h:
python3 tools/coefficients/inverse_hyperbolic.py > src/opt/maths/inverse_hyperbolic_coefficients.h"""

from remez import array, fit, mp

# The largest |m - 1| / (m + 1) in logarithms of u = 2^k m, m from half of sqrt(e), with what roughness of k adds.
REACH = mp.mpf("0.2492")
# The same for atanh; the least possible, and where k is 0 for results below 1/4.
ATANH_REACH_FAST, ATANH_REACH = mp.mpf("0.2001"), mp.mpf("0.2670")


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
    print(series("kTwiceAtanh", 2, REACH, 8, "f64"))
    print(series("kTwiceAtanhF32", 2, REACH, 4, "f32"))
    print(series("kTwiceAtanhFastF32", 2, REACH, 3, "f32"))
    print("// atanh(t) = t + t w p(w).")
    print(series("kAtanh", 1, ATANH_REACH, 8, "f64"))
    print(series("kAtanhFast", 1, ATANH_REACH_FAST, 7, "f64"))
    print(series("kAtanhF32", 1, ATANH_REACH, 4, "f32"))
    print(series("kAtanhFastF32", 1, ATANH_REACH_FAST, 3, "f32"))
    print("\n}  // namespace exprjit::maths")


main()
