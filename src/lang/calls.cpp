// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What function calls mean for the types of their arguments.
#include "lang/parser.h"

namespace exprjit::lang {

// The call `p` is closed: its arguments, on the operand stack, become its value.
void Parser::reduce_call(const Pending& p, Span span) {
    if (p.callee != nullptr) return reduce_defined(p, span);
    const size_t given = operands_.size() - p.base;
    bool ok = p.row != kErrorRow && check_count(function_rows()[p.row], given - (p.flag ? 1 : 0), p.flag, span);
    if (given == 0) operands_.push_back(single(Do::Literal, Scalar::Bool, Ty::Bool, span, 1));  // what count() counts
    const std::span<Operand> args(operands_.data() + p.base, operands_.size() - p.base);
    for (const Operand& a : args) ok &= a.ty != Ty::Error;
    const size_t made = out_.code.size();
    if (ok) {
        const FunctionRow& row = function_rows()[p.row];
        const size_t values = args.size() - (p.flag ? 1 : 0);
        Form form = row.form;
        if (values == 1 && form == Form::Extreme) form = row.op == Op::Min ? Form::Least : Form::Largest;
        if (values == 1 && form == Form::Average) form = Form::Mean;
        if (is_reduction(form))
            reduction(form, args, p.flag, span);
        else
            call(row, args, p, span);
    }
    operands_.resize(p.base + 1);
    Operand& result = operands_.back();
    if (!ok) result = error_operand(span);
    result.span = span;
    // Operations shared with operators take their position from the arguments; the call's is the whole of it.
    if (result.last != kNone && result.last >= made) out_.code[result.last].span = span;
}

bool Parser::check_count(const FunctionRow& row, size_t given, bool has_predicate, Span span) {
    const FunctionDoc& doc = row.doc;
    const std::string name = doc.name;
    if (given >= static_cast<size_t>(doc.min_args) &&
        (doc.max_args < 0 || given <= static_cast<size_t>(doc.max_args))) {
        if (!has_predicate || given == 1 || is_reduction(row.form)) return true;
        report(Problem::NamedArgument, span,
               name + " of several arguments is computed for every row and takes no where=",
               "of one argument it is a reduction over rows: " + name + "(x, where=c)");
        return false;
    }
    std::string wanted = std::to_string(doc.min_args);
    if (doc.max_args < 0)
        wanted += " or more";
    else if (doc.max_args != doc.min_args)
        wanted += " or " + std::to_string(doc.max_args);
    if (doc.max_args == 1 && doc.min_args == 0) wanted = "at most 1";
    wanted += wanted.ends_with(" 1") || wanted == "1" ? " argument" : " arguments";
    std::string hint = "write " + name + "(" + doc.parameters + ")";
    if (is_reduction(row.form) && given == static_cast<size_t>(doc.max_args) + 1)
        hint = "the condition on rows is given by name: " + name +
               (doc.max_args == 2 ? "(x, y, where=c)" : "(x, where=c)");
    if (row.form == Form::NanExtreme && given == 1)
        hint = "over rows without the NaN: " + name.substr(1) + "(x, where=not isnan(x))";
    if (row.op == Op::Round && given == 2) hint = "to round to n decimals write round(x * 10**n) / 10**n";
    report(Problem::ArgumentCount, span,
           name + "(" + doc.parameters + ") takes " + wanted + ", not " + std::to_string(given), std::move(hint));
    return false;
}

// Types the arguments and makes one piece of code of them, in the first.
bool Parser::join(std::span<Operand> args, Scalar type, Span span) {
    bool ok = true;
    for (Operand& a : args) ok &= coerce(a, type);
    for (size_t i = 1; i < args.size(); ++i) link(args[0], args[i]);
    args[0].span = span;
    return ok;
}

void Parser::call_value(Op op, Scalar type, std::span<Operand> args, Ty result, Span span) {
    const bool ok = join(args, type, span);
    append(args[0], Do::Value, op, type, args.size());
    args[0].ty = ok ? result : Ty::Error;
}

// The value goes into args[0].
void Parser::call(const FunctionRow& row, std::span<Operand> args, const Pending& p, Span span) {
    Operand& a = args[0];
    Promotion promotion;
    bool wide = false, unknown = false;  // some weak integer may not fit i32; and is only known when it runs
    for (const Operand& arg : args) {
        promotion.add(arg.ty);
        wide |= may_be_wide(arg);
        unknown |= !arg.literal && may_be_wide(arg);
    }
    Ty common = promotion.result();
    // Inrange compares, which is exact; for the others see common_type().
    if (common == Ty::I32 && (unknown || (wide && row.op == Op::Inrange))) common = Ty::I64;
    const Ty number = common == Ty::Bool ? Ty::I32 : common;
    const Ty real = float_of(common);
    Op op = row.op;
    switch (row.form) {
    case Form::Float: call_value(op, natural(real), args, real, span); return;
    case Form::Number:
        call_value(op, natural(number), args, op == Op::Inrange ? Ty::Bool : number, span);
        a.wide = wide;
        return;
    case Form::Rounding:
        if (!is_integer(common))
            call_value(op, natural(common), args, common, span);
        else if (common == Ty::Bool)
            cast(a, Scalar::I32);
        return;  // an integer is whole already
    case Form::NanExtreme:
        if (is_integer(common)) op = op == Op::Fmin ? Op::Min : Op::Max;
        [[fallthrough]];
    case Form::Extreme: {
        const bool ok = join(args, natural(number), span);
        append(a, Do::Fold, op, natural(number), args.size());
        a.ty = ok ? number : Ty::Error;
        a.wide = wide;
        return;
    }
    case Form::Average: {
        const bool ok = join(args, natural(real), span);
        append(a, Do::Mean, Op::Add, natural(real), args.size());
        a.ty = ok ? real : Ty::Error;
        return;
    }
    case Form::Remainder:
        if (!is_integer(common)) {
            call_value(op, natural(common), args, common, span);
        } else if (divides_by_zero(args[1])) {
            a.ty = Ty::Error;
        } else {
            divide_integers(Op::Rem, a, args[1], p.span);
        }
        return;
    case Form::Square: {
        Operand two = integer_literal(2, span);
        power(a, two, p.span);
        return;
    }
    case Form::Power: power(a, args[1], p.span); return;
    case Form::Logarithm: call_value(args.size() == 1 ? Op::Log : Op::Logn, natural(real), args, real, span); return;
    case Form::Predicate:
        a.span = span;
        predicate(op, a);
        return;
    case Form::IsNull:
        settle(a);
        a.span = span;
        if (a.ty == Ty::Error) return;
        append(a, Do::Value, op, natural(a.ty), 1);
        a.ty = Ty::Bool;
        return;
    case Form::Coalesce: coalesce(args, common, span); return;
    case Form::Where: conditional(a, args[1], args[2], false); return;
    case Form::If: conditional(a, args[1], args[2], true); return;
    case Form::Integer: {
        bool ok = true;
        for (Operand& arg : args) ok &= needs_integer(arg, row.doc.name, "convert with i64(…)");
        if (ok)
            call_value(op, natural(number), args, number, span), a.wide = true;
        else
            a.ty = Ty::Error;
        return;
    }
    case Form::CastBool: a.span = span, cast(a, Scalar::Bool); return;
    case Form::CastI32: cast(a, Scalar::I32); return;
    case Form::CastI64: a.span = span, cast(a, Scalar::I64); return;
    case Form::CastF32: a.span = span, cast(a, Scalar::F32); return;
    case Form::CastF64: a.span = span, cast(a, Scalar::F64); return;
    default: return;  // reductions are not called here
    }
}

// The first argument that is there: `common` is the type of the arguments as numbers.
void Parser::coalesce(std::span<Operand> args, Ty common, Span span) {
    bool all_bool = true, wide = false;
    for (const Operand& arg : args) all_bool &= arg.ty == Ty::Bool, wide |= may_be_wide(arg);
    const Ty t = all_bool ? Ty::Bool : common;
    const bool ok = join(args, natural(t), span);
    append(args[0], Do::Fold, Op::Coalesce, natural(t), args.size());
    args[0].ty = ok ? t : Ty::Error;
    args[0].wide = wide;
}

// isnan and its kin: an integer is finite and not NaN.
void Parser::predicate(Op op, Operand& a) {
    const Ty given = a.ty;
    settle(a);
    if (a.ty == Ty::Error) return;
    if (!is_integer(given))
        append(a, Do::Value, op, natural(given), 1);
    else if (op == Op::Signbit && given != Ty::Bool)
        append(a, Do::IsNegative, Op::Lt, natural(given));
    else
        append(a, Do::Replace, Op::Const, Scalar::Bool, op == Op::IsFinite);
    a.ty = Ty::Bool;
}

// An explicit conversion: the result is no longer weak.
void Parser::cast(Operand& a, Scalar to) {
    if (a.literal && a.ty == Ty::WeakInt && to == Scalar::I32 && !a.magnitude &&
        (a.integer < INT32_MIN || a.integer > INT32_MAX)) {
        report(Problem::LiteralDoesNotFit, a.span, "this number does not fit i32 (-2147483648 … 2147483647)",
               "use i64(…); a float is limited to the range: i32(3e9)");
        a.ty = Ty::Error;
        return;
    }
    if (a.literal && (a.ty == Ty::WeakInt || is_float(to) || to == Scalar::Bool)) {
        if (!coerce(a, to)) return;
    } else {
        settle(a);
        if (a.ty == Ty::Error) return;
        if (natural(a.ty) != to) append(a, Do::Cast, Op::Convert, to);
    }
    a.ty = ty_of(to);
}

}  // namespace exprjit::lang
