// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The handlers that instructions point to, by what they do. The operand layout of each stands beside it.
#pragma once

#include "interp/instruction.h"

namespace exprjit::interp {

// dst = op(a, b, c); with `lanes`, imm is their number. nullptr if the row has no meaning for these types. The second
// result of *_overflow lies right behind the first.
Handler value_handler(Op op, Scalar t, Scalar u, bool lanes);

// ---- Memory. `a` is the array's slot, `b`, `c` and imm's low half those of the indices.
constexpr uint64_t pack_access(uint32_t third_index, int lanes, int rank) {
    return third_index | static_cast<uint64_t>(lanes) << 32 | static_cast<uint64_t>(rank) << 48;
}
Handler load_handler(Storage storage, int rank, bool lanes);   // dst = array[indices]
Handler store_handler(Storage storage, int rank, bool lanes);  // array[indices] = dst

// Raw memory: a address, b byte offset; c is 1 if every lane has its own offset, else lanes are contiguous. imm:
// lanes, and in the upper half the slot of the mask (0: none). What the mask leaves out is not read and loads as 0,
// or is not written.
Handler load_raw_handler(Storage storage);   // dst = memory
Handler store_raw_handler(Storage storage);  // memory = dst

const Instruction* run_len(const Instruction* at, Slot* frame, Machine& machine);  // dst = length of a in dimension b
const Instruction* run_base(const Instruction* at, Slot* frame,
                            Machine& machine);  // dst = address of a's first element
const Instruction* run_stride(const Instruction* at, Slot* frame,
                              Machine& machine);  // dst = byte stride of a, dimension b
// dst = a zeroed array; its descriptor begins at slot a, its elements at slot b; c Storage, imm elements.
const Instruction* run_local(const Instruction* at, Slot* frame, Machine& machine);
inline constexpr uint32_t kDescriptorSlots = sizeof(ArrayDescriptor) / sizeof(Slot);

// ---- Lanes; imm is their number.
const Instruction* run_any(const Instruction* at, Slot* frame, Machine& machine);        // dst = any lane of a
const Instruction* run_splat(const Instruction* at, Slot* frame, Machine& machine);      // every lane of dst = a
const Instruction* run_iota(const Instruction* at, Slot* frame, Machine& machine);       // lanes of dst = 0, 1, 2 …
const Instruction* run_lane_mask(const Instruction* at, Slot* frame, Machine& machine);  // lane k of dst = k < a (i64)
const Instruction* run_count_lanes(const Instruction* at, Slot* frame, Machine& machine);  // dst = true lanes of a
const Instruction* run_move(const Instruction* at, Slot* frame, Machine& machine);         // dst = a, one slot
const Instruction* run_move_lanes(const Instruction* at, Slot* frame, Machine& machine);

// ---- Control. imm is a jump distance.
const Instruction* run_jump(const Instruction* at, Slot* frame, Machine& machine);
const Instruction* run_jump_unless(const Instruction* at, Slot* frame, Machine& machine);  // a: condition
// dst: index; dst + 1: trips left; a, b, c: lo, hi, step. Jumps past the loop when there is no trip.
const Instruction* run_for_enter(const Instruction* at, Slot* frame, Machine& machine);
// dst as above, a: step. Jumps back to the body while trips are left.
const Instruction* run_for_next(const Instruction* at, Slot* frame, Machine& machine);
// The same without a look at the stop word.
const Instruction* run_for_next_unpolled(const Instruction* at, Slot* frame, Machine& machine);
const Instruction* run_loop_next(const Instruction* at, Slot* frame, Machine& machine);
// a: condition; b: lanes; c: slot of the outermost For's index or 0; imm as in the IR.
const Instruction* run_check(const Instruction* at, Slot* frame, Machine& machine);
// a, b, imm as for check; c: slot of the row to report.
const Instruction* run_check_row(const Instruction* at, Slot* frame, Machine& machine);
// dst: first result; a, b: begin and count of the argument slots in lists; c as for check; imm: function, and the slots
// of this frame in the upper half.
const Instruction* run_call(const Instruction* at, Slot* frame, Machine& machine);
// dst: result; a: begin of the argument slots in lists, one list per argument; b: its lanes; imm: NativeFunction*.
const Instruction* run_native(const Instruction* at, Slot* frame, Machine& machine);
const Instruction* run_return_one(const Instruction* at, Slot* frame, Machine& machine);  // a: the value
const Instruction* run_return(const Instruction* at, Slot* frame, Machine& machine);  // a, b: begin and count in lists
// Stands for an operation the pipeline should have expanded: ends the run as cancelled rather than computing nonsense.
const Instruction* run_unexpanded(const Instruction* at, Slot* frame, Machine& machine);

}  // namespace exprjit::interp
