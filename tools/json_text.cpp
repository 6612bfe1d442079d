// SPDX-License-Identifier: MIT OR Apache-2.0
#include "json_text.h"

#include <cmath>

#include "number_text.h"

namespace exprjit::cli {

void JsonText::begin_item(std::string_view key) {
    if (depth_ > 0) {
        text_ += first_ ? "\n" : ",\n";
        text_.append(static_cast<size_t>(depth_) * 2, ' ');
    }
    first_ = false;
    if (!key.empty()) {
        append_string(key);
        text_ += ": ";
    }
}

void JsonText::open(std::string_view key, char bracket) {
    begin_item(key);
    text_ += bracket;
    ++depth_;
    first_ = true;
}

void JsonText::close(char bracket) {
    --depth_;
    if (!first_) {
        text_ += '\n';
        text_.append(static_cast<size_t>(depth_) * 2, ' ');
    }
    text_ += bracket;
    first_ = false;
}

void JsonText::append_string(std::string_view value) {
    static constexpr char kDigits[] = "0123456789abcdef";
    text_ += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            text_ += '\\';
            text_ += c;
        } else if (c == '\n') {
            text_ += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            text_ += "\\u00";
            text_ += kDigits[byte >> 4];
            text_ += kDigits[byte & 15];
        } else {
            text_ += c;
        }
    }
    text_ += '"';
}

void JsonText::text(std::string_view key, std::string_view value) {
    begin_item(key);
    append_string(value);
}

void JsonText::number(std::string_view key, double value) {
    if (!std::isfinite(value)) {
        null(key);
        return;
    }
    begin_item(key);
    append_f64(text_, value);
}

void JsonText::integer(std::string_view key, int64_t value) {
    begin_item(key);
    append_i64(text_, value);
}

void JsonText::boolean(std::string_view key, bool value) {
    begin_item(key);
    text_ += value ? "true" : "false";
}

void JsonText::null(std::string_view key) {
    begin_item(key);
    text_ += "null";
}

}  // namespace exprjit::cli
