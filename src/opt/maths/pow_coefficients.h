// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/pow.py. Do not edit.
// clang-format off
#pragma once

namespace exprjit::maths {

// log(2) = high + low
inline constexpr double kPowLn2High = 0x1.62e42fefa39efp-1, kPowLn2Low = 0x1.abc9e3b39803fp-56;
inline constexpr double kPowLog2E = 0x1.71547652b82fep+0;
// 1/12 = high + low
inline constexpr double kPowTwelfthHigh = 0x1.5555555555555p-4;
inline constexpr double kPowTwelfthLow = 0x1.5555555555555p-58;

// q of log(m) = s + s z (1/12 + z q(z)), z = s^2 in [0, 0.1178]; as a part of log(m); error 2^-73.48
inline constexpr double kPowLog[] = {
    0x1.9999999999996p-7,
    0x1.2492492492f51p-9,
    0x1.c71c71c5968f1p-12,
    0x1.745d182956fdbp-14,
    0x1.3b1364c91e43ep-16,
    0x1.11206f3560af5p-18,
    0x1.de3d6f6193581p-21,
    0x1.eac5c815afdcap-23,
};
// the same, fast; error 2^-66.28
inline constexpr double kPowLogFast[] = {
    0x1.9999999999b30p-7,
    0x1.2492492457d6bp-9,
    0x1.c71c722d648c8p-12,
    0x1.745ce9e437938p-14,
    0x1.3b1eebd7c1eacp-16,
    0x1.0f7fef4f9220ap-18,
    0x1.0e426e4b6f73fp-20,
};
// p of e^r = 1 + r + r^2 / 2 + r^3 p(r), r in [-0.3466, 0.3466]; error 2^-63.78
inline constexpr double kPowExp[] = {
    0x1.555555555555ap-3,
    0x1.5555555555531p-5,
    0x1.111111110f1a6p-7,
    0x1.6c16c16c27080p-10,
    0x1.a01a01b1c37a0p-13,
    0x1.a01a015162b43p-16,
    0x1.71ddf3e12ea2fp-19,
    0x1.27e590ae81df7p-22,
    0x1.af661de0f6b90p-26,
    0x1.1e5fc94f934c2p-29,
};
// the same, fast; error 2^-57.37
inline constexpr double kPowExpFast[] = {
    0x1.5555555555501p-3,
    0x1.5555555553205p-5,
    0x1.111111112893cp-7,
    0x1.6c16c17cc4267p-10,
    0x1.a01a011bf4e26p-13,
    0x1.a019ab2935f1dp-16,
    0x1.71df55847f5b5p-19,
    0x1.289f8fa55d478p-22,
    0x1.ad1fde2eb300ep-26,
};

// log2(m) / s in s^2, s = (m - 1) / (m + 1), for f32; error 2^-37.79
inline constexpr double kPowLog2Single[] = {
    0x1.71547652bee0ep+1,
    0x1.ec709d12ccb77p-1,
    0x1.27777fe029727p-1,
    0x1.a58d8ef6a3366p-2,
    0x1.5ce7cbb204c66p-2,
};
// the same, fast; error 2^-30.43
inline constexpr double kPowLog2SingleFast[] = {
    0x1.7154764e71b2ep+1,
    0x1.ec70e60dbfa1ep-1,
    0x1.27471a56251b0p-1,
    0x1.ba19223f4254ap-2,
};
// 2^r, r in [-0.5, 0.5], for f32; error 2^-28.91
inline constexpr double kPowExp2Single[] = {
    0x1.0000000000000p+0,
    0x1.62e430af31deap-1,
    0x1.ebfbdc3cd92c7p-3,
    0x1.c6aee87cd2645p-5,
    0x1.3b2d4c317578ep-7,
    0x1.5f3e5ea64d49ep-10,
    0x1.41fc7a999d220p-13,
};
// the same, fast; error 2^-23.38
inline constexpr double kPowExp2SingleFast[] = {
    0x1.0000000000000p+0,
    0x1.62e42920b1acdp-1,
    0x1.ebf9bb85e2f7cp-3,
    0x1.c6b751c5865d9p-5,
    0x1.3cea90212d358p-7,
    0x1.5bbb0ae060488p-10,
};

}  // namespace exprjit::maths
