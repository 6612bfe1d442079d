# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes src/opt/maths/trig_coefficients.h: python3 tools/coefficients/trig.py > src/opt/maths/trig_coefficients.h"""

from remez import array, fit, hexadecimal, mp, round_to, split

ROOT = mp.sqrt
NEAR_ZERO = mp.mpf(2) ** -40
# A little beyond pi/4: rounding x * 2/pi may choose the neighbour of the nearest multiple.
REACH = {"f64": mp.mpf("0.7854") ** 2, "f32": mp.mpf("0.7925") ** 2}

# What is left of each function after its first terms, as a function of s = r^2, and the weight that makes its error one
# relative to the function.
PIECES = {
    "sin": (lambda s: (mp.sin(ROOT(s)) - ROOT(s)) / ROOT(s) ** 3, lambda s: ROOT(s) ** 3 / mp.sin(ROOT(s)),
            "sin r = r + r s p(s)"),
    "cos": (lambda s: (mp.cos(ROOT(s)) - 1 + s / 2) / s**2, lambda s: s**2 / mp.cos(ROOT(s)),
            "cos r = 1 - s/2 + s^2 p(s)"),
    "whole cos": (lambda s: (mp.cos(ROOT(s)) - 1) / s, lambda s: s / mp.cos(ROOT(s)), "cos r = 1 + s p(s)"),
    "tan": (lambda s: (2 * mp.tan(ROOT(s) / 2) - ROOT(s)) / ROOT(s) ** 3,
            lambda s: ROOT(s) ** 3 / (2 * mp.tan(ROOT(s) / 2)), "2 tan(r/2) = r + r s p(s)"),
}
COUNTS = [
    ("kSin", "sin", "f64", 6), ("kCos", "cos", "f64", 6), ("kTan", "tan", "f64", 9),
    ("kFastCos", "whole cos", "f64", 6),
    ("kSin32", "sin", "f32", 3), ("kCos32", "cos", "f32", 3), ("kTan32", "tan", "f32", 4),
    ("kFastCos32", "whole cos", "f32", 3),
]


def constant(name, value, kind="f64"):
    return f"inline constexpr double {name} = {hexadecimal(value, kind)};"


def constants(name, values, kind, note):
    return f"// {note}\ninline constexpr double {name}[] = {{{', '.join(hexadecimal(v, kind) for v in values)}}};"


def down(value, kind):
    """`value` rounded towards zero, and the rest."""
    high = split(value, [53 if kind == "f64" else 24], kind)[0]
    return [high, round_to(value - high, kind)]


def main():
    half_pi = mp.pi / 2
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/trig.py.
#pragma once

namespace exprjit::maths {
""")
    print(constants("kHalfPi", [round_to(half_pi, "f64")] + split(half_pi - round_to(half_pi, "f64"), [31]), "f64",
                    "pi/2 as a sum; multiples of the second part up to 2^22 are exact"))
    print(constants("kHalfPi32", split(half_pi, [24, 24], "f32"), "f32", "pi/2 in f32; no part is negative, which keeps -0"))
    print(constant("kTwoOverPi", round_to(2 / mp.pi, "f64")))
    print(constant("kTwoOverPi32", round_to(2 / mp.pi, "f32"), "f32"))
    for name, value in (("kPi", mp.pi), ("kDegree", mp.pi / 180), ("kRadian", 180 / mp.pi)):
        for kind, suffix in (("f64", ""), ("f32", "32")):
            print(constants(name + suffix, down(value, kind), kind, "rounded down, and the rest"))
    for name, piece, kind, count in COUNTS:
        f, weight, note = PIECES[piece]
        p = fit(f, NEAR_ZERO, REACH[kind], range(count), kind, weight)
        print()
        print(array(name, p, kind, f"{note}, |r| <= {mp.nstr(ROOT(REACH[kind]), 5)}"))
    print("\n}  // namespace exprjit::maths")


main()
