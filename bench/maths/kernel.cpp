// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel.h"

namespace exprjit::bench {

Kernel::Kernel(const char* text, int columns, const Flavour& flavour) : count_(columns), type_(flavour.type) {
    const ej_param params[] = {{"a", type_, 0}, {"b", type_, 0}, {"c", type_, 0}, {"d", type_, 0}};
    ej_compile_options options{};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = static_cast<size_t>(columns);
    options.params_declared = 1;
    options.result_type = type_;
    options.tier = EJ_TIER_OPTIMISED;
    options.isa = flavour.isa;
    options.accuracy = flavour.accuracy;
    options.flags = flavour.flags;
    ej_error* error = nullptr;
    if (ej_engine_compile(flavour.engine, text, &options, &kernel_, &error) != EJ_OK)
        refused_ = ej_error_message(error);
    ej_error_destroy(error);
}

void Kernel::bind(const Columns& columns, void* output, int64_t rows) {
    const auto size = static_cast<int64_t>(ej_dtype_size(type_));
    for (int c = 0; c < count_; ++c) inputs_[c] = {const_cast<void*>(columns.input(c)), size, type_, 0, nullptr, 0};
    output_ = {output, size, type_, 0, nullptr, 0};
    rows_ = rows;
}

bool Kernel::evaluate() {
    ej_error* error = nullptr;
    if (ej_kernel_eval(kernel_, inputs_, static_cast<size_t>(count_), &output_, 1, rows_, &error) == EJ_OK) return true;
    refused_ = ej_error_message(error);
    ej_error_destroy(error);
    return false;
}

void* Kernel::entry() const {
    void (*entry)(void) = nullptr;
    if (kernel_ == nullptr || ej_kernel_get_entry(kernel_, &entry) != EJ_OK) return nullptr;
    return reinterpret_cast<void*>(entry);
}

}  // namespace exprjit::bench
