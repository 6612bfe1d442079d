// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "border.h"
#include "runtime/columns.h"

namespace exprjit::capi {

// One field of a result batch while it is made. Its memory becomes the field's when the batch is handed out.
class ArrowField {
  public:
    // Memory for `rows` elements, evaluated as `elements` of them (1: the one value is repeated by finish()).
    void make(std::string name, Scalar type, int64_t elements, int64_t rows, bool with_validity, bool is_nullable);
    // The column to evaluate into; bools are bytes there.
    Column column() const;
    // Repeats a single value, packs bools, counts nulls.
    void finish();

    // Buffers of a C Data Interface child.
    struct Free {
        void operator()(void* p) const;
    };
    using Buffer = std::unique_ptr<void, Free>;

  private:
    friend class ArrowBatchBuilder;
    std::string name_;
    Scalar type_ = Scalar::F64;
    int64_t elements_ = 0, rows_ = 0;
    int64_t null_count_ = 0;
    bool is_nullable_ = false;
    Buffer data_;
    Buffer validity_;
};

// Hands the fields out as a struct array and its schema. Children own their memory, so that a consumer may move one
// away from its parent. Fills both or, when it throws std::bad_alloc, neither.
void export_batch(std::vector<ArrowField>& fields, int64_t rows, ArrowSchema* schema, ArrowArray* array);

}  // namespace exprjit::capi
