// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Pieces of columns, scratch for them, and what may not overlap: shared by selection and reducers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/columns.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// Rows that are evaluated at once: their scratch stays in the caches.
inline constexpr int64_t kChunkRows = 4096;

// The column from row `first` on. An input with stride 0 stays as it is.
Column slice(const Column& column, int64_t first);

// Contiguous memory for one column of `rows` elements, aligned, and readable up to the next multiple of 64 rows.
class ScratchColumn {
  public:
    // Throws std::bad_alloc.
    void make(Storage dtype, int64_t rows, bool with_validity);
    const Column& column() const { return column_; }

  private:
    struct Free {
        void operator()(void* p) const;
    };
    Column column_;
    std::unique_ptr<void, Free> data_;
    std::unique_ptr<uint8_t[]> validity_;
};

// Copies the elements at rows indices[0 … count-1] of `from` to the front of `to`, which is contiguous and of the same
// dtype. With indices nullptr: the rows first … first+count-1. Their validity comes along where `to` has a bitmap.
void gather(const Column& from, const int64_t* indices, int64_t first, int64_t count, const Column& to, int64_t to_row);

// Writes the one element at `from` to the rows first … first+count-1 of `to`.
void repeat(const void* from, const Column& to, int64_t first, int64_t count);

// InvalidArgument if the column has no memory, or does not fit the address space.
Failure check_memory(const Column& column, int64_t rows, const std::string& described);

// Whether the byte ranges of two columns of different lengths meet; both are addressable and not empty.
bool ranges_meet(const Column& a, int64_t a_rows, const Column& b, int64_t b_rows);

// Whether the bitmap of one meets the elements or the bitmap of the other. With `in_place`, bitmaps that begin at the same
// bit may. Both are addressable.
bool bitmaps_meet(const Column& a, int64_t a_rows, const Column& b, int64_t b_rows, bool in_place);

}  // namespace exprjit
