// SPDX-License-Identifier: MIT OR Apache-2.0
#include <exprjit/exprjit.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "subjects.h"

namespace exprjit::accuracy {
namespace {

template <class T>
class Compiled final : public Subject<T> {
  public:
    Compiled(ej_kernel* kernel, int arity, bool scalar) : kernel_(kernel), arity_(arity) {
        if (scalar) ej_kernel_get_entry(kernel, &entry_);
    }
    ~Compiled() override { ej_kernel_release(kernel_); }
    bool has_entry() const { return entry_ != nullptr; }

    void run(const T* x, const T* y, T* out, size_t count) const override {
        if (entry_ != nullptr) {
            if (arity_ == 1)
                for (size_t i = 0; i < count; ++i) out[i] = reinterpret_cast<T (*)(T)>(entry_)(x[i]);
            else
                for (size_t i = 0; i < count; ++i) out[i] = reinterpret_cast<T (*)(T, T)>(entry_)(x[i], y[i]);
            return;
        }
        const auto column = [](const T* data) {
            ej_column c;
            std::memset(&c, 0, sizeof c);
            c.data = const_cast<T*>(data), c.stride = sizeof(T), c.dtype = sizeof(T) == 4 ? EJ_F32 : EJ_F64;
            return c;
        };
        const ej_column in[2] = {column(x), column(y)}, result = column(out);
        ej_error* error = nullptr;
        const ej_status status =
            ej_kernel_eval(kernel_, in, static_cast<size_t>(arity_), &result, 1, static_cast<int64_t>(count), &error);
        if (status != EJ_OK) {
            std::fputs(ej_error_render(error), stderr);
            std::exit(2);  // an elementary function never fails: nothing after this can be trusted
        }
    }

  private:
    ej_kernel* kernel_;
    void (*entry_)() = nullptr;
    int arity_;
};

}  // namespace

template <class T>
std::unique_ptr<Subject<T>> exprjit_subject(const Function& f, const Way& way, std::string& why) {
    const ej_dtype type = sizeof(T) == 4 ? EJ_F32 : EJ_F64;
    const ej_param params[2] = {{"x", type, 0}, {"y", type, 0}};
    ej_compile_options options;
    std::memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.params = params, options.param_count = static_cast<size_t>(f.arity), options.params_declared = 1;
    options.tier = way.interpreter ? EJ_TIER_INTERPRETER : EJ_TIER_AUTO;
    options.isa = way.isa;
    options.accuracy = way.fast ? EJ_ACCURACY_FAST : EJ_ACCURACY_1ULP;
    const std::string text = std::string(f.name) + (f.arity == 1 ? "(x)" : "(x, y)");
    ej_kernel* kernel = nullptr;
    ej_error* error = nullptr;
    if (ej_engine_compile(nullptr, text.c_str(), &options, &kernel, &error) != EJ_OK) {
        why = ej_error_message(error);
        ej_error_destroy(error);
        return nullptr;
    }
    auto compiled = std::make_unique<Compiled<T>>(kernel, f.arity, way.scalar);
    if (way.scalar && !compiled->has_entry()) {
        why = "it has no plain entry";
        return nullptr;
    }
    return compiled;
}

template std::unique_ptr<Subject<float>> exprjit_subject<float>(const Function&, const Way&, std::string&);
template std::unique_ptr<Subject<double>> exprjit_subject<double>(const Function&, const Way&, std::string&);

}  // namespace exprjit::accuracy
