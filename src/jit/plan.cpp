// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/plan.h"

#include <cstring>

#include "support/compile_watch.h"

namespace exprjit::jit {

void ConstantPool::clear() {
    bytes_.clear();
    if (table_.size() > 256)
        table_.clear();  // one large program must not tax every small one after it
    else if (used_ != 0)
        std::memset(static_cast<void*>(table_.data()), 0, table_.size() * sizeof(Entry));
    used_ = 0;
}

void ConstantPool::grow() {
    const std::vector<Entry> old = std::move(table_);
    table_.assign(old.empty() ? 32 : old.size() * 2, Entry{0, 0, 0});
    for (const Entry& e : old) {
        if (e.size == 0) continue;
        size_t s = (e.bits * 0x9e3779b97f4a7c15u >> 32) & (table_.size() - 1);
        while (table_[s].size != 0) s = (s + 1) & (table_.size() - 1);
        table_[s] = e;
    }
}

uint32_t ConstantPool::add(uint64_t bits, uint32_t size) {
    // A constant that is not found in so many steps is stored without being looked for again: a text can be written so that
    // all its constants collide, and must not pay for it with more than a second copy of some.
    constexpr int kMostSteps = 32;
    if (used_ * 2 >= table_.size()) grow();
    size_t s = (bits * 0x9e3779b97f4a7c15u >> 32) & (table_.size() - 1);
    int steps = 0;
    for (; table_[s].size != 0 && steps < kMostSteps; s = (s + 1) & (table_.size() - 1), ++steps)
        if (table_[s].bits == bits && table_[s].size == size) return table_[s].offset;
    const size_t at = (bytes_.size() + size - 1) / size * size;
    bytes_.resize(at + size);
    std::memcpy(bytes_.data() + at, &bits, size);
    if (steps < kMostSteps) {
        table_[s] = {bits, size, static_cast<uint32_t>(at)};
        ++used_;
    }
    return static_cast<uint32_t>(at);
}

uint32_t ConstantPool::add_block(std::span<const uint8_t> block, uint32_t alignment) {
    const size_t at = (bytes_.size() + alignment - 1) / alignment * alignment;
    bytes_.resize(at);
    bytes_.insert(bytes_.end(), block.begin(), block.end());
    return static_cast<uint32_t>(at);
}

void Plan::clear(uint32_t nodes) {
    items.clear();
    items.reserve(nodes + 8);
    pool_offset.clear();
    slot.clear();
    slot_alias.clear();
    pool.clear();
    used_callee_saved = 0;
    spills = 0;
    has_rare_stores = false;
    slot_bytes = 0;
    argument_words = 0;
    masks = 0;
    has_calls = false;
    lane_call_values = 0;
}

namespace {

// Slots are eight bytes, those of lanes in vectors a whole vector; taken at the first store of a value, given back after its last use.
class SlotAssigner {
  public:
    SlotAssigner(const Function& f, const Uses& u, Isa isa, Plan& plan)
        : f_(f), u_(u), isa_(isa), plan_(plan), wide_(isa == Isa::V4 ? 64 : 32) {}

    void run() {
        plan_.slot.assign(f_.size(), kNever);
        expiring_.assign(f_.size() + 1, kNoValue);
        chain_.assign(f_.size(), kNoValue);
        arguments();
        size_t steps = 0;
        for (const PlanItem& item : plan_.items) {
            poll_compile_at(steps++);
            switch (item.kind) {
            case ItemKind::Op:
                advance_to(item.node);
                if (is_reg(item.dst)) stored(item.node);
                if (is_reg(item.dst2)) stored(item.node + 1);
                break;
            case ItemKind::Trip:
                advance_to(item.node);
                stored(item.node);
                break;
            case ItemKind::Define: stored(item.node); break;
            case ItemKind::Store: take(item.node); break;
            case ItemKind::Move:
            case ItemKind::Reload:
            case ItemKind::Out: break;
            default: advance_to(item.node); break;
            }
        }
        plan_.slot_bytes = top_;
        for (ValueId v = 0; v < f_.size(); ++v) {
            if (f_[v].op != Op::Local) continue;
            const uint32_t align = u_.has_lanes ? 63 : 15;
            plan_.slot_bytes = (plan_.slot_bytes + align) & ~align;
            plan_.slot[v] = plan_.slot_bytes;
            plan_.slot_bytes += static_cast<uint32_t>(f_[v].imm * byte_size(f_[v].type.storage()) + align) & ~align;
        }
    }

  private:
    void arguments() {
        ArgAssigner args;
        if (plan_.context_form) args.next(RegClass::Gp);
        for (ValueId v = 0; v < f_.params.size(); ++v) {
            const ArgLocation where = args.next(class_of(f_[v].type, isa_));
            if (where.reg == kMem) plan_.slot[v] = kIncoming | where.stack_index;
        }
    }
    void stored(ValueId v) {
        if (u_.has(v, kSpilled)) take(v);
    }
    void take(ValueId v) {
        const ValueId root = plan_.slot_alias.empty() ? v : plan_.slot_alias[v];
        if (plan_.slot[root] != kNever) return;
        const bool wide = is_wide(root);
        std::vector<uint32_t>& free = wide ? free_wide_ : free_;
        if (free.empty()) {
            if (wide) top_ = (top_ + wide_ - 1) & ~(wide_ - 1);
            plan_.slot[root] = top_;
            top_ += wide ? wide_ : 8;
        } else {
            plan_.slot[root] = free.back();
            free.pop_back();
        }
        const uint32_t end = u_.last[root];
        chain_[root] = expiring_[end];
        expiring_[end] = root;
    }
    // Everything whose last use lies before `at` gives its slot back.
    void advance_to(uint32_t at) {
        for (; position_ < at; ++position_)
            for (ValueId v = expiring_[position_]; v != kNoValue; v = chain_[v])
                (is_wide(v) ? free_wide_ : free_).push_back(plan_.slot[v]);
    }
    bool is_wide(ValueId v) const { return is_lanes(f_[v].type) && class_of(f_[v].type, isa_) == RegClass::Vec; }

    const Function& f_;
    const Uses& u_;
    Isa isa_;
    Plan& plan_;
    uint32_t wide_;
    std::vector<uint32_t> free_wide_;
    std::vector<ValueId> expiring_;  // per position: first value that dies there
    std::vector<ValueId> chain_;     // per value: the next one that dies at the same position
    std::vector<uint32_t> free_;
    uint32_t top_ = 0;
    uint32_t position_ = 0;
};

}  // namespace

void assign_slots(const Function& f, const Uses& uses, Isa isa, Plan& plan) { SlotAssigner(f, uses, isa, plan).run(); }

}  // namespace exprjit::jit
