// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Removes what nothing needs: values without a user, loops and branches without effect, carried values that only feed
// themselves, stores to local arrays that nothing reads. Optimistic: everything is dead until an effect is found to
// need it.
#include <algorithm>
#include <vector>

#include "opt/passes.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

enum Mark : uint8_t {
    kLive = 1,      // the node stays
    kSlotLive = 2,  // on the k-th result id of a closing node: results, carried and yielded values number k stay
    kRead = 4,      // on a Local: something other than a store uses it
    kStays = 8,     // has a new id
};

bool goes_back(const OpSet& present) { return present.has(Op::For) || present.has(Op::Loop) || present.has(Op::Local); }

class Eliminator {
  public:
    Eliminator(Function& f, PassScratch& scratch) : f_(f), marks_(scratch.marks), map_(scratch.map) {
        marks_.assign(f.size(), 0);
        if (map_.size() < f.size()) map_.resize(f.size());
    }

    void run_straight();
    void run_branches();
    void run_structured();

  private:
    void find_structure();
    void find_roots();
    void use(ValueId v);   // as an operand
    void keep(ValueId v);  // as a node
    void use_slot(ValueId opener, uint32_t k);
    void drain();
    void visit_node(ValueId v);
    void visit_slot(ValueId v);
    ValueId end_of(ValueId opener) const {
        const Node& n = f_[opener];
        return n.op == Op::If ? f_[n.link].link : n.link;
    }
    void filter_operands(Node& n, ValueId end, uint32_t fixed);
    bool stays(ValueId v) const;
    void assign_slots(ValueId end);
    void assign_ids();
    void compact();

    Function& f_;
    std::vector<uint8_t>& marks_;
    std::vector<ValueId>& map_;
    std::vector<ValueId> region_;       // per node: the opener of the region it stands in, kNoValue at the top
    std::vector<ValueId> first_leave_;  // per opener: a list of the terminators that give its slots their values
    std::vector<ValueId> next_leave_;   // per terminator
    std::vector<ValueId> work_;         // nodes to visit; the top bit marks slots
    uint32_t kept_ = 0;
};

constexpr ValueId kSlotWork = 0x80000000u;

// ---- Without regions: one walk backward.

void Eliminator::run_straight() {
    for (ValueId v = f_.size(); v-- > 0;) {
        poll_compile_at(v);
        const Node& n = f_[v];
        const OpInfo& i = info(n.op);
        if (n.op == Op::Result) {  // stays or goes with the value before it
            if (marks_[v] != 0) marks_[v - n.imm] = kLive;
            continue;
        }
        if (marks_[v] == 0 && n.op != Op::Param && !i.has(kEffect) && !i.has(kTerminator)) continue;
        const uint32_t slots = f_.result_slots(v);
        for (uint32_t k = 0; k < slots; ++k) marks_[v + k] = kStays;
        kept_ += slots;
        for (const ValueId o : f_.operands(n)) marks_[o] |= kLive;
    }
    if (kept_ == f_.size()) return;
    kept_ = 0;
    for (ValueId v = 0; v < f_.size(); ++v) {
        if ((marks_[v] & kStays) != 0)
            map_[v] = kept_++;
        else
            marks_[v] = 0;
    }
    compact();
}

// ---- With branches only: one walk backward as well, since all uses of a value come after it.

void Eliminator::run_branches() {
    std::vector<uint8_t> needed;  // per open If: whether a result of it is used, or something in it must run
    for (ValueId v = f_.size(); v-- > 0;) {
        poll_compile_at(v);
        const Node& n = f_[v];
        switch (n.op) {
        case Op::Result: {
            const ValueId owner = v - static_cast<ValueId>(n.imm);
            if (marks_[v] != 0) marks_[f_[owner].op == Op::EndIf ? v : owner] |= kLive;
            continue;
        }
        case Op::EndIf: {
            needed.push_back(0);
            for (uint32_t k = f_.result_slots(v); k-- > 0;) {
                if (marks_[v + k] != 0) marks_[v + k] = kSlotLive, needed.back() = 1;
            }
            continue;
        }
        case Op::Else: continue;
        case Op::Yield: {
            const ValueId end = end_of(n.link);
            const auto values = f_.operands(n);
            for (size_t k = 0; k < values.size(); ++k) {
                if (marks_[end + k] != 0) marks_[values[k]] |= kLive;
            }
            continue;
        }
        case Op::If: {
            const bool stays = needed.back() != 0;
            needed.pop_back();
            if (!stays) continue;
            break;
        }
        default:
            if (marks_[v] == 0 && n.op != Op::Param && !info(n.op).has(kEffect) && !info(n.op).has(kTerminator))
                continue;
            break;
        }
        marks_[v] |= kLive;
        if (!needed.empty()) needed.back() = 1;
        for (const ValueId o : f_.operands(n)) marks_[o] |= kLive;
    }
    assign_ids();
    compact();
}

