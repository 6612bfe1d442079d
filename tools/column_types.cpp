// SPDX-License-Identifier: MIT OR Apache-2.0
#include "column_types.h"

#include <cstring>
#include <limits>

#include "number_text.h"

namespace exprjit::cli {
namespace {

// A cell as a message shows it: one line, not longer than a screen is wide.
std::string shown(std::string_view content) {
    constexpr size_t kLongest = 40;
    std::string text = "\"";
    size_t used = 0;
    for (; used < content.size() && used < kLongest; ++used) {
        const auto byte = static_cast<unsigned char>(content[used]);
        text += byte < 0x20 || byte == 0x7f ? '?' : content[used];
    }
    // Never end in the middle of a character.
    while (used < content.size() && used > 0 && (static_cast<unsigned char>(content[used]) & 0xc0) == 0x80) {
        text.pop_back();
        --used;
    }
    text += used < content.size() ? "...\"" : "\"";
    return text;
}

std::string place(const std::string& file, int64_t line) { return file + ", line " + std::to_string(line) + ": "; }

}  // namespace

void TypeGuess::narrow(unsigned kept, std::string_view content, int64_t line) {
    if ((candidates_ & kept) == 0 && candidates_ != 0) {
        odd_among_bools_ = candidates_ == kBool;
        odd_cell_ = content;
        odd_line_ = line;
    }
    candidates_ &= kept;
}

void TypeGuess::see(std::string_view content, int64_t line) {
    if (candidates_ == 0) {
        return;
    }
    if ((candidates_ & kInteger) != 0 && parse_i64(content)) {
        candidates_ &= kInteger | kNumber;
    } else if ((candidates_ & kNumber) != 0 && parse_f64(content)) {
        candidates_ = kNumber;
    } else if (parse_bool(content)) {
        narrow(kBool, content, line);
    } else {
        narrow(0, content, line);
    }
}

ej_dtype TypeGuess::type() const {
    if (candidates_ == (kInteger | kNumber)) {
        return EJ_I64;
    }
    if ((candidates_ & kNumber) != 0) {
        return EJ_F64;  // all numbers, or nothing seen at all
    }
    return candidates_ == kBool ? EJ_BOOL : EJ_DTYPE_NONE;
}

std::string_view CellText::content(std::string_view raw) {
    std::string_view text = unquoted_cell(raw, scratch_);
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

bool CellText::is_null(std::string_view content) const {
    if (content.empty()) {
        return true;
    }
    for (const std::string& word : null_words_) {
        if (content == word) {
            return true;
        }
    }
    return false;
}

template <class T>
bool ColumnValues::put(T value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof value);
    std::memcpy(bytes_.data() + at, &value, sizeof value);
    return true;
}

bool ColumnValues::append(std::string_view content) {
    switch (type_) {
    case EJ_I64: {
        const auto value = parse_i64(content);
        return value && put(*value);
    }
    case EJ_I32: {
        const auto value = parse_i64(content);
        const bool fits =
            value && *value >= std::numeric_limits<int32_t>::min() && *value <= std::numeric_limits<int32_t>::max();
        return fits && put(static_cast<int32_t>(*value));
    }
    case EJ_F64: {
        const auto value = parse_f64(content);
        return value && put(*value);
    }
    case EJ_F32: {
        const auto value = parse_f32(content);
        return value && put(*value);
    }
    case EJ_BOOL: {
        if (content == "0" || content == "1") {  // only where --param says bool: a column of 0 and 1 is of integers
            return put(static_cast<uint8_t>(content == "1"));
        }
        const auto value = parse_bool(content);
        return value && put(static_cast<uint8_t>(*value));
    }
    default: return false;
    }
}

ej_value ColumnValues::value(size_t row) const { return load_element(bytes_.data(), type_, row); }

Status bad_cell(const std::string& file, const UsedColumn& column, std::string_view content, int64_t line) {
    const std::string what = "the column `" + column.name + "` has " + shown(content) + ", which is not ";
    if (column.declared) {
        return failure(kExitFailed, place(file, line) + what + "of its declared type " + ej_dtype_name(column.type),
                       "change --param, or leave it out: then the type is found from the cells");
    }
    // Only possible when the file was written to after its types had been found.
    return failure(kExitFailed, place(file, line) + what + ej_dtype_name(column.type) + " as before",
                   "the file changed while it was being read; run the command again");
}

Status no_type(const std::string& file, const UsedColumn& column, const TypeGuess& guess) {
    std::string message =
        place(file, guess.odd_line()) + "the column `" + column.name + "` has " + shown(guess.odd_cell());
    message += guess.odd_among_bools() ? ", after cells that are true or false" : ", which is not a number";
    return failure(kExitFailed, message,
                   "the expression can use columns of numbers or of true and false; if that text stands for a missing "
                   "value, pass --null with it");
}

}  // namespace exprjit::cli
