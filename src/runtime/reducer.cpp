// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/reducer.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "opt/vectorize.h"
#include "runtime/codes.h"
#include "runtime/columns_check.h"
#include "runtime/kernel.h"

namespace exprjit {

namespace {

std::vector<Column> slices(std::span<const Column> columns, int64_t first) {
    std::vector<Column> from;
    from.reserve(columns.size());
    for (const Column& c : columns) from.push_back(slice(c, first));
    return from;
}

}  // namespace

Reducer::Reducer(Kernel& kernel) : kernel_(kernel) { kernel_.retain(); }
Reducer::~Reducer() { kernel_.release(); }

Result<std::unique_ptr<Reducer>> Reducer::create(Kernel& kernel) {
    if (auto feedable = check_feedable(kernel); !feedable) return feedable.take_failure();
    return std::unique_ptr<Reducer>(new Reducer(kernel));
}

Failure Reducer::check(std::span<const Column> inputs, int64_t rows) const {
    const KernelText& text = kernel_.text();
    if (inputs.size() != text.code->param_count()) {
        return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                    "the kernel has " + std::to_string(text.code->param_count()) + " parameter(s), but " +
                        std::to_string(inputs.size()) + " columns were given");
    }
    if (rows > std::numeric_limits<int64_t>::max() - this->rows()) {
        return fail(Status::Limit, code_of(RuntimeCode::BadColumn),
                    "the batches have more than " + std::to_string(std::numeric_limits<int64_t>::max()) + " rows");
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
        const std::string described = column_text("input", i, text.param_name(i));
        if (Failure f = check_memory(inputs[i], rows, described)) return f;
        if (buffers_.empty() || buffers_[i].column().dtype == inputs[i].dtype) continue;
        const std::string before(name_of(buffers_[i].column().dtype));
        return fail(Status::Type, code_of(RuntimeCode::WrongType),
                    described + " is " + std::string(name_of(inputs[i].dtype)) + ", but was " + before +
                        " in earlier batches",
                    "convert the column to " + before);
    }
    return nullptr;
}

// Rows that wait in the buffer have been looked at, so that a batch that fails does so when it is fed.
Result<void> Reducer::look_for_failures(const ColumnRun& run, std::span<const Column> inputs, int64_t first,
                                        int64_t count, int64_t row) const {
    ColumnRun here = run;
    here.first_row = row;
    ReductionState unused;
    return reduce_rows(kernel_, here, slices(inputs, first), count, unused);
}

std::vector<Column> Reducer::buffer() const {
    std::vector<Column> columns;
    columns.reserve(buffers_.size());
    for (const ScratchColumn& b : buffers_) columns.push_back(b.column());
    return columns;
}

Result<void> Reducer::feed(const ColumnRun& run, std::span<const Column> inputs, int64_t rows) {
    if (Failure f = check(inputs, rows)) return f;
    std::vector<ScratchColumn> fresh;  // kept if this batch is
    if (buffers_.empty()) {
        fresh.resize(inputs.size());
        for (size_t i = 0; i < inputs.size(); ++i) fresh[i].make(inputs[i].dtype, kBlockRows, true);
    }
    std::vector<ScratchColumn>& buffers = buffers_.empty() ? fresh : buffers_;

    // The rows that go behind those in the buffer, then whole blocks straight from the batch, then what is left.
    const int64_t head = pending_ > 0 || rows < kBlockRows ? std::min(rows, kBlockRows - pending_) : 0;
    const bool fills_block = pending_ + head == kBlockRows;
    const int64_t middle = (rows - head) / kBlockRows * kBlockRows;
    const int64_t tail = rows - head - middle;
    ReductionState state;
    if (fills_block || middle > 0) state = state_;
    ColumnRun here = run;
    int64_t done = done_;
    if (fills_block) {
        for (size_t i = 0; i < inputs.size(); ++i) gather(inputs[i], nullptr, 0, head, buffers[i].column(), pending_);
        here.first_row = done;
        if (auto reduced = reduce_rows(kernel_, here, buffer(), kBlockRows, state); !reduced) return reduced;
        done += kBlockRows;
    } else if (middle == 0) {  // without rows, too: that looks at the columns
        if (auto looked = look_for_failures(run, inputs, 0, head, done_ + pending_); !looked) return looked;
    }
    if (middle > 0) {
        here.first_row = done;
        if (auto reduced = reduce_rows(kernel_, here, slices(inputs, head), middle, state); !reduced) return reduced;
        done += middle;
    }
    if (tail > 0) {
        if (auto looked = look_for_failures(run, inputs, head + middle, tail, done); !looked) return looked;
    }

    // Nothing fails from here on.
    if (buffers_.empty()) buffers_ = std::move(fresh);
    if (done != done_) {
        state_ = std::move(state);
        done_ = done;
        pending_ = 0;
    }
    const int64_t kept = fills_block ? 0 : head;
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (kept > 0) gather(inputs[i], nullptr, 0, kept, buffers_[i].column(), pending_);
        if (tail > 0) gather(inputs[i], nullptr, head + middle, tail, buffers_[i].column(), 0);
    }
    pending_ += kept + tail;
    return {};
}

Result<void> Reducer::finish(Slot* outs) const {
    ReductionState state = state_;
    const std::vector<Column> columns = buffer();
    ColumnRun run;
    run.first_row = done_;
    if (pending_ > 0) {
        if (auto reduced = reduce_rows(kernel_, run, columns, pending_, state); !reduced) return reduced;
    }
    return finish_reductions(kernel_, run, columns, state, outs);
}

}  // namespace exprjit
