// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: what the sequences of integer, bool and conversion operations share.
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;
using asmjit::Operand;

LaneOps::LaneOps(x86::Assembler& a, bool v4, const LaneConstants& constants, const LaneOperation& operation)
    : a_(a), constants_(constants), o_(operation), v4_(v4) {
    size_ = o_.from == Scalar::Bool ? 32 / o_.lanes : static_cast<int>(byte_size(o_.from));
    wide_ = size_ == 8;
    bytes_ = size_ * o_.lanes;
}

x86::Vec LaneOps::view(Reg r, int bytes) {
    if (bytes == 64) return x86::zmm(r);
    if (bytes == 32) return x86::ymm(r);
    return x86::xmm(r);
}

x86::Vec LaneOps::b_register(Reg scratch) {
    if (o_.b.isReg()) return o_.b.as<x86::Vec>();
    move(reg(scratch), o_.b);
    return reg(scratch);
}

void LaneOps::load_constant(const x86::Vec& to, uint64_t bits, int element, const x86::KReg& mask) {
    x86::Mem m = constants_.repeated(constants_.owner, bits, element, static_cast<int>(to.size()));
    m.resetBroadcast();
    m.setSize(static_cast<uint32_t>(element));
    if (mask.isValid()) a_.k(mask).z();
    a_.emit(element == 8 ? Inst::kIdVpbroadcastq : Inst::kIdVpbroadcastd, to, m);
}

void LaneOps::move(const x86::Vec& to, const Operand& from) {
    if (from.isReg() && from.as<asmjit::BaseReg>().id() == to.id()) return;
    if (from.isMem() && from.as<x86::Mem>().hasBroadcast()) {
        x86::Mem element = from.as<x86::Mem>();
        element.resetBroadcast();
        element.setSize(static_cast<uint32_t>(size_));
        a_.emit(wide_ ? Inst::kIdVpbroadcastq : Inst::kIdVpbroadcastd, to, element);
        return;
    }
    a_.emit(v4_ ? Inst::kIdVmovdqu64 : Inst::kIdVmovdqu, to, from);
}

void LaneOps::zero(Reg r) {
    if (v4_)
        a_.vpxord(x86::xmm(r), x86::xmm(r), x86::xmm(r));
    else
        a_.vpxor(x86::xmm(r), x86::xmm(r), x86::xmm(r));
}

void LaneOps::ones(Reg r) {  // v3 only: AVX-512 compares into masks
    a_.vpcmpeqd(reg(r), reg(r), reg(r));
}

void LaneOps::blend_odd(const x86::Vec& to, const x86::Vec& even, const x86::Vec& odd) {
    if (!v4_) {
        a_.vpblendd(to, even, odd, 0xaa);
        return;
    }
    a_.mov(x86::r11d, 0xaaaa);
    a_.kmovw(kscratch(), x86::r11d);
    a_.k(kscratch()).vpblendmd(to, even, odd);
}

Reg LaneOps::narrowed_mask(Reg mask) {
    a_.vextracti128(x86::xmm(kScratchVec), x86::ymm(mask), 1);
    a_.vshufps(x86::xmm(kScratchVec), x86::xmm(mask), x86::xmm(kScratchVec), 0x88);
    return kScratchVec;
}

void LaneOps::signs_to_bools(Reg to, Reg x) {
    if (v4_) {
        a_.emit(pick({Inst::kIdVpmovd2m, Inst::kIdVpmovq2m}), x86::k(to), reg(x));
    } else if (wide_) {
        const Reg other = x == kScratchVec ? kScratchVec2 : kScratchVec;
        zero(other);
        a_.vpcmpgtq(reg(to), reg(other), reg(x));
    } else if (narrow_mask()) {
        a_.vpsrad(reg(x), reg(x), 31);
        widen_mask(to, x);
    } else {
        a_.vpsrad(reg(to), reg(x), 31);
    }
}

void LaneOps::differences_to_bools(Reg to, Reg x, Reg y) {
    if (v4_) {
        a_.emit(pick({Inst::kIdVpcmpd, Inst::kIdVpcmpq}), x86::k(to), reg(x), reg(y), asmjit::Imm(4));
        return;
    }
    emit({Inst::kIdVpcmpeqd, Inst::kIdVpcmpeqq}, reg(x), reg(x), reg(y));
    ones(y);
    if (narrow_mask()) {
        a_.vpxor(reg(x), reg(x), reg(y));
        widen_mask(to, x);
    } else {
        a_.vpxor(reg(to), reg(x), reg(y));
    }
}

}  // namespace exprjit::jit
