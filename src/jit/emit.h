// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Walk 3: machine code from the plan, through asmjit's Assembler with physical registers. One method per operation with
// `Inst` lowering, the same name on every level. Private to src/jit/emit*.cpp, the only files that name instructions.
#pragma once

#include <asmjit/core.h>
#include <asmjit/x86.h>

#include <vector>

#include "ir/program.h"
#include "jit/compile.h"
#include "jit/plan.h"
#include "jit/uses.h"

namespace exprjit::jit {

namespace x86 = asmjit::x86;
using InstId = asmjit::InstId;

// The scalar forms of a floating-point instruction: legacy SSE and VEX, single and double.
struct FpInst {
    InstId sse[2];
    InstId avx[2];
};

// How a comparison left its answer in the flags.
struct Condition {
    enum class Parity : uint8_t { Ignore, AndOrdered, OrUnordered };
    x86::CondCode cc = x86::CondCode::kNE;
    Parity parity = Parity::Ignore;
};

// Memory that one emission leaves for the next.
struct EmitterScratch {
    std::vector<asmjit::Label> heads, latches, ends;
};

class Emitter {
  public:
    Emitter(const Program& program, const CompileOptions& options, const Uses& uses, const Plan& plan,
            x86::Assembler& assembler, EmitterScratch& scratch);
    // Emits everything; the entry's offset is entry().
    void run();
    uint32_t entry() const { return entry_; }
    uint32_t frame_bytes() const { return frame_; }

  private:
    // ---- emit.cpp: frame, moves, items
    void constants();
    void prologue();
    void epilogue();
    void item(const PlanItem& p);
    void items(size_t begin, size_t end);
    bool put_off(const PlanItem& p);
    void move(const PlanItem& p);
    void reload(const PlanItem& p);
    void store(ValueId v, RegClass cls, Reg from);
    void store_if_spilled(ValueId v, Reg from);
    void annotate(ValueId v);
    void op(const PlanItem& p);
    void no_code(const PlanItem& p);
    void cold_blocks();

    // ---- Operands
    static x86::Xmm xmm(Reg r) { return x86::xmm(r); }
    static x86::Gp gp32(Reg r) { return x86::gpd(r); }
    static x86::Gp gp64(Reg r) { return x86::gpq(r); }
    static x86::Gp gp(Reg r, Type t) { return wide(t) ? gp64(r) : gp32(r); }
    static bool wide(Type t) { return !t.is_value() || t.scalar() == Scalar::I64; }
    static x86::Gp scratch_gp(Type t) { return gp(kScratchGp, t); }
    static x86::Xmm scratch_xmm() { return xmm(kScratchVec); }
    static int f64_index(Type t) { return t.scalar() == Scalar::F64 ? 1 : 0; }
    ValueId value_of(const PlanItem& p, int role) const;
    x86::Mem pool(ValueId v, uint32_t size) const;
    x86::Mem mask(MaskConstant m) const;
    x86::Mem slot(ValueId v, uint32_t size) const;
    x86::Mem incoming(uint32_t index, uint32_t size) const;
    RegClass cls(Type t) const { return class_of(t, options_.isa); }
    x86::Mem address(const PlanItem& p, ValueId load, uint32_t size) const;
    // The operand of a role: a register, a slot, a pool constant, a folded load, or an immediate.
    asmjit::Operand operand(const PlanItem& p, int role) const;
    asmjit::Operand operand_at(const PlanItem& p, int role, ValueId v) const;
    const Node& node(const PlanItem& p) const { return f_[p.node]; }
    Type type_of(ValueId v) const { return f_[v].type; }
    Type operand_type_of(const PlanItem& p) const { return operand_type(f_, f_[p.node]); }

