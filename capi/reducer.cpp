// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions fed batch by batch.
#include "runtime/reducer.h"

#include <vector>

#include "border.h"
#include "evaluation.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

Reducer* reducer_of(ej_reducer* r) { return reinterpret_cast<Reducer*>(r); }

}  // namespace

extern "C" {

ej_status ej_reducer_create(const ej_kernel* kernel, ej_reducer** reducer, ej_error** error) {
    if (reducer != nullptr) *reducer = nullptr;
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (reducer == nullptr) return null_argument("reducer");
        Kernel& k = *kernel_of(const_cast<ej_kernel*>(kernel));  // only to retain it
        auto made = Reducer::create(k);
        if (!made) {
            set_source(source, k.text());
            return made.take_failure();
        }
        *reducer = reinterpret_cast<ej_reducer*>(made->release());
        return nullptr;
    });
}

ej_status ej_reducer_feed(ej_reducer* reducer, const ej_run_options* run, const ej_column* inputs, size_t input_count,
                          int64_t rows, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (reducer == nullptr) return null_argument("reducer");
        if (inputs == nullptr && input_count != 0) return null_argument("inputs");
        if (Failure f = check_rows(rows)) return f;
        Reducer& r = *reducer_of(reducer);
        const size_t wanted = r.kernel().code().param_count();
        if (input_count != wanted) return wrong_count("parameter(s)", wanted, input_count);
        RunSetup setup;
        if (Failure f = setup.read(run)) return f;
        std::vector<Column> columns(input_count);
        if (Failure f = convert_columns(inputs, "input", columns)) return f;
        auto fed = r.feed(setup.run(), columns, rows);
        if (fed) return nullptr;
        set_source(source, r.kernel().text());
        return fed.take_failure();
    });
}

ej_status ej_reducer_finish(ej_reducer* reducer, ej_value* outs, size_t out_count, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (reducer == nullptr) return null_argument("reducer");
        const Reducer& r = *reducer_of(reducer);
        const CompiledCode& code = r.kernel().code();
        if (out_count != code.result_count()) return wrong_count("output(s)", code.result_count(), out_count);
        if (outs == nullptr && out_count != 0) return null_argument("outs");
        std::vector<Slot> slots(out_count);
        auto finished = r.finish(slots.data());
        if (!finished) {
            set_source(source, r.kernel().text());
            return finished.take_failure();
        }
        for (size_t i = 0; i < out_count; ++i) outs[i] = value_of(code.result_type(i), slots[i]);
        return nullptr;
    });
}

void ej_reducer_destroy(ej_reducer* reducer) { delete reducer_of(reducer); }

}  // extern "C"
