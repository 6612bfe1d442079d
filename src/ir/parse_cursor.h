// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reading characters, words and labels of IR text. Private to parse*.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/program.h"
#include "ir/text_literal.h"
#include "support/span.h"

namespace exprjit::text {

class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    uint32_t position() const { return static_cast<uint32_t>(at_); }
    bool at_end() const { return at_ >= text_.size(); }
    // The next character, '\n' at the end of the text.
    char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool at_line_end() const { return peek() == '\n'; }
    void step() { ++at_; }

    // Passes blanks and a comment, and with `lines` line ends too.
    void skip(bool lines = false) {
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == ';') {
                while (at_ < text_.size() && text_[at_] != '\n') ++at_;
                if (!lines || at_ >= text_.size()) return;
            } else if (c != ' ' && c != '\t' && c != '\r' && !(lines && c == '\n')) {
                return;
            }
        }
    }
    void skip_line() {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    }

    // If the next characters are `token`, passes them and the blanks behind.
    bool take(std::string_view token) {
        if (text_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        skip();
        return true;
    }

    // Letters, digits and '_'; may be empty. Passes blanks behind.
    std::string_view word() {
        const size_t begin = at_;
        while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
        return finish(begin);
    }
    // Everything up to a blank, a separator, a bracket or a comment: numbers and types.
    std::string_view token() {
        const size_t begin = at_;
        while (at_ < text_.size() && std::string_view(" \t\r\n,;()[]{}").find(text_[at_]) == std::string_view::npos)
            ++at_;
        return finish(begin);
    }
    // "array<f64,1>": a word and what follows in angle brackets.
    std::string_view type_word() {
        const size_t begin = at_;
        while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
        if (peek() == '<') {
            while (at_ < text_.size() && text_[at_] != '>' && text_[at_] != '\n') ++at_;
            if (peek() == '>') ++at_;
        }
        return finish(begin);
    }
    // From `begin` to the end of the last word or token.
    Span since(uint32_t begin) const { return {begin, std::max(begin, last_end_)}; }

  private:
    std::string_view finish(size_t begin) {
        const std::string_view found = text_.substr(begin, at_ - begin);
        last_end_ = static_cast<uint32_t>(at_);
        skip();
        return found;
    }

    std::string_view text_;
    size_t at_ = 0;
    uint32_t last_end_ = 0;
};

// What labels stand for, in one function at a time. Entries carry the number of the function, so that forgetting them
// all costs nothing; numbers that are not absurd index an array, other labels are hashed with a seed of the process.
class Labels {
  public:
    explicit Labels(size_t text_bytes) : dense_limit_(text_bytes) {}

    void next_function() { ++generation_; }
    // The value of a label, kNoValue if it has none.
    ValueId find(std::string_view label) const;
    void set(std::string_view label, ValueId v);

  private:
    struct Entry {
        uint32_t generation = 0;
        ValueId value = kNoValue;
    };
    struct Hash {
        uint64_t seed;
        size_t operator()(std::string_view text) const;
    };
    bool dense_index(std::string_view label, uint64_t& index) const;

    size_t dense_limit_;
    uint32_t generation_ = 1;
    std::vector<Entry> dense_;
    std::unordered_map<std::string_view, Entry, Hash> named_{16, Hash{process_seed()}};
    static uint64_t process_seed();
};

}  // namespace exprjit::text
