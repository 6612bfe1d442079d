// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The part of the lexer that reads numbers. Decimal floats are correctly rounded: exactly by one multiplication or
// division where both parts are exact in f64, else by std::from_chars.
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "lang/lexer.h"

namespace exprjit::lang {

namespace {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

inline unsigned digit_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 99;
}

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

void Lexer::finish_number(Token& out, const char* start, const char* wrong) {
    out.end = offset(p_);
    if (wrong == nullptr) return;
    // The rest of the word belongs to the mistake: 0xZZ, 1__0.
    while (p_ < end_ && (is_digit(*p_) || is_letter(*p_))) ++p_;
    out.end = offset(p_);
    out.kind = Tok::Invalid;
    diagnostics_->report(Problem::BadNumber, span_from(start), wrong);
}

void Lexer::number(Token& out) {
    const char* start = p_;
    if (*p_ == '0' && p_ + 1 < end_) {
        switch (p_[1]) {
        case 'x':
        case 'X': return prefixed_integer(out, 16);
        case 'o':
        case 'O': return prefixed_integer(out, 8);
        case 'b':
        case 'B': return prefixed_integer(out, 2);
        default: break;
        }
    }
    uint64_t mantissa = 0;  // of all digits; only meaningful while `digits` stays within 19
    int64_t digits = 0, exponent = 0;
    bool separators = false, is_float = false, misplaced = false;
    const auto run = [&] {
        const char* first = p_;
        while (p_ < end_ && (is_digit(*p_) || *p_ == '_')) {
            if (*p_ == '_') {
                separators = true;
                misplaced |= p_ == first || p_ + 1 == end_ || !is_digit(p_[1]);
            } else {
                if (mantissa != 0 || *p_ != '0') ++digits;
                if (digits <= 19) mantissa = mantissa * 10 + static_cast<unsigned>(*p_ - '0');
            }
            ++p_;
        }
    };
    run();
    const bool point = p_ < end_ && *p_ == '.';
    if (point) {
        is_float = true;
        const char* fraction = ++p_;
        run();
        for (const char* q = fraction; q < p_; ++q) exponent -= *q != '_';
    }
    if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
        const char* q = p_ + 1;
        const bool negative = q < end_ && *q == '-';
        if (q < end_ && (*q == '-' || *q == '+')) ++q;
        if (q < end_ && is_digit(*q)) {
            is_float = true;
            int64_t written = 0;
            for (; q < end_ && (is_digit(*q) || *q == '_'); ++q) {
                if (*q == '_') {
                    separators = true;
                    misplaced |= q + 1 == end_ || !is_digit(q[1]);
                } else if (written < 100'000'000) {
                    written = written * 10 + (*q - '0');
                }
            }
            exponent += negative ? -written : written;
            p_ = q;
        } else {
            p_ = q;
            return finish_number(out, start, "the exponent of this number has no digits");
        }
    }
    if (misplaced) return finish_number(out, start, "_ may only stand between two digits");
    if (p_ < end_ && *p_ == '.') {
        while (p_ < end_ && (is_digit(*p_) || *p_ == '.')) ++p_;
        return finish_number(out, start, "this number has more than one point");
    }
    if (!is_float) {
        out.kind = Tok::Int;
        // 2^63 itself is left to the parser, which knows whether a minus stands before it.
        const bool fits = digits < 19 || (digits == 19 && mantissa <= uint64_t{1} << 63);
        out.integer = mantissa;
        finish_number(out, start, nullptr);
        if (fits) return;
        out.kind = Tok::Invalid;
        std::string hint = "write it as a float: ";
        hint.append(start, p_) += ".0";
        if (hint.size() > 60) hint = "write it as a float, such as 1e20";
        diagnostics_->report(Problem::IntegerOverflow, span_from(start),
                             "this integer does not fit i64 (at most 9223372036854775807)", std::move(hint));
        return;
    }
    out.kind = Tok::Float;
    finish_number(out, start, nullptr);
    if (digits <= 19 && mantissa <= uint64_t{1} << 53 && exponent >= -22 && exponent <= 22) {
        const double whole = static_cast<double>(mantissa);
        out.number = exponent < 0 ? whole / kPowersOfTen[-exponent] : whole * kPowersOfTen[exponent];
        return;
    }
    const char* first = start;
    const char* last = p_;
    if (separators) {
        digits_.clear();
        for (const char* q = start; q < p_; ++q)
            if (*q != '_') digits_ += *q;
        first = digits_.data();
        last = first + digits_.size();
    }
    double value = 0;
    const auto result = std::from_chars(first, last, value);
    if (result.ec == std::errc::result_out_of_range) {
        // Too small is correctly rounded to 0; too large has no value.
        value = digits == 0 || digits + exponent < 0 ? 0.0 : std::numeric_limits<double>::infinity();
    }
    out.number = value;
    if (std::isinf(value)) {
        out.kind = Tok::Invalid;
        diagnostics_->report(Problem::NumberTooLarge, span_from(start),
                             "this number is larger than the largest f64, 1.7976931348623157e308",
                             "write inf for infinity");
    }
}

