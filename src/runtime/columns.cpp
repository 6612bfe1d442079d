// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns.h"

#include <cstring>
#include <vector>

#include "runtime/codes.h"
#include "runtime/columns_bitmap.h"
#include "runtime/columns_check.h"
#include "runtime/columns_direct.h"
#include "runtime/columns_evaluate.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/row_loop.h"

namespace exprjit {

namespace {

// Runs every reducing stage; their results go to e.reductions.
Result<void> reduce_all(const Kernel& kernel, const Evaluation& e) {
    std::vector<BlockTree> trees;
    trees.reserve(e.code->reductions.size());
    for (size_t s = 0; s < e.code->reducing.size(); ++s) {
        const StageCode& stage = e.code->reducing[s];
        trees.clear();
        for (uint32_t k = 0; k < stage.reduction_count; ++k)
            trees.emplace_back(e.code->reductions[stage.first_reduction + k]);
        if (auto done = evaluate_reducing(kernel, e, s, trees); !done) return done;
        for (uint32_t k = 0; k < stage.reduction_count; ++k)
            e.reductions[stage.first_reduction + k] = trees[k].result();
    }
    return {};
}

// Outputs that are one value, and the bitmaps that no loop writes.
void write_once_outputs(const Evaluation& e, const Slot* once) {
    const ColumnCode& code = *e.code;
    for (size_t k = 0; k < code.once_outputs.size(); ++k) {
        const uint32_t o = code.once_outputs[k];
        if (o >= e.outputs.size()) continue;
        std::memcpy(e.outputs[o].data, &once[k], byte_size(e.outputs[o].dtype));
    }
    for (size_t o = 0; o < e.outputs.size(); ++o) {
        const Column& c = e.outputs[o];
        const OutputPlan& plan = code.outputs[o];
        if (c.validity == nullptr || (plan.is_nullable && plan.validity_in_once < 0)) continue;
        const bool is_single = plan.is_reduced || (plan.is_uniform && c.stride == 0 && e.rows > 0);
        fill_bits(c.validity, c.validity_offset, is_single ? 1 : e.rows,
                  plan.validity_in_once < 0 || once[plan.validity_in_once] != 0);
    }
}

Result<void> evaluate(const Kernel& kernel, const ColumnRun& run, const Evaluation& e) {
    const ColumnCode& code = *e.code;
    if (!code.reducing.empty()) {
        const DefaultFloatEnvironment environment;  // for what combines blocks
        if (auto done = reduce_all(kernel, e); !done) return done;
    }
    InlineArray<Slot, 8> once(code.once_outputs.size() + 1);
    if (code.has_once) {
        if (auto done = evaluate_once(kernel, e, once.data()); !done) return done;
    }
    if (code.has_rows && e.rows > 0) {
        std::unique_ptr<ColumnCode> single;
        auto streaming = streaming_code(kernel, run, e, single);
        if (!streaming) return streaming.take_failure();
        FirstFailure failure;
        run_rows(e, *streaming, failure);
        if (failure.any()) return explain_failure(kernel, e, code.reducing.size(), failure);
    }
    write_once_outputs(e, once.data());
    return {};
}

}  // namespace

bool converts(Scalar from, Scalar to) {
    if (from == to || from == Scalar::Bool) return true;
    if (to == Scalar::F64) return true;
    return from == Scalar::I32 && to == Scalar::I64;
}

Slot convert_slot(Scalar from, Scalar to, Slot bits) {
    if (from == to) return bits;
    double value = 0;
    switch (from) {
    case Scalar::Bool: value = bits != 0 ? 1 : 0; break;
    case Scalar::I32: value = static_cast<int32_t>(static_cast<uint32_t>(bits)); break;
    case Scalar::I64: value = static_cast<double>(static_cast<int64_t>(bits)); break;
    case Scalar::F32: value = std::bit_cast<float>(static_cast<uint32_t>(bits)); break;
    case Scalar::F64: value = std::bit_cast<double>(bits); break;
    }
    switch (to) {
    case Scalar::Bool: return value != 0;
    case Scalar::I32: return static_cast<uint32_t>(static_cast<int32_t>(value));
    case Scalar::I64: return static_cast<uint64_t>(static_cast<int64_t>(value));  // from i32 and bool: exact
    case Scalar::F32: return std::bit_cast<uint32_t>(static_cast<float>(value));
    case Scalar::F64: return std::bit_cast<uint64_t>(value);
    }
    return 0;
}

// Inputs with stride 0 are read once; 16-bit floats and narrow integers as a load in generated code would.
Slot read_element(Storage dtype, const void* data) {
    const auto as = [data]<class T>(T) {
        T t;
        std::memcpy(&t, data, sizeof t);
        return t;
    };
    switch (dtype) {
    case Storage::Bool: return as(uint8_t{}) != 0;
    case Storage::I32:
    case Storage::F32: return as(uint32_t{});
    case Storage::I64:
    case Storage::U64:
    case Storage::F64: return as(uint64_t{});
    case Storage::I8: return static_cast<uint32_t>(static_cast<int32_t>(as(int8_t{})));
    case Storage::I16: return static_cast<uint32_t>(static_cast<int32_t>(as(int16_t{})));
    case Storage::U8: return as(uint8_t{});
    case Storage::U16: return as(uint16_t{});
    case Storage::U32: return as(uint32_t{});
    case Storage::F16: return half_to_float_bits(as(uint16_t{}));
    }
    return 0;
}

bool describe_columns(const Kernel& kernel, std::span<const Column> inputs, std::span<const Column> outputs,
                      int64_t rows, uint8_t* layout, Slot* uniforms) {
    const CompiledCode& code = kernel.code();
    bool fits = true;
    for (size_t i = 0; i < inputs.size(); ++i) {
        const Column& c = inputs[i];
        layout[i] = static_cast<uint8_t>(c.dtype);
        uniforms[i] = 0;
        if (c.stride == 0) {
            const Slot value = rows > 0 ? read_element(c.dtype, c.data) : 0;
            // A u64 that does not fit i64 fails row by row, where the loop can tell whether the row is null.
            if (c.dtype != Storage::U64 || static_cast<int64_t>(value) >= 0) {
                layout[i] = kUniformColumn;
                const Scalar from = widened(c.dtype), to = code.param_type(i);
                if (from != to) {
                    const DefaultFloatEnvironment environment;
                    fits = fits && converts(from, to);
                    uniforms[i] = fits ? convert_slot(from, to, value) : 0;
                } else {
                    uniforms[i] = value;
                }
            }
        }
        if (c.validity != nullptr) layout[i] |= kNullableColumn;
    }
    for (size_t o = 0; o < outputs.size(); ++o) layout[inputs.size() + o] = static_cast<uint8_t>(outputs[o].dtype);
    return fits;
}

Result<void> evaluate_reducing(const Kernel& kernel, const Evaluation& e, size_t index, std::span<BlockTree> trees) {
    FirstFailure failure;
    if (e.rows > 0) run_reducing(e, e.code->reducing[index], trees, failure);
    if (failure.any()) return explain_failure(kernel, e, index, failure);
    return {};
}

Result<void> evaluate_once(const Kernel& kernel, const Evaluation& e, Slot* outs) {
    const ColumnCode& code = *e.code;
    InlineArray<Slot, 16> args(code.once_params + 1);
    const size_t others = code.once_params - code.reductions.size();  // not used by what is the same for all rows
    for (size_t i = 0; i < others; ++i) args[i] = 0;
    for (size_t r = 0; r < code.reductions.size(); ++r) args[others + r] = e.reductions[r];
    Context context;
    context.stop = e.stop;
    const Exit exit = code.once.call(context, args.data(), outs);
    if (exit == Exit::Ok) return {};
    return run_time_failure(kernel.text(), exit, context, -1);
}

Result<void> eval_columns(const Kernel& kernel, const ColumnRun& run, std::span<const Column> inputs,
                          std::span<const Column> outputs, int64_t rows) {
    const KernelText& text = kernel.text();
    const CompiledCode& kernel_code = kernel.code();
    if (inputs.size() != kernel_code.param_count() || outputs.size() != kernel_code.result_count())
        return check_column_count(text, inputs.size(), outputs.size());
    Result<void> direct;
    if (eval_direct(kernel, run, inputs, outputs, rows, direct)) return direct;
    if (rows == 0 && !kernel_code.is_reducing()) return check_column_types(text, inputs, outputs);
    if (rows > 0) {
        if (Failure f = check_input_data(text, inputs)) return f;
    }
    InlineArray<uint8_t, 32> layout(inputs.size() + outputs.size());
    InlineArray<Slot, 16> uniforms(inputs.size());
    const bool fits = describe_columns(kernel, inputs, outputs, rows, layout.data(), uniforms.data());
    const std::span<const uint8_t> key(layout.data(), layout.size());
    std::unique_ptr<ColumnCode> single;
    const ColumnCode* code = fits ? find_column_code(kernel, key) : nullptr;
    if (code == nullptr) {
        if (Failure f = check_column_types(text, inputs, outputs)) return f;
        auto made = column_code(kernel, key, run.stop, single);
        if (!made) return made.take_failure();
        code = *made;
    }
    if (Failure f = check_column_memory(text, *code, inputs, outputs, rows)) return f;
    InlineArray<Slot, 8> reductions(code->reductions.size());
    Executor* const executor = kernel_code.is_serial() ? nullptr : run.executor;
    const Evaluation e{code, run.stop,      executor,        inputs,           outputs,
                       rows, run.first_row, uniforms.data(), reductions.data()};
    return evaluate(kernel, run, e);
}

}  // namespace exprjit
