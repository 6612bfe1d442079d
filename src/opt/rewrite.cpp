// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The walk that folds, simplifies and shares: every node is rebuilt once, with rules applied to its already rewritten
// operands. Branches on constants are decided here, and what cannot be reached is not copied.
#include "opt/rewrite.h"

#include <utility>

#include "support/compile_watch.h"

namespace exprjit {

// Whether no rule can say anything: float arithmetic on operands that are neither constants nor negations. That is most
// nodes of most programs, and they must not pay for the rules.
bool Rewriter::is_plain(const Candidate& c) const {
    if (c.op != Op::Add && c.op != Op::Sub && c.op != Op::Mul && c.op != Op::Div) return false;
    if (!is_float(c.type.scalar())) return false;
    const auto concerns_rules = [](Op op) { return op == Op::Const || op == Op::Splat || op == Op::Neg; };
    return !concerns_rules(node(c.operands[0]).op) && !concerns_rules(node(c.operands[1]).op);
}

ValueId Rewriter::emit(Candidate& c) {
    // Before `expand`: the meaning of such an operation is what it will be written out as, so that nothing is known of it.
    if (info(c.op).lowering == Lowering::Expand) return b_.append(c.op, c.type, {c.operands, c.count}, c.imm);
    const bool simplifies = (rules_ & kSimplifyRules) != 0;
    if (is_plain(c)) {
        const bool commutes = c.op == Op::Add || c.op == Op::Mul;
        if (simplifies && commutes && c.operands[0] > c.operands[1]) std::swap(c.operands[0], c.operands[1]);
        return b_.append(c.op, c.type, {c.operands, c.count}, c.imm);
    }
    if ((rules_ & kFoldRules) != 0) {
        if (const ValueId v = fold(*this, c); v != kNoValue) return v;
    }
    if (simplifies) {
        if (const ValueId v = simplify(*this, c); v != kNoValue) return v;
    }
    return b_.append(c.op, c.type, {c.operands, c.count}, c.imm);
}

namespace {

class Walk {
  public:
    Walk(Function& f, PassScratch& scratch, RewriteRules rules)
        : rebuild_(f, scratch), from_(f), r_(rebuild_.builder(), rules), decided_(scratch.marks), rules_(rules) {
        if (decided_.size() < f.size()) decided_.resize(f.size());
    }

    void run() {
        size_t steps = 0;  // `v` goes in leaps
        for (ValueId v = 0; v < from_.size(); poll_compile_at(steps++)) v = step(v);
        rebuild_.finish();
    }

  private:
    // Rewrites node v; returns the node to go on with.
    ValueId step(ValueId v);
    void value(ValueId v, const Node& n);
    void other(ValueId v, const Node& n);
    ValueId open_if(ValueId v, const Node& n);
    ValueId open_for(ValueId v, const Node& n);
    ValueId end_arm(ValueId v, const Node& n);
    void check(ValueId v, const Node& n);
    void len(ValueId v, const Node& n);

    bool folds() const { return (rules_ & kFoldRules) != 0; }
    bool is_true(ValueId v, bool wanted) const {
        uint64_t bits;
        return r_.constant_bits(v, bits) && (bits != 0) == wanted;
    }
    ValueId after(ValueId v) const { return v + from_.result_slots(v); }
    // The Else or the closing node of the region that holds v, or the end of the function.
    ValueId end_of_region(ValueId v) const;

