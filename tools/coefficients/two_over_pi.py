# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes src/ir/two_over_pi.h: python3 tools/coefficients/two_over_pi.py > src/ir/two_over_pi.h"""

from remez import mp

WORDS = 20  # one of padding, then enough for the window of the largest f64: 970 + 192 bits


def main():
    mp.mp.prec = 64 * WORDS + 64
    bits = int(mp.floor(mp.ldexp(2 / mp.pi, 64 * (WORDS - 1))))
    words = [bits >> 64 * (WORDS - 1 - k) & (1 << 64) - 1 for k in range(WORDS)]
    print("""// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/two_over_pi.py.
// clang-format off
#pragma once

#include <cstdint>

namespace exprjit::meaning {

// The bits of 2/pi behind the binary point, highest first, after one word of zeros.
inline constexpr uint64_t kTwoOverPiBits[] = {""")
    for k in range(0, WORDS, 4):
        print("    " + " ".join(f"0x{w:016x}," for w in words[k:k + 4]))
    print("};\n\n}  // namespace exprjit::meaning")


main()
