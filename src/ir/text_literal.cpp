// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/text_literal.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace exprjit::text {

namespace {

template <class T>
void append_number(std::string& out, T value, auto... format) {
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, format...);
    out.append(buffer, error == std::errc() ? end : buffer);
}

template <class Float, class Bits>
bool append_float(std::string& out, Bits bits) {
    const Float value = std::bit_cast<Float>(bits);
    if (std::isnan(value)) {
        out += "nan:";
        append_hex(out, bits);
        return false;
    }
    if (std::isinf(value)) {
        out += value < 0 ? "-inf" : "inf";
        return false;
    }
    constexpr Float exact = sizeof(Float) == 8 ? Float(9007199254740992.0) : Float(16777216.0f);
    const bool negative_zero = value == 0 && std::signbit(value);
    if (std::trunc(value) == value && std::fabs(value) < exact && !negative_zero) {
        append_signed(out, static_cast<int64_t>(value));
        return false;
    }
    if (std::signbit(value)) out += '-';
    out += "0x";
    append_number(out, std::fabs(value), std::chars_format::hex);
    return !negative_zero;
}

template <class Float>
bool parse_float(std::string_view text, Float& value) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text == "inf") {
        value = negative ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (text.empty() || text[0] == '-' || text[0] == 'i' || text[0] == 'n' || text[0] == 'I' || text[0] == 'N')
        return false;
    auto format = std::chars_format::general;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        format = std::chars_format::hex;
        if (text.empty() || text[0] == '-') return false;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if (negative) value = -value;
    return true;
}

constexpr std::string_view kCheckNames[] = {"", "divide_by_zero", "domain", "index", "user", "unsigned", "no_rows"};

}  // namespace

void append_integer(std::string& out, uint64_t value) { append_number(out, value); }
void append_signed(std::string& out, int64_t value) { append_number(out, value); }
void append_hex(std::string& out, uint64_t value) {
    out += "0x";
    append_number(out, value, 16);
}

bool append_constant(std::string& out, Scalar type, uint64_t bits) {
    const bool fits = type == Scalar::Bool ? bits <= 1 : byte_size(type) == 8 || bits <= UINT32_MAX;
    if (!fits) {
        out += '#';
        append_hex(out, bits);
        return false;
    }
    switch (type) {
    case Scalar::Bool: out += bits != 0 ? "true" : "false"; return false;
    case Scalar::I32: append_signed(out, static_cast<int32_t>(bits)); return false;
    case Scalar::I64: append_signed(out, static_cast<int64_t>(bits)); return false;
    case Scalar::F32: return append_float<float>(out, static_cast<uint32_t>(bits));
    case Scalar::F64: return append_float<double>(out, bits);
    }
    return false;
}

void append_decimal(std::string& out, Scalar type, uint64_t bits) {
    if (type == Scalar::F32)
        append_number(out, std::bit_cast<float>(static_cast<uint32_t>(bits)));
    else
        append_number(out, std::bit_cast<double>(bits));
}

bool parse_integer(std::string_view text, uint64_t& bits) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint64_t magnitude = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    if (negative && magnitude > uint64_t{1} << 63) return false;
    bits = negative ? 0 - magnitude : magnitude;
    return true;
}

bool parse_constant(std::string_view text, Scalar type, uint64_t& bits) {
    if (text.starts_with('#')) return parse_integer(text.substr(1), bits);
    if (is_float(type) && text.starts_with("nan")) {
        const bool narrow = type == Scalar::F32;
        bits = narrow ? 0x7fc00000 : 0x7ff8000000000000;
        if (text == "nan") return true;
        if (!text.starts_with("nan:0x") || !parse_integer(text.substr(4), bits)) return false;
        if (narrow) return bits <= UINT32_MAX && std::isnan(std::bit_cast<float>(static_cast<uint32_t>(bits)));
        return std::isnan(std::bit_cast<double>(bits));
    }
    switch (type) {
    case Scalar::Bool: bits = text == "true"; return bits != 0 || text == "false";
    case Scalar::I32: {
        if (!parse_integer(text, bits)) return false;
        const auto value = static_cast<int64_t>(bits);
        if (value != static_cast<int32_t>(value)) return false;
        bits = static_cast<uint32_t>(value);
        return true;
    }
    case Scalar::I64:
        return parse_integer(text, bits) && (text[0] == '-' || bits <= INT64_MAX || text.starts_with("0x"));
    case Scalar::F32: {
        float value = 0;
        if (!parse_float(text, value)) return false;
        bits = std::bit_cast<uint32_t>(value);
        return true;
    }
    case Scalar::F64: {
        double value = 0;
        if (!parse_float(text, value)) return false;
        bits = std::bit_cast<uint64_t>(value);
        return true;
    }
    }
    return false;
}

bool is_identifier(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
        if (!is_word_char(c)) return false;
    }
    return true;
}

void append_quoted(std::string& out, std::string_view name) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : name) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < ' ' || u == 0x7f) {
            out += "\\x";
            out += digits[u >> 4];
            out += digits[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

std::string_view name_of(CheckCode code) {
    const auto i = static_cast<size_t>(code);
    return i < std::size(kCheckNames) ? kCheckNames[i] : std::string_view();
}

bool find_check_code(std::string_view name, CheckCode& code) {
    for (size_t i = 1; i < std::size(kCheckNames); ++i) {
        if (kCheckNames[i] != name) continue;
        code = static_cast<CheckCode>(i);
        return true;
    }
    return false;
}

bool find_storage(std::string_view name, Storage& storage) {
    for (int i = 0; i < kStorageCount; ++i) {
        if (exprjit::name_of(static_cast<Storage>(i)) != name) continue;
        storage = static_cast<Storage>(i);
        return true;
    }
    return false;
}

}  // namespace exprjit::text
