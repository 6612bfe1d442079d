// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>

#include "lang/token.h"

namespace exprjit::lang {

// Binding strength, tighter is higher. 0 is for barriers, which nothing reduces past.
enum Precedence : uint8_t {
    kBody = 1,  // of a let
    kConditional,
    kOr,
    kAnd,
    kNot,
    kComparison,
    kBitOr,
    kBitXor,
    kBitAnd,
    kShift,
    kSum,
    kProduct,
    kUnary,
    kPower,
};

// How a token stands between two values.
struct Rule {
    uint8_t precedence = 0;  // 0: no binary operator
    bool right = false;
};

inline constexpr auto kRules = [] {
    std::array<Rule, kTokCount> t{};
    const auto set = [&](Tok tok, uint8_t precedence, bool right = false) {
        t[static_cast<size_t>(tok)] = {precedence, right};
    };
    set(Tok::Plus, kSum), set(Tok::Minus, kSum);
    set(Tok::Star, kProduct), set(Tok::Slash, kProduct), set(Tok::SlashSlash, kProduct), set(Tok::Percent, kProduct);
    set(Tok::Power, kPower, true), set(Tok::Caret, kPower, true);
    set(Tok::Shl, kShift), set(Tok::Shr, kShift);
    set(Tok::Amp, kBitAnd), set(Tok::Xor, kBitXor), set(Tok::Pipe, kBitOr);
    set(Tok::And, kAnd), set(Tok::Or, kOr);
    for (Tok tok : {Tok::Eq, Tok::Ne, Tok::Lt, Tok::Le, Tok::Gt, Tok::Ge}) set(tok, kComparison);
    return t;
}();

// Whether a value can begin with this token.
constexpr bool starts_operand(Tok t) {
    return (t >= Tok::Int && t <= Tok::False) || (t >= Tok::Not && t <= Tok::Minus) || t == Tok::LParen ||
           t == Tok::Let;
}

}  // namespace exprjit::lang
