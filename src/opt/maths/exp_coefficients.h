// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/exp.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {

inline constexpr double kLog2E64 = 0x1.71547652b82fep+0;  // 1 / log(2)
inline constexpr double kLog2Ten64 = 0x1.a934f0979a371p+1;  // log2(10)
inline constexpr double kLn264High = 0x1.62e42fefa39efp-1, kLn264Low = 0x1.abc9e3b39803fp-56;  // log(2)
inline constexpr double kLn1064High = 0x1.26bb1bbb55516p+1, kLn1064Low = -0x1.f48ad494ea3e9p-53;  // log(10)
inline constexpr double kLog10Two64High = 0x1.34413509f79ffp-2, kLog10Two64Low = -0x1.9dc1da994fd21p-59;  // log10(2)

inline constexpr double kLog2E32 = 0x1.7154760000000p+0;  // 1 / log(2)
inline constexpr double kLog2Ten32 = 0x1.a934f00000000p+1;  // log2(10)
inline constexpr double kLn232High = 0x1.62e4300000000p-1, kLn232Low = -0x1.05c6100000000p-29;  // log(2)
inline constexpr double kLn1032High = 0x1.26bb1c0000000p+1, kLn1032Low = -0x1.12aaba0000000p-25;  // log(10)
inline constexpr double kLog10Two32High = 0x1.3441360000000p-2, kLog10Two32Low = -0x1.ec10c00000000p-27;  // log10(2)

// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-57.66
inline constexpr double kExp64[] = {
    0x1.000000000000ap-1,
    0x1.555555555550dp-3,
    0x1.5555555550cc8p-5,
    0x1.1111111124d05p-7,
    0x1.6c16c182d151fp-10,
    0x1.a01a0133408d9p-13,
    0x1.a0199df9cd0adp-16,
    0x1.71df1ca365f9ap-19,
    0x1.28a9d3d56f703p-22,
    0x1.ad7fcb192dd2fp-26,
};
// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-63.79
inline constexpr double kExpNearZero64[] = {
    0x1.0000000000000p-1,
    0x1.555555555555ap-3,
    0x1.5555555555531p-5,
    0x1.111111110f1a5p-7,
    0x1.6c16c16c27061p-10,
    0x1.a01a01b1c3913p-13,
    0x1.a01a015170981p-16,
    0x1.71ddf3e21af77p-19,
    0x1.27e5908fa2e86p-22,
    0x1.af661a3322b20p-26,
    0x1.1e5ff34827d7bp-29,
};
// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-51.61
inline constexpr double kExpFast64[] = {
    0x1.ffffffffffed2p-2,
    0x1.55555555507cdp-3,
    0x1.55555555890fep-5,
    0x1.11111125b2e08p-7,
    0x1.6c16c0c82cc48p-10,
    0x1.a0198d5a78651p-13,
    0x1.a01b7c3bdbe6bp-16,
    0x1.72e91a5b6aed4p-19,
    0x1.2707dd3b18743p-22,
};
// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-28.25
inline constexpr double kExp32[] = {
    0x1.fffffc0000000p-2,
    0x1.5554940000000p-3,
    0x1.5558be0000000p-5,
    0x1.1238580000000p-7,
    0x1.6a3d200000000p-10,
};
// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-33.26
inline constexpr double kExpNearZero32[] = {
    0x1.0000000000000p-1,
    0x1.5555540000000p-3,
    0x1.5554e80000000p-5,
    0x1.11130e0000000p-7,
    0x1.6d4cba0000000p-10,
    0x1.9dfb8e0000000p-13,
};
// q of exp(r) = 1 + r + r^2 q(r), |r| <= log(2)/2, relative; error 2^-23.19
inline constexpr double kExpFast32[] = {
    0x1.fffdfc0000000p-2,
    0x1.5557aa0000000p-3,
    0x1.572a0e0000000p-5,
    0x1.1064c20000000p-7,
};
// q of (exp(2 r) - 1) / 2 = r + r^2 q(r), |r| <= log(2)/4, relative; error 2^-26.12
inline constexpr double kExpOfTwice32[] = {
    0x1.fffffe0000000p-1,
    0x1.5554b40000000p-1,
    0x1.5556f60000000p-2,
    0x1.1225460000000p-3,
    0x1.6b95fa0000000p-5,
};
// q of 2^r = 1 + log(2) r + r^2 q(r), |r| <= 1/2, relative; error 2^-57.92
inline constexpr double kExp2Of64[] = {
    0x1.ebfbdff82c5a1p-3,
    0x1.c6b08d704a046p-5,
    0x1.3b2ab6fba07a5p-7,
    0x1.5d87fe78c369ep-10,
    0x1.4309130dc21dap-13,
    0x1.ffcbfbc7e5bb4p-17,
    0x1.62bfc9fc8a812p-20,
    0x1.b52652b67f897p-24,
    0x1.e617aa6c282fap-28,
    0x1.e7c6fd42584b1p-32,
};
// q of 2^r = 1 + log(2) r + r^2 q(r), |r| <= 1/2, relative; error 2^-28.27
inline constexpr double kExp2Of32[] = {
    0x1.ebfbdc0000000p-3,
    0x1.c6af8a0000000p-5,
    0x1.3b2dea0000000p-7,
    0x1.5f03000000000p-10,
    0x1.41602c0000000p-13,
};

