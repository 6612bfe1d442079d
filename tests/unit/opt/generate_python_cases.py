#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints python_cases.inc: what CPython's // and % give, for expand_arithmetic_test.cpp.

    python3 generate_python_cases.py > python_cases.inc
"""
import math

FLOATS = [0.0, 1.0, 0.5, 2.0, 2.5, 3.0, 0.1, 0.3, 7.0, 1e-3, 10.75, 1e16, 1e300, 1e-300, 5e-324, 1.7976931348623157e308,
          123456.789, 0.7, 1.1, math.inf]
INTS = [0, 1, 2, 3, 5, 7, 8, 16, 100, 12345, 2**31 - 1, 2**31, 2**53 + 1, 2**62, 2**63 - 1]


def signed(values):
    return [s * v for v in values for s in (1, -1)]


def main():
    print("// SPDX-License-Identifier: MIT OR Apache-2.0")
    print("// Written by generate_python_cases.py: a, b, a // b, a % b.")
    for a in signed(FLOATS) + [math.nan]:
        for b in signed(FLOATS) + [math.nan]:
            if b == 0:
                continue
            values = (a, b, a // b, a % b)
            print("F(" + ", ".join("NAN" if math.isnan(v) else "INFINITY" if v == math.inf else
                                   "-INFINITY" if v == -math.inf else v.hex() for v in values) + ")")
    for a in signed(INTS) + [-2**63]:
        for b in signed(INTS) + [-2**63]:
            if b == 0 or (a == -2**63 and b == -1):
                continue
            print("I(" + ", ".join("INT64_MIN" if v == -2**63 else f"{v}LL" for v in (a, b, a // b, a % b)) + ")")


main()
