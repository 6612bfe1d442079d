// SPDX-License-Identifier: MIT OR Apache-2.0
//
// IEEE binary16 to and from float by bit arithmetic: the same on every CPU, with or without F16C.
#pragma once

#include <bit>
#include <cstdint>

namespace exprjit {

inline float float_from_half(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
    const uint32_t exponent = half >> 10 & 31;
    const uint32_t fraction = half & 0x3ff;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // exact: a subnormal half is a normal float
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
}

// Rounded to nearest, ties to even; beyond the largest half an infinity.
inline uint16_t half_from_float(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = bits >> 16 & 0x8000;
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
    if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // 65520 and up
    if (magnitude >= 0x38800000) {                                             // 2^-14: a normal half
        const uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
        return static_cast<uint16_t>(sign | (rounded - 0x38000000) >> 13);
    }
    // A subnormal half counts units of 2^-24; the float's 24-bit significand counts units of 2^(exponent - 150).
    const uint32_t shift = 126 - (magnitude >> 23);
    if (shift > 24) return static_cast<uint16_t>(sign);
    const uint32_t significand = (magnitude & 0x7fffff) | 0x800000;
    const uint32_t rest = significand & ((1u << shift) - 1);
    const uint32_t middle = 1u << (shift - 1);
    uint32_t units = significand >> shift;
    if (rest > middle || (rest == middle && (units & 1) != 0)) ++units;
    return static_cast<uint16_t>(sign | units);
}

}  // namespace exprjit
