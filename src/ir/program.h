// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The IR: typed SSA with structured control flow in flat arrays. A function is one array of nodes in execution order; a
// node's index is the id of its (first) value. Regions are not objects: an opening node (If, For, Loop), its body, and its
// closing node (EndIf, EndFor, EndLoop) stand in the array one after the other, so every walk is a loop over an index.
//
//     %3 = for %lo, %hi, %step, %init     id 3: For; operands lo hi step init…
//     %4 = index                          id 4: the induction variable
//     %5 = carried 0                      id 5: the first carried value
//        …
//     yield %7                            next trip with %7
//     %9 = end_for                        id 9: the results: value 9 is the first; further ones are Result nodes 10, 11 …
//
// Values are visible from their node to the end of the region that holds it. Definition order is id order: an operand is
// always smaller than its user (carried values feed back through yield only).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ir/native.h"
#include "ir/op.h"
#include "ir/types.h"
#include "support/span.h"

namespace exprjit {

using ValueId = uint32_t;
inline constexpr ValueId kNoValue = UINT32_MAX;

// One node: 32 bytes, plain data. Up to three operands live inside; more are in Function::lists.
struct Node {
    Op op;
    uint8_t reserved = 0;
    uint16_t operand_count16 = 0;                                 // kManyOperands: the count is inline_operands[1]
    Type type;                                                    // of the first result; Void if there is none
    ValueId inline_operands[3] = {kNoValue, kNoValue, kNoValue};  // or {start in lists, count, -}
    uint32_t link = UINT32_MAX;  // structure: the node that pairs with this one, see ops.def
    uint64_t imm = 0;
};
static_assert(sizeof(Node) == 32);
inline constexpr uint16_t kManyOperands = UINT16_MAX;

struct Param {
    std::string name;
    Type type;
};

// A constant table of one storage type: raw little-endian elements.
struct ConstantTable {
    Storage storage;
    std::vector<uint8_t> bytes;

    uint64_t length() const { return bytes.size() / byte_size(storage); }
};

struct Function {
    std::string name;
    std::vector<Param> params;              // param nodes 0 … params.size()-1 come first in `nodes`
    std::vector<Type> results;              // types of what every Return gives
    std::vector<std::string> result_names;  // empty, or one per result ("" for a final expression)
    std::vector<Node> nodes;
    std::vector<ValueId> lists;  // operands of nodes that have more than three
    std::vector<Span> spans;     // source position per node; empty if nothing is known

    uint32_t size() const { return static_cast<uint32_t>(nodes.size()); }
    const Node& operator[](ValueId v) const { return nodes[v]; }

    std::span<const ValueId> operands(const Node& n) const {
        if (n.operand_count16 != kManyOperands) return {n.inline_operands, n.operand_count16};
        return {lists.data() + n.inline_operands[0], n.inline_operands[1]};
    }
    std::span<const ValueId> operands(ValueId v) const { return operands(nodes[v]); }
    std::span<ValueId> mutable_operands(Node& n) {
        if (n.operand_count16 != kManyOperands) return {n.inline_operands, n.operand_count16};
        return {lists.data() + n.inline_operands[0], n.inline_operands[1]};
    }

    // How many consecutive value ids the node owns, at least 1 (a node without a result still owns its id).
    uint32_t result_slots(ValueId v) const {
        uint32_t n = 1;
        while (v + n < size() && nodes[v + n].op == Op::Result) ++n;
        return n;
    }
    Span span_of(ValueId v) const { return v < spans.size() ? spans[v] : kNoSpan; }

    // Empties it but keeps the memory, for reuse as scratch.
    void clear() {
        name.clear();
        params.clear();
        results.clear();
        result_names.clear();
        nodes.clear();
        lists.clear();
        spans.clear();
    }
};

// One or more functions and their constant tables; function 0 is the entry. A call names a function with a larger index
// than its own, so recursion cannot be written.
struct Program {
    std::vector<Function> functions;
    std::vector<ConstantTable> tables;
    std::vector<NativeRef> natives;  // host functions that native nodes name; only the front end of text makes any
    uint32_t flags = 0;              // EJ_FLAG_* that the flags pass still has to act on

    Function& entry() { return functions.front(); }
    const Function& entry() const { return functions.front(); }
};

// Limits of the border (verifier, builder, parser). Zero-cost defaults; the engine's options may lower them.
struct Limits {
    size_t max_text_bytes = size_t{16} << 20;
    size_t max_nodes = 4'000'000;
    size_t max_nesting = 1'000;    // levels of regions
    size_t max_operands = 65'536;  // of one node
    size_t max_functions = 4'096;
    size_t max_params = 4'096;
    size_t max_local_bytes = 64 * 1024;  // local arrays of one function
    size_t max_table_bytes = size_t{16} << 20;
    size_t max_code_bytes = size_t{64} << 20;
};

}  // namespace exprjit
