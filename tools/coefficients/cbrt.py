# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/cbrt_coefficients.h."""

from remez import array, fit, mp

# Shift of the straight line for which |1 - x y^3| is least for all x, y the start: 0.1021. A little more is allowed for the
# rounding of the line.
SHIFT, END = -0.068, 0.1022


def inverse_root(count, kind):
    """q with (1 - e)^(-1/3) = 1 + e q(e)."""
    f = lambda e: (mp.cbrt(1 / (1 - e)) - 1) / e
    return fit(f, -END, END, range(count), kind, weight=lambda e: e)


def root(count, kind, end):
    """q with (1 - e)^(-2/3) = 1 + e q(e)."""
    f = lambda e: (1 / mp.cbrt(1 - e) ** 2 - 1) / e
    return fit(f, -end, end, range(count), kind, weight=lambda e: e)


def main():
    print(f"""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/cbrt.py. Do not edit.
// clang-format off
#pragma once

namespace exprjit::maths {{

// The straight line for x^(-1/3) in logarithms is lower by this: then |1 - x y^3| < {END}.
inline constexpr double kCbrtShift = {SHIFT};
""")
    for name, count, kind, note in [("kCbrt", 7, "f64", f"q with (1 - e)^(-1/3) = 1 + e q(e), |e| < {END}"),
                                    ("kCbrtSingle", 3, "f32", "the same for f32"),
                                    ("kCbrtFirst", 3, "f64", "the same, fast")]:
        p = inverse_root(count, kind)
        print(array(name, p, kind, note))
    end = 3.1 * p.error
    print(array("kCbrtSecond", root(2, "f64", end), "f64", "q with (1 - e)^(-2/3) = 1 + e q(e) after that"))
    print(array("kCbrtSingleFast", root(5, "f32", END), "f32", f"the same for f32, |e| < {END}"))
    print("\n}  // namespace exprjit::maths")


main()
