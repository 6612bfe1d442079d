// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Turns a row function (scalars in, scalars out, for one row) into the loop that runs it over contiguous columns, in lanes.
//
// Ifs become selects, a check inside one holds where the If is not taken, what does not depend on the row is computed once
// in front of the loop, cheap bodies are repeated to keep the machine busy, and reductions keep the one fixed order:
//
//   A block is up to kBlockRows consecutive rows, starting at a multiple of kBlockRows of the whole column. In a block,
//   512 bytes of virtual lanes (L = 64 of 8-byte, 128 of 4-byte values): row r goes to lane r mod L, in order of rows.
//   The lanes are combined by halves: lane j with lane j + L/2 for j < L/2, then with j + L/4, … down to one. Blocks are
//   combined like the digits of a binary counter (runtime/reductions.h).
#pragma once

#include <cstdint>
#include <span>

#include "ir/op.h"
#include "ir/program.h"
#include "opt/pipeline.h"
#include "support/result.h"

namespace exprjit {

inline constexpr int64_t kBlockRows = 4096;

struct RowInput {
    bool uniform = false;            // one value for all rows, passed as a scalar of the parameter's type
    Storage storage = Storage::F64;  // otherwise: contiguous elements, whose widened type is the parameter's
};

// What happens to results of the row function.
struct RowSink {
    bool is_reduction = false;
    uint32_t value = 0;  // index of the result
    // A store: contiguous elements of `storage`.
    Storage storage = Storage::F64;
    bool streaming = false;  // around the caches: the address is a multiple of 64
    // A reduction.
    ReduceKind kind = ReduceKind::Sum;
    uint32_t predicate = 0;  // index of the result (bool) that says which rows count
};

// What the code generator offers for this loop.
struct RowTarget {
    int vector_bytes = 0;  // 64 (v4), 32 (v3); 0: scalar code (v2, the interpreter)
    bool masked = false;   // masked loads and stores (v4). Without them the caller makes every column readable and
                           // writable up to the next multiple of the lane count
};

// Log2 of the lane count for a row function: from the widest type of its values, the loads included. 0 where it must stay
// scalar: no vectors, or loops whose trip count depends on the row, local arrays, tables or array parameters in it.
int choose_lane_log2(const Program& row_function, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                     const RowTarget& target);

// Replaces the row function (function 0 of a legal program of one function) by its loop. The parameters of the loop are: per input
// the address of its first element (i64) or the uniform scalar; per store the address of its first element (i64); the
// number of the first row (i64), which checks and ArgMin/ArgMax add to; the number of rows (i64, not negative; for
// reductions at most kBlockRows and the block's beginning). Its results are, per reduction, the block's partial values:
//   Sum Prod Min Max  the value          Count  i64
//   ArgMin ArgMax     value, row i64 (-1 if no row counted)
//   Deviations        rows i64, mean f64, sum of squared deviations f64
// Stores may be in place (a store's address is exactly an input's), but not beside Deviations, which read the block twice.
// A failing check leaves with its group's first row in Context::failed_index (first row number included); rows before it are
// done, rows of the group and after it are not stored.
Result<void> vectorize(Program& program, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                       int lane_log2, const RowTarget& target, PassScratch& scratch);
// Both in one: with as many lanes as choose_lane_log2() says, which it returns. Looks at the function once instead of twice.
Result<int> vectorize_widest(Program& program, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                             const RowTarget& target, PassScratch& scratch);

}  // namespace exprjit