    Rebuild rebuild_;
    const Function& from_;
    Rewriter r_;
    std::vector<uint8_t>& decided_;  // per If: whether it was decided and is not built
    RewriteRules rules_;
};

ValueId Walk::end_of_region(ValueId v) const {
    while (v < from_.size()) {
        const Node& n = from_[v];
        if (n.op == Op::Else || info(n.op).has(kEnds)) return v;
        if (n.op == Op::If)
            v = from_[n.link].link;
        else if (n.op == Op::For || n.op == Op::Loop)
            v = n.link;
        ++v;
    }
    return v;
}

void Walk::value(ValueId v, const Node& n) {
    Candidate c{n.op, n.type, n.imm, {}, n.operand_count16};
    for (uint32_t i = 0; i < c.count; ++i) c.operands[i] = rebuild_[n.inline_operands[i]];
    if (!info(n.op).has(kMulti)) {
        rebuild_.set(v, r_.emit(c));
        return;
    }
    ValueId result, flag;
    if (folds() && fold_overflow(r_, c, result, flag)) {
        rebuild_.set(v, result);
        rebuild_.set(v + 1, flag);
    } else {
        rebuild_.copy(v);
    }
}

ValueId Walk::open_if(ValueId v, const Node& n) {
    const ValueId condition = rebuild_[n.inline_operands[0]];
    decided_[v] = folds() && is_constant(r_.function(), condition);
    if (decided_[v]) return is_true(condition, true) ? v + 1 : n.link + 1;
    rebuild_.copy(v);
    return v + 1;
}

// A yield, or the Else or EndIf where an arm ends.
ValueId Walk::end_arm(ValueId v, const Node& n) {
    const ValueId opener = n.op == Op::Else ? from_[n.link].link : n.link;
    if (from_[opener].op != Op::If || !decided_[opener]) {
        rebuild_.copy(v);
        return after(v);
    }
    // Of a decided If only one arm is walked, and its yield gives the values; what follows the arm is behind the EndIf.
    const ValueId end = from_[from_[opener].link].link;
    if (n.op == Op::Yield) {
        const auto values = rebuild_.operands(n);
        for (size_t k = 0; k < values.size(); ++k) rebuild_.set(end + static_cast<ValueId>(k), values[k]);
        return after(end);
    }
    // The arm left by itself (break, continue or return): so does the region around it.
    return end_of_region(after(end));
}

ValueId Walk::open_for(ValueId v, const Node& n) {
    const auto operands = rebuild_.operands(n);
    uint64_t lo, hi, step;
    if (folds() && r_.constant_bits(operands[2], step)) {
        bool is_empty = step == 0;
        if (r_.constant_bits(operands[0], lo) && r_.constant_bits(operands[1], hi)) {
            const auto l = static_cast<int64_t>(lo), h = static_cast<int64_t>(hi), s = static_cast<int64_t>(step);
            is_empty |= s > 0 ? l >= h : l <= h;
        }
        if (is_empty) {  // no trip: the results are the initial values
            for (size_t k = 3; k < operands.size(); ++k)
                rebuild_.set(n.link + static_cast<ValueId>(k - 3), operands[k]);
            return after(n.link);
        }
    }
    rebuild_.copy(v);
    return after(v);
}

void Walk::check(ValueId v, const Node& n) {
    if (folds() && is_true(rebuild_[n.inline_operands[0]], true)) return;
    rebuild_.copy(v);
}

// The length of a local array is known.
void Walk::len(ValueId v, const Node& n) {
    const Node& array = from_[n.inline_operands[0]];
    if (folds() && array.op == Op::Local)
        rebuild_.set(v, r_.constant(kI64, array.imm));
    else
        rebuild_.copy(v);
}

void Walk::other(ValueId v, const Node& n) {
    const ValueId a = n.operand_count16 == 1 ? rebuild_[n.inline_operands[0]] : kNoValue;
    // Lanes that came from one value are that value, and one bool is lanes already.
    const bool takes_one = n.op == Op::Extract || n.op == Op::Any;
    uint64_t bits;
    if (n.op == Op::Any && folds() && r_.type_of(a) == kBool)
        rebuild_.set(v, a);
    else if (n.op == Op::CountLanes && folds() && r_.type_of(a) == kBool)
        rebuild_.set(v, r_.emit({Op::FromBool, kI64, 0, {a}, 1}));
    else if (takes_one && folds() && r_.constant_bits(a, bits))
        rebuild_.set(v, r_.constant(n.type, bits));
    else if (takes_one && folds() && r_.node(a).op == Op::Splat)
        rebuild_.set(v, r_.node(a).inline_operands[0]);
    else
        rebuild_.copy(v);
}

ValueId Walk::step(ValueId v) {
    const Node& n = from_[v];
    rebuild_.at(v);
    if (info(n.op).is_value()) {
        value(v, n);
        return v + (info(n.op).has(kMulti) ? 2 : 1);
    }
    switch (n.op) {
    case Op::Result:
    case Op::Index:
    case Op::Carried: return v + 1;
    case Op::If: return open_if(v, n);
    case Op::For: return open_for(v, n);
    case Op::Yield: return end_arm(v, n);
    case Op::Else:
    case Op::EndIf: return end_arm(v, n);
    case Op::Check: check(v, n); return v + 1;
    case Op::Len: len(v, n); return v + 1;
    default: other(v, n); return v + 1;
    }
}

}  // namespace

void rewrite(Program& program, PassScratch& scratch, RewriteRules rules) {
    Walk(program.entry(), scratch, rules).run();
}

}  // namespace exprjit
