// SPDX-License-Identifier: MIT OR Apache-2.0
#include "number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace exprjit::cli {
namespace {

template <class T>
void append_number(std::string& out, T value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
}

// Compares without case; `word` is in lower case.
bool equals_word(std::string_view text, std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(), [](char c, char w) { return (c | 0x20) == w; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a number that from_chars called out of range is too large (rather than too small): the decimal exponent of
// its first significant digit tells.
bool is_huge(std::string_view digits) {
    int64_t exponent = 0;
    bool seen_point = false, seen_significant = false;
    size_t i = 0;
    for (; i < digits.size() && (is_digit(digits[i]) || digits[i] == '.'); ++i) {
        if (digits[i] == '.') {
            seen_point = true;
            continue;
        }
        seen_significant = seen_significant || digits[i] != '0';
        if (seen_significant && !seen_point) {
            ++exponent;
        } else if (!seen_significant && seen_point) {
            --exponent;
        }
    }
    if (i < digits.size()) {  // 'e' or 'E'
        std::string_view text = digits.substr(i + 1);
        const bool negative = !text.empty() && text.front() == '-';
        if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
            text.remove_prefix(1);
        }
        int64_t written = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), written);
        if (parsed.ec == std::errc::result_out_of_range) {
            return !negative;
        }
        exponent += negative ? -written : written;
    }
    return exponent > 0;
}

template <class T>
std::optional<T> parse_floating(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    if (!is_digit(text.front()) && text.front() != '.') {
        if (equals_word(text, "nan")) {
            return std::numeric_limits<T>::quiet_NaN();
        }
        if (equals_word(text, "inf") || equals_word(text, "infinity")) {
            return negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
        }
        return std::nullopt;
    }
    T value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, std::chars_format::general);
    if (parsed.ptr != end || parsed.ec == std::errc::invalid_argument) {
        return std::nullopt;
    }
    if (parsed.ec == std::errc::result_out_of_range) {
        value = is_huge(text) ? std::numeric_limits<T>::infinity() : T(0);
    }
    return negative ? -value : value;
}

}  // namespace

void append_f64(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "nan";  // the sign of a NaN is unspecified, so it is not shown
        return;
    }
    append_number(out, value);
}

void append_f32(std::string& out, float value) {
    if (std::isnan(value)) {
        out += "nan";
        return;
    }
    append_number(out, value);
}

void append_i64(std::string& out, int64_t value) { append_number(out, value); }

void append_value(std::string& out, const ej_value& value) {
    switch (value.type) {
    case EJ_BOOL: out += value.as.b != 0 ? "true" : "false"; break;
    case EJ_I32: append_number(out, value.as.i32); break;
    case EJ_I64: append_number(out, value.as.i64); break;
    case EJ_F32: append_f32(out, value.as.f32); break;
    case EJ_F64: append_f64(out, value.as.f64); break;
    default: out += '?';
    }
}

std::string value_text(const ej_value& value) {
    std::string text;
    append_value(text, value);
    return text;
}

ej_value load_element(const void* data, ej_dtype dtype, size_t index) {
    const auto* const bytes = static_cast<const unsigned char*>(data) + index * ej_dtype_size(dtype);
    ej_value value = ej_i64(0);
    value.type = dtype;
    if (dtype == EJ_BOOL) {
        value.as.b = *bytes != 0;
    } else {
        std::memcpy(&value.as, bytes, ej_dtype_size(dtype));
    }
    return value;
}

std::optional<int64_t> parse_i64(std::string_view text) {
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') {
            return std::nullopt;
        }
    }
    int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
        return std::nullopt;
    }
    return value;
}

std::optional<double> parse_f64(std::string_view text) { return parse_floating<double>(text); }

std::optional<float> parse_f32(std::string_view text) { return parse_floating<float>(text); }

std::optional<bool> parse_bool(std::string_view text) {
    if (equals_word(text, "true")) {
        return true;
    }
    if (equals_word(text, "false")) {
        return false;
    }
    return std::nullopt;
}

std::string grouped(int64_t value) {
    std::string text = std::to_string(value);
    for (size_t place = text.size(); place > (value < 0 ? 4u : 3u);) {
        place -= 3;
        text.insert(place, 1, ',');
    }
    return text;
}

std::string three_digits(double value) {
    char buffer[64];
    const double size = std::fabs(value);
    const int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals).ptr;
    return std::string(buffer, end);
}

}  // namespace exprjit::cli
