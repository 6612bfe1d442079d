// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/reductions_stream.h"

#include "runtime/codes.h"
#include "runtime/columns_check.h"
#include "runtime/columns_evaluate.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"

namespace exprjit {

namespace {

// Every input is a nullable column, whatever this piece brings: the list of reductions then depends on the dtypes
// only, and the trees of one piece go on in the next.
std::vector<uint8_t> stream_layout(const CompiledCode& code, std::span<const Column> inputs) {
    std::vector<uint8_t> layout;
    for (size_t i = 0; i < code.param_count(); ++i) {
        const Storage s = inputs.empty() ? storage_of(code.param_type(i)) : inputs[i].dtype;
        layout.push_back(static_cast<uint8_t>(s) | kNullableColumn);
    }
    for (size_t o = 0; o < code.result_count(); ++o)
        layout.push_back(static_cast<uint8_t>(storage_of(code.result_type(o))));
    return layout;
}

}  // namespace

Result<void> check_feedable(const Kernel& kernel) {
    const auto unsupported = [](const char* why, const char* hint) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable), why, hint);
    };
    if (!kernel.is_reducing()) {
        return unsupported("the kernel has no reduction over rows, so there is nothing to feed batch by batch",
                           "evaluate it over each batch by itself");
    }
    if (kernel.code().is_serial()) {  // rows that wait for the rest of their block are looked at twice
        return unsupported(
            "the kernel calls a function of the host that is not pure, which must be called once for each row",
            "evaluate it over whole columns, or say that the function is pure");
    }
    const OutputFacts& facts = output_facts(kernel);
    for (size_t o = 0; o < facts.reduced.size(); ++o) {
        if (facts.reduced[o] != 0) continue;
        const std::string which = column_text("output", o, kernel.text().result_name(o));
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    which + " has a value per row, which is not known before the last batch",
                    "keep reductions only, and evaluate the rest over columns");
    }
    if (facts.passes > 1 || facts.has_rows) {
        return unsupported("a reduction of the kernel needs another one's result for every row, so the rows are passed "
                           "more than once",
                           "evaluate it over whole columns, or feed the inner reduction first and pass its result in");
    }
    return {};
}

Result<void> reduce_rows(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs, int64_t rows,
                         ReductionState& state) {
    const KernelText& text = kernel.text();
    const CompiledCode& kernel_code = kernel.code();
    if (inputs.size() != kernel_code.param_count())
        return check_column_count(text, inputs.size(), kernel_code.result_count());
    const std::vector<uint8_t> layout = stream_layout(kernel_code, inputs);
    if (state.is_empty()) {
        if (Failure f = check_column_types(text, inputs, {})) return f;
    } else if (layout != state.layout) {
        return fail(Status::Type, code_of(RuntimeCode::WrongType),
                    "an input column has another dtype than in the batches before",
                    "convert the batch, so that every column keeps its dtype");
    }
    std::unique_ptr<ColumnCode> single;
    auto made = column_code(kernel, layout, run.stop, single);
    if (!made) return made.take_failure();
    const ColumnCode& code = **made;
    if (state.is_empty()) {
        for (const Reduction& r : code.reductions) state.trees.emplace_back(r);
        state.layout = layout;
    }
    if (rows == 0) return {};
    if (Failure f = check_input_data(text, inputs)) return f;
    if (Failure f = check_column_memory(text, code, inputs, {}, rows)) return f;
    const DefaultFloatEnvironment environment;
    std::vector<Slot> unused(inputs.size() + code.reductions.size(), 0);
    const Evaluation e{&code, run.stop, run.executor, inputs, {}, rows, run.first_row, unused.data(), unused.data()};
    for (size_t s = 0; s < code.reducing.size(); ++s) {
        const StageCode& stage = code.reducing[s];
        const auto trees = std::span(state.trees).subspan(stage.first_reduction, stage.reduction_count);
        if (auto done = evaluate_reducing(kernel, e, s, trees); !done) return done;
    }
    return {};
}

Result<void> finish_reductions(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                               const ReductionState& state, Slot* outs) {
    const std::vector<uint8_t> layout = state.is_empty() ? stream_layout(kernel.code(), inputs) : state.layout;
    std::unique_ptr<ColumnCode> single;
    auto made = column_code(kernel, layout, run.stop, single);
    if (!made) return made.take_failure();
    const ColumnCode& code = **made;
    const DefaultFloatEnvironment environment;
    std::vector<Slot> reductions, once(code.once_outputs.size() + 1);
    for (size_t r = 0; r < code.reductions.size(); ++r)
        reductions.push_back(state.is_empty() ? BlockTree(code.reductions[r]).result() : state.trees[r].result());
    const Evaluation e{&code, run.stop, nullptr, {}, {}, 0, 0, nullptr, reductions.data()};
    if (auto done = evaluate_once(kernel, e, once.data()); !done) return done;
    for (size_t k = 0; k < code.once_outputs.size(); ++k) {
        if (code.once_outputs[k] < kernel.code().result_count()) outs[code.once_outputs[k]] = once[k];
    }
    return {};
}

}  // namespace exprjit
