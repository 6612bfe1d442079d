// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Written by tools/coefficients/erf.py; change that.
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

inline constexpr double kErfBorder = 0.84375, kErfTailShift = 3.0;
// p of erf(x) = x + x p(x^2), |x| < 0.84375, relative; error 2^-56.45
inline constexpr double kErf64[] = {
    0x1.06eba8214db68p-3,
    -0x1.812746b03799bp-2,
    0x1.ce2f21a03ed53p-4,
    -0x1.b82ce3113d02dp-6,
    0x1.565bccd54bf42p-8,
    -0x1.c02da86da43cap-11,
    0x1.f9a1ae56fac8cp-14,
    -0x1.f4b36b0419ebbp-17,
    0x1.b84172b13e3e2p-20,
    -0x1.515a66bef9c10p-23,
    0x1.70136f66713aap-27,
};
// p of erf(x) = x + x p(x^2), |x| < 0.84375, relative; error 2^-27.26
inline constexpr double kErf32[] = {
    0x1.06eba80000000p-3,
    -0x1.8127280000000p-2,
    0x1.ce25e80000000p-4,
    -0x1.b73f580000000p-6,
    0x1.4bbc480000000p-8,
    -0x1.4e3b520000000p-11,
};
// p of erfc(x) = exp(-x^2) y p(y), y = 1 / (x + 3), relative to erf; error 2^-56.72
inline constexpr double kErfTail64[] = {
    0x1.20d69ee5353fap-1,
    0x1.b1d10cfc36a26p+0,
    0x1.313e3b28937b5p+2,
    0x1.94dede7ecaa8cp+3,
    0x1.245ceb219cccap+5,
    -0x1.12dcaeeb75904p+4,
    0x1.9cc64fe75b9a0p+9,
    -0x1.bf154096ca471p+11,
    0x1.9fbdf4416132fp+13,
    -0x1.d33e980647afcp+14,
    0x1.08596c70e6e8dp+15,
    -0x1.dee473efc30e5p+13,
};
// p of erfc(x) = exp(-x^2) y p(y), y = 1 / (x + 3), relative to erf; error 2^-51.95
inline constexpr double kErfTailFast64[] = {
    0x1.20672dd29be52p-1,
    0x1.bce03cd940d99p+0,
    0x1.e314ecdf89cf1p+1,
    0x1.a612e33c3a3a8p+4,
    -0x1.658311abb4629p+6,
    0x1.8ac85e2a414ecp+9,
    -0x1.6540bb79c59bbp+11,
    0x1.06d5b30de6588p+13,
    -0x1.b3c6fd7069a5cp+13,
    0x1.6131252cb769cp+13,
    -0x1.b228d549f538cp+11,
};
// p of erfc(x) = exp(p(x)), relative to erf; error 2^-28.78
inline constexpr double kErfTail32[] = {
    -0x1.9a83200000000p-14,
    -0x1.20ca800000000p+0,
    -0x1.45df200000000p-1,
    -0x1.ac54620000000p-4,
    0x1.7155fc0000000p-6,
    -0x1.9975e00000000p-9,
    0x1.ac7b300000000p-13,
};
// p of erfc(x) = exp(p(x)), relative to erf; error 2^-24.7
inline constexpr double kErfTailFast32[] = {
    -0x1.7e19480000000p-10,
    -0x1.1f2a6e0000000p+0,
    -0x1.4c0b440000000p-1,
    -0x1.7b97360000000p-4,
    0x1.07fbe60000000p-6,
    -0x1.5a9ce40000000p-10,
};
// q of exp(r) = 1 + r q(r), |r| <= log(2)/2, relative; error 2^-57.66
inline constexpr double kErfExp64[] = {
    0x1.0000000000000p+0,
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
// q of exp(r) = 1 + r q(r), |r| <= log(2)/2, relative; error 2^-52.0
inline constexpr double kErfExpFast64[] = {
    0x1.0000000000019p+0,
    0x1.ffffffffffe95p-2,
    0x1.555555554c60dp-3,
    0x1.555555558b55dp-5,
    0x1.1111112c4f4ccp-7,
    0x1.6c16c0cdf1e98p-10,
    0x1.a0197cb7658abp-13,
    0x1.a01b598247f44p-16,
    0x1.72f778cc49105p-19,
    0x1.27319c9df4231p-22,
};
// q of exp(r) = 1 + r q(r), |r| <= log(2)/2, relative; error 2^-28.25
inline constexpr double kErfExp32[] = {
    0x1.0000000000000p+0,
    0x1.fffffc0000000p-2,
    0x1.5554940000000p-3,
    0x1.5558be0000000p-5,
    0x1.1238580000000p-7,
    0x1.6a3d200000000p-10,
};
// q of exp(r) = 1 + r q(r), |r| <= log(2)/2, relative; error 2^-23.38
inline constexpr double kErfExpFast32[] = {
    0x1.fffff60000000p-1,
    0x1.fffdc60000000p-2,
    0x1.555a780000000p-3,
    0x1.573a2c0000000p-5,
    0x1.0fa4e20000000p-7,
};

inline constexpr double kErfcBegin = 0.75, kErfcEnd64 = 27.5,
                        kErfcEnd32 = 10.25, kErfcFlattener = 0.5,
                        kErfcShift = 2.0, kErfcScale = 6.125,
                        kErfcMiddle = 1.25, kErfcCentre = 0.1875;
// p of erfc(x) = bell * 0.5 exp(centre + p(u)) / (x + flattener), absolute; error 2^-58.12
inline constexpr double kErfcTail64[] = {
    0x1.469a66fe36faep-5,
    0x1.27326b1f54dbbp-4,
    -0x1.074abafd056f7p-5,
    -0x1.98d3425eb1761p-6,
    -0x1.c4356f6a2c749p-8,
    -0x1.df38696792f83p-12,
    0x1.520a3026f50b4p-17,
    -0x1.585d7746d89bap-13,
    -0x1.2426d5673d62bp-14,
    0x1.2b6d0c28a9247p-21,
    0x1.bb57f15e45ef3p-20,
    -0x1.6a7cf4f6acf4ep-19,
    -0x1.a0cd6fbbeca5cp-21,
    0x1.a58880a3b7f7dp-23,
    -0x1.5721d49b71b70p-27,
    -0x1.df7e3b190a5f0p-25,
    0x1.14bad7e03f4c3p-30,
    0x1.140462b382849p-28,
    -0x1.211cf6925407cp-29,
    -0x1.03a9f2b4c373cp-31,
    0x1.106b34fec304fp-32,
    -0x1.a473c9c7fa049p-36,
    -0x1.1f483c02fe557p-35,
};
// p of erfc(x) = bell * 0.5 exp(centre + p(u)) / (x + flattener), absolute; error 2^-51.44
inline constexpr double kErfcTailFast64[] = {
    0x1.469a66fe36facp-5,
    0x1.27326b1f54dd0p-4,
    -0x1.074abafd05512p-5,
    -0x1.98d3425eb30f1p-6,
    -0x1.c4356f6a523e3p-8,
    -0x1.df38695e7218ep-12,
    0x1.520a34bfa2a9dp-17,
    -0x1.585d7805becd9p-13,
    -0x1.2426da014fa4ep-14,
    0x1.2b71535dd2553p-21,
    0x1.bb5d57550f3f1p-20,
    -0x1.6a80a33cdb1a0p-19,
    -0x1.a0ed05331ac3cp-21,
    0x1.a6074724a0ac2p-23,
    -0x1.4845a1f0c11d4p-27,
    -0x1.e22e36a0b4278p-25,
    0x1.0876ee5362ce4p-31,
    0x1.25de1f2162ddcp-28,
    -0x1.d450d30c956b5p-30,
    -0x1.45e5df888b573p-31,
    0x1.47878a851e713p-34,
};
// p of erfc(x) = bell * 0.5 exp(centre + p(u)) / (x + flattener), absolute; error 2^-28.93
inline constexpr double kErfcTail32[] = {
    0x1.469a680000000p-5,
    0x1.27326c0000000p-4,
    -0x1.074b020000000p-5,
    -0x1.98d3820000000p-6,
    -0x1.c41c5c0000000p-8,
    -0x1.df19680000000p-12,
    0x1.0fcca60000000p-18,
    -0x1.567c6a0000000p-13,
    -0x1.f230680000000p-15,
    -0x1.5bf00c0000000p-19,
    -0x1.56db260000000p-18,
};
// p of erfc(x) = bell * 0.5 exp(centre + p(u)) / (x + flattener), absolute; error 2^-26.67
inline constexpr double kErfcTailFast32[] = {
    0x1.469a620000000p-5,
    0x1.27326a0000000p-4,
    -0x1.0749c40000000p-5,
    -0x1.98d3200000000p-6,
    -0x1.c470f60000000p-8,
    -0x1.defaee0000000p-12,
    0x1.3a2b9e0000000p-16,
    -0x1.5a6d9a0000000p-13,
    -0x1.3d14560000000p-14,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-61.1
inline constexpr double kErfcExp64[] = {
    0x1.0000000000000p-1,
    0x1.555555555557ep-3,
    0x1.55555555553cbp-5,
    0x1.11111111027b1p-7,
    0x1.6c16c16dcebc2p-10,
    0x1.a01a01f7d8d90p-13,
    0x1.a019f14f1c23bp-16,
    0x1.71de42f898a81p-19,
    0x1.280dd6bd25e6cp-22,
    0x1.a77a2101fb9e0p-26,
    0x1.5a48c83395d20p-29,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-55.21
inline constexpr double kErfcExpFast64[] = {
    0x1.000000000002fp-1,
    0x1.5555555554f9fp-3,
    0x1.555555553fdacp-5,
    0x1.111111136e191p-7,
    0x1.6c16c1ab59e77p-10,
    0x1.a019eda7c7dafp-13,
    0x1.a01a84edcad15p-16,
    0x1.720c5b66782e4p-19,
    0x1.232e435293edbp-22,
    0x1.03feb00bea853p-25,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-32.13
inline constexpr double kErfcExp32[] = {
    0x1.fffffe0000000p-2,
    0x1.5555560000000p-3,
    0x1.5557fa0000000p-5,
    0x1.1102b80000000p-7,
    0x1.6897400000000p-10,
    0x1.ee94ac0000000p-13,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-26.72
inline constexpr double kErfcExpFast32[] = {
    0x1.0000020000000p-1,
    0x1.5557780000000p-3,
    0x1.5544a60000000p-5,
    0x1.0e6f5e0000000p-7,
    0x1.b185bc0000000p-10,
};

inline constexpr double kGeluBegin = 1.0625, kGeluEnd64 = 39.25,
                        kGeluEnd32 = 14.5, kGeluFlattener = 0.75,
                        kGeluShift = 2.75, kGeluScale = 8.375,
                        kGeluMiddle = 1.25, kGeluCentre = -0.140625;
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
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-60.87
inline constexpr double kGeluExp64[] = {
    0x1.ffffffffffffep-2,
    0x1.5555555555556p-3,
    0x1.5555555555d3dp-5,
    0x1.1111111114221p-7,
    0x1.6c16c169d9bdfp-10,
    0x1.a01a016da1c90p-13,
    0x1.a01a086a22439p-16,
    0x1.71df2f34670e5p-19,
    0x1.27e4aac5abe58p-22,
    0x1.abaff72b3ed2ep-26,
    0x1.f1789f3a62524p-30,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-54.74
inline constexpr double kGeluExpFast64[] = {
    0x1.fffffffffffecp-2,
    0x1.5555555555cf6p-3,
    0x1.555555555e060p-5,
    0x1.1111110f62464p-7,
    0x1.6c16c12d97a3fp-10,
    0x1.a01a07739bd54p-13,
    0x1.a01b367770041p-16,
    0x1.71e16a2cbca5ap-19,
    0x1.2624bcceb7881p-22,
    0x1.7585bdcb9851cp-26,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-31.91
inline constexpr double kGeluExp32[] = {
    0x1.fffffe0000000p-2,
    0x1.55554e0000000p-3,
    0x1.55577a0000000p-5,
    0x1.1127ee0000000p-7,
    0x1.6a65380000000p-10,
    0x1.667f720000000p-13,
};
// q of exp(r) = 1 + r + r^2 q(r) for what its bell and p leave, relative; error 2^-26.51
inline constexpr double kGeluExpFast32[] = {
    0x1.ffffee0000000p-2,
    0x1.5556ae0000000p-3,
    0x1.5574ce0000000p-5,
    0x1.104ab60000000p-7,
    0x1.3de7a40000000p-10,
};

inline constexpr double kGeluSlope = 0.359375;
// p of Phi(x) = 1/2 + x (slope + p(x^2)), |x| < 1.0625, relative to Phi(-x); error 2^-60.29
inline constexpr double kDistribution64[] = {
    0x1.442299ea1b284p-5,
    -0x1.1058377e2cecbp-4,
    0x1.46d04297681acp-7,
    -0x1.37403f6b4aec9p-10,
    0x1.e42b0d32b0fcep-14,
    -0x1.3ce8f745935cdp-17,
    0x1.6589a24b9a792p-21,
    -0x1.62167d2e03b51p-25,
    0x1.37bced29ea792p-29,
    -0x1.e25d26c06d1bfp-34,
    0x1.1206247383869p-38,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2)), |x| < 1.0625, relative to Phi(-x); error 2^-53.99
inline constexpr double kDistributionFast64[] = {
    0x1.442299ea1b240p-5,
    -0x1.1058377e2c740p-4,
    0x1.46d042972698ap-7,
    -0x1.37403f5aa2ec9p-10,
    0x1.e42b0879d391ap-14,
    -0x1.3ce88f372d36ep-17,
    0x1.657e51e58ac74p-21,
    -0x1.614e737b9a9a5p-25,
    0x1.2f3a370458a05p-29,
    -0x1.7a352bfd5a992p-34,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2)), |x| < 1.0625, relative to Phi(-x); error 2^-29.31
inline constexpr double kDistribution32[] = {
    0x1.4422960000000p-5,
    -0x1.1058100000000p-4,
    0x1.46c8b20000000p-7,
    -0x1.369b620000000p-10,
    0x1.d61ae20000000p-14,
    -0x1.e07b820000000p-18,
};
// p of Phi(x) = 1/2 + x (slope + p(x^2)), |x| < 1.0625, relative to Phi(-x); error 2^-24.04
inline constexpr double kDistributionFast32[] = {
    0x1.44221c0000000p-5,
    -0x1.1054860000000p-4,
    0x1.464b360000000p-7,
    -0x1.2f47560000000p-10,
    0x1.7456bc0000000p-14,
};

}  // namespace exprjit::maths
