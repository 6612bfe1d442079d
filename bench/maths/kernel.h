// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "columns.h"
#include "exprjit/exprjit.h"

namespace exprjit::bench {

// What a kernel is compiled with.
struct Flavour {
    ej_isa isa = EJ_ISA_AUTO;
    ej_dtype type = EJ_F64;
    ej_accuracy accuracy = EJ_ACCURACY_1ULP;
    uint32_t flags = 0;
    ej_engine* engine = nullptr;
};

// An expression over the columns a, b, c, d, compiled through the C ABI.
class Kernel {
  public:
    Kernel(const char* text, int columns, const Flavour& flavour);
    ~Kernel() { ej_kernel_release(kernel_); }
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    // Not empty: why there is no kernel, or why it failed.
    const std::string& refused() const { return refused_; }
    void bind(const Columns& columns, void* output, int64_t rows);
    bool evaluate();
    // The plain C function, or null.
    void* entry() const;

  private:
    ej_kernel* kernel_ = nullptr;
    std::string refused_;
    int count_;
    ej_dtype type_;
    ej_column inputs_[4]{}, output_{};
    int64_t rows_ = 0;
};

}  // namespace exprjit::bench
