// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The links between the nodes of regions follow from the order of the nodes. Whoever reads a function from outside, where
// links are not written, adds its nodes one by one and calls add() for each.
#pragma once

#include <vector>

#include "ir/program.h"

namespace exprjit {

class RegionLinks {
  public:
    void clear() {
        regions_.clear();
        loops_.clear();
    }
    size_t depth() const { return regions_.size(); }
    // The opening node of the innermost open region, or kNoValue.
    ValueId innermost() const { return regions_.empty() ? kNoValue : regions_.back(); }

    // Sets the link of the last node of `f` and those of the nodes it pairs with. A node that pairs with none keeps an
    // empty link, which the verifier refuses.
    void add(Function& f) {
        const ValueId v = f.size() - 1;
        Node& n = f.nodes[v];
        const OpInfo& i = info(n.op);
        if (i.has(kOpens)) {
            regions_.push_back(v);
            if (n.op != Op::If) loops_.push_back(v);
        } else if (i.has(kMid) || i.has(kEnds)) {
            divide_or_close(f, v, n);
        } else if (n.op == Op::Yield) {
            n.link = innermost();
        } else if (n.op == Op::Break || n.op == Op::Continue) {
            if (n.imm < loops_.size()) n.link = loops_[loops_.size() - 1 - n.imm];
        }
    }

  private:
    void divide_or_close(Function& f, ValueId v, Node& n) {
        const ValueId opener = innermost();
        const Op expected = n.op == Op::EndFor ? Op::For : n.op == Op::EndLoop ? Op::Loop : Op::If;
        if (opener == kNoValue || f[opener].op != expected) return;
        const bool divided = f[opener].link != UINT32_MAX;
        if (n.op == Op::Else) {
            if (!divided) f.nodes[opener].link = v;
            return;
        }
        if (n.op == Op::EndIf) {
            if (!divided) return;
            f.nodes[f[opener].link].link = v;
        } else {
            f.nodes[opener].link = v;
            loops_.pop_back();
        }
        n.link = opener;
        regions_.pop_back();
    }

    std::vector<ValueId> regions_;  // opening nodes
    std::vector<ValueId> loops_;    // those of them that are loops
};

}  // namespace exprjit
