// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the allocator needs to know about x86-64: registers, classes, the C calling convention, and what each operation
// asks of its operands. Nothing here names an instruction.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "ir/program.h"
#include "jit/compile.h"

namespace exprjit::jit {

// Mask: AVX-512's k registers, for bool lanes. Without them bool lanes are vectors of all-ones and all-zeros elements.
enum class RegClass : uint8_t { Gp = 0, Vec = 1, Mask = 2 };
inline constexpr int kClassCount = 3;
inline constexpr int kRegsPerClass = 32;  // at most, of any class

using Reg = uint8_t;
// A place that is no register: operands in memory (a stack slot, the constant pool, a folded load), immediates, nothing.
inline constexpr Reg kMem = 0xfe;
inline constexpr Reg kImm = 0xfd;
inline constexpr Reg kNone = 0xff;
constexpr bool is_reg(Reg r) { return r < kRegsPerClass; }

enum GpReg : Reg { kRax, kRcx, kRdx, kRbx, kRsp, kRbp, kRsi, kRdi, kR8, kR9, kR10, kR11, kR12, kR13, kR14, kR15 };

using RegMask = uint32_t;
constexpr RegMask bit(Reg r) { return RegMask{1} << r; }

// Never allocated: the stack pointer and one scratch register of each class, which every emitter method may clobber. Code
// with lanes has a second vector for scratch, and rbp holds the stack pointer of before the frame was aligned.
inline constexpr Reg kScratchGp = kR11;
inline constexpr Reg kScratchVec = 15;
inline constexpr Reg kScratchVec2 = 14;
inline constexpr Reg kScratchMask = 7;

struct RegisterFile {
    RegMask all[kClassCount];     // what there is to allocate
    RegMask usable[kClassCount];  // the same, or fewer for tests
    uint8_t count[kClassCount];   // registers are numbered below it
};
// Scalars have xmm0 to xmm15 only, on every level: some of their instructions have no form for the others.
inline constexpr RegMask kScalarVec = 0xffff;
constexpr RegisterFile register_file(bool lanes, Isa isa, bool few) {
    RegisterFile f{};
    f.all[0] = 0xffff & ~(bit(kRsp) | bit(kScratchGp));
    f.all[1] = 0xffff & ~bit(kScratchVec);
    f.count[0] = f.count[1] = 16;
    if (lanes) {
        f.all[0] &= ~bit(kRbp);
        f.all[1] &= ~bit(kScratchVec2);
        if (isa == Isa::V4) {
            f.all[1] |= 0xffff0000;
            f.all[2] = 0x7e;  // k0 cannot mask, k7 is scratch
            f.count[1] = 32;
            f.count[2] = 8;
        }
    }
    for (int c = 0; c < kClassCount; ++c) f.usable[c] = f.all[c];
    if (few) {  // CompileOptions::few_registers: those that arguments and fixed uses name, and no more
        f.usable[0] = bit(kRax) | bit(kRcx) | bit(kRdx) | bit(kRbx) | bit(kRsi) | bit(kRdi) | bit(kR8) | bit(kR9);
        f.usable[1] = 0xff;
        f.usable[2] &= 0x0e;
    }
    return f;
}
inline constexpr RegMask kCalleeSavedGp = bit(kRbx) | bit(kRbp) | bit(kR12) | bit(kR13) | bit(kR14) | bit(kR15);
inline constexpr RegMask kClobberedByCall[kClassCount] = {0xffff & ~(kCalleeSavedGp | bit(kRsp)), 0xffffffff, 0xff};
inline constexpr RegMask kDivisionRegs = bit(kRax) | bit(kRdx);

constexpr bool is_lanes(Type t) { return t.is_value() && t.lane_log2() != 0; }
constexpr RegClass class_of(Type t, Isa isa) {
    if (is_lanes(t)) return isa == Isa::V4 && t.scalar() == Scalar::Bool ? RegClass::Mask : RegClass::Vec;
    return t.is_value() && is_float(t.scalar()) ? RegClass::Vec : RegClass::Gp;
}
// Bytes that a lanes value takes in its register. Bool lanes that are vectors fill a whole ymm.
constexpr int lanes_bytes(Type t, Isa isa) {
    if (t.scalar() == Scalar::Bool) return isa == Isa::V4 ? 8 : 32;
    return t.lane_count() * static_cast<int>(byte_size(t.scalar()));
}
constexpr int index(RegClass c) { return static_cast<int>(c); }

// Where a C argument arrives: a register, or kMem with its index among the stack arguments.
struct ArgLocation {
    Reg reg = kNone;
    uint32_t stack_index = 0;
};

// Hands out argument places in the order of the System V AMD64 ABI, section 3.2.3 (INTEGER and SSE classes only).
class ArgAssigner {
  public:
    ArgLocation next(RegClass c) {
        constexpr Reg gp[6] = {kRdi, kRsi, kRdx, kRcx, kR8, kR9};
        if (c == RegClass::Gp && gp_ < 6) return {gp[gp_++], 0};
        if (c == RegClass::Vec && vec_ < 8) return {vec_++, 0};
        return {kMem, stack_++};
    }

