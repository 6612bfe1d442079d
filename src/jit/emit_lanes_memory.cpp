// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Contiguous elements to lanes and back. Narrow ones widen and wrap. With a mask (AVX-512 only) the elements where it is
// false are neither read nor written: they may lie on a page that is not there.
#include "jit/emit.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;

void Emitter::lanes_load(const PlanItem& p) {
    const Node& n = node(p);
    const Storage storage = raw_storage(n.imm);
    const Type t = n.type;
    const auto size = static_cast<uint32_t>(byte_size(storage));
    const x86::Mem m = address(p, p.node, size * static_cast<uint32_t>(t.lane_count()));
    const bool masked = is_reg(p.r[kOperand1]);
    if (storage == Storage::Bool) {
        if (masked) {
            a_.emit(t.lane_count() == 8 ? Inst::kIdKmovb : Inst::kIdKmovw, scratch_k(), kreg(p.r[kOperand1]));
            a_.k(scratch_k()).z().vmovdqu8(xmm(kScratchVec), m.cloneResized(16));
            a_.vptestmb(kreg(p.dst), xmm(kScratchVec), xmm(kScratchVec));
            if (t.lane_count() == 8) a_.kmovb(kreg(p.dst), kreg(p.dst));
            return;
        }
        return lanes_load_bool(p.dst, m, t.lane_count());
    }
    InstId id = Inst::kIdVmovups;
    switch (storage) {
    case Storage::I8: id = Inst::kIdVpmovsxbd; break;
    case Storage::U8: id = Inst::kIdVpmovzxbd; break;
    case Storage::I16: id = Inst::kIdVpmovsxwd; break;
    case Storage::U16: id = Inst::kIdVpmovzxwd; break;
    case Storage::U32: id = Inst::kIdVpmovzxdq; break;
    case Storage::F16: id = Inst::kIdVcvtph2ps; break;
    case Storage::I64:
    case Storage::U64:
    case Storage::F64: id = Inst::kIdVmovupd; break;  // masks count elements of this size
    default: break;
    }
    if (masked) a_.k(kreg(p.r[kOperand1])).z();
    a_.emit(id, vec(p.dst, t), m);
}

void Emitter::lanes_load_bool(Reg dst, const x86::Mem& m, int lanes) {
    const x86::Xmm bytes = xmm(kScratchVec), zero = xmm(kScratchVec2);
    if (lanes == 16)
        a_.vmovdqu(bytes, m);
    else if (lanes == 8)
        a_.vmovq(bytes, m);
    else
        a_.vmovd(bytes, m);
    if (v4()) {  // any non-zero byte is true
        a_.vptestmb(kreg(dst), bytes, bytes);
        return;
    }
    a_.vpxor(zero, zero, zero);
    a_.vpcmpeqb(bytes, bytes, zero);  // all ones where false
    a_.emit(lanes == 4 ? Inst::kIdVpmovsxbq : Inst::kIdVpmovsxbd, x86::ymm(dst), bytes);
    a_.vpcmpeqd(x86::ymm(kScratchVec), x86::ymm(kScratchVec), x86::ymm(kScratchVec));
    a_.vpxor(x86::ymm(dst), x86::ymm(dst), x86::ymm(kScratchVec));
}

