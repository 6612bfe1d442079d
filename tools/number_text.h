// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Numbers to text and back, without a locale. What is printed reads back to the same value, bit for bit.
#pragma once

#include <exprjit/exprjit.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace exprjit::cli {

// The shortest text that reads back to the same double (or float): "0.1", "1e+300", "nan", "-inf", "-0".
void append_f64(std::string& out, double value);
void append_f32(std::string& out, float value);
void append_i64(std::string& out, int64_t value);

// One value by its type: booleans are "true" and "false".
void append_value(std::string& out, const ej_value& value);
std::string value_text(const ej_value& value);

// Element `index` of a dense array of one of the five value types.
ej_value load_element(const void* data, ej_dtype dtype, size_t index);

// Decimal integers with an optional sign; empty when it is anything else or does not fit in 64 bits.
std::optional<int64_t> parse_i64(std::string_view text);

// Decimal floating point with an optional sign, correctly rounded (beyond the range: infinity or zero), or "nan", "inf"
// and "infinity" in any case. The whole text must be the number.
std::optional<double> parse_f64(std::string_view text);
std::optional<float> parse_f32(std::string_view text);

// "true" and "false" in any case.
std::optional<bool> parse_bool(std::string_view text);

// "1,234,567": for people, never for data.
std::string grouped(int64_t value);

// Three significant digits: "12.3", "0.0123", "1230".
std::string three_digits(double value);

}  // namespace exprjit::cli
