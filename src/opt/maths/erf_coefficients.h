// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/erf.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {

inline constexpr double kErfEnd64 = 5.9375, kErfEnd32 = 3.9375;
inline constexpr double kErfBorder64 = 1.1875;
// p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative; error 2^-59.0
inline constexpr double kErf64[] = {
    -0x1.6c7b8b2d72966p-4,
    -0x1.00b5beb843d61p-2,
    0x1.1a98565f061f4p-4,
    -0x1.00717f408f131p-6,
    0x1.82da569d1fde3p-9,
    -0x1.efd296c53df7fp-12,
    0x1.1368b3c700145p-14,
    -0x1.0d993dec9f92ap-17,
    0x1.d762f3c1d08bap-21,
    -0x1.741e711239465p-24,
    0x1.0bb1eb9ad7406p-27,
    -0x1.620ff62db2b02p-31,
    0x1.b2441883a7346p-35,
    -0x1.b4b65dee10d1fp-39,
};
// p of erf(x) = 1 - p(x - border)^4 / 8, border <= x <= end, relative; error 2^-55.56
inline constexpr double kErfTail64[] = {
    0x1.db9d29090403bp-1,
    -0x1.5fdde0f3f7f5ap-1,
    0x1.b5dea5dac17e2p-5,
    0x1.3e95df3fee9aep-4,
    -0x1.c2eaaaf3ee2c1p-7,
    -0x1.aa2d772bed81bp-8,
    0x1.e0107eb575baap-10,
    0x1.37fdc8121e401p-12,
    -0x1.265b8d73a4cabp-13,
    -0x1.1787720cf83d6p-18,
    0x1.bd03a8d3ffbc8p-18,
    -0x1.349853929d172p-22,
    -0x1.903bc1f209f0ap-24,
    -0x1.7c006dc079cb3p-24,
    0x1.dffddffba5f91p-25,
    -0x1.2c6e785034118p-26,
    0x1.276dbd39e6ce8p-28,
    -0x1.f0d24861f5c2bp-31,
    0x1.4602eb340c673p-33,
    -0x1.271415f4dcaffp-36,
    0x1.4084d970b2080p-40,
    -0x1.396faf3c440a0p-45,
};
inline constexpr double kErfBorderFast64 = 1.75;
// p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative; error 2^-54.25
inline constexpr double kErfFast64[] = {
    -0x1.06c844c3fc814p-2,
    -0x1.4dee5822e1554p-3,
    0x1.47d9cba96d2ddp-5,
    -0x1.168371b8e94d3p-7,
    0x1.92da923b79d60p-10,
    -0x1.f5ac9019b8693p-13,
    0x1.10e9e44d90f7ap-15,
    -0x1.06fd8bdadf118p-18,
    0x1.c63c28f9a43a6p-22,
    -0x1.6315b834d1b53p-25,
    0x1.fad0ba0c36df6p-29,
    -0x1.4c9879e39137ep-32,
    0x1.93934d4eb3bb6p-36,
    -0x1.c7cb98ace1dffp-40,
    0x1.f5b9041cb5f89p-44,
    -0x1.f844836075f4ep-48,
};
// p of erf(x) = 1 - p(x - border)^8 / 1, border <= x <= end, relative; error 2^-56.83
inline constexpr double kErfTailFast64[] = {
    0x1.2a726153630aap-1,
    -0x1.276eeca241f19p-2,
    0x1.4e1a9e0af1578p-8,
    0x1.4022d4d38ebabp-6,
    -0x1.dbd7df0952b14p-10,
    -0x1.e2c8d815f631ap-11,
    0x1.56960dbbd8690p-13,
    0x1.431feae682810p-16,
    -0x1.95e77d44a4d5dp-18,
    -0x1.bc7fdcb46aed9p-24,
    0x1.b7cb9ce5150b2p-24,
    0x1.8844aaea5a89dp-27,
    -0x1.5f78f64e40ac5p-28,
    0x1.96b538c3bc416p-32,
    0x1.da66100b5e426p-36,
    -0x1.07ad81d345427p-38,
};
inline constexpr double kErfBorder32 = 1.1875;
// p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative; error 2^-28.03
inline constexpr double kErf32[] = {
    -0x1.6c7b8c0000000p-4,
    -0x1.00b5be0000000p-2,
    0x1.1a987a0000000p-4,
    -0x1.00723c0000000p-6,
    0x1.82bd2c0000000p-9,
    -0x1.ef127a0000000p-12,
    0x1.1a8dfe0000000p-14,
    -0x1.2ab6920000000p-17,
};
// p of erf(x) = 1 - p(x - border)^4 / 8, border <= x <= end, relative; error 2^-26.23
inline constexpr double kErfTail32[] = {
    0x1.db9d2a0000000p-1,
    -0x1.5fde4e0000000p-1,
    0x1.b654100000000p-5,
    0x1.3d2b5a0000000p-4,
    -0x1.a1ff420000000p-7,
    -0x1.0808d80000000p-7,
    0x1.a0d7840000000p-9,
    -0x1.6c005e0000000p-12,
};
inline constexpr double kErfBorderFast32 = 1.25;
// p of erf(x) = x + x p(x^2 - border^2 / 2), |x| < border, relative; error 2^-25.33
inline constexpr double kErfFast32[] = {
    -0x1.b916500000000p-4,
    -0x1.ec71200000000p-3,
    0x1.0c5b5c0000000p-4,
    -0x1.e4388e0000000p-7,
    0x1.6bff700000000p-9,
    -0x1.d9c0940000000p-12,
    0x1.03e8fe0000000p-14,
};
// p of erf(x) = 1 - p(x - border)^8 / 1, border <= x <= end, relative; error 2^-26.43
inline constexpr double kErfTailFast32[] = {
    0x1.73aa3e0000000p-1,
    -0x1.1d0aea0000000p-2,
    -0x1.a3e1de0000000p-6,
    0x1.4e9d1c0000000p-6,
    0x1.37f52e0000000p-10,
    -0x1.883b500000000p-10,
    0x1.90c5d00000000p-13,
};

