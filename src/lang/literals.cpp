// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Numbers written in the text: they have no type until they meet one, and arithmetic between integers is exact.
#include <bit>
#include <charconv>
#include <cmath>

#include "lang/parser.h"

namespace exprjit::lang {

Operand Parser::integer_literal(int64_t value, Span span) {
    Operand o = single(Do::Literal, Scalar::I64, Ty::WeakInt, span, static_cast<uint64_t>(value));
    o.literal = true;
    o.integer = value;
    return o;
}

Operand Parser::float_literal(double value, Span span) {
    Operand o = single(Do::Literal, Scalar::F64, Ty::WeakFloat, span, std::bit_cast<uint64_t>(value));
    o.literal = true;
    o.number = value;
    return o;
}

// Reports an integer result that i64 cannot hold; `about` is its value as a float.
void Parser::overflow(Operand& a, double about) {
    std::string hint;
    if (std::isfinite(about)) {
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, about).ptr;
        bool is_whole = true;
        for (const char* p = text; p < end; ++p) {
            if (*p != '+') hint += *p;
            is_whole &= *p != '.' && *p != 'e';
        }
        hint = "for a float write " + hint + (is_whole ? ".0" : "");
    }
    report(Problem::IntegerOverflow, a.span,
           "this integer does not fit i64 (-9223372036854775808 … 9223372036854775807)", std::move(hint));
    a.ty = Ty::Error;
}

// Whether a literal stands for a value; only 2^63 without a minus does not.
bool Parser::fits(Operand& o) {
    if (!o.magnitude) return true;
    overflow(o, 9223372036854775808.0);
    o.magnitude = false;
    return false;
}

// Whether a weak integer may be one that i32 cannot hold. -2^31 counts as such, so that a sign never changes the answer.
bool Parser::may_be_wide(const Operand& o) {
    if (o.ty != Ty::WeakInt) return false;
    return o.literal ? o.integer < -INT32_MAX || o.integer > INT32_MAX : o.wide;
}

// The common type of two operands. A literal that does not fit i32 is refused where it meets one; a weak integer that is
// only known when it runs, such as c ? 5000000000 : 1, makes the operation wider instead of losing its upper half.
Ty Parser::common_type(const Operand& a, const Operand& b) {
    const Ty t = promote(a.ty, b.ty);
    if (t != Ty::I32) return t;
    return (!a.literal && may_be_wide(a)) || (!b.literal && may_be_wide(b)) ? Ty::I64 : t;
}

// Gives a literal its type. Other operands are converted by the instruction that uses them, so nothing happens to them.
bool Parser::coerce(Operand& o, Scalar type) {
    if (!o.literal) return o.ty != Ty::Error;
    if (!fits(o)) return false;
    uint64_t bits = 0;
    const bool is_integer = o.ty == Ty::WeakInt;
    switch (type) {
    case Scalar::Bool: bits = is_integer ? o.integer != 0 : o.number != 0; break;
    case Scalar::I32:
        if (o.integer < INT32_MIN || o.integer > INT32_MAX) {
            report(Problem::LiteralDoesNotFit, o.span,
                   "this number does not fit i32 (-2147483648 … 2147483647), the type it is used as",
                   "make the computation wider with i64(…) or f64(…)");
            o.ty = Ty::Error;
            return false;
        }
        bits = static_cast<uint32_t>(o.integer);
        break;
    case Scalar::I64:
        bits = static_cast<uint64_t>(o.integer);
        o.wide = may_be_wide(o);
        break;
    case Scalar::F32:
        bits = std::bit_cast<uint32_t>(is_integer ? static_cast<float>(o.integer) : static_cast<float>(o.number));
        break;
    case Scalar::F64: bits = std::bit_cast<uint64_t>(is_integer ? static_cast<double>(o.integer) : o.number); break;
    }
    Code& literal = out_.code[o.last];
    literal.type = type;
    literal.span = o.span;
    literal.payload = bits;
    o.literal = false;
    return true;
}

// A weak integer becomes a weak float.
void Parser::as_float(Operand& o) {
    if (o.ty != Ty::WeakInt) return;
    o.ty = Ty::WeakFloat;
    if (o.literal) o.number = static_cast<double>(o.integer);
}