  private:
    uint8_t gp_ = 0;
    uint8_t vec_ = 0;
    uint32_t stack_ = 0;
};

// How the allocator serves an operation.
enum class Shape : uint8_t {
    Normal,
    Call,      // operands in C argument registers, everything caller-saved clobbered
    Division,  // dividend in rax, divisor elsewhere; rdx clobbered; result in rax (Quot) or rdx (Rem)
    CountRcx,  // a variable second operand in rcx
    LaneCall,  // lanes: a C function called for each lane, through buffers in the frame
};

// Which operand positions may be something other than a register, one bit per position.
struct Constraints {
    Shape shape = Shape::Normal;
    uint8_t mem_ok = 0;  // a stack slot, folded load or (floats) pool constant of the operand's own size; one at a time
    uint8_t cold_mem = 0;        // of mem_ok: read on a cold path only, never worth a register
    uint8_t imm_ok = 0;          // an integer constant that fits in 32 bits, sign-extended
    bool early_clobber = false;  // the destination is written before every operand was read
    bool foldable = false;       // position 1 (and 0 if commutative) may be a folded load
    uint8_t temps = 0;           // lanes: so many more vector registers, in kAddressBase and kAddressIndex
};

// Constraints of the value operation `op` on operands of type `t` (its first T) at this level.
struct ConstraintTable {
    Constraints of[3][kOpCount][kScalarCount];
};
extern const ConstraintTable kConstraintTable;
inline const Constraints& constraints(Op op, Scalar t, Isa isa) {
    return kConstraintTable.of[static_cast<int>(isa) - 2][static_cast<int>(op)][static_cast<int>(t)];
}
// The same for lanes of `t`; see emit_lanes*.cpp. Integers, bools and conversions have their own file.
struct LanesConstraintTable {
    LanesConstraintTable();
    Constraints of[2][kOpCount][kScalarCount];  // v3, v4
};
extern const LanesConstraintTable kLanesConstraintTable;
inline const Constraints& lanes_constraints(Op op, Scalar t, Isa isa) {
    return kLanesConstraintTable.of[isa == Isa::V4][static_cast<int>(op)][static_cast<int>(t)];
}
Constraints lanes_int_rule(Op op, Scalar t, Isa isa);
// Of a LaneCall row that has no call_target: the C function T(T), T(T, T) or T(T, T, T).
const void* lanes_callee(Op op, Scalar t);
// The same for nodes that are no value operations: If, Check, loads, stores, parts of arrays.
const Constraints& structure_constraints(Op op);

inline const Constraints& node_constraints(const Function& f, const Node& n, Isa isa);
// The C function a node calls at this level (Call rows; what the level lacks), or nullptr.
const void* callee(const Function& f, const Node& n, Isa isa);

// ---- Small questions about nodes, asked by every walk

inline bool is_const(const Node& n) { return n.op == Op::Const; }
inline bool is_compare(Op op) { return op >= Op::Eq && op <= Op::Ge; }
static_assert(static_cast<int>(Op::Ge) - static_cast<int>(Op::Eq) == 5);

static_assert(static_cast<int>(Op::Rotr) - static_cast<int>(Op::Shl) == 4, "the shifts and rotates stand together");

// Whether an integer constant can be an immediate of an instruction working on its type.
inline bool fits_imm32(const Node& n) {
    if (n.type.scalar() != Scalar::I64) return true;
    const int64_t i = static_cast<int64_t>(n.imm);
    return i == static_cast<int32_t>(i);
}

// The type that selects the constraints and the instruction: that of the first operand the signature writes as T.
inline Type operand_type(const Function& f, const Node& n) {
    const auto operands = f.operands(n);
    if (operands.empty()) return n.type;
    return f.nodes[operands[info(n.op).signature[0] == 'B' ? 1 : 0]].type;
}

// Whether the operation works on lanes: its result or what it compares or tests.
inline bool on_lanes(const Function& f, const Node& n) {
    if (is_lanes(n.type)) return true;
    const auto operands = f.operands(n);
    return !operands.empty() && (is_lanes(f.nodes[operands[0]].type) || is_lanes(f.nodes[operands.back()].type));
}

inline const Constraints& node_constraints(const Function& f, const Node& n, Isa isa) {
    const Type t = operand_type(f, n);
    return is_lanes(t) ? lanes_constraints(n.op, t.scalar(), isa) : constraints(n.op, t.scalar(), isa);
}

}  // namespace exprjit::jit
