// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/selection_columns.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "runtime/codes.h"
#include "runtime/columns_bitmap.h"
#include "runtime/overlap.h"
#include "runtime/staging.h"

namespace exprjit {

namespace {

constexpr std::align_val_t kAlignment{64};

// Calls f with an integer of the element's size.
template <class F>
void with_element(Storage dtype, F&& f) {
    switch (byte_size(dtype)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    default: return f(uint64_t{});
    }
}

template <class T>
T read_at(const void* address) {
    T value;
    std::memcpy(&value, address, sizeof value);
    return value;
}

const char* element(const Column& c, int64_t row) { return static_cast<const char*>(c.data) + row * c.stride; }
char* element(Column& c, int64_t row) { return static_cast<char*>(c.data) + row * c.stride; }

void gather_bits(const Column& from, const int64_t* indices, int64_t first, int64_t count, const Column& to,
                 int64_t to_row) {
    const int64_t at = to.validity_offset + to_row;
    if (from.validity == nullptr) return fill_bits(to.validity, at, count, true);
    for (int64_t i = 0; i < count; i += 64) {
        const int n = static_cast<int>(std::min<int64_t>(count - i, 64));
        uint64_t word = 0;
        if (indices == nullptr) {
            word = read_bits(from.validity, from.validity_offset + first + i, n);
        } else {
            for (int k = 0; k < n; ++k)
                word |= static_cast<uint64_t>(read_bit(from.validity, from.validity_offset + indices[i + k])) << k;
        }
        write_bits(to.validity, at + i, &word, n);
    }
}

}  // namespace

Column slice(const Column& column, int64_t first) {
    Column c = column;
    c.data = element(c, first);
    if (c.validity != nullptr) c.validity_offset += first;
    return c;
}

void ScratchColumn::Free::operator()(void* p) const { ::operator delete(p, kAlignment); }

void ScratchColumn::make(Storage dtype, int64_t rows, bool with_validity) {
    constexpr auto kMost = static_cast<uint64_t>(INT64_MAX) / 16;
    if (static_cast<uint64_t>(rows) > kMost) throw std::bad_alloc();
    const size_t padded = (static_cast<size_t>(rows) + 63) / 64 * 64;
    data_.reset(::operator new((padded == 0 ? 64 : padded) * byte_size(dtype), kAlignment));
    validity_.reset(with_validity ? new uint8_t[padded / 8 + 8] : nullptr);
    column_ = {data_.get(), static_cast<int64_t>(byte_size(dtype)), dtype, validity_.get(), 0};
}

void gather(const Column& from, const int64_t* indices, int64_t first, int64_t count, const Column& to,
            int64_t to_row) {
    if (count == 0) return;
    const size_t size = byte_size(to.dtype);
    char* const out = static_cast<char*>(to.data) + static_cast<size_t>(to_row) * size;
    if (indices == nullptr) {
        gather_elements(out, element(from, first), from.stride, size, count);
    } else {
        with_element(to.dtype, [&]<class T>(T) {
            for (int64_t k = 0; k < count; ++k) {
                const T value = read_at<T>(element(from, indices[k]));
                std::memcpy(out + static_cast<size_t>(k) * sizeof(T), &value, sizeof value);
            }
        });
    }
    if (to.validity != nullptr) gather_bits(from, indices, first, count, to, to_row);
}

void repeat(const void* from, const Column& to, int64_t first, int64_t count) {
    Column out = to;
    with_element(to.dtype, [&]<class T>(T) {
        const T value = read_at<T>(from);
        for (int64_t k = 0; k < count; ++k) std::memcpy(element(out, first + k), &value, sizeof value);
    });
}

Failure check_memory(const Column& column, int64_t rows, const std::string& described) {
    if (rows == 0) return nullptr;
    if (column.data == nullptr) {
        return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn), described + " has no data (NULL)");
    }
    if (addressable(column, rows)) return nullptr;
    return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn),
                described + " does not fit the address space: stride " + std::to_string(column.stride) + " over " +
                    std::to_string(rows) + " rows");
}

namespace {

// First address, and past the last.
using Range = std::pair<uintptr_t, uintptr_t>;

Range bytes_of(const Column& c, int64_t rows) {
    const auto first = reinterpret_cast<uintptr_t>(c.data);
    const uintptr_t last = first + static_cast<uintptr_t>(c.stride * (rows - 1));
    return {std::min(first, last), std::max(first, last) + byte_size(c.dtype)};
}

uint64_t first_bit(const Column& c) {
    return (reinterpret_cast<uintptr_t>(c.validity) << 3) + static_cast<uint64_t>(c.validity_offset);
}

// The bytes that hold the column's bits; none without a bitmap.
Range bitmap_bytes(const Column& c, int64_t rows) {
    if (c.validity == nullptr) return {0, 0};
    return {first_bit(c) >> 3, (first_bit(c) + static_cast<uint64_t>(rows) + 7) >> 3};
}

bool meet(Range a, Range b) { return a.first < b.second && b.first < a.second; }

}  // namespace

bool ranges_meet(const Column& a, int64_t a_rows, const Column& b, int64_t b_rows) {
    return meet(bytes_of(a, a_rows), bytes_of(b, b_rows));
}

bool bitmaps_meet(const Column& a, int64_t a_rows, const Column& b, int64_t b_rows, bool in_place) {
    if (a_rows == 0 || b_rows == 0 || (a.validity == nullptr && b.validity == nullptr)) return false;
    if (meet(bitmap_bytes(a, a_rows), bytes_of(b, b_rows)) || meet(bytes_of(a, a_rows), bitmap_bytes(b, b_rows)))
        return true;
    if (a.validity == nullptr || b.validity == nullptr) return false;
    const uint64_t at_a = first_bit(a), at_b = first_bit(b);
    if (at_a >= at_b + static_cast<uint64_t>(b_rows) || at_b >= at_a + static_cast<uint64_t>(a_rows)) return false;
    return !in_place || at_a != at_b;
}

}  // namespace exprjit
