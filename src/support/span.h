// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit {

// A half-open byte range [begin, end) of a source text. begin == end is an insertion point; kNoSpan means "no position".
struct Span {
    uint32_t begin = UINT32_MAX;
    uint32_t end = UINT32_MAX;

    bool valid() const { return begin != UINT32_MAX; }
    bool operator==(const Span&) const = default;
};

inline constexpr Span kNoSpan{};

// The smallest span that covers both.
inline Span cover(Span a, Span b) {
    if (!a.valid()) return b;
    if (!b.valid()) return a;
    return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

}  // namespace exprjit
