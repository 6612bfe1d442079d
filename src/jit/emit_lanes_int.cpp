// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: integer arithmetic, logic, comparison and choice.
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;
using asmjit::Operand;

void LaneOps::emit_bool() {
    switch (o_.op) {
    case Op::Eq:
    case Op::Ne: return compare_bools();
    case Op::Select: return select_bools();
    default: return bitwise_bools();
    }
}

void LaneOps::emit() {
    if (convert()) return;
    if (o_.from == Scalar::Bool) return emit_bool();
    switch (o_.op) {
    case Op::Add: return binary({Inst::kIdVpaddd, Inst::kIdVpaddq});
    case Op::Sub: return binary({Inst::kIdVpsubd, Inst::kIdVpsubq});
    case Op::Mul: return multiply();
    case Op::Neg: zero(kScratchVec); return emit({Inst::kIdVpsubd, Inst::kIdVpsubq}, dst(), s(), a());
    case Op::Abs: return absolute();
    case Op::Min: return min_max(true);
    case Op::Max: return min_max(false);
    case Op::And:
    case Op::Or:
    case Op::Xor: return bitwise();
    case Op::Not: return invert();
    case Op::AddOverflow: return add_overflow(false);
    case Op::SubOverflow: return add_overflow(true);
    case Op::MulOverflow: return wide_ ? multiply_overflow_wide() : multiply_overflow();
    case Op::Shl:
    case Op::Shr:
    case Op::Shru: return shift();
    case Op::Rotl: return rotate(true);
    case Op::Rotr: return rotate(false);
    case Op::Popcount: return popcount();
    case Op::Clz: return leading_zeros();
    case Op::Ctz: return trailing_zeros();
    case Op::Bswap: return swap_bytes();
    case Op::Quot:
    case Op::Rem: return divide();
    case Op::Select: return select();
    default: return compare();
    }
}

// ---- Arithmetic

void LaneOps::multiply() {
    if (!wide_ || v4_) return binary({Inst::kIdVpmulld, Inst::kIdVpmullq});
    // AVX2 multiplies 32 by 32 bits: a * b = lo * lo + ((a_hi * b_lo + a_lo * b_hi) << 32).
    const x86::Vec b = b_register(kScratchVec2);
    a_.vpsrlq(s(), a(), 32);
    a_.vpmuludq(s(), s(), b);
    a_.vpsrlq(s2(), b, 32);
    a_.vpmuludq(s2(), s2(), a());
    a_.vpaddq(s(), s(), s2());
    a_.vpsllq(s(), s(), 32);
    a_.vpmuludq(s2(), a(), b);
    a_.vpaddq(dst(), s(), s2());
}

void LaneOps::absolute() {  // MIN stays
    if (!wide_ || v4_) return emit({Inst::kIdVpabsd, Inst::kIdVpabsq}, dst(), a());
    zero(kScratchVec);
    a_.vpsubq(s(), s(), a());
    a_.vblendvpd(dst(), a(), s(), a());  // by the sign of a
}

void LaneOps::min_max(bool is_min) {
    if (!wide_ || v4_)
        return binary(is_min ? ByWidth{Inst::kIdVpminsd, Inst::kIdVpminsq}
                             : ByWidth{Inst::kIdVpmaxsd, Inst::kIdVpmaxsq});
    const x86::Vec b = b_register(kScratchVec2);
    a_.vpcmpgtq(s(), a(), b);
    if (is_min)
        a_.vblendvpd(dst(), a(), b, s());
    else
        a_.vblendvpd(dst(), b, a(), s());
}

// ---- Logic

void LaneOps::and_(const x86::Vec& to, const x86::Vec& x, const Operand& y) {
    a_.emit(!v4_ ? Inst::kIdVpand : wide_ ? Inst::kIdVpandq : Inst::kIdVpandd, to, x, y);
}

void LaneOps::or_(const x86::Vec& to, const x86::Vec& x, const Operand& y) {
    a_.emit(!v4_ ? Inst::kIdVpor : wide_ ? Inst::kIdVporq : Inst::kIdVpord, to, x, y);
}

void LaneOps::xor_(const x86::Vec& to, const x86::Vec& x, const Operand& y) {
    a_.emit(!v4_ ? Inst::kIdVpxor : wide_ ? Inst::kIdVpxorq : Inst::kIdVpxord, to, x, y);
}

