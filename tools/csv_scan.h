// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The inner loop of CSV reading: where does this cell end?
#pragma once

#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace exprjit::cli {

// The first `delimiter` or line feed in [at, end), or `end`.
inline const char* find_cell_end(const char* at, const char* end, char delimiter) {
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(delimiter);
    const __m128i line_feed = _mm_set1_epi8('\n');
    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted), _mm_cmpeq_epi8(bytes, line_feed));
        const unsigned mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
        if (mask != 0) {
            return at + __builtin_ctz(mask);
        }
    }
#endif
    while (at < end && *at != delimiter && *at != '\n') {
        ++at;
    }
    return at;
}

}  // namespace exprjit::cli
