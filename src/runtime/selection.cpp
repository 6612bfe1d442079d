// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/selection.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/codes.h"
#include "runtime/columns_bitmap.h"
#include "runtime/columns_check.h"
#include "runtime/compact.h"
#include "runtime/executor_pieces.h"
#include "runtime/kernel.h"
#include "runtime/overlap.h"
#include "runtime/selection_columns.h"
#include "runtime/staging.h"

namespace exprjit {

namespace {

Failure wrong_count(const char* what, size_t wanted, size_t given) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                    " columns were given");
}

bool has_nulls(std::span<const Column> columns) {
    return std::any_of(columns.begin(), columns.end(), [](const Column& c) { return c.validity != nullptr; });
}

// The pieces are evaluated in waves: first every piece of a wave, side by side, into scratch of its own; then, as it is
// known where each begins, their kept rows are put in place. So nothing is written where rows are still to be read, and
// an output may be exactly an input.
class Filter {
  public:
    Filter(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, std::span<const Column> outputs,
           int64_t* indices, int64_t rows)
        : kernel_(kernel), run_(run), inputs_(inputs), outputs_(outputs), indices_(indices), rows_(rows),
          has_nulls_(has_nulls(inputs)) {}

    Result<int64_t> run() {
        if (Failure f = check()) return f;
        // A reduction needs all rows at once.
        const bool whole = kernel_.is_reducing();
        const int64_t piece_rows = whole ? rows_ : kChunkRows;
        const int64_t count = piece_rows == 0 ? 1 : std::max<int64_t>(1, (rows_ + piece_rows - 1) / piece_rows);
        const bool serial = whole || kernel_.code().is_serial();
        Executor* const executor = serial ? nullptr : run_.executor;
        const int64_t per_wave = executor == nullptr ? 1 : std::min<int64_t>(count, executor->threads() * 16);
        pieces_.resize(static_cast<size_t>(per_wave));
        for (Piece& p : pieces_) make(p, std::min(piece_rows, rows_));
        int64_t kept = 0;
        // The first piece goes alone: it compiles what the others run.
        for (int64_t first = 0, n = 1; first < count; first += n, n = std::min(per_wave, count - first)) {
            auto evaluated = run_pieces(executor, n, [&](int64_t i) {
                Piece& p = pieces_[static_cast<size_t>(i)];
                p.first = (first + i) * piece_rows;
                p.rows = std::min(piece_rows, rows_ - p.first);
                return evaluate(p, whole);
            });
            if (!evaluated) return evaluated.take_failure();
            for (int64_t i = 0; i < n; ++i) {
                pieces_[static_cast<size_t>(i)].to = kept;
                kept += pieces_[static_cast<size_t>(i)].kept;
            }
            auto placed = run_pieces(executor, n, [&](int64_t i) {
                place(pieces_[static_cast<size_t>(i)]);
                return Result<void>();
            });
            if (!placed) return placed.take_failure();
            // Bits of different pieces share bytes.
            for (int64_t i = 0; i < n; ++i) place_validity(pieces_[static_cast<size_t>(i)]);
        }
        return kept;
    }

  private:
    struct Piece {
        int64_t first = 0, rows = 0;
        int64_t kept = 0, to = 0;  // how many rows, and where they go
        std::vector<ScratchColumn> scratch;
        std::vector<Column> inputs, outputs;
        std::vector<uint64_t> selection;
    };

