// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made by tools/coefficients/log.py.
#pragma once

namespace exprjit::maths {

// log(2) in two parts; the first has 42 bits, so that its product with an exponent is exact.
inline constexpr double kLn2High = 0x1.62e42fefa3800p-1, kLn2Low = 0x1.ef35793c76730p-45;

// log_as_pair: 2 atanh(s) / s = 2 + w (2/3 + w (2/5 + w p(w))), the first two coefficients to twice the precision.
inline constexpr double kTwoThirds = 0x1.5555555555555p-1, kTwoThirdsLow = 0x1.5555555555555p-55;
inline constexpr double kTwoFifths = 0x1.999999999999ap-2, kTwoFifthsLow = -0x1.999999999999ap-56;
// w in [0, 0.02944]; of 2 atanh(s), relative; error 2^-72.84
inline constexpr double kLogPair[] = {
    0x1.24924924927ccp-2,
    0x1.c71c71c65a47ep-3,
    0x1.745d17d73e084p-3,
    0x1.3b13783f972eep-3,
    0x1.111dcc864afb4p-3,
    0x1.de9ed73d5c03ap-4,
    0x1.e7dd017071334p-4,
};

}  // namespace exprjit::maths
