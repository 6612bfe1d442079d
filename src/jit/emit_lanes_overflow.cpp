// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: arithmetic that also says whether the exact result did not fit. The destinations are apart from the operands.
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;

// a + b overflows where the sum's sign differs from that of both; a - b where the signs of a and b differ and the
// difference has not that of a.
void LaneOps::add_overflow(bool subtract) {
    const x86::Vec b = b_register(kScratchVec2);
    if (subtract)
        emit({Inst::kIdVpsubd, Inst::kIdVpsubq}, dst(), a(), b);
    else
        emit({Inst::kIdVpaddd, Inst::kIdVpaddq}, dst(), a(), b);
    xor_(s(), a(), dst());
    xor_(s2(), b, subtract ? a() : dst());
    and_(s(), s(), s2());
    signs_to_bools(o_.dst2, kScratchVec);
}

// 32 bits: the exact products of even and odd elements; the upper halves must repeat the sign of the lower ones.
void LaneOps::multiply_overflow() {
    const x86::Vec b = o_.b.as<x86::Vec>();
    a_.vpsrlq(s(), a(), 32);
    a_.vpsrlq(s2(), b, 32);
    a_.vpmuldq(s2(), s(), s2());
    a_.vpmuldq(s(), a(), b);
    a_.vpmulld(dst(), a(), b);
    a_.vpsrlq(s(), s(), 32);
    blend_odd(s(), s(), s2());
    a_.vpsrad(s2(), dst(), 31);
    differences_to_bools(o_.dst2, kScratchVec, kScratchVec2);
}

// 64 bits: the upper half of the product from four products of halves, then as above.
void LaneOps::multiply_overflow_wide() {
    constexpr uint64_t kLower = 0xffffffff;
    const x86::Vec b = o_.b.as<x86::Vec>(), low = dst(), t0 = reg(o_.temp[0]), t1 = reg(o_.temp[1]);
    a_.vpsrlq(s(), a(), 32);
    a_.vpsrlq(s2(), b, 32);
    a_.vpmuludq(t0, a(), b);       // lo lo
    a_.vpmuludq(t1, s(), b);       // hi lo
    a_.vpmuludq(s(), s(), s2());   // hi hi
    a_.vpmuludq(s2(), a(), s2());  // lo hi
    a_.vpsrlq(low, t0, 32);
    a_.vpaddq(t1, t1, low);
    and_(low, t1, constant(kLower));
    a_.vpaddq(s2(), s2(), low);  // the second digit, with what it carries
    a_.vpsrlq(t1, t1, 32);
    a_.vpaddq(s(), s(), t1);
    a_.vpsllq(low, s2(), 32);
    and_(t0, t0, constant(kLower));
    or_(low, low, t0);
    a_.vpsrlq(s2(), s2(), 32);
    a_.vpaddq(s(), s(), s2());
    // That was unsigned: a negative factor counted 2^64 too much, times the other one.
    if (v4_) {
        a_.vpmovq2m(kscratch(), a());
        a_.k(kscratch()).vpsubq(s(), s(), b);
        a_.vpmovq2m(kscratch(), b);
        a_.k(kscratch()).vpsubq(s(), s(), a());
        a_.vpsraq(s2(), low, 63);
    } else {
        zero(kScratchVec2);
        a_.vpcmpgtq(t0, s2(), a());
        a_.vpand(t0, t0, b);
        a_.vpsubq(s(), s(), t0);
        a_.vpcmpgtq(t0, s2(), b);
        a_.vpand(t0, t0, a());
        a_.vpsubq(s(), s(), t0);
        a_.vpcmpgtq(s2(), s2(), low);
    }
    differences_to_bools(o_.dst2, kScratchVec, kScratchVec2);
}

}  // namespace exprjit::jit
