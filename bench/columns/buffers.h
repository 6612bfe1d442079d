// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "exprjit/exprjit.h"
#include "formulas.h"

namespace exprjit::bench {

// Memory that starts at a page of 2 MB and asks for pages of that size, as NumPy does, so that no contestant's figure is
// that of the page tables.
class Buffer {
  public:
    explicit Buffer(size_t bytes);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    void* data() const { return data_; }

  private:
    void* data_;
};

// Four input columns and the outputs of the contestants, of one element type and `rows` rows.
class Buffers {
  public:
    Buffers(ej_dtype type, int64_t rows);
    // Fills the columns of the formula with the same random numbers every time.
    void fill(const Formula& f);

    ej_dtype type() const { return type_; }
    int64_t rows() const { return rows_; }
    const void* const* inputs() const { return inputs_; }
    void* output() const { return output_.data(); }

  private:
    ej_dtype type_;
    int64_t rows_;
    Buffer storage_, output_;
    const void* inputs_[4];
};

}  // namespace exprjit::bench
