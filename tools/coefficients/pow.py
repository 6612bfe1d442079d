# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints src/opt/maths/pow_coefficients.h."""

from remez import array, fit, hexadecimal, mp, round_to, split

END = (2 * (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2  # largest z = s^2, s = 2 (m - 1) / (m + 1), for m in [sqrt 1/2, sqrt 2]
BEGIN = mp.mpf("1e-6")


def rest_of_log(z):
    """(log(m) - s) / (s z) = 1/12 + z/80 + z^2/448 + ..."""
    s = mp.sqrt(z)
    return (2 * mp.atanh(s / 2) / s - 1) / z


def log_rest(count):
    third = mp.mpf(1) / 12
    return fit(lambda z: (rest_of_log(z) - third) / z, BEGIN, END, range(count), weight=lambda z: z * z)


def log2_over_s(z):
    s = mp.sqrt(z)  # here s = (m - 1) / (m + 1)
    return 2 * mp.atanh(s) / s / mp.log(2)


def exp_rest(count):
    """(e^r - 1 - r - r^2 / 2) / r^3, its error as a part of e^r; a little further than log(2)/2, for the rounding of n."""
    return fit(lambda r: (mp.expm1(r) - r - r * r / 2) / r**3, -0.34663, 0.34663, range(count),
               weight=lambda r: r**3 / mp.exp(r))


def main():
    ln2 = split(mp.log(2), [53])
    twelfth = round_to(mp.mpf(1) / 12, "f64")
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/pow.py. Do not edit.
// clang-format off
#pragma once

namespace exprjit::maths {

// log(2) = high + low""")
    print(f"inline constexpr double kPowLn2High = {hexadecimal(ln2[0])}, kPowLn2Low = {hexadecimal(ln2[1])};")
    print(f"inline constexpr double kPowLog2E = {hexadecimal(round_to(1 / mp.log(2), 'f64'))};")
    print("// 1/12 = high + low")
    print(f"inline constexpr double kPowTwelfthHigh = {hexadecimal(twelfth)};")
    print(f"inline constexpr double kPowTwelfthLow = {hexadecimal(round_to(mp.mpf(1) / 12 - twelfth, 'f64'))};")
    print()
    of_log = "q of log(m) = s + s z (1/12 + z q(z)), z = s^2 in [0, 0.1178]; as a part of log(m)"
    print(array("kPowLog", log_rest(8), note=of_log))
    print(array("kPowLogFast", log_rest(7), note="the same, fast"))
    of_exp = "p of e^r = 1 + r + r^2 / 2 + r^3 p(r), r in [-0.3466, 0.3466]"
    print(array("kPowExp", exp_rest(10), note=of_exp))
    print(array("kPowExpFast", exp_rest(9), note="the same, fast"))
    print()
    log2 = lambda count: fit(log2_over_s, BEGIN, END / 4, range(count), weight=lambda z: 1 / log2_over_s(z))
    print(array("kPowLog2Single", log2(5), note="log2(m) / s in s^2, s = (m - 1) / (m + 1), for f32"))
    print(array("kPowLog2SingleFast", log2(4), note="the same, fast"))
    exp2 = lambda count: fit(lambda r: mp.mpf(2) ** r, -0.5000001, 0.5000001, range(count), weight=lambda r: mp.mpf(2) ** -r, fixed={0: 1})
    print(array("kPowExp2Single", exp2(7), note="2^r, r in [-0.5, 0.5], for f32"))
    print(array("kPowExp2SingleFast", exp2(6), note="the same, fast"))
    print("\n}  // namespace exprjit::maths")


main()
