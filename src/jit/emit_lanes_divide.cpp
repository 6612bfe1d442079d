// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: integer division, truncating, of 32 bits. A divisor of 0 gives 0; MIN / -1 wraps.
#include <algorithm>
#include <bit>
#include <cmath>

#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

void LaneOps::divide() {
    const bool remainder = o_.op == Op::Rem;
    if (!wide_)
        divide_narrow(remainder);
    else if (v4_)
        divide_wide(remainder);
    else
        divide_wide_v3(remainder);
}

namespace {

// Not less in magnitude than 1 / d, and more by two units in the last place at most: a multiple of d then gives its exact
// quotient or a trifle more, and no other number comes near the next integer.
uint64_t inverse_bits(int64_t d) {
    const double inverse = 1.0 / static_cast<double>(d);
    const bool exact = std::fma(inverse, static_cast<double>(d), -1.0) == 0;
    return std::bit_cast<uint64_t>(inverse) + (exact ? 0 : 1);
}

}  // namespace

// 32 bits through f64: a quotient that is no integer is farther from the next one than the rounding can reach. Out of
// range (by 0, and MIN / -1) gives MIN, which is right for the latter. `from` is as many elements as `to` gets.
void LaneOps::quotients(Reg to, Reg from, Reg work, Reg b) {
    const int half = std::min(bytes_, v4_ ? 32 : 16);
    const x86::Vec x = view(to, half * 2);
    a_.vcvtdq2pd(x, view(from, half));
    if (o_.is_constant_b && o_.constant_b != 0) {
        a_.vmulpd(x, x, constants_.repeated(constants_.owner, inverse_bits(o_.constant_b), 8, half * 2));
    } else {
        a_.vcvtdq2pd(view(work, half * 2), view(b, half));
        a_.vdivpd(x, x, view(work, half * 2));
    }
    a_.vcvttpd2dq(view(to, half), x);
}

// dst is apart from the operands.
void LaneOps::divide_narrow(bool remainder) {
    const Reg b = static_cast<Reg>(o_.b.as<asmjit::BaseReg>().id());
    const bool known = o_.is_constant_b && o_.constant_b != 0;
    quotients(kScratchVec, o_.a, kScratchVec2, b);
    if (bytes_ == 64) {
        a_.vextracti64x4(x86::ymm(o_.dst), x86::zmm(o_.a), 1);
        if (!known) a_.vextracti64x4(x86::ymm(kScratchVec2), x86::zmm(b), 1);
        quotients(o_.dst, o_.dst, kScratchVec2, kScratchVec2);
        a_.vinserti64x4(s(), s(), x86::ymm(o_.dst), 1);
    } else if (bytes_ == 32 && !v4_) {
        a_.vextracti128(x86::xmm(o_.dst), x86::ymm(o_.a), 1);
        if (!known) a_.vextracti128(x86::xmm(kScratchVec2), x86::ymm(b), 1);
        quotients(o_.dst, o_.dst, kScratchVec2, kScratchVec2);
        a_.vinserti128(s(), s(), x86::xmm(o_.dst), 1);
    }
    if (remainder) {
        a_.vpmulld(s(), s(), reg(b));
        a_.vpsubd(s(), a(), s());
    }
    if (known) return move(dst(), s());
    if (v4_) {
        a_.vptestmd(kscratch(), reg(b), reg(b));
        a_.k(kscratch()).z().vmovdqa32(dst(), s());
    } else {
        zero(kScratchVec2);
        a_.vpcmpeqd(s2(), s2(), reg(b));
        a_.vpandn(dst(), s2(), s());
    }
}

}  // namespace exprjit::jit
