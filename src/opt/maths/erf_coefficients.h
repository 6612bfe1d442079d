// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/erf.py; change that.
// clang-format off
#pragma once

namespace exprjit::maths {

inline constexpr double kErfLog2E64 = 0x1.71547652b82fep+0;
inline constexpr double kErfLn264 = 0x1.62e42fefa39efp-1;
// log(2); the first part has 42 bits, so that its product with an exponent is exact
inline constexpr double kErfLn2High64 = 0x1.62e42fefa3800p-1, kErfLn2Low64 = 0x1.ef35793c76730p-45;
inline constexpr double kErfLog2E32 = 0x1.7154760000000p+0;
inline constexpr double kErfLn232 = 0x1.62e4300000000p-1;
// log(2); the first part has 16 bits, so that its product with an exponent is exact
inline constexpr double kErfLn2High32 = 0x1.62e4000000000p-1, kErfLn2Low32 = 0x1.7f7d1c0000000p-20;

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

// p of erfc(x) = 1 - x - x p(x^2 - begin^2), |x| < 0.75, in units of erfc(0.75); error 2^-56.68
inline constexpr double kErfc64[] = {
    -0x1.a848b883ecd62p-5,
    -0x1.15de911cce442p-2,
    0x1.378cc2f08f637p-4,
    -0x1.1da9335a8e3efp-6,
    0x1.b1c55ac1ccfd6p-9,
    -0x1.173cb75772c67p-11,
    0x1.373b999ec33fep-14,
    -0x1.315e1e49cdc29p-17,
    0x1.0c74e92fcf6b1p-20,
    -0x1.950012eaa467dp-24,
    0x1.91ab7a3c6e0efp-27,
};
// p of erfc(x) = 1 - x - x p(x^2 - begin^2), |x| < 0.75, in units of erfc(0.75); error 2^-51.9
inline constexpr double kErfcFast64[] = {
    -0x1.a848b883ecd6bp-5,
    -0x1.15de911cce5efp-2,
    0x1.378cc2f0765e2p-4,
    -0x1.1da9336388fc4p-6,
    0x1.b1c5577e87b25p-9,
    -0x1.173d0e5fa421ep-11,
    0x1.373091634937ap-14,
    -0x1.323b93656b66fp-17,
    0x1.01f7600c89c27p-20,
    -0x1.10e9e904e6b6bp-23,
};
// p of erfc(x) = 1 - x - x p(x^2 - begin^2), |x| < 0.75, in units of erfc(0.75); error 2^-26.63
inline constexpr double kErfc32[] = {
    -0x1.a848ba0000000p-5,
    -0x1.15de940000000p-2,
    0x1.378b3c0000000p-4,
    -0x1.1deebc0000000p-6,
    0x1.a86d000000000p-9,
    -0x1.59c6640000000p-11,
};
// p of erfc(x) = 1 - x - x p(x^2 - begin^2), |x| < 0.75, in units of erfc(0.75); error 2^-21.89
inline constexpr double kErfcFast32[] = {
    -0x1.a848920000000p-5,
    -0x1.15dce20000000p-2,
    0x1.37eb6c0000000p-4,
    -0x1.1674b60000000p-6,
    0x1.10f9c40000000p-8,
};
inline constexpr double kGeluSlope = 0.359375;
// p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), |x| < 1.0625, relative to Phi(-x); error 2^-57.21
inline constexpr double kDistribution64[] = {
    -0x1.8e76b902aa698p-6,
    -0x1.888964c40f276p-5,
    0x1.b801b621f9c90p-8,
    -0x1.9363110a6647dp-11,
    0x1.323d9e0cb02aep-14,
    -0x1.8a41bb5fcd02fp-18,
    0x1.b769cbe0947b5p-22,
    -0x1.af165318a26edp-26,
    0x1.7b70bd6b729eap-30,
    -0x1.1a4daa6713effp-34,
    0x1.2771c4aa41f07p-38,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), |x| < 1.0625, relative to Phi(-x); error 2^-53.92
inline constexpr double kDistributionFast64[] = {
    -0x1.8e76b902aa69ap-6,
    -0x1.888964c40f331p-5,
    0x1.b801b621ec023p-8,
    -0x1.9363111061fa7p-11,
    0x1.323d9cc696ae6p-14,
    -0x1.8a420943dd937p-18,
    0x1.b75ea963315e8p-22,
    -0x1.b00f40da1b236p-26,
    0x1.6e70989e5d8e8p-30,
    -0x1.79b674bceeccap-34,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), |x| < 1.0625, relative to Phi(-x); error 2^-27.13
inline constexpr double kDistribution32[] = {
    -0x1.8e76ba0000000p-6,
    -0x1.8889640000000p-5,
    0x1.b803940000000p-8,
    -0x1.933b160000000p-11,
    0x1.31d4e60000000p-14,
    -0x1.bae0cc0000000p-18,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2 - begin^2)), |x| < 1.0625, relative to Phi(-x); error 2^-23.93