void Lexer::prefixed_integer(Token& out, unsigned base) {
    const char* start = p_;
    p_ += 2;
    uint64_t value = 0;
    bool overflow = false, misplaced = false, any = false;
    for (; p_ < end_; ++p_) {
        if (*p_ == '_') {
            misplaced |= p_ + 1 == end_ || digit_value(p_[1]) >= base;
            continue;
        }
        const unsigned d = digit_value(*p_);
        if (d >= base) break;
        any = true;
        overflow |= value > (UINT64_MAX - d) / base;
        value = value * base + d;
    }
    if (base == 16 && p_ < end_ && (*p_ == '.' || *p_ == 'p' || *p_ == 'P')) {
        p_ = start;
        return hex_float(out);
    }
    if (!any) return finish_number(out, start, "digits are missing after this prefix");
    if (misplaced) return finish_number(out, start, "_ may only stand between two digits");
    if (p_ < end_ && (is_digit(*p_) || is_letter(*p_)))
        return finish_number(out, start,
                             base == 2   ? "a binary number only has the digits 0 and 1"
                             : base == 8 ? "an octal number only has the digits 0 to 7"
                                         : "a hexadecimal number only has the digits 0 to 9 and a to f");
    out.kind = Tok::Int;
    out.integer = value;
    finish_number(out, start, nullptr);
    if (overflow || value > uint64_t{1} << 63) {
        out.kind = Tok::Invalid;
        diagnostics_->report(Problem::IntegerOverflow, span_from(start),
                             "this integer does not fit i64 (at most 0x7fffffffffffffff)",
                             "i64 is signed: write a pattern with the top bit set as a negative number");
    }
}

// 0x1.8p3. The exponent is optional, as in Python's float.fromhex.
void Lexer::hex_float(Token& out) {
    const char* start = p_;
    p_ += 2;
    digits_.clear();
    bool any = false, point = false;
    for (; p_ < end_; ++p_) {
        if (*p_ == '_') continue;
        if (*p_ == '.' && !point) {
            point = true;
        } else if (digit_value(*p_) < 16) {
            any = true;
        } else {
            break;
        }
        digits_ += *p_;
    }
    if (p_ < end_ && (*p_ == 'p' || *p_ == 'P')) {
        digits_ += *p_++;
        if (p_ < end_ && (*p_ == '+' || *p_ == '-')) digits_ += *p_++;
        if (p_ == end_ || !is_digit(*p_)) return finish_number(out, start, "the exponent of this number has no digits");
        while (p_ < end_ && is_digit(*p_)) digits_ += *p_++;
    }
    if (!any) return finish_number(out, start, "digits are missing after this prefix");
    if (p_ < end_ && (is_digit(*p_) || is_letter(*p_)))
        return finish_number(out, start, "a hexadecimal number only has the digits 0 to 9 and a to f");
    const char* first = digits_.data();
    double value = 0;
    const auto result = std::from_chars(first, first + digits_.size(), value, std::chars_format::hex);
    if (result.ec == std::errc::result_out_of_range) {
        // The magnitude lies far outside, so the sign of the exponent decides; without one only the digits
        // can be too many.
        const size_t p = digits_.find_first_of("pP");
        value = p != std::string::npos && digits_[p + 1] == '-' ? 0.0 : std::numeric_limits<double>::infinity();
    }
    out.kind = Tok::Float;
    out.number = value;
    finish_number(out, start, nullptr);
    if (std::isinf(value)) {
        out.kind = Tok::Invalid;
        diagnostics_->report(Problem::NumberTooLarge, span_from(start),
                             "this number is larger than the largest f64, 0x1.fffffffffffffp+1023",
                             "write inf for infinity");
    }
}

}  // namespace exprjit::lang
