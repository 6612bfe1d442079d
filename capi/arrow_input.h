// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "border.h"
#include "runtime/columns.h"

namespace exprjit::capi {

// The columns of a kernel's parameters in an Arrow record batch. They point into the batch's buffers; what has no
// address of its own there (bools, which are bits, and the validity of a struct that has nulls itself) is kept here.
class ArrowInput {
  public:
    // nullptr, or what is wrong with the batch or how it does not fit the kernel. Throws std::bad_alloc.
    Failure read(const Kernel& kernel, const ArrowSchema* schema, const ArrowArray* batch);

    const std::vector<Column>& columns() const { return columns_; }
    int64_t rows() const { return rows_; }
    bool has_nulls() const;

  private:
    Failure read_field(const ArrowSchema& schema, const ArrowArray& array, int64_t first, Column& out);
    void add_struct_nulls(const ArrowArray& batch);
    uint8_t* keep(size_t bytes);

    std::vector<Column> columns_;
    std::vector<std::unique_ptr<uint8_t[]>> kept_;
    int64_t rows_ = 0;
};

}  // namespace exprjit::capi
