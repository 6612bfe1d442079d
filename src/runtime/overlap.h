// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "runtime/columns.h"

namespace exprjit {

// Whether all bytes of the column lie within the address space.
bool addressable(const Column& column, int64_t rows);

// Whether two rows of the column share bytes.
bool overlaps_itself(const Column& column, int64_t rows);

// Whether two columns are the same elements at the same rows, which in-place evaluation allows.
bool same_elements(const Column& a, const Column& b, int64_t rows);

// Whether the columns may share a byte. Exact for equal strides and for strides with a common divisor that keeps the
// elements apart (fields of one record); otherwise true as soon as the byte ranges meet. Both must be addressable.
bool may_overlap(const Column& a, const Column& b, int64_t rows);

}  // namespace exprjit
