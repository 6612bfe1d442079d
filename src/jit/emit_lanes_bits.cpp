// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: shifts, rotates, counting bits.
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;
using asmjit::Imm;

// ---- Shifts. A count outside 0 … width-1 acts as huge, which is what the variable vector shifts do.

void LaneOps::shift() {
    if (o_.is_constant_b) return shift_by(o_.constant_b);
    switch (o_.op) {
    case Op::Shl: return binary({Inst::kIdVpsllvd, Inst::kIdVpsllvq});
    case Op::Shru: return binary({Inst::kIdVpsrlvd, Inst::kIdVpsrlvq});
    default: break;
    }
    if (!wide_ || v4_) return binary({Inst::kIdVpsravd, Inst::kIdVpsravq});
    // Of a negative number the inverse is shifted: ones come in from above.
    zero(kScratchVec);
    a_.vpcmpgtq(s(), s(), a());
    a_.vpxor(s2(), a(), s());
    a_.emit(Inst::kIdVpsrlvq, s2(), s2(), o_.b);
    a_.vpxor(dst(), s2(), s());
}

void LaneOps::shift_by(int64_t count) {
    const int64_t width = size_ * 8;
    if (count < 0 || count >= width) {
        if (o_.op != Op::Shr) return zero(o_.dst);
        count = width - 1;
    }
    if (count == 0) return move(dst(), a());
    if (o_.op == Op::Shr && wide_ && !v4_) return shift_right_wide_by(static_cast<int>(count));
    const ByWidth id = o_.op == Op::Shl    ? ByWidth{Inst::kIdVpslld, Inst::kIdVpsllq}
                       : o_.op == Op::Shru ? ByWidth{Inst::kIdVpsrld, Inst::kIdVpsrlq}
                                           : ByWidth{Inst::kIdVpsrad, Inst::kIdVpsraq};
    emit(id, dst(), a(), Imm(count));
}

// v3 shifts halves arithmetically; the lower half comes from a logical shift, or from the upper half alone.
void LaneOps::shift_right_wide_by(int count) {
    if (count < 32) {
        a_.vpsrlq(s(), a(), count);
        a_.vpsrad(s2(), a(), count);
        a_.vpblendd(dst(), s(), s2(), 0xaa);
    } else if (count == 63) {
        zero(kScratchVec);
        a_.vpcmpgtq(dst(), s(), a());
    } else {
        a_.vpsrad(s(), a(), 31);
        a_.vpsrad(s2(), a(), count - 32);
        a_.vpshufd(s2(), s2(), 0xf5);
        a_.vpblendd(dst(), s2(), s(), 0xaa);
    }
}

// ---- Rotates: the count modulo the width

void LaneOps::rotate(bool left) {
    const int width = size_ * 8;
    if (o_.is_constant_b) {
        const int count = static_cast<int>(o_.constant_b & (width - 1));
        return rotate_by(left ? count : (width - count) & (width - 1));
    }
    if (v4_)
        return binary(left ? ByWidth{Inst::kIdVprolvd, Inst::kIdVprolvq} : ByWidth{Inst::kIdVprorvd, Inst::kIdVprorvq});
    const ByWidth there =
        left ? ByWidth{Inst::kIdVpsllvd, Inst::kIdVpsllvq} : ByWidth{Inst::kIdVpsrlvd, Inst::kIdVpsrlvq};
    const ByWidth back =
        left ? ByWidth{Inst::kIdVpsrlvd, Inst::kIdVpsrlvq} : ByWidth{Inst::kIdVpsllvd, Inst::kIdVpsllvq};
    const x86::Mem below_width = constant(static_cast<uint64_t>(width - 1));
    // Both counts modulo the width: 0 gives a | a.
    zero(kScratchVec);
    emit({Inst::kIdVpsubd, Inst::kIdVpsubq}, s(), s(), o_.b);
    a_.vpand(s(), s(), below_width);
    emit(back, s(), a(), s());
    move(s2(), below_width);
    a_.emit(Inst::kIdVpand, s2(), s2(), o_.b);
    emit(there, s2(), a(), s2());
    a_.vpor(dst(), s(), s2());
}

void LaneOps::rotate_by(int count) {
    if (count == 0) return move(dst(), a());
    if (v4_) return emit({Inst::kIdVprold, Inst::kIdVprolq}, dst(), a(), Imm(count));
    emit({Inst::kIdVpslld, Inst::kIdVpsllq}, s(), a(), Imm(count));
    emit({Inst::kIdVpsrld, Inst::kIdVpsrlq}, s2(), a(), Imm(size_ * 8 - count));
    a_.vpor(dst(), s(), s2());
}

