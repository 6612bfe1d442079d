// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How long the results of a group have to wait. CPUs overlap groups as far as their window of some hundred instructions
// reaches: short bodies are bound by how many instructions there are, long ones by how long they wait for each other.
#include <algorithm>

#include "opt/vectorize_row.h"

namespace exprjit::vectorizing {

namespace {

// Cycles until a result is there, about the same for all CPUs with vectors (Fog, "Instruction tables"; uops.info).
uint32_t latency(Op op, Type type) {
    switch (op) {
    case Op::Div: return 14;
    case Op::Sqrt: return 20;
    case Op::Select: return 1;
    case Op::IntToFloat:
    case Op::TruncToInt:
    case Op::FloatToFloat: return 5;
    default: return is_float(type.scalar()) && op != Op::FromBits && op != Op::Neg && op != Op::Abs ? 4 : 1;
    }
}

}  // namespace

uint32_t Slice::longest_chain() const {
    std::vector<uint32_t> ready(f_.size(), 0);  // cycles after the group's beginning
    uint32_t longest = 0;
    ValueId rare_end = 0;
    for (ValueId v = static_cast<ValueId>(f_.params.size()); v < f_.size(); ++v) {
        const Node& n = f_[v];
        if (n.op == Op::Else && row_.is_usual_branch(f_[n.link].link)) rare_end = std::max(rare_end, n.link);
        if (!needs(v) || !row_.varies(v)) continue;
        const ValueId first = n.op == Op::Result ? v - static_cast<ValueId>(n.imm) : v;
        if (f_[first].op == Op::EndIf) {  // the rare arm of a usual If does not count
            const uint32_t k = v - first;
            ready[v] = ready[f_.operands(then_yield(f_, first))[k]];
            if (!row_.is_usual_branch(f_[first].link))
                ready[v] = std::max(ready[v], ready[f_.operands(else_yield(f_, first))[k]]);
        } else if (info(n.op).is_value()) {
            for (const ValueId o : f_.operands(n)) ready[v] = std::max(ready[v], ready[o]);
            ready[v] += latency(n.op, n.type);
        }
        if (v >= rare_end) longest = std::max(longest, ready[v]);
    }
    return longest;
}

}  // namespace exprjit::vectorizing
