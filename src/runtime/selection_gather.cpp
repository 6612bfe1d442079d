// SPDX-License-Identifier: MIT OR Apache-2.0
//
// eval_selected: the selected rows are gathered into scratch, which is evaluated like any columns.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "opt/vectorize.h"
#include "runtime/codes.h"
#include "runtime/columns_bitmap.h"
#include "runtime/columns_check.h"
#include "runtime/executor_pieces.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/overlap.h"
#include "runtime/reductions_stream.h"
#include "runtime/selection.h"
#include "runtime/selection_columns.h"

namespace exprjit {

namespace {

// Chunks that one piece of parallel work has: its scratch is made once for all of them.
constexpr int64_t kChunksPerPiece = 8;

class SelectedRows {
  public:
    SelectedRows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                 const int64_t* indices, int64_t count, std::span<const Column> outputs)
        : kernel_(kernel), run_(run), inputs_(inputs), outputs_(outputs), indices_(indices), rows_(rows),
          count_(count) {}

    Result<void> run() {
        if (Failure f = check()) return f;
        if (kernel_.is_reducing()) return check_feedable(kernel_) ? reduce() : evaluate_whole();
        // The first chunk goes alone: it compiles what the others run.
        Piece start;
        make(start, std::min(kChunkRows, count_));
        if (auto done = evaluate_chunk(start, 0); !done) return done;
        const int64_t chunks = (count_ + kChunkRows - 1) / kChunkRows;
        const int64_t pieces = (chunks - 1 + kChunksPerPiece - 1) / kChunksPerPiece;
        const bool serial = has_single_output() || kernel_.code().is_serial();
        return run_pieces(serial ? nullptr : run_.executor, pieces, [&](int64_t piece) -> Result<void> {
            const int64_t first = 1 + piece * kChunksPerPiece;
            Piece p;
            make(p, std::min(kChunkRows, count_));
            for (int64_t c = first; c < std::min(chunks, first + kChunksPerPiece); ++c) {
                if (auto done = evaluate_chunk(p, c * kChunkRows); !done) return done;
            }
            return {};
        });
    }

  private:
    struct Piece {
        std::vector<ScratchColumn> scratch;
        std::vector<Column> inputs, outputs;
    };