inline constexpr double kErfcSlope = 1.5625;
inline constexpr double kErfcFlattener = 0.984375;
inline constexpr double kErfcShift = 3.5;
inline constexpr double kErfcMiddle = 0.4375;
inline constexpr double kErfcEnd64 = 27.5;
inline constexpr double kErfcEnd32 = 10.25;
// p of the tail of erfc(x), and q, absolute; error 2^-56.99
inline constexpr double kErfcTail64[] = {
    -0x1.0000000000000p-6,
    -0x1.a52fc94bf692dp-4,
    0x1.5ea241ccede49p-2,
    -0x1.2e29fd190d2cfp+0,
    0x1.1dd596e7b585bp+1,
    -0x1.8271b471e4f4dp+1,
    0x1.7f7ec3c5fd21bp+1,
    -0x1.0306f82358eb4p+1,
    0x1.400fd8c4133fap-1,
    0x1.66880af1ebecfp-2,
    -0x1.dc1bb3a07ea42p-2,
    0x1.ff87a26de3c79p-5,
    0x1.9663399dd2d98p-3,
    -0x1.6eb4c099d6c59p-4,
    -0x1.5f2d8f68bc93fp-4,
    0x1.f868e83a8fbfdp-5,
    0x1.6d48423809a8ap-5,
    -0x1.31c6a31ce5a5bp-5,
    -0x1.d3fb005b88279p-6,
    0x1.5dfe8270df0cdp-6,
    0x1.37f1cf9f595e5p-6,
    -0x1.76c4406cb2092p-7,
    -0x1.1bb0a6e86fd80p-7,
    0x1.3873017d05acfp-8,
};
// p of the tail of erfc(x), and q, absolute; error 2^-30.37
inline constexpr double kErfcTail32[] = {
    -0x1.0000000000000p-6,
    -0x1.a52fca0000000p-4,
    0x1.5ea2420000000p-2,
    -0x1.2e29fc0000000p+0,
    0x1.1dd59e0000000p+1,
    -0x1.8271f80000000p+1,
    0x1.7f7cd00000000p+1,
    -0x1.02fde40000000p+1,
    0x1.40d70c0000000p-1,
    0x1.638dda0000000p-2,
    -0x1.ec5ad40000000p-2,
    0x1.0206100000000p-4,
    0x1.fe6de00000000p-3,
};

inline constexpr double kGeluSlope = 1.109375;
inline constexpr double kGeluFlattener = 0.984375;
inline constexpr double kGeluShift = 4.875;
inline constexpr double kGeluMiddle = 0.4375;
inline constexpr double kGeluEnd64 = 39.25;
inline constexpr double kGeluEnd32 = 14.5;
// p of the tail of erfc(x / sqrt(2)), and q, absolute; error 2^-56.9
inline constexpr double kGeluTail64[] = {
    -0x1.0000000000000p-6,
    -0x1.96699d4049df5p-4,
    0x1.6ba83362a121ep-2,
    -0x1.31c3729cdf52fp+0,
    0x1.1bc5861e57af7p+1,
    -0x1.76403deb5e4efp+1,
    0x1.65af357467e40p+1,
    -0x1.c244f5dc8f3c9p+0,
    0x1.a272cba731eaep-2,
    0x1.b06ada6d90caep-2,
    -0x1.a0e5deb99f099p-2,
    -0x1.8e9a8a20a2603p-7,
    0x1.9deca6bf1310ap-3,
    -0x1.82abe3640b8fbp-5,
    -0x1.990c67511ce5dp-4,
    0x1.35c74349ed3c3p-5,
    0x1.ce8d1a5d3fb99p-5,
    -0x1.6b2a15750a434p-6,
    -0x1.29a125839d494p-5,
    0x1.5becff80619ccp-7,
    0x1.7aabf5b23ab40p-6,
    -0x1.2116725d5ab6ap-8,
    -0x1.46fed675212c1p-7,
    0x1.00869eaf481c9p-9,
};
// p of the tail of erfc(x / sqrt(2)), and q, absolute; error 2^-29.65
inline constexpr double kGeluTail32[] = {
    -0x1.0000000000000p-6,
    -0x1.96699e0000000p-4,
    0x1.6ba8340000000p-2,
    -0x1.31c3720000000p+0,
    0x1.1bc5780000000p+1,
    -0x1.7640560000000p+1,
    0x1.65b2780000000p+1,
    -0x1.c23faa0000000p+0,
    0x1.a075f20000000p-2,
    0x1.afb6da0000000p-2,
    -0x1.9169b40000000p-2,
    -0x1.e27bce0000000p-7,
    0x1.3925780000000p-3,
};

