// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/uses.h"

#include <algorithm>

#include "support/compile_watch.h"

namespace exprjit::jit {

namespace {

// Array parameters travel as descriptor pointers; locals and tables are addresses the emitter knows.
bool lives_in_register(const Node& n) { return n.op != Op::Local && n.op != Op::Table; }

bool is_structure_with_list(Op op) {
    switch (op) {
    case Op::For:
    case Op::Loop:
    case Op::Yield:
    case Op::Break:
    case Op::Continue:
    case Op::Return: return true;
    default: return false;
    }
}

// Nodes that run even if nobody uses their result.
bool must_run(Op op) {
    const OpInfo& i = info(op);
    return i.has(kEffect) || i.has(kOpens) || i.has(kMid) || i.has(kEnds) || i.has(kTerminator);
}

class Walk {
  public:
    Walk(const Function& f, Isa isa, Uses& u) : f_(f), isa_(isa), u_(u) {}

    void run() {
        prepare();
        for (ValueId v = f_.size(); v-- > 0;) {
            poll_compile_at(v);
            visit(v);
        }
        std::reverse(u_.calls.begin(), u_.calls.end());
    }

  private:
    struct Open {
        ValueId head;
        ValueId end;
        uint32_t loop;
    };

    void prepare() {
        const size_t n = f_.size();
        u_.first.assign(n, kNever);
        u_.last.assign(n, 0);
        u_.next_after.resize(n);
        u_.list_next_after.resize(f_.lists.size());
        u_.flags.assign(n, 0);
        u_.calls.clear();
        u_.loops.clear();
        u_.has_regions = false;
        u_.needs_slots = f_.params.size() > 4;  // some may be on the stack: 6 general (less context and outs), 8 vector
        barrier_ = kNever;
    }

    // Records a use of `v` at `at` and returns the next use after it.
    uint32_t use(ValueId v, ValueId at) {
        if (!lives_in_register(f_[v])) {
            u_.first[v] = at;
            return kNever;
        }
        uint32_t next = u_.first[v];
        if (!open_.empty() && v < open_.back().head) {
            next = std::min(next, open_.back().end);
            if (u_.last[v] == 0) u_.last[v] = end_of_outermost_after(v);
        }
        if (u_.last[v] == 0) u_.last[v] = at;
        if (u_.first[v] == kNever) enter(v);
        // A folded load's address is used at a later node than the walk has reached; the earlier position wins.
        u_.first[v] = std::min(u_.first[v], at);
        u_.last[v] = std::max(u_.last[v], at);
        return next;
    }

    // End of the outermost open loop that starts after `v` was defined. Loops open outside in, so heads ascend.
    ValueId end_of_outermost_after(ValueId v) const {
        const auto it = std::upper_bound(open_.begin(), open_.end(), v,
                                         [](ValueId value, const Open& o) { return value < o.head; });
        return it->end;
    }

    // Pressure: how many values of a class are alive at the walk's position; loops remember their peak.
    void enter(ValueId v) {
        if (open_.empty() || is_const(f_[v])) return;
        const int c = index(class_of(f_[v].type, isa_));
        ++alive_[c];
        if (rare_depth_ != 0) return;  // what almost never runs can go to memory
        uint16_t& peak = u_.loops[open_.back().loop].pressure[c];
        peak = static_cast<uint16_t>(std::max<uint32_t>(peak, std::min<uint32_t>(alive_[c], UINT16_MAX)));
    }
    void leave(ValueId v) {
        if (open_.empty() || u_.dead(v) || is_const(f_[v])) return;
        uint32_t& n = alive_[index(class_of(f_[v].type, isa_))];
        if (n > 0) --n;
    }

    void open_loop(ValueId end) {
        const ValueId head = f_[end].link;
        if (u_.loops.empty()) u_.loop_of.resize(f_.size());
        u_.loop_of[head] = static_cast<uint32_t>(u_.loops.size());
        open_.push_back({head, end, static_cast<uint32_t>(u_.loops.size())});
        if (open_.size() > 1) u_.loops[open_[open_.size() - 2].loop].is_innermost = false;
        u_.loops.push_back({head, end, {}, true});
        // Index and count are changed by the back edge: alive through the whole loop. A carried value is not: the back
        // edge gives it a new value, wherever its register has been in between.
        if (f_[head].op == Op::For) {
            use(head, end);
            use(head + 1, end);
            const ValueId step = f_.operands(head)[2];
            use(step, end);
        }
    }

