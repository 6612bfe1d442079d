// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/types.h"
#include "support/guarded.h"

namespace exprjit::trial {

// Where the elements of a column lie.
struct ColumnShape {
    Storage storage = Storage::F64;
    int64_t rows = 0;
    int64_t stride = 8;  // bytes from element to element; 0: one element for all rows; negative: backwards in memory
    int64_t padded_rows = 0;  // contiguous columns: so many elements may be read and written, if more than `rows`
    size_t gap = 0;           // bytes between the elements and the inaccessible page, at most 64
    Guarded::Side side = Guarded::Side::Back;
};

// Memory for one column after the other, each flush against an inaccessible page (before or behind it, by its shape). What
// lies around and between the elements holds a pattern.
class ColumnBlock {
  public:
    // Lays the column out; what an earlier one held is gone. Elements hold the pattern until they are written.
    void lay_out(const ColumnShape& shape);
    // Raw elements, the lowest bytes of each.
    void write(std::span<const uint64_t> elements);
    uint64_t element(int64_t row) const;
    void read(std::vector<uint64_t>& elements) const;

    // Address of element 0.
    uint8_t* data() const { return first_; }
    const ColumnShape& shape() const { return shape_; }
    // Whether the bytes around and between the elements are as they were.
    bool intact() const;
    // What an element holds before it is written.
    static uint64_t untouched(Storage storage);

  private:
    int64_t elements() const { return shape_.stride == 0 && shape_.rows > 0 ? 1 : shape_.rows; }

    Guarded memory_;
    ColumnShape shape_;
    uint8_t* begin_ = nullptr;  // lowest byte of the column
    size_t bytes_ = 0;          // from the lowest to the highest byte, padding included
    uint8_t* first_ = nullptr;
};

}  // namespace exprjit::trial
