// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/context.h"
#include "ir/types.h"
#include "support/random.h"

namespace exprjit::trial {

// The bits of the first byte_size(type) bytes; a slot may hold anything above them only where a test plants it.
Slot canonical(Scalar type, Slot bits);

// Equal to the bit, but every NaN equals every NaN: their sign and payload are unspecified.
bool same_value(Scalar type, Slot a, Slot b);
// The same for an element in memory (f16 too).
bool same_element(Storage type, uint64_t a, uint64_t b);

// "-0x1.8p+1 (-3)" for floats, "7" for integers, "true".
std::string describe(Scalar type, Slot bits);
std::string describe_element(Storage type, uint64_t bits);

// Reads a value as it is written in file tests; false if `text` is none of this type.
bool parse_value(std::string_view text, Scalar type, Slot& out);
bool parse_element(std::string_view text, Storage type, uint64_t& out);

// Values where implementations go wrong: zeros, units, ties, extremes, subnormals, infinities, NaN, powers of two and
// their neighbours, MIN and MAX.
std::span<const Slot> special_values(Scalar type);
// A shorter list, for all pairs and triples.
std::span<const Slot> few_special_values(Scalar type);
// Special, small, or any bits, each often.
Slot random_value(Scalar type, Random& random);

uint16_t f32_to_f16(float f);
float f16_to_f32(uint16_t h);

}  // namespace exprjit::trial