// p of log((1 + w) / (1 - w)) = 2 w + w^3 p(w^2), 0 <= w <= 1/3, relative; error 2^-59.4
inline constexpr double kLogOfRatio64[] = {
    0x1.5555555555535p-1,
    0x1.99999999a0750p-2,
    0x1.249249208c5d4p-2,
    0x1.c71c741c6feecp-3,
    0x1.745cb400da1a7p-3,
    0x1.3b1ddb5b0f9e3p-3,
    0x1.1067c688d55cdp-3,
    0x1.efd8333e12b05p-4,
    0x1.55b1730407efap-4,
    0x1.5c789aae6b5ffp-3,
};
// p of log((1 + w) / (1 - w)) = 2 w + w^3 p(w^2), 0 <= w <= 1/3, relative; error 2^-54.18
inline constexpr double kLogOfRatioFast64[] = {
    0x1.5555555555937p-1,
    0x1.99999998ebcbcp-2,
    0x1.2492497831df8p-2,
    0x1.c71c4a6a2f977p-3,
    0x1.746250574a15bp-3,
    0x1.3aa9215db2890p-3,
    0x1.163fb052d66b3p-3,
    0x1.959babc525045p-4,
    0x1.6b52afe173f30p-3,
};
// p of log((1 + w) / (1 - w)) = 2 w + w^3 p(w^2), 0 <= w <= 1/3, relative; error 2^-27.73
inline constexpr double kLogOfRatio32[] = {
    0x1.5555020000000p-1,
    0x1.99d1cc0000000p-2,
    0x1.1ec03e0000000p-2,
    0x1.1eca300000000p-2,
};

// q of tanh(r) = r (1 + u q(u)) / (1 + u p(u)), u = r^2, |r| <= log(2)/4, relative; error 2^-66.14
inline constexpr double kTangentTop64[] = {
    0x1.d7a4f63dbbf3bp-4,
    0x1.60fb52c769f8cp-10,
    -0x1.adf87052459b2p-18,
};
// p of it; error 2^-66.14
inline constexpr double kTangentBottom64[] = {
    0x1.cb3e92e4c4524p-2,
    0x1.1ed4e6bd5a831p-6,
};
// q of tanh(r) = r (1 + u q(u)) / (1 + u p(u)), u = r^2, |r| <= log(2)/4, relative; error 2^-55.56
inline constexpr double kTangentTopFast64[] = {
    0x1.c71258a842b97p-4,
    0x1.153b9bd0b54dep-10,
};
// p of it; error 2^-55.56
inline constexpr double kTangentBottomFast64[] = {
    0x1.c719eb7f6603bp-2,
    0x1.040019317c849p-6,
};
// q of tanh(r) = r (1 + u q(u)) / (1 + u p(u)), u = r^2, |r| <= log(2)/4, relative; error 2^-29.25
inline constexpr double kTangentTop32[] = {
    0x1.10d5200000000p-4,
};
// p of it; error 2^-29.25
inline constexpr double kTangentBottom32[] = {
    0x1.998a9a0000000p-2,
};

}  // namespace exprjit::maths
