// SPDX-License-Identifier: MIT OR Apache-2.0
#include "contestants.h"

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace exprjit::bench {

EngineFormula::EngineFormula(const Formula& f, ej_dtype type, uint32_t flags) : formula_(f), type_(type) {
    const ej_param params[] = {{"a", type, 0}, {"b", type, 0}, {"c", type, 0}, {"d", type, 0}};
    ej_param declared[5];
    size_t count = 0;
    for (int c = 0; c < f.columns; ++c) declared[count++] = params[c];
    if (f.has_uniform) declared[count++] = {"t", type, 0};
    ej_compile_options options{};
    options.struct_size = sizeof options;
    options.params = declared;
    options.param_count = count;
    options.params_declared = 1;
    options.result_type = type;
    options.tier = EJ_TIER_OPTIMISED;
    options.flags = flags;
    ej_error* error = nullptr;
    if (ej_engine_compile(nullptr, f.text, &options, &kernel_, &error) != EJ_OK) refused_ = ej_error_message(error);
    ej_error_destroy(error);
}

EngineFormula::~EngineFormula() { ej_kernel_release(kernel_); }

void EngineFormula::bind(const Buffers& b, void* output, int64_t rows) {
    const auto size = static_cast<int64_t>(ej_dtype_size(type_));
    for (int c = 0; c < formula_.columns; ++c) {
        inputs_[c] = {const_cast<void*>(b.inputs()[c]), size, type_, 0, nullptr, 0};
    }
    void* uniform = type_ == EJ_F32 ? static_cast<void*>(&uniform_f32_) : &uniform_f64_;
    if (formula_.has_uniform) inputs_[formula_.columns] = {uniform, 0, type_, 0, nullptr, 0};
    output_ = {output, size, type_, 0, nullptr, 0};
    rows_ = rows;
}

bool EngineFormula::evaluate(int threads) {
    const size_t count = static_cast<size_t>(formula_.columns) + (formula_.has_uniform ? 1 : 0);
    ej_status status;
    ej_error* error = nullptr;
    if (threads <= 1) {
        status = ej_kernel_eval(kernel_, inputs_, count, &output_, 1, rows_, &error);
    } else {
        ej_run_options run{};
        run.struct_size = sizeof run;
        run.threads = threads;
        status = ej_kernel_eval_with(kernel_, &run, inputs_, count, &output_, 1, rows_, &error);
    }
    if (status == EJ_OK) return true;
    refused_ = ej_error_message(error);
    ej_error_destroy(error);
    return false;
}

namespace {

c_loop find_loop(const c_loop_entry* table, const char* name, ej_dtype type) {
    for (; table->name != nullptr; ++table)
        if (std::strcmp(table->name, name) == 0 && std::strcmp(table->type, ej_dtype_name(type)) == 0)
            return table->loop;
    std::abort();
}

double first_of(ej_dtype type, const void* p) {
    return type == EJ_F32 ? static_cast<double>(*static_cast<const float*>(p)) : *static_cast<const double*>(p);
}

struct Halves {
    c_loop loop;
    const void* const* inputs;
    double uniform;
    void* output;        // of a map
    double partials[2];  // of a reduction: room for one element each
    bool reduces;
    int64_t rows;
};

// The split is at a multiple of 64 rows, so that no two threads write one line of the cache.
void one_half(void* data, int part) {
    Halves& h = *static_cast<Halves*>(data);
    const int64_t middle = h.rows / 2 / 64 * 64;
    void* output = h.reduces ? &h.partials[part] : h.output;
    h.loop(h.inputs, h.uniform, output, part == 0 ? 0 : middle, part == 0 ? middle : h.rows);
}

}  // namespace

CFormula::CFormula(const Formula& f, ej_dtype type, const c_loop_entry* table) : type_(type) {
    const bool center = std::strcmp(f.name, "center") == 0;
    mean_ = center || std::strcmp(f.name, "mean") == 0;
    reduces_ = f.work == Formula::Work::Reduction || center;
    loop_ = find_loop(table, mean_ ? "sum" : f.name, type);
    if (center) minus_ = find_loop(table, "minus", type);
}

double CFormula::total(const Buffers& b, int64_t rows, int threads) const {
    Halves h{loop_, b.inputs(), kUniform, nullptr, {}, true, rows};
    if (threads > 1) {
        on_two_threads(one_half, &h);
        return first_of(type_, &h.partials[0]) + first_of(type_, &h.partials[1]);
    }
    loop_(b.inputs(), kUniform, &h.partials[0], 0, rows);
    return first_of(type_, &h.partials[0]);
}

void CFormula::evaluate(const Buffers& b, void* output, int64_t rows, int threads) const {
    double uniform = kUniform;
    c_loop map = loop_;
    if (reduces_) {
        const double sum = total(b, rows, threads);
        uniform = mean_ ? sum / static_cast<double>(rows) : sum;
        if (minus_ == nullptr) {
            if (type_ == EJ_F32)
                *static_cast<float*>(output) = static_cast<float>(uniform);
            else
                *static_cast<double*>(output) = uniform;
            return;
        }
        map = minus_;
    }
    if (threads > 1) {
        Halves h{map, b.inputs(), uniform, output, {}, false, rows};
        on_two_threads(one_half, &h);
    } else {
        map(b.inputs(), uniform, output, 0, rows);
    }
}

namespace {

template <class T>
bool agree_as(const void* a, const void* b, int64_t rows, double tolerance, int64_t* row) {
    const T *x = static_cast<const T*>(a), *y = static_cast<const T*>(b);
    for (int64_t i = 0; i < rows; ++i) {
        const auto p = static_cast<double>(x[i]), q = static_cast<double>(y[i]);
        if (std::abs(p - q) <= tolerance * (1 + std::abs(p) + std::abs(q))) continue;
        *row = i;
        return false;
    }
    return true;
}

}  // namespace

bool agree(ej_dtype type, const void* a, const void* b, int64_t rows, int64_t* row) {
    switch (type) {
    case EJ_F32: return agree_as<float>(a, b, rows, 2e-4, row);
    case EJ_I32: return agree_as<int32_t>(a, b, rows, 0, row);
    case EJ_I64: return agree_as<int64_t>(a, b, rows, 0, row);
    default: return agree_as<double>(a, b, rows, 1e-9, row);
    }
}

}  // namespace exprjit::bench
