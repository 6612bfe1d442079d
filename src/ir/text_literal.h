// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Constants, names and check codes as they stand in IR text. Private to print*.cpp and parse*.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ir/op.h"
#include "ir/types.h"

namespace exprjit::text {

// Appends a constant so that it reads back to the same bits: decimal for integers (and floats that are whole), hex
// floats otherwise, "nan:0x…" for NaNs, "#0x…" for bits that are no value of the type. Returns true if the number is a
// hex float that a person would like to see in decimal too.
bool append_constant(std::string& out, Scalar type, uint64_t bits);
// Appends the value of a float in decimal, shortest form.
void append_decimal(std::string& out, Scalar type, uint64_t bits);
// The inverse of append_constant; also takes decimal floats. False if `text` is no value of the type.
bool parse_constant(std::string_view text, Scalar type, uint64_t& bits);

// A signed or unsigned 64-bit integer, decimal or 0x…; negative ones as two's complement.
bool parse_integer(std::string_view text, uint64_t& bits);
void append_integer(std::string& out, uint64_t value);
void append_signed(std::string& out, int64_t value);
void append_hex(std::string& out, uint64_t value);

// Letters, digits and '_', not beginning with a digit: what may stand bare after % or @.
bool is_identifier(std::string_view name);
constexpr bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
void append_quoted(std::string& out, std::string_view name);

// "divide_by_zero", "domain", "index", "user", "unsigned", "no_rows"; empty if the code is none of them.
std::string_view name_of(CheckCode code);
bool find_check_code(std::string_view name, CheckCode& code);
bool find_storage(std::string_view name, Storage& storage);

}  // namespace exprjit::text
