// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/overlap.h"

#include <numeric>

namespace exprjit {

namespace {

__extension__ using Wide = __int128;

// Addresses of the first byte, and past the last.
struct Range {
    Wide low;
    Wide high;
};

Range range_of(const Column& c, int64_t rows) {
    const auto base = static_cast<Wide>(reinterpret_cast<uintptr_t>(c.data));
    const Wide last = base + static_cast<Wide>(c.stride) * (rows - 1);
    const auto size = static_cast<Wide>(byte_size(c.dtype));
    return {base < last ? base : last, (base < last ? last : base) + size};
}

uint64_t magnitude(int64_t stride) {
    return stride < 0 ? uint64_t{0} - static_cast<uint64_t>(stride) : static_cast<uint64_t>(stride);
}

}  // namespace

bool addressable(const Column& c, int64_t rows) {
    if (rows == 0) return true;
    const Range r = range_of(c, rows);
    return r.low >= 0 && r.high <= static_cast<Wide>(UINTPTR_MAX);
}

bool overlaps_itself(const Column& c, int64_t rows) { return rows > 1 && magnitude(c.stride) < byte_size(c.dtype); }

bool same_elements(const Column& a, const Column& b, int64_t rows) {
    return a.data == b.data && byte_size(a.dtype) == byte_size(b.dtype) && (rows <= 1 || a.stride == b.stride);
}

bool may_overlap(const Column& a, const Column& b, int64_t rows) {
    if (rows == 0) return false;
    const Range ra = range_of(a, rows), rb = range_of(b, rows);
    if (ra.high <= rb.low || rb.high <= ra.low) return false;
    if (rows == 1) return true;
    // Elements of both columns repeat modulo the common divisor of their strides; if they keep apart there, they never
    // meet.
    const uint64_t period = std::gcd(magnitude(a.stride), magnitude(b.stride));
    if (period == 0) return true;  // two single elements whose ranges meet
    const uint64_t size_a = byte_size(a.dtype), size_b = byte_size(b.dtype);
    const uint64_t at_a = reinterpret_cast<uintptr_t>(a.data) % period;
    const uint64_t at_b = reinterpret_cast<uintptr_t>(b.data) % period;
    const uint64_t from_a_to_b = (at_b + period - at_a) % period;
    const uint64_t from_b_to_a = (at_a + period - at_b) % period;
    return from_a_to_b < size_a || from_b_to_a < size_b;
}

}  // namespace exprjit
