// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/parallel_move.h"

namespace exprjit::jit {

namespace {

uint32_t reg_location(RegClass c, Reg r) { return static_cast<uint32_t>(index(c) * kRegsPerClass) + r; }
Reg scratch_of(RegClass c) { return c == RegClass::Gp ? kScratchGp : c == RegClass::Vec ? kScratchVec : kScratchMask; }
RegClass other(RegClass c) { return c == RegClass::Gp ? RegClass::Vec : RegClass::Gp; }

}  // namespace

void ParallelMove::add(Move m) {
    if (m.dst == m.src) return;
    const auto id = static_cast<uint32_t>(moves_.size());
    state(m.dst).writer = id;
    if (m.src != kNowhere) {
        ++state(m.src).readers;
    }
    moves_.push_back(m);
}

void ParallelMove::to_register(RegClass c, Reg dst, ValueId from, Reg from_reg, ValueId from_slot) {
    const Location src = is_reg(from_reg)   ? reg_location(c, from_reg)
                         : from_reg == kImm ? kNowhere
                                            : kSlots + from_slot;
    add({reg_location(c, dst), src, kNoValue, from, c, false, false});
}

void ParallelMove::to_slot(RegClass c, ValueId dst, ValueId dst_slot, ValueId from, Reg from_reg, ValueId from_slot) {
    const Location src = is_reg(from_reg)   ? reg_location(c, from_reg)
                         : from_reg == kImm ? kNowhere
                                            : kSlots + from_slot;
    add({kSlots + dst_slot, src, dst, from, c, false, false});
}

void ParallelMove::emit(const Move& m, std::vector<PlanItem>& items) {
    const auto reload = [&](RegClass c, Reg dst) {
        PlanItem item;
        item.kind = ItemKind::Reload;
        item.node = m.src_value;
        item.cls = c;
        item.dst = dst;
        items.push_back(item);
    };
    const auto store = [&](RegClass c, Reg from) {
        PlanItem item;
        item.kind = ItemKind::Store;
        item.node = m.dst_value;
        item.cls = c;
        item.r[0] = from;
        items.push_back(item);
    };
    const bool src_is_reg = m.from_scratch || m.src < kSlots;
    const Reg src = m.from_scratch ? scratch_of(m.cls) : static_cast<Reg>(m.src % kRegsPerClass);
    if (m.dst >= kSlots) {
        if (src_is_reg) {
            store(m.cls, src);
        } else {
            const bool wide = lanes_ && m.cls == RegClass::Vec;
            const RegClass via = wide ? RegClass::Vec : other(m.cls);
            const Reg scratch = wide ? kScratchVec2 : scratch_of(via);
            reload(via, scratch);
            store(via, scratch);
        }
        return;
    }
    const Reg dst = static_cast<Reg>(m.dst % kRegsPerClass);
    if (!src_is_reg) {
        reload(m.cls, dst);
        return;
    }
    PlanItem item;
    item.kind = ItemKind::Move;
    item.cls = m.cls;
    item.dst = dst;
    item.r[0] = src;
    items.push_back(item);
}

// Emits `move` and then every move that was only waiting for its source to be free.
void ParallelMove::finish(uint32_t move, std::vector<PlanItem>& items) {
    while (true) {
        Move& m = moves_[move];
        emit(m, items);
        m.done = true;
        if (m.src == kNowhere || m.from_scratch) return;
        State& s = state(m.src);
        if (--s.readers != 0 || s.writer == kNoMove || moves_[s.writer].done) return;
        move = s.writer;
    }
}

void ParallelMove::flush(std::vector<PlanItem>& items) {
    for (uint32_t i = 0; i < moves_.size(); ++i)
        if (!moves_[i].done && moves_[i].src != kNowhere && state(moves_[i].dst).readers == 0) finish(i, items);
    // What is left but constants are cycles, each location read once: save one source, and the rest unwinds.
    for (uint32_t i = 0; i < moves_.size(); ++i) {
        if (moves_[i].done || moves_[i].src == kNowhere) continue;
        uint32_t last = i;  // around the cycle to the one move that still reads the destination
        while (moves_[last].src != moves_[i].dst) last = state(moves_[last].src).writer;
        Move& reader = moves_[last];
        PlanItem save;
        save.cls = reader.cls;
        save.dst = scratch_of(reader.cls);
        if (reader.src < kSlots) {
            save.kind = ItemKind::Move;
            save.r[0] = static_cast<Reg>(reader.src % kRegsPerClass);
        } else {
            save.kind = ItemKind::Reload;
            save.node = reader.src_value;
        }
        items.push_back(save);
        reader.from_scratch = true;
        state(moves_[i].dst).readers = 0;
        finish(i, items);
    }
    for (uint32_t i = 0; i < moves_.size(); ++i)
        if (!moves_[i].done) finish(i, items);
    for (const Move& m : moves_) {
        state(m.dst) = State{};
        if (m.src != kNowhere) state(m.src) = State{};
    }
    moves_.clear();
}

}  // namespace exprjit::jit
