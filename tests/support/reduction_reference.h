// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions as their definition says it (opt/vectorize.h), one row after the other, without a thought for speed: what the
// loops, the batches and the threads are compared with.
#pragma once

#include <cstdint>
#include <span>

#include "ir/context.h"
#include "ir/op.h"

namespace exprjit::trial {

// What one block of rows, or several blocks together, come to.
struct ReferencePartial {
    Slot value = 0;    // of Count: the number; of Deviations: the sum of squared deviations (f64)
    int64_t rows = 0;  // of Deviations: how many rows counted. Of ArgMin, ArgMax: the row, -1 if none
    double mean = 0;   // of Deviations

    // The slots vectorize() gives for the block; returns how many.
    int slots(ReduceKind kind, Slot* out) const;
};

// `values`: one slot of type `type` per row; `counts`: whether the row counts, one per row, or empty if all do.
// `first_row` is the number of the first row. At most 4096 rows.
ReferencePartial reference_block(ReduceKind kind, Scalar type, std::span<const Slot> values,
                                 std::span<const uint8_t> counts, int64_t first_row);

// The value of the reduction over a whole column.
Slot reference_reduction(ReduceKind kind, Scalar type, std::span<const Slot> values, std::span<const uint8_t> counts);

}  // namespace exprjit::trial
