#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/log_coefficients.h: python3 tools/coefficients/log.py > src/opt/maths/log_coefficients.h"""

import mpmath as mp

from remez import array, fit, hexadecimal, round_to, split

# With m in [sqrt(1/2), sqrt(2)] and s = (m - 1) / (m + 1), log(m) is 2 atanh(s) = 2 s + s w (2/3 + 2/5 w + …), w = s^2.
LARGEST_S = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
LARGEST_W = LARGEST_S**2


def series(first: int):
    """2/first + 2/(first + 2) w + …: what follows in 2 atanh(s) / s after the powers of w below (first - 1) / 2."""
    return lambda w: mp.fsum(2 * w**j / (first + 2 * j) for j in range(60))


def pair_of(name: str, value) -> str:
    high, low = round_to(value, "f64"), round_to(mp.mpf(value) - round_to(value, "f64"), "f64")
    return f"inline constexpr double {name} = {hexadecimal(high)}, {name}Low = {hexadecimal(low)};"


def pair_section() -> list:
    p = fit(series(7), 0, LARGEST_W, range(7), weight=lambda w: w**3 / 2)
    return [
        "// log_as_pair: 2 atanh(s) / s = 2 + w (2/3 + w (2/5 + w p(w))), the first two coefficients to twice the precision.",
        pair_of("kTwoThirds", mp.mpf(2) / 3),
        pair_of("kTwoFifths", mp.mpf(2) / 5),
        array("kLogPair", p, note=f"w in [0, {mp.nstr(LARGEST_W, 4)}]; of 2 atanh(s), relative"),
    ]


def main():
    high, low = split(mp.log(2), [42])
    print("// SPDX-License-Identifier: MIT OR Apache-2.0")
    print("//")
    print("// Made by tools/coefficients/log.py.")
    print("#pragma once\n")
    print("namespace exprjit::maths {\n")
    print("// log(2) in two parts; the first has 42 bits, so that its product with an exponent is exact.")
    print(f"inline constexpr double kLn2High = {hexadecimal(high)}, kLn2Low = {hexadecimal(low)};\n")
    print("\n".join(pair_section()))
    print("\n}  // namespace exprjit::maths")


if __name__ == "__main__":
    main()
