// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Floating-point operations on lanes: the same sequences as for scalars (emit_float.cpp), so that the bits are the same.
#include "jit/emit.h"

namespace exprjit::jit {

using asmjit::Operand;
namespace Inst = x86::Inst;

namespace {

// The packed forms, single and double.
struct PackedInst {
    InstId id[2];
};
constexpr PackedInst kAdd = {{Inst::kIdVaddps, Inst::kIdVaddpd}}, kSub = {{Inst::kIdVsubps, Inst::kIdVsubpd}},
                     kMul = {{Inst::kIdVmulps, Inst::kIdVmulpd}}, kDiv = {{Inst::kIdVdivps, Inst::kIdVdivpd}},
                     kSqrt = {{Inst::kIdVsqrtps, Inst::kIdVsqrtpd}}, kMin = {{Inst::kIdVminps, Inst::kIdVminpd}},
                     kMax = {{Inst::kIdVmaxps, Inst::kIdVmaxpd}}, kAnd = {{Inst::kIdVandps, Inst::kIdVandpd}},
                     kOr = {{Inst::kIdVorps, Inst::kIdVorpd}}, kXor = {{Inst::kIdVxorps, Inst::kIdVxorpd}},
                     kBlendByK = {{Inst::kIdVblendmps, Inst::kIdVblendmpd}},
                     kBlend = {{Inst::kIdVblendvps, Inst::kIdVblendvpd}},
                     kCompare = {{Inst::kIdVcmpps, Inst::kIdVcmppd}}, kRound = {{Inst::kIdVroundps, Inst::kIdVroundpd}},
                     kRoundScale = {{Inst::kIdVrndscaleps, Inst::kIdVrndscalepd}};

// By what is negated: nothing, the product, the addend, both.
constexpr PackedInst kFma132[4] = {{{Inst::kIdVfmadd132ps, Inst::kIdVfmadd132pd}},
                                   {{Inst::kIdVfnmadd132ps, Inst::kIdVfnmadd132pd}},
                                   {{Inst::kIdVfmsub132ps, Inst::kIdVfmsub132pd}},
                                   {{Inst::kIdVfnmsub132ps, Inst::kIdVfnmsub132pd}}};
constexpr PackedInst kFma213[4] = {{{Inst::kIdVfmadd213ps, Inst::kIdVfmadd213pd}},
                                   {{Inst::kIdVfnmadd213ps, Inst::kIdVfnmadd213pd}},
                                   {{Inst::kIdVfmsub213ps, Inst::kIdVfmsub213pd}},
                                   {{Inst::kIdVfnmsub213ps, Inst::kIdVfnmsub213pd}}};
constexpr PackedInst kFma231[4] = {{{Inst::kIdVfmadd231ps, Inst::kIdVfmadd231pd}},
                                   {{Inst::kIdVfnmadd231ps, Inst::kIdVfnmadd231pd}},
                                   {{Inst::kIdVfmsub231ps, Inst::kIdVfmsub231pd}},
                                   {{Inst::kIdVfnmsub231ps, Inst::kIdVfnmsub231pd}}};

const PackedInst& packed(Op op) {
    switch (op) {
    case Op::Add: return kAdd;
    case Op::Sub: return kSub;
    case Op::Mul: return kMul;
    default: return kDiv;
    }
}

}  // namespace

void Emitter::lanes_float(const PlanItem& p) {
    const Op op = node(p).op;
    const Type t = operand_type_of(p);
    const int w = f64_index(t), size = w == 1 ? 8 : 4;
    const auto d = [&] { return vec(p.dst, t); };
    const auto a = [&] { return vec(p.r[0], t); };
    const auto binary = [&](const PackedInst& inst) { a_.emit(inst.id[w], d(), a(), lanes_operand(p, 1)); };
    const auto round = [&](int mode) {
        a_.emit((v4() ? kRoundScale : kRound).id[w], d(), lanes_operand(p, 0), asmjit::Imm(mode | 8));
    };
    const auto with_constant = [&](const PackedInst& inst, uint64_t bits) {
        a_.emit(inst.id[w], d(), a(), lanes_const(bits, size, bytes_of(t)));
    };
    switch (op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div: return binary(packed(op));
    case Op::Sqrt: a_.emit(kSqrt.id[w], d(), lanes_operand(p, 0)); return;
    case Op::Round: return round(0);
    case Op::Floor: return round(1);
    case Op::Ceil: return round(2);
    case Op::Trunc: return round(3);
    case Op::Neg: return with_constant(kXor, w == 1 ? 0x8000000000000000u : 0x80000000u);
    case Op::Abs: return with_constant(kAnd, w == 1 ? 0x7fffffffffffffffu : 0x7fffffffu);
    case Op::Fma: return lanes_float_fma(p);
    case Op::Select: return lanes_float_select(p);
    case Op::Min:
    case Op::Max: {  // see emit_Min, emit_Max
        const x86::Vec s = vec(kScratchVec, t), b = vec(p.r[1], t);
        const PackedInst& inst = op == Op::Min ? kMin : kMax;
        a_.emit(inst.id[w], s, a(), b);
        a_.emit(inst.id[w], d(), b, a());
        if (op == Op::Min) {
            a_.emit(kOr.id[w], d(), d(), s);
        } else {
            a_.emit(kXor.id[w], d(), d(), s);
            a_.emit(kOr.id[w], s, s, d());
            a_.emit(kSub.id[w], d(), s, d());
        }
        return;
    }
    default: return lanes_float_compare(p);
    }
}

void Emitter::lanes_float_compare(const PlanItem& p) {
    static constexpr uint8_t kPredicate[] = {0x00, 0x04, 0x11, 0x12, 0x1e, 0x1d};  // eq neq_uq lt_oq le_oq gt_oq ge_oq
    const Type t = operand_type_of(p);
    const asmjit::Imm predicate(kPredicate[static_cast<int>(node(p).op) - static_cast<int>(Op::Eq)]);
    const InstId id = kCompare.id[f64_index(t)];
    const x86::Vec a = vec(p.r[0], t);
    if (v4()) {
        a_.emit(id, kreg(p.dst), a, lanes_operand(p, 1), predicate);
    } else if (bytes_of(t) == 32) {
        a_.emit(id, x86::ymm(p.dst), a, lanes_operand(p, 1), predicate);
    } else {
        a_.emit(id, xmm(kScratchVec), a, lanes_operand(p, 1), predicate);
        widen_mask(p.dst, kScratchVec);
    }
}

void Emitter::lanes_float_select(const PlanItem& p) {
    const Type t = node(p).type;
    const int w = f64_index(t);
    const x86::Vec d = vec(p.dst, t), otherwise = vec(p.r[2], t);
    if (u_.has(p.node, kFoldOperand1)) {
        const Node& merged = f_[f_.operands(p.node)[1]];
        const InstId id = packed(merged.op).id[w];
        const Operand x = lanes_operand_at(p, kOperand1, merged_operand(f_, p.node));
        const bool in_the_way = x.isReg() && x.as<asmjit::BaseReg>().id() == p.dst && p.dst != p.r[2];
        const x86::Vec target = in_the_way ? vec(kScratchVec, t) : d;
        vmov(target, otherwise);
        a_.k(kreg(p.r[0])).emit(id, target, target, x);
        vmov(d, target);
        return;
    }
    if (v4()) {
        a_.k(kreg(p.r[0])).emit(kBlendByK.id[w], d, otherwise, lanes_operand(p, 1));
        return;
    }
    Reg mask = p.r[0];
    if (bytes_of(t) == 16) {
        narrow_mask(kScratchVec, mask);
        mask = kScratchVec;
    }
    a_.emit(kBlend.id[w], d, otherwise, lanes_operand(p, 1), vec(mask, t));
}

void Emitter::lanes_float_fma(const PlanItem& p) {
    const Type t = node(p).type;
    const int w = f64_index(t);
    const unsigned signs = fma_signs(p.node);
    const x86::Vec d = vec(p.dst, t), a = vec(p.r[0], t);
    const auto is_dst = [&](const Operand& o) { return o.isReg() && o.as<asmjit::BaseReg>().id() == p.dst; };
    const Operand b = lanes_operand(p, 1), c = lanes_operand(p, 2);
    if (!b.isReg()) {  // a factor in memory
        if (is_dst(c)) {
            a_.emit(kFma231[signs].id[w], d, a, b);
        } else {
            vmov(d, a);
            a_.emit(kFma132[signs].id[w], d, c, b);
        }
    } else if (is_dst(c)) {
        a_.emit(kFma231[signs].id[w], d, a, b);
    } else if (is_dst(b)) {
        a_.emit(kFma213[signs].id[w], d, a, c);
    } else {
        vmov(d, a);
        a_.emit(kFma213[signs].id[w], d, b, c);
    }
}

}  // namespace exprjit::jit
