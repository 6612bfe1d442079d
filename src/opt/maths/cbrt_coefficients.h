// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/cbrt.py. Do not edit.
// clang-format off
#pragma once

namespace exprjit::maths {

// The straight line for x^(-1/3) in logarithms is lower by this: then |1 - x y^3| < 0.1022.
inline constexpr double kCbrtShift = -0.068;

// q with (1 - e)^(-1/3) = 1 + e q(e), |e| < 0.1022; error 2^-36.5
inline constexpr double kCbrt[] = {
    0x1.5555555483c24p-2,
    0x1.c71c7468e7608p-3,
    0x1.61f9b5da1c608p-3,
    0x1.26f4c5a1be33dp-3,
    0x1.ff385adf95a1ep-4,
    0x1.ce252a6386603p-4,
    0x1.a43ae6a722ff6p-4,
};
// the same for f32; error 2^-18.48
inline constexpr double kCbrtSingle[] = {
    0x1.5553d20000000p-2,
    0x1.c9aeaa0000000p-3,
    0x1.65ccc40000000p-3,
};
// the same, fast; error 2^-18.48
inline constexpr double kCbrtFirst[] = {
    0x1.5553d12d18a7bp-2,
    0x1.c9aeadf523081p-3,
    0x1.65cd6110c3829p-3,
};
// q with (1 - e)^(-2/3) = 1 + e q(e) after that; error 2^-53.56
inline constexpr double kCbrtSecond[] = {
    0x1.555555558fd43p-1,
    0x1.1c71c71cb9445p-1,
};
// the same for f32, |e| < 0.1022; error 2^-25.72
inline constexpr double kCbrtSingleFast[] = {
    0x1.5555580000000p-1,
    0x1.1c6f4e0000000p-1,
    0x1.f9a1080000000p-2,
    0x1.d587440000000p-2,
    0x1.b8c7b80000000p-2,
};

}  // namespace exprjit::maths
