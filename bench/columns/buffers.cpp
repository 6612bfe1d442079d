// SPDX-License-Identifier: MIT OR Apache-2.0
#include "buffers.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace exprjit::bench {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t rounded(size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// Columns that begin at the same place in a page would fight for the same sets of the cache; those of a real program
// rarely do.
size_t column_bytes(ej_dtype type, int64_t rows) {
    const size_t bytes = static_cast<size_t>(rows) * ej_dtype_size(type);
    return (bytes + 63) / 64 * 64 + 5 * 64;
}

template <class T>
void fill_column(void* column, int64_t rows, double low, double high, uint64_t seed) {
    T* p = static_cast<T*>(column);
    uint64_t random = seed;
    for (int64_t i = 0; i < rows; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        p[i] = static_cast<T>(low + (high - low) * (static_cast<double>(random >> 11) * 0x1p-53));
    }
}

}  // namespace

Buffer::Buffer(size_t bytes) : data_(std::aligned_alloc(kHugePage, rounded(bytes))) {
    if (data_ == nullptr) std::fprintf(stderr, "no memory for %zu bytes of columns\n", bytes), std::exit(1);
    if (bytes >= kHugePage) madvise(data_, rounded(bytes), MADV_HUGEPAGE);
    std::memset(data_, 0, rounded(bytes));
}
Buffer::~Buffer() { std::free(data_); }

Buffers::Buffers(ej_dtype type, int64_t rows)
    : type_(type), rows_(rows), storage_(4 * column_bytes(type, rows)),
      output_(static_cast<size_t>(rows) * ej_dtype_size(type) + 64) {
    for (size_t c = 0; c < 4; ++c) inputs_[c] = static_cast<char*>(storage_.data()) + c * column_bytes(type, rows);
}

void Buffers::fill(const Formula& f) {
    for (int c = 0; c < f.columns; ++c) {
        void* column = const_cast<void*>(inputs_[c]);
        const uint64_t seed = static_cast<uint64_t>(c) + 1;
        switch (type_) {
        case EJ_F32: fill_column<float>(column, rows_, f.low[c], f.high[c], seed); break;
        case EJ_I64: fill_column<int64_t>(column, rows_, f.low[c], f.high[c], seed); break;
        case EJ_I32: fill_column<int32_t>(column, rows_, f.low[c], f.high[c], seed); break;
        default: fill_column<double>(column, rows_, f.low[c], f.high[c], seed); break;
        }
    }
}

}  // namespace exprjit::bench
