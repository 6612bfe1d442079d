// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Putting the rows that a condition keeps next to each other. A selection is a bit per row, in words of 64.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jit/compile.h"

namespace exprjit {

// The selection where `keep` (a byte, 0 or 1, per row) is 1 and the bitmap `validity` (nullptr: none) has a bit, as
// (rows + 63) / 64 words. Returns how many rows that are.
int64_t make_selection(const uint8_t* keep, const uint8_t* validity, int64_t validity_offset, int64_t rows,
                       uint64_t* words);

// Copies the selected elements of `size` bytes (1, 2, 4 or 8) from `from` to `to`, next to each other; writes exactly
// them. `from` must be readable up to the next multiple of 64 elements. `to` may be `from`. With Isa::V4 by compress
// instructions.
void compact(const uint64_t* words, int64_t rows, const void* from, size_t size, void* to, Isa isa);

// Writes first + i for every selected row i.
void compact_numbers(const uint64_t* words, int64_t rows, int64_t first, int64_t* to, Isa isa);

// Appends the selected bits of a bitmap to another one from bit `to_at` on. Returns how many those were.
int64_t compact_bits(const uint64_t* words, int64_t rows, const uint8_t* from, int64_t from_at, uint8_t* to,
                     int64_t to_at);

}  // namespace exprjit
