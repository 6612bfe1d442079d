// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/column_block.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace exprjit::trial {

namespace {

constexpr size_t kPage = 4096;
constexpr uint8_t kPattern = 0x5c;
// How far around a column the pattern is laid and looked at: more than the widest store.
constexpr size_t kWatched = 192;

bool is_pattern(const uint8_t* from, const uint8_t* to) {
    return std::all_of(from, to, [](uint8_t b) { return b == kPattern; });
}

}  // namespace

uint64_t ColumnBlock::untouched(Storage storage) {
    return 0x5c5c5c5c5c5c5c5cu & UINT64_MAX >> (64 - 8 * byte_size(storage));
}

void ColumnBlock::lay_out(const ColumnShape& shape) {
    shape_ = shape;
    const size_t size = byte_size(shape.storage);
    const int64_t count = std::max(elements(), shape.padded_rows);
    const size_t step = static_cast<size_t>(std::abs(shape.stride));
    bytes_ = count == 0 ? 0 : static_cast<size_t>(count - 1) * step + size;
    const size_t needed = bytes_ + shape.gap + kWatched;
    if (needed > memory_.size()) memory_ = Guarded((needed + needed / 2 + kPage) / kPage * kPage, Guarded::Side::Front);
    uint8_t* const low = memory_.data();
    uint8_t* const high = low + memory_.size();
    begin_ = shape.side == Guarded::Side::Front ? low + shape.gap : high - shape.gap - bytes_;
    const size_t before = std::min(kWatched, static_cast<size_t>(begin_ - low));
    std::memset(begin_ - before, kPattern, before);
    std::memset(begin_, kPattern, std::min(bytes_ + kWatched, static_cast<size_t>(high - begin_)));
    first_ = begin_;
    if (shape.stride < 0 && count > 0) first_ += static_cast<size_t>(count - 1) * step;
}

void ColumnBlock::write(std::span<const uint64_t> values) {
    const size_t size = byte_size(shape_.storage);
    uint8_t* p = first_;
    for (int64_t r = 0; r < elements(); ++r, p += shape_.stride) std::memcpy(p, &values[static_cast<size_t>(r)], size);
}

uint64_t ColumnBlock::element(int64_t row) const {
    uint64_t bits = 0;
    std::memcpy(&bits, first_ + row * shape_.stride, byte_size(shape_.storage));
    return bits;
}

void ColumnBlock::read(std::vector<uint64_t>& values) const {
    values.resize(static_cast<size_t>(shape_.rows));
    for (int64_t r = 0; r < shape_.rows; ++r) values[static_cast<size_t>(r)] = element(r);
}

bool ColumnBlock::intact() const {
    if (memory_.data() == nullptr) return true;
    const uint8_t* const low = memory_.data();
    const uint8_t* const high = low + memory_.size();
    const uint8_t* const end = begin_ + bytes_;
    if (!is_pattern(begin_ - std::min<size_t>(kWatched, static_cast<size_t>(begin_ - low)), begin_)) return false;
    if (!is_pattern(end, end + std::min<size_t>(kWatched, static_cast<size_t>(high - end)))) return false;
    const size_t size = byte_size(shape_.storage), step = static_cast<size_t>(std::abs(shape_.stride));
    if (step > size)
        for (const uint8_t* p = begin_; p + step <= end; p += step)
            if (!is_pattern(p + size, p + step)) return false;
    return true;
}

}  // namespace exprjit::trial
