// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_direct.h"

#include <cstring>

#include "opt/vectorize.h"
#include "runtime/columns_chunk.h"
#include "runtime/columns_evaluate.h"
#include "runtime/kernel.h"

namespace exprjit {

namespace {

constexpr size_t kMostColumns = 16;
constexpr size_t kMostReductions = 8;

struct Call {
    const Kernel& kernel;
    const ColumnRun& run;
    std::span<const Column> inputs, outputs;
    int64_t rows;
    uint8_t layout[kMostColumns];
    Slot uniforms[kMostColumns];
    Slot reductions[kMostReductions];
    const ColumnCode* code = nullptr;

    bool fits();
    bool stays_apart(size_t output) const;
    bool takes(const StageCode& stage) const;
    Exit run_stage(const StageCode& stage, Context& context, Slot* results) const;
    Failure failed(Exit exit, const Context& context, size_t stage);
    bool reduce(Result<void>& result);
};

// Whether every column is plain; fills layout and uniforms.
bool Call::fits() {
    const CompiledCode& types = kernel.code();
    for (size_t i = 0; i < inputs.size(); ++i) {
        const Column& c = inputs[i];
        if (c.validity != nullptr || c.data == nullptr) return false;
        if (c.stride == static_cast<int64_t>(byte_size(c.dtype))) {
            layout[i] = static_cast<uint8_t>(c.dtype);
        } else if (c.stride == 0 && c.dtype != Storage::U64 && widened(c.dtype) == types.param_type(i)) {
            layout[i] = kUniformColumn;
            uniforms[i] = read_element(c.dtype, c.data);
        } else {
            return false;
        }
    }
    for (size_t o = 0; o < outputs.size(); ++o) {
        const Column& c = outputs[o];
        if (c.validity != nullptr || c.data == nullptr || c.stride != static_cast<int64_t>(byte_size(c.dtype)))
            return false;
        layout[inputs.size() + o] = static_cast<uint8_t>(c.dtype);
        if (!stays_apart(o)) return false;
    }
    return true;
}

// An output may be exactly an input; what overlaps in another way is for eval_columns to judge.
bool Call::stays_apart(size_t output) const {
    const auto begin = [](const Column& c) { return reinterpret_cast<uintptr_t>(c.data); };
    const auto bytes = [this](const Column& c) {
        return static_cast<uintptr_t>(byte_size(c.dtype)) * static_cast<uintptr_t>(c.stride == 0 ? 1 : rows);
    };
    const Column& mine = outputs[output];
    const auto meets = [&](const Column& c) {
        return begin(mine) < begin(c) + bytes(c) && begin(c) < begin(mine) + bytes(mine);
    };
    for (const Column& c : inputs) {
        if (meets(c) && !(c.data == mine.data && c.dtype == mine.dtype && c.stride == mine.stride)) return false;
    }
    for (size_t p = 0; p < output; ++p) {
        if (meets(outputs[p])) return false;
    }
    return true;
}

bool Call::takes(const StageCode& stage) const {
    return stage.params.size() + 2 <= 2 * kMostColumns &&
           (code->masked || (rows & ((int64_t{1} << stage.lane_log2) - 1)) == 0);
}

Exit Call::run_stage(const StageCode& stage, Context& context, Slot* results) const {
    using From = LoopParam::From;
    Slot args[2 * kMostColumns];
    size_t n = 0;
    for (const LoopParam& p : stage.params) {
        switch (p.from) {
        case From::Column: args[n++] = reinterpret_cast<uintptr_t>(inputs[p.index].data); break;
        case From::Output: args[n++] = reinterpret_cast<uintptr_t>(outputs[p.index].data); break;
        case From::Uniform: args[n++] = uniforms[p.index]; break;
        default: args[n++] = 0; break;
        }
    }
    args[n++] = static_cast<Slot>(run.first_row);
    args[n] = static_cast<Slot>(rows);
    context.stop = run.stop;
    return stage.executable.call(context, args, results);
}

Failure Call::failed(Exit exit, const Context& context, size_t stage) {
    const Evaluation e{code, run.stop, nullptr, inputs, outputs, rows, run.first_row, uniforms, reductions};
    FirstFailure failure;
    failure.record(exit, context, 0);
    return explain_failure(kernel, e, stage, failure);
}

// One reducing stage over one block, and what follows from it.
bool Call::reduce(Result<void>& result) {
    if (code->reducing.size() != 1 || code->has_rows || !code->has_once || rows > kBlockRows) return false;
    const StageCode& stage = code->reducing[0];
    if (!takes(stage) || code->reductions.size() > kMostReductions) return false;
    Context context;
    Slot partials[3 * kMostReductions];
    if (const Exit exit = run_stage(stage, context, partials); exit != Exit::Ok) {
        result = failed(exit, context, 0);
        return true;
    }
    const Slot* at = partials;
    for (size_t r = 0; r < code->reductions.size(); ++r) {
        const ReduceKind kind = code->reductions[r].kind;
        BlockPartial partial;
        std::memcpy(partial.slots, at, static_cast<size_t>(partial_slots(kind)) * sizeof(Slot));
        reductions[r] = partial_result(kind, partial);
        at += partial_slots(kind);
    }
    const Evaluation e{code, run.stop, nullptr, inputs, outputs, rows, run.first_row, uniforms, reductions};
    Slot once[kMostColumns];
    if (auto done = evaluate_once(kernel, e, once); !done) {
        result = done.take_failure();
        return true;
    }
    for (size_t k = 0; k < code->once_outputs.size(); ++k) {
        const Column& c = outputs[code->once_outputs[k]];
        std::memcpy(c.data, &once[k], byte_size(c.dtype));
    }
    return true;
}

}  // namespace

bool eval_direct(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                 std::span<const Column> outputs, int64_t rows, Result<void>& result) {
    const size_t count = inputs.size() + outputs.size();
    if (rows <= 0 || rows > kDirectChunk || count > kMostColumns || run.streaming_bytes >= 0) return false;
    Call call{kernel, run, inputs, outputs, rows, {}, {}, {}};
    if (!call.fits()) return false;
    call.code = find_column_code(kernel, {call.layout, count});
    if (call.code == nullptr || call.code->has_bitmaps) return false;
    if (run.stop != nullptr && __atomic_load_n(run.stop, __ATOMIC_RELAXED) != 0) return false;
    if (!call.code->reducing.empty()) return call.reduce(result);
    if (!call.code->has_rows || call.code->has_once || !call.takes(call.code->rows)) return false;
    Context context;
    Slot none = 0;
    if (const Exit exit = call.run_stage(call.code->rows, context, &none); exit != Exit::Ok)
        result = call.failed(exit, context, 0);
    return true;
}

}  // namespace exprjit
