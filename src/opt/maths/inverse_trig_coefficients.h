// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/inverse_trig.py.
#pragma once

namespace exprjit::maths {

// pi/2 as a sum whose first part has two bits to spare, so that its multiples by 1/2, 3/2 and 2 are exact, and the
// second part by the first.
inline constexpr double kRightAngle[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
inline constexpr double kRightAngleRatio = 0x1.678afae35cdd1p-55;
inline constexpr double kRightAngle32[] = {0x1.921fb00000000p+0, 0x1.5110b40000000p-22};
inline constexpr double kRightAngleRatio32 = 0x1.ad2a360000000p-23;

// atan t = t + t s p(s), t <= 1/2; error 2^-57.76
inline constexpr double kAtan[] = {
    -0x1.5555555555516p-2,
    0x1.999999999113bp-3,
    -0x1.249249215dabcp-3,
    0x1.c71c7090d3b28p-4,
    -0x1.745cf4c91d67dp-4,
    0x1.3b113da148a89p-4,
    -0x1.10f31de8ef28cp-4,
    0x1.dfe9689e6d7bep-5,
    -0x1.a39826ec642a2p-5,
    0x1.56f52100847b9p-5,
    -0x1.c17de39c8275cp-6,
    0x1.4b8186428d363p-7,
};

// asin t = t + t s p(s), t <= 1/2; error 2^-59.81
inline constexpr double kAsin[] = {
    0x1.5555555555577p-3,
    0x1.333333332e131p-4,
    0x1.6db6db721280dp-5,
    0x1.f1c71a94db85fp-6,
    0x1.6e8bdee4be8c1p-6,
    0x1.1c49efe408e07p-6,
    0x1.ca1f9d0325165p-7,
    0x1.7584e32fb0c7dp-7,
    0x1.6141240e5e551p-7,
    0x1.e5a07bef8f9a7p-9,
    0x1.63bb74294d9d4p-6,
    -0x1.58311d285285ap-6,
    0x1.0b596ec4c3dd1p-5,
};

// atan t = t + t s p(s), t <= 1/2; error 2^-53.49
inline constexpr double kFastAtan[] = {
    -0x1.555555555513bp-2,
    0x1.999999992129bp-3,
    -0x1.249248fe154c8p-3,
    0x1.c71c657947117p-4,
    -0x1.745bf1823b9e0p-4,
    0x1.3b025b50487f3p-4,
    -0x1.1063d756415ebp-4,
    0x1.d8bf3d6bb735dp-5,
    -0x1.855eda7aa46b4p-5,
    0x1.063b5ee50c8dap-5,
    -0x1.941f0239a9fa4p-7,
};

// asin t = t + t s p(s), t <= 1/2; error 2^-55.89
inline constexpr double kFastAsin[] = {
    0x1.5555555555390p-3,
    0x1.333333336e82fp-4,
    0x1.6db6db4277554p-5,
    0x1.f1c72c3a5a4d3p-6,
    0x1.6e89f418c38cfp-6,
    0x1.1c6be42daa4ccp-6,
    0x1.c6fd8e33e7b4ep-7,
    0x1.8ec44b5c25d9ap-7,
    0x1.abc47d5adc4cdp-8,
    0x1.3ffba5119d289p-6,
    -0x1.09dd3c22cecdap-6,
    0x1.05708b384b939p-5,
};

// atan t = t + t s p(s), t <= 1/2; error 2^-31.73
inline constexpr double kAtan32[] = {
    -0x1.5555520000000p-2,
    0x1.9997440000000p-3,
    -0x1.2450300000000p-3,
    0x1.c072660000000p-4,
    -0x1.480d2c0000000p-4,
    0x1.3fd4ec0000000p-5,
};

// asin t = t + t s p(s), t <= 1/2; error 2^-27.62
inline constexpr double kAsin32[] = {
    0x1.5555c80000000p-3,
    0x1.3302040000000p-4,
    0x1.747bbc0000000p-5,
    0x1.8c3e160000000p-6,
    0x1.595c940000000p-5,
};

// atan t = t + t s p(s), t <= 1/2; error 2^-27.46
inline constexpr double kFastAtan32[] = {
    -0x1.5555120000000p-2,
    0x1.997b060000000p-3,
    -0x1.2249b00000000p-3,
    0x1.9ffafc0000000p-4,
    -0x1.a3d5140000000p-5,
};

}  // namespace exprjit::maths
