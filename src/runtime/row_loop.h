// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "runtime/executable.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// In a layout: this input is one value for all rows, already of the parameter's type.
inline constexpr uint8_t kUniformColumn = 0xff;

// Compiles the loop that runs the kernel over columns of this layout: a Storage per input and output, or
// kUniformColumn. Its parameters are the inputs (arrays, or scalars where uniform), the output arrays, and the number
// of rows (i64).
Result<Executable> compile_row_loop(const Kernel& kernel, std::span<const uint8_t> layout);

// An IEEE half as the bits of the float with the same value.
constexpr uint32_t half_to_float_bits(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 0x1fu, fraction = half & 0x3ffu;
    if (exponent == 0x1f) return sign | 0x7f800000u | fraction << 13 | (fraction != 0 ? 0x400000u : 0);
    if (exponent != 0) return sign | (exponent + 112) << 23 | fraction << 13;
    if (fraction == 0) return sign;
    const auto shift = static_cast<uint32_t>(std::countl_zero(fraction)) - 21;  // subnormal: normalise
    return sign | (113 - shift) << 23 | ((fraction << shift) & 0x3ffu) << 13;
}

}  // namespace exprjit
