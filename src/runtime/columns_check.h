// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>

#include "runtime/columns.h"
#include "runtime/columns_code.h"

namespace exprjit {

class KernelText;

// "input column 2 ('x')".
std::string column_text(const char* what, size_t i, const char* name);

// The failures below say which column is wrong, why, and what to do; nullptr if all is well.
Failure check_column_count(const KernelText& text, size_t inputs, size_t outputs);
// Whether the columns' dtypes convert to and from the kernel's types.
Failure check_column_types(const KernelText& text, std::span<const Column> inputs, std::span<const Column> outputs);
// Whether an input has memory at all; looked at before uniform values are read.
Failure check_input_data(const KernelText& text, std::span<const Column> inputs);
// Whether the memory of columns and bitmaps is there, fits the address space, and is kept apart as it must be.
Failure check_column_memory(const KernelText& text, const ColumnCode& code, std::span<const Column> inputs,
                            std::span<const Column> outputs, int64_t rows);

}  // namespace exprjit
