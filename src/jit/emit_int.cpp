// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Integer and bool operations. Two-address forms go through the scratch register where the destination is also the second
// operand; i32 and bool work on 32-bit registers.
#include <bit>

#include "jit/emit.h"

namespace exprjit::jit {

using asmjit::Operand;

namespace {

bool is_register(const Operand& o, Reg r) { return o.isReg() && o.as<asmjit::BaseReg>().id() == r; }

}  // namespace

void Emitter::int_binary(InstId id, const PlanItem& p, bool commutes) {
    const Type t = node(p).type;
    const Operand b = operand(p, 1);
    const x86::Gp dst = gp(p.dst, t), a = gp(p.r[0], t);
    // A folded load's address must survive the copy of the first operand.
    const bool clobbers = is_register(b, p.dst) || (b.isMem() && (p.r[4] == p.dst || p.r[5] == p.dst));
    if (p.dst == p.r[0]) {
        a_.emit(id, dst, b);
    } else if (clobbers && commutes && b.isReg()) {
        a_.emit(id, dst, a);
    } else if (clobbers) {
        const x86::Gp s = scratch_gp(t);
        a_.mov(s, a);
        a_.emit(id, s, b);
        a_.mov(dst, s);
    } else {
        a_.mov(dst, a);
        a_.emit(id, dst, b);
    }
}

void Emitter::emit_Add(const PlanItem& p) {
    static constexpr FpInst kAdd = {{x86::Inst::kIdAddss, x86::Inst::kIdAddsd},
                                    {x86::Inst::kIdVaddss, x86::Inst::kIdVaddsd}};
    const Type t = node(p).type;
    if (is_float(t.scalar())) return fp_binary(kAdd, p);
    const Operand b = operand(p, 1);
    if (p.dst != p.r[0] && b.isReg()) {
        x86::Mem sum = x86::ptr(gp64(p.r[0]), gp64(p.r[1]));
        a_.lea(gp(p.dst, t), sum);
    } else if (p.dst != p.r[0] && b.isImm()) {
        a_.lea(gp(p.dst, t), x86::ptr(gp64(p.r[0]), static_cast<int32_t>(b.as<asmjit::Imm>().value())));
    } else {
        int_binary(x86::Inst::kIdAdd, p, true);
    }
}

void Emitter::emit_Sub(const PlanItem& p) {
    static constexpr FpInst kSub = {{x86::Inst::kIdSubss, x86::Inst::kIdSubsd},
                                    {x86::Inst::kIdVsubss, x86::Inst::kIdVsubsd}};
    if (is_float(node(p).type.scalar()))
        fp_binary(kSub, p);
    else
        int_binary(x86::Inst::kIdSub, p, false);
}

void Emitter::emit_Mul(const PlanItem& p) {
    static constexpr FpInst kMul = {{x86::Inst::kIdMulss, x86::Inst::kIdMulsd},
                                    {x86::Inst::kIdVmulss, x86::Inst::kIdVmulsd}};
    const Type t = node(p).type;
    if (is_float(t.scalar())) return fp_binary(kMul, p);
    const Operand b = operand(p, 1);
    const int64_t factor = b.isImm() ? b.as<asmjit::Imm>().value() : 0;
    if (factor > 0 && std::has_single_bit(static_cast<uint64_t>(factor))) {
        if (p.dst != p.r[0]) a_.mov(gp(p.dst, t), gp(p.r[0], t));
        if (factor != 1) a_.shl(gp(p.dst, t), std::countr_zero(static_cast<uint64_t>(factor)));
    } else if (b.isImm())
        a_.emit(x86::Inst::kIdImul, gp(p.dst, t), gp(p.r[0], t), b);
    else
        int_binary(x86::Inst::kIdImul, p, true);
}

void Emitter::emit_And(const PlanItem& p) { int_binary(x86::Inst::kIdAnd, p, true); }
void Emitter::emit_Or(const PlanItem& p) { int_binary(x86::Inst::kIdOr, p, true); }
void Emitter::emit_Xor(const PlanItem& p) { int_binary(x86::Inst::kIdXor, p, true); }

void Emitter::emit_Not(const PlanItem& p) {
    const Type t = node(p).type;
    if (p.dst != p.r[0]) a_.mov(gp(p.dst, t), gp(p.r[0], t));
    if (t.scalar() == Scalar::Bool)
        a_.xor_(gp32(p.dst), 1);
    else
        a_.not_(gp(p.dst, t));
}

void Emitter::overflow(InstId id, const PlanItem& p) {  // the destinations are apart from the operands
    const Type t = node(p).type;
    const x86::Gp dst = gp(p.dst, t);
    const Operand b = operand(p, 1);
    if (id == x86::Inst::kIdImul && b.isImm()) {
        a_.emit(id, dst, gp(p.r[0], t), b);
    } else {
        a_.mov(dst, gp(p.r[0], t));
        a_.emit(id, dst, b);
    }
    a_.seto(x86::gpb(p.dst2));
    a_.movzx(gp32(p.dst2), x86::gpb(p.dst2));
}

void Emitter::emit_AddOverflow(const PlanItem& p) { overflow(x86::Inst::kIdAdd, p); }
void Emitter::emit_SubOverflow(const PlanItem& p) { overflow(x86::Inst::kIdSub, p); }
void Emitter::emit_MulOverflow(const PlanItem& p) { overflow(x86::Inst::kIdImul, p); }

// rax / r[1]. Divisors 0 and -1 are the only ones that can trap; they leave to a cold block.
void Emitter::divide(const PlanItem& p) {
    const Type t = node(p).type;
    const x86::Gp divisor = gp(p.r[1], t);
    const Node& d = f_[f_.operands(p.node)[1]];
    const int64_t value = wide(t) ? static_cast<int64_t>(d.imm) : static_cast<int32_t>(d.imm);
    const bool guarded = !is_const(d) || value == 0 || value == -1;
    if (guarded) {
        odd_divisors_.push_back({a_.newLabel(), a_.newLabel(), p});
        const x86::Gp s = scratch_gp(t);
        a_.lea(s, x86::ptr(gp64(p.r[1]), 1));
        a_.cmp(s, 1);
        a_.jbe(odd_divisors_.back().label);
    }
    if (wide(t))
        a_.cqo();
    else
        a_.cdq();
    a_.idiv(divisor);
    if (guarded) a_.bind(odd_divisors_.back().back);
}

void Emitter::emit_Quot(const PlanItem& p) { divide(p); }
void Emitter::emit_Rem(const PlanItem& p) { divide(p); }

// Counts outside 0 … width-1 act as huge: 0 for shl and shru, the sign for shr.
void Emitter::shift(const PlanItem& p, InstId by_imm, InstId by_cl, InstId by_reg) {
    const Type t = node(p).type;
    const int width = wide(t) ? 64 : 32;
    const x86::Gp dst = gp(p.dst, t), a = gp(p.r[0], t), s = scratch_gp(t);
    const bool arithmetic = node(p).op == Op::Shr;
    if (p.r[1] == kImm) {
        uint64_t count = static_cast<uint64_t>(operand(p, 1).as<asmjit::Imm>().value());
        if (count >= static_cast<uint64_t>(width)) {
            if (!arithmetic) {
                a_.xor_(gp32(p.dst), gp32(p.dst));
                return;
            }
            count = static_cast<uint64_t>(width - 1);
        }
        a_.mov(dst, a);
        if (count != 0) a_.emit(by_imm, dst, asmjit::Imm(static_cast<int64_t>(count)));
        return;
    }
    const x86::Gp count = gp(p.r[1], t);
    if (arithmetic) {
        a_.mov(s, width - 1);
        a_.cmp(count, s);
        a_.cmovb(s, count);
    }
    if (by_reg != 0 && avx_) {  // BMI2
        a_.emit(by_reg, dst, a, arithmetic ? s : count);
    } else {
        if (arithmetic) a_.mov(gp(kRcx, t), s);
        a_.mov(dst, a);
        a_.emit(by_cl, dst, x86::cl);
    }
    if (!arithmetic) {
        a_.mov(s, 0);  // xor would do, but the flags below are clearer when nothing else touches them
        a_.cmp(count, width - 1);
        a_.cmova(dst, s);
    }
}

void Emitter::emit_Shl(const PlanItem& p) { shift(p, x86::Inst::kIdShl, x86::Inst::kIdShl, x86::Inst::kIdShlx); }
void Emitter::emit_Shr(const PlanItem& p) { shift(p, x86::Inst::kIdSar, x86::Inst::kIdSar, x86::Inst::kIdSarx); }
void Emitter::emit_Shru(const PlanItem& p) { shift(p, x86::Inst::kIdShr, x86::Inst::kIdShr, x86::Inst::kIdShrx); }

void Emitter::rotate(const PlanItem& p, InstId id) {
    const Type t = node(p).type;
    a_.mov(gp(p.dst, t), gp(p.r[0], t));
    if (p.r[1] == kImm) {
        const int64_t count = operand(p, 1).as<asmjit::Imm>().value() & (wide(t) ? 63 : 31);
        if (count != 0) a_.emit(id, gp(p.dst, t), asmjit::Imm(count));
    } else {
        a_.emit(id, gp(p.dst, t), x86::cl);  // the hardware takes the count modulo the width
    }
}

void Emitter::emit_Rotl(const PlanItem& p) { rotate(p, x86::Inst::kIdRol); }
void Emitter::emit_Rotr(const PlanItem& p) { rotate(p, x86::Inst::kIdRor); }

void Emitter::emit_Popcount(const PlanItem& p) {
    const Type t = node(p).type;
    a_.popcnt(gp(p.dst, t), gp(p.r[0], t));
}

void Emitter::emit_Clz(const PlanItem& p) {
    const Type t = node(p).type;
    const x86::Gp dst = gp(p.dst, t), a = gp(p.r[0], t), s = scratch_gp(t);
    if (avx_) {
        a_.lzcnt(dst, a);
        return;
    }
    const int width = wide(t) ? 64 : 32;
    a_.mov(s, 2 * width - 1);  // bsr leaves its destination undefined for 0
    a_.bsr(dst, a);
    a_.cmovz(dst, s);
    a_.xor_(dst, width - 1);
}

void Emitter::emit_Ctz(const PlanItem& p) {
    const Type t = node(p).type;
    const x86::Gp dst = gp(p.dst, t), a = gp(p.r[0], t), s = scratch_gp(t);
    if (avx_) {
        a_.tzcnt(dst, a);
        return;
    }
    a_.mov(s, wide(t) ? 64 : 32);
    a_.bsf(dst, a);
    a_.cmovz(dst, s);
}

void Emitter::emit_Bswap(const PlanItem& p) {
    const Type t = node(p).type;
    if (p.dst != p.r[0]) a_.mov(gp(p.dst, t), gp(p.r[0], t));
    a_.bswap(gp(p.dst, t));
}

void Emitter::emit_Widen(const PlanItem& p) {
    if (wide(operand_type_of(p)) || !wide(node(p).type))
        a_.mov(gp64(p.dst), gp64(p.r[0]));
    else
        a_.movsxd(gp64(p.dst), gp32(p.r[0]));
}

void Emitter::emit_Wrap(const PlanItem& p) {
    const Type t = node(p).type;
    if (wide(t) && !wide(operand_type_of(p)))
        a_.movsxd(gp64(p.dst), gp32(p.r[0]));
    else
        a_.mov(gp(p.dst, t), gp(p.r[0], t));
}

// dst = condition ? r[1] : r[2], without a branch.
void Emitter::select_int(const PlanItem& p) {
    const Type t = node(p).type;
    const Condition c = condition(p);
    const x86::Gp dst = gp(p.dst, t), s = scratch_gp(t);
    const Operand yes = operand(p, 1), no = operand(p, 2);
    const auto set_to = [&](const Operand& v) {
        if (!is_register(v, p.dst)) a_.emit(x86::Inst::kIdMov, dst, v);  // mov leaves the flags alone
    };
    const auto move_if = [&](x86::CondCode cc, const Operand& v) { a_.emit(x86::Inst::cmovccFromCond(cc), dst, v); };
    // Start from one choice and overwrite it with the other, whichever the destination does not already hold.
    const bool start_with_yes =
        c.parity == Condition::Parity::AndOrdered || (c.parity == Condition::Parity::Ignore && is_register(yes, p.dst));
    const Operand first = start_with_yes ? yes : no;
    Operand then = start_with_yes ? no : yes;
    if (then.isImm() || is_register(then, p.dst)) {
        a_.emit(x86::Inst::kIdMov, s, then);
        then = s;
    }
    set_to(first);
    switch (c.parity) {
    case Condition::Parity::Ignore: move_if(start_with_yes ? x86::negateCond(c.cc) : c.cc, then); break;
    case Condition::Parity::AndOrdered:
        move_if(x86::negateCond(c.cc), then);
        move_if(x86::CondCode::kPE, then);
        break;
    case Condition::Parity::OrUnordered:
        move_if(c.cc, then);
        move_if(x86::CondCode::kPE, then);
        break;
    }
}

}  // namespace exprjit::jit
