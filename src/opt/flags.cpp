// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The value-changing permissions, each by name. They act on what the user wrote, before anything is expanded, and
// only here: every engine runs the result, so all agree.
#include <vector>

#include "opt/passes.h"
#include "opt/rebuild.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

bool is_float_op(const Node& n, Op op) { return n.op == op && is_float(n.type.scalar()); }

// How often each value is used: 0, 1, or 2 for more.
void count_uses(const Function& f, std::vector<uint8_t>& uses) {
    uses.assign(f.size(), 0);
    for (const Node& n : f.nodes) {
        for (const ValueId o : f.operands(n)) uses[o] += uses[o] < 2;
    }
}

// reassoc: sums and products of four and more terms become trees, so that their latency is logarithmic.
class Regrouper {
  public:
    Regrouper(Function& f, PassScratch& scratch) : f_(f), rebuild_(f, scratch), uses_(scratch.marks) {
        count_uses(f, uses_);
        find_chains();
    }
    void run();

  private:
    void find_chains();
    void gather(ValueId root);

    Function& f_;
    Rebuild rebuild_;
    std::vector<uint8_t>& uses_;
    std::vector<bool> inner_;  // used only by a node of the same operation in the same region: part of its chain
    std::vector<ValueId> terms_, pending_;
};

void Regrouper::find_chains() {
    inner_.assign(f_.size(), false);
    std::vector<ValueId> region(f_.size(), 0);
    std::vector<ValueId> open{0};
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f_[v];
        const OpInfo& i = info(n.op);
        if (i.has(kEnds) || i.has(kMid)) open.pop_back();
        region[v] = open.back();
        if (i.has(kOpens) || i.has(kMid)) open.push_back(v);
        if (!is_float_op(n, Op::Add) && !is_float_op(n, Op::Mul)) continue;
        for (const ValueId o : f_.operands(n)) inner_[o] = f_[o].op == n.op && uses_[o] == 1 && region[o] == region[v];
    }
}

// The terms of the chain that ends in `root`, in written order.
void Regrouper::gather(ValueId root) {
    terms_.clear();
    pending_.assign(1, root);
    while (!pending_.empty()) {
        const ValueId v = pending_.back();
        pending_.pop_back();
        if (v != root && !inner_[v]) {
            terms_.push_back(rebuild_[v]);
            continue;
        }
        pending_.push_back(f_[v].inline_operands[1]);
        pending_.push_back(f_[v].inline_operands[0]);
    }
}

void Regrouper::run() {
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f_[v];
        if (is_owned(n.op) || inner_[v]) continue;
        const auto operands = f_.operands(n);
        const bool heads_chain =
            (is_float_op(n, Op::Add) || is_float_op(n, Op::Mul)) && (inner_[operands[0]] || inner_[operands[1]]);
        if (!heads_chain) {
            rebuild_.copy(v);
            continue;
        }
        gather(v);
        rebuild_.at(v);
        while (terms_.size() > 1) {
            size_t kept = 0;
            for (size_t i = 0; i < terms_.size(); i += 2)
                terms_[kept++] =
                    i + 1 < terms_.size() ? rebuild_.builder().binary(n.op, terms_[i], terms_[i + 1]) : terms_[i];
            terms_.resize(kept);
        }
        rebuild_.set(v, terms_[0]);
    }
    rebuild_.finish();
}

// contract: a product that is only used by one sum or difference is computed with it in one rounding.
class Contractor {
  public:
    Contractor(Function& f, PassScratch& scratch) : f_(f), rebuild_(f, scratch), uses_(scratch.marks) {
        count_uses(f, uses_);
    }
    void run();

  private:
    static constexpr uint8_t kAbsorbed = 3;  // in place of the use count: the product became part of its user

    bool is_candidate(const Node& n) const { return is_float_op(n, Op::Add) || is_float_op(n, Op::Sub); }
    void absorb_products();
    ValueId factor(ValueId product, int i) const { return rebuild_[f_[product].inline_operands[i]]; }

    Function& f_;
    Rebuild rebuild_;
    std::vector<uint8_t>& uses_;
};

void Contractor::absorb_products() {
    for (const Node& n : f_.nodes) {
        if (!is_candidate(n)) continue;
        for (const ValueId o : f_.operands(n)) {
            if (!is_float_op(f_[o], Op::Mul) || uses_[o] != 1) continue;
            uses_[o] = kAbsorbed;
            break;
        }
    }
}

void Contractor::run() {
    absorb_products();
    Builder& b = rebuild_.builder();
    for (ValueId v = 0; v < f_.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f_[v];
        if (is_owned(n.op) || uses_[v] == kAbsorbed) continue;
        const ValueId x = n.inline_operands[0], y = n.inline_operands[1];
        const bool is_sum = n.op == Op::Add;
        rebuild_.at(v);
        if (is_candidate(n) && uses_[x] == kAbsorbed) {  // negations are exact
            const ValueId addend = is_sum ? rebuild_[y] : b.unary(Op::Neg, rebuild_[y]);
            rebuild_.set(v, b.ternary(Op::Fma, factor(x, 0), factor(x, 1), addend));
        } else if (is_candidate(n) && uses_[y] == kAbsorbed) {
            const ValueId first = is_sum ? factor(y, 0) : b.unary(Op::Neg, factor(y, 0));
            rebuild_.set(v, b.ternary(Op::Fma, first, factor(y, 1), rebuild_[x]));
        } else {
            rebuild_.copy(v);
        }
    }
    rebuild_.finish();
}

}  // namespace

Result<void> apply_flags(PassContext& context) {
    context.program.flags = 0;
    if (context.flags == 0) return {};
    for (Function& f : context.program.functions) {
        // Regrouping first: it decides what is a term, contraction only how a term is added.
        if ((context.flags & kFlagReassoc) != 0) Regrouper(f, context.scratch).run();
        if ((context.flags & kFlagContract) != 0) Contractor(f, context.scratch).run();
    }
    return {};
}

}  // namespace exprjit
