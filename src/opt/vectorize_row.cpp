// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/vectorize_row.h"

#include <algorithm>

namespace exprjit::vectorizing {

namespace {

bool is_lanes(Type t) { return t.is_value() && !t.is_scalar(); }

// Operations without effect and without memory, which can be computed wherever their operands are known.
bool is_movable(Op op) { return info(op).is_value() || op == Op::NativePure || op == Op::Const || op == Op::Table; }

// About how many instructions a node is, per group of rows.
uint32_t cost_of(const Node& n) {
    constexpr uint32_t kCallCost = 40, kDivideCost = 10;
    const OpInfo& i = info(n.op);
    if (i.lowering == Lowering::Call || is_native(n.op)) return kCallCost;
    switch (n.op) {
    case Op::Quot:
    case Op::Rem: return kDivideCost;
    case Op::For:
    case Op::Loop: return kCallCost;  // it repeats what it holds
    case Op::Result:
    case Op::Const:
    case Op::Param:
    case Op::Else:
    case Op::EndIf:
    case Op::Return: return 0;
    default: return 1;
    }
}

}  // namespace

ValueId then_yield(const Function& f, ValueId end_if) {
    const ValueId opener = f[end_if].link, last = f[opener].link - 1;
    return f[last].op == Op::Yield && f[last].link == opener ? last : kNoValue;
}

ValueId else_yield(const Function& f, ValueId end_if) {
    const ValueId last = end_if - 1;
    return f[last].op == Op::Yield && f[last].link == f[end_if].link ? last : kNoValue;
}

RowAnalysis::RowAnalysis(const Function& f, std::span<const RowInput> inputs, bool lanes)
    : f_(f), inputs_(inputs), lanes_(lanes) {
    facts_.assign(f.size(), 0);
    cost_before_.resize(f.size() + 1);
    if (walk_straight()) return;
    // There are regions: begin again, more slowly.
    facts_.assign(f.size(), 0);
    region_.assign(f.size(), kNoValue);
    can_use_lanes_ = true;
    find_structure();
    if (lanes_ && can_use_lanes_) find_lanes();
    find_hoisted();
    count_cost();
}

// Everything in one walk, for functions without regions. False if there is one.
bool RowAnalysis::walk_straight() {
    uint32_t sum = 0;
    for (ValueId v = 0; v < f_.size(); ++v) {
        const Node& n = f_[v];
        cost_before_[v] = sum;
        uint8_t facts = 0;
        if (is_lanes(n.type)) refuse();  // a row has lanes of its own already
        if (is_movable(n.op)) {
            uint8_t any = 0, all = kHoisted;
            for (const ValueId o : f_.operands(n)) {
                any |= facts_[o];
                all &= facts_[o];
            }
            facts = (any & kVaries) | all;
            if (n.op == Op::Table) refuse();
        } else if (n.op == Op::Param) {
            facts = inputs_[v].uniform ? kHoisted : lanes_ ? kVaries : 0;
            if (!n.type.is_scalar()) refuse();
        } else if (n.op == Op::Result) {
            facts = info(f_[v - n.imm].op).is_value() ? facts_[v - n.imm] : 0;
        } else if (info(n.op).has(kOpens)) {
            return false;
        } else if (n.op != Op::Check && (n.op != Op::Return || v + 1 != f_.size())) {
            refuse();
        }
        facts_[v] = facts;
        if ((facts & kHoisted) == 0) sum += cost_of(n);
    }
    cost_before_[f_.size()] = sum;
    return true;
}

// Which regions the nodes stand in, what these hold, and whether lanes can follow their control flow.
void RowAnalysis::find_structure() {
    ValueId open = kNoValue;
    for (ValueId v = 0; v < f_.size(); ++v) {
        const Node& n = f_[v];
        const OpInfo& i = info(n.op);
        if (is_lanes(n.type)) refuse();
        if (i.has(kEnds)) open = region_[n.link];
        region_[v] = i.has(kMid) ? region_[open] : open;
        if (i.has(kOpens)) open = v;
        if (n.op == Op::Loop) facts_[v] |= kFlattened;
        if (n.op == Op::Check) mark_regions(v, kHasCheck);
        if (n.op == Op::Store || n.op == Op::StoreRaw || n.op == Op::Native) mark_regions(v, kHasStore);
        if (i.has(kTerminator)) visit_leave(v);
        const bool structural = i.has(kOpens) || i.has(kMid) || i.has(kEnds) || i.has(kTerminator) || is_movable(n.op);
        if (!structural) {
            switch (n.op) {
            case Op::Param:
                if (!n.type.is_scalar()) refuse();
                break;
            case Op::Result:
            case Op::Index:
            case Op::Carried:
            case Op::Check: break;
            default: refuse();  // arrays, tables, and what only passes make
            }
        }
        if (n.op == Op::Table) refuse();
    }
}

void RowAnalysis::mark_regions(ValueId v, Fact fact) {
    for (ValueId r = region_[v]; r != kNoValue && (facts_[r] & fact) == 0; r = region_[r]) facts_[r] |= fact;
}

// Lanes can leave a Loop that makes one trip, from Ifs only; they must all make the same trips of a For.
void RowAnalysis::visit_leave(ValueId v) {
    const Node& n = f_[v];
    if (n.op == Op::Return) {
        if (v + 1 != f_.size()) refuse();
        return;
    }
    if (n.op == Op::Yield) {
        if (f_[n.link].op == Op::Loop) refuse();
        return;
    }
    if (n.op == Op::Continue || f_[n.link].op == Op::For) refuse();
    for (ValueId r = region_[v]; r != n.link; r = region_[r]) {
        if (f_[r].op != Op::If) refuse();
        // What leaves the innermost loop has been here before: so are the regions further out marked.
        if ((facts_[r] & kLeaves) != 0 && n.imm == 0) break;
        facts_[r] |= kLeaves | kFlattened;
    }
}

bool RowAnalysis::any_operand_varies(const Node& n) const {
    for (const ValueId o : f_.operands(n)) {
        if (varies(o)) return true;
    }
    return false;
}

// What a loop carries varies if its first value does or a later one: known after the walk, so the walk is repeated.
void RowAnalysis::find_lanes() {
    constexpr int kMostWalks = 6;  // then everything carried is taken to vary, so that the cost stays linear
    for (int walk = 0; walk_lanes(walk == kMostWalks) && walk < kMostWalks; ++walk) {
    }
}

// True if something that is carried was found to vary only at its yield.
bool RowAnalysis::walk_lanes(bool all_carried) {
    bool again = false;
    for (ValueId v = 0; v < f_.size(); ++v) {
        const Node& n = f_[v];
        bool is_varying = false;
        switch (n.op) {
        case Op::Param: is_varying = !inputs_[v].uniform; break;
        case Op::Carried: {
            const ValueId opener = region_[v];
            const ValueId init = f_.operands(opener)[n.imm + (f_[opener].op == Op::For ? 3 : 0)];
            is_varying = varies(init) || (facts_[v] & kCarriedVaries) != 0 || (all_carried && f_[opener].op == Op::For);
            break;
        }
        case Op::If:
            if (varies(f_.operands(n)[0])) facts_[v] |= can_stay_a_branch(v) ? kUsualBranch : kFlattened;
            break;
        case Op::For:
            for (size_t k = 0; k < 3; ++k) {
                if (varies(f_.operands(n)[k])) refuse();
            }
            break;
        case Op::Yield: {
            if (f_[n.link].op != Op::For) break;
            const auto values = f_.operands(n);
            for (uint32_t k = 0; k < values.size(); ++k) {
                const ValueId carried = n.link + 2 + k;
                if (!varies(values[k]) || varies(carried)) continue;
                facts_[carried] |= kCarriedVaries;
                again = true;
            }
            break;
        }
        case Op::EndIf: end_if(v); continue;
        case Op::EndFor:
        case Op::EndLoop: {
            if (n.type.is_void()) break;
            const uint32_t slots = f_.result_slots(v);
            for (uint32_t k = 0; k < slots; ++k) {
                if (n.op == Op::EndLoop || varies(n.link + 2 + k)) facts_[v + k] |= kVaries;
            }
            continue;
        }
        case Op::Result:
            is_varying = info(f_[v - n.imm].op).is_value() && varies(v - static_cast<ValueId>(n.imm));
            break;
        case Op::NativePure: is_varying = any_operand_varies(n); break;
        default: is_varying = info(n.op).is_value() && any_operand_varies(n); break;
        }
        if (is_varying) facts_[v] |= kVaries;
    }
    return again;
}

// Then the values of its then arm are known in front of it, and its else arm can run for every lane.
bool RowAnalysis::can_stay_a_branch(ValueId v) const {
    constexpr uint8_t kForbidden = kFlattened | kLeaves | kHasCheck | kHasStore;
    return f_[v].imm == kIfUsual && f_[v + 1].op == Op::Yield && (facts_[v] & kForbidden) == 0;
}

void RowAnalysis::end_if(ValueId v) {
    if (f_[v].type.is_void()) return;
    const bool selects = is_flattened(f_[v].link) || is_usual_branch(f_[v].link);
    const ValueId arms[2] = {then_yield(f_, v), else_yield(f_, v)};
    const uint32_t slots = f_.result_slots(v);
    for (uint32_t k = 0; k < slots; ++k) {
        bool is_varying = selects;
        for (const ValueId arm : arms) is_varying |= arm != kNoValue && varies(f_.operands(arm)[k]);
        if (is_varying) facts_[v + k] |= kVaries;
    }
}

void RowAnalysis::find_hoisted() {
    for (ValueId v = 0; v < f_.size(); ++v) {
        const Node& n = f_[v];
        bool hoisted = false;
        if (n.op == Op::Param) {
            hoisted = inputs_[v].uniform;
        } else if (is_movable(n.op)) {
            hoisted = true;
            for (const ValueId o : f_.operands(n)) hoisted = hoisted && is_hoisted(o);
        } else if (n.op == Op::Result && info(f_[v - n.imm].op).is_value()) {
            hoisted = is_hoisted(v - static_cast<ValueId>(n.imm));
        } else if (n.op == Op::EndIf && !n.type.is_void()) {
            // The choice between two values that are known in front becomes a select there.
            const ValueId a = then_yield(f_, v), b = else_yield(f_, v);
            if (a == kNoValue || b == kNoValue || is_flattened(n.link) || !is_hoisted(f_.operands(n.link)[0])) continue;
            const uint32_t slots = f_.result_slots(v);
            for (uint32_t k = 0; k < slots; ++k) {
                if (is_lanes(f_[v + k].type)) continue;  // would need a condition of as many lanes
                if (is_hoisted(f_.operands(a)[k]) && is_hoisted(f_.operands(b)[k])) facts_[v + k] |= kHoisted;
            }
            continue;
        }
        if (hoisted) facts_[v] |= kHoisted;
    }
}

// What almost never runs costs nothing.
void RowAnalysis::count_cost() {
    uint32_t sum = 0;
    ValueId rare_end = 0;
    for (ValueId v = 0; v < f_.size(); ++v) {
        cost_before_[v] = sum;
        if (f_[v].op == Op::Else && f_[f_[f_[v].link].link].imm == kIfUsual) rare_end = std::max(rare_end, f_[v].link);
        if (!is_hoisted(v) && v >= rare_end) sum += cost_of(f_[v]);
    }
    cost_before_[f_.size()] = sum;
}

}  // namespace exprjit::vectorizing