inline constexpr double kDistributionFast32[] = {
    -0x1.8e76b00000000p-6,
    -0x1.8888840000000p-5,
    0x1.b8456a0000000p-8,
    -0x1.8cb1ea0000000p-11,
    0x1.7318320000000p-14,
};

inline constexpr double kErfcBegin = 0.75, kErfcEnd64 = 27.5,
                        kErfcEnd32 = 10.25, kErfcFlattener = 0.5,
                        kErfcShift = 2.0, kErfcScale = 6.125,
                        kErfcTailMiddle = 1.25, kErfcCentre = 0.0,
                        kErfcWeight = 0.59375;
// p of erfc(x) = bell * 0.59375 exp(centre + p(u)) / (x + flattener), absolute; error 2^-58.55
inline constexpr double kErfcTail64[] = {
    0x1.c6ce4ad45205fp-5,
    0x1.27326b1f54dbbp-4,
    -0x1.074abafd05715p-5,
    -0x1.98d3425eb1764p-6,
    -0x1.c4356f6a2a463p-8,
    -0x1.df3869678cc4fp-12,
    0x1.520a2fe8ce339p-17,
    -0x1.585d77482f034p-13,
    -0x1.2426d52f5612dp-14,
    0x1.2b6d19591b969p-21,
    0x1.bb57b7c1744c6p-20,
    -0x1.6a7d0512d8414p-19,
    -0x1.a0cc4e4a9062dp-21,
    0x1.a58b482e1a42cp-23,
    -0x1.5792feb170b54p-27,
    -0x1.df9070237ef77p-25,
    0x1.181f48e344eeep-30,
    0x1.1490d5b89d361p-28,
    -0x1.220c82f8e30a7p-29,
    -0x1.05f7b0894b12dp-31,
    0x1.126c60c2a2cadp-32,
    -0x1.94328f7d5f2aep-36,
    -0x1.20759a395759bp-35,
};
// p of erfc(x) = bell * 0.59375 exp(centre + p(u)) / (x + flattener), absolute; error 2^-28.76
inline constexpr double kErfcTail32[] = {
    0x1.c6ce4c0000000p-5,
    0x1.27326c0000000p-4,
    -0x1.074b0a0000000p-5,
    -0x1.98d3840000000p-6,
    -0x1.c41a1c0000000p-8,
    -0x1.df1a5a0000000p-12,
    0x1.e894680000000p-19,
    -0x1.565c860000000p-13,
    -0x1.ee451e0000000p-15,
    -0x1.67aa7a0000000p-19,
    -0x1.608f4c0000000p-18,
};
// p of erfc(x) = bell * 0.59375 exp(centre + p(u)) / (x + flattener), absolute; error 2^-26.72
inline constexpr double kErfcTailFast32[] = {
    0x1.c6ce460000000p-5,
    0x1.27326a0000000p-4,
    -0x1.0749cc0000000p-5,
    -0x1.98d31a0000000p-6,
    -0x1.c46f5c0000000p-8,
    -0x1.df09080000000p-12,
    0x1.37a38a0000000p-16,
    -0x1.5a3f940000000p-13,
    -0x1.3cef600000000p-14,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-61.0
inline constexpr double kErfcExp64[] = {
    0x1.fffffffffffffp-2,
    0x1.5555555555568p-3,
    0x1.555555555583ep-5,
    0x1.111111110b17bp-7,
    0x1.6c16c16b53f42p-10,
    0x1.a01a01c857b32p-13,
    0x1.a01a04739ea11p-16,
    0x1.71ddc194f63fcp-19,
    0x1.27e033d1292c7p-22,
    0x1.afb3f54cf0d2cp-26,
    0x1.2525a609f9bb3p-29,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-55.29
inline constexpr double kErfcExpFast64[] = {
    0x1.000000000002cp-1,
    0x1.55555555557e4p-3,
    0x1.5555555545a1ap-5,
    0x1.11111110783c4p-7,
    0x1.6c16c1a541f9fp-10,
    0x1.a01a048be9338p-13,
    0x1.a0194bf87f740p-16,
    0x1.71d865c05dc46p-19,
    0x1.28ec9eacf7c4dp-22,
    0x1.b6f0eb549909cp-26,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-31.46
inline constexpr double kErfcExp32[] = {
    0x1.0000000000000p-1,
    0x1.5555560000000p-3,
    0x1.55548c0000000p-5,
    0x1.110df20000000p-7,
    0x1.6db8c00000000p-10,
    0x1.a67e080000000p-13,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-26.68
inline constexpr double kErfcExpFast32[] = {
    0x1.0000000000000p-1,
    0x1.5553ec0000000p-3,
    0x1.5550fc0000000p-5,
    0x1.12a24a0000000p-7,
    0x1.71a26e0000000p-10,
};

inline constexpr double kGeluBegin = 1.0625, kGeluEnd64 = 39.25,
                        kGeluEnd32 = 14.5, kGeluFlattener = 0.75,
                        kGeluShift = 2.75, kGeluScale = 8.375,
                        kGeluTailMiddle = 1.25, kGeluCentre = -0.140625,
                        kGeluWeight = 1.0;
// p of erfc(x / sqrt(2)) = bell * 1.0 exp(centre + p(u)) / (x + flattener), absolute; error 2^-58.14
inline constexpr double kGeluTail64[] = {
    0x1.0ad50343b4ed3p-5,
    0x1.4da6af4ab6f3ep-4,
    -0x1.06350ad8b7432p-5,
    -0x1.939c5fda1218cp-6,
    -0x1.8fab86efa5245p-8,
    -0x1.442c628e6b5a8p-14,
    0x1.6a5bcc2f7915cp-15,
    -0x1.6df9953ef553ap-13,
    -0x1.dc90e1ca0b441p-15,
    0x1.153b2d4843459p-17,
    0x1.5fd4f24bf9653p-20,
    -0x1.a2caa35548dccp-19,
    -0x1.8e8e326fcd564p-22,
    0x1.53472889a6da6p-22,
    -0x1.f5a96cca5d173p-25,
    -0x1.ce7df4b02c320p-25,
    0x1.c1edbeac6e769p-27,
    0x1.90ea187b0216fp-29,
    -0x1.c1d3ccae68048p-29,
    0x1.e8ed37d607947p-35,
    0x1.b67ff04090ef4p-32,
    -0x1.15e53072bed56p-34,
    -0x1.4d06eeac322bap-35,
};
// p of erfc(x / sqrt(2)) = bell * 1.0 exp(centre + p(u)) / (x + flattener), absolute; error 2^-54.91
inline constexpr double kGeluTailFast64[] = {
    0x1.0ad50343b4ed4p-5,
    0x1.4da6af4ab6f66p-4,
    -0x1.06350ad8b74b6p-5,
    -0x1.939c5fda1539fp-6,
    -0x1.8fab86ef9e723p-8,
    -0x1.442c62457ee18p-14,
    0x1.6a5bcc16d6720p-15,
    -0x1.6df996c42076ap-13,
    -0x1.dc90e1f93d1eep-15,
    0x1.153bbc38141b4p-17,
    0x1.5fd5b02d5f47fp-20,
    -0x1.a2d28bb709cd0p-19,
    -0x1.8e9f4d8471fe3p-22,
    0x1.53d3e66931f18p-22,
    -0x1.f418619985e64p-25,
    -0x1.d4af91165490ep-25,
    0x1.b74a38eb1d13ap-27,
    0x1.e6afd16608c52p-29,
    -0x1.978616c6c5d2fp-29,
    -0x1.1009d0fe03149p-32,
    0x1.feed113ff9741p-33,
};
// p of erfc(x / sqrt(2)) = bell * 1.0 exp(centre + p(u)) / (x + flattener), absolute; error 2^-29.4
inline constexpr double kGeluTail32[] = {
    0x1.0ad5040000000p-5,
    0x1.4da6b00000000p-4,
    -0x1.0635400000000p-5,
    -0x1.939c960000000p-6,
    -0x1.8f97fe0000000p-8,
    -0x1.43ae880000000p-14,
    0x1.410bcc0000000p-15,
    -0x1.6c402c0000000p-13,
    -0x1.92f5fc0000000p-15,
    0x1.4fd3420000000p-18,
    -0x1.2fbdb40000000p-18,
};
// p of erfc(x / sqrt(2)) = bell * 1.0 exp(centre + p(u)) / (x + flattener), absolute; error 2^-28.71
inline constexpr double kGeluTailFast32[] = {
    0x1.0ad5040000000p-5,
    0x1.4da6aa0000000p-4,
    -0x1.0635340000000p-5,
    -0x1.939a780000000p-6,
    -0x1.8f9f7c0000000p-8,
    -0x1.5086000000000p-14,
    0x1.5709940000000p-15,
    -0x1.5dfec20000000p-13,
    -0x1.c4a6260000000p-15,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-60.6
inline constexpr double kGeluExp64[] = {
    0x1.0000000000000p-1,
    0x1.5555555555570p-3,
    0x1.5555555555466p-5,
    0x1.1111111109280p-7,
    0x1.6c16c16c63a09p-10,
    0x1.a01a01d23c56ep-13,
    0x1.a01a00938e311p-16,
    0x1.71ddad3bdb9bep-19,
    0x1.27e6710ba2246p-22,
    0x1.afd10470da080p-26,
    0x1.1dcd1fa096728p-29,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-54.91
inline constexpr double kGeluExpFast64[] = {
    0x1.0000000000032p-1,
    0x1.555555555530fp-3,
    0x1.555555554306bp-5,
    0x1.111111117a191p-7,
    0x1.6c16c1ae2a5e2p-10,
    0x1.a01a0011c9280p-13,
    0x1.a019360e676cep-16,
    0x1.71e086f4d388fp-19,
    0x1.28fe4d6f60858p-22,
    0x1.ac8af87fca394p-26,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-31.24
inline constexpr double kGeluExp32[] = {
    0x1.0000000000000p-1,
    0x1.5555500000000p-3,
    0x1.55547e0000000p-5,
    0x1.1116980000000p-7,
    0x1.6dca440000000p-10,
    0x1.9b97be0000000p-13,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell leaves and p adds, relative; error 2^-26.53
inline constexpr double kGeluExpFast32[] = {
    0x1.fffff20000000p-2,
    0x1.5553d40000000p-3,
    0x1.555d9c0000000p-5,
    0x1.12b1f60000000p-7,
    0x1.68af3a0000000p-10,
};

}  // namespace exprjit::maths
