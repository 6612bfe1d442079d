// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define EXPRJIT_COMPRESS 1
#else
#define EXPRJIT_COMPRESS 0
#endif

namespace exprjit {

// compact() and compact_numbers() for x86-64-v4. Only there.
void compress_avx512(const uint64_t* words, int64_t rows, const void* from, size_t size, void* to);
void compress_numbers_avx512(const uint64_t* words, int64_t rows, int64_t first, int64_t* to);

}  // namespace exprjit
