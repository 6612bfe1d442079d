# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes src/opt/maths/trig_coefficients.h: python3 tools/coefficients/trig.py > src/opt/maths/trig_coefficients.h"""

from remez import BITS, array, fit, hexadecimal, mp, rational, round_to, split

ROOT = mp.sqrt
NEAR_ZERO = mp.mpf(2) ** -40
# A little beyond pi/4: rounding x * 2/pi may choose the neighbour of the nearest multiple.
REACH = {"f64": mp.mpf("0.7854") ** 2, "f32": mp.mpf("0.7925") ** 2}
HALF_TURN_REACH = {"f64": mp.mpf("1.5709") ** 2, "f32": mp.mpf("1.599") ** 2}

# What is left of each function after its first terms, as a function of s = r^2, and the weight that makes its error one
# relative to the function.
PIECES = {
    "sin": (lambda s: (mp.sin(ROOT(s)) - ROOT(s)) / ROOT(s) ** 3, lambda s: ROOT(s) ** 3 / mp.sin(ROOT(s)),
            "sin r = r + r s p(s)"),
    "cos": (lambda s: (mp.cos(ROOT(s)) - 1 + s / 2) / s**2, lambda s: s**2 / mp.cos(ROOT(s)),
            "cos r = 1 - s/2 + s^2 p(s)"),
    "most of sin": (lambda s: (mp.sin(ROOT(s)) / ROOT(s) - 1 + s / 8) / s, lambda s: ROOT(s) ** 3 / mp.sin(ROOT(s)),
                    "sin r = r - r s/8 + r s p(s)"),
    "cot": (lambda s: (ROOT(s) / mp.tan(ROOT(s)) - 1 + s / 4) / s, lambda s: mp.tan(ROOT(s)) * ROOT(s),
            "r cot r = 1 - s/4 + s p(s)"),
}
COUNTS = [
    ("kSin", "sin", "f64", 6), ("kCos", "cos", "f64", 6), ("kCot", "cot", "f64", 9),
    ("kFastSin", "sin", "f64", 7),
    ("kCot32", "cot", "f32", 4),
    ("kFastSin32", "sin", "f32", 4), ("kHalfSin32", "most of sin", "f32", 4),
]


def constant(name, value, kind="f64"):
    return f"inline constexpr double {name} = {hexadecimal(value, kind)};"


def constants(name, values, kind, note):
    return f"// {note}\ninline constexpr double {name}[] = {{{', '.join(hexadecimal(v, kind) for v in values)}}};"


def down(value, kind):
    """`value` rounded towards zero, and the rest."""
    high = split(value, [53 if kind == "f64" else 24], kind)[0]
    return [high, round_to(value - high, kind)]


def sine_of(r, c, kind):
    """What fast_sine computes, rounding where it rounds."""
    fma = lambda x, y, z: round_to(x * y + z, kind)
    s = fma(r, r, 0)
    p = c[-1]
    for lower in reversed([1, *c[:-1]]):
        p = fma(p, s, lower)
    return fma(r, p, 0)


def with_exact_cosine_of_zero(p, kind, f, weight, reach):
    """The highest coefficient moved as little as makes sine_of(pi/2), which is the cosine of 0, exactly 1."""
    highest, r = p.coefficients[-1], round_to(mp.pi / 2, kind)
    step = mp.mpf(2) ** -(BITS[kind] + 2) / r ** (2 * len(p.coefficients) + 1)
    for k in range(1000):
        p.coefficients[-1] = round_to(highest + (-1) ** k * ((k + 1) // 2) * step, kind)
        if sine_of(r, p.coefficients, kind) == 1:
            break
    else:
        raise ValueError(f"no coefficient gives 1 at pi/2 in {kind}")
    p.error = max(abs(weight(s) * (p(s) - f(s))) for s in mp.linspace(NEAR_ZERO, reach, 1500))


def main():
    half_pi = mp.pi / 2
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/trig.py.
// clang-format off
#pragma once

namespace exprjit::maths {
""")
    print(constants("kHalfPi", [round_to(half_pi, "f64")] + split(half_pi - round_to(half_pi, "f64"), [31]), "f64",
                    "pi/2 as a sum; multiples of the second part up to 2^22 are exact"))
    for kind, suffix in (("f64", ""), ("f32", "32")):
        print(constant("kCotSlope" + suffix, round_to(mp.mpf("-0.69"), kind), kind))
    print(constant("kCosineSlope32", round_to(-1 / half_pi**2, "f32"), "f32"))
    print(constants("kHalfPi32", split(half_pi, [24, 24], "f32"), "f32", "pi/2 in f32; no part is negative, which keeps -0"))
    print(constant("kTwoOverPi", round_to(2 / mp.pi, "f64")))
    print(constant("kTwoOverPi32", round_to(2 / mp.pi, "f32"), "f32"))
    for name, value in (("kPi", mp.pi), ("kDegree", mp.pi / 180), ("kRadian", 180 / mp.pi)):
        for kind, suffix in (("f64", ""), ("f32", "32")):
            print(constants(name + suffix, down(value, kind), kind, "rounded down, and the rest"))
    for name, piece, kind, count in COUNTS:
        f, weight, note = PIECES[piece]
        reach = (HALF_TURN_REACH if name.startswith(("kFast", "kHalf")) else REACH)[kind]
        # The end counts more where it is moved afterwards.
        fast = name.startswith("kFast")
        at_end = lambda s: 1 + (s / reach) ** 32 if fast else 1
        p = fit(f, NEAR_ZERO, reach, range(count), kind, lambda s: weight(s) * at_end(s))
        if fast:
            with_exact_cosine_of_zero(p, kind, f, weight, reach)
        print()
        print(array(name, p, kind, f"{note}, |r| <= {mp.nstr(ROOT(reach), 5)}"))
    reach = REACH["f64"]
    p, q = rational(lambda s: mp.tan(ROOT(s)) / ROOT(s), NEAR_ZERO, reach, 3, 3)
    note = f"tan r = r p(s) / q(s), |r| <= {mp.nstr(ROOT(reach), 5)}"
    print()
    print(array("kTanAbove", p, "f64", f"{note}: p"))
    print(array("kTanBelow", q, "f64", f"{note}: q"))
    reach = REACH["f32"]
    q = fit(lambda s: ROOT(s) / mp.tan(ROOT(s)), NEAR_ZERO, reach, range(5), "f32",
            lambda s: mp.tan(ROOT(s)) / ROOT(s), {0: 1})
    print()
    print(array("kTanBelow32", q, "f32", f"tan r = r / q(s), |r| <= {mp.nstr(ROOT(reach), 5)}"))
    print("\n}  // namespace exprjit::maths")


main()
