// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Integer, bool and conversion operations on lanes: one instruction sequence per operation for AVX2 (v3) and AVX-512 (v4).
// Apart from the Emitter, so that the sequences see registers and constants only. Private to src/jit/emit_lanes*.cpp.
//
// Lanes live in one vector register of lanes * size bytes. Bool lanes are a k register on v4 (bits above the lanes are
// garbage); on v3 a whole ymm whose elements, 32 / lanes bytes each, are all ones or all zeros.
// On v4 operands may be zmm16 … zmm31: only instructions with an EVEX form are used there.
#pragma once

#include <asmjit/core.h>
#include <asmjit/x86.h>

#include <cstdint>

#include "ir/op.h"
#include "ir/types.h"
#include "jit/target.h"

namespace exprjit::jit {

namespace x86 = asmjit::x86;

// Where the sequences get constants in memory from.
struct LaneConstants {
    void* owner;
    // A vector of one repeated element: a broadcast of the element on v4, the whole vector on v3.
    x86::Mem (*repeated)(void* owner, uint64_t bits, int element_bytes, int vector_bytes);
    // The same, whole on every level, for instructions without broadcast.
    x86::Mem (*whole)(void* owner, uint64_t bits, int element_bytes, int vector_bytes);
    // 16 bytes, repeated.
    x86::Mem (*pattern)(void* owner, const uint8_t (&bytes)[16], int vector_bytes);
};

// One operation with its places. `b` is the second operand: a register, or memory where lanes_int_rule() allows it.
struct LaneOperation {
    Op op;
    Scalar from;  // of the first T operand
    Scalar to;    // of the result
    int lanes;
    Reg dst = kNone;
    Reg dst2 = kNone;  // the flag of the *_overflow operations
    Reg a = kNone;
    asmjit::Operand b{};
    Reg c = kNone;
    Reg temp[2] = {kNone, kNone};
    bool is_constant_b = false;  // every lane of b holds `constant_b`
    int64_t constant_b = 0;
};

class LaneOps {
  public:
    LaneOps(x86::Assembler& a, bool v4, const LaneConstants& constants, const LaneOperation& operation);
    // Appends the sequence. It may clobber the scratch registers of every class and the temporaries, no operand.
    void emit();

  private:
    struct ByWidth {  // an instruction for 32-bit and for 64-bit elements
        asmjit::InstId d, q;
    };
    asmjit::InstId pick(ByWidth i) const { return wide_ ? i.q : i.d; }

    // ---- Registers, by default as wide as the lanes of the operands
    static x86::Vec view(Reg r, int bytes);
    x86::Vec reg(Reg r) const { return view(r, bytes_); }
    x86::Vec dst() const { return reg(o_.dst); }
    x86::Vec a() const { return reg(o_.a); }
    x86::Vec s() const { return reg(kScratchVec); }
    x86::Vec s2() const { return reg(kScratchVec2); }
    static x86::KReg kscratch() { return x86::k(kScratchMask); }
    // The second operand as a register: itself, or loaded into `scratch`.
    x86::Vec b_register(Reg scratch);

    // ---- Constants, by default with elements as wide as the operands'
    x86::Mem constant(uint64_t bits) { return constants_.repeated(constants_.owner, bits, size_, bytes_); }
    x86::Mem whole(uint64_t bits, int element) { return constants_.whole(constants_.owner, bits, element, bytes_); }
    // An element repeated in all of `to`, which may carry {k}{z} of `mask`.
    void load_constant(const x86::Vec& to, uint64_t bits, int element, const x86::KReg& mask = x86::KReg());

    // ---- Instructions whose name depends on the level
    void move(const x86::Vec& to, const asmjit::Operand& from);
    void zero(Reg r);
    void ones(Reg r);
    void and_(const x86::Vec& to, const x86::Vec& x, const asmjit::Operand& y);
    void or_(const x86::Vec& to, const x86::Vec& x, const asmjit::Operand& y);
    void xor_(const x86::Vec& to, const x86::Vec& x, const asmjit::Operand& y);
    void and_not(const x86::Vec& to, const x86::Vec& inverted, const asmjit::Operand& y);
    void emit(ByWidth i, const x86::Vec& to, const asmjit::Operand& x) { a_.emit(pick(i), to, x); }
    void emit(ByWidth i, const x86::Vec& to, const asmjit::Operand& x, const asmjit::Operand& y) {
        a_.emit(pick(i), to, x, y);
    }
    // Even 32-bit elements of `even`, odd ones of `odd`. On v4 it clobbers the scratch mask.
    void blend_odd(const x86::Vec& to, const x86::Vec& even, const x86::Vec& odd);
    // v3: a mask over 32-bit elements in an xmm, as the ymm that four bool lanes are; and back.
    bool narrow_mask() const { return !v4_ && o_.lanes == 4 && size_ == 4; }
    void widen_mask(Reg to, Reg from) { a_.vpmovsxdq(x86::ymm(to), x86::xmm(from)); }
    Reg narrowed_mask(Reg mask);
    // The sign of every element of `x` as bool lanes.
    void signs_to_bools(Reg to, Reg x);
    // The elements where `x` and `y` differ, as bool lanes; v3 clobbers both.
    void differences_to_bools(Reg to, Reg x, Reg y);

    // ---- emit_lanes_int.cpp
    void emit_bool();
    void binary(ByWidth i) { emit(i, dst(), a(), o_.b); }
    void multiply();
    void absolute();
    void min_max(bool is_min);
    void bitwise();
    void bitwise_bools();
    void invert();
    void compare();
    void compare_bools();
    void select();
    void select_bools();
    // ---- emit_lanes_overflow.cpp
    void add_overflow(bool subtract);
    void multiply_overflow();
    void multiply_overflow_wide();
    // ---- emit_lanes_bits.cpp
    void shift();
    void shift_by(int64_t count);
    void shift_right_wide_by(int count);
    void rotate(bool left);
    void rotate_by(int count_left);
    void popcount();
    void leading_zeros();
    void trailing_zeros();
    void swap_bytes();
    // ---- emit_lanes_divide.cpp
    void divide();
    void divide_narrow(bool remainder);
    void quotients(Reg to, Reg from, Reg work, Reg b);
    // ---- emit_lanes_divide_wide.cpp
    void divide_wide(bool remainder);
    void divide_wide_v3(bool remainder);
    void magnitude(const x86::Vec& to, const x86::Vec& x, const x86::Vec& work);
    void unsigned_to_f64(const x86::Vec& to, const x86::Vec& x, const x86::Vec& work);
    void truncate_positive(const x86::Vec& x, const x86::Vec& work);
    // ---- emit_lanes_convert.cpp
    bool convert();  // false: the operation is no conversion
    void truncate();
    void truncate_wide();
    void from_int();
    void from_wide_int();
    void float_to_float();
    void widen_or_wrap();
    void from_bool();

    x86::Assembler& a_;
    const LaneConstants& constants_;
    const LaneOperation& o_;
    bool v4_;
    bool wide_;  // 64-bit operands
    int size_;   // bytes of an operand's element; of bools on v3, of an element of the mask
    int bytes_;  // of an operand's register
};

}  // namespace exprjit::jit
