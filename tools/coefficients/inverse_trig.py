# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes src/opt/maths/inverse_trig_coefficients.h:
python3 tools/coefficients/inverse_trig.py > src/opt/maths/inverse_trig_coefficients.h"""

from remez import array, fit, hexadecimal, mp, round_to, split

ROOT = mp.sqrt
NEAR_ZERO = mp.mpf(2) ** -40
mp.mp.prec = 500  # so many coefficients need it

# atan t = t + t s p(s) and asin t = t + t s p(s), s = t^2; the weights make the errors relative to the functions.
PIECES = {
    "atan": (lambda s: (mp.atan(ROOT(s)) - ROOT(s)) / ROOT(s) ** 3, lambda s: ROOT(s) ** 3 / mp.atan(ROOT(s))),
    "asin": (lambda s: (mp.asin(ROOT(s)) - ROOT(s)) / ROOT(s) ** 3, lambda s: ROOT(s) ** 3 / mp.asin(ROOT(s))),
}
PIECES["third of atan"] = PIECES["octant of atan"] = PIECES["atan"]
REACH = {"atan": mp.mpf("0.546875"), "asin": mp.mpf("0.5"), "third of atan": ROOT(2) - mp.mpf("0.999"), "octant of atan": mp.mpf(1)}
COUNTS = [
    ("kAtan", "atan", "f64", 13), ("kAsin", "asin", "f64", 12),
    ("kAtan32", "atan", "f32", 6), ("kAsin32", "asin", "f32", 5),
    ("kFastAtan", "third of atan", "f64", 10), ("kOctantAtan", "octant of atan", "f64", 19),
    ("kOctantAtan32", "octant of atan", "f32", 8),
]


def main():
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/inverse_trig.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// pi/2 as a sum whose first part has two bits to spare, so that its multiples by 1/2, 3/2 and 2 are exact, and the
// second part by the first.""")
    for kind, bits, suffix in (("f64", 51, ""), ("f32", 22, "32")):
        parts = split(mp.pi / 2, [bits], kind)
        print(f"inline constexpr double kRightAngle{suffix}[] = {{{', '.join(hexadecimal(p, kind) for p in parts)}}};")
        print(f"inline constexpr double kRightAngleRatio{suffix} = {hexadecimal(round_to(parts[1] / parts[0], kind), kind)};")
    for name, piece, kind, count in COUNTS:
        f, weight = PIECES[piece]
        p = fit(f, NEAR_ZERO, REACH[piece] ** 2, range(count), kind, weight)
        print()
        print(array(name, p, kind, f"{piece.split()[-1]} t = t + t s p(s), |t| <= {mp.nstr(REACH[piece], 6)}"))
    print("\n}  // namespace exprjit::maths")


main()
