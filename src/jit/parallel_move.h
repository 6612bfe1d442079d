// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "jit/plan.h"

namespace exprjit::jit {

// Moves that happen at once: on every edge into a join or loop head, and into argument registers. Registers and slots are
// equal locations; cycles go through the scratch register of the class, memory-to-memory copies through the scratch of the
// other class, so the two never meet.
class ParallelMove {
  public:
    void prepare(uint32_t values) {
        if (slots_.size() < values) slots_.resize(values);
    }
    // Whether values may be wider than 8 bytes: then vectors are copied from slot to slot through their second scratch.
    void set_lanes(bool lanes) { lanes_ = lanes; }
    // dst register <- value `from`, which is now in `from_reg` (a register), in its slot (kMem; `from_slot` is the value that
    // owns the slot) or a constant (kImm).
    void to_register(RegClass c, Reg dst, ValueId from, Reg from_reg, ValueId from_slot);
    // Home of `dst` <- the same.
    void to_slot(RegClass c, ValueId dst, ValueId dst_slot, ValueId from, Reg from_reg, ValueId from_slot);
    // Appends the moves in a right order and forgets them.
    void flush(std::vector<PlanItem>& items);

  private:
    // The registers of each class in turn, then kSlots + v the slot of v; kNowhere for constants.
    using Location = uint32_t;
    static constexpr Location kSlots = kClassCount * kRegsPerClass;
    static constexpr Location kNowhere = UINT32_MAX;
    static constexpr uint32_t kNoMove = UINT32_MAX;

    struct Move {
        Location dst;
        Location src;
        ValueId dst_value;  // whose home dst is, if it is a slot
        ValueId src_value;
        RegClass cls;
        bool done;
        bool from_scratch;  // its source was saved to the class's scratch register
    };
    struct State {
        uint32_t readers = 0;
        uint32_t writer = kNoMove;
    };

    void add(Move m);
    State& state(Location l) { return l < kSlots ? regs_[l] : slots_[l - kSlots]; }
    void emit(const Move& m, std::vector<PlanItem>& items);
    void finish(uint32_t move, std::vector<PlanItem>& items);

    std::vector<Move> moves_;
    State regs_[kSlots];
    bool lanes_ = false;
    std::vector<State> slots_;
};

}  // namespace exprjit::jit