    Failure check() const {
        const KernelText& text = kernel_.text();
        const CompiledCode& code = *text.code;
        if (inputs_.size() != code.param_count())
            return wrong_count("parameter(s)", code.param_count(), inputs_.size());
        if (code.result_count() == 0 || code.result_type(0) != Scalar::Bool) {
            return fail(Status::Type, code_of(RuntimeCode::WrongType),
                        "a selection needs a condition: the kernel's first output is " +
                            (code.result_count() == 0 ? "missing" : std::string(name_of(code.result_type(0)))) +
                            ", not bool",
                        "compare or test in the text, as in x > 0");
        }
        if (indices_ != nullptr && code.result_count() != 1) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                        "the kernel has " + std::to_string(code.result_count()) +
                            " outputs; a selection is made by a kernel whose one output is the condition",
                        "use ej_kernel_filter for conditions with further outputs");
        }
        if (indices_ == nullptr && outputs_.size() != code.result_count() - 1)
            return wrong_count("output(s) behind the condition", code.result_count() - 1, outputs_.size());
        for (size_t i = 0; i < inputs_.size(); ++i) {
            if (Failure f = check_memory(inputs_[i], rows_, column_text("input", i, text.param_name(i)))) return f;
        }
        if (rows_ == 0) return nullptr;
        if (indices_ != nullptr) return check_overlap({indices_, 8, Storage::I64, nullptr, 0}, "'indices'", 0);
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const std::string described = column_text("output", o, text.result_name(o + 1));
            if (Failure f = check_memory(outputs_[o], rows_, described)) return f;
            if (overlaps_itself(outputs_[o], rows_)) {
                return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                            described + " overlaps itself: its stride of " + std::to_string(outputs_[o].stride) +
                                " bytes is shorter than an element");
            }
            if (Failure f = check_overlap(outputs_[o], described, o)) return f;
        }
        return nullptr;
    }

    Failure check_overlap(const Column& out, const std::string& described, size_t earlier_outputs) const {
        const KernelText& text = kernel_.text();
        for (size_t i = 0; i < inputs_.size(); ++i) {
            if (bitmaps_meet(out, rows_, inputs_[i], rows_, true)) {
                return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                            described + " or its bitmap overlaps " + column_text("input", i, text.param_name(i)) +
                                " or its bitmap",
                            "give the bitmap its own memory, or exactly the same bits as the input's");
            }
            if (!may_overlap(out, inputs_[i], rows_) || same_elements(out, inputs_[i], rows_)) continue;
            return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                        described + " partly overlaps " + column_text("input", i, text.param_name(i)),
                        "use separate memory, or exactly the same elements for both (in place)");
        }
        for (size_t p = 0; p < earlier_outputs; ++p) {
            if (!may_overlap(out, outputs_[p], rows_) && !bitmaps_meet(out, rows_, outputs_[p], rows_, false)) continue;
            return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                        described + " overlaps " + column_text("output", p, text.result_name(p + 1)),
                        "give every output its own memory");
        }
        return nullptr;
    }

    void make(Piece& p, int64_t rows) const {
        p.scratch.resize(1 + outputs_.size());
        p.outputs.resize(p.scratch.size());
        p.inputs.resize(inputs_.size());
        p.selection.resize(static_cast<size_t>(rows + 63) / 64);
        for (size_t i = 0; i < p.scratch.size(); ++i) {
            const Storage dtype = i == 0 ? Storage::Bool : outputs_[i - 1].dtype;
            const bool with_validity =
                has_nulls_ && !kernel_.output_is_reduced(i) && (i == 0 || outputs_[i - 1].validity != nullptr);
            p.scratch[i].make(dtype, rows, with_validity);
            p.outputs[i] = p.scratch[i].column();
        }
    }

    Result<void> evaluate(Piece& p, bool whole) const {
        ColumnRun run = run_;
        if (!whole) {
            run.executor = nullptr;
            run.first_row += p.first;
        }
        for (size_t i = 0; i < inputs_.size(); ++i) p.inputs[i] = slice(inputs_[i], p.first);
        if (auto done = eval_columns(kernel_, run, p.inputs, p.outputs, p.rows); !done) return done;
        const Column& keep = p.outputs[0];
        auto* const bytes = static_cast<uint8_t*>(keep.data);
        if (kernel_.output_is_reduced(0) && p.rows > 0) std::memset(bytes, bytes[0], static_cast<size_t>(p.rows));
        p.kept = make_selection(bytes, keep.validity, keep.validity_offset, p.rows, p.selection.data());
        return {};
    }

    void place(Piece& p) const {
        if (p.kept == 0) return;
        const Isa isa = kernel_.code().traits.isa;
        const uint64_t* const words = p.selection.data();
        if (indices_ != nullptr) return compact_numbers(words, p.rows, p.first, indices_ + p.to, isa);
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const Column& out = outputs_[o];
            void* const values = p.outputs[o + 1].data;
            const size_t size = byte_size(out.dtype);
            if (kernel_.output_is_reduced(o + 1)) {
                repeat(values, out, p.to, p.kept);
            } else if (out.stride == static_cast<int64_t>(size)) {
                compact(words, p.rows, values, size, static_cast<char*>(out.data) + p.to * out.stride, isa);
            } else {
                compact(words, p.rows, values, size, values, isa);
                char* const first = static_cast<char*>(out.data) + p.to * out.stride;
                scatter_elements(first, out.stride, values, size, p.kept);
            }
        }
    }

    void place_validity(const Piece& p) const {
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const Column& out = outputs_[o];
            if (out.validity == nullptr) continue;
            const Column& scratch = p.outputs[o + 1];
            if (scratch.validity == nullptr)
                fill_bits(out.validity, out.validity_offset + p.to, p.kept, true);
            else
                compact_bits(p.selection.data(), p.rows, scratch.validity, scratch.validity_offset, out.validity,
                             out.validity_offset + p.to);
        }
    }

    const Kernel& kernel_;
    const ColumnRun& run_;
    std::span<const Column> inputs_, outputs_;
    int64_t* indices_;  // nullptr: compacted outputs are wanted
    int64_t rows_;
    bool has_nulls_;
    std::vector<Piece> pieces_;
};

}  // namespace

Result<int64_t> select_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                            int64_t* indices) {
    int64_t none = 0;
    return Filter(kernel, run, inputs, {}, indices != nullptr ? indices : &none, rows).run();
}

Result<int64_t> filter_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                            std::span<const Column> outputs, int64_t rows) {
    return Filter(kernel, run, inputs, outputs, nullptr, rows).run();
}

}  // namespace exprjit
