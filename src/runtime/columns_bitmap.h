// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Null bitmaps, whose rows may begin at any bit. No byte outside the rows' bits is read past the last or changed: the
// bytes at both ends are changed bit by bit and atomically, so that threads may write neighbouring rows.
#pragma once

#include <cstdint>

namespace exprjit {

// Bit `offset` of `bitmap`.
inline bool read_bit(const uint8_t* bitmap, int64_t offset) { return (bitmap[offset >> 3] >> (offset & 7) & 1) != 0; }

// Up to 64 bits from bit `offset` on; those past `count` are 0.
uint64_t read_bits(const uint8_t* bitmap, int64_t offset, int count);

// ANDs `count` bits from bit `offset` on into `words`, 64 to a word.
void and_bits(uint64_t* words, const uint8_t* bitmap, int64_t offset, int64_t count);

// Writes `count` bits from `words` to bit `offset` on.
void write_bits(uint8_t* bitmap, int64_t offset, const uint64_t* words, int64_t count);

// Sets or clears `count` bits.
void fill_bits(uint8_t* bitmap, int64_t offset, int64_t count, bool value);

// One byte, 0 or 1, per bit.
void unpack_bits(uint8_t* bools, const uint8_t* bitmap, int64_t offset, int64_t count);

// One bit per byte, which is 0 or 1, in whole words; the last one is filled up with 0.
void pack_bools(uint64_t* words, const uint8_t* bools, int64_t count);

}  // namespace exprjit
