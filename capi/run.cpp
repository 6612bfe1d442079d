// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calling kernels: once with tagged values, or over columns.
#include <array>
#include <bit>
#include <span>
#include <vector>

#include "abi.h"
#include "border.h"
#include "evaluation.h"
#include "runtime/codes.h"
#include "runtime/columns.h"
#include "runtime/staging.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

// Slots on the stack for the usual case.
class Slots {
  public:
    explicit Slots(size_t count) {
        if (count > few_.size()) many_.resize(count);
    }
    Slot* data() { return many_.empty() ? few_.data() : many_.data(); }

  private:
    std::array<Slot, 32> few_;
    std::vector<Slot> many_;
};

Slot slot_of(const ej_value& v) {
    switch (v.type) {
    case EJ_BOOL: return v.as.b != 0;
    case EJ_I32: return static_cast<uint32_t>(v.as.i32);
    case EJ_I64: return static_cast<uint64_t>(v.as.i64);
    case EJ_F32: return std::bit_cast<uint32_t>(v.as.f32);
    default: return std::bit_cast<uint64_t>(v.as.f64);
    }
}

Failure convert_args(const KernelText& text, const ej_value* args, Slot* slots) {
    const CompiledCode& code = *text.code;
    for (size_t i = 0; i < code.param_count(); ++i) {
        const auto which = [&] { return "argument " + std::to_string(i) + " ('" + text.param_name(i) + "')"; };
        if (!is_value_dtype(args[i].type)) {
            return invalid(CallCode::UnknownEnumerator,
                           which() + " has type " + std::to_string(args[i].type) + ", which no value can have",
                           "make values with ej_f64(), ej_i64(), …");
        }
        const auto from = static_cast<Scalar>(args[i].type - 1);
        const Scalar to = code.param_type(i);
        if (!converts(from, to)) {
            return fail(Status::Type, code_of(RuntimeCode::WrongType),
                        which() + " is " + std::string(name_of(from)) + ", which does not convert to the parameter's " +
                            std::string(name_of(to)) + " without loss",
                        "pass a value of the parameter's type, or declare the parameter as " +
                            std::string(name_of(from)));
        }
        slots[i] = convert_slot(from, to, slot_of(args[i]));
    }
    return nullptr;
}

ej_status call(const ej_kernel* kernel, const ej_run_options* run, const ej_value* args, size_t arg_count,
               ej_value* outs, size_t out_count, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        const Kernel& k = kernel_of(kernel);
        const CompiledCode& code = k.code();
        if (arg_count != code.param_count()) return wrong_count("parameter(s)", code.param_count(), arg_count);
        if (out_count != code.result_count()) return wrong_count("output(s)", code.result_count(), out_count);
        if (args == nullptr && arg_count != 0) return null_argument("args");
        if (outs == nullptr && out_count != 0) return null_argument("outs");
        RunSetup setup;
        if (Failure f = setup.read(run)) return f;
        Slots in(arg_count), out(out_count);
        if (Failure f = convert_args(k.text(), args, in.data())) return f;
        auto called = call_kernel(k, setup.stop(), in.data(), out.data());
        if (!called) {
            set_source(source, k.text());
            return called.take_failure();
        }
        for (size_t i = 0; i < out_count; ++i) outs[i] = value_of(code.result_type(i), out.data()[i]);
        return nullptr;
    });
}

ej_status eval(const ej_kernel* kernel, const ej_run_options* run, const ej_column* inputs, size_t input_count,
               const ej_column* outputs, size_t output_count, int64_t rows, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        const Kernel& k = kernel_of(kernel);
        const CompiledCode& code = k.code();
        if (inputs == nullptr && input_count != 0) return null_argument("inputs");
        if (outputs == nullptr && output_count != 0) return null_argument("outputs");
        if (Failure f = check_rows(rows)) return f;
        if (input_count != code.param_count()) return wrong_count("parameter(s)", code.param_count(), input_count);
        if (output_count != code.result_count()) return wrong_count("output(s)", code.result_count(), output_count);
        RunSetup setup;
        if (Failure f = setup.read(run)) return f;
        InlineArray<Column, 12> columns(input_count + output_count);  // on the stack for the usual case
        const std::span<Column> in(columns.data(), input_count), out(columns.data() + input_count, output_count);
        if (Failure f = convert_columns(inputs, "input", in)) return f;
        if (Failure f = convert_columns(outputs, "output", out)) return f;
        auto done = eval_columns(k, setup.run(), in, out, rows);
        if (done) return nullptr;
        set_source(source, k.text());
        return done.take_failure();
    });
}

}  // namespace

extern "C" {

ej_status ej_kernel_call(const ej_kernel* kernel, const ej_value* args, size_t arg_count, ej_value* outs,
                         size_t out_count, ej_error** error) {
    return call(kernel, nullptr, args, arg_count, outs, out_count, error);
}

ej_status ej_kernel_call_with(const ej_kernel* kernel, const ej_run_options* run, const ej_value* args,
                              size_t arg_count, ej_value* outs, size_t out_count, ej_error** error) {
    return call(kernel, run, args, arg_count, outs, out_count, error);
}

ej_status ej_kernel_eval(const ej_kernel* kernel, const ej_column* inputs, size_t input_count, const ej_column* outputs,
                         size_t output_count, int64_t rows, ej_error** error) {
    return eval(kernel, nullptr, inputs, input_count, outputs, output_count, rows, error);
}

ej_status ej_kernel_eval_with(const ej_kernel* kernel, const ej_run_options* run, const ej_column* inputs,
                              size_t input_count, const ej_column* outputs, size_t output_count, int64_t rows,
                              ej_error** error) {
    return eval(kernel, run, inputs, input_count, outputs, output_count, rows, error);
}

}  // extern "C"
