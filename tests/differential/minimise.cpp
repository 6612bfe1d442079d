// SPDX-License-Identifier: MIT OR Apache-2.0
#include "minimise.h"

#include <algorithm>
#include <chrono>

#include "ir/verify.h"

namespace exprjit::differential {

namespace {

// Nodes that may vanish when nothing uses them: what they do is their value.
bool removable(const Function& f, ValueId v) {
    const Op op = f[v].op;
    const bool pure = info(op).is_value() || op == Op::Const || op == Op::Load || op == Op::Len || op == Op::Table ||
                      op == Op::Store || op == Op::Check || op == Op::Local || op == Op::Any || op == Op::CountLanes;
    return pure && f.result_slots(v) == 1;
}

// `drop[v]` set: the node goes. Ids, links and lists are rewritten.
Function without(const Function& f, const std::vector<bool>& drop) {
    Function out;
    out.name = f.name;
    out.params = f.params;
    out.results = f.results;
    out.result_names = f.result_names;
    std::vector<ValueId> map(f.size(), kNoValue);
    for (ValueId v = 0; v < f.size(); ++v) {
        if (drop[v]) continue;
        map[v] = out.size();
        out.nodes.push_back(f[v]);
    }
    for (ValueId v = 0; v < f.size(); ++v) {
        if (drop[v]) continue;
        Node& n = out.nodes[map[v]];
        if (n.link != UINT32_MAX) n.link = map[n.link];
        if (n.operand_count16 == kManyOperands) {
            const auto old = f.operands(v);
            n.inline_operands[0] = static_cast<ValueId>(out.lists.size());
            out.lists.insert(out.lists.end(), old.begin(), old.end());
        }
        for (ValueId& o : out.mutable_operands(n)) o = map[o];
    }
    return out;
}

Function compacted(const Function& f) {
    std::vector<uint32_t> uses(f.size(), 0);
    for (ValueId v = 0; v < f.size(); ++v)
        for (const ValueId o : f.operands(v)) ++uses[o];
    std::vector<bool> drop(f.size(), false);
    for (ValueId v = f.size(); v-- > 0;) {
        if (uses[v] != 0 || !removable(f, v) || info(f[v].op).has(kEffect)) continue;
        drop[v] = true;
        for (const ValueId o : f.operands(v)) --uses[o];
    }
    return without(f, drop);
}

}  // namespace

Program minimise(Program program, const std::function<bool(const Program&)>& fails) {
    const Limits limits;
    int tries = 0;
    // Candidates may loop until the watchdog stops them, so the whole search has a limit in time too.
    const auto start = std::chrono::steady_clock::now();
    const auto attempt = [&](const Program& candidate) {
        if (std::chrono::steady_clock::now() - start > std::chrono::seconds(8)) tries = 3000;
        if (++tries > 3000 || !verify(candidate, limits, Trust::Internal).ok() || !fails(candidate)) return false;
        program = candidate;
        return true;
    };
    for (bool smaller = true; smaller && tries <= 3000;) {
        smaller = false;
        for (size_t k = 0; k < program.functions.size(); ++k) {
            Program c = program;
            c.functions[k] = compacted(program.functions[k]);
            if (c.functions[k].size() < program.functions[k].size()) smaller |= attempt(c);
        }
        for (size_t k = 0; k < program.functions.size(); ++k)
            for (ValueId v = program.functions[k].size(); v-- > 0;) {
                if (v >= program.functions[k].size()) continue;
                const Function& f = program.functions[k];
                const Op op = f[v].op;
                if (op == Op::Store || op == Op::Check) {  // an effect: try without it
                    Program c = program;
                    std::vector<bool> drop(f.size(), false);
                    drop[v] = true;
                    c.functions[k] = without(f, drop);
                    smaller |= attempt(c);
                    continue;
                }
                const bool gives_value =
                    info(op).is_value() || op == Op::Load || op == Op::Len || op == Op::Any || op == Op::CountLanes;
                if (!gives_value || f.result_slots(v) != 1) continue;
                Program c = program;
                Node& n = c.functions[k].nodes[v];
                n.op = Op::Const;
                n.operand_count16 = 0;
                n.imm = 0;
                if (attempt(c)) {
                    smaller = true;
                    continue;
                }
            }
    }
    return program;
}

}  // namespace exprjit::differential
