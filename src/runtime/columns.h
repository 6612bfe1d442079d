// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Evaluating a kernel over rows: the expression becomes a row function, is cut into stages where it holds reductions,
// and each stage becomes a loop in lanes that goes through the same code generator as everything else. The loops see
// contiguous columns and single values only; every other layout is staged chunk by chunk.
#pragma once

#include <cstdint>
#include <span>

#include "ir/context.h"
#include "ir/types.h"
#include "runtime/executor.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// One column: `stride` bytes from element to element, whatever the alignment. Bit validity_offset + i of `validity`
// (the lowest of a byte first) is 1 where row i is valid; nullptr: every row is.
struct Column {
    void* data = nullptr;
    int64_t stride = 0;
    Storage dtype = Storage::F64;
    uint8_t* validity = nullptr;
    int64_t validity_offset = 0;
};

// How to run. Borrowed for the call.
struct ColumnRun {
    ColumnRun(const volatile int32_t* stop_word = nullptr, Executor* executor_to_use = nullptr, int64_t first = 0)
        : stop(stop_word), executor(executor_to_use), first_row(first) {}

    const volatile int32_t* stop;  // the run ends with Cancelled soon after this becomes non-zero; nullptr: never
    Executor* executor;            // nullptr: the calling thread alone
    int64_t first_row;  // the number of row 0 in failures and in argmin, argmax: for pieces of a longer column
    // Outputs of more bytes than this in all are stored around the caches where their layout allows. -1: what suits
    // this machine. No result depends on it.
    int64_t streaming_bytes = -1;
};

// Whether a value of `from` becomes a `to` without loss by NumPy's promotion rules: bool to any, i32 to i64 and f64,
// i64 and f32 to f64.
bool converts(Scalar from, Scalar to);
// The bits of a value converted so.
Slot convert_slot(Scalar from, Scalar to, Slot bits);

// Runs the kernel over `rows` rows, as ej_kernel_eval in exprjit.h tells. Fails without running if the columns do not
// fit the kernel or an output overlaps another column other than exactly; a failing check reports the lowest row.
// Thread-safe.
Result<void> eval_columns(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                          std::span<const Column> outputs, int64_t rows);

}  // namespace exprjit