    Failure check() const {
        const KernelText& text = kernel_.text();
        const CompiledCode& code = *text.code;
        const auto wrong = [](const char* what, size_t wanted, size_t given) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                        "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                            " columns were given");
        };
        if (inputs_.size() != code.param_count()) return wrong("parameter(s)", code.param_count(), inputs_.size());
        if (outputs_.size() != code.result_count()) return wrong("output(s)", code.result_count(), outputs_.size());
        for (size_t i = 0; i < inputs_.size(); ++i) {
            if (Failure f = check_memory(inputs_[i], rows_, column_text("input", i, text.param_name(i)))) return f;
        }
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const int64_t elements = rows_of(o);
            const std::string described = column_text("output", o, text.result_name(o));
            if (Failure f = check_memory(outputs_[o], elements, described)) return f;
            if (elements == 0) continue;
            for (size_t i = 0; i < inputs_.size(); ++i) {
                if (!overlap(outputs_[o], elements, inputs_[i], rows_)) continue;
                return overlap_failure(described, column_text("input", i, text.param_name(i)));
            }
            const Column indices{const_cast<int64_t*>(indices_), 8, Storage::I64, nullptr, 0};
            if (overlap(outputs_[o], elements, indices, count_)) return overlap_failure(described, "'indices'");
            for (size_t p = 0; p < o; ++p) {
                if (!overlap(outputs_[o], elements, outputs_[p], rows_of(p))) continue;
                return overlap_failure(described, column_text("output", p, text.result_name(p)));
            }
        }
        return nullptr;
    }

    static Failure overlap_failure(const std::string& output, const std::string& other) {
        return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap), output + " overlaps " + other,
                    "use separate memory: selected rows cannot be evaluated in place");
    }

    static bool overlap(const Column& a, int64_t a_rows, const Column& b, int64_t b_rows) {
        if (bitmaps_meet(a, a_rows, b, b_rows, false)) return true;
        if (a_rows == 0 || b_rows == 0 || !ranges_meet(a, a_rows, b, b_rows)) return false;
        // Fields of one record keep apart however many rows there are.
        const int64_t most = std::max(a_rows, b_rows);
        return !addressable(a, most) || !addressable(b, most) || may_overlap(a, b, most);
    }

    int64_t rows_of(size_t output) const { return kernel_.output_is_reduced(output) ? 1 : count_; }

    // Whether all chunks write the same element.
    bool has_single_output() const {
        return std::any_of(outputs_.begin(), outputs_.end(), [](const Column& c) { return c.stride == 0; });
    }

    void make(Piece& p, int64_t rows) const {
        p.scratch.resize(inputs_.size());
        p.inputs.assign(inputs_.begin(), inputs_.end());
        p.outputs.resize(outputs_.size());
        for (size_t i = 0; i < inputs_.size(); ++i) {
            if (is_single(inputs_[i])) continue;
            p.scratch[i].make(inputs_[i].dtype, rows, inputs_[i].validity != nullptr);
            p.inputs[i] = p.scratch[i].column();
        }
    }

    // One value without nulls: the same for any selection.
    static bool is_single(const Column& c) { return c.stride == 0 && c.validity == nullptr; }

    // How many of the indices from `first` on, `count` at most, are rows.
    int64_t count_good(int64_t first, int64_t count) const {
        const auto limit = static_cast<uint64_t>(rows_);
        bool all = true;
        for (int64_t k = 0; k < count; ++k) all &= static_cast<uint64_t>(indices_[first + k]) < limit;
        if (all) return count;
        int64_t good = 0;
        while (static_cast<uint64_t>(indices_[first + good]) < limit) ++good;
        return good;
    }

    Failure bad_index(int64_t k) const {
        Failure f = fail(Status::InvalidArgument, code_of(RuntimeCode::Index),
                         "index " + std::to_string(k) + " of the selection is " + std::to_string(indices_[k]) +
                             ", but there are " + std::to_string(rows_) + " rows",
                         "indices count from 0");
        f->row = k;
        return f;
    }

    void gather_rows(const Piece& p, int64_t first, int64_t count) const {
        for (size_t i = 0; i < inputs_.size(); ++i) {
            if (!is_single(inputs_[i])) gather(inputs_[i], indices_ + first, 0, count, p.inputs[i], 0);
        }
    }

    Result<void> evaluate_chunk(Piece& p, int64_t first) const {
        const int64_t count = std::min(kChunkRows, count_ - first);
        const int64_t good = count_good(first, count);
        gather_rows(p, first, good);
        for (size_t o = 0; o < outputs_.size(); ++o) p.outputs[o] = slice(outputs_[o], first);
        ColumnRun run = run_;
        run.executor = nullptr;
        run.first_row += first;
        // The rows in front of a bad index may fail themselves, at a lower place.
        if (auto done = eval_columns(kernel_, run, p.inputs, p.outputs, good); !done) return done;
        if (good < count) return bad_index(first + good);
        return {};
    }

    // Reductions in one pass need no more than some blocks at a time.
    Result<void> reduce() const {
        constexpr int64_t kRows = 16 * kBlockRows;
        if (Failure f = check_column_types(kernel_.text(), inputs_, outputs_)) return f;
        Piece p;
        make(p, std::min(kRows, count_));
        ReductionState state;
        ColumnRun run = run_;
        for (int64_t first = 0; first < std::max<int64_t>(count_, 1); first += kRows) {
            const int64_t count = std::min(kRows, count_ - first);
            const int64_t good = count_good(first, count);
            gather_rows(p, first, good);
            run.first_row = run_.first_row + first;
            if (auto done = reduce_rows(kernel_, run, p.inputs, good, state); !done) return done;
            if (good < count) return bad_index(first + good);
        }
        std::vector<Slot> values(outputs_.size());
        if (auto done = finish_reductions(kernel_, run_, p.inputs, state, values.data()); !done) return done;
        const DefaultFloatEnvironment environment;
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const Column& out = outputs_[o];
            const Slot value = convert_slot(kernel_.code().result_type(o), widened(out.dtype), values[o]);
            std::memcpy(out.data, &value, byte_size(out.dtype));  // the low bytes
            if (out.validity != nullptr) fill_bits(out.validity, out.validity_offset, 1, true);
        }
        return {};
    }

    // Reductions in several passes see all rows in each.
    Result<void> evaluate_whole() const {
        const int64_t good = count_good(0, count_);
        if (good < count_) return bad_index(good);
        Piece p;
        make(p, count_);
        gather_rows(p, 0, count_);
        return eval_columns(kernel_, run_, p.inputs, outputs_, count_);
    }

    const Kernel& kernel_;
    const ColumnRun& run_;
    std::span<const Column> inputs_, outputs_;
    const int64_t* indices_;
    int64_t rows_;
    int64_t count_;
};

}  // namespace

Result<void> eval_selected(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                           const int64_t* indices, int64_t count, std::span<const Column> outputs) {
    return SelectedRows(kernel, run, inputs, rows, indices, count, outputs).run();
}

}  // namespace exprjit
