// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "exprjit/exprjit.h"
#include "functions.h"

namespace exprjit::bench {

// Up to four input columns and an output, which together stay in a first-level cache of 48 KB.
class Columns {
  public:
    // Filled with random numbers between `low` and `high` of each column, the same every time.
    Columns(ej_dtype type, int count, const double* low, const double* high);

    ej_dtype type() const { return type_; }
    int64_t rows() const { return rows_; }
    const void* input(int column) const { return at(column); }
    const void* const* inputs() const { return inputs_; }
    void* output() const { return at(count_); }

  private:
    void* at(int column) const;
    ej_dtype type_;
    int count_;
    int64_t rows_;
    mutable std::vector<unsigned char> storage_;
    const void* inputs_[4]{};
};

// The largest error of `results` against the function's reference, in units of the last place. A NaN counts as infinite
// unless the reference is one too.
double largest_error(const Function& f, const Columns& columns, const void* results);
// The row where two results differ by more than rounding can explain, or -1.
int64_t first_difference(ej_dtype type, const void* a, const void* b, int64_t rows);

}  // namespace exprjit::bench
