// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Evaluating over record batches of the Arrow C Data Interface.
#include <algorithm>
#include <vector>

#include "arrow_input.h"
#include "arrow_output.h"
#include "evaluation.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

const char* field_name(const char* output) { return *output != '\0' ? output : "result"; }

Failure eval_batch(const Kernel& kernel, RunSetup& setup, const ArrowInput& input, ArrowSchema* out_schema,
                   ArrowArray* out_batch) {
    const CompiledCode& code = kernel.code();
    const size_t count = code.result_count();
    bool all_reduced = count > 0;
    for (size_t o = 0; o < count; ++o) all_reduced = all_reduced && kernel.output_is_reduced(o);
    const int64_t out_rows = all_reduced ? 1 : input.rows();
    const bool has_nulls = input.has_nulls();
    std::vector<ArrowField> fields(count);
    std::vector<Column> outputs(count);
    for (size_t o = 0; o < count; ++o) {
        const bool is_nullable = kernel.output_is_nullable(o);
        fields[o].make(field_name(kernel.text().result_name(o)), code.result_type(o),
                       kernel.output_is_reduced(o) ? 1 : input.rows(), out_rows, has_nulls && is_nullable, is_nullable);
        outputs[o] = fields[o].column();
    }
    if (auto done = eval_columns(kernel, setup.run(), input.columns(), outputs, input.rows()); !done)
        return done.take_failure();
    for (ArrowField& f : fields) f.finish();
    export_batch(fields, out_rows, out_schema, out_batch);
    return nullptr;
}

}  // namespace

extern "C" {

ej_status ej_kernel_eval_arrow(const ej_kernel* kernel, const ej_run_options* run, const struct ArrowSchema* schema,
                               const struct ArrowArray* batch, struct ArrowSchema* out_schema,
                               struct ArrowArray* out_batch, ej_error** error) {
    if (out_schema != nullptr) *out_schema = {};
    if (out_batch != nullptr) *out_batch = {};
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (out_schema == nullptr) return null_argument("out_schema");
        if (out_batch == nullptr) return null_argument("out_batch");
        const Kernel& k = kernel_of(kernel);
        RunSetup setup;
        if (Failure f = setup.read(run)) return f;
        ArrowInput input;
        if (Failure f = input.read(k, schema, batch)) return f;
        Failure f = eval_batch(k, setup, input, out_schema, out_batch);
        if (f != nullptr) set_source(source, k.text());
        return f;
    });
}

}  // extern "C"
