// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/inverse_trig.py.
// clang-format off
#pragma once

namespace exprjit::maths {

// pi/2 as a sum whose first part has two bits to spare, so that its multiples by 1/2, 3/2 and 2 are exact, and the
// second part by the first.
inline constexpr double kRightAngle[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
inline constexpr double kRightAngleRatio = 0x1.678afae35cdd1p-55;
inline constexpr double kRightAngle32[] = {0x1.921fb00000000p+0, 0x1.5110b40000000p-22};
inline constexpr double kRightAngleRatio32 = 0x1.ad2a360000000p-23;

// atan t = t + t s p(s), |t| <= 0.546875; error 2^-58.77
inline constexpr double kAtan[] = {
    -0x1.5555555555538p-2,
    0x1.9999999995c0ep-3,
    -0x1.2492492328f00p-3,
    0x1.c71c71414b76fp-4,
    -0x1.745d089da6c93p-4,
    0x1.3b12a81169259p-4,
    -0x1.1104559871653p-4,
    0x1.e10682c5ddd61p-5,
    -0x1.a9e5b53085952p-5,
    0x1.6ef42a8b138e6p-5,
    -0x1.1b8057e2f45edp-5,
    0x1.4ce07102b2843p-6,
    -0x1.a3a26afd41498p-8,
};

// asin t = t + t s p(s), |t| <= 0.5; error 2^-55.89
inline constexpr double kAsin[] = {
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

// atan t = t + t s p(s), |t| <= 0.546875; error 2^-30.22
inline constexpr double kAtan32[] = {
    -0x1.55554a0000000p-2,
    0x1.9993b60000000p-3,
    -0x1.240e900000000p-3,
    0x1.bc554e0000000p-4,
    -0x1.3922640000000p-4,
    0x1.17bd3a0000000p-5,
};

// asin t = t + t s p(s), |t| <= 0.5; error 2^-27.62
inline constexpr double kAsin32[] = {
    0x1.5555c80000000p-3,
    0x1.3302040000000p-4,
    0x1.747bbe0000000p-5,
    0x1.8c3df00000000p-6,
    0x1.595cc00000000p-5,
};

// atan t = t + t s p(s), |t| <= 0.415214; error 2^-54.58
inline constexpr double kFastAtan[] = {
    -0x1.55555555552fep-2,
    0x1.99999999463abp-3,
    -0x1.2492490464552p-3,
    0x1.c71c65728fb86p-4,
    -0x1.745bba82b9748p-4,
    0x1.3afbb8be5e183p-4,
    -0x1.1000e473827e8p-4,
    0x1.d2278f5f8555fp-5,
    -0x1.6493cdd55728ep-5,
    0x1.5b09f28b97133p-6,
};

// atan t = t + t s p(s), |t| <= 1.0; error 2^-54.81
inline constexpr double kOctantAtan[] = {
    -0x1.555555555544cp-2,
    0x1.999999998410fp-3,
    -0x1.2492491fa1d3bp-3,
    0x1.c71c709e0016bp-4,
    -0x1.745d022eb6739p-4,
    0x1.3b12b2ca5a2fap-4,
    -0x1.11089bfb46f39p-4,
    0x1.e1780ad4391f7p-5,
    -0x1.ad328458abc91p-5,
    0x1.7ee3475025d2bp-5,
    -0x1.4f4375cd671aap-5,
    0x1.1712bdb0a8b36p-5,
    -0x1.a71dd2708e11cp-6,
    0x1.1622c14006c20p-6,
    -0x1.2ce846b0f6e1bp-7,
    0x1.f949e62c63ca7p-9,
    -0x1.310edcc120107p-10,
    0x1.d386900f69febp-13,
    -0x1.53b7655be657bp-16,
};

// atan t = t + t s p(s), |t| <= 1.0; error 2^-25.83
inline constexpr double kOctantAtan32[] = {
    -0x1.5554dc0000000p-2,
    0x1.9978ec0000000p-3,
    -0x1.230a940000000p-3,
    0x1.b4deb20000000p-4,
    -0x1.3550e20000000p-4,
    0x1.61eec60000000p-5,
    -0x1.0c17ea0000000p-6,
    0x1.7ea6a20000000p-9,
};

}  // namespace exprjit::maths
