// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: conversions. Widths of source and destination differ, so registers are named with their bytes.
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace Inst = x86::Inst;

bool LaneOps::convert() {
    switch (o_.op) {
    case Op::RawBits:
    case Op::FromBits: move(dst(), a()); return true;
    case Op::TruncToInt: truncate(); return true;
    case Op::IntToFloat: from_int(); return true;
    case Op::FloatToFloat: float_to_float(); return true;
    case Op::FromBool: from_bool(); return true;
    case Op::Widen:
    case Op::Wrap: widen_or_wrap(); return true;
    default: return false;
    }
}

// ---- Float to integer; the hardware gives MIN for NaN and whatever is out of range

void LaneOps::truncate() {
    const bool to_wide = o_.to == Scalar::I64;
    if (to_wide && !v4_) return truncate_wide();
    const x86::Vec to = view(o_.dst, o_.lanes * (to_wide ? 8 : 4));
    const asmjit::InstId id = to_wide ? (wide_ ? Inst::kIdVcvttpd2qq : Inst::kIdVcvttps2qq)
                                      : (wide_ ? Inst::kIdVcvttpd2dq : Inst::kIdVcvttps2dq);
    a_.emit(id, to, a());
}

// v3: the significand shifted to its place by the exponent, up or down (counts out of range give 0), then the sign.
void LaneOps::truncate_wide() {
    constexpr uint64_t kBias = 1075;  // exponent field of a number whose significand is an integer, unshifted
    const x86::Vec to = x86::ymm(o_.dst), significand = x86::ymm(kScratchVec), exponent = x86::ymm(kScratchVec2),
                   t = x86::ymm(o_.temp[0]);
    const auto full = [&](uint64_t bits) { return constants_.repeated(constants_.owner, bits, 8, 32); };
    x86::Vec from = x86::ymm(o_.a);
    if (!wide_) {
        a_.vcvtps2pd(to, x86::xmm(o_.a));
        from = to;
    }
    a_.vpsllq(exponent, from, 1);
    a_.vpsrlq(exponent, exponent, 53);
    a_.vpand(significand, from, full(0x000fffffffffffffu));
    a_.vpor(significand, significand, full(0x0010000000000000u));
    a_.vpsubq(t, exponent, full(kBias));
    a_.vpsllvq(t, significand, t);
    a_.vmovdqu(to, full(kBias));
    a_.vpsubq(to, to, exponent);
    a_.vpsrlvq(significand, significand, to);
    a_.vpor(significand, significand, t);
    if (wide_) {
        a_.vpxor(t, t, t);
        a_.vpcmpgtq(t, t, from);
    } else {
        a_.vpsrad(x86::xmm(t.id()), x86::xmm(o_.a), 31);
        a_.vpmovsxdq(t, x86::xmm(t.id()));
    }
    a_.vpxor(significand, significand, t);
    a_.vpsubq(significand, significand, t);
    a_.vpcmpgtq(exponent, exponent, full(1085));  // 2^63 and more
    a_.vblendvpd(to, significand, full(0x8000000000000000u), exponent);
}

// ---- Integer to float, rounded once

void LaneOps::from_int() {
    const bool to_wide = o_.to == Scalar::F64;
    if (wide_ && !v4_) return from_wide_int();
    const x86::Vec to = view(o_.dst, o_.lanes * (to_wide ? 8 : 4));
    const asmjit::InstId id =
        to_wide ? (wide_ ? Inst::kIdVcvtqq2pd : Inst::kIdVcvtdq2pd) : (wide_ ? Inst::kIdVcvtqq2ps : Inst::kIdVcvtdq2ps);
    a_.emit(id, to, a());
}

// v3: the halves as the significands of two doubles: 2^52 + lower, and 2^84 + 2^63 + upper * 2^32, which the sign bit has
// become part of. One exact subtraction and one addition that rounds.
void LaneOps::from_wide_int() {
    const x86::Vec x = s(), y = s2();
    x86::Vec from = a();
    if (o_.to == Scalar::F32) {
        // Rounding to f64 first must not show in the second rounding. What has more than 53 bits gets its lower 11
        // folded into one: it then converts exactly and is on the same side of every f32 and every midpoint.
        a_.vpand(y, from, constant(0x7ff));
        a_.vpaddq(y, y, constant(0x7ff));
        a_.vpor(y, y, from);
        a_.vpand(y, y, constant(~uint64_t{0x7ff}));
        a_.vpaddq(x, from, constant(0x8020000000000000u));
        a_.vpcmpgtq(x, x, constant(0x8040000000000000u));  // unsigned: from + 2^53 > 2^54
        a_.vblendvpd(x, from, y, x);
        from = x;
    }
    a_.vpblendd(y, from, constant(0x4330000000000000u), 0xaa);
    a_.vpsrlq(x, from, 32);
    a_.vpxor(x, x, constant(0x4530000080000000u));
    a_.vsubpd(x, x, constant(0x4530000080100000u));
    if (o_.to == Scalar::F64) {
        a_.vaddpd(dst(), x, y);
    } else {
        a_.vaddpd(x, x, y);
        a_.vcvtpd2ps(x86::xmm(o_.dst), x);
    }
}

void LaneOps::float_to_float() {
    const bool to_wide = o_.to == Scalar::F64;
    if (to_wide == wide_) return move(dst(), a());
    a_.emit(to_wide ? Inst::kIdVcvtps2pd : Inst::kIdVcvtpd2ps, view(o_.dst, o_.lanes * (to_wide ? 8 : 4)), a());
}

// ---- Integer to integer, bool to number

void LaneOps::widen_or_wrap() {
    const bool to_wide = o_.to == Scalar::I64;
    if (to_wide == wide_) return move(dst(), a());
    if (to_wide) {
        a_.vpmovsxdq(view(o_.dst, o_.lanes * 8), a());
    } else if (v4_) {
        a_.vpmovqd(view(o_.dst, o_.lanes * 4), a());
    } else {
        a_.vextracti128(x86::xmm(kScratchVec), x86::ymm(o_.a), 1);
        a_.vshufps(x86::xmm(o_.dst), x86::xmm(o_.a), x86::xmm(kScratchVec), 0x88);
    }
}

void LaneOps::from_bool() {
    const int element = static_cast<int>(byte_size(o_.to));
    const uint64_t one = o_.to == Scalar::F64 ? 0x3ff0000000000000u : o_.to == Scalar::F32 ? 0x3f800000u : 1u;
    const x86::Vec to = view(o_.dst, o_.lanes * element);
    if (v4_) return load_constant(to, one, element, x86::k(o_.a));
    const x86::Mem ones = constants_.repeated(constants_.owner, one, element, o_.lanes * element);
    const bool narrow = o_.lanes == 4 && element == 4;
    a_.vpand(to, view(narrow ? narrowed_mask(o_.a) : o_.a, o_.lanes * element), ones);
}

}  // namespace exprjit::jit
