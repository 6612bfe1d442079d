// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What walk 2 decides and walk 3 emits: a flat list of 16-byte items in program order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ir/program.h"
#include "jit/target.h"
#include "jit/uses.h"

namespace exprjit::jit {

enum class ItemKind : uint8_t {
    Op,      // the node, with its operands' registers in r[] by role; dst (and dst2) receive the results
    Define,  // a parameter, carried value or join result arrives in dst: stored if it is spilled
    Move,    // dst <- r[0], class in `cls`
    Reload,  // dst <- the home of value `node`: its slot, or its constant
    Store,   // home of value `node` <- r[0]
    Trip,    // dst <- trip count of the For `node`; r[0…2] lo, hi, step
    If,      // jump to the else part unless the condition holds
    Else,    // end of the then part (jump to the join if dst == 1) and start of the else part
    EndIf,
    Head,          // of the loop `node`
    EndLoop,       // r[0] index, r[1] remaining count, r[2] step: back edge and exit of the loop that ends at `node`
    Jump,          // Break or Continue `node`
    LaneArgument,  // operand `r[1]` in the buffer of the next lane call <- value `node`, in r[0]
    Argument,      // word `r[1]` of what the next call takes on the stack <- value `node`, in r[0]
    Out,           // context form: output `r[1..2]` (16 bits) <- r[0]
    Return,        // plain form: r[0] is the result; context form: all outputs are stored
};

struct PlanItem {
    ValueId node = kNoValue;
    ItemKind kind = ItemKind::Op;
    RegClass cls = RegClass::Gp;
    Reg dst = kNone;
    Reg dst2 = kNone;
    std::array<Reg, kRoleCount> r = {kNone, kNone, kNone, kNone, kNone, kNone};
    uint8_t swapped = 0;  // operands 0 and 1 changed places
    uint8_t reserved = 0;
};
static_assert(sizeof(PlanItem) == 16);

// Constants in memory, ahead of the code: 16-byte masks first, then 8- and 4-byte constants.
class ConstantPool {
  public:
    void clear();
    // Offset of the constant from the end of the masks.
    uint32_t add(uint64_t bits, uint32_t size);
    // The same for a constant table, 16-byte aligned.
    uint32_t add_block(std::span<const uint8_t> block, uint32_t alignment = 16);
    const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    struct Entry {
        uint64_t bits;
        uint32_t size;  // 0: empty
        uint32_t offset;
    };
    void grow();
    std::vector<uint8_t> bytes_;
    std::vector<Entry> table_;
    size_t used_ = 0;
};

enum class MaskConstant : uint8_t { Sign64, Abs64, Sign32, Abs32, Count };

inline constexpr uint32_t kIncoming = 0x80000000;

struct Plan {
    std::vector<PlanItem> items;
    std::vector<uint32_t> pool_offset;  // per constant value or calling node: its place in the pool
    std::vector<uint32_t> slot;  // per value: byte offset of its slot in the frame, kNever if none, kIncoming | index
                                 // for arguments on the stack; per Local: its array
    std::vector<ValueId> slot_alias;  // per value: the value whose slot it shares, itself if none
    ConstantPool pool;
    RegMask used_callee_saved = 0;
    uint32_t spills = 0;
    uint32_t slot_bytes = 0;
    uint32_t argument_words = 0;   // of the call that takes the most on the stack
    uint8_t masks = 0;             // bit per MaskConstant in use
    bool has_rare_stores = false;  // arms that almost never run store values: slots, but no spills
    bool has_calls = false;
    uint32_t lane_call_values = 0;  // results and operands of the lane call that has the most
    bool context_form = false;

    void clear(uint32_t nodes);
};

struct AllocatorScratch;  // allocate.h

// Walk 2, forward. Marks kSpilled in `uses`.
void allocate(const Program& program, const CompileOptions& options, Uses& uses, Plan& plan, AllocatorScratch& scratch);

// Gives every spilled value a stack slot from its definition (or first store) to its last use; slots are reused.
void assign_slots(const Function& f, const Uses& uses, Isa isa, Plan& plan);

}  // namespace exprjit::jit
