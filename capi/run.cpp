// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calling kernels: once with tagged values, or over columns.
#include <array>
#include <bit>
#include <vector>

#include "abi.h"
#include "border.h"
#include "runtime/codes.h"
#include "runtime/columns.h"

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

ej_value value_of(Scalar type, Slot s) {
    switch (type) {
    case Scalar::Bool: return ej_bool(s != 0);
    case Scalar::I32: return ej_i32(static_cast<int32_t>(static_cast<uint32_t>(s)));
    case Scalar::I64: return ej_i64(static_cast<int64_t>(s));
    case Scalar::F32: return ej_f32(std::bit_cast<float>(static_cast<uint32_t>(s)));
    case Scalar::F64: return ej_f64(std::bit_cast<double>(s));
    }
    return ej_f64(0);
}

Failure wrong_count(const char* what, size_t wanted, size_t given) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                    " were given");
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

Failure convert_column(const ej_column& c, const char* what, size_t i, Column& out) {
    const auto which = [&] { return std::string(what) + " column " + std::to_string(i); };
    if (!is_dtype(c.dtype)) {
        return invalid(CallCode::UnknownEnumerator,
                       which() + " has dtype " + std::to_string(c.dtype) + ", which is no ej_dtype",
                       "use EJ_BOOL … EJ_F16");
    }
    if (c.reserved != 0) return invalid(CallCode::BadNumber, "the reserved field of " + which() + " is not 0");
    if (c.validity != nullptr || c.validity_offset != 0) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    which() + " has a null bitmap, which this version does not evaluate",
                    "set validity to NULL and validity_offset to 0");
    }
    out = {c.data, c.stride, storage_of_dtype(c.dtype)};
    return nullptr;
}

Failure read_stop(const ej_run_options* run, const volatile int32_t*& stop) {
    ej_run_options options;
    if (Failure f = read_options(run, "ej_run_options", options)) return f;
    stop = options.stop;
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
        const volatile int32_t* stop = nullptr;
        if (Failure f = read_stop(run, stop)) return f;
        Slots in(arg_count), out(out_count);
        if (Failure f = convert_args(k.text(), args, in.data())) return f;
        auto called = call_kernel(k, stop, in.data(), out.data());
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
        if (rows < 0) {
            return invalid(CallCode::BadNumber, "rows is " + std::to_string(rows) + "; it must be 0 or more");
        }
        if (input_count != code.param_count()) return wrong_count("parameter(s)", code.param_count(), input_count);
        if (output_count != code.result_count()) return wrong_count("output(s)", code.result_count(), output_count);
        const volatile int32_t* stop = nullptr;
        if (Failure f = read_stop(run, stop)) return f;
        std::vector<Column> columns(input_count + output_count);
        for (size_t i = 0; i < input_count; ++i) {
            if (Failure f = convert_column(inputs[i], "input", i, columns[i])) return f;
        }
        for (size_t i = 0; i < output_count; ++i) {
            if (Failure f = convert_column(outputs[i], "output", i, columns[input_count + i])) return f;
        }
        const std::span<const Column> all(columns);
        auto done = eval_columns(k, stop, all.first(input_count), all.subspan(input_count), rows);
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
