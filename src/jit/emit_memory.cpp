// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Loads, stores, array descriptors, local arrays.
#include "ir/context.h"
#include "jit/emit.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;

void Emitter::load_raw(const PlanItem& p) {
    const auto storage = raw_storage(node(p).imm);
    const x86::Mem m = address(p, p.node, static_cast<uint32_t>(byte_size(storage)));
    switch (storage) {
    case Storage::Bool:  // any non-zero byte is true
        a_.cmp(m, 0);
        a_.setne(x86::gpb(p.dst));
        a_.movzx(gp32(p.dst), x86::gpb(p.dst));
        break;
    case Storage::I8: a_.movsx(gp32(p.dst), m); break;
    case Storage::U8:
    case Storage::U16: a_.movzx(gp32(p.dst), m); break;
    case Storage::I16: a_.movsx(gp32(p.dst), m); break;
    case Storage::I32:
    case Storage::U32: a_.mov(gp32(p.dst), m); break;  // clears the upper half: u32 widens to i64
    case Storage::I64:
    case Storage::U64: a_.mov(gp64(p.dst), m); break;
    case Storage::F32: a_.emit(avx_ ? Inst::kIdVmovss : Inst::kIdMovss, xmm(p.dst), m); break;
    case Storage::F64: a_.emit(avx_ ? Inst::kIdVmovsd : Inst::kIdMovsd, xmm(p.dst), m); break;
    case Storage::F16:
        a_.movzx(x86::r11d, m);
        if (avx_) {
            a_.vmovd(scratch_xmm(), x86::r11d);
            a_.vcvtph2ps(xmm(p.dst), scratch_xmm());
        } else {
            if (!widen_half_.isValid()) widen_half_ = a_.newLabel();
            a_.call(widen_half_);
            move_fp(p.dst, kScratchVec);
        }
        break;
    }
}

void Emitter::store_raw(const PlanItem& p) {
    const auto storage = raw_storage(node(p).imm);
    const auto size = static_cast<uint32_t>(byte_size(storage));
    const x86::Mem m = address(p, p.node, size);
    if (p.r[2] == kImm) {
        const uint64_t bits = f_[f_.operands(p.node)[2]].imm;
        a_.emit(Inst::kIdMov, m, asmjit::Imm(size == 8 ? static_cast<int64_t>(bits) : static_cast<int32_t>(bits)));
        return;
    }
    switch (storage) {
    case Storage::Bool:
    case Storage::I8:
    case Storage::U8: a_.mov(m, x86::gpb(p.r[2])); break;
    case Storage::I16:
    case Storage::U16: a_.mov(m, x86::gpw(p.r[2])); break;
    case Storage::I32:
    case Storage::U32: a_.mov(m, gp32(p.r[2])); break;
    case Storage::I64:
    case Storage::U64: a_.mov(m, gp64(p.r[2])); break;
    case Storage::F32: a_.emit(avx_ ? Inst::kIdVmovss : Inst::kIdMovss, m, xmm(p.r[2])); break;
    case Storage::F64: a_.emit(avx_ ? Inst::kIdVmovsd : Inst::kIdMovsd, m, xmm(p.r[2])); break;
    case Storage::F16:
        if (avx_) {
            a_.vcvtps2ph(scratch_xmm(), xmm(p.r[2]), 0);  // to nearest even
            a_.vmovd(x86::r11d, scratch_xmm());
        } else {
            if (!narrow_half_.isValid()) narrow_half_ = a_.newLabel();
            move_fp(kScratchVec, p.r[2]);
            a_.call(narrow_half_);
        }
        a_.mov(m, x86::r11w);
        break;
    }
}

