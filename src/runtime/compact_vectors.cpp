// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Each group is compressed in a register and stored whole where the room for the selected elements allows, else under a
// mask: compressing into memory is slow on some machines. Elements of one and two bytes go through lanes of four,
// because the instructions for them are not part of x86-64-v4.
#include "runtime/compact_vectors.h"

#if EXPRJIT_COMPRESS

#include <immintrin.h>

#include <bit>

#define V4 __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,popcnt")))

namespace exprjit {

namespace {

// Conversions are masked by this: g++ 12 warns of an uninitialised value inside the intrinsics that are not.
constexpr __mmask16 kAll = 0xffff;

V4 int64_t count_selected(const uint64_t* words, int64_t rows) {
    int64_t n = 0;
    for (int64_t i = 0; i * 64 < rows; ++i) n += std::popcount(words[i]);
    return n;
}

V4 inline __mmask16 first16(int n) { return static_cast<__mmask16>((1u << n) - 1); }
V4 inline __mmask8 first8(int n) { return static_cast<__mmask8>((1u << n) - 1); }

V4 void compress8(const uint64_t* words, int64_t rows, const uint64_t* in, uint64_t* out) {
    const uint64_t* const end = out + count_selected(words, rows);
    for (int64_t i = 0; i * 64 < rows; ++i) {
        const uint64_t word = words[i];
        if (word == 0) continue;
        for (int g = 0; g < 64; g += 8) {
            const auto mask = static_cast<__mmask8>(word >> g);
            const int kept = std::popcount(static_cast<unsigned>(mask));
            const __m512i packed = _mm512_maskz_compress_epi64(mask, _mm512_loadu_si512(in + i * 64 + g));
            if (end - out >= 8)
                _mm512_storeu_si512(out, packed);
            else
                _mm512_mask_storeu_epi64(out, first8(kept), packed);
            out += kept;
        }
    }
}

V4 void compress4(const uint64_t* words, int64_t rows, const uint32_t* in, uint32_t* out) {
    const uint32_t* const end = out + count_selected(words, rows);
    for (int64_t i = 0; i * 64 < rows; ++i) {
        const uint64_t word = words[i];
        if (word == 0) continue;
        for (int g = 0; g < 64; g += 16) {
            const auto mask = static_cast<__mmask16>(word >> g);
            const int kept = std::popcount(static_cast<unsigned>(mask));
            const __m512i packed = _mm512_maskz_compress_epi32(mask, _mm512_loadu_si512(in + i * 64 + g));
            if (end - out >= 16)
                _mm512_storeu_si512(out, packed);
            else
                _mm512_mask_storeu_epi32(out, first16(kept), packed);
            out += kept;
        }
    }
}

V4 void compress2(const uint64_t* words, int64_t rows, const uint16_t* in, uint16_t* out) {
    const uint16_t* const end = out + count_selected(words, rows);
    for (int64_t i = 0; i * 64 < rows; ++i) {
        const uint64_t word = words[i];
        if (word == 0) continue;
        for (int g = 0; g < 64; g += 16) {
            const auto mask = static_cast<__mmask16>(word >> g);
            const int kept = std::popcount(static_cast<unsigned>(mask));
            const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i * 64 + g));
            const __m256i packed = _mm512_maskz_cvtepi32_epi16(
                kAll, _mm512_maskz_compress_epi32(mask, _mm512_maskz_cvtepu16_epi32(kAll, narrow)));
            if (end - out >= 16)
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), packed);
            else
                _mm256_mask_storeu_epi16(out, first16(kept), packed);
            out += kept;
        }
    }
}

V4 void compress1(const uint64_t* words, int64_t rows, const uint8_t* in, uint8_t* out) {
    const uint8_t* const end = out + count_selected(words, rows);
    for (int64_t i = 0; i * 64 < rows; ++i) {
        const uint64_t word = words[i];
        if (word == 0) continue;
        for (int g = 0; g < 64; g += 16) {
            const auto mask = static_cast<__mmask16>(word >> g);
            const int kept = std::popcount(static_cast<unsigned>(mask));
            const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i * 64 + g));
            const __m128i packed = _mm512_maskz_cvtepi32_epi8(
                kAll, _mm512_maskz_compress_epi32(mask, _mm512_maskz_cvtepu8_epi32(kAll, narrow)));
            if (end - out >= 16)
                _mm_storeu_si128(reinterpret_cast<__m128i*>(out), packed);
            else
                _mm_mask_storeu_epi8(out, first16(kept), packed);
            out += kept;
        }
    }
}

}  // namespace

void compress_avx512(const uint64_t* words, int64_t rows, const void* from, size_t size, void* to) {
    switch (size) {
    case 1: return compress1(words, rows, static_cast<const uint8_t*>(from), static_cast<uint8_t*>(to));
    case 2: return compress2(words, rows, static_cast<const uint16_t*>(from), static_cast<uint16_t*>(to));
    case 4: return compress4(words, rows, static_cast<const uint32_t*>(from), static_cast<uint32_t*>(to));
    default: return compress8(words, rows, static_cast<const uint64_t*>(from), static_cast<uint64_t*>(to));
    }
}

V4 void compress_numbers_avx512(const uint64_t* words, int64_t rows, int64_t first, int64_t* to) {
    const int64_t* const end = to + count_selected(words, rows);
    const __m512i eight = _mm512_set1_epi64(8);
    for (int64_t i = 0; i * 64 < rows; ++i) {
        const uint64_t word = words[i];
        if (word == 0) continue;
        __m512i numbers =
            _mm512_add_epi64(_mm512_set1_epi64(first + i * 64), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
        for (int g = 0; g < 64; g += 8) {
            const auto mask = static_cast<__mmask8>(word >> g);
            const int kept = std::popcount(static_cast<unsigned>(mask));
            const __m512i packed = _mm512_maskz_compress_epi64(mask, numbers);
            if (end - to >= 8)
                _mm512_storeu_si512(to, packed);
            else
                _mm512_mask_storeu_epi64(to, first8(kept), packed);
            to += kept;
            numbers = _mm512_add_epi64(numbers, eight);
        }
    }
}

}  // namespace exprjit

#endif
