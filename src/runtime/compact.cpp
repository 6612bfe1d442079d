// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/compact.h"

#include <bit>
#include <cstring>

#include "runtime/columns_bitmap.h"
#include "runtime/compact_vectors.h"

namespace exprjit {

namespace {

// Elements need not be aligned.
template <class T>
unsigned char* compact_word(uint64_t word, const unsigned char* from, unsigned char* to, const unsigned char* end) {
    if (word == ~uint64_t{0}) {
        std::memmove(to, from, 64 * sizeof(T));
        return to + 64 * sizeof(T);
    }
    const auto move = [&](int i) {
        T value;
        std::memcpy(&value, from + static_cast<size_t>(i) * sizeof value, sizeof value);
        std::memcpy(to, &value, sizeof value);
    };
    // Without branches where many are kept: each element is written and the next one goes over it unless it stays. That
    // writes one element too many, which must not be beyond the selected ones.
    if (std::popcount(word) > 16 && end - to > static_cast<ptrdiff_t>(64 * sizeof(T))) {
        for (int i = 0; i < 64; ++i) {
            move(i);
            to += (word >> i & 1) * sizeof(T);
        }
        return to;
    }
    for (; word != 0; word &= word - 1, to += sizeof(T)) move(std::countr_zero(word));
    return to;
}

template <class T>
void compact_scalar(const uint64_t* words, int64_t rows, const void* from, void* to) {
    auto* in = static_cast<const unsigned char*>(from);
    auto* out = static_cast<unsigned char*>(to);
    size_t kept = 0;
    for (int64_t i = 0; i * 64 < rows; ++i) kept += static_cast<size_t>(std::popcount(words[i]));
    const unsigned char* const end = out + kept * sizeof(T);
    for (int64_t i = 0; i * 64 < rows; ++i, in += 64 * sizeof(T)) {
        if (words[i] != 0) out = compact_word<T>(words[i], in, out, end);
    }
}

// The bits of `word` at the places that `mask` marks, next to each other.
uint64_t extract_bits(uint64_t word, uint64_t mask) {
    uint64_t out = 0;
    for (int at = 0; mask != 0; mask &= mask - 1, ++at) out |= (word >> std::countr_zero(mask) & 1) << at;
    return out;
}

}  // namespace

int64_t make_selection(const uint8_t* keep, const uint8_t* validity, int64_t validity_offset, int64_t rows,
                       uint64_t* words) {
    pack_bools(words, keep, rows);
    if (validity != nullptr) and_bits(words, validity, validity_offset, rows);
    int64_t kept = 0;
    for (int64_t i = 0; i * 64 < rows; ++i) kept += std::popcount(words[i]);
    return kept;
}

void compact(const uint64_t* words, int64_t rows, const void* from, size_t size, void* to, Isa isa) {
#if EXPRJIT_COMPRESS
    if (isa >= Isa::V4) return compress_avx512(words, rows, from, size, to);
#endif
    (void)isa;
    switch (size) {
    case 1: return compact_scalar<uint8_t>(words, rows, from, to);
    case 2: return compact_scalar<uint16_t>(words, rows, from, to);
    case 4: return compact_scalar<uint32_t>(words, rows, from, to);
    default: return compact_scalar<uint64_t>(words, rows, from, to);
    }
}

void compact_numbers(const uint64_t* words, int64_t rows, int64_t first, int64_t* to, Isa isa) {
#if EXPRJIT_COMPRESS
    if (isa >= Isa::V4) return compress_numbers_avx512(words, rows, first, to);
#endif
    (void)isa;
    for (int64_t i = 0; i < rows; i += 64) {
        for (uint64_t word = words[i / 64]; word != 0; word &= word - 1) *to++ = first + i + std::countr_zero(word);
    }
}

int64_t compact_bits(const uint64_t* words, int64_t rows, const uint8_t* from, int64_t from_at, uint8_t* to,
                     int64_t to_at) {
    int64_t done = 0;
    for (int64_t i = 0; i < rows; i += 64) {
        const uint64_t mask = words[i / 64];
        if (mask == 0) continue;
        const int n = static_cast<int>(rows - i < 64 ? rows - i : 64);
        const int kept = std::popcount(mask);
        const uint64_t bits = extract_bits(read_bits(from, from_at + i, n), mask);
        write_bits(to, to_at + done, &bits, kept);
        done += kept;
    }
    return done;
}

}  // namespace exprjit