void Emitter::lanes_store(const PlanItem& p) {
    const Node& n = node(p);
    const Storage storage = raw_storage(n.imm);
    const Type t = type_of(f_.operands(n)[2]);
    const Reg from = p.r[kOperand2];
    const auto size = static_cast<uint32_t>(byte_size(storage));
    const x86::Mem m = address(p, p.node, size * static_cast<uint32_t>(t.lane_count()));
    const bool masked = is_reg(p.r[kOperand1]);
    if (raw_streaming(n.imm) && !masked && size == byte_size(t.scalar()) && storage != Storage::Bool) {
        a_.emit(Inst::kIdVmovntps, m, vec(from, t));
        return;
    }
    if (storage == Storage::Bool) {
        if (!masked) return lanes_store_bool(from, m, t.lane_count());
        a_.vpmovm2b(xmm(kScratchVec), kreg(from));
        a_.vpabsb(xmm(kScratchVec), xmm(kScratchVec));  // -1 to 1
        a_.emit(t.lane_count() == 8 ? Inst::kIdKmovb : Inst::kIdKmovw, scratch_k(), kreg(p.r[kOperand1]));
        a_.k(scratch_k()).vmovdqu8(m.cloneResized(16), xmm(kScratchVec));
        return;
    }
    if (!v4() && size < byte_size(t.scalar()) && storage != Storage::F16)
        return lanes_store_narrow(from, m, t, storage);
    const x86::Vec value = vec(from, t);
    if (masked) a_.k(kreg(p.r[kOperand1]));
    switch (storage) {
    case Storage::I8:
    case Storage::U8: a_.emit(Inst::kIdVpmovdb, m, value); break;
    case Storage::I16:
    case Storage::U16: a_.emit(Inst::kIdVpmovdw, m, value); break;
    case Storage::U32: a_.emit(Inst::kIdVpmovqd, m, value); break;
    case Storage::F16: a_.emit(Inst::kIdVcvtps2ph, m, value, asmjit::Imm(0)); break;  // to nearest even
    case Storage::I64:
    case Storage::U64:
    case Storage::F64: a_.emit(Inst::kIdVmovupd, m, value); break;
    default: a_.emit(Inst::kIdVmovups, m, value); break;
    }
}

namespace {

// The lowest byte, or the lowest two, of each 32-bit element to the front; 0x80 gives zero.
constexpr uint8_t kBytes[16] = {0, 4, 8, 12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
constexpr uint8_t kWords[16] = {0, 1, 4, 5, 8, 9, 12, 13, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};

}  // namespace

void Emitter::lanes_store_bool(Reg from, const x86::Mem& m, int lanes) {
    const x86::Xmm low = xmm(kScratchVec);
    if (v4()) {
        a_.vpmovm2b(low, kreg(from));
        a_.vpabsb(low, low);  // -1 to 1
        if (lanes == 8)
            a_.vmovq(m, low);
        else
            a_.vmovdqu(m, low);
        return;
    }
    if (lanes == 4) {
        narrow_mask(kScratchVec, from);
        a_.vpshufb(low, low, lanes_pattern(kBytes, 16));
        a_.vpabsb(low, low);
        a_.vmovd(m, low);
        return;
    }
    a_.vpshufb(x86::ymm(kScratchVec), x86::ymm(from), lanes_pattern(kBytes, 32));
    a_.vextracti128(xmm(kScratchVec2), x86::ymm(kScratchVec), 1);
    a_.vpunpckldq(low, low, xmm(kScratchVec2));
    a_.vpabsb(low, low);
    a_.vmovq(m, low);
}

// v3 has no instruction that stores the low parts of the elements.
void Emitter::lanes_store_narrow(Reg from, const x86::Mem& m, Type t, Storage storage) {
    const x86::Xmm low = xmm(kScratchVec), high = xmm(kScratchVec2);
    if (storage == Storage::U32) {  // from four of 64 bits
        narrow_mask(kScratchVec, from);
        a_.vmovdqu(m, low);
        return;
    }
    const bool words = byte_size(storage) == 2;
    const auto& pattern = words ? kWords : kBytes;
    if (t.lane_count() == 4) {
        a_.vpshufb(low, xmm(from), lanes_pattern(pattern, 16));
        if (words)
            a_.vmovq(m, low);
        else
            a_.vmovd(m, low);
        return;
    }
    a_.vpshufb(x86::ymm(kScratchVec), x86::ymm(from), lanes_pattern(pattern, 32));
    a_.vextracti128(high, x86::ymm(kScratchVec), 1);
    if (words) {
        a_.vpunpcklqdq(low, low, high);
        a_.vmovdqu(m, low);
    } else {
        a_.vpunpckldq(low, low, high);
        a_.vmovq(m, low);
    }
}

}  // namespace exprjit::jit
