// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions over columns that come in pieces.
#pragma once

#include <span>
#include <vector>

#include "runtime/columns.h"
#include "runtime/reductions.h"

namespace exprjit {

class Kernel;

// What the rows so far came to. Copies are independent. A default-constructed one has seen no rows.
class ReductionState {
  public:
    bool is_empty() const { return layout.empty(); }

    std::vector<uint8_t> layout;   // of all pieces: see columns_code.h
    std::vector<BlockTree> trees;  // one per reduction
};

// Unsupported unless the kernel can be evaluated piece by piece: all outputs are reduced, in one pass.
Result<void> check_feedable(const Kernel& kernel);

// Adds rows to `state`, the first of which is number run.first_row of the stream. For the bits of one call over all
// rows that number is a multiple of kBlockRows, and `rows` too in all calls but the last. The columns are checked as
// in eval_columns; each must have the dtype it had in earlier calls, while strides and bitmaps may change. On failure
// `state` is unspecified.
Result<void> reduce_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                         ReductionState& state);

// The outputs for everything in `state`, a slot of the output's type each. `inputs` tells the dtypes if `state` is
// empty; it may be empty too. Its data is not read.
Result<void> finish_reductions(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                               const ReductionState& state, Slot* outs);

}  // namespace exprjit
