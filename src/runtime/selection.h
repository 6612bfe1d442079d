// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Conditions over columns: which rows they keep, the kept rows next to each other, and evaluation for some rows only.
// All of it stands on eval_columns, chunk by chunk through small scratch; kernels that reduce over rows see whole
// columns.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/columns.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// As ej_kernel_select, ej_kernel_filter and ej_kernel_eval_selected in exprjit.h tell. The first two give the number of
// kept rows. They throw std::bad_alloc, and are thread-safe.
Result<int64_t> select_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                            int64_t* indices);
Result<int64_t> filter_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                            std::span<const Column> outputs, int64_t rows);
Result<void> eval_selected(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                           const int64_t* indices, int64_t count, std::span<const Column> outputs);

}  // namespace exprjit
