// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "runtime/columns.h"

namespace exprjit {

// The usual small evaluation, without what layouts in general need: few columns, contiguous or one value each, without
// nulls; at most one chunk of rows (of a reduction: one block); its loops already compiled. False, with nothing done, if
// it is another one. Otherwise `result` is that of eval_columns, whose results and failures these are.
bool eval_direct(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                 std::span<const Column> outputs, int64_t rows, Result<void>& result);

}  // namespace exprjit
