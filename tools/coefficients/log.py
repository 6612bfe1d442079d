#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/log_coefficients.h: python3 tools/coefficients/log.py > src/opt/maths/log_coefficients.h"""

import mpmath as mp

from remez import array, fit, hexadecimal, round_to, split

# With m in [sqrt(1/2), sqrt(2)] and s = (m - 1) / (m + 1), log(m) is 2 atanh(s) = 2 s + s w (2/3 + 2/5 w + …), w = s^2.
# With m in [11/16, 11/8], log(m) - (m - 1) is below 1/16, so that rounding it costs little: w is a little larger.
ROOT_W = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1))**2
LARGEST_W = (mp.mpf(5) / 27)**2
LARGEST_W_OF_SUM = mp.mpf(1) / 25  # log1p: m in [3/4, 3/2]


def series(first: int):
    """2/first + 2/(first + 2) w + …: what follows in 2 atanh(s) / s after the powers of w below (first - 1) / 2."""
    return lambda w: mp.fsum(2 * w**j / (first + 2 * j) for j in range(60))


def pair_of(name: str, value, kind: str = "f64") -> str:
    high = round_to(value, kind)
    low = round_to(mp.mpf(value) - high, kind)
    return f"inline constexpr double {name} = {hexadecimal(high, kind)}, {name}Low = {hexadecimal(low, kind)};"


def parts_of(name: str, value, bits: int, kind: str) -> str:
    high, low = split(value, [bits], kind)
    return f"inline constexpr double {name}High = {hexadecimal(high, kind)}, {name}Low = {hexadecimal(low, kind)};"


def constants(kind: str, bits: int) -> list:
    tail = "F32" if kind == "f32" else ""
    return [
        f"// {kind}: log(2) and log10(2) in two parts; the first has {bits} bits: its product with an exponent is exact.",
        parts_of(f"kLn2{tail}", mp.log(2), bits, kind),
        parts_of(f"kLog10Of2{tail}", mp.log10(2), bits, kind),
        "// 1 / log(2) and 1 / log(10), to nearest and what that lost.",
        pair_of(f"kLog2OfE{tail}", 1 / mp.log(2), kind),
        pair_of(f"kLog10OfE{tail}", 1 / mp.log(10), kind),
        "",
    ]


def plain(name: str, count: int, kind: str, largest=LARGEST_W, scale=1) -> str:
    value = lambda w: scale * series(3)(w)
    p = fit(value, 0, largest, range(count), kind, weight=lambda w: w / 2 / scale)
    return array(name, p, kind, note=f"w in [0, {mp.nstr(largest, 4)}]; of 2 atanh(s), relative")


def narrow(name: str, count: int) -> str:
    p = fit(series(1), 0, ROOT_W, range(count), weight=lambda w: 1 / series(1)(w))
    return array(name, p, note="relative")


def sections() -> list:
    return [
        "// (2 atanh(s) / s - 2) / w.",
        plain("kLog", 7, "f64"),
        plain("kLogFast", 6, "f64", ROOT_W),
        plain("kLogF32", 3, "f32"),
        plain("kLogOfSum", 7, "f64", LARGEST_W_OF_SUM),
        plain("kLogOfSumF32", 3, "f32", LARGEST_W_OF_SUM),
        plain("kLogFastF32", 2, "f32", ROOT_W),
        "// The same in units of log(2) and log(10).",
        plain("kLog2", 7, "f64", scale=1 / mp.log(2)),
        plain("kLog2F32", 3, "f32", scale=1 / mp.log(2)),
        plain("kLog10", 7, "f64", scale=1 / mp.log(10)),
        plain("kLog10F32", 3, "f32", scale=1 / mp.log(10)),
        "// In f64 for results in f32: 2 atanh(s) / s; two lengths.",
        narrow("kLogNarrow", 4),
        narrow("kLogNarrowFast", 3),
        "",
    ]


def pair_section() -> list:
    p = fit(series(7), 0, ROOT_W, range(7), weight=lambda w: w**3 / 2)
    return [
        "// log_as_pair: 2 atanh(s) / s = 2 + w (2/3 + w (2/5 + w p(w))), two coefficients to twice the precision.",
        pair_of("kTwoThirds", mp.mpf(2) / 3),
        pair_of("kTwoFifths", mp.mpf(2) / 5),
        array("kLogPair", p, note=f"w in [0, {mp.nstr(ROOT_W, 4)}]; of 2 atanh(s), relative"),
    ]


def main():
    print("// SPDX-License-Identifier: MIT OR Apache-2.0")
    print("//")
    print("// Made by tools/coefficients/log.py.")
    print("// clang-format off")
    print("#pragma once\n")
    print("namespace exprjit::maths {\n")
    print("\n".join(constants("f64", 42) + constants("f32", 16) + sections() + pair_section()))
    print("\n}  // namespace exprjit::maths")


if __name__ == "__main__":
    main()