    void close_loop(ValueId head) {
        leave(head);  // a For's own id stands for the remaining count
        const Open closed = open_.back();
        open_.pop_back();
        const auto operands = f_.operands(head);
        const Node& n = f_[head];
        // A carried value that nobody reads but the loop's result still needs its place.
        const size_t skip = n.op == Op::For ? 3 : 0;
        const ValueId first = head + (n.op == Op::For ? 2 : 1);
        for (size_t k = 0; k + skip < operands.size(); ++k) {
            const ValueId carried = first + static_cast<ValueId>(k), result = closed.end + static_cast<ValueId>(k);
            if (u_.last[carried] == 0 && u_.last[result] != 0) u_.first[carried] = u_.last[carried] = closed.end;
        }
        for (size_t k = 0; k < operands.size(); ++k) record_list(n, k, use(operands[k], head));
        if (!open_.empty()) {
            for (int c = 0; c < kClassCount; ++c) {
                uint16_t& outer = u_.loops[open_.back().loop].pressure[c];
                outer = std::max(outer, u_.loops[closed.loop].pressure[c]);
            }
        }
    }

    void record_list(const Node& n, size_t k, uint32_t next) {
        if (n.operand_count16 == kManyOperands)
            u_.list_next_after[n.inline_operands[0] + k] = next;
        else
            u_.next_after[static_cast<size_t>(&n - f_.nodes.data())][k] = next;
    }

    void visit(ValueId v) {
        const Node& n = f_[v];
        switch (n.op) {
        case Op::EndFor:
        case Op::EndLoop:
            u_.has_regions = true;
            barrier_ = v;
            leave(v);
            open_loop(v);
            return;
        case Op::For:
        case Op::Loop:
            barrier_ = v;
            close_loop(v);
            return;
        case Op::EndIf:
        case Op::Else:
            if (n.op == Op::EndIf)
                rare_depth_ += f_[n.link].imm == kIfUsual;
            else
                rare_depth_ -= f_[f_[n.link].link].imm == kIfUsual;
            u_.has_regions = true;
            barrier_ = v;
            leave(v);
            return;
        case Op::Param:
        case Op::Const:
        case Op::Result:
        case Op::Index:
        case Op::Carried: leave(v); return;
        default: break;
        }
        if (is_structure_with_list(n.op)) {
            const auto operands = f_.operands(n);
            for (size_t k = operands.size(); k-- > 0;) record_list(n, k, use(operands[k], v));
            return;
        }
        if (is_native(n.op)) {
            if (n.op == Op::NativePure && u_.dead(v)) return;
            leave(v);
            u_.calls.push_back(v);
            barrier_ = v;
            const auto operands = f_.operands(n);
            for (size_t k = operands.size(); k-- > 0;) record_list(n, k, use(operands[k], v));
            return;
        }
        const bool two = info(n.op).has(kMulti) && n.op != Op::Call;
        if (!must_run(n.op) && u_.dead(v) && !(two && !u_.dead(v + 1))) return;
        if (u_.has_lanes && u_.first[v] != kNever && f_[u_.first[v]].op == Op::Select && merge_under_mask(v)) return;
        // Most nodes: a value operation that neither fuses nor folds nor calls.
        if (info(n.op).is_value() && n.op != Op::Select && u_.flags[v] == 0 && !is_call(n) &&
            (n.operand_count16 <= 2 || (n.op == Op::Fma && !takes_negation(n)))) {
            leave(v);
            for (uint32_t k = n.operand_count16; k-- > 0;) u_.next_after[v][k] = use(n.inline_operands[k], v);
            return;
        }
        if (n.op == Op::Local) u_.needs_slots = true;
        if (n.op == Op::LoadRaw && fold_load(v)) return;
        leave(v);
        if (n.op == Op::If || n.op == Op::Check || n.op == Op::Select) fuse_compare(v);
        if (n.op == Op::Fma) see_negations(v);
        if (n.op == Op::Check && n.operand_count16 == 1) use_outermost_index(v);
        const bool calls = is_call(n);
        if (calls) u_.calls.push_back(v);
        if (calls || n.op == Op::If || info(n.op).has(kEffect)) barrier_ = v;
        const Needs needs = needs_of(f_, u_, v);
        for (int k = needs.count; k-- > 0;) {
            const Need& need = needs.list[static_cast<size_t>(k)];
            const uint32_t next = use(need.value, v);
            if (need.role < 4) u_.next_after[v][need.role] = next;
        }
    }

    bool is_call(const Node& n) const {
        if (!info(n.op).is_value()) return false;
        const Shape shape = node_constraints(f_, n, isa_).shape;
        return shape == Shape::Call || shape == Shape::LaneCall;
    }

