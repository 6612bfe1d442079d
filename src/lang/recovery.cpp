// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the parser does when a token does not belong: says so once, and goes on so that later mistakes are found too and
// nothing is reported that only follows from the first.
#include "lang/parser.h"
#include "lang/precedence.h"

namespace exprjit::lang {

// A value must stand here and does not. Says so, and goes on as if there were one.
Parser::Step Parser::missing_value() {
    const Pending& before = pending_.back();
    const std::string found = token_.kind == Tok::End ? "the end of the text" : quoted(token_text());
    std::string message = "a value is expected before " + found;
    std::string hint;
    switch (before.kind) {
    case Kind::Binary:
    case Kind::Prefix:
        message = "a value is missing after " + quoted(text_of(before.span));
        if (token_.kind == Tok::Gt && before.op == Tok::Lt && before.span.end == token_.begin)
            hint = "not equal is written !=";
        if (token_.kind == Tok::Assign)
            hint = before.precedence == kComparison ? "equality is =="
                                                    : "write x = x " + std::string(text_of(before.span)) + " …";
        break;
    case Kind::Paren:
        if (token_.kind == Tok::RParen) message = "there is nothing between these brackets";
        break;
    case Kind::Call: message = "an argument is expected before " + found; break;
    default:
        if (token_.kind == Tok::Pipe) hint = "an absolute value is written abs(x)";
        break;
    }
    const bool at_bracket = before.kind == Kind::Paren && token_.kind == Tok::RParen;
    const Span span = at_bracket ? cover(before.span, token_.span()) : token_.span();
    report(Problem::ExpectedOperand, span, std::move(message), std::move(hint));
    blamed_ = token_.begin;
    if (token_.kind == Tok::Assign) {  // x += y: the value is behind it
        advance();
        return Step::Value;
    }
    operands_.push_back(error_operand(token_.span()));
    return Step::Operator;
}

// A token that belongs to nothing. Passes over it; a value behind it replaces the one before it.
Parser::Step Parser::unexpected(std::string message, std::string hint) {
    if (token_.begin != blamed_) report(Problem::UnexpectedToken, token_.span(), std::move(message), std::move(hint));
    advance();
    if (!starts_operand(token_.kind)) return Step::Operator;
    operands_.pop_back();
    return Step::Value;
}

// Two values without an operator between them. Goes on as if it were *, and only says so once per statement.
Parser::Step Parser::missing_operator() {
    const bool is_known = token_.kind == Tok::Invalid || token_.damaged || operands_.back().ty == Ty::Error;
    if (!missing_reported_ && !is_known) {
        missing_reported_ = true;
        std::string hint = "write * for multiplication";
        const Span left = operands_.back().span;
        const std::string_view word = token_.kind == Tok::Name ? reserved_word_like(token_text()) : "";
        if (!word.empty())
            hint = "the operator is written " + std::string(word);
        else if (token_.kind >= Tok::Name && token_.kind <= Tok::Quoted && assignment_follows())
            hint = "statements are separated by ; or a line break";
        else if (left.valid() && left.end - left.begin <= 16 && token_.end - token_.begin <= 16 &&
                 left.end <= token_.begin &&
                 (token_.kind <= Tok::Name && text_of(left).find('\n') == std::string_view::npos))
            hint += ": " + std::string(text_of(left)) + " * " + std::string(token_text());
        report(Problem::MissingOperator, token_.span(), "an operator is missing before " + quoted(token_text()),
               std::move(hint));
    }
    reduce(kProduct, false);
    push(Kind::Binary, kProduct, Tok::Invalid, token_.span());
    return Step::Value;
}

// The expression is over: reduces everything and says what was left open.
void Parser::close_expression(Span at) {
    reduce(0, true);
    while (pending_.back().kind != Kind::Bottom) {
        const Pending& top = pending_.back();
        if (top.kind == Kind::LetBind && top.flag) {
            let_bind();
            const Operand code = operands_.back();
            operands_.pop_back();
            link(program_, code);
            undo_.clear();  // the names stay
            pending_.pop_back();
            reduce(0, true);
            continue;
        }
        if (top.kind == Kind::Paren || top.kind == Kind::Call) {
            // One report: a thousand open brackets are one mistake.
            if (!bracket_reported_)
                report(Problem::UnclosedBracket, top.span,
                       top.kind == Kind::Call ? "the ( of this call is never closed" : "this ( is never closed",
                       at.begin >= lexer_.text().size() ? "add a ) at the end" : "add a ) before the statement ends");
            bracket_reported_ = true;
        }
        discard_barrier();
    }
    pending_.pop_back();
}

// Gives up the innermost barrier; its operands become one that counts as reported.
void Parser::discard_barrier() {
    const Pending top = pending_.back();
    pending_.pop_back();
    if (top.kind == Kind::CondTest)
        report(Problem::IncompleteConditional, top.span, "this ? has no :", "write condition ? a : b");
    if (top.kind == Kind::IfTest)
        report(Problem::IncompleteConditional, top.span, "this if has no else", "write a if condition else b");
    if (top.kind == Kind::LetBind) {
        report(Problem::BadLet, top.span, "this let has no in", "write let t = … in …");
        let_names_.pop_back();
        undo_to(top.base);
    }
    if (!(top.kind == Kind::LetBind && top.flag)) --open_;
    // Test barriers were opened after their left operand, brackets before theirs.
    size_t keep = top.base;
    if (top.kind == Kind::CondTest || top.kind == Kind::IfTest) --keep;
    if (top.kind == Kind::LetBind) keep = operands_.size() - (top.row != 0 ? 2 : 1);
    operands_.resize(keep);
    operands_.push_back(error_operand(top.span));
    reduce(0, true);
}

}  // namespace exprjit::lang
