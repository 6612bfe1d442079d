// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Conditions over columns, and evaluation for selected rows.
#include "runtime/selection.h"

#include <vector>

#include "border.h"
#include "evaluation.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

Failure read_columns(const ej_column* given, size_t count, const char* what, std::vector<Column>& out) {
    if (given == nullptr && count != 0) return null_argument(what[0] == 'i' ? "inputs" : "outputs");
    out.resize(count);
    return convert_columns(given, what, out);
}

// What every function here is given.
struct Selecting {
    const Kernel& kernel;
    RunSetup setup;
    std::vector<Column> inputs, outputs;

    explicit Selecting(const ej_kernel* k) : kernel(kernel_of(k)) {}
    Failure read(const ej_run_options* run, const ej_column* in, size_t in_count, size_t wanted_in,
                 const ej_column* out, size_t out_count, size_t wanted_out) {
        if (Failure f = setup.read(run)) return f;
        if (in_count != wanted_in) return wrong_count("parameter(s)", wanted_in, in_count);
        if (out_count != wanted_out) return wrong_count("output(s) that columns are for", wanted_out, out_count);
        if (Failure f = read_columns(in, in_count, "input", inputs)) return f;
        return read_columns(out, out_count, "output", outputs);
    }
};

}  // namespace

extern "C" {

ej_status ej_kernel_select(const ej_kernel* kernel, const ej_run_options* run, const ej_column* inputs,
                           size_t input_count, int64_t rows, int64_t* indices, int64_t* count, ej_error** error) {
    if (count != nullptr) *count = 0;
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (count == nullptr) return null_argument("count");
        if (Failure f = check_rows(rows)) return f;
        if (indices == nullptr && rows != 0) return null_argument("indices");
        Selecting s(kernel);
        if (Failure f = s.read(run, inputs, input_count, s.kernel.code().param_count(), nullptr, 0, 0)) return f;
        auto kept = select_rows(s.kernel, s.setup.run(), s.inputs, rows, indices);
        if (!kept) {
            set_source(source, s.kernel.text());
            return kept.take_failure();
        }
        *count = *kept;
        return nullptr;
    });
}

ej_status ej_kernel_filter(const ej_kernel* kernel, const ej_run_options* run, const ej_column* inputs,
                           size_t input_count, const ej_column* outputs, size_t output_count, int64_t rows,
                           int64_t* count, ej_error** error) {
    if (count != nullptr) *count = 0;
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (count == nullptr) return null_argument("count");
        if (Failure f = check_rows(rows)) return f;
        Selecting s(kernel);
        const CompiledCode& code = s.kernel.code();
        const size_t wanted = code.result_count() == 0 ? 0 : code.result_count() - 1;  // the condition has no column
        if (Failure f = s.read(run, inputs, input_count, code.param_count(), outputs, output_count, wanted)) return f;
        auto kept = filter_rows(s.kernel, s.setup.run(), s.inputs, s.outputs, rows);
        if (!kept) {
            set_source(source, s.kernel.text());
            return kept.take_failure();
        }
        *count = *kept;
        return nullptr;
    });
}

ej_status ej_kernel_eval_selected(const ej_kernel* kernel, const ej_run_options* run, const ej_column* inputs,
                                  size_t input_count, int64_t rows, const int64_t* indices, int64_t count,
                                  const ej_column* outputs, size_t output_count, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (Failure f = check_rows(rows)) return f;
        if (count < 0) {
            return invalid(CallCode::BadNumber, "count is " + std::to_string(count) + "; it must be 0 or more");
        }
        if (indices == nullptr && count != 0) return null_argument("indices");
        Selecting s(kernel);
        const CompiledCode& code = s.kernel.code();
        if (Failure f =
                s.read(run, inputs, input_count, code.param_count(), outputs, output_count, code.result_count()))
            return f;
        auto done = eval_selected(s.kernel, s.setup.run(), s.inputs, rows, indices, count, s.outputs);
        if (done) return nullptr;
        set_source(source, s.kernel.text());
        return done.take_failure();
    });
}

}  // extern "C"
