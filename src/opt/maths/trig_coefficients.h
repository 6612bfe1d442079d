// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/trig.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// pi/2 as a sum; multiples of the second part up to 2^22 are exact
inline constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633000000p-54, 0x1.45c06e0e68948p-86};
inline constexpr double kCotSlope = -0x1.6147ae147ae14p-1;
inline constexpr double kCotSlope32 = -0x1.6147ae0000000p-1;
inline constexpr double kCosineSlope32 = -0x1.9f02f60000000p-2;
// pi/2 in f32; no part is negative, which keeps -0
inline constexpr double kHalfPi32[] = {0x1.921fb40000000p+0, 0x1.4442d00000000p-24, 0x1.84698a0000000p-48};
inline constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
inline constexpr double kTwoOverPi32 = 0x1.45f3060000000p-1;
// rounded down, and the rest
inline constexpr double kPi[] = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
// rounded down, and the rest
inline constexpr double kPi32[] = {0x1.921fb40000000p+1, 0x1.4442d20000000p-23};
// rounded down, and the rest
inline constexpr double kDegree[] = {0x1.1df46a2529d39p-6, 0x1.5c1d8becdd291p-62};
// rounded down, and the rest
inline constexpr double kDegree32[] = {0x1.1df46a0000000p-6, 0x1.294e9c0000000p-33};
// rounded down, and the rest
inline constexpr double kRadian[] = {0x1.ca5dc1a63c1f7p+5, 0x1.70c2a5d4dfd03p-48};
// rounded down, and the rest
inline constexpr double kRadian32[] = {0x1.ca5dc00000000p+5, 0x1.a63c200000000p-19};

// sin r = r + r s p(s), |r| <= 0.7854; error 2^-57.89
inline constexpr double kSin[] = {
    -0x1.5555555555548p-3,
    0x1.111111110f730p-7,
    -0x1.a01a019be9252p-13,
    0x1.71de35553168dp-19,
    -0x1.ae5e4b8a40880p-26,
    0x1.5d8b57b2867ccp-33,
};

// cos r = 1 - s/2 + s^2 p(s), |r| <= 0.7854; error 2^-63.94
inline constexpr double kCos[] = {
    0x1.555555555554bp-5,
    -0x1.6c16c16c15015p-10,
    0x1.a01a019c8f252p-16,
    -0x1.27e4f7f19111bp-22,
    0x1.1ee9dbceda35bp-29,
    -0x1.8fa684896dfb5p-37,
};

// r cot r = 1 - s/4 + s p(s), |r| <= 0.7854; error 2^-57.23
inline constexpr double kCot[] = {
    -0x1.55555555555aap-4,
    -0x1.6c16c16c117f4p-6,
    -0x1.1566abc3abc6bp-9,
    -0x1.bbd776c72727dp-13,
    -0x1.66a9689f7fba2p-16,
    -0x1.2272dc4fdd096p-19,
    -0x1.d8c0cc3c04a36p-23,
    -0x1.69510be7e9975p-26,
    -0x1.aa3b9b5595387p-29,
};

// sin r = r + r s p(s), |r| <= 1.5709; error 2^-52.38
inline constexpr double kFastSin[] = {
    -0x1.555555555549cp-3,
    0x1.1111111109efap-7,
    -0x1.a01a019a1d55ap-13,
    0x1.71de37ef99b5dp-19,
    -0x1.ae634e403e9b2p-26,
    0x1.60e5942161331p-33,
    -0x1.9ef078c4f6bd0p-41,
};

// r cot r = 1 - s/4 + s p(s), |r| <= 0.7925; error 2^-27.21
inline constexpr double kCot32[] = {
    -0x1.5555040000000p-4,
    -0x1.6c298e0000000p-6,
    -0x1.12b1cc0000000p-9,
    -0x1.04c4c20000000p-12,
};

// sin r = r + r s p(s), |r| <= 1.599; error 2^-26.9
inline constexpr double kFastSin32[] = {
    -0x1.55554a0000000p-3,
    0x1.110e820000000p-7,
    -0x1.9f60060000000p-13,
    0x1.5cd1560000000p-19,
};

// sin r = r - r s/8 + r s p(s), |r| <= 1.599; error 2^-27.01
inline constexpr double kHalfSin32[] = {
    -0x1.55552a0000000p-5,
    0x1.110e980000000p-7,
    -0x1.9f64360000000p-13,
    0x1.5d0d900000000p-19,
};

// tan r = r p(s) / q(s), |r| <= 0.7854: p; error 2^-54.57
inline constexpr double kTanAbove[] = {
    0x1.0000000000000p+0,
    -0x1.06b97c367d1a7p-3,
    0x1.6fc7001ea7e61p-9,
    -0x1.f637e85d6f361p-18,
};
// tan r = r p(s) / q(s), |r| <= 0.7854: q; error 2^-54.57
inline constexpr double kTanBelow[] = {
    0x1.0000000000000p+0,
    -0x1.d8b2137093df6p-2,
    0x1.7e7b69d3b18b8p-6,
    -0x1.b525b58c4e139p-13,
};

// tan r = r / q(s), |r| <= 0.7925; error 2^-27.2
inline constexpr double kTanBelow32[] = {
    0x1.0000000000000p+0,
    -0x1.5555420000000p-2,
    -0x1.6c29080000000p-6,
    -0x1.12bc840000000p-9,
    -0x1.047ff00000000p-12,
};

}  // namespace exprjit::maths