    // ---- emit_float.cpp
    void fp_binary(const FpInst& inst, const PlanItem& p);
    void fp3(const FpInst& inst, Type t, Reg dst, Reg a, const asmjit::Operand& b, bool commutes = false);
    void fp_unary(const FpInst& inst, const PlanItem& p);
    void fp_round(const PlanItem& p, int mode);
    void fp_mask(const FpInst& inst, const PlanItem& p, MaskConstant f64, MaskConstant f32);
    void select_float(const PlanItem& p);
    bool keeps_vector_scratch(const PlanItem& p) const;
    void move_fp(Reg dst, Reg src);
    void zero_fp(Reg dst);

    // ---- emit_int.cpp
    void int_binary(InstId inst, const PlanItem& p, bool commutes);
    void overflow(InstId inst, const PlanItem& p);
    void divide(const PlanItem& p);
    void shift(const PlanItem& p, InstId by_imm, InstId by_cl, InstId by_reg);
    void rotate(const PlanItem& p, InstId inst);
    void select_int(const PlanItem& p);

    // ---- emit_compare.cpp
    Condition compare(Op op, Type t, Reg left, const asmjit::Operand& right);
    Condition condition(const PlanItem& p);
    void set(const Condition& c, Reg dst);
    void compare_to_bool(const PlanItem& p);
    void jump_unless(const Condition& c, const asmjit::Label& target);

    // ---- Lanes: emit_lanes*.cpp. What an instruction sequence may clobber: the scratch registers of every class.
    unsigned fma_signs(ValueId v) const;
    bool v4() const { return options_.isa == Isa::V4; }
    static x86::Vec vec_bytes(Reg r, int bytes) {
        if (bytes == 64) return x86::zmm(r);
        if (bytes == 32) return x86::ymm(r);
        return x86::xmm(r);
    }
    int bytes_of(Type t) const { return lanes_bytes(t, options_.isa); }
    x86::Vec vec(Reg r, Type t) const { return vec_bytes(r, bytes_of(t)); }
    static x86::KReg kreg(Reg r) { return x86::k(r); }
    static x86::KReg scratch_k() { return x86::k(kScratchMask); }
    // The operand of a role where the constraints allow memory: a register, a slot, a folded load, or a constant (v4: one
    // element, broadcast to the type of the operand; v3: a whole vector).
    asmjit::Operand lanes_operand(const PlanItem& p, int role);
    asmjit::Operand lanes_operand_at(const PlanItem& p, int role, ValueId v);
    // Constants that an instruction sequence needs; they stand behind the code. A vector of `vector_bytes` with the
    // element repeated (v4: as a broadcast of one element), or a pattern of 16 bytes repeated, or as it stands.
    x86::Mem lanes_const(uint64_t bits, int element_bytes, int vector_bytes);
    x86::Mem lanes_pattern(const uint8_t (&bytes)[16], int vector_bytes);
    x86::Mem late_block(const void* bytes, uint32_t size);
    // A whole vector whatever the level, for instructions without broadcast.
    x86::Mem lanes_whole(uint64_t bits, int element_bytes, int vector_bytes);
    void lanes(const PlanItem& p);          // dispatch
    void lanes_int(const PlanItem& p);      // integers, bools: arithmetic, bits, compares, select
    void lanes_convert(const PlanItem& p);  // RawBits, FromBits, TruncToInt, IntToFloat, FloatToFloat
    void lanes_float(const PlanItem& p);
    void lanes_float_compare(const PlanItem& p);
    void lanes_float_fma(const PlanItem& p);
    void lanes_float_select(const PlanItem& p);
    void lanes_call(const PlanItem& p);
    void lanes_native_call(const PlanItem& p);
    void lanes_argument(const PlanItem& p);
    void lanes_load(const PlanItem& p);
    void lanes_store(const PlanItem& p);
    void lanes_load_bool(Reg dst, const x86::Mem& m, int lanes);
    void lanes_store_bool(Reg from, const x86::Mem& m, int lanes);
    void lanes_store_narrow(Reg from, const x86::Mem& m, Type t, Storage storage);
    void lanes_splat(const PlanItem& p);
    void lanes_extract(const PlanItem& p);
    void lanes_iota(const PlanItem& p);
    void lanes_mask(const PlanItem& p);
    void lanes_count(const PlanItem& p);
    void lanes_any(const PlanItem& p);
    void lanes_bits(Reg mask, int lanes);
    x86::Mem iota(Type t);
    void lanes_check(const PlanItem& p, const asmjit::Label& failed);
    void lanes_branch(const PlanItem& p, const asmjit::Label& otherwise);
    void jump_unless_lanes(Reg mask, int lanes, bool all, const asmjit::Label& target);
    void lanes_reload(const PlanItem& p);
    void lanes_store_slot(ValueId v, RegClass cls, Reg from);
    // v3: a mask made by comparing xmm values (4 lanes of 32 bits) as the full ymm that bool lanes are, and back.
    void widen_mask(Reg dst, Reg src);
    void narrow_mask(Reg dst, Reg src);
    void vmov(const x86::Vec& dst, const asmjit::Operand& src);

