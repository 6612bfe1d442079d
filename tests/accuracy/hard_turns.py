# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints hard_turns.inc: the f64 numbers that come closest to a multiple of pi/2, the largest cancellations an argument
reduction meets. By the continued fraction of 2^e / (pi/2) for every exponent e (W. Kahan, "Minimizing q*m - n", 1983)."""

import mpmath

mpmath.mp.prec = 3000
COUNT = 240


def closest(exponent: int) -> list[tuple[float, int]]:
    """Distances to the nearest multiple and significands m of 53 bits, of the numbers m 2^exponent that come close."""
    ratio = mpmath.mpf(2) ** exponent / (mpmath.pi / 2)
    found = []
    before, here, rest = 0, 1, ratio  # denominators of the convergents
    while here < 2**53:
        multiple = 2**52 // here + (2**52 % here != 0)
        m = here * multiple
        if 2**52 <= m < 2**53:
            turns = m * ratio
            found.append((float(abs(turns - mpmath.nint(turns)) * mpmath.pi / 2), m))
        rest = 1 / (rest - mpmath.floor(rest))
        before, here = here, int(mpmath.floor(rest)) * here + before
    return sorted(found)[:2]


numbers = sorted((distance, m, e) for e in range(-52, 971) for distance, m in closest(e))[:COUNT]
print("// SPDX-License-Identifier: MIT OR Apache-2.0")
print("// Written by tests/accuracy/hard_turns.py, the closest to a multiple of pi/2 first.")
texts = [f"{(float(m) * 2.0**e if e < 900 else float(m) * 2.0**900 * 2.0 ** (e - 900)).hex()}," for _, m, e in numbers]
for k in range(0, len(texts), 4):
    print(" ".join(texts[k : k + 4]))