// ---- With loops or local arrays: a worklist from the effects.

void Eliminator::find_structure() {
    region_.assign(f_.size(), kNoValue);
    first_leave_.assign(f_.size(), kNoValue);
    next_leave_.assign(f_.size(), kNoValue);
    ValueId open = kNoValue;
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f_[v];
        const OpInfo& i = info(n.op);
        if (i.has(kEnds)) open = region_[open];
        region_[v] = open;
        if (i.has(kMid)) region_[v] = region_[open];
        if (i.has(kOpens)) open = v;
        if (n.op == Op::Yield || n.op == Op::Break || n.op == Op::Continue) {
            next_leave_[v] = first_leave_[n.link];
            first_leave_[n.link] = v;
        }
        if (n.op == Op::Store) continue;
        for (const ValueId o : f_.operands(n)) {
            if (f_[o].op == Op::Local) marks_[o] |= kRead;
        }
    }
}

void Eliminator::find_roots() {
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f_[v];
        switch (n.op) {
        case Op::Param:
        case Op::Return: keep(v); break;
        case Op::Local: break;
        case Op::Store: {
            const ValueId array = f_.operands(n)[0];
            if (f_[array].op != Op::Local || (marks_[array] & kRead) != 0) keep(v);
            break;
        }
        case Op::Loop:
            // A loop that can go round might never end, which is an effect. (Inlining leaves loops that cannot.)
            for (ValueId t = first_leave_[v]; t != kNoValue; t = next_leave_[t]) {
                if (f_[t].op != Op::Break) keep(v);
            }
            break;
        default:
            if (info(n.op).has(kEffect)) keep(v);
            break;
        }
    }
}

void Eliminator::keep(ValueId v) {
    if ((marks_[v] & kLive) != 0) return;
    marks_[v] |= kLive;
    work_.push_back(v);
}

void Eliminator::use_slot(ValueId opener, uint32_t k) {
    keep(opener);
    const ValueId slot = end_of(opener) + k;
    if ((marks_[slot] & kSlotLive) != 0) return;
    marks_[slot] |= kSlotLive;
    work_.push_back(slot | kSlotWork);
}

void Eliminator::use(ValueId v) {
    const Node& n = f_[v];
    if (info(n.op).has(kEnds)) return use_slot(n.link, 0);
    switch (n.op) {
    case Op::Carried: return use_slot(region_[v], static_cast<uint32_t>(n.imm));
    case Op::Index: return keep(region_[v]);
    case Op::Result: {
        const ValueId owner = v - static_cast<ValueId>(n.imm);
        if (info(f_[owner].op).has(kEnds)) return use_slot(f_[owner].link, static_cast<uint32_t>(n.imm));
        return keep(owner);
    }
    default: return keep(v);
    }
}

void Eliminator::visit_node(ValueId v) {
    const Node& n = f_[v];
    if (region_[v] != kNoValue) keep(region_[v]);
    switch (n.op) {
    case Op::If:
        use(n.inline_operands[0]);
        for (ValueId t = first_leave_[v]; t != kNoValue; t = next_leave_[t]) keep(t);
        break;
    case Op::For:
        for (const ValueId bound : f_.operands(n).first(3)) use(bound);
        [[fallthrough]];
    case Op::Loop:
        for (ValueId t = first_leave_[v]; t != kNoValue; t = next_leave_[t]) keep(t);
        break;
    case Op::Yield:
    case Op::Break:
    case Op::Continue: break;  // their operands live by slot
    default:
        for (const ValueId o : f_.operands(n)) use(o);
        break;
    }
}

void Eliminator::visit_slot(ValueId slot) {
    const ValueId end = f_[slot].op == Op::Result ? slot - static_cast<ValueId>(f_[slot].imm) : slot;
    const ValueId opener = f_[end].link;
    const uint32_t k = slot - end;
    for (ValueId t = first_leave_[opener]; t != kNoValue; t = next_leave_[t]) use(f_.operands(t)[k]);
    if (f_[opener].op == Op::For) use(f_.operands(opener)[3 + k]);
    if (f_[opener].op == Op::Loop) use(f_.operands(opener)[k]);
}

void Eliminator::drain() {
    while (!work_.empty()) {
        const ValueId item = work_.back();
        work_.pop_back();
        if ((item & kSlotWork) != 0)
            visit_slot(item & ~kSlotWork);
        else
            visit_node(item);
    }
}