// a op b for two literals, into a. False if the operation is none that is done here.
bool Parser::fold_arithmetic(Op op, Operand& a, const Operand& b) {
    if (a.ty == Ty::WeakInt && b.ty == Ty::WeakInt && op != Op::Div) {
        const int64_t x = a.integer, y = b.integer;
        const auto dx = static_cast<double>(x), dy = static_cast<double>(y);
        switch (op) {
        case Op::Add:
            if (__builtin_add_overflow(x, y, &a.integer)) overflow(a, dx + dy);
            return true;
        case Op::Sub:
            if (__builtin_sub_overflow(x, y, &a.integer)) overflow(a, dx - dy);
            return true;
        case Op::Mul:
            if (__builtin_mul_overflow(x, y, &a.integer)) overflow(a, dx * dy);
            return true;
        case Op::FloorDiv:
            if (y == 0)
                a.integer = 0;
            else if (y == -1 && x == INT64_MIN)
                overflow(a, -dx);
            else
                a.integer = x / y - (x % y != 0 && (x < 0) != (y < 0) ? 1 : 0);
            return true;
        case Op::Mod:
            if (y == 0 || y == -1)
                a.integer = 0;
            else
                a.integer = x % y + (x % y != 0 && (x < 0) != (y < 0) ? y : 0);
            return true;
        default: return false;
        }
    }
    const double x = a.ty == Ty::WeakInt ? static_cast<double>(a.integer) : a.number;
    const double y = b.ty == Ty::WeakInt ? static_cast<double>(b.integer) : b.number;
    double result = 0;
    switch (op) {
    case Op::Add: result = x + y; break;
    case Op::Sub: result = x - y; break;
    case Op::Mul: result = x * y; break;
    case Op::Div: result = x / y; break;
    default: return false;  // floor division and modulo of floats are left to their one definition in the IR
    }
    a.ty = Ty::WeakFloat;
    a.number = result;
    return true;
}

bool Parser::fold_bits(Op op, Operand& a, const Operand& b) {
    const int64_t x = a.integer, y = b.integer;
    switch (op) {
    case Op::And: a.integer = x & y; return true;
    case Op::Or: a.integer = x | y; return true;
    case Op::Xor: a.integer = x ^ y; return true;
    case Op::Shl:
    case Op::Shr:
        if (y < 0) {
            report(Problem::NegativeShift, b.span, "a shift count must not be negative",
                   op == Op::Shl ? "shift the other way with >>" : "shift the other way with <<");
            a.ty = Ty::Error;
        } else if (op == Op::Shr) {
            a.integer = x >> (y > 63 ? 63 : y);
        } else if (x != 0) {
            const bool lost = y > 63 || (x << y) >> y != x;
            if (lost)
                overflow(a, std::ldexp(static_cast<double>(x), static_cast<int>(y > 4096 ? 4096 : y)));
            else
                a.integer = x << y;
        }
        return true;
    default: return false;
    }
}

// a ** exponent, exactly. The exponent is not negative.
void Parser::fold_power(Operand& a, int64_t exponent) {
    const int64_t base = a.integer;
    if (base == 0 || base == 1 || base == -1) {
        a.integer = exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
        return;
    }
    int64_t result = 1;
    for (int64_t i = 0; i < exponent; ++i) {  // at most 63 steps before it overflows
        int64_t next = 0;
        if (!__builtin_mul_overflow(result, base, &next)) {
            result = next;
            continue;
        }
        uint64_t magnitude = 0;
        if (i + 1 == exponent && base > 0 &&
            !__builtin_mul_overflow(static_cast<uint64_t>(result), static_cast<uint64_t>(base), &magnitude) &&
            magnitude == uint64_t{1} << 63) {
            a.integer = INT64_MIN;  // -2**63 fits
            a.magnitude = true;
        } else {
            overflow(a, std::pow(static_cast<double>(base), static_cast<double>(exponent)));
        }
        return;
    }
    a.integer = result;
}

}  // namespace exprjit::lang
