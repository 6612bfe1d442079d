// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "ir/builder.h"
#include "opt/pipeline.h"

namespace exprjit {

// Nodes that belong to the node before them and are made with it: they are skipped by walks that copy.
constexpr bool is_owned(Op op) { return op == Op::Result || op == Op::Index || op == Op::Carried; }

// Builds a function anew in scratch.spare: a pass walks the old nodes in order, copies most and replaces some, and
// keeps the map from old values to new. finish() puts the new nodes in the old ones' place. Regions and spans are
// preserved.
class Rebuild {
  public:
    // Replaces the body of `target`. With `source` other than `target`, or after enter(), nodes come from elsewhere.
    Rebuild(Function& target, PassScratch& scratch);

    Builder& builder() { return b_; }
    const Function& from() const { return *from_; }
    const Node& node(ValueId v) const { return from_->nodes[v]; }

    // What the old value became.
    ValueId operator[](ValueId old) const { return scratch_.map[base_ + old]; }
    void set(ValueId old, ValueId now) { scratch_.map[base_ + old] = now; }

    // The node's operands as new values; valid until the next call.
    std::span<ValueId> operands(const Node& n);
    // Gives the nodes that follow the source position of `old`.
    void at(ValueId old) {
        if (!from_->spans.empty()) b_.at(from_->span_of(old));
    }
    // Appends a copy of node `old`, structure too, and maps all its results (and index and carried values).
    ValueId copy(ValueId old);

    // Continues with the nodes of another function, whose values are mapped at `base` in scratch.map; the caller
    // sizes it.
    void enter(const Function& from, size_t base) {
        from_ = &from;
        base_ = base;
    }
    void finish();

  private:
    std::span<const Type> result_types(ValueId old);

    Function& target_;
    PassScratch& scratch_;
    Builder& b_;
    const Function* from_;
    size_t base_ = 0;
    ValueId few_[8];             // operands() of most nodes
    std::vector<ValueId> many_;  // operands() of the others
    std::vector<Type> types_;
};

}  // namespace exprjit
