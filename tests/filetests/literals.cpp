// SPDX-License-Identifier: MIT OR Apache-2.0
#include "literals.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace exprjit::filetests {

namespace {

template <class T>
std::string float_text(T value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    std::string s(digits, end);
    if (s.find_first_of(".e") == std::string::npos) s += ".0";
    return s;
}

bool is_name_byte(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// Length of the operator sign (√ × ÷ ≤ ≥ ≠ −) at position `at`; 0 if there is none. Their bytes look like those of
// letters.
size_t sign_length(std::string_view text, size_t at) {
    for (const std::string_view sign : {"√", "×", "÷", "≤", "≥", "≠", "−"})
        if (text.substr(at).starts_with(sign)) return sign.size();
    return 0;
}

// Whether what comes before position `at` makes the operand there an exponent: `**` or `^`, signs and parentheses
// between.
bool is_exponent(std::string_view text, size_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '(' || text[at - 1] == '-' || text[at - 1] == '+')) --at;
    return (at >= 1 && text[at - 1] == '^') || (at >= 2 && text.substr(at - 2, 2) == "**");
}

}  // namespace

std::string typed_literal(Scalar type, Slot value) {
    switch (type) {
    case Scalar::Bool: return value != 0 ? "true" : "false";
    case Scalar::I32: return "i32(" + std::to_string(static_cast<int32_t>(value)) + ")";
    case Scalar::I64:
        // The smallest one has no literal: its magnitude is one too large.
        if (static_cast<int64_t>(value) == INT64_MIN) return "i64(-9223372036854775807 - 1)";
        return "i64(" + std::to_string(static_cast<int64_t>(value)) + ")";
    case Scalar::F32: return "f32(" + float_text(std::bit_cast<float>(static_cast<uint32_t>(value))) + ")";
    case Scalar::F64: return "f64(" + float_text(std::bit_cast<double>(value)) + ")";
    }
    return {};
}

std::string with_literals(std::string_view text, std::span<const Param> params, std::span<const Slot> values,
                          std::vector<bool>& kept) {
    std::string out;
    kept.assign(params.size(), false);
    for (size_t i = 0; i < text.size();) {
        if (text[i] == '#') {  // a comment
            while (i < text.size() && text[i] != '\n') out += text[i++];
            continue;
        }
        if (const size_t n = sign_length(text, i); n != 0) {
            out += text.substr(i, n);
            i += n;
            continue;
        }
        const bool quoted = text[i] == '`';
        if (!quoted && (!is_name_byte(text[i]) || std::isdigit(static_cast<unsigned char>(text[i])) != 0)) {
            // A number swallows the letters of its exponent, so that the e of 1e5 is no name.
            if (std::isdigit(static_cast<unsigned char>(text[i])) != 0)
                while (i < text.size() && (is_name_byte(text[i]) || text[i] == '.')) out += text[i++];
            else
                out += text[i++];
            continue;
        }
        size_t end = i + 1;
        if (quoted) {
            while (end < text.size() && text[end] != '`') ++end;
            end = end < text.size() ? end + 1 : end;
        } else {
            while (end < text.size() && is_name_byte(text[end]) && sign_length(text, end) == 0) ++end;
        }
        const std::string_view whole = text.substr(i, end - i);
        const std::string_view name = quoted && whole.size() >= 2 ? whole.substr(1, whole.size() - 2) : whole;
        size_t p = 0;
        while (p < params.size() && params[p].name != name) ++p;
        if (p == params.size()) {
            out += whole;
        } else if (is_exponent(text, i)) {
            kept[p] = true;
            out += whole;
        } else {
            // In parentheses, so that a literal's sign binds no tighter than the variable did.
            out += "(" + typed_literal(params[p].type.scalar(), values[p]) + ")";
        }
        i = end;
    }
    return out;
}

}  // namespace exprjit::filetests