// Whether the node stays. Closing nodes and what belongs to another node follow their opener and their slot.
bool Eliminator::stays(ValueId v) const {
    const Node& n = f_[v];
    switch (n.op) {
    case Op::Else: return (marks_[f_[n.link].link] & kLive) != 0;
    case Op::Yield:
    case Op::EndIf:
    case Op::EndFor:
    case Op::EndLoop: return (marks_[n.link] & kLive) != 0;
    case Op::Index: return (marks_[region_[v]] & kLive) != 0;
    case Op::Carried: return (marks_[end_of(region_[v]) + n.imm] & kSlotLive) != 0;
    case Op::Result: {
        const ValueId owner = v - static_cast<ValueId>(n.imm);
        return (marks_[info(f_[owner].op).has(kEnds) ? v : owner] & (kSlotLive | kLive)) != 0;
    }
    default: return (marks_[v] & kLive) != 0;
    }
}

// Drops the operands of dead slots, which begin behind `fixed` others.
void Eliminator::filter_operands(Node& n, ValueId end, uint32_t fixed) {
    const auto operands = f_.mutable_operands(n);
    uint32_t count = 0;
    for (uint32_t i = 0; i < operands.size(); ++i) {
        if (i < fixed || (marks_[end + i - fixed] & kSlotLive) != 0) operands[count++] = operands[i];
    }
    if (count == operands.size()) return;
    if (n.operand_count16 != kManyOperands) {
        n.operand_count16 = static_cast<uint16_t>(count);
        std::fill(n.inline_operands + count, n.inline_operands + 3, kNoValue);
    } else if (count > 3) {
        n.inline_operands[1] = count;
    } else {
        ValueId few[3] = {kNoValue, kNoValue, kNoValue};
        std::copy_n(operands.data(), count, few);
        std::copy_n(few, 3, n.inline_operands);
        n.operand_count16 = static_cast<uint16_t>(count);
    }
}

// The closing node is the first slot that stays and takes its type; the others are Results behind it.
void Eliminator::assign_slots(ValueId end) {
    const uint32_t count = f_.result_slots(end);
    map_[end] = kept_++;
    marks_[end] |= kStays;
    uint32_t rank = 0;
    for (uint32_t k = 0; k < count; ++k) {
        const ValueId slot = end + k;
        if ((marks_[slot] & kSlotLive) == 0) continue;
        if (rank == 0) {
            f_.nodes[end].type = f_[slot].type;
            map_[slot] = map_[end];
        } else {
            map_[slot] = kept_++;
            marks_[slot] |= kStays;
            f_.nodes[slot].imm = rank;
        }
        ++rank;
    }
    if (rank == 0) f_.nodes[end].type = kVoid;
}

// New ids and slot numbers, and operand lists without the dead slots. Links and operands are still the old ones.
void Eliminator::assign_ids() {
    uint32_t carried = 0;
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        Node& n = f_.nodes[v];
        if (info(n.op).has(kEnds)) {
            const uint32_t count = f_.result_slots(v);
            if ((marks_[n.link] & kLive) != 0) assign_slots(v);
            v += count - 1;
            continue;
        }
        if (!stays(v)) continue;
        marks_[v] |= kStays;
        map_[v] = kept_++;
        switch (n.op) {
        case Op::For:
        case Op::Loop:
            carried = 0;
            filter_operands(n, n.link, n.op == Op::For ? 3 : 0);
            break;
        case Op::Carried: n.imm = carried++; break;
        case Op::Yield:
        case Op::Break:
        case Op::Continue: filter_operands(n, end_of(n.link), 0); break;
        default: break;
        }
    }
}

void Eliminator::run_structured() {
    find_structure();
    find_roots();
    drain();
    assign_ids();
    compact();
}

// Moves what stays to its new place, operands and links with it.
void Eliminator::compact() {
    const bool has_spans = f_.spans.size() == f_.nodes.size();
    for (ValueId v = 0, to = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        if ((marks_[v] & kStays) == 0) continue;
        Node n = f_[v];
        for (ValueId& o : f_.mutable_operands(n)) o = map_[o];
        if (n.link != UINT32_MAX) n.link = map_[n.link];
        f_.nodes[to] = n;
        if (has_spans) f_.spans[to] = f_.spans[v];
        ++to;
    }
    f_.nodes.resize(kept_);
    if (has_spans) f_.spans.resize(kept_);
}

}  // namespace

void eliminate_dead_code(Program& program, PassScratch& scratch, const OpSet& present) {
    Eliminator e(program.entry(), scratch);
    if (goes_back(present))
        e.run_structured();
    else if (present.has(Op::If))
        e.run_branches();
    else
        e.run_straight();
}

}  // namespace exprjit
