// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/columns.h"
#include "runtime/reductions_stream.h"
#include "runtime/selection_columns.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// A reduction that is fed batch by batch and has the bits of one call over all rows. Blocks must begin at multiples of
// kBlockRows of the whole stream, wherever batches begin; so the rows of the last block are kept until it is full. Used
// by one thread at a time.
class Reducer {
  public:
    // Unsupported where the kernel's outputs are not all reduced, in one pass. Retains the kernel. Throws
    // std::bad_alloc.
    static Result<std::unique_ptr<Reducer>> create(Kernel& kernel);
    ~Reducer();
    Reducer(const Reducer&) = delete;
    Reducer& operator=(const Reducer&) = delete;

    // Adds a batch, or fails and leaves everything as it was (so it does when it throws std::bad_alloc).
    Result<void> feed(const ColumnRun& run, std::span<const Column> inputs, int64_t rows);
    // The outputs over all batches so far, a slot each.
    Result<void> finish(Slot* outs) const;

    const Kernel& kernel() const { return kernel_; }
    int64_t rows() const { return done_ + pending_; }

  private:
    explicit Reducer(Kernel& kernel);
    Failure check(std::span<const Column> inputs, int64_t rows) const;
    Result<void> look_for_failures(const ColumnRun& run, std::span<const Column> inputs, int64_t first, int64_t count,
                                   int64_t row) const;
    std::vector<Column> buffer() const;

    Kernel& kernel_;
    ReductionState state_;
    int64_t done_ = 0;                    // rows in state_, whole blocks
    int64_t pending_ = 0;                 // rows in the buffer, less than a block
    std::vector<ScratchColumn> buffers_;  // a block of each input, in its dtype; empty before the first batch
};

}  // namespace exprjit
