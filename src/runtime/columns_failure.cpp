// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A group of lanes says that some check failed in one of its rows. Its rows are run again, one by one, in the
// interpreter, until one fails: that is the lowest row and its first check, as if all had run one by one. The group
// stored nothing, so its inputs are what they were, even in place.
#include <algorithm>

#include "runtime/columns_bitmap.h"
#include "runtime/columns_evaluate.h"
#include "runtime/generate.h"
#include "runtime/kernel.h"
#include "runtime/row_loop.h"

namespace exprjit {

namespace {

// Arguments of a stage's row function for one row (counted from 0).
void read_row(const Evaluation& e, const NullPlan& nulls, int64_t row, std::vector<Slot>& args) {
    args.clear();
    for (size_t i = 0; i < e.inputs.size(); ++i) {
        const Column& c = e.inputs[i];
        const bool is_uniform = (e.code->layout[i] & kUniformColumn) != 0;
        args.push_back(is_uniform ? e.uniforms[i]
                                  : read_element(c.dtype, static_cast<const char*>(c.data) + row * c.stride));
    }
    for (const uint32_t i : nulls.needed) {
        const Column& c = e.inputs[i];
        args.push_back(c.validity == nullptr || read_bit(c.validity, c.validity_offset + row));
    }
    for (size_t r = 0; r < e.code->reductions.size(); ++r) args.push_back(e.reductions[r]);
}

// Finds the failing row from `row` on, below `end`. False if there is none, which would be a bug in the loop.
bool find_failing_row(const Kernel& kernel, const Evaluation& e, size_t stage, int64_t& row, int64_t end,
                      Context& context) {
    auto built =
        build_row_program(kernel, {e.code->layout.get(), e.code->layout_bytes}, CompileScratch::of_this_thread());
    if (!built) return false;
    Stages& stages = built->stages;
    const Program& program = stage < stages.reducing.size() ? stages.reducing[stage].program : stages.rows;
    const Executable function = Executable::interpreted(program);
    std::vector<Slot> args, outs(program.entry().results.size() + 1);
    for (; row < end; ++row) {
        read_row(e, built->nulls, row, args);
        args.resize(std::max(args.size(), program.entry().params.size()));
        Context here;
        if (function.call(here, args.data(), outs.data()) != Exit::CheckFailed) continue;
        context = here;
        return true;
    }
    return false;
}

}  // namespace

Failure explain_failure(const Kernel& kernel, const Evaluation& e, size_t stage, const FirstFailure& failure) {
    failure.throw_if_out_of_memory();
    Context context = failure.context;
    if (failure.exit != Exit::CheckFailed) return run_time_failure(kernel.text(), failure.exit, context, -1);
    const StageCode& code = stage < e.code->reducing.size() ? e.code->reducing[stage] : e.code->rows;
    int64_t row = context.failed_index - e.first_row;
    if (code.lane_log2 > 0) {
        const int64_t group = row;
        const int64_t end = std::min(group + (int64_t{1} << code.lane_log2), e.rows);
        if (!find_failing_row(kernel, e, stage, row, end, context)) row = group;
    }
    return run_time_failure(kernel.text(), failure.exit, context, row + e.first_row);
}

}  // namespace exprjit
