// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Floating-point operations on scalars in vector registers. Packed instructions are used for bit operations only, never
// with a scalar's memory: their operands are registers or 16-byte constants.
#include "jit/emit.h"

namespace exprjit::jit {

using asmjit::Operand;
namespace Inst = x86::Inst;

namespace {

constexpr FpInst kDiv = {{Inst::kIdDivss, Inst::kIdDivsd}, {Inst::kIdVdivss, Inst::kIdVdivsd}};
constexpr FpInst kSub = {{Inst::kIdSubss, Inst::kIdSubsd}, {Inst::kIdVsubss, Inst::kIdVsubsd}};
constexpr FpInst kSqrt = {{Inst::kIdSqrtss, Inst::kIdSqrtsd}, {Inst::kIdVsqrtss, Inst::kIdVsqrtsd}};
constexpr FpInst kMin = {{Inst::kIdMinss, Inst::kIdMinsd}, {Inst::kIdVminss, Inst::kIdVminsd}};
constexpr FpInst kMax = {{Inst::kIdMaxss, Inst::kIdMaxsd}, {Inst::kIdVmaxss, Inst::kIdVmaxsd}};
constexpr FpInst kAnd = {{Inst::kIdAndps, Inst::kIdAndpd}, {Inst::kIdVandps, Inst::kIdVandpd}};
constexpr FpInst kOr = {{Inst::kIdOrps, Inst::kIdOrpd}, {Inst::kIdVorps, Inst::kIdVorpd}};
constexpr FpInst kXor = {{Inst::kIdXorps, Inst::kIdXorpd}, {Inst::kIdVxorps, Inst::kIdVxorpd}};

bool is_register(const Operand& o, Reg r) { return o.isReg() && o.as<asmjit::BaseReg>().id() == r; }

}  // namespace

void Emitter::fp3(const FpInst& id, Type t, Reg dst, Reg a, const Operand& b, bool commutes) {
    const int w = f64_index(t);
    if (avx_) {
        a_.emit(id.avx[w], xmm(dst), xmm(a), b);
    } else if (dst == a) {
        a_.emit(id.sse[w], xmm(dst), b);
    } else if (is_register(b, dst)) {
        if (commutes) {
            a_.emit(id.sse[w], xmm(dst), xmm(a));
        } else {
            move_fp(kScratchVec, a);
            a_.emit(id.sse[w], scratch_xmm(), b);
            move_fp(dst, kScratchVec);
        }
    } else {
        move_fp(dst, a);
        a_.emit(id.sse[w], xmm(dst), b);
    }
}

void Emitter::fp_binary(const FpInst& id, const PlanItem& p) {
    fp3(id, node(p).type, p.dst, p.r[0], operand(p, 1), info(node(p).op).has(kCommutative));
}

void Emitter::emit_Div(const PlanItem& p) { fp_binary(kDiv, p); }

void Emitter::fp_unary(const FpInst& id, const PlanItem& p) {
    const int w = f64_index(node(p).type);
    const Operand from = operand(p, 0);
    // The upper part of the destination comes from somewhere: from the source, or from a zero that breaks the dependency.
    if (avx_ && from.isReg()) {
        a_.emit(id.avx[w], xmm(p.dst), from, from);
    } else if (avx_) {
        zero_fp(p.dst);
        a_.emit(id.avx[w], xmm(p.dst), xmm(p.dst), from);
    } else {
        if (!from.isReg()) zero_fp(p.dst);
        a_.emit(id.sse[w], xmm(p.dst), from);
    }
}

void Emitter::emit_Sqrt(const PlanItem& p) { fp_unary(kSqrt, p); }

void Emitter::fp_round(const PlanItem& p, int mode) {
    const bool f64 = f64_index(node(p).type) == 1;
    const Operand from = operand(p, 0);
    const asmjit::Imm imm(mode | 8);  // 8: no inexact exception
    if (avx_) {
        if (!from.isReg()) zero_fp(p.dst);
        const Operand upper = from.isReg() ? from : Operand(xmm(p.dst));
        a_.emit(f64 ? Inst::kIdVroundsd : Inst::kIdVroundss, xmm(p.dst), upper, from, imm);
    } else {
        if (!from.isReg()) zero_fp(p.dst);
        a_.emit(f64 ? Inst::kIdRoundsd : Inst::kIdRoundss, xmm(p.dst), from, imm);
    }
}

void Emitter::emit_Round(const PlanItem& p) { fp_round(p, 0); }
void Emitter::emit_Floor(const PlanItem& p) { fp_round(p, 1); }
void Emitter::emit_Ceil(const PlanItem& p) { fp_round(p, 2); }
void Emitter::emit_Trunc(const PlanItem& p) { fp_round(p, 3); }

void Emitter::fp_mask(const FpInst& id, const PlanItem& p, MaskConstant f64, MaskConstant f32) {
    const Type t = node(p).type;
    fp3(id, t, p.dst, p.r[0], mask(f64_index(t) == 1 ? f64 : f32));
}

void Emitter::emit_Neg(const PlanItem& p) {
    const Type t = node(p).type;
    if (is_float(t.scalar())) return fp_mask(kXor, p, MaskConstant::Sign64, MaskConstant::Sign32);
    if (p.dst != p.r[0]) a_.mov(gp(p.dst, t), gp(p.r[0], t));
    a_.neg(gp(p.dst, t));
}

void Emitter::emit_Abs(const PlanItem& p) {
    const Type t = node(p).type;
    if (is_float(t.scalar())) return fp_mask(kAnd, p, MaskConstant::Abs64, MaskConstant::Abs32);
    const x86::Gp dst = gp(p.dst, t), a = gp(p.r[0], t);
    a_.mov(dst, a);
    a_.neg(dst);
    a_.cmovs(dst, a);  // of the two, the one that is not negative (MIN is its own negation)
}

// minsd returns its second operand for NaNs and for zeros of both signs. Taken in both orders and merged by `or`: a NaN
// keeps its exponent and stays a NaN, -0 wins over +0.
void Emitter::emit_Min(const PlanItem& p) {
    const Type t = node(p).type;
    if (!is_float(t.scalar())) {
        const x86::Gp a = gp(p.r[0], t), b = gp(p.r[1], t), s = scratch_gp(t);
        a_.mov(s, b);
        a_.cmp(a, b);
        a_.cmovl(s, a);
        a_.mov(gp(p.dst, t), s);
        return;
    }
    fp3(kMin, t, kScratchVec, p.r[0], xmm(p.r[1]));
    fp3(kMin, t, p.dst, p.r[1], xmm(p.r[0]));
    fp3(kOr, t, p.dst, p.dst, scratch_xmm());
}

// As min, but zeros of both signs must give +0. Where the two orders differ, x = s ^ d is the sign bit (zeros) or garbage
// (NaN): (s | x) - x is -0 - -0 = +0 for zeros, NaN for NaN, and s - 0 = s where they agree.
void Emitter::emit_Max(const PlanItem& p) {
    const Type t = node(p).type;
    if (!is_float(t.scalar())) {
        const x86::Gp a = gp(p.r[0], t), b = gp(p.r[1], t), s = scratch_gp(t);
        a_.mov(s, b);
        a_.cmp(a, b);
        a_.cmovg(s, a);
        a_.mov(gp(p.dst, t), s);
        return;
    }
    fp3(kMax, t, kScratchVec, p.r[0], xmm(p.r[1]));
    fp3(kMax, t, p.dst, p.r[1], xmm(p.r[0]));
    fp3(kXor, t, p.dst, p.dst, scratch_xmm());
    fp3(kOr, t, kScratchVec, kScratchVec, xmm(p.dst));
    fp3(kSub, t, p.dst, kScratchVec, xmm(p.dst));
}

// Bit 0: the product is negated, bit 1: the addend is.
unsigned Emitter::fma_signs(ValueId v) const {
    if (!u_.has(v, kNegates)) return 0;
    const auto operands = f_.operands(v);
    const auto is_negated = [&](size_t k) { return f_[operands[k]].op == Op::Neg ? 1u : 0u; };
    return (is_negated(0) ^ is_negated(1)) | is_negated(2) << 1;
}

void Emitter::emit_Fma(const PlanItem& p) {
    if (!avx_) return call(p);
    static constexpr InstId kBy213[4][2] = {{Inst::kIdVfmadd213ss, Inst::kIdVfmadd213sd},
                                            {Inst::kIdVfnmadd213ss, Inst::kIdVfnmadd213sd},
                                            {Inst::kIdVfmsub213ss, Inst::kIdVfmsub213sd},
                                            {Inst::kIdVfnmsub213ss, Inst::kIdVfnmsub213sd}};
    static constexpr InstId kBy231[4][2] = {{Inst::kIdVfmadd231ss, Inst::kIdVfmadd231sd},
                                            {Inst::kIdVfnmadd231ss, Inst::kIdVfnmadd231sd},
                                            {Inst::kIdVfmsub231ss, Inst::kIdVfmsub231sd},
                                            {Inst::kIdVfnmsub231ss, Inst::kIdVfnmsub231sd}};
    const int w = f64_index(node(p).type);
    const unsigned signs = fma_signs(p.node);
    const InstId by213 = kBy213[signs][w], by231 = kBy231[signs][w];
    const Operand c = operand(p, 2);
    if (p.dst == p.r[0]) {
        a_.emit(by213, xmm(p.dst), xmm(p.r[1]), c);
    } else if (p.dst == p.r[1]) {
        a_.emit(by213, xmm(p.dst), xmm(p.r[0]), c);
    } else if (is_register(c, p.dst)) {
        a_.emit(by231, xmm(p.dst), xmm(p.r[0]), xmm(p.r[1]));
    } else {
        move_fp(p.dst, p.r[0]);
        a_.emit(by213, xmm(p.dst), xmm(p.r[1]), c);
    }
}

// ---- Conversion

void Emitter::emit_RawBits(const PlanItem& p) {
    const bool w = wide(node(p).type);
    if (w)
        a_.emit(avx_ ? Inst::kIdVmovq : Inst::kIdMovq, gp64(p.dst), xmm(p.r[0]));
    else
        a_.emit(avx_ ? Inst::kIdVmovd : Inst::kIdMovd, gp32(p.dst), xmm(p.r[0]));
}

void Emitter::emit_FromBits(const PlanItem& p) {
    const bool w = wide(operand_type_of(p));
    if (w)
        a_.emit(avx_ ? Inst::kIdVmovq : Inst::kIdMovq, xmm(p.dst), gp64(p.r[0]));
    else
        a_.emit(avx_ ? Inst::kIdVmovd : Inst::kIdMovd, xmm(p.dst), gp32(p.r[0]));
}

void Emitter::emit_TruncToInt(const PlanItem& p) {
    const bool f64 = operand_type_of(p).scalar() == Scalar::F64;
    const InstId id =
        avx_ ? (f64 ? Inst::kIdVcvttsd2si : Inst::kIdVcvttss2si) : (f64 ? Inst::kIdCvttsd2si : Inst::kIdCvttss2si);
    a_.emit(id, gp(p.dst, node(p).type), operand(p, 0));
}

void Emitter::emit_IntToFloat(const PlanItem& p) {
    const bool f64 = f64_index(node(p).type) == 1;
    zero_fp(p.dst);  // cvtsi2sd merges into its destination: a zero breaks the dependency
    const Operand from = operand(p, 0);
    if (avx_)
        a_.emit(f64 ? Inst::kIdVcvtsi2sd : Inst::kIdVcvtsi2ss, xmm(p.dst), xmm(p.dst), from);
    else
        a_.emit(f64 ? Inst::kIdCvtsi2sd : Inst::kIdCvtsi2ss, xmm(p.dst), from);
}

void Emitter::emit_FloatToFloat(const PlanItem& p) {
    const Type from = operand_type_of(p), to = node(p).type;
    if (from == to) {
        if (is_reg(p.r[0])) return move_fp(p.dst, p.r[0]);
        const bool f64 = from.scalar() == Scalar::F64;
        a_.emit(avx_ ? (f64 ? Inst::kIdVmovsd : Inst::kIdVmovss) : (f64 ? Inst::kIdMovsd : Inst::kIdMovss), xmm(p.dst),
                operand(p, 0));
        return;
    }
    const bool narrow = from.scalar() == Scalar::F64;
    const Operand source = operand(p, 0);
    if (avx_) {
        if (!source.isReg()) zero_fp(p.dst);
        const Operand upper = source.isReg() ? source : Operand(xmm(p.dst));
        a_.emit(narrow ? Inst::kIdVcvtsd2ss : Inst::kIdVcvtss2sd, xmm(p.dst), upper, source);
    } else {
        if (!is_register(source, p.dst)) zero_fp(p.dst);
        a_.emit(narrow ? Inst::kIdCvtsd2ss : Inst::kIdCvtss2sd, xmm(p.dst), source);
    }
}

void Emitter::emit_FromBool(const PlanItem& p) {
    if (is_float(node(p).type.scalar())) return emit_IntToFloat(p);
    a_.mov(gp32(p.dst), gp32(p.r[0]));
}

// ---- Selection

void Emitter::emit_Select(const PlanItem& p) {
    if (is_float(node(p).type.scalar()))
        select_float(p);
    else
        select_int(p);
}

// Whether an item leaves the vector scratch register as it is, on the levels that have AVX. Only what stands between the
// selects of an expansion is worth naming.
bool Emitter::keeps_vector_scratch(const PlanItem& p) const {
    if (!avx_ || lanes_ || p.dst == kScratchVec) return false;
    if (p.kind == ItemKind::Define || p.kind == ItemKind::Move) return true;
    if (p.kind == ItemKind::Reload) return is_const(node(p));
    if (p.kind != ItemKind::Op) return false;
    switch (node(p).op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div:
    case Op::Fma:
    case Op::Neg:
    case Op::Abs:
    case Op::Sqrt:
    case Op::And:
    case Op::Or:
    case Op::Xor:
    case Op::RawBits:
    case Op::FromBits:
    case Op::Select: return true;
    default: return false;
    }
}

// The condition as a mask of all ones or zeros in the scratch register, then a blend. Selects that follow on the same
// condition find it there.
void Emitter::select_float(const PlanItem& p) {
    const Type t = node(p).type;
    const ValueId cond = f_.operands(p.node)[0];
    const bool fused = u_.has(p.node, kFuseCompare);
    const Type compared = fused ? type_of(f_.operands(cond)[0]) : kBool;
    if (fused && compared == t && avx_) {
        static constexpr uint8_t kPredicate[] = {0x00, 0x04, 0x11,
                                                 0x12, 0x1e, 0x1d};  // eq neq_uq lt_oq le_oq gt_oq ge_oq
        const int which = static_cast<int>(f_[cond].op) - static_cast<int>(Op::Eq);
        if (mask_in_scratch_ != cond) {
            a_.emit(f64_index(t) == 1 ? Inst::kIdVcmpsd : Inst::kIdVcmpss, scratch_xmm(), xmm(p.r[kOperand0]),
                    operand_at(p, kCompareRight, value_of(p, kCompareRight)), asmjit::Imm(kPredicate[which]));
        }
        mask_in_scratch_ = cond;
    } else {
        mask_in_scratch_ = kNoValue;
        const Condition c = condition(p);
        set(c, kScratchGp);
        a_.neg(x86::r11);
        a_.emit(avx_ ? Inst::kIdVmovq : Inst::kIdMovq, scratch_xmm(), x86::r11);
    }
    if (avx_) {
        a_.emit(f64_index(t) == 1 ? Inst::kIdVblendvpd : Inst::kIdVblendvps, xmm(p.dst), xmm(p.r[2]), xmm(p.r[1]),
                scratch_xmm());
        return;
    }
    move_fp(p.dst, p.r[1]);  // apart from the operands: early_clobber
    a_.andps(xmm(p.dst), scratch_xmm());
    a_.andnps(scratch_xmm(), xmm(p.r[2]));
    a_.orps(xmm(p.dst), scratch_xmm());
}

}  // namespace exprjit::jit
