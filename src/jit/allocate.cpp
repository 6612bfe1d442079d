// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/allocate.h"

#include <algorithm>

#include "support/compile_watch.h"

namespace exprjit::jit {

Allocator::Allocator(const Program& program, const CompileOptions& options, Uses& uses, Plan& plan,
                     AllocatorScratch& scratch)
    : program_(program), f_(program.entry()), isa_(options.isa), u_(uses), plan_(plan),
      registers_(register_file(uses.has_lanes, options.isa, options.few_registers)), reg_(scratch.reg),
      regions_(scratch.regions), moves_(scratch.moves), claimed_(scratch.claimed), hoist_(scratch.hoist),
      counts_(scratch.counts), args_(scratch.args) {
    plan_.clear(f_.size());
    plan_.context_form = options.form == EntryForm::Context;
    plan_.has_calls = !u_.calls.empty();
    plan_.pool_offset.resize(f_.size());
    if (u_.has_regions) {
        plan_.slot_alias.resize(f_.size());
        for (ValueId v = 0; v < f_.size(); ++v) plan_.slot_alias[v] = v;
        moves_.prepare(f_.size());
    }
    for (int c = 0; c < kClassCount; ++c) {
        free_[c] = registers_.all[c];
        std::fill_n(owner_[c], registers_.count[c], kNoValue);
    }
    moves_.set_lanes(u_.has_lanes);
    reg_.assign(f_.size(), kNone);
}

PlanItem& Allocator::push(ItemKind kind, ValueId node) {
    PlanItem& item = plan_.items.emplace_back();
    item.kind = kind;
    item.node = node;
    return item;
}

// The value is in a register still, and will not be.
void Allocator::spill(ValueId v) {
    if (u_.has(v, kSpilled)) return;
    if (depth_ == 0 || rare_depth_ != depth_ || v > regions_[depth_ - 1].opener) {
        u_.flags[v] |= kSpilled;
        ++plan_.spills;
        return;
    }
    // An arm that almost never runs stores what it has no room for by itself, so that nobody else pays for it.
    if (std::find(stored_here_.begin(), stored_here_.end(), v) != stored_here_.end()) return;
    stored_here_.push_back(v);
    plan_.has_rare_stores = true;
    PlanItem& item = push(ItemKind::Store, v);
    item.cls = cls(v);
    item.r[0] = reg_[v];
}

void Allocator::assign(ValueId v, Reg r) {
    const int c = index(cls(v));
    owner_[c][r] = v;
    free_[c] &= ~bit(r);
    reg_[v] = r;
    if (c == 0) plan_.used_callee_saved |= bit(r) & kCalleeSavedGp;
}

void Allocator::release(ValueId v) {
    const Reg r = reg_[v];
    if (!is_reg(r)) return;
    const int c = index(cls(v));
    owner_[c][r] = kNoValue;
    free_[c] |= bit(r);
    reg_[v] = kNone;
}

void Allocator::release_if_dead(ValueId v, uint32_t at) {
    if (u_.last[v] <= at) release(v);
}

void Allocator::evict(RegClass c, Reg r) {
    const ValueId v = owner_[index(c)][r];
    if (!is_const(f_[v])) spill(v);
    release(v);
}

// A free register for `value`, evicting the value whose next use is furthest away if there is none; constants go first,
// since they cost nothing to bring back. The register is not yet assigned.
Reg Allocator::take(RegClass c, ValueId value, uint32_t at, Reg hint, RegMask forbidden) {
    const int ci = index(c);
    if (c == RegClass::Vec && u_.has_lanes && !is_lanes(f_[value].type)) forbidden |= ~kScalarVec;
    const RegMask usable = registers_.usable[ci] & ~forbidden & ~pinned_[ci];
    const RegMask free = free_[ci] & usable;
    if (free != 0) {
        if (is_reg(hint) && (free & bit(hint)) != 0) return hint;
        RegMask preferred = free;
        if (c == RegClass::Vec) {
            if ((free & ~kScalarVec) != 0) preferred = free & ~kScalarVec;
        } else if (c == RegClass::Gp) {
            while (next_call_ < u_.calls.size() && u_.calls[next_call_] <= at) ++next_call_;
            const bool crosses_call = next_call_ < u_.calls.size() && u_.calls[next_call_] < u_.last[value];
            const RegMask wanted = crosses_call ? free & kCalleeSavedGp : free & ~kCalleeSavedGp;
            if (wanted != 0) preferred = wanted;
        }
        return static_cast<Reg>(std::countr_zero(preferred));
    }
    Reg victim = kNone;
    uint64_t furthest = 0;
    for (RegMask m = usable; m != 0; m &= m - 1) {
        const Reg r = static_cast<Reg>(std::countr_zero(m));
        const ValueId v = owner_[ci][r];
        const bool cheap = is_const(f_[v]) && !u_.has(v, kHoisted);
        const uint64_t distance = cheap ? UINT64_MAX : u_.first[v] + uint64_t{1};
        if (distance > furthest) furthest = distance, victim = r;
    }
    evict(c, victim);
    return victim;
}

void Allocator::load(ValueId v, Reg r) {
    if (is_const(f_[v])) pool_constant(v);
    PlanItem& item = push(ItemKind::Reload, v);
    item.cls = cls(v);
    item.dst = r;
}

Reg Allocator::ensure(ValueId v, uint32_t at, RegMask forbidden) {
    const RegClass c = cls(v);
    Reg r = reg_[v];
    if (!is_reg(r) || (bit(r) & forbidden) != 0) {
        const Reg to = take(c, v, at, kNone, forbidden);
        if (is_reg(reg_[v])) {  // taking may have evicted it
            PlanItem& move = push(ItemKind::Move, v);
            move.cls = c;
            move.dst = to;
            move.r[0] = reg_[v];
            release(v);
        } else {
            load(v, to);
        }
        assign(v, to);
        r = to;
    }
    pin(c, r);
    return r;
}

void Allocator::vacate(RegClass c, Reg r, uint32_t at, RegMask forbidden) {
    const int ci = index(c);
    const ValueId v = owner_[ci][r];
    if (v == kNoValue) return;
    const bool pinned = (pinned_[ci] & bit(r)) != 0;
    if (pinned || (free_[ci] & registers_.usable[ci] & ~forbidden & ~pinned_[ci]) != 0) {
        pinned_[ci] |= bit(r);  // not to be chosen as the victim of its own move
        const Reg to = take(c, v, at, kNone, forbidden | bit(r));
        PlanItem& move = push(ItemKind::Move, v);
        move.cls = c;
        move.dst = to;
        move.r[0] = r;
        release(v);
        assign(v, to);
        pinned_[ci] &= ~bit(r);
        if (pinned) pin(c, to);
    } else {
        evict(c, r);
    }
}

Reg Allocator::location(ValueId v) const {
    if (is_reg(reg_[v])) return reg_[v];
    return is_const(f_[v]) ? kImm : kMem;
}

// A value that appears without an operation: its register is known, and if it gets spilled later it is stored here.
void Allocator::define(ValueId v) {
    if (!is_reg(reg_[v])) return;
    PlanItem& item = push(ItemKind::Define, v);
    item.cls = cls(v);
    item.dst = reg_[v];
}

void Allocator::drop_constants() {
    for (int c = 0; c < kClassCount; ++c) {
        for (RegMask m = used(c); m != 0; m &= m - 1) {
            const ValueId v = owner_[c][std::countr_zero(m)];
            if (is_const(f_[v]) && !u_.has(v, kHoisted)) release(v);
        }
    }
}

Snapshot Allocator::snapshot() const {
    Snapshot s;
    for (int c = 0; c < kClassCount; ++c) std::copy_n(owner_[c], registers_.count[c], s.owner[c]);
    return s;
}

void Allocator::restore(const Snapshot& s, uint32_t at) {
    for (int c = 0; c < kClassCount; ++c) {
        for (Reg r = 0; r < registers_.count[c]; ++r)
            if (owner_[c][r] != kNoValue) reg_[owner_[c][r]] = kNone;
        std::fill_n(owner_[c], registers_.count[c], kNoValue);
        free_[c] = registers_.all[c];
    }
    for (int c = 0; c < kClassCount; ++c)
        for (Reg r = 0; r < registers_.count[c]; ++r)
            if (s.owner[c][r] != kNoValue && u_.last[s.owner[c][r]] > at) assign(s.owner[c][r], r);
}

void Allocator::run() {
    parameters();
    size_t steps = 0;  // `v` goes in leaps
    for (ValueId v = static_cast<ValueId>(f_.params.size()); v < f_.size();) {
        poll_compile_at(steps++);
        visit(v);
        v = reachable_ ? v + 1 : after_terminator();
        reachable_ = true;
    }
}

void allocate(const Program& program, const CompileOptions& options, Uses& uses, Plan& plan,
              AllocatorScratch& scratch) {
    Allocator(program, options, uses, plan, scratch).run();
}

}  // namespace exprjit::jit
