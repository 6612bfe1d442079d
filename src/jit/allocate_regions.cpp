// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Registers across structured control flow. A loop has one state: at entry, at every back edge, continue and break, and at
// the exit; the result of a loop is where its carried value was. An if starts both arms in one state; the first arm that
// reaches the end sets the state of the join, the other moves into it.
#include <algorithm>
#include <bit>

#include "jit/allocate.h"

namespace exprjit::jit {

namespace {

// Registers of a class that carried values or join results leave for everything else.
constexpr uint32_t kReserve = 5;

}  // namespace

OpenRegion& Allocator::region_of(ValueId opener) {
    size_t d = depth_;
    while (regions_[d - 1].opener != opener) --d;
    return regions_[d - 1];
}

ValueId Allocator::after_terminator() const {
    if (depth_ == 0) return f_.size();
    const OpenRegion& region = regions_[depth_ - 1];
    if (f_[region.opener].op != Op::If) return region.end;
    const ValueId middle = f_[region.opener].link;
    return region.first_param == kNoValue ? middle : region.end;
}

// ---- If. While the first arm is open, first_param is kNoValue.

void Allocator::open_if(ValueId v) {
    normal(v, structure_constraints(Op::If));
    plan_.items.back().kind = ItemKind::If;
    if (depth_ == regions_.size()) regions_.emplace_back();
    OpenRegion& region = regions_[depth_++];
    region.opener = v;
    region.end = f_[f_[v].link].link;
    region.first_param = kNoValue;
    region.param_count = f_[region.end].type.is_void() ? 0 : f_.result_slots(region.end);
    region.has_join = false;
    region.in_slots.clear();
    region.state = snapshot();
}

void Allocator::middle(ValueId v) {
    OpenRegion& region = regions_[depth_ - 1];
    region.first_param = region.end;
    PlanItem& item = push(ItemKind::Else, v);
    item.dst = region.has_join ? 1 : 0;
    restore(region.state, v);
    region.outer_rare_depth = rare_depth_;
    region.outer_stored = stored_here_.size();
    // Only beside an arm that goes on too: the join is that arm's, and has in registers what this one stores. Where it
    // leaves, this arm alone says what is in memory behind it, and an If around expects that of every way.
    if (f_[region.opener].imm == kIfUsual && region.has_join) rare_depth_ = depth_;
}

void Allocator::close_if(ValueId v) {
    const OpenRegion& region = regions_[--depth_];
    rare_depth_ = region.outer_rare_depth;  // what a rare arm stored is there on that way only
    stored_here_.resize(region.outer_stored);
    push(ItemKind::EndIf, v);
    if (!region.has_join) {
        reachable_ = false;
        return;
    }
    restore(region.join, v);
    for (uint32_t k = 0; k < region.param_count; ++k) define(v + k);
}

// ---- Loops. The id of a For stands for its remaining trip count.

void Allocator::trip_count(ValueId v) {
    const auto operands = f_.operands(v);
    const ValueId lo = operands[0], hi = operands[1], step = operands[2];
    const Node& s = f_[step];
    // One up or down, or a power of two up: no division.
    const bool unit = is_const(s) && (s.imm == ~uint64_t{0} || (std::has_single_bit(s.imm) && s.imm >> 62 == 0));
    const RegMask forbidden = unit ? 0 : kDivisionRegs;
    PlanItem item;
    item.node = v;
    item.kind = ItemKind::Trip;
    if (!unit) {
        for (const ValueId operand : {lo, hi, step})
            if (is_reg(reg_[operand])) pin(RegClass::Gp, reg_[operand]);
        vacate(RegClass::Gp, kRdx, v, kDivisionRegs);
        vacate(RegClass::Gp, kRax, v, kDivisionRegs);
    }
    item.r[0] = ensure(lo, v, forbidden);
    item.r[1] = ensure(hi, v, forbidden);
    item.r[2] = unit ? kImm : ensure(step, v, forbidden);
    item.dst = unit ? take(RegClass::Gp, v, v, kNone) : Reg{kRax};
    assign(v, item.dst);
    plan_.items.push_back(item);
    pin(RegClass::Gp, item.dst);
}

void Allocator::open_loop(ValueId v) {
    const bool is_for = f_[v].op == Op::For;
    const LoopUse& use = u_.loops[u_.loop_of[v]];
    drop_constants();
    // Values that the loop does not use give up their registers if its body needs them.
    for (int c = 0; c < kClassCount; ++c) {
        uint32_t pressure = use.pressure[c];
        while (pressure + 1 >= static_cast<uint32_t>(std::popcount(registers_.usable[c]))) {
            Reg victim = kNone;
            uint32_t furthest = use.end;
            for (RegMask m = used(c); m != 0; m &= m - 1) {
                const Reg r = static_cast<Reg>(std::countr_zero(m));
                const ValueId w = owner_[c][r];
                if (u_.first[w] > furthest && u_.last[w] > v) furthest = u_.first[w], victim = r;
            }
            if (!is_reg(victim)) break;
            evict(static_cast<RegClass>(c), victim);
            --pressure;
        }
    }
    if (depth_ == regions_.size()) regions_.emplace_back();
    OpenRegion& region = regions_[depth_];
    region.opener = v;
    region.end = use.end;
    region.has_join = is_for;
    region.in_slots.clear();
    region.hoisted.clear();
    const auto operands = f_.operands(v);
    if (is_for) {
        trip_count(v);
        args_.assign(operands.begin() + 2, operands.end());
        args_[0] = operands[0];  // the index starts at lo
    } else {
        args_.assign(operands.begin(), operands.end());
    }
    const RegMask kept = pinned_[0];
    unpin_all();
    if (is_for) pinned_[0] = kept & bit(reg_[v]);
    region.first_param = v + 1;
    region.param_count = static_cast<uint32_t>(args_.size());
    place(v + 1, args_, v, region);
    for (const ValueId operand : operands) release_if_dead(operand, v);
    for (const ValueId operand : operands) {
        uint32_t& next = u_.first[operand];
        if (next <= v) next = u_.last[operand];
    }
    drop_constants();
    if (u_.has_lanes && use.is_innermost) hoist_constants(v, region);
    ++depth_;
    region.state = snapshot();
    if (is_for && outer_for_ == kNoValue) outer_for_ = v;
    push(ItemKind::Head, v);
    if (is_for) define(v);
    for (uint32_t k = 0; k < region.param_count; ++k) define(v + 1 + k);
}

// The constants that the loop uses most get the registers that its body leaves free, for all of its trips.
void Allocator::hoist_constants(ValueId loop, OpenRegion& region) {
    const LoopUse& use = u_.loops[u_.loop_of[loop]];
    hoist_.clear();
    for (ValueId v = loop + 1; v < use.end; ++v) {
        if (f_[v].op == Op::Else && f_[f_[f_[v].link].link].imm == kIfUsual) v = f_[v].link;
        const auto operands = f_.operands(v);
        const bool shifts = f_[v].op >= Op::Shl && f_[v].op <= Op::Rotr;  // a constant count is an immediate
        for (size_t k = 0; k < operands.size(); ++k) {
            const ValueId w = operands[k];
            if (w >= loop || !is_const(f_[w]) || !is_lanes(f_[w].type) || (shifts && k == 1)) continue;
            hoist_.push_back(w);
        }
    }
    // Most used first; equal ones in order of definition.
    std::sort(hoist_.begin(), hoist_.end());
    counts_.clear();
    for (size_t k = 0; k < hoist_.size();) {
        size_t next = k;
        while (next < hoist_.size() && hoist_[next] == hoist_[k]) ++next;
        counts_.push_back({static_cast<uint32_t>(next - k), hoist_[k]});
        k = next;
    }
    std::stable_sort(counts_.begin(), counts_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    // What is in registers now stays, and the body needs its own, and some more for a moment.
    constexpr int kMargin = 3;
    int left[kClassCount];
    for (int c = 0; c < kClassCount; ++c) {
        const int have = std::popcount(registers_.usable[c]);
        left[c] = std::min(have - use.pressure[c] - kMargin, have - std::popcount(used(c) & registers_.usable[c]) - 1);
    }
    for (const auto& [count, w] : counts_) {
        const int c = index(cls(w));
        if (left[c] <= 0) continue;
        --left[c];
        const Reg r = take(static_cast<RegClass>(c), w, loop, kNone);
        load(w, r);
        assign(w, r);
        u_.flags[w] |= kHoisted;
        region.hoisted.push_back(w);
    }
}

void Allocator::close_loop(ValueId v) {
    const OpenRegion& region = regions_[--depth_];
    const ValueId head = region.opener;
    const bool is_for = f_[head].op == Op::For;
    if (outer_for_ == head) outer_for_ = kNoValue;
    PlanItem& item = push(ItemKind::EndLoop, v);
    const uint32_t skip = is_for ? 1 : 0;  // the index has no result
    if (is_for) {
        item.r[0] = item.r[1] = kMem;
        const ValueId step = f_.operands(head)[2];
        item.r[2] = is_const(f_[step]) ? kImm : kMem;
        for (Reg r = 0; r < registers_.count[0]; ++r) {
            const ValueId w = region.state.owner[0][r];
            if (w == head + 1) item.r[0] = r;
            if (w == head) item.r[1] = r;
            if (w == step) item.r[2] = r;
        }
    }
    for (const ValueId w : region.hoisted) u_.flags[w] &= static_cast<uint8_t>(~kHoisted);
    if (!region.has_join) {
        reachable_ = false;
        return;
    }
    restore(region.state, v);
    for (const ValueId w : region.hoisted) release(w);
    for (int c = 0; c < kClassCount; ++c)  // "next trip" is over: what is left is used after the loop
        for (RegMask m = used(c); m != 0; m &= m - 1) {
            const ValueId w = owner_[c][std::countr_zero(m)];
            if (u_.first[w] <= v) u_.first[w] = u_.last[w];
        }
    const uint32_t results = region.param_count - skip;
    const ValueId first_carried = region.first_param + skip;
    for (int c = 0; c < kClassCount; ++c) {
        for (Reg r = 0; r < registers_.count[c]; ++r) {
            const ValueId w = region.state.owner[c][r];
            if (w == kNoValue || w < first_carried || w >= first_carried + results) continue;
            const ValueId result = v + (w - first_carried);
            if (u_.last[result] > v) assign(result, r);
        }
    }
    for (const uint32_t k : region.in_slots) {
        if (k < skip) continue;
        const ValueId result = v + (k - skip), carried = region.first_param + k;
        if (u_.last[result] == 0) continue;
        plan_.slot_alias[result] = carried;
        u_.flags[result] |= kSpilled;
        u_.last[carried] = std::max(u_.last[carried], u_.last[result]);
    }
    for (uint32_t k = 0; k < results; ++k) define(v + k);
}

// ---- Edges

void Allocator::place(ValueId first, std::span<const ValueId> args, uint32_t at, OpenRegion& region) {
    // A value that dies here gives its register to the first parameter that takes it; its other copies are made before.
    claimed_.assign(args.size(), 0);
    // Scalars can be in the first 16 vectors only, so lanes take the others first.
    uint32_t room[kClassCount], high = 0;
    for (int c = 0; c < kClassCount; ++c) {
        RegMask usable = registers_.usable[c];
        if (c == index(RegClass::Vec)) {
            high = static_cast<uint32_t>(std::popcount(usable & ~kScalarVec));
            usable &= kScalarVec;
        }
        const uint32_t reserve = c == index(RegClass::Mask) ? 2 : kReserve;
        const auto have = static_cast<uint32_t>(std::popcount(usable));
        room[c] = have > reserve ? have - reserve : 0;
    }
    const RegMask kept[kClassCount] = {pinned_[0], pinned_[1], pinned_[2]};
    // What only the other arm of an If uses is dead on this way.
    const uint32_t dies = f_[region.opener].op == Op::If ? region.end - 1 : at;
    for (size_t k = 0; k < args.size(); ++k) {
        const ValueId y = args[k];
        const int c = index(cls(y));
        if (u_.last[first + k] == 0) {
            claimed_[k] = 2;  // nobody looks at it
            continue;
        }
        const bool stays = is_reg(reg_[y]) && u_.last[y] <= dies && (pinned_[c] & bit(reg_[y])) == 0;
        const bool is_low = stays ? (bit(reg_[y]) & kScalarVec) != 0 : !is_lanes(f_[y].type) || high == 0;
        uint32_t& left = c == index(RegClass::Vec) && !is_low ? high : room[c];
        if (left == 0) {
            claimed_[k] = 3;  // lives in its slot
        } else {
            --left;
            if (stays) {
                claimed_[k] = 1;
                pin(cls(y), reg_[y]);
            }
        }
    }
    const ValueId slot_owner = first;
    for (size_t k = 0; k < args.size(); ++k) {
        if (claimed_[k] != 3) continue;
        const ValueId y = args[k], p = slot_owner + static_cast<ValueId>(k);
        if (is_const(f_[y])) pool_constant(y);
        moves_.to_slot(cls(y), p, home(p), y, location(y), home(y));
        moves_.flush(plan_.items);
        u_.flags[p] |= kSpilled;
        ++plan_.spills;
        if (f_[region.opener].op != Op::If) u_.last[p] = std::max(u_.last[p], region.end);  // the slot is its place
        region.in_slots.push_back(static_cast<uint32_t>(k));
    }
    // Scalars choose first: lanes may get low registers too, where others fill the high ones, and would leave them none.
    for (const bool lanes : {false, true}) {
        if (lanes && !u_.has_lanes) break;
        for (size_t k = 0; k < args.size(); ++k) {
            const ValueId y = args[k], p = first + static_cast<ValueId>(k);
            if (claimed_[k] != 0 || is_lanes(f_[y].type) != lanes) continue;
            const RegClass c = cls(y);
            const Reg to = take(c, p, at, kNone);
            if (is_reg(reg_[y])) {
                PlanItem& move = push(ItemKind::Move, y);
                move.cls = c;
                move.dst = to;
                move.r[0] = reg_[y];
            } else {
                load(y, to);
            }
            assign(p, to);
            pin(c, to);
        }
    }
    for (size_t k = 0; k < args.size(); ++k) {
        if (claimed_[k] != 1) continue;
        const Reg r = reg_[args[k]];
        release(args[k]);
        assign(first + static_cast<ValueId>(k), r);
    }
    std::copy_n(kept, kClassCount, pinned_);
}

void Allocator::edge(const Snapshot& target, ValueId first, std::span<const ValueId> args, uint32_t alive_after,
                     const OpenRegion& region) {
    for (int c = 0; c < kClassCount; ++c) {
        for (Reg r = 0; r < registers_.count[c]; ++r) {
            const ValueId w = target.owner[c][r];
            if (w == kNoValue) continue;
            ValueId from = w;
            if (w >= first && w < first + args.size())
                from = args[w - first];
            else if (u_.last[w] <= alive_after)
                continue;
            if (is_const(f_[from])) pool_constant(from);
            moves_.to_register(static_cast<RegClass>(c), r, from, location(from), home(from));
        }
    }
    const uint32_t skip = first - region.first_param;
    for (const uint32_t k : region.in_slots) {
        if (k < skip) continue;
        const ValueId p = region.first_param + k, from = args[k - skip];
        if (is_const(f_[from])) pool_constant(from);
        moves_.to_slot(cls(from), p, home(p), from, location(from), home(from));
    }
    moves_.flush(plan_.items);
}

void Allocator::terminator(ValueId v) {
    const Node& n = f_[v];
    const auto args = f_.operands(n);
    OpenRegion& region = region_of(n.link);
    const Op opener = f_[region.opener].op;
    if (opener == Op::If) {
        const bool second_arm = region.first_param != kNoValue;
        if (region.has_join) {
            edge(region.join, region.first_param, args, region.end, region);
            return;
        }
        region.first_param = region.end;
        unpin_all();
        place(region.end, args, v, region);
        region.first_param = second_arm ? region.end : kNoValue;
        drop_constants();
        region.join = snapshot();
        for (int c = 0; c < kClassCount; ++c)
            for (Reg r = 0; r < registers_.count[c]; ++r)
                if (ValueId& w = region.join.owner[c][r]; w != kNoValue && u_.last[w] <= region.end) w = kNoValue;
        region.has_join = true;
        return;
    }
    const ValueId first = region.opener + (opener == Op::For ? 2 : 1);
    if (n.op == Op::Break) {
        edge(region.state, first, args, region.end, region);
        region.has_join = true;
    } else {
        edge(region.state, first, args, 0, region);
    }
    if (n.op != Op::Yield) push(ItemKind::Jump, v);
}

}  // namespace exprjit::jit
