// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: integer division, truncating, of 64 bits. A divisor of 0 gives 0; MIN / -1 wraps.
//
// With u and v the magnitudes: u * (1 / v) in f64, made a little too small, never exceeds the quotient and falls short by
// 2^-48 of it at most. So one multiplication leaves a remainder below 2^16 divisors, and a second one a remainder below
// two. What division by 0 computes is thrown away. dst and the temporaries are apart from the operands.
#include <bit>

#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace {

constexpr uint64_t kOne = 0x3ff0000000000000u;
constexpr uint64_t kNearlyOne = 0x3feffffffffffff8u;  // 1 - 2^-50: more than five roundings to nearest can add

// Less than 1 / |d| by at least what the four roundings between here and the quotient can add.
uint64_t inverse_bits(int64_t d) {
    const uint64_t magnitude = d < 0 ? 0 - static_cast<uint64_t>(d) : static_cast<uint64_t>(d);
    return std::bit_cast<uint64_t>(1.0 / static_cast<double>(magnitude)) - 6;
}

}  // namespace

void LaneOps::divide_wide(bool remainder) {
    const Reg b_id = static_cast<Reg>(o_.b.as<asmjit::BaseReg>().id());
    const bool known = o_.is_constant_b && o_.constant_b != 0;
    const x86::Vec b = reg(b_id), u = reg(o_.temp[0]), v = reg(o_.temp[1]), inverse = s(), q = s2(), step = dst();
    a_.vpabsq(u, a());
    a_.vpabsq(v, b);
    if (known) {
        load_constant(inverse, inverse_bits(o_.constant_b), 8);
    } else {
        load_constant(step, kOne, 8);
        a_.ru_sae().vcvtuqq2pd(inverse, v);
        a_.rz_sae().vdivpd(inverse, step, inverse);
    }
    a_.rz_sae().vcvtuqq2pd(q, u);
    a_.rz_sae().vmulpd(q, q, inverse);
    a_.vcvttpd2uqq(q, q);
    a_.vpmullq(step, q, v);
    a_.vpsubq(u, u, step);
    a_.rz_sae().vcvtuqq2pd(step, u);
    a_.rz_sae().vmulpd(step, step, inverse);
    a_.vcvttpd2uqq(step, step);
    a_.vpmullq(inverse, step, v);
    a_.vpsubq(u, u, inverse);
    a_.vpcmpuq(kscratch(), u, v, 5);  // a whole divisor is left
    zero(kScratchVec);
    if (remainder) {
        a_.k(kscratch()).vpsubq(u, u, v);
        a_.vpmovq2m(kscratch(), a());
        a_.k(kscratch()).vpsubq(u, s(), u);
    } else {
        a_.vpaddq(q, q, step);
        a_.k(kscratch()).vpsubq(q, q, constant(UINT64_MAX));
        a_.vpxorq(step, a(), b);
        a_.vpmovq2m(kscratch(), step);
        a_.k(kscratch()).vpsubq(q, s(), q);
    }
    const x86::Vec result = remainder ? u : q;
    if (known) return move(dst(), result);
    a_.vptestmq(kscratch(), b, b);
    a_.k(kscratch()).z().vmovdqa64(dst(), result);
}

// ---- AVX2: the same, with what it lacks written out. Magnitudes are up to 2^63.

void LaneOps::magnitude(const x86::Vec& to, const x86::Vec& x, const x86::Vec& work) {
    a_.vpxor(work, work, work);
    a_.vpsubq(work, work, x);
    a_.vblendvpd(to, x, work, x);
}

// The halves as significands: (2^84 + upper * 2^32 - 2^84 - 2^52) + (2^52 + lower), rounded once.
void LaneOps::unsigned_to_f64(const x86::Vec& to, const x86::Vec& x, const x86::Vec& work) {
    a_.vpblendd(work, x, constant(0x4330000000000000u), 0xaa);
    a_.vpsrlq(to, x, 32);
    a_.vpor(to, to, constant(0x4530000000000000u));
    a_.vsubpd(to, to, constant(0x4530000000100000u));
    a_.vaddpd(to, to, work);
}

// Of 0 … 2^63 - 1, truncated: the halves, each an integer when 2^52 is added to it.
void LaneOps::truncate_positive(const x86::Vec& x, const x86::Vec& work) {
    constexpr int kTowardsZero = 11;
    a_.vmulpd(work, x, constant(0x3df0000000000000u));  // 2^-32
    a_.vroundpd(work, work, kTowardsZero);
    a_.vfnmadd231pd(x, work, constant(0x41f0000000000000u));  // 2^32
    a_.vroundpd(x, x, kTowardsZero);
    a_.vaddpd(x, x, constant(0x4330000000000000u));
    a_.vaddpd(work, work, constant(0x4330000000000000u));
    a_.vpsllq(work, work, 32);
    a_.vpblendd(x, work, x, 0x55);
}

void LaneOps::divide_wide_v3(bool remainder) {
    const x86::Vec b = o_.b.as<x86::Vec>(), u = reg(o_.temp[0]), v = reg(o_.temp[1]), inverse = dst(), q = s(),
                   t = s2();
    magnitude(v, b, t);
    if (o_.is_constant_b && o_.constant_b != 0) {
        load_constant(inverse, inverse_bits(o_.constant_b), 8);
    } else {
        unsigned_to_f64(inverse, v, t);
        load_constant(t, kNearlyOne, 8);
        a_.vdivpd(inverse, t, inverse);
    }
    magnitude(u, a(), t);
    unsigned_to_f64(q, u, t);
    a_.vmulpd(q, q, inverse);
    truncate_positive(q, t);
    // u -= q * v
    a_.vpsrlq(t, q, 32);
    a_.vpmuludq(t, t, v);
    a_.vpsllq(t, t, 32);
    a_.vpsubq(u, u, t);
    a_.vpsrlq(t, v, 32);
    a_.vpmuludq(t, t, q);
    a_.vpsllq(t, t, 32);
    a_.vpsubq(u, u, t);
    a_.vpmuludq(t, q, v);
    a_.vpsubq(u, u, t);
    // The second step has 32 bits at most. There are no more registers: v is computed once more.
    const x86::Vec step = t, work = dst();
    unsigned_to_f64(step, u, v);
    a_.vmulpd(step, step, inverse);
    a_.vcvttpd2dq(x86::xmm(kScratchVec2), step);
    a_.vpmovsxdq(step, x86::xmm(kScratchVec2));
    magnitude(v, b, work);
    a_.vpmuludq(work, step, v);
    a_.vpsubq(u, u, work);
    a_.vpsrlq(work, v, 32);
    a_.vpmuludq(work, work, step);
    a_.vpsllq(work, work, 32);
    a_.vpsubq(u, u, work);
    a_.vpsubq(work, u, v);  // not negative: a whole divisor is left
    if (remainder) {
        a_.vblendvpd(q, work, u, work);
        zero(o_.temp[0]);
        a_.vpcmpgtq(u, u, a());
    } else {
        a_.vpaddq(q, q, step);
        a_.vpaddq(q, q, constant(1));
        zero(kScratchVec2);
        a_.vpcmpgtq(v, t, work);
        a_.vpaddq(q, q, v);
        a_.vpxor(u, a(), b);
        a_.vpcmpgtq(u, t, u);
    }
    a_.vpxor(q, q, u);  // the sign
    a_.vpsubq(q, q, u);
    zero(o_.dst);
    a_.vpcmpeqq(dst(), dst(), b);
    a_.vpandn(dst(), dst(), q);
}

}  // namespace exprjit::jit
