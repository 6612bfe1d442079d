// SPDX-License-Identifier: MIT OR Apache-2.0
#include "expression_names.h"

#include <string>

namespace exprjit::cli {
namespace {

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

char first_visible(std::string_view text, size_t& at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
        ++at;
    }
    return at < text.size() ? text[at] : '\0';
}

// Finds every place of `needle`; `is_whole` says whether it stands alone at [begin, end).
template <class IsWhole>
void scan(std::string_view text, std::string_view needle, IsWhole is_whole, Mention& mention) {
    for (size_t begin = text.find(needle); begin != std::string_view::npos; begin = text.find(needle, begin + 1)) {
        const size_t end = begin + needle.size();
        if (!is_whole(begin, end)) {
            continue;
        }
        size_t at = end;
        const char next = first_visible(text, at);
        if (next == '(' && needle.front() != '`') {
            continue;  // a call: a column called `min` is not meant by min(a, b)
        }
        mention.found = true;
        mention.assigned = mention.assigned || (next == '=' && (at + 1 >= text.size() || text[at + 1] != '='));
    }
}

}  // namespace

bool is_identifier(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) {
        return false;
    }
    for (const char c : name) {
        if (!is_word_byte(c) && static_cast<unsigned char>(c) < 0x80) {
            return false;
        }
    }
    return true;
}

std::string quoted_name(std::string_view name) {
    std::string quoted = "`";
    for (const char c : name) {
        quoted.append(c == '`' ? 2 : 1, c);
    }
    return quoted + "`";
}

Mention find_mention(std::string_view text, std::string_view name) {
    Mention mention;
    if (name.empty()) {
        return mention;
    }
    scan(
        text, quoted_name(name), [](size_t, size_t) { return true; }, mention);
    if (is_identifier(name)) {
        // Bytes from 0x80 count as boundaries, since some are operators: a×b mentions a and b.
        scan(
            text, name,
            [text](size_t begin, size_t end) {
                return (begin == 0 || !is_word_byte(text[begin - 1])) &&
                       (end == text.size() || !is_word_byte(text[end]));
            },
            mention);
    }
    return mention;
}

}  // namespace exprjit::cli
