// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/staging.h"

#include <cstring>

namespace exprjit {

namespace {

// Elements cross as unsigned integers of their size: memcpy of a constant size is one move, whatever the alignment.
template <class T>
void gather(char* to, const char* from, int64_t stride, int64_t count) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4, from += 4 * stride) {
        T t[4];
        std::memcpy(&t[0], from, sizeof(T));
        std::memcpy(&t[1], from + stride, sizeof(T));
        std::memcpy(&t[2], from + 2 * stride, sizeof(T));
        std::memcpy(&t[3], from + 3 * stride, sizeof(T));
        std::memcpy(to + static_cast<size_t>(i) * sizeof(T), t, sizeof t);
    }
    for (; i < count; ++i, from += stride) std::memcpy(to + static_cast<size_t>(i) * sizeof(T), from, sizeof(T));
}

template <class T>
void scatter(char* to, int64_t stride, const char* from, int64_t count) {
    for (int64_t i = 0; i < count; ++i, to += stride)
        std::memcpy(to, from + static_cast<size_t>(i) * sizeof(T), sizeof(T));
}

}  // namespace

void gather_elements(void* to, const void* from, int64_t stride, size_t size, int64_t count) {
    auto* const t = static_cast<char*>(to);
    const auto* const f = static_cast<const char*>(from);
    if (stride == static_cast<int64_t>(size)) {
        std::memcpy(t, f, static_cast<size_t>(count) * size);
        return;
    }
    switch (size) {
    case 1: return gather<uint8_t>(t, f, stride, count);
    case 2: return gather<uint16_t>(t, f, stride, count);
    case 4: return gather<uint32_t>(t, f, stride, count);
    default: return gather<uint64_t>(t, f, stride, count);
    }
}

void scatter_elements(void* to, int64_t stride, const void* from, size_t size, int64_t count) {
    auto* const t = static_cast<char*>(to);
    const auto* const f = static_cast<const char*>(from);
    if (stride == static_cast<int64_t>(size)) {
        std::memcpy(t, f, static_cast<size_t>(count) * size);
        return;
    }
    switch (size) {
    case 1: return scatter<uint8_t>(t, stride, f, count);
    case 2: return scatter<uint16_t>(t, stride, f, count);
    case 4: return scatter<uint32_t>(t, stride, f, count);
    default: return scatter<uint64_t>(t, stride, f, count);
    }
}

}  // namespace exprjit
