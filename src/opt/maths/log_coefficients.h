// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made by tools/coefficients/log.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// f64: log(2) and log10(2) in two parts; the first has 42 bits: its product with an exponent is exact.
inline constexpr double kLn2High = 0x1.62e42fefa3800p-1, kLn2Low = 0x1.ef35793c76730p-45;
inline constexpr double kLog10Of2High = 0x1.34413509f7800p-2, kLog10Of2Low = 0x1.fef311f12b358p-46;
// 1 / log(2) and 1 / log(10), to nearest and what that lost.
inline constexpr double kLog2OfE = 0x1.71547652b82fep+0, kLog2OfELow = 0x1.777d0ffda0d24p-56;
inline constexpr double kLog10OfE = 0x1.bcb7b1526e50ep-2, kLog10OfELow = 0x1.95355baaafad3p-57;

// f32: log(2) and log10(2) in two parts; the first has 16 bits: its product with an exponent is exact.
inline constexpr double kLn2F32High = 0x1.62e4000000000p-1, kLn2F32Low = 0x1.7f7d1c0000000p-20;
inline constexpr double kLog10Of2F32High = 0x1.3440000000000p-2, kLog10Of2F32Low = 0x1.3509f80000000p-18;
// 1 / log(2) and 1 / log(10), to nearest and what that lost.
inline constexpr double kLog2OfEF32 = 0x1.7154760000000p+0, kLog2OfEF32Low = 0x1.4ae0c00000000p-26;
inline constexpr double kLog10OfEF32 = 0x1.bcb7b20000000p-2, kLog10OfEF32Low = -0x1.5b235e0000000p-27;

// (2 atanh(s) / s - 2) / w.
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-57.7
inline constexpr double kLog[] = {
    0x1.555555555560bp-1,
    0x1.9999999957e01p-2,
    0x1.24924964df499p-2,
    0x1.c71c363334e06p-3,
    0x1.746bd1802a27bp-3,
    0x1.3915efbdcea30p-3,
    0x1.345b30017ae88p-3,
};
// w in [0, 0.02944]; of 2 atanh(s), relative; error 2^-52.23
inline constexpr double kLogFast[] = {
    0x1.5555555553960p-1,
    0x1.999999a294caap-2,
    0x1.24924176c4362p-2,
    0x1.c72278a59b490p-3,
    0x1.732c126e815f3p-3,
    0x1.5878702cc3b1fp-3,
};
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-29.31
inline constexpr double kLogF32[] = {
    0x1.5555900000000p-1,
    0x1.99491e0000000p-2,
    0x1.342b5c0000000p-2,
};
// w in [0, 0.04]; of 2 atanh(s), relative; error 2^-55.89
inline constexpr double kLogOfSum[] = {
    0x1.5555555555776p-1,
    0x1.99999998f0b82p-2,
    0x1.249249b228640p-2,
    0x1.c71c01613256ap-3,
    0x1.7474e321fb125p-3,
    0x1.3852d0f2f9381p-3,
    0x1.3abe48365d695p-3,
};
// w in [0, 0.04]; of 2 atanh(s), relative; error 2^-28.39
inline constexpr double kLogOfSumF32[] = {
    0x1.5555b40000000p-1,
    0x1.992aa80000000p-2,
    0x1.36ecb60000000p-2,
};
// w in [0, 0.02944]; of 2 atanh(s), relative; error 2^-22.7
inline constexpr double kLogFastF32[] = {
    0x1.5546d40000000p-1,
    0x1.a5eaf40000000p-2,
};
// The same in units of log(2) and log(10).
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-57.7
inline constexpr double kLog2[] = {
    0x1.ec709dc3a0503p-1,
    0x1.2776c50eca6c8p-1,
    0x1.a61763044ec6dp-2,
    0x1.484ae8eaf9d1cp-2,
    0x1.0ca521ca32b06p-2,
    0x1.c3b05cdbb6279p-3,
    0x1.bcd921c152a41p-3,
};
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-29.3
inline constexpr double kLog2F32[] = {
    0x1.ec70f20000000p-1,
    0x1.273cd80000000p-1,
    0x1.bc93240000000p-2,
};
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-57.7
inline constexpr double kLog10[] = {
    0x1.287a7636f43fcp-2,
    0x1.63c62774ec21bp-3,
    0x1.fc3fa684825dfp-4,
    0x1.8b4dbf4bccac0p-4,
    0x1.437b18edd52c6p-4,
    0x1.0ff1bb31dcffcp-4,
    0x1.0bd24e7913c36p-4,
};
// w in [0, 0.03429]; of 2 atanh(s), relative; error 2^-29.28
inline constexpr double kLog10F32[] = {
    0x1.287aaa0000000p-2,
    0x1.637f800000000p-3,
    0x1.0bbeb80000000p-3,
};
// In f64 for results in f32: 2 atanh(s) / s; two lengths.
// relative; error 2^-30.43
inline constexpr double kLogNarrow[] = {
    0x1.fffffffa0fec5p+0,
    0x1.5555877710e7bp-1,
    0x1.995781b1f107ep-2,
    0x1.3270a9e684556p-2,
};
// relative; error 2^-23.0
inline constexpr double kLogNarrowFast[] = {
    0x1.000001fe83674p+1,
    0x1.554264f9832bep-1,
    0x1.a6e0700cc1587p-2,
};

// log_as_pair: 2 atanh(s) / s = 2 + w (2/3 + w (2/5 + w p(w))), two coefficients to twice the precision.
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
