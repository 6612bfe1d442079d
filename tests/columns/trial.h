// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Kernels on every engine of this host through the C ABI, and columns in guarded memory for them.
#pragma once

#include <exprjit/exprjit.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ir/program.h"
#include "support/column_block.h"
#include "support/random.h"
#include "support/values.h"

namespace exprjit::columns_test {

constexpr ej_dtype dtype_of(Storage s) { return static_cast<ej_dtype>(s) + 1; }
constexpr ej_dtype dtype_of(Scalar s) { return dtype_of(storage_of(s)); }
static_assert(dtype_of(Storage::U64) == EJ_U64 && dtype_of(Storage::Bool) == EJ_BOOL &&
              dtype_of(Storage::F16) == EJ_F16);

struct NamedEngine {
    const char* name;  // "interpreter", "v2", "v3", "v4"
    ej_engine* engine;
};
// Made once. EXPRJIT_TEST_ENGINES keeps those whose name contains it.
std::span<const NamedEngine> all_engines();

struct ReleaseKernel {
    void operator()(ej_kernel* k) const { ej_kernel_release(k); }
};
using Kernel = std::unique_ptr<ej_kernel, ReleaseKernel>;

struct TypedName {
    const char* name;
    Storage type;
};
// A null kernel, and a test failure that says why, if it does not compile.
Kernel compile(const NamedEngine& e, const std::string& text, std::span<const TypedName> params,
               ej_div_mode div_mode = EJ_DIV_ERROR);
Kernel compile_ir(const NamedEngine& e, const Program& program);

// How an evaluation ended; the message and the row of a failure.
struct Outcome {
    ej_status status = EJ_OK;
    std::string message;
    int64_t row = -1;
};
Outcome outcome_of(ej_status status, ej_error* error);  // destroys the error

// The layouts columns come in.
struct Pattern {
    const char* name;
    int64_t times;  // the stride: so many elements …
    int64_t plus;   // … and so many bytes
    size_t gap;     // from the inaccessible page
};
inline constexpr Pattern kPatterns[] = {
    {"contiguous", 1, 0, 0}, {"uniform", 0, 0, 0},     {"every second", 2, 0, 0},
    {"backwards", -1, 0, 0}, {"odd address", 1, 0, 1}, {"odd stride", 2, 1, 0},
};
inline constexpr size_t kPatternCount = std::size(kPatterns);
inline constexpr size_t kUniform = 1;

// One column with its nulls.
class TestColumn {
  public:
    // An input that holds `elements`, or an output of `rows` untouched elements.
    void lay_out(Storage s, int64_t rows, const Pattern& p, trial::Guarded::Side side);
    void write(std::span<const uint64_t> elements) { block_.write(elements); }
    // Gives it a bitmap that begins at a bit of its first byte: bits as in `valid`, garbage around them.
    void add_validity(std::span<const uint8_t> valid, int64_t offset, trial::Random& random);

    ej_column column();
    const trial::ColumnBlock& block() const { return block_; }
    bool is_valid(int64_t row) const;
    // Nothing outside the elements was written, nor outside the bits of the rows.
    bool intact() const;

  private:
    trial::ColumnBlock block_;
    trial::Guarded bitmap_;
    std::vector<uint8_t> bitmap_before_;
    int64_t validity_offset_ = 0;
    bool has_validity_ = false;
};

// Columns of one evaluation; kept from one to the next, since mappings are slow to make.
struct TestColumns {
    std::vector<TestColumn> inputs, outputs;

    Outcome evaluate(const Kernel& kernel, int64_t rows, const ej_run_options* run = nullptr);
    bool intact() const;
};

// Values of a type with special ones among them.
std::vector<uint64_t> random_elements(Storage s, size_t count, trial::Random& random);

inline ej_run_options with_threads(int32_t threads) {
    ej_run_options run{};
    run.struct_size = sizeof run;
    run.threads = threads;
    return run;
}

}  // namespace exprjit::columns_test