    void fuse_compare(ValueId v) {
        const Node& cond = f_[f_.operands(v)[0]];
        const bool is_fused = is_compare(cond.op)
                                  ? !is_lanes(cond.type)
                                  : f_[v].op == Op::If && lane_test(f_, f_.operands(v)[0]).mask != kNoValue;
        if (is_fused) u_.flags[v] |= kFuseCompare;
    }

    bool takes_negation(const Node& n) const {
        return f_[n.inline_operands[0]].op == Op::Neg || f_[n.inline_operands[1]].op == Op::Neg ||
               f_[n.inline_operands[2]].op == Op::Neg;
    }
    void see_negations(ValueId v) {
        if (isa_ >= Isa::V3 && takes_negation(f_[v])) u_.flags[v] |= kNegates;  // on v2 it is a call
    }

    // A failing Check reports the index of the outermost For around it.
    void use_outermost_index(ValueId v) {
        const auto it =
            std::find_if(open_.begin(), open_.end(), [&](const Open& o) { return f_[o.head].op == Op::For; });
        if (it != open_.end()) use(it->head + 1, v);
    }

    // select(mask, a + x, a), where nobody else wants the sum, is one masked instruction on AVX-512: the lanes of a where
    // the mask is false stay.
    bool merge_under_mask(ValueId v) {
        const Node& n = f_[v];
        if (isa_ != Isa::V4 || !is_lanes(n.type) || !can_merge(n)) return false;
        const uint32_t user = u_.first[v];
        if (user != u_.last[v] || user >= barrier_ || f_[user].op != Op::Select || u_.flags[user] != 0) return false;
        const auto choice = f_.operands(user), operands = f_.operands(n);
        const bool swapped = choice[2] == operands[1] && info(n.op).has(kCommutative);
        if (choice[1] != v || (choice[2] != operands[0] && !swapped) || operands[1] == operands[0]) return false;
        u_.flags[user] |= kFoldOperand1;
        u_.flags[v] |= kFolded;
        leave(v);
        u_.next_after[user][kOperand1] = use(merged_operand(f_, user), user);
        return true;
    }

    // A load whose only user comes before any store, call, check or region border can be that user's memory operand.
    bool fold_load(ValueId v) {
        const uint32_t user = u_.first[v];
        if (user != u_.last[v] || user >= barrier_) return false;
        const Node& n = f_[user];
        const Node& load = f_[v];
        const Storage storage = raw_storage(load.imm);
        if (!info(n.op).is_value() || n.type.is_void() || storage_of(load.type.scalar()) != storage ||
            storage == Storage::Bool)
            return false;
        const bool lanes = is_lanes(load.type);
        if (lanes && load.operand_count16 != 2) return false;  // masked
        if (!node_constraints(f_, n, isa_).foldable ||
            (u_.flags[user] & (kFoldOperand0 | kFoldOperand1 | kFoldOperand2 | kNegates)))
            return false;
        const auto operands = f_.operands(n);
        if (operands[0] == operands[1]) return false;
        const bool is_fma = n.op == Op::Fma;
        if (is_fma && (operands[2] == operands[0] || operands[2] == operands[1])) return false;
        const bool commutes = info(n.op).has(kCommutative) || is_fma;
        if (is_fma && operands[2] == v) {
            u_.flags[user] |= kFoldOperand2;
        } else {
            if (operands[1] != v && !commutes) return false;
            if (!lanes && is_const(f_[operands[operands[1] == v ? 0 : 1]])) return false;
            u_.flags[user] |= operands[1] == v ? kFoldOperand1 : kFoldOperand0;
        }
        u_.flags[v] |= kFolded;
        leave(v);
        const auto address = f_.operands(load);
        use(address[0], user);
        const ScaledIndex scaled = scaled_index(f_, address[1]);
        if (scaled.value != kNoValue) use(scaled.value, user);
        return true;
    }

