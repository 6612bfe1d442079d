// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/columns_code.h"
#include "support/result.h"

namespace exprjit {

class Kernel;
struct CompileScratch;

// A kernel as scalar functions of one row, for one layout.
struct RowProgram {
    Stages stages;
    NullPlan nulls;
};

// Reads the kernel's text again (it keeps no IR) and puts what the layout asks for around it: conversions of the
// columns' types, checks of u64 values, and the validity of nullable inputs.
Result<RowProgram> build_row_program(const Kernel& kernel, std::span<const uint8_t> layout, CompileScratch& scratch);

// What compile_columns makes of each loop, to be read by people: the program after vectorize, or its machine code.
struct LoopListing {
    bool machine_code = false;
    std::string text;
};

// Compiles all loops for a layout. Loops stay scalar where lanes cannot be compiled.
Result<std::unique_ptr<ColumnCode>> compile_columns(const Kernel& kernel, std::span<const uint8_t> layout,
                                                    LoopListing* listing = nullptr);

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