// ---- Counting

// The bits of every half byte from a table, then sums over the bytes of an element. dst is apart from a.
void LaneOps::popcount() {
    static constexpr uint8_t kBitsOfHalfByte[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
    constexpr uint64_t kLowHalves = 0x0f0f0f0f0f0f0f0fu;
    a_.vpsrlw(s(), a(), 4);
    and_(s(), s(), constant(kLowHalves));
    and_(s2(), a(), constant(kLowHalves));
    move(dst(), constants_.pattern(constants_.owner, kBitsOfHalfByte, bytes_));
    a_.vpshufb(s(), dst(), s());
    a_.vpshufb(s2(), dst(), s2());
    a_.vpaddb(s(), s(), s2());
    if (wide_) {
        zero(kScratchVec2);
        a_.vpsadbw(dst(), s(), s2());
    } else {
        a_.vpmaddubsw(s(), s(), whole(0x01010101, 4));
        a_.vpmaddwd(dst(), s(), whole(0x00010001, 4));
    }
}

// v3 reads the position of a bit from the exponent of the float it makes. For clz, `a & ~(a >> 1)` keeps the top bit and
// clears the one below, so that rounding cannot reach the next power of two.
void LaneOps::leading_zeros() {
    if (v4_) return emit({Inst::kIdVplzcntd, Inst::kIdVplzcntq}, dst(), a());
    a_.vpsrld(s(), a(), 1);
    a_.vpandn(s(), s(), a());
    a_.vcvtdq2ps(s(), s());
    a_.vpsrld(s(), s(), 23);  // 127 + position; 256 more if bit 31 is set, which is subtracted to less than 0, so 0
    load_constant(s2(), 158, 4);
    a_.vpsubusw(s(), s2(), s());
    a_.vpminsd(wide_ ? s() : dst(), s(), whole(32, 4));
    if (!wide_) return;
    // The count of the upper half; where that is all of it, and the lower half's.
    a_.vpcmpeqd(s2(), s(), whole(32, 4));
    a_.vpsrlq(s2(), s2(), 32);
    a_.vpand(s2(), s2(), s());
    a_.vpsrlq(s(), s(), 32);
    a_.vpaddq(dst(), s(), s2());
}

void LaneOps::trailing_zeros() {
    const ByWidth subtract = {Inst::kIdVpsubd, Inst::kIdVpsubq};
    if (v4_) {  // ~a & (a - 1) is as many ones as a ends in zeros
        emit({Inst::kIdVpaddd, Inst::kIdVpaddq}, s(), a(), constant(UINT64_MAX));
        and_not(s(), a(), s());
        emit({Inst::kIdVplzcntd, Inst::kIdVplzcntq}, s(), s());
        load_constant(s2(), static_cast<uint64_t>(size_) * 8, size_);
        return emit(subtract, dst(), s2(), s());
    }
    zero(kScratchVec);
    a_.vpsubd(s(), s(), a());
    a_.vpand(s(), s(), a());  // the lowest bit, in every half
    a_.vcvtdq2ps(s(), s());
    a_.vpslld(s(), s(), 1);
    a_.vpsrld(s(), s(), 24);  // 127 + position, without the sign of bit 31; 0 for 0
    a_.vpaddd(s(), s(), whole(static_cast<uint32_t>(-127), 4));
    a_.vpminud(wide_ ? s() : dst(), s(), whole(32, 4));
    if (!wide_) return;
    // The count of the lower half; where that is all of it, and the upper half's.
    a_.vpcmpeqd(s2(), s(), whole(32, 4));
    a_.vpsllq(s2(), s2(), 32);
    a_.vpand(s2(), s2(), s());
    a_.vpsrlq(s2(), s2(), 32);
    a_.vpand(s(), s(), whole(0xffffffff, 8));
    a_.vpaddq(dst(), s(), s2());
}

void LaneOps::swap_bytes() {
    static constexpr uint8_t kSwap4[16] = {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12};
    static constexpr uint8_t kSwap8[16] = {7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8};
    a_.vpshufb(dst(), a(), constants_.pattern(constants_.owner, wide_ ? kSwap8 : kSwap4, bytes_));
}

}  // namespace exprjit::jit
