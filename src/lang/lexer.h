// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "lang/builtins.h"
#include "lang/diagnostics.h"
#include "lang/token.h"

namespace exprjit::lang {

// Cuts a text into tokens, one per call of next(). What is no token is reported and passed over. The text must stay
// alive and be shorter than 4 GiB.
class Lexer {
  public:
    // Begins at byte `from`.
    void reset(std::string_view text, const Builtins& builtins, Diagnostics& diagnostics, size_t from = 0);
    // The next token; Tok::End for ever at the end.
    void next(Token& out);
    std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }

  private:
    uint32_t offset(const char* p) const { return static_cast<uint32_t>(p - begin_); }
    Span span_from(const char* p) const { return {offset(p), offset(p_)}; }
    bool starts(char c) const { return p_ < end_ && *p_ == c; }
    void block_comment();
    void name(Token& out, const char* start);
    void backquoted(Token& out);
    bool wide(Token& out);
    bool symbol(Token& out);
    void unexpected(uint32_t length, char32_t c);
    void number(Token& out);
    void prefixed_integer(Token& out, unsigned base);
    void hex_float(Token& out);
    void finish_number(Token& out, const char* start, const char* wrong);

    const char* begin_ = nullptr;
    const char* p_ = nullptr;
    const char* end_ = nullptr;
    const Builtins* builtins_ = nullptr;
    Diagnostics* diagnostics_ = nullptr;
    uint64_t seed_ = 0;
    std::string digits_;  // a number without its separators
};

}  // namespace exprjit::lang
