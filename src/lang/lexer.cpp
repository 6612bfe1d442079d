// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/lexer.h"

#include <array>
#include <charconv>

#include "lang/utf8.h"

namespace exprjit::lang {

namespace {

enum class Class : uint8_t { Other, Space, Newline, Letter, Digit, High };

constexpr auto kClasses = [] {
    std::array<Class, 256> table{};
    for (const unsigned char c : {' ', '\t', '\r', '\f', '\v'}) table[c] = Class::Space;
    table['\n'] = Class::Newline;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = Class::Letter;
    table['_'] = Class::Letter;
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = Class::Digit;
    for (unsigned c = 0x80; c < 0x100; ++c) table[c] = Class::High;
    return table;
}();

inline Class class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

}  // namespace

void Lexer::reset(std::string_view text, const Builtins& builtins, Diagnostics& diagnostics, size_t from) {
    begin_ = text.data();
    p_ = begin_ + from;
    end_ = begin_ + text.size();
    builtins_ = &builtins;
    diagnostics_ = &diagnostics;
    seed_ = builtins.seed();
}

void Lexer::next(Token& out) {
    out.newline = out.damaged = false;
    out.builtin = 0;
    while (p_ < end_) {
        const char* start = p_;
        out.begin = offset(start);
        switch (class_of(*p_)) {
        case Class::Newline: out.newline = true; [[fallthrough]];
        case Class::Space: ++p_; continue;
        case Class::Letter: name(out, start); return;
        case Class::Digit: number(out); return;
        case Class::High:
            if (wide(out)) return;
            continue;
        case Class::Other: break;
        }
        if (*p_ == '#') {
            while (p_ < end_ && *p_ != '\n') ++p_;
            continue;
        }
        if (*p_ == '/' && p_ + 1 < end_ && p_[1] == '*') {
            block_comment();
            continue;
        }
        if (*p_ == '`') {
            backquoted(out);
            return;
        }
        if (*p_ == '.' && p_ + 1 < end_ && class_of(p_[1]) == Class::Digit) {
            number(out);
            return;
        }
        if (symbol(out)) {
            out.end = offset(p_);
            return;
        }
        unexpected(1, static_cast<unsigned char>(*p_));
        out.damaged = true;
        if (diagnostics_->full()) break;
    }
    p_ = end_;
    out.kind = Tok::End;
    out.begin = out.end = offset(end_);
}

void Lexer::block_comment() {
    const char* start = p_;
    const std::string_view rest(p_ + 2, static_cast<size_t>(end_ - p_ - 2));
    const size_t close = rest.find("*/");
    if (close == std::string_view::npos) {
        p_ = end_;
        diagnostics_->report(Problem::UnclosedComment, {offset(start), offset(start) + 2},
                             "this comment is never closed", "end it with */");
        return;
    }
    p_ += 2 + close + 2;
}

void Lexer::name(Token& out, const char* start) {
    NameHash hash(seed_);
    for (; p_ < end_; ++p_) {
        const Class c = class_of(*p_);
        if (c == Class::Letter || c == Class::Digit) {
            hash.add(*p_);
            continue;
        }
        if (c != Class::High) break;
        char32_t wide_char = 0;
        const uint32_t length = decode_utf8(p_, end_, wide_char);
        if (length == 0 || classify(wide_char) != Wide::Letter) break;
        for (uint32_t i = 0; i < length; ++i) hash.add(p_[i]);
        p_ += length - 1;
    }
    out.end = offset(p_);
    out.hash = hash.finish();
    out.kind = Tok::Name;
    out.builtin = builtins_->find({start, static_cast<size_t>(p_ - start)}, out.hash);
    if (out.builtin != 0) {
        const Builtins::Entry& entry = builtins_->entry(out.builtin);
        if (entry.kind == Builtins::Kind::Word) out.kind = entry.word;
    }
}

// `a name`; the quote itself is written twice inside. The token spans the quotes, and the hash is that of the name.
void Lexer::backquoted(Token& out) {
    const char* start = p_++;
    NameHash hash(seed_);
    size_t length = 0;
    for (;; ++p_, ++length) {
        if (p_ == end_ || *p_ == '\n') {
            diagnostics_->report(Problem::UnclosedQuote, span_from(start), "this quoted name is never closed",
                                 "end it with a backquote on the same line");
            out.kind = Tok::Invalid;
            out.end = offset(p_);
            return;
        }
        if (class_of(*p_) == Class::High) {
            char32_t c = 0;
            const uint32_t bytes = decode_utf8(p_, end_, c);
            if (bytes == 0) {
                diagnostics_->report(Problem::InvalidUtf8, {offset(p_), offset(p_) + 1}, "the text is not valid UTF-8");
            } else {
                for (uint32_t i = 0; i + 1 < bytes; ++i) hash.add(*p_++);
            }
        } else if (*p_ == '`') {
            if (p_ + 1 == end_ || p_[1] != '`') break;
            ++p_;
        }
        hash.add(*p_);
    }
    ++p_;
    out.end = offset(p_);
    out.hash = hash.finish();
    out.kind = Tok::Quoted;
    if (length == 0) {
        diagnostics_->report(Problem::UnclosedQuote, span_from(start), "a quoted name must not be empty");
        out.kind = Tok::Invalid;
    }
}

// A character past ASCII. False if it is not part of a token: it was passed over.
bool Lexer::wide(Token& out) {
    char32_t c = 0;
    const uint32_t length = decode_utf8(p_, end_, c);
    if (length == 0) {
        const char* start = p_;
        while (p_ < end_ && class_of(*p_) == Class::High && decode_utf8(p_, end_, c) == 0) ++p_;
        diagnostics_->report(Problem::InvalidUtf8, span_from(start), "the text is not valid UTF-8",
                             "save it as UTF-8, without a byte of another encoding");
        out.damaged = true;
        return false;
    }
    switch (classify(c)) {
    case Wide::Letter: name(out, p_); return true;
    case Wide::Space: p_ += length; return false;
    case Wide::Sqrt: out.kind = Tok::Sqrt; break;
    case Wide::Times: out.kind = Tok::Star; break;
    case Wide::Divide: out.kind = Tok::Slash; break;
    case Wide::Minus: out.kind = Tok::Minus; break;
    case Wide::LessEqual: out.kind = Tok::Le; break;
    case Wide::GreaterEqual: out.kind = Tok::Ge; break;
    case Wide::NotEqual: out.kind = Tok::Ne; break;
    case Wide::Refused:
        unexpected(length, c);
        out.damaged = true;
        return false;
    }
    p_ += length;
    out.end = offset(p_);
    return true;
}

bool Lexer::symbol(Token& out) {
    const char c = *p_++;
    const auto either = [&](char second, Tok two, Tok one) {
        const bool is_two = starts(second);
        if (is_two) ++p_;
        out.kind = is_two ? two : one;
        return true;
    };
    switch (c) {
    case '+': out.kind = Tok::Plus; return true;
    case '-': out.kind = Tok::Minus; return true;
    case '*': return either('*', Tok::Power, Tok::Star);
    case '/': return either('/', Tok::SlashSlash, Tok::Slash);
    case '%': out.kind = Tok::Percent; return true;
    case '^': out.kind = Tok::Caret; return true;
    case '~': out.kind = Tok::Tilde; return true;
    case '&': return either('&', Tok::And, Tok::Amp);
    case '|': return either('|', Tok::Or, Tok::Pipe);
    case '=': return either('=', Tok::Eq, Tok::Assign);
    case '!': return either('=', Tok::Ne, Tok::Bang);
    case '<':
        if (starts('<')) return either('<', Tok::Shl, Tok::Lt);
        return either('=', Tok::Le, Tok::Lt);
    case '>':
        if (starts('>')) return either('>', Tok::Shr, Tok::Gt);
        return either('=', Tok::Ge, Tok::Gt);
    case '?': out.kind = Tok::Question; return true;
    case ':': out.kind = Tok::Colon; return true;
    case '(': out.kind = Tok::LParen; return true;
    case ')': out.kind = Tok::RParen; return true;
    case ',': out.kind = Tok::Comma; return true;
    case ';': out.kind = Tok::Semicolon; return true;
    default: --p_; return false;
    }
}

// Reports a run of the same character once, and passes over it.
void Lexer::unexpected(uint32_t length, char32_t c) {
    const char* start = p_;
    const std::string_view one(p_, length);
    while (static_cast<size_t>(end_ - p_) >= length && std::string_view(p_, length) == one) p_ += length;
    std::string message, hint;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
        (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) {
        char hex[8];
        const auto written = std::to_chars(hex, hex + sizeof hex, static_cast<uint32_t>(c), 16);
        message = "unexpected invisible character U+" +
                  std::string(4 - std::min<size_t>(4, static_cast<size_t>(written.ptr - hex)), '0') +
                  std::string(hex, written.ptr);
        hint = "delete it";
    } else {
        message = "unexpected character " + quoted(one);
        switch (c) {
        case U'[':
        case U']':
        case U'{':
        case U'}': hint = "group with ( and )"; break;
        case U'"':
        case U'\'':
        case 0x2018:
        case 0x2019:
        case 0x201c:
        case 0x201d: hint = "there are no strings here; a name with spaces stands in `backquotes`"; break;
        case 0x2013:
        case 0x2014: hint = "write - for minus"; break;
        case 0x00b2: hint = "write ^2"; break;
        case 0x00b3: hint = "write ^3"; break;
        case 0x2227: hint = "write and"; break;
        case 0x2228: hint = "write or"; break;
        case 0x00b7:
        case 0x22c5: hint = "write * for multiplication"; break;
        case 0x00ac: hint = "write not"; break;
        case U'.': hint = "a number needs a digit beside its point; a name with a point stands in `backquotes`"; break;
        case U'@':
        case U'$':
        case U'\\': hint = "a name with unusual characters stands in `backquotes`"; break;
        default:
            if (c >= 0xff01 && c <= 0xff5e) hint = "write " + std::string(1, static_cast<char>(c - 0xfee0));
            break;
        }
    }
    diagnostics_->report(Problem::UnexpectedCharacter, span_from(start), std::move(message), std::move(hint));
}

}  // namespace exprjit::lang