// x86-64-v2 has no F16C. These routines stand once behind the code that needs them and change nothing but the two scratch
// registers: half in r11d to float in xmm15, and back. After F. Giesen, "half to float done quic" (2012), integer forms.
void Emitter::half_routines() {
    const auto with_constant = [&](InstId id, uint32_t bits) {  // xmm15 op= constant; rax is saved around us
        a_.mov(x86::eax, bits);
        a_.push(x86::rax);
        a_.emit(id, scratch_xmm(), x86::dword_ptr(x86::rsp));
        a_.pop(x86::rax);
    };
    if (widen_half_.isValid()) {
        const asmjit::Label finite = a_.newLabel();
        a_.bind(widen_half_);
        a_.push(x86::rax);
        a_.mov(x86::eax, x86::r11d);
        a_.and_(x86::eax, 0x7fff);
        a_.shl(x86::eax, 13);
        a_.movd(scratch_xmm(), x86::eax);
        with_constant(Inst::kIdMulss, 0x77800000);  // 2^112 moves the exponent's bias, subnormals included, exactly
        a_.movd(x86::eax, scratch_xmm());
        a_.cmp(x86::eax, 0x47800000);  // 65536 and up were infinities and NaNs
        a_.jb(finite);
        a_.or_(x86::eax, 0x7f800000);
        a_.bind(finite);
        a_.and_(x86::r11d, 0x8000);
        a_.shl(x86::r11d, 16);
        a_.or_(x86::eax, x86::r11d);
        a_.movd(scratch_xmm(), x86::eax);
        a_.pop(x86::rax);
        a_.ret();
    }
    if (narrow_half_.isValid()) {
        const asmjit::Label nan = a_.newLabel(), infinite = a_.newLabel(), small = a_.newLabel(), done = a_.newLabel();
        a_.bind(narrow_half_);
        a_.push(x86::rax);
        a_.push(x86::rcx);
        a_.movd(x86::eax, scratch_xmm());
        a_.mov(x86::r11d, x86::eax);
        a_.shr(x86::r11d, 16);
        a_.and_(x86::r11d, 0x8000);
        a_.and_(x86::eax, 0x7fffffff);
        a_.cmp(x86::eax, 0x7f800000);
        a_.ja(nan);
        a_.cmp(x86::eax, 0x477ff000);  // 65520 and up round to infinity
        a_.jae(infinite);
        a_.cmp(x86::eax, 0x38800000);  // below 2^-14 the result is subnormal
        a_.jb(small);
        a_.mov(x86::ecx, x86::eax);  // to nearest, ties to the even neighbour; the bias changes by 112 on the way
        a_.shr(x86::ecx, 13);
        a_.and_(x86::ecx, 1);
        a_.lea(x86::eax, x86::ptr(x86::rax, x86::rcx, 0, 0xfff - 0x38000000));
        a_.shr(x86::eax, 13);
        a_.or_(x86::r11d, x86::eax);
        a_.jmp(done);
        a_.bind(small);  // adding 0.5 lets the hardware round at the last bit of a half
        a_.movd(scratch_xmm(), x86::eax);
        with_constant(Inst::kIdAddss, 0x3f000000);
        a_.movd(x86::eax, scratch_xmm());
        a_.sub(x86::eax, 0x3f000000);
        a_.or_(x86::r11d, x86::eax);
        a_.jmp(done);
        a_.bind(nan);
        a_.or_(x86::r11d, 0x7e00);
        a_.jmp(done);
        a_.bind(infinite);
        a_.or_(x86::r11d, 0x7c00);
        a_.bind(done);
        a_.pop(x86::rcx);
        a_.pop(x86::rax);
        a_.ret();
    }
}

// Base, Stride, Len: fields of a parameter's descriptor, or facts about a local array or table.
void Emitter::array_part(const PlanItem& p) {
    const Node& n = node(p);
    const ValueId array = f_.operands(n)[0];
    const Node& owner = f_[array];
    const x86::Gp dst = gp64(p.dst);
    if (owner.op == Op::Param) {
        size_t at = offsetof(ArrayDescriptor, data);
        if (n.op == Op::Len) at = offsetof(ArrayDescriptor, length) + n.imm * 8;
        if (n.op == Op::Stride) at = offsetof(ArrayDescriptor, stride) + n.imm * 8;
        a_.mov(dst, x86::qword_ptr(gp64(p.r[0]), static_cast<int32_t>(at)));
    } else if (n.op == Op::Base && owner.op == Op::Table) {
        a_.lea(dst, pool(array, 0));
    } else if (n.op == Op::Base) {
        a_.lea(dst, slot(array, 0));
    } else if (n.op == Op::Stride) {
        a_.mov(dst, byte_size(owner.type.storage()));
    } else {
        a_.mov(dst, owner.op == Op::Local ? owner.imm : program_.tables[owner.imm].length());
    }
}

// A local array is zeroed each time it is reached.
void Emitter::local(const PlanItem& p) {
    const Node& n = node(p);
    const int32_t step = lanes_ ? 32 : 16;
    const int32_t unit = lanes_ ? 64 : 16;  // what its place in the frame is a multiple of
    const auto bytes = (static_cast<int32_t>(n.imm * byte_size(n.type.storage())) + unit - 1) & -unit;
    zero_fp(kScratchVec);
    const x86::Vec zero = vec_bytes(kScratchVec, step);
    const InstId store = avx_ ? Inst::kIdVmovups : Inst::kIdMovups;
    x86::Mem start = slot(p.node, static_cast<uint32_t>(step));
    if (bytes <= 8 * step) {
        for (int32_t k = 0; k < bytes; k += step) a_.emit(store, start.cloneAdjusted(k), zero);
        return;
    }
    const asmjit::Label again = a_.newLabel();
    a_.mov(x86::r11d, bytes);
    a_.bind(again);
    x86::Mem at = x86::ptr(x86::rsp, x86::r11, 0, start.offsetLo32() - step, static_cast<uint32_t>(step));
    a_.emit(store, at, zero);
    a_.sub(x86::r11d, step);
    a_.jnz(again);
}

}  // namespace exprjit::jit