    const Function& f_;
    Isa isa_;
    Uses& u_;
    std::vector<Open> open_;
    uint32_t alive_[kClassCount] = {};
    uint32_t rare_depth_ = 0;    // how many else arms of usual Ifs the walk is in
    uint32_t barrier_ = kNever;  // the nearest following node that a load must not be moved across
};

// x * {1,2,4,8}, x << {0,1,2,3}, or x itself.
ScaledIndex scaled(const Function& f, ValueId offset) {
    const Node& n = f[offset];
    if (n.op == Op::Mul || n.op == Op::Shl) {
        const auto operands = f.operands(n);
        const Node& k = f[operands[1]];
        if (k.op == Op::Const && f[operands[0]].op != Op::Const) {
            const uint64_t c = k.imm;
            if (n.op == Op::Mul && (c == 1 || c == 2 || c == 4 || c == 8))
                return {operands[0], static_cast<uint8_t>(std::countr_zero(c)), 0};
            if (n.op == Op::Shl && c <= 3) return {operands[0], static_cast<uint8_t>(c), 0};
        }
    }
    return {offset, 0, 0};
}

}  // namespace

ScaledIndex scaled_index(const Function& f, ValueId offset) {
    const Node& n = f[offset];
    if (n.op == Op::Const && fits_imm32(n)) return {kNoValue, 0, static_cast<int32_t>(n.imm)};
    if (n.op == Op::Add) {
        const auto operands = f.operands(n);
        const Node& k = f[operands[1]];
        if (k.op == Op::Const && fits_imm32(k) && f[operands[0]].op != Op::Const) {
            ScaledIndex index = scaled(f, operands[0]);
            index.displacement = static_cast<int32_t>(k.imm);
            return index;
        }
    }
    return scaled(f, offset);
}

LaneTest lane_test(const Function& f, ValueId condition) {
    const Node& inverted = f[condition];
    if (inverted.op != Op::Not || is_lanes(inverted.type)) return {};
    const Node& any = f[inverted.inline_operands[0]];
    if (any.op != Op::Any) return {};
    const ValueId mask = any.inline_operands[0];
    const int lanes = f[mask].type.lane_count();
    if (lanes != 4 && lanes != 8 && lanes != 16) return {};
    if (f[mask].op == Op::Not) return {f[mask].inline_operands[0], true};
    return {mask, false};
}

ValueId merged_operand(const Function& f, ValueId select) {
    const auto choice = f.operands(select), operands = f.operands(choice[1]);
    return operands[operands[0] == choice[2] ? 1 : 0];
}

Needs needs_of(const Function& f, const Uses& uses, ValueId id) {
    Needs needs;
    const Node& n = f[id];
    const auto operands = f.operands(n);
    const auto condition = [&] {
        if (!uses.has(id, kFuseCompare)) return needs.add(operands[0], kOperand0);
        if (f[operands[0]].op == Op::Not) return needs.add(lane_test(f, operands[0]).mask, kOperand0);
        const auto compared = f.operands(operands[0]);
        needs.add(compared[0], kOperand0);
        needs.add(compared[1], kCompareRight);
    };
    const auto address = [&](ValueId base, ValueId offset) {
        needs.add(base, kAddressBase);
        const ScaledIndex scaled = scaled_index(f, offset);
        if (scaled.value != kNoValue) needs.add(scaled.value, kAddressIndex);
    };
    switch (n.op) {
    case Op::If: condition(); break;
    case Op::Check:
        condition();
        if (operands.size() == 2) needs.add(operands[1], kOperand1);
        break;
    case Op::Select:
        condition();
        if (uses.has(id, kFoldOperand1)) {  // see merge_under_mask
            needs.add(operands[2], kOperand2);
            needs.add(merged_operand(f, id), kOperand1);
            break;
        }
        needs.add(operands[1], kOperand1);
        needs.add(operands[2], kOperand2);
        break;
    case Op::LoadRaw:
        address(operands[0], operands[1]);
        if (operands.size() == 3) needs.add(operands[2], kOperand1);
        break;
    case Op::StoreRaw:
        address(operands[0], operands[1]);
        needs.add(operands[2], kOperand2);
        if (operands.size() == 4) needs.add(operands[3], kOperand1);
        break;
    case Op::Base:
    case Op::Stride:
    case Op::Len:
        if (f[operands[0]].op == Op::Param) needs.add(operands[0], kOperand0);
        break;
    default:
        for (size_t k = 0; k < operands.size(); ++k) {
            if ((k == 0 && uses.has(id, kFoldOperand0)) || (k == 1 && uses.has(id, kFoldOperand1)) ||
                (k == 2 && uses.has(id, kFoldOperand2))) {
                const auto folded = f.operands(operands[k]);
                address(folded[0], folded[1]);
            } else {
                needs.add(uses.has(id, kNegates) ? negated(f, operands[k]) : operands[k], static_cast<Role>(k));
            }
        }
        break;
    }
    return needs;
}

void find_uses(const Function& f, Isa isa, Uses& out) { Walk(f, isa, out).run(); }

}  // namespace exprjit::jit
