// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Running the loops of one evaluation: rows in chunks, chunks in tasks.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>

#include "runtime/columns.h"
#include "runtime/columns_code.h"
#include "runtime/reductions.h"

namespace exprjit {

// What all loops of an evaluation share.
struct Evaluation {
    const ColumnCode* code;
    const volatile int32_t* stop;
    Executor* executor;  // nullptr: the calling thread
    std::span<const Column> inputs, outputs;
    int64_t rows;
    int64_t first_row;     // number of row 0, where the columns are a piece of longer ones
    const Slot* uniforms;  // per input, its value where it is uniform
    Slot* reductions;      // per reduction, its result once it is known
};

// The failure of the lowest row so far, of all threads that run one stage.
class FirstFailure {
  public:
    // Exit of a chunk that begins at row `first` (counted from 0), or later.
    void record(Exit exit, const Context& context, int64_t first);
    void out_of_memory() { out_of_memory_.store(true, std::memory_order_relaxed); }
    // Whether a chunk that begins here can still matter.
    bool wants(int64_t first) const { return first < lowest_.load(std::memory_order_relaxed); }

    // After all threads are done.
    bool any() const { return exit != Exit::Ok || out_of_memory_.load(std::memory_order_relaxed); }
    void throw_if_out_of_memory() const;
    Exit exit = Exit::Ok;
    Context context;  // of the failing chunk

  private:
    std::atomic<int64_t> lowest_{INT64_MAX};
    std::atomic<bool> out_of_memory_{false};
    std::mutex mutex_;
};

// Runs code->rows over all rows. `streaming` is the code of the same layout with streamed outputs, or nullptr. Writes
// the bitmaps of nullable outputs.
void run_rows(const Evaluation& e, const ColumnCode* streaming, FirstFailure& failure);

// Runs a reducing stage over all rows, which begin at a multiple of kBlockRows of the whole column, and pushes the
// blocks to its reductions' trees (trees[0] is that of stage.first_reduction).
void run_reducing(const Evaluation& e, const StageCode& stage, std::span<BlockTree> trees, FirstFailure& failure);

}  // namespace exprjit
