// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "buffers.h"
#include "exprjit/exprjit.h"
#include "loops.h"

namespace exprjit::bench {

// The scalar t of the formulas that have one.
constexpr double kUniform = 1.0;

// A formula in the engine, through the C ABI. Bound to buffers and a number of rows before it is evaluated.
class EngineFormula {
  public:
    EngineFormula(const Formula& f, ej_dtype type, uint32_t flags);
    ~EngineFormula();
    EngineFormula(const EngineFormula&) = delete;
    EngineFormula& operator=(const EngineFormula&) = delete;

    // Not empty: the engine refused the text, for this reason.
    const std::string& refused() const { return refused_; }
    void bind(const Buffers& b, void* output, int64_t rows);
    // False on a run-time failure, whose reason is then in refused().
    bool evaluate(int threads);

  private:
    const Formula& formula_;
    ej_dtype type_;
    ej_kernel* kernel_ = nullptr;
    std::string refused_;
    ej_column inputs_[5]{};
    ej_column output_{};
    int64_t rows_ = 0;
    double uniform_f64_ = kUniform;
    float uniform_f32_ = static_cast<float>(kUniform);
};

// A formula as a C loop, on one thread or split over two.
class CFormula {
  public:
    // `table` is c_loops_fast or c_loops_strict.
    CFormula(const Formula& f, ej_dtype type, const c_loop_entry* table);
    void evaluate(const Buffers& b, void* output, int64_t rows, int threads) const;

  private:
    double total(const Buffers& b, int64_t rows, int threads) const;
    c_loop loop_ = nullptr;
    c_loop minus_ = nullptr;  // the second pass of a - mean(a)
    ej_dtype type_;
    bool mean_ = false, reduces_ = false;
};

// Runs work(0) on this thread and work(1) on a second one that waits for such calls.
void on_two_threads(void (*work)(void* data, int part), void* data);

// Whether the two results are the same up to rounding. On a difference, `row` is the first one.
bool agree(ej_dtype type, const void* a, const void* b, int64_t rows, int64_t* row);

}  // namespace exprjit::bench
