// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made by tools/coefficients/inverse_hyperbolic.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// 2 atanh(t / 2) = t + t w p(w), w = t^2.
// |t| <= 0.4984; error 2^-56.81
inline constexpr double kTwiceAtanh[] = {
    0x1.555555555546cp-4,
    0x1.99999999d4abep-7,
    0x1.249248fbb5e7dp-9,
    0x1.c71c8d13a3c37p-12,
    0x1.74580f118d578p-14,
    0x1.3b9d6a31fe22bp-16,
    0x1.089b901422039p-18,
    0x1.36b7de6255f34p-20,
};
// |t| <= 0.4984; error 2^-32.09
inline constexpr double kTwiceAtanhF32[] = {
    0x1.55554e0000000p-4,
    0x1.99a2760000000p-7,
    0x1.22ea4a0000000p-9,
    0x1.025bf00000000p-11,
};
// |t| <= 0.4984; error 2^-25.8
inline constexpr double kTwiceAtanhFastF32[] = {
    0x1.5556c40000000p-4,
    0x1.98859a0000000p-7,
    0x1.41c5fa0000000p-9,
};
// atanh(t) = t + t w p(w).
// |t| <= 0.267; error 2^-54.96
inline constexpr double kAtanh[] = {
    0x1.5555555555277p-2,
    0x1.9999999a3b62bp-3,
    0x1.249248c3313f9p-3,
    0x1.c71caa604050fp-4,
    0x1.745404a4fb326p-4,
    0x1.3beb7d0eab4f4p-4,
    0x1.0590690c16d68p-4,
    0x1.42fc8e2233f99p-4,
};
// |t| <= 0.2001; error 2^-55.88
inline constexpr double kAtanhFast[] = {
    0x1.555555555577ap-2,
    0x1.99999998efa75p-3,
    0x1.249249b2e7a53p-3,
    0x1.c71c00e71e40bp-4,
    0x1.7474f6abbd6fep-4,
    0x1.385149dc90524p-4,
    0x1.3aca2b310fcc9p-4,
};
// |t| <= 0.267; error 2^-31.02
inline constexpr double kAtanhF32[] = {
    0x1.5555480000000p-2,
    0x1.99a7880000000p-3,
    0x1.2252640000000p-3,
    0x1.07a0320000000p-3,
};
// |t| <= 0.2001; error 2^-28.39
inline constexpr double kAtanhFastF32[] = {
    0x1.5555b40000000p-2,
    0x1.992aa80000000p-3,
    0x1.36ecb40000000p-3,
};

}  // namespace exprjit::maths
