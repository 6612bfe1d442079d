// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Comparisons: to flags, to a bool, to a branch. ucomisd sets the parity flag when an operand is a NaN, and carry and zero
// with it; the conditions below are chosen so that a NaN makes every comparison but != false.
#include "jit/emit.h"

namespace exprjit::jit {

using Cc = x86::CondCode;
using Parity = Condition::Parity;

Condition Emitter::compare(Op op, Type t, Reg left, const asmjit::Operand& right) {
    if (!is_float(t.scalar())) {
        const x86::Gp l = gp(left, t);
        if (right.isImm() && right.as<asmjit::Imm>().value() == 0)
            a_.test(l, l);
        else
            a_.emit(x86::Inst::kIdCmp, l, right);
        const bool is_bool = t.scalar() == Scalar::Bool;
        switch (op) {
        case Op::Eq: return {Cc::kE, Parity::Ignore};
        case Op::Ne: return {Cc::kNE, Parity::Ignore};
        case Op::Lt: return {is_bool ? Cc::kB : Cc::kL, Parity::Ignore};
        case Op::Le: return {is_bool ? Cc::kBE : Cc::kLE, Parity::Ignore};
        case Op::Gt: return {is_bool ? Cc::kA : Cc::kG, Parity::Ignore};
        default: return {is_bool ? Cc::kAE : Cc::kGE, Parity::Ignore};
        }
    }
    const bool f64 = t.scalar() == Scalar::F64;
    const InstId id = avx_ ? (f64 ? x86::Inst::kIdVucomisd : x86::Inst::kIdVucomiss)
                           : (f64 ? x86::Inst::kIdUcomisd : x86::Inst::kIdUcomiss);
    const bool less = op == Op::Lt || op == Op::Le;
    if (less && right.isReg()) {  // b > a: "above" is false for a NaN, "below" would be true
        a_.emit(id, right, xmm(left));
        return {op == Op::Lt ? Cc::kA : Cc::kAE, Parity::Ignore};
    }
    a_.emit(id, xmm(left), right);
    switch (op) {
    case Op::Eq: return {Cc::kE, Parity::AndOrdered};
    case Op::Ne: return {Cc::kNE, Parity::OrUnordered};
    case Op::Lt: return {Cc::kB, Parity::AndOrdered};
    case Op::Le: return {Cc::kBE, Parity::AndOrdered};
    case Op::Gt: return {Cc::kA, Parity::Ignore};
    default: return {Cc::kAE, Parity::Ignore};
    }
}

// The condition of an If, Check or Select: its own compare, or a bool in a register.
Condition Emitter::condition(const PlanItem& p) {
    const Node& cond = f_[f_.operands(p.node)[0]];
    if (u_.has(p.node, kFuseCompare)) {
        const auto compared = f_.operands(cond);
        return compare(cond.op, type_of(compared[0]), p.r[kOperand0], operand_at(p, kCompareRight, compared[1]));
    }
    a_.test(gp32(p.r[kOperand0]), gp32(p.r[kOperand0]));
    return {Cc::kNE, Parity::Ignore};
}

void Emitter::set(const Condition& c, Reg dst) {
    const x86::Gp low = x86::gpb(dst), other = x86::gpb(kScratchGp);
    a_.emit(x86::Inst::setccFromCond(c.cc), low);
    if (dst == kScratchGp && c.parity != Parity::Ignore) {  // no second register: the rare unordered case is a branch
        const asmjit::Label ordered = a_.newLabel();
        a_.jnp(ordered);
        a_.mov(gp32(dst), c.parity == Parity::OrUnordered ? 1 : 0);
        a_.bind(ordered);
    } else if (c.parity == Parity::AndOrdered) {
        a_.setnp(other);
        a_.and_(low, other);
    } else if (c.parity == Parity::OrUnordered) {
        a_.setp(other);
        a_.or_(low, other);
    }
    a_.movzx(gp32(dst), low);
}

void Emitter::compare_to_bool(const PlanItem& p) {
    set(compare(node(p).op, operand_type_of(p), p.r[0], operand(p, 1)), p.dst);
}

void Emitter::jump_unless(const Condition& c, const asmjit::Label& target) {
    const auto jump_if_not = [&] { a_.emit(x86::Inst::jccFromCond(x86::negateCond(c.cc)), target); };
    switch (c.parity) {
    case Parity::Ignore: jump_if_not(); break;
    case Parity::AndOrdered:
        a_.jp(target);
        jump_if_not();
        break;
    case Parity::OrUnordered: {
        const asmjit::Label holds = a_.newLabel();
        a_.jp(holds);
        jump_if_not();
        a_.bind(holds);
        break;
    }
    }
}

void Emitter::emit_Eq(const PlanItem& p) { compare_to_bool(p); }
void Emitter::emit_Ne(const PlanItem& p) { compare_to_bool(p); }
void Emitter::emit_Lt(const PlanItem& p) { compare_to_bool(p); }
void Emitter::emit_Le(const PlanItem& p) { compare_to_bool(p); }
void Emitter::emit_Gt(const PlanItem& p) { compare_to_bool(p); }
void Emitter::emit_Ge(const PlanItem& p) { compare_to_bool(p); }

}  // namespace exprjit::jit
