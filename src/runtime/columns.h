// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Evaluating a kernel over rows: the expression becomes the body of a `for` over array parameters and goes through the
// same pipeline and code generator as everything else. There is no second engine for columns.
#pragma once

#include <memory>
#include <span>

#include "ir/types.h"
#include "runtime/executable.h"
#include "support/result.h"

namespace exprjit {

class Kernel;
class KernelText;

// One column: `stride` bytes from element to element, whatever the alignment.
struct Column {
    void* data = nullptr;
    int64_t stride = 0;
    Storage dtype = Storage::F64;
};

// The row loop of one layout: the element types of all columns, and which inputs are one value for all rows (those are
// scalar parameters, so the dtype of their memory does not matter).
struct ColumnCode {
    ColumnCode* next = nullptr;
    Executable executable;
    std::unique_ptr<uint8_t[]> layout;  // a byte per column
    size_t layout_bytes = 0;
};
void delete_column_code(ColumnCode* first);

// Whether a value of `from` becomes a `to` without loss by NumPy's promotion rules: bool to any, i32 to i64 and f64,
// i64 and f32 to f64.
bool converts(Scalar from, Scalar to);
// The bits of a value converted so.
Slot convert_slot(Scalar from, Scalar to, Slot bits);

// Runs the kernel over `rows` rows, in order. `stop` may be nullptr. Fails without running if the columns do not fit
// the kernel or an output overlaps another column other than exactly; a failing check reports the lowest row. Thread-
// safe.
Result<void> eval_columns(const Kernel& kernel, const volatile int32_t* stop, std::span<const Column> inputs,
                          std::span<const Column> outputs, int64_t rows);

}  // namespace exprjit
