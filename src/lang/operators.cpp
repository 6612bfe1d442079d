// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What operators mean for the types of their operands. Each takes its operands by reference, makes the first one the
// result, and leaves the others to be dropped. An operand of type Error was reported; so is what is made of it.
#include "lang/parser.h"

namespace exprjit::lang {

uint32_t Parser::add(Do what, Op op, Scalar type, Span span, uint64_t payload, uint8_t flags) {
    out_.code.push_back({what, op, type, flags, kNone, span, payload});
    return static_cast<uint32_t>(out_.code.size() - 1);
}

// Appends an instruction to an operand's code.
void Parser::append(Operand& a, Do what, Op op, Scalar type, uint64_t payload, uint8_t flags) {
    const uint32_t n = add(what, op, type, a.span, payload, flags);
    if (a.first == kNone)
        a.first = n;
    else
        out_.code[a.last].next = n;
    a.last = n;
}

// Appends the code of `b` to that of `a`.
void Parser::link(Operand& a, const Operand& b) {
    a.effects |= b.effects;
    a.reduces |= b.reduces;
    a.guarded |= b.guarded;
    if (b.first == kNone) return;
    if (a.first == kNone)
        a.first = b.first;
    else
        out_.code[a.last].next = b.first;
    a.last = b.last;
}

Operand Parser::single(Do what, Scalar type, Ty ty, Span span, uint64_t payload) {
    Operand o;
    o.first = o.last = add(what, Op::Const, type, span, payload);
    o.span = span;
    o.ty = ty;
    return o;
}

Operand Parser::error_operand(Span span) const {
    Operand o;
    o.span = span;
    return o;
}

void Parser::reduce_prefix(const Pending& p) {
    Operand& a = operands_.back();
    const bool fitting =
        p.op != Tok::Tilde || a.ty == Ty::Error || needs_integer(a, "~", "not x is its logical opposite");
    a.span = cover(p.span, a.span);
    if (!fitting || a.ty == Ty::Error) return;
    switch (p.op) {
    case Tok::Minus: negate(a); return;
    case Tok::Plus:
        if (a.literal) {
            if (!fits(a)) return;
        } else if (a.ty == Ty::Bool) {
            cast(a, Scalar::I32);
        }
        return;
    case Tok::Tilde:
        if (a.literal) {
            if (fits(a)) a.integer = ~a.integer;
            return;
        }
        append(a, Do::Value, Op::Not, natural(a.ty), 1);
        return;
    case Tok::Sqrt: {
        const Ty t = float_of(a.ty);
        call_value(Op::Sqrt, natural(t), {&a, 1}, t, a.span);
        return;
    }
    default:  // not, !
        settle(a);
        if (a.ty == Ty::Error) return;
        append(a, Do::Invert, Op::Not, Scalar::Bool);
        a.ty = Ty::Bool;
        return;
    }
}

void Parser::negate(Operand& a) {
    if (a.literal && a.ty == Ty::WeakInt) {
        // The literal 2^63 was read as the smallest integer, which is what its negation is.
        if (a.magnitude)
            a.magnitude = false;
        else if (a.integer == INT64_MIN)
            overflow(a, 9223372036854775808.0);
        else
            a.integer = -a.integer;
        return;
    }
    if (a.literal) {
        a.number = -a.number;
        return;
    }
    if (a.ty == Ty::Bool) a.ty = Ty::I32;
    append(a, Do::Value, Op::Neg, natural(a.ty), 1);
}

void Parser::reduce_binary(const Pending& p, bool chained) {
    Operand& a = operands_[operands_.size() - 2];
    Operand& b = operands_.back();
    const Span span = cover(a.span, b.span);
    const bool is_missing = p.op == Tok::Invalid;  // an operator that recovery made up
    if (a.ty == Ty::Error || b.ty == Ty::Error || is_missing) {
        a = error_operand(span);
        operands_.pop_back();
        return;
    }
    switch (p.op) {
    case Tok::Plus: arithmetic(Op::Add, a, b); break;
    case Tok::Minus: arithmetic(Op::Sub, a, b); break;
    case Tok::Star: arithmetic(Op::Mul, a, b); break;
    case Tok::Slash: arithmetic(Op::Div, a, b); break;
    case Tok::SlashSlash: floor_division(Op::FloorDiv, a, b, p.span); break;
    case Tok::Percent: floor_division(Op::Mod, a, b, p.span); break;
    case Tok::Power: power(a, b, p.span); break;
    case Tok::Caret:
        if (options_->caret == Caret::Strict && is_integer(a.ty) && is_integer(b.ty)) {
            report(Problem::AmbiguousCaret, p.span, "^ between integers could mean power or exclusive or",
                   "write ** for power, xor for exclusive or");
            a.ty = Ty::Error;
            break;
        }
        power(a, b, p.span);
        break;
    case Tok::Shl: shift(Op::Shl, a, b); break;
    case Tok::Shr: shift(Op::Shr, a, b); break;
    case Tok::Amp: bitwise(Op::And, a, b); break;
    case Tok::Pipe: bitwise(Op::Or, a, b); break;
    case Tok::Xor: bitwise(Op::Xor, a, b, text_of(p.span) == "^"); break;
    case Tok::And: logic(Op::And, a, b); break;
    case Tok::Or: logic(Op::Or, a, b); break;
    default:  // the comparisons stand in the same order in both enumerations
        compare(static_cast<Op>(static_cast<int>(Op::Eq) + static_cast<int>(p.op) - static_cast<int>(Tok::Eq)), a, b,
                chained);
    }
    operands_.pop_back();
}

// Types a and b as `type` and makes one piece of code of them. False, after a report, if a literal does not fit.
bool Parser::pair(Operand& a, Operand& b, Scalar type) {
    const bool left = coerce(a, type), right = coerce(b, type);
    link(a, b);
    a.span = cover(a.span, b.span);
    return left && right;
}

// Whether both are literals that stand for a value; a is then the place for the result. `a` turns to Error after a
// report.
bool Parser::both_literal(Operand& a, Operand& b) {
    if (!a.literal || !b.literal) return false;
    const bool left = fits(a), right = fits(b);
    if (!left || !right) {
        a.ty = Ty::Error;
        return false;
    }
    a.span = cover(a.span, b.span);
    return true;
}

// + - * and shifts by promotion; / too, but it divides integers as f64.
void Parser::arithmetic(Op op, Operand& a, Operand& b) {
    if (a.ty == Ty::F64 && b.ty == Ty::F64 && !a.literal && !b.literal) {  // most of what is written: nothing to decide
        link(a, b);
        a.span = cover(a.span, b.span);
        append(a, Do::Value, op, Scalar::F64, 2);
        return;
    }
    if (both_literal(a, b) && fold_arithmetic(op, a, b)) return;
    if (a.ty == Ty::Error) return;
    Ty t = common_type(a, b);
    if (op == Op::Div) t = float_of(t);
    const bool wide = op != Op::Shr || may_be_wide(a);
    const bool ok = pair(a, b, natural(t));
    append(a, Do::Value, op, natural(t), 2);
    a.ty = ok ? t : Ty::Error;
    a.wide = wide;
}

// // and %: between integers with a check of the divisor where the caller wants an error. `at` is the operator.
void Parser::floor_division(Op op, Operand& a, Operand& b, Span at) {
    if (!is_integer(promote(a.ty, b.ty))) {
        arithmetic(op, a, b);
        return;
    }
    if (divides_by_zero(b)) {
        a.ty = Ty::Error;
        return;
    }
    if (both_literal(a, b) && fold_arithmetic(op, a, b)) return;
    if (a.ty != Ty::Error) divide_integers(op, a, b, at);
}

// Reports a literal zero where the caller wants division by zero to be an error.
bool Parser::divides_by_zero(Operand& b) {
    if (!b.literal || b.integer != 0 || options_->div_mode != DivMode::Error) return false;
    report(Problem::LiteralZeroDivisor, b.span, "this divides an integer by zero",
           "divide by the float 0.0 for infinity or NaN");
    return true;
}

// Integers a, b by FloorDiv, Mod or Rem. A literal divisor is not zero.
void Parser::divide_integers(Op op, Operand& a, Operand& b, Span at) {
    const Ty t = common_type(a, b);
    const bool checked = !b.literal && options_->div_mode == DivMode::Error;
    const bool wide = may_be_wide(a) || may_be_wide(b);
    const bool ok = pair(a, b, natural(t));
    append(a, Do::Divide, op, natural(t), pack(at), checked ? kChecked : 0);
    a.effects |= checked;
    a.ty = ok ? t : Ty::Error;
    a.wide = wide;
}

void Parser::power(Operand& a, Operand& b, Span at) {
    const bool known = b.literal && b.ty == Ty::WeakInt;
    if (known && !fits(b)) {
        a.ty = Ty::Error;
        return;
    }
    if (known && is_integer(a.ty) && b.integer < 0) {
        // 10**-3 is 0.001: a negative literal exponent takes the base to f64.
        if (a.ty == Ty::WeakInt) {
            if (!fits(a)) return;
            as_float(a);
        } else {
            cast(a, Scalar::F64);
        }
    }
    if (known && a.literal && a.ty == Ty::WeakInt) {
        if (both_literal(a, b)) fold_power(a, b.integer);
        return;
    }
    if (known && b.integer >= -16 && b.integer <= 16) {
        if (a.ty == Ty::Bool) a.ty = Ty::I32;
        const Scalar type = natural(a.ty);
        settle(a);
        a.span = cover(a.span, b.span);
        append(a, Do::PowerBy, Op::Powi, type, static_cast<uint64_t>(b.integer));
        a.wide = true;
        return;
    }
    const Ty t = common_type(a, b);
    const bool checked = is_integer(t) && !known && b.ty != Ty::Bool;
    const bool ok = pair(a, b, natural(t));
    if (is_integer(t))
        append(a, Do::IntPower, Op::IntPow, natural(t), pack(at), checked ? kChecked : 0);
    else
        append(a, Do::Value, Op::Pow, natural(t), 2);
    a.effects |= checked;
    a.ty = ok ? t : Ty::Error;
    a.wide = true;
}

// False, after a report, if `o` is a float. `what` is the operator or function.
bool Parser::needs_integer(Operand& o, std::string_view what, std::string_view hint) {
    if (is_integer(o.ty)) return true;
    std::string message(what);
    message += " needs integers, and this is ";
    message += is_weak(o.ty) ? "a float" : exprjit::name_of(natural(o.ty));
    report(Problem::NeedsInteger, o.span, std::move(message), std::string(hint));
    o.ty = Ty::Error;
    return false;
}

// `caret`: exclusive or that was written ^, which is power elsewhere.
void Parser::bitwise(Op op, Operand& a, Operand& b, bool caret) {
    const char* hint = op == Op::And  ? "for conditions write and; for bits convert with i64(…)"
                       : op == Op::Or ? "for conditions write or; for bits convert with i64(…)"
                       : caret        ? "^ is exclusive or here; power is written **"
                                      : "convert with i64(…)";
    const char* what = op == Op::And ? "&" : op == Op::Or ? "|" : caret ? "^" : "xor";
    const bool left = needs_integer(a, what, hint), right = needs_integer(b, what, hint);
    if (!left || !right) {
        a.ty = Ty::Error;
        return;
    }
    if (both_literal(a, b) && fold_bits(op, a, b)) return;
    const Ty t = a.ty == Ty::Bool && b.ty == Ty::Bool ? Ty::Bool : common_type(a, b);
    const bool wide = may_be_wide(a) || may_be_wide(b);
    const bool ok = pair(a, b, natural(t));
    append(a, Do::Value, op, natural(t), 2);
    a.ty = ok ? t : Ty::Error;
    a.wide = wide;
}

void Parser::shift(Op op, Operand& a, Operand& b) {
    const char* what = op == Op::Shl ? "<<" : ">>";
    const char* hint = "convert with i64(…), or multiply by a power of two";
    const bool left = needs_integer(a, what, hint), right = needs_integer(b, what, "convert with i64(…)");
    if (!left || !right) {
        a.ty = Ty::Error;
        return;
    }
    if (both_literal(a, b) && fold_bits(op, a, b)) return;
    if (a.ty != Ty::Error) arithmetic(op, a, b);
}

// One comparison. `chained`: another one follows and compares with b again. a may be the left side of a chain itself;
// then the condition so far lies below it on the stack.
void Parser::compare(Op op, Operand& a, Operand& b, bool chained) {
    Ty t = promote(a.ty, b.ty);
    if (a.ty == Ty::Bool && b.ty == Ty::Bool && (op == Op::Eq || op == Op::Ne)) t = Ty::Bool;
    if (t == Ty::I32 && (may_be_wide(a) || may_be_wide(b))) t = Ty::I64;  // comparing is exact
    const Scalar type = natural(t);
    const Operand right = b;
    const Span span = cover(a.span, b.span);
    const bool left = coerce(a, type), ok = coerce(b, type) && left;
    bool condition_below = a.chain;
    if (a.chain && right.effects) {  // as Python: not evaluated when the chain is already false
        append(a, Do::ChainIf, op, Scalar::Bool);
        ++a.open;
        condition_below = false;
    }
    if (a.open != 0 && !no_reduction_in_branch(right)) {
        a = error_operand(cover(a.span, b.span));
        return;
    }
    link(a, b);
    a.span = span;
    const bool keep = chained && !right.literal;
    append(a, Do::Compare, op, type, 0,
           static_cast<uint8_t>((condition_below ? kHasCondition : 0) | (keep ? kKeepRight : 0)));
    a.chain = chained && ok;
    a.ty = ok ? Ty::Bool : Ty::Error;
    if (!ok) return;
    if (chained) {
        a.ty = right.ty;
        a.wide = may_be_wide(right);
        if (right.literal) {  // once more, because it may get another type there
            append(a, Do::Literal, Op::Const, natural(right.ty));
            a.literal = true;
            if (right.ty == Ty::WeakInt)
                a.integer = right.integer;
            else
                a.number = right.number;
        }
    } else if (a.open != 0) {
        append(a, Do::ChainEnd, Op::And, Scalar::Bool, a.open);
        a.open = 0;
    }
}

void Parser::logic(Op op, Operand& a, Operand& b) {
    settle(a);
    settle(b);
    const Span span = cover(a.span, b.span);
    if (b.effects && !no_reduction_in_branch(b)) {
        a = error_operand(span);
        return;
    }
    const bool ok = a.ty != Ty::Error && b.ty != Ty::Error;
    if (b.effects) {
        append(a, Do::BeginIf, op, Scalar::Bool);
        link(a, b);
        a.span = span;
        append(a, Do::EndIf, op, Scalar::Bool);
    } else {
        if (b.guarded) append(a, Do::Guard, op, Scalar::Bool);
        const bool guarded = b.guarded;
        link(a, b);
        a.span = span;
        if (guarded) append(a, Do::GuardEnd, op, Scalar::Bool);
        append(a, Do::Logic, op, Scalar::Bool);
    }
    a.ty = ok ? Ty::Bool : Ty::Error;
}

// c ? a : b, into c. `lazily`: the one not chosen must not be evaluated.
void Parser::conditional(Operand& c, Operand& a, Operand& b, bool lazily) {
    const Span span = cover(cover(c.span, a.span), b.span);
    if (c.ty == Ty::Error || a.ty == Ty::Error || b.ty == Ty::Error) {
        c = error_operand(span);
        return;
    }
    const Ty t = a.ty == Ty::Bool && b.ty == Ty::Bool ? Ty::Bool : common_type(a, b);
    const Scalar type = natural(t);
    const bool wide = may_be_wide(a) || may_be_wide(b);
    settle(c);
    const bool left = coerce(a, type), right = coerce(b, type);
    const bool ok = left && right && c.ty != Ty::Error;
    const bool lazy = lazily && (a.effects || b.effects);
    if (lazy && (!no_reduction_in_branch(a) || !no_reduction_in_branch(b))) {
        c = error_operand(span);
        return;
    }
    const bool guard = lazily && (a.guarded || b.guarded);
    c.span = span;
    if (lazy) append(c, Do::BeginIf, Op::If, Scalar::Bool);
    if (guard) append(c, Do::Guard, Op::And, Scalar::Bool);
    link(c, a);
    if (lazy) append(c, Do::ElseIf, Op::If, type);
    if (guard) append(c, Do::GuardElse, Op::If, Scalar::Bool);
    link(c, b);
    if (guard) append(c, Do::GuardEnd, Op::If, Scalar::Bool);
    append(c, lazy ? Do::EndIf : Do::Select, lazy ? Op::If : Op::Select, type);
    c.ty = ok ? t : Ty::Error;
    c.wide = wide;
}

}  // namespace exprjit::lang
