// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Walk 1, backward: for every value its first and last use, for every operand the next use after it, the pressure of each
// loop, and what fuses (compare into branch or select, load into its only user, scale into an address). Structured control
// flow needs no data-flow iteration: a value from outside a loop that is used in it lives to the loop's end.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ir/program.h"
#include "jit/target.h"

namespace exprjit::jit {

inline constexpr uint32_t kNever = UINT32_MAX;

// Roles of a node's needs, and so positions in PlanItem::r.
enum Role : uint8_t {
    kOperand0 = 0,
    kOperand1 = 1,
    kOperand2 = 2,
    kCompareRight = 3,  // of a fused compare whose left side is role 0
    kAddressBase = 4,   // of a load or store, or of the load folded into this node
    kAddressIndex = 5,
};
inline constexpr int kRoleCount = 6;

struct Need {
    ValueId value;
    Role role;
};

// What a node needs in registers (or memory, or as immediates), after fusion. At most six.
struct Needs {
    std::array<Need, kRoleCount> list;
    int count = 0;

    void add(ValueId v, Role role) { list[static_cast<size_t>(count++)] = {v, role}; }
    const Need* begin() const { return list.data(); }
    const Need* end() const { return list.data() + count; }
};

enum NodeFlag : uint8_t {
    kFuseCompare = 1,   // this If, Check or Select evaluates its compare itself; an If also its test of lanes
    kFolded = 2,        // this LoadRaw is part of its only user
    kFoldOperand0 = 4,  // this node's operand 0 / 1 is a folded load
    kFoldOperand1 = 8,
    kSpilled = 16,  // the allocator needs this value in memory: stored at its definition
    kFoldOperand2 = 32,
    kHoisted = 64,   // this constant stays in a register through the loop that is open
    kNegates = 128,  // this Fma takes what its Neg operands negate, and negates the product or the addend itself
};

struct LoopUse {
    ValueId head;
    ValueId end;
    uint16_t pressure[kClassCount] = {};  // most values alive at once in its body
    bool is_innermost = true;
};

struct Uses {
    std::vector<uint32_t> first;                      // per value: first use; kNever if dead
    std::vector<uint32_t> last;                       // per value: position after which it is dead; 0 if never used
    std::vector<std::array<uint32_t, 4>> next_after;  // per node and role 0…3: next use of that operand after this node
    std::vector<uint32_t> list_next_after;            // the same for Function::lists
    std::vector<uint8_t> flags;                       // per node: NodeFlag
    std::vector<uint32_t> loop_of;                    // per node, for For and Loop: index in loops; empty without loops
    std::vector<LoopUse> loops;
    std::vector<uint32_t> calls;  // positions of calls, ascending
    bool has_regions = false;
    bool needs_slots = false;  // local arrays, or arguments on the stack
    bool has_lanes = false;    // set by the caller

    bool dead(ValueId v) const { return first[v] == kNever; }
    bool has(ValueId v, NodeFlag f) const { return (flags[v] & f) != 0; }
};

// `context_form`: return values are stored through a pointer instead of returned in a register.
void find_uses(const Function& f, Isa isa, Uses& out);

// The needs of node `id` (not of nodes with operand lists: Yield, Break, Continue, Return, For, Loop). A Check that does not
// name its row also needs the index of the outermost For around it, in role kOperand1: the walks add it, they know the open
// regions.
Needs needs_of(const Function& f, const Uses& uses, ValueId id);

// Whether the operation has a form that leaves masked lanes of its first operand alone.
inline bool can_merge(const Node& n) {
    return is_float(n.type.scalar()) && (n.op == Op::Add || n.op == Op::Sub || n.op == Op::Mul || n.op == Op::Div);
}

// Of an Fma with kNegates: operand k without its negation.
inline ValueId negated(const Function& f, ValueId operand) {
    return f[operand].op == Op::Neg ? f[operand].inline_operands[0] : operand;
}

// The condition not(any(mask)) of an If: whether it holds where all lanes of `mask` are true, or where none is.
struct LaneTest {
    ValueId mask = kNoValue;  // kNoValue: the condition is something else
    bool all = false;
};
LaneTest lane_test(const Function& f, ValueId condition);

// Of such a select: what the operation does to it.
ValueId merged_operand(const Function& f, ValueId select);

// An address's offset as index, scale and displacement: x, x * {2,4,8} or x << {1,2,3}, each plus a constant.
struct ScaledIndex {
    ValueId value;  // kNoValue: the offset is the constant `displacement` alone
    uint8_t shift;
    int32_t displacement;
};
ScaledIndex scaled_index(const Function& f, ValueId offset);

}  // namespace exprjit::jit