void LaneOps::and_not(const x86::Vec& to, const x86::Vec& inverted, const Operand& y) {
    a_.emit(!v4_ ? Inst::kIdVpandn : wide_ ? Inst::kIdVpandnq : Inst::kIdVpandnd, to, inverted, y);
}

void LaneOps::bitwise() {
    if (o_.op == Op::And)
        and_(dst(), a(), o_.b);
    else if (o_.op == Op::Or)
        or_(dst(), a(), o_.b);
    else
        xor_(dst(), a(), o_.b);
}

void LaneOps::invert() {
    if (v4_) return xor_(dst(), a(), constant(UINT64_MAX));
    ones(kScratchVec);
    xor_(dst(), a(), s());
}

void LaneOps::bitwise_bools() {
    if (!v4_) {
        bytes_ = 32;
        return o_.op == Op::Not ? invert() : bitwise();
    }
    const x86::KReg to = x86::k(o_.dst), x = x86::k(o_.a);
    if (o_.op == Op::Not) {
        a_.knotw(to, x);
        return;
    }
    const asmjit::InstId id = o_.op == Op::And ? Inst::kIdKandw : o_.op == Op::Or ? Inst::kIdKorw : Inst::kIdKxorw;
    a_.emit(id, to, x, o_.b);
}

// ---- Comparison

void LaneOps::compare() {
    const int which = static_cast<int>(o_.op) - static_cast<int>(Op::Eq);
    if (v4_) {
        static constexpr uint8_t predicate[] = {0, 4, 1, 2, 6, 5};  // eq ne lt le gt ge
        a_.emit(pick({Inst::kIdVpcmpd, Inst::kIdVpcmpq}), x86::k(o_.dst), a(), o_.b, asmjit::Imm(predicate[which]));
        return;
    }
    // There is equal and greater; the others by exchange and inversion.
    static constexpr struct {
        bool equal, exchange, invert;
    } how[] = {{true, false, false}, {true, false, true},   {false, true, false},
               {false, false, true}, {false, false, false}, {false, true, true}};
    const ByWidth id = how[which].equal ? ByWidth{Inst::kIdVpcmpeqd, Inst::kIdVpcmpeqq}
                                        : ByWidth{Inst::kIdVpcmpgtd, Inst::kIdVpcmpgtq};
    if (how[which].exchange)
        emit(id, dst(), b_register(kScratchVec), a());
    else
        emit(id, dst(), a(), o_.b);
    if (how[which].invert) {
        ones(kScratchVec);
        a_.vpxor(dst(), dst(), s());
    }
    if (narrow_mask()) widen_mask(o_.dst, o_.dst);
}

void LaneOps::compare_bools() {
    const bool equal = o_.op == Op::Eq;
    if (v4_) {
        a_.emit(equal ? Inst::kIdKxnorw : Inst::kIdKxorw, x86::k(o_.dst), x86::k(o_.a), o_.b);
    } else {
        a_.emit(equal ? Inst::kIdVpcmpeqd : Inst::kIdVpxor, x86::ymm(o_.dst), x86::ymm(o_.a), o_.b);
    }
}

// ---- Choice: a ? b : c, where a is bool lanes

void LaneOps::select() {
    if (v4_) {
        a_.k(x86::k(o_.a)).emit(pick({Inst::kIdVpblendmd, Inst::kIdVpblendmq}), dst(), reg(o_.c), o_.b);
        return;
    }
    const Reg mask = narrow_mask() ? narrowed_mask(o_.a) : o_.a;
    a_.emit(Inst::kIdVpblendvb, dst(), reg(o_.c), o_.b, reg(mask));
}

void LaneOps::select_bools() {
    if (!v4_) {
        a_.emit(Inst::kIdVpblendvb, x86::ymm(o_.dst), x86::ymm(o_.c), o_.b, x86::ymm(o_.a));
        return;
    }
    a_.emit(Inst::kIdKandw, kscratch(), x86::k(o_.a), o_.b);
    a_.kandnw(x86::k(o_.dst), x86::k(o_.a), x86::k(o_.c));
    a_.korw(x86::k(o_.dst), x86::k(o_.dst), kscratch());
}

}  // namespace exprjit::jit
