// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#include "support/span.h"

namespace exprjit::lang {

enum class Tok : uint8_t {
    End,
    Int,
    Float,
    Invalid,  // already reported; stands for a value
    Name,     // may be a variable, function or constant
    Quoted,   // in backquotes: always a variable
    True,
    False,
    // Words that are operators or structure.
    If,
    Else,
    Let,
    In,
    // Operators that only stand before a value, then those that stand before or between, then those between.
    Not,
    Bang,
    Tilde,
    Sqrt,
    Plus,
    Minus,
    Star,
    Slash,
    SlashSlash,
    Percent,
    Power,
    Caret,
    Shl,
    Shr,
    Amp,
    Pipe,
    Xor,
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    // Structure.
    Question,
    Colon,
    Assign,
    LParen,
    RParen,
    Comma,
    Semicolon,
};
inline constexpr int kTokCount = static_cast<int>(Tok::Semicolon) + 1;

struct Token {
    Tok kind = Tok::End;
    bool newline = false;  // a line break stands before it
    bool damaged = false;  // something that was reported stands before it
    uint16_t builtin = 0;  // Name: index in Builtins, 0 if none has this name
    uint32_t begin = 0, end = 0;
    union {
        uint64_t integer = 0;  // Int
        double number;         // Float
        uint64_t hash;         // Name, Quoted
    };

    Span span() const { return {begin, end}; }
};

}  // namespace exprjit::lang
