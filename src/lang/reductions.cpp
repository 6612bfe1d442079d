// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions of all rows: how their arguments are typed, and what they become. A reduction runs once, outside every branch:
// where a branch must be skipped because it holds a check, a reduction in it is refused.
#include <cassert>

#include "lang/emitter.h"
#include "lang/parser.h"

namespace exprjit::lang {

// `name =` where an argument begins. Step::Value: the name is dealt with and its value comes; otherwise nothing happened.
Parser::Step Parser::named_argument() {
    Pending& call = pending_.back();
    if (call.row != kErrorRow) {
        const FunctionRow& row = function_rows()[call.row];
        const std::string name = row.doc.name;
        const bool is_where = token_.kind == Tok::Name && token_text() == "where";
        if (!takes_where(row.form) && !is_where)
            return Step::Operator;  // more likely a comparison, and reported as such
        std::string problem, hint;
        if (!takes_where(row.form)) {
            problem = name + " is computed for every row and takes no where=";
            hint = "only reductions over rows do: sum(x, where=c)";
        } else if (!is_where) {
            problem = name + " has no argument named " + quoted(token_text());
            hint = "the only one with a name is where=, the condition on rows; a comparison is written ==";
        } else if (call.flag) {
            problem = "where= is given twice";
            hint = "join the conditions with and";
        }
        call.flag = true;
        if (!problem.empty()) {
            report(Problem::NamedArgument, token_.span(), std::move(problem), std::move(hint));
            call.row = kErrorRow;  // its arguments say nothing about it any more
        }
    }
    advance();
    advance();
    return Step::Value;
}

// Whether `branch`, which is about to become conditional code, may; reports a reduction in it.
bool Parser::no_reduction_in_branch(const Operand& branch) {
    if (!branch.reduces) return true;
    report(Problem::ReductionInBranch, branch.span,
           "a reduction over rows cannot stand beside a checked division, or a call that must not be left out, in a "
           "branch "
           "that is skipped in some rows",
           "compute it before: let s = sum(…) in …; or evaluate both sides: where(c, a, b)");
    return false;
}

namespace {

// The type that the values of a reduction are computed in, given the type of the argument.
Scalar value_type(Form form, Ty given) {
    const Scalar t = natural(given);
    switch (form) {
    case Form::Any:
    case Form::All:
    case Form::Count: return Scalar::Bool;
    case Form::Var:
    case Form::Std: return Scalar::F64;
    case Form::Norm: return natural(float_of(given));
    case Form::Least:
    case Form::Largest:
    case Form::ArgMin:
    case Form::ArgMax: return t == Scalar::Bool ? Scalar::I32 : t;
    // The sum of i64 wraps, which a mean must not; what is shorter adds up exactly in i64.
    case Form::Mean: return is_float(t) ? t : t == Scalar::I64 ? Scalar::F64 : Scalar::I64;
    default: return is_float(t) ? t : Scalar::I64;
    }
}

Scalar type_of_result(Form form, Scalar value, Ty given) {
    switch (form) {
    case Form::Any:
    case Form::All: return Scalar::Bool;
    case Form::Count:
    case Form::ArgMin:
    case Form::ArgMax: return Scalar::I64;
    case Form::Mean: return is_float(value) ? value : Scalar::F64;
    case Form::Var:
    case Form::Std: return given == Ty::F32 ? Scalar::F32 : Scalar::F64;
    default: return value;
    }
}

}  // namespace

// The reduction of args[0] (or of args[0] * args[1] for dot) over the rows where the last argument is true, if there is a
// predicate. The value goes into args[0].
void Parser::reduction(Form form, std::span<Operand> args, bool has_predicate, Span span) {
    Operand predicate;
    std::span<Operand> values = args;
    if (has_predicate && args.size() > 1) {
        predicate = args.back();
        values = args.first(args.size() - 1);
        settle(predicate);
    } else {
        has_predicate = false;  // count(where=c) is count(c)
    }
    Operand a = values[0];
    Ty given = a.ty;
    if (form == Form::Dot) given = common_type(a, values[1]);
    const Scalar type = value_type(form, given);
    bool ok = coerce(a, type) && (!has_predicate || predicate.ty != Ty::Error);
    if (form == Form::Dot) {
        ok &= coerce(values[1], type);
        link(a, values[1]);
        append(a, Do::Value, Op::Mul, type, 2);
    }
    a.span = span;
    if (has_predicate) {
        // What the rows outside would fail at is not evaluated there.
        const bool lazy = a.effects;
        if (lazy && !no_reduction_in_branch(a)) ok = false;
        predicate.span = span;
        if (lazy) {
            append(predicate, Do::Copy, Op::Const, type);
            append(predicate, Do::BeginIf, Op::If, Scalar::Bool);
        }
        link(predicate, a);
        if (lazy) {
            append(predicate, Do::ElseIf, Op::If, type);
            append(predicate, Do::Literal, Op::Const, type);
            append(predicate, Do::EndIf, Op::If, type);
        }
        a = predicate;
    }
    append(a, Do::Reduce, Op::Reduce, type, static_cast<uint64_t>(form), has_predicate ? kHasPredicate : 0);
    a.reduces = true;
    a.guarded |= form == Form::Least || form == Form::Largest || form == Form::ArgMin || form == Form::ArgMax;
    a.wide = false;
    a.ty = ok ? ty_of(type_of_result(form, type, given)) : Ty::Error;
    args[0] = a;
}

// ---- Emitting

void Emitter::guard(ValueId condition, bool holds) {
    if (!holds) condition = builder_.unary(Op::Not, condition);
    if (!guards_.empty()) condition = builder_.binary(Op::And, guards_.back(), condition);
    guards_.push_back(condition);
}

// Fails if `count` is 0, unless the value does not matter here.
void Emitter::require_rows(ValueId count, uint32_t site) {
    ValueId ok = builder_.binary(Op::Gt, count, zero(count));
    if (!guards_.empty()) ok = builder_.binary(Op::Or, builder_.unary(Op::Not, guards_.back()), ok);
    builder_.check(ok, CheckCode::NoRows, site);
}

void Emitter::reduce(const Code& c) {
    assert(builder_.open_regions() == 0);
    const ValueId given = pop();
    const ValueId predicate = (c.flags & kHasPredicate) != 0 ? truth(pop()) : builder_.boolean(true);
    push(reduced(static_cast<Form>(c.payload), given, convert(given, c.type), predicate, place(c.span).begin));
}

// `v` is `given` in the type it is reduced in.
ValueId Emitter::reduced(Form form, ValueId given, ValueId v, ValueId predicate, uint32_t site) {
    const auto over = [&](ReduceKind kind, ValueId value) { return builder_.reduce(kind, value, predicate); };
    // Rows where the argument is missing are not part of its reduction, so they do not count either.
    const auto rows = [&] {
        return over(ReduceKind::Count, builder_.unary(Op::Not, builder_.unary(Op::IsNull, given)));
    };
    switch (form) {
    case Form::Sum:
    case Form::Dot: return over(ReduceKind::Sum, v);
    case Form::Prod: return over(ReduceKind::Prod, v);
    case Form::Norm: return builder_.unary(Op::Sqrt, over(ReduceKind::Sum, builder_.binary(Op::Mul, v, v)));
    case Form::Mean: {
        const ValueId total = over(ReduceKind::Sum, v);
        const Scalar type = builder_.type_of(v) == kF32 ? Scalar::F32 : Scalar::F64;
        const ValueId sum = convert(total, type);
        return builder_.binary(Op::Div, sum, convert(rows(), type));
    }
    case Form::Var:
    case Form::Std: {
        const ValueId total = over(ReduceKind::Deviations, v);
        ValueId result = builder_.binary(Op::Div, total, convert(rows(), Scalar::F64));
        if (form == Form::Std) result = builder_.unary(Op::Sqrt, result);
        return builder_.type_of(given) == kF32 ? convert(result, Scalar::F32) : result;
    }
    case Form::Count: return over(ReduceKind::Count, v);
    case Form::Any: {
        const ValueId found = over(ReduceKind::Count, v);
        return builder_.binary(Op::Gt, found, zero(found));
    }
    case Form::All: {
        const ValueId missed = over(ReduceKind::Count, builder_.unary(Op::Not, v));
        return builder_.binary(Op::Eq, missed, zero(missed));
    }
    default: {
        require_rows(rows(), site);
        const ReduceKind kind = form == Form::Least     ? ReduceKind::Min
                                : form == Form::Largest ? ReduceKind::Max
                                : form == Form::ArgMin  ? ReduceKind::ArgMin
                                                        : ReduceKind::ArgMax;
        return over(kind, v);
    }
    }
}

}  // namespace exprjit::lang
