// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Made by tools/coefficients/inverse_hyperbolic.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// 2 atanh(t / 2) = t + t w p(w), w = t^2.
// |t| <= 0.48984; error 2^-57.26
inline constexpr double kTwiceAtanh[] = {
    0x1.55555555554a6p-4,
    0x1.99999999c78e8p-7,
    0x1.24924903a8775p-9,
    0x1.c71c888bb8119p-12,
    0x1.7458bebb142f2p-14,
    0x1.3b8ee0a62932cp-16,
    0x1.093a6602416eep-18,
    0x1.33fbf4d381681p-20,
};
// |t| <= 0.34315; error 2^-52.23
inline constexpr double kTwiceAtanhFast[] = {
    0x1.5555555553960p-4,
    0x1.999999a294caap-7,
    0x1.24924176c4362p-9,
    0x1.c72278a59b490p-12,
    0x1.732c126e815f3p-14,
    0x1.5878702cc3b1fp-16,
};
// |t| <= 0.48984; error 2^-32.1
inline constexpr double kTwiceAtanhF32[] = {
    0x1.55554e0000000p-4,
    0x1.99a2760000000p-7,
    0x1.22ea5e0000000p-9,
    0x1.025a7c0000000p-11,
};
// |t| <= 0.34315; error 2^-30.2
inline constexpr double kTwiceAtanhFastF32[] = {
    0x1.55557a0000000p-4,
    0x1.995ed60000000p-7,
    0x1.31e0820000000p-9,
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