    // ---- emit_memory.cpp, emit_control.cpp
    void load_raw(const PlanItem& p);
    void store_raw(const PlanItem& p);
    void array_part(const PlanItem& p);
    void local(const PlanItem& p);
    void half_routines();
    void call(const PlanItem& p);
    void native_call(const PlanItem& p);
    void argument(const PlanItem& p);
    void check(const PlanItem& p);
    void trip(const PlanItem& p);
    void end_loop(const PlanItem& p);
    void poll();
    void out(const PlanItem& p);
    void ret(const PlanItem& p);
    asmjit::Label label_at(std::vector<asmjit::Label>& labels, ValueId v);

#define DECLARE_Inst(Name) void emit_##Name(const PlanItem& p);
#define DECLARE_Expand(Name)
#define DECLARE_Call(Name)
#define DECLARE_Shape(Name)
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning) DECLARE_##lowering(Name)
#include "ir/ops.def"
#undef DECLARE_Inst
#undef DECLARE_Expand
#undef DECLARE_Call
#undef DECLARE_Shape

    struct FailedCheck {
        asmjit::Label label;
        ValueId node;
        Reg index;  // kNone: not in a For
        ValueId index_value;
    };
    struct RareArm {
        ValueId node;  // its Else
        size_t begin, end;
        ValueId outer_for;
    };
    struct OddDivisor {
        asmjit::Label label, back;
        PlanItem item;
    };

    const Program& program_;
    const Function& f_;
    const CompileOptions& options_;
    const Uses& u_;
    const Plan& plan_;
    x86::Assembler& a_;
    bool avx_;
    bool context_;
    uint32_t entry_ = 0;
    uint32_t frame_ = 0;  // below the saved registers
    RegMask saved_ = 0;
    uint32_t pushed_ = 0;  // bytes of saved registers
    uint32_t slot_base_ = 0;
    int32_t context_slot_ = 0;  // of the frame, in context form; the outs stand behind it
    uint32_t masks_end_ = 0;
    uint32_t call_buffer_ = 0;  // in the frame, of lanes_call
    bool lanes_;                // the function has lanes: wide registers, an aligned frame
    struct LateBlock {
        uint64_t first;  // its first bytes
        uint32_t offset, size;
    };
    ConstantPool late_;  // constants behind the code
    std::vector<LateBlock> late_blocks_;
    asmjit::Label late_label_;
    size_t next_item_ = 0;
    ValueId outer_for_ = kNoValue;
    ValueId mask_in_scratch_ = kNoValue;  // the compare whose mask the vector scratch register holds
    asmjit::Label pool_;
    asmjit::Label cancelled_, overflowed_, widen_half_, narrow_half_;
    std::vector<asmjit::Label>&heads_, &latches_, &ends_;  // by node; ends_: exits of loops, else and join of ifs
    std::vector<FailedCheck> failed_checks_;
    std::vector<RareArm> rare_arms_;
    std::vector<OddDivisor> odd_divisors_;
    std::string comment_;
};

}  // namespace exprjit::jit
