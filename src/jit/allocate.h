// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Walk 2: the state of the register allocator. Braun and Hack, "Register spilling and live-range splitting for SSA-form
// programs" (CC 2009), on structured regions: furthest next use goes first (Belady), constants before anything, a spilled
// value is stored once, at its definition. Private to src/jit/allocate*.cpp.
#pragma once

#include <span>
#include <vector>

#include "jit/parallel_move.h"
#include "jit/plan.h"
#include "jit/uses.h"

namespace exprjit::jit {

// Which value each register holds.
struct Snapshot {
    ValueId owner[kClassCount][kRegsPerClass];
};

// An open If, For or Loop.
struct OpenRegion {
    ValueId opener;
    ValueId end;
    ValueId first_param;  // loops: the first carried value; ifs: the first result
    uint32_t param_count;
    size_t outer_rare_depth = 0;  // ifs: rare_depth_ around it, and how many values the arm around had stored
    size_t outer_stored = 0;
    bool has_join = false;           // ifs: an arm has reached the end, `join` is set; loops: some break has
    Snapshot state;                  // ifs: at the branch; loops: at the head, every back edge and the exit
    Snapshot join;                   // ifs: where both arms must arrive
    std::vector<uint32_t> in_slots;  // parameters that live in their slots, not in registers
    std::vector<ValueId> hoisted;    // loops: constants that have registers through all trips
};

// Memory that one allocation leaves for the next.
struct AllocatorScratch {
    std::vector<Reg> reg;
    std::vector<OpenRegion> regions;
    std::vector<uint8_t> claimed;
    std::vector<ValueId> hoist;
    std::vector<std::pair<uint32_t, ValueId>> counts;
    std::vector<ValueId> args;
    ParallelMove moves;
};

class Allocator {
  public:
    Allocator(const Program& program, const CompileOptions& options, Uses& uses, Plan& plan, AllocatorScratch& scratch);
    void run();

  private:
    // ---- allocate.cpp: registers
    Reg take(RegClass c, ValueId value, uint32_t at, Reg hint, RegMask forbidden = 0);
    void evict(RegClass c, Reg r);
    void spill(ValueId v);
    void assign(ValueId v, Reg r);
    void release(ValueId v);
    void release_if_dead(ValueId v, uint32_t at);
    // Brings a value into a register (which is pinned) and returns it.
    Reg ensure(ValueId v, uint32_t at, RegMask forbidden = 0);
    void load(ValueId v, Reg r);
    // Moves or evicts whatever lives in `r`, so that it can be overwritten; not into `forbidden`.
    void vacate(RegClass c, Reg r, uint32_t at, RegMask forbidden);
    void pin(RegClass c, Reg r) { pinned_[index(c)] |= bit(r); }
    void unpin_all() { pinned_[0] = pinned_[1] = pinned_[2] = 0; }
    Reg location(ValueId v) const;
    ValueId home(ValueId v) const { return plan_.slot_alias.empty() ? v : plan_.slot_alias[v]; }
    RegClass cls(ValueId v) const { return class_of(f_[v].type, isa_); }
    PlanItem& push(ItemKind kind, ValueId node);
    void define(ValueId v);
    // The loaded constants go, but those that stay in registers through the loop around (hoist_constants).
    void drop_constants();
    RegMask used(int c) const { return registers_.all[c] & ~free_[c]; }
    Snapshot snapshot() const;
    // The registers hold what `s` says, as far as it is alive after `at`.
    void restore(const Snapshot& s, uint32_t at);

    // ---- allocate_ops.cpp: value operations, memory, calls
    void visit(ValueId v);
    bool common(ValueId v, const Constraints& c);
    void normal(ValueId v, const Constraints& c);
    void operand(PlanItem& item, const Need& need, const Constraints& c, bool& memory_used);
    bool is_far(const PlanItem& item, const Need& need) const;
    void advance(const Needs& needs, ValueId at);
    void results(PlanItem& item, const Needs& needs, bool early_clobber);
    void call(ValueId v);
    void native_call(ValueId v);
    void native_lane_call(ValueId v);
    void advance_list(ValueId v);
    void spill_around_call(ValueId v);
    void forget_around_call();
    void lane_call(ValueId v);
    void temps(PlanItem& item, uint8_t count);
    void division(ValueId v);
    void count_in_rcx(ValueId v);
    void pool_constant(ValueId v);
    void parameters();
    void ret(ValueId v);

    // ---- allocate_regions.cpp
    void open_if(ValueId v);
    void middle(ValueId v);
    void close_if(ValueId v);
    void open_loop(ValueId v);
    void trip_count(ValueId v);
    void hoist_constants(ValueId loop, OpenRegion& region);
    void close_loop(ValueId v);
    void terminator(ValueId v);
    // Gives values `first`, `first` + 1 … the contents of `args`: in registers where there is room, in slots otherwise.
    void place(ValueId first, std::span<const ValueId> args, uint32_t at, OpenRegion& region);
    // Moves from here to the state `target`, whose owners `first`… receive `args`; owners dead after `alive_after` are skipped.
    void edge(const Snapshot& target, ValueId first, std::span<const ValueId> args, uint32_t alive_after,
              const OpenRegion& region);
    // The node to go on with after a terminator: the end of the innermost arm or loop.
    ValueId after_terminator() const;
    OpenRegion& region_of(ValueId opener);

    const Program& program_;
    const Function& f_;
    Isa isa_;
    Uses& u_;
    Plan& plan_;
    const RegisterFile registers_;
    ValueId owner_[kClassCount][kRegsPerClass];
    RegMask free_[kClassCount];
    RegMask pinned_[kClassCount] = {};
    std::vector<Reg>& reg_;  // per value
    std::vector<OpenRegion>& regions_;
    size_t depth_ = 0;                  // open regions; regions_ keeps its memory
    size_t rare_depth_ = 0;             // the depth of the else arm of a usual If that is open; 0: none
    std::vector<ValueId> stored_here_;  // what that arm has stored
    size_t next_call_ = 0;
    ValueId outer_for_ = kNoValue;
    bool reachable_ = true;
    ParallelMove& moves_;
    std::vector<uint8_t>& claimed_;
    std::vector<ValueId>& hoist_;
    std::vector<std::pair<uint32_t, ValueId>>& counts_;
    std::vector<ValueId>& args_;
};

}  // namespace exprjit::jit
