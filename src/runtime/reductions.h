// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Combining the blocks of a reduction. The loops of opt/vectorize.h give one partial per block of kBlockRows rows;
// here the partials are combined like the digits of a binary counter, which is one fixed tree for a number of blocks:
// the result does not depend on threads, or on how the rows came in.
#pragma once

#include <cstdint>

#include "ir/context.h"
#include "ir/op.h"
#include "opt/stages.h"

namespace exprjit {

// What the loop over a block gives: see vectorize().
struct BlockPartial {
    Slot slots[3];
};

// How many slots a partial of this kind has: 1, 2 or 3.
int partial_slots(ReduceKind kind);
// The partial of no rows.
BlockPartial empty_partial(ReduceKind kind, Scalar type);
// The partial of the rows of `left` followed by those of `right`. Computes in the default floating-point environment,
// which the caller sets.
BlockPartial combine_partials(ReduceKind kind, Scalar type, const BlockPartial& left, const BlockPartial& right);
// The value of the reduction.
Slot partial_result(ReduceKind kind, const BlockPartial& partial);

// One reduction's blocks, pushed in the order of rows. Copies are independent.
class BlockTree {
  public:
    explicit BlockTree(const Reduction& reduction) : kind_(reduction.kind), type_(reduction.type) {}

    void push(const BlockPartial& block);
    // Everything pushed so far; more may be pushed afterwards.
    BlockPartial total() const;
    Slot result() const { return partial_result(kind_, total()); }
    int slots_per_block() const { return partial_slots(kind_); }

  private:
    ReduceKind kind_;
    Scalar type_;
    uint64_t blocks_ = 0;
    BlockPartial levels_[52];  // not initialised; level i holds 2^i blocks where bit i of blocks_ is set
};

}  // namespace exprjit