inline constexpr double kErfcFastSlope = 1.0;
inline constexpr double kErfcFastFlattener = 1.0;
inline constexpr double kErfcFastShift = 4.0;
inline constexpr double kErfcFastMiddle = 0.4375;
// p of the tail of erfc(x), relative; error 2^-53.43
inline constexpr double kErfcFastTail64[] = {
    0x1.6c761bc3ae390p-1,
    -0x1.d8d2180954f76p-2,
    0x1.14a496f27a15dp-1,
    -0x1.7ff4bdd0c6896p-2,
    -0x1.5d358e37b962dp-3,
    0x1.0fbdd5e7b304fp+0,
    -0x1.fed3be1cfb18ap+0,
    0x1.3f959fa38b384p+1,
    -0x1.1cf4e42324d4cp+1,
    0x1.4a9f2dea288dcp+0,
    -0x1.ecb98c018470dp-3,
    -0x1.612ce17b2c44bp-2,
    0x1.43f1d56a4784ap-2,
    -0x1.deca861ba7e5ap-7,
    -0x1.2041f64c6e927p-3,
    0x1.eba0697db3529p-5,
    0x1.aa9d10f447351p-5,
    -0x1.6531b19aa3fa7p-5,
    -0x1.2acc276cfabecp-6,
    0x1.8e0a47ad7a9fdp-6,
    0x1.41770f8e08fdfp-8,
    -0x1.225d5bfaa1becp-7,
};
// p of the tail of erfc(x), relative; error 2^-26.3
inline constexpr double kErfcFastTail32[] = {
    0x1.6c761c0000000p-1,
    -0x1.d8d2160000000p-2,
    0x1.14a4aa0000000p-1,
    -0x1.7ff8460000000p-2,
    -0x1.5d782c0000000p-3,
    0x1.0fec4a0000000p+0,
    -0x1.fd7e440000000p+0,
    0x1.3e3bba0000000p+1,
    -0x1.276c480000000p+1,
    0x1.4f89760000000p+0,
    0x1.d059fc0000000p-3,
};

inline constexpr double kGeluFastSlope = 1.0;
inline constexpr double kGeluFastFlattener = 1.25;
inline constexpr double kGeluFastShift = 5.5;
inline constexpr double kGeluFastMiddle = 0.4375;
// p of the tail of erfc(x / sqrt(2)), relative; error 2^-53.76
inline constexpr double kGeluFastTail64[] = {
    0x1.f6d1344009432p-2,
    -0x1.1b23323834235p-2,
    0x1.1d4256b0fe58ep-2,
    -0x1.66bc0f6fe0e7ap-4,
    -0x1.7548354a91daep-2,
    0x1.002374fe683cap+0,
    -0x1.8f32bdf16ed87p+0,
    0x1.b711784b51ed2p+0,
    -0x1.5273de123bfbap+0,
    0x1.2b55efedffe28p-1,
    0x1.d0ef81c8a5703p-5,
    -0x1.1d0a867963f83p-2,
    0x1.100bec361cb89p-3,
    0x1.05ccc1422fa5cp-4,
    -0x1.6c01ea90c174ap-4,
    -0x1.a08cdb4ee76c1p-9,
    0x1.7bb78a072cfe2p-5,
    -0x1.dc77bca784d6fp-8,
    -0x1.6fd28103c8323p-6,
    0x1.7dfc001865aa1p-8,
    0x1.00ee0b7bdc03bp-7,
    -0x1.3ac549a3d50f6p-9,
};
// p of the tail of erfc(x / sqrt(2)), relative; error 2^-26.79
inline constexpr double kGeluFastTail32[] = {
    0x1.f6d1340000000p-2,
    -0x1.1b232e0000000p-2,
    0x1.1d42ce0000000p-2,
    -0x1.66c63c0000000p-4,
    -0x1.756da40000000p-2,
    0x1.003a260000000p+0,
    -0x1.8e1d880000000p+0,
    0x1.b647e80000000p+0,
    -0x1.603f340000000p+0,
    0x1.20eb180000000p-1,
    0x1.43b7660000000p-2,
};

}  // namespace exprjit::maths
