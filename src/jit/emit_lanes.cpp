// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: dispatch, operands, constants, moves to and from slots, and what passes between lanes and scalars. Bool lanes are
// k registers on AVX-512, whose bits above the lane count mean nothing, and on AVX2 vectors of a whole ymm.
#include <algorithm>
#include <bit>
#include <cstring>

#include "interp/interpreter.h"
#include "interp/native_call.h"
#include "jit/emit.h"
#include "jit/lane_calls.h"

namespace exprjit::jit {

using asmjit::Operand;
namespace Inst = x86::Inst;

void Emitter::lanes(const PlanItem& p) {
    const Node& n = node(p);
    switch (n.op) {
    case Op::LoadRaw: return lanes_load(p);
    case Op::StoreRaw: return lanes_store(p);
    case Op::Splat: return lanes_splat(p);
    case Op::Extract: return lanes_extract(p);
    case Op::Iota: return lanes_iota(p);
    case Op::LaneMask: return lanes_mask(p);
    case Op::CountLanes: return lanes_count(p);
    case Op::Any: return lanes_any(p);
    case Op::Check: return check(p);
    case Op::NativePure: return lanes_native_call(p);
    case Op::RawBits:
    case Op::FromBits:
    case Op::TruncToInt:
    case Op::IntToFloat:
    case Op::FloatToFloat:
    case Op::FromBool: break;
    default:
        if (!info(n.op).is_value() || info(n.op).lowering == Lowering::Expand) return no_code(p);
        break;
    }
    const Scalar t = operand_type_of(p).scalar();
    if (lanes_constraints(n.op, t, options_.isa).shape == Shape::LaneCall) return lanes_call(p);
    switch (n.op) {
    case Op::RawBits:
    case Op::FromBits:
    case Op::TruncToInt:
    case Op::IntToFloat:
    case Op::FloatToFloat:
    case Op::FromBool: return lanes_convert(p);
    default: return is_float(t) ? lanes_float(p) : lanes_int(p);
    }
}

// ---- Operands and constants

Operand Emitter::lanes_operand(const PlanItem& p, int role) { return lanes_operand_at(p, role, value_of(p, role)); }

Operand Emitter::lanes_operand_at(const PlanItem& p, int role, ValueId v) {
    const Reg r = p.r[static_cast<size_t>(role)];
    const Type t = type_of(v);
    if (is_reg(r)) return cls(t) == RegClass::Mask ? Operand(kreg(r)) : Operand(vec(r, t));
    const Node& n = f_[v];
    const auto size = static_cast<int>(byte_size(t.scalar()));
    if (is_const(n)) {
        if (!v4()) return lanes_whole(n.imm, size, bytes_of(t));
        x86::Mem m = pool(v, 0);
        m.setBroadcast(t.lane_count() == 8 ? x86::Mem::Broadcast::k1To8 : x86::Mem::Broadcast::k1To16);
        return m;
    }
    const auto bytes = static_cast<uint32_t>(bytes_of(t));
    if (u_.has(v, kFolded)) return address(p, v, bytes);
    return slot(v, bytes);
}

x86::Mem Emitter::late_block(const void* bytes, uint32_t size) {
    if (!late_label_.isValid()) late_label_ = a_.newLabel();
    // Most of the blocks are constants of a polynomial, all different: their first bytes decide.
    uint64_t first = 0;
    std::memcpy(&first, bytes, std::min<size_t>(size, sizeof first));
    for (const LateBlock& b : late_blocks_)
        if (b.first == first && b.size == size && std::memcmp(late_.bytes().data() + b.offset, bytes, size) == 0)
            return x86::ptr(late_label_, static_cast<int32_t>(b.offset), size);
    const uint32_t at = late_.add_block({static_cast<const uint8_t*>(bytes), size}, size);
    late_blocks_.push_back({first, at, size});
    return x86::ptr(late_label_, static_cast<int32_t>(at), size);
}

x86::Mem Emitter::lanes_whole(uint64_t bits, int element_bytes, int vector_bytes) {
    uint8_t block[64];
    for (int at = 0; at < vector_bytes; at += element_bytes)
        std::memcpy(block + at, &bits, static_cast<size_t>(element_bytes));
    return late_block(block, static_cast<uint32_t>(vector_bytes));
}

x86::Mem Emitter::lanes_const(uint64_t bits, int element_bytes, int vector_bytes) {
    if (!v4()) return lanes_whole(bits, element_bytes, vector_bytes);
    x86::Mem m = late_block(&bits, static_cast<uint32_t>(element_bytes));
    m.setSize(0);
    const int count = vector_bytes / element_bytes;
    m.setBroadcast(count == 2   ? x86::Mem::Broadcast::k1To2
                   : count == 4 ? x86::Mem::Broadcast::k1To4
                   : count == 8 ? x86::Mem::Broadcast::k1To8
                                : x86::Mem::Broadcast::k1To16);
    return m;
}

x86::Mem Emitter::lanes_pattern(const uint8_t (&bytes)[16], int vector_bytes) {
    uint8_t block[64];
    for (int at = 0; at < vector_bytes; at += 16) std::memcpy(block + at, bytes, 16);
    return late_block(block, static_cast<uint32_t>(vector_bytes));
}

// ---- Moves

void Emitter::vmov(const x86::Vec& dst, const Operand& src) {
    if (src.isReg() && src.as<asmjit::BaseReg>().id() == dst.id()) return;
    a_.emit(Inst::kIdVmovups, dst, src);
}

void Emitter::lanes_reload(const PlanItem& p) {
    const Node& n = f_[p.node];
    const Type t = n.type;
    const bool is_mask = cls(t) == RegClass::Mask;
    if (!is_const(n)) {
        if (p.cls == RegClass::Gp)
            a_.mov(gp64(p.dst), slot(p.node, 8));
        else if (is_mask)
            a_.kmovq(kreg(p.dst), slot(p.node, 8));
        else
            a_.emit(Inst::kIdVmovups, vec(p.dst, t), slot(p.node, static_cast<uint32_t>(bytes_of(t))));
        return;
    }
    if (p.cls == RegClass::Gp) {  // a mask on its way to a slot
        a_.mov(gp64(p.dst), n.imm != 0 ? -1 : 0);
    } else if (is_mask) {
        a_.emit(n.imm != 0 ? Inst::kIdKxnorw : Inst::kIdKxorw, kreg(p.dst), kreg(p.dst), kreg(p.dst));
    } else if (n.imm == 0) {
        a_.emit(p.dst < 16 ? Inst::kIdVpxor : Inst::kIdVpxord, xmm(p.dst), xmm(p.dst), xmm(p.dst));
    } else if (t.scalar() == Scalar::Bool) {
        a_.vpcmpeqd(x86::ymm(p.dst), x86::ymm(p.dst), x86::ymm(p.dst));
    } else {
        const auto size = static_cast<uint32_t>(byte_size(t.scalar()));
        a_.emit(size == 8 ? Inst::kIdVbroadcastsd : Inst::kIdVbroadcastss, vec(p.dst, t), pool(p.node, size));
    }
}

void Emitter::lanes_store_slot(ValueId v, RegClass from_class, Reg from) {
    const Type t = type_of(v);
    if (from_class == RegClass::Gp)
        a_.mov(slot(v, 8), gp64(from));
    else if (cls(t) == RegClass::Mask)
        a_.kmovq(slot(v, 8), kreg(from));
    else
        a_.emit(Inst::kIdVmovups, slot(v, static_cast<uint32_t>(bytes_of(t))), vec(from, t));
}

void Emitter::widen_mask(Reg dst, Reg src) { a_.vpmovsxdq(x86::ymm(dst), x86::xmm(src)); }

void Emitter::narrow_mask(Reg dst, Reg src) {
    a_.vextracti128(xmm(kScratchVec2), x86::ymm(src), 1);
    a_.vshufps(xmm(dst), xmm(src), xmm(kScratchVec2), 0x88);
}

// ---- Between lanes and scalars

void Emitter::lanes_splat(const PlanItem& p) {
    const Type t = node(p).type;
    const Reg from = p.r[0];
    const bool wide_element = byte_size(t.scalar()) == 8;
    if (is_float(t.scalar())) {
        a_.emit(wide_element ? Inst::kIdVbroadcastsd : Inst::kIdVbroadcastss, vec(p.dst, t), xmm(from));
    } else if (t.scalar() == Scalar::Bool) {
        a_.mov(x86::r11d, gp32(from));
        a_.neg(x86::r11);
        if (v4()) {
            a_.kmovw(kreg(p.dst), x86::r11d);
        } else {
            a_.vmovq(xmm(p.dst), x86::r11);
            a_.vpbroadcastq(x86::ymm(p.dst), xmm(p.dst));
        }
    } else if (v4()) {
        a_.emit(wide_element ? Inst::kIdVpbroadcastq : Inst::kIdVpbroadcastd, vec(p.dst, t),
                gp(from, Type(t.scalar())));
    } else if (wide_element) {
        a_.vmovq(xmm(p.dst), gp64(from));
        a_.emit(Inst::kIdVpbroadcastq, vec(p.dst, t), xmm(p.dst));
    } else {
        a_.vmovd(xmm(p.dst), gp32(from));
        a_.emit(Inst::kIdVpbroadcastd, vec(p.dst, t), xmm(p.dst));
    }
}

void Emitter::lanes_extract(const PlanItem& p) {
    const Type t = operand_type_of(p);
    const auto lane = static_cast<int>(node(p).imm);
    const Reg from = p.r[0];
    const int size = static_cast<int>(byte_size(t.scalar()));
    if (t.scalar() == Scalar::Bool) {
        if (v4())
            a_.kmovw(gp32(p.dst), kreg(from));
        else
            a_.emit(t.lane_count() == 4 ? Inst::kIdVmovmskpd : Inst::kIdVmovmskps, gp32(p.dst), x86::ymm(from));
        if (lane != 0) a_.shr(gp32(p.dst), lane);
        a_.and_(gp32(p.dst), 1);
        return;
    }
    // The lane comes to the front: of the register, or of one 128-bit part and then of that.
    Reg front = from;
    const int per_part = 16 / size, part = lane / per_part, in_part = lane % per_part;
    const bool to_gp = cls(Type(t.scalar())) == RegClass::Gp;
    const Reg at = to_gp ? kScratchVec : p.dst;
    if (part != 0) {
        front = in_part == 0 ? at : kScratchVec;
        if (bytes_of(t) == 64)
            a_.vextractf32x4(xmm(front), x86::zmm(from), part);
        else if (from >= 16)
            a_.vextractf32x4(xmm(front), x86::ymm(from), part);
        else
            a_.vextractf128(xmm(front), x86::ymm(from), part);
    }
    if (in_part != 0) {
        if (size == 8)
            a_.vpermilpd(xmm(at), xmm(front), 1);
        else
            a_.vpermilps(xmm(at), xmm(front), in_part);
        front = at;
    }
    if (to_gp)
        a_.emit(size == 8 ? Inst::kIdVmovq : Inst::kIdVmovd, gp(p.dst, Type(t.scalar())), xmm(front));
    else if (front != p.dst)
        a_.vmovaps(xmm(p.dst), xmm(front));
}

void Emitter::lanes_iota(const PlanItem& p) { a_.emit(Inst::kIdVmovups, vec(p.dst, node(p).type), iota(node(p).type)); }

x86::Mem Emitter::iota(Type t) {
    uint8_t block[64];
    const size_t size = byte_size(t.scalar());
    for (uint64_t k = 0; k < static_cast<uint64_t>(t.lane_count()); ++k) std::memcpy(block + k * size, &k, size);
    return late_block(block, static_cast<uint32_t>(static_cast<size_t>(t.lane_count()) * size));
}

// Compares the count with 0, 1, 2 … as 64-bit numbers, so that any count is right, also a negative or a huge one.
void Emitter::lanes_mask(const PlanItem& p) {
    const int lanes = node(p).type.lane_count();
    const Reg count = p.r[0];
    uint64_t numbers[16];
    for (uint64_t k = 0; k < 16; ++k) numbers[k] = k;
    const int bytes = v4() ? 64 : 32, per_vector = bytes / 8;
    if (v4()) {
        a_.vpbroadcastq(x86::zmm(kScratchVec), gp64(count));
        // count > k, as k < count would need the numbers in a register
        a_.vpcmpq(kreg(p.dst), x86::zmm(kScratchVec), late_block(numbers, 64), 6);
        if (lanes == per_vector) return;
        a_.vpcmpq(scratch_k(), x86::zmm(kScratchVec), late_block(numbers + 8, 64), 6);
        a_.kunpckbw(kreg(p.dst), scratch_k(), kreg(p.dst));
        return;
    }
    a_.vmovq(xmm(kScratchVec), gp64(count));
    a_.vpbroadcastq(x86::ymm(kScratchVec), xmm(kScratchVec));
    if (lanes == per_vector) {
        a_.vpcmpgtq(x86::ymm(p.dst), x86::ymm(kScratchVec), late_block(numbers, 32));
        return;
    }
    a_.vpcmpgtq(x86::ymm(kScratchVec2), x86::ymm(kScratchVec), late_block(numbers, 32));
    a_.vpcmpgtq(x86::ymm(kScratchVec), x86::ymm(kScratchVec), late_block(numbers + 4, 32));
    a_.vshufps(x86::ymm(kScratchVec), x86::ymm(kScratchVec2), x86::ymm(kScratchVec), 0x88);
    a_.vpermq(x86::ymm(p.dst), x86::ymm(kScratchVec), 0xd8);
}

// One bit per lane in the scratch register, the others zero.
void Emitter::lanes_bits(Reg mask, int lanes) {
    if (v4())
        a_.emit(lanes == 8 ? Inst::kIdKmovb : Inst::kIdKmovw, x86::r11d, kreg(mask));
    else
        a_.emit(lanes == 4 ? Inst::kIdVmovmskpd : Inst::kIdVmovmskps, x86::r11d, x86::ymm(mask));
}

void Emitter::lanes_count(const PlanItem& p) {
    lanes_bits(p.r[0], operand_type_of(p).lane_count());
    a_.popcnt(gp64(p.dst), x86::r11);
}

void Emitter::lanes_any(const PlanItem& p) {
    lanes_bits(p.r[0], operand_type_of(p).lane_count());
    a_.xor_(gp32(p.dst), gp32(p.dst));
    a_.test(x86::r11d, x86::r11d);
    a_.setnz(x86::gpb(p.dst));
}

// Leaves unless every lane holds.
void Emitter::lanes_check(const PlanItem& p, const asmjit::Label& failed) {
    jump_unless_lanes(p.r[0], type_of(f_.operands(p.node)[0]).lane_count(), true, failed);
}

// An If that asks for all lanes, or none.
void Emitter::lanes_branch(const PlanItem& p, const asmjit::Label& otherwise) {
    const LaneTest test = lane_test(f_, f_.operands(p.node)[0]);
    jump_unless_lanes(p.r[0], type_of(test.mask).lane_count(), test.all, otherwise);
}

void Emitter::jump_unless_lanes(Reg mask, int lanes, bool all, const asmjit::Label& target) {
    if (v4()) {
        a_.emit(lanes == 8 ? Inst::kIdKortestb : Inst::kIdKortestw, kreg(mask), kreg(mask));
        if (all)
            a_.jnc(target);  // carry: all ones
        else
            a_.jnz(target);
        return;
    }
    lanes_bits(mask, lanes);
    if (all)
        a_.cmp(x86::r11d, (1 << lanes) - 1);
    else
        a_.test(x86::r11d, x86::r11d);
    a_.jne(target);
}

// ---- Calls

void Emitter::lanes_call(const PlanItem& p) {
    const Node& n = node(p);
    const Type t = operand_type_of(p);
    const auto operands = f_.operands(n);
    const auto bytes = static_cast<uint32_t>(bytes_of(t));
    const auto at = [&](size_t k) { return x86::ptr(x86::rsp, static_cast<int32_t>(call_buffer_ + 64 * k), bytes); };
    for (size_t k = 0; k < operands.size(); ++k) a_.emit(Inst::kIdVmovups, at(k + 1), vec(p.r[k], t));
    const void* const function =
        info(n.op).lowering == Lowering::Call ? call_target(n.op, t.scalar()) : lanes_callee(n.op, t.scalar());
    a_.vzeroupper();
    a_.mov(x86::rdi, static_cast<int64_t>(reinterpret_cast<uintptr_t>(function)));
    a_.lea(x86::rsi, x86::ptr(x86::rsp, static_cast<int32_t>(call_buffer_)));
    a_.mov(x86::edx, t.lane_count());
    const LaneRoutine routine = lane_routine(t.scalar(), static_cast<int>(operands.size()));
    a_.mov(x86::rax, static_cast<int64_t>(reinterpret_cast<uintptr_t>(routine)));
    a_.call(x86::rax);
    a_.emit(Inst::kIdVmovups, vec(p.dst, n.type), at(0));
}

// Bools travel as bytes.
void Emitter::lanes_argument(const PlanItem& p) {
    const Type t = type_of(p.node);
    const auto at = static_cast<int32_t>(call_buffer_ + 64u * (p.r[1] + 1u));
    if (t.scalar() == Scalar::Bool)
        lanes_store_bool(p.r[0], x86::ptr(x86::rsp, at), t.lane_count());
    else
        a_.emit(Inst::kIdVmovups, x86::ptr(x86::rsp, at, static_cast<uint32_t>(bytes_of(t))), vec(p.r[0], t));
}

void Emitter::lanes_native_call(const PlanItem& p) {
    const Type t = node(p).type;
    const NativeFunction* const callee = program_.natives[node(p).imm].get();
    a_.vzeroupper();
    a_.mov(x86::rdi, static_cast<int64_t>(reinterpret_cast<uintptr_t>(callee)));
    a_.lea(x86::rsi, x86::ptr(x86::rsp, static_cast<int32_t>(call_buffer_)));
    a_.mov(x86::edx, t.lane_count());
    a_.mov(x86::rax, static_cast<int64_t>(reinterpret_cast<uintptr_t>(&call_native_lanes)));
    a_.call(x86::rax);
    const auto at = static_cast<int32_t>(call_buffer_);
    if (t.scalar() == Scalar::Bool)
        lanes_load_bool(p.dst, x86::ptr(x86::rsp, at), t.lane_count());
    else
        a_.emit(Inst::kIdVmovups, vec(p.dst, t), x86::ptr(x86::rsp, at, static_cast<uint32_t>(bytes_of(t))));
}

}  // namespace exprjit::jit
