// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/parser.h"

#include <type_traits>

#include "lang/precedence.h"
#include "support/compile_watch.h"

namespace exprjit::lang {

Parser::Parser() : builtins_(Builtins::get()) {
    const auto rows = function_rows();
    while (rows[if_row_].form != Form::If) ++if_row_;
}

void Parser::begin(std::string_view text, size_t from, const TextOptions& options, const Limits& limits,
                   Diagnostics& diagnostics, Expansions& expansions) {
    options_ = &options;
    limits_ = &limits;
    diagnostics_ = &diagnostics;
    expansions_ = &expansions;
    symbols_.clear();
    out_.code.clear();
    out_.params.clear();
    out_.outputs.clear();
    out_.first = kNone;
    operands_.clear();
    pending_.clear();
    locals_.clear();
    outputs_.clear();
    let_names_.clear();
    undo_.clear();
    program_ = Operand{};
    stopped_ = bracket_reported_ = false;
    blamed_ = kNone;
    lexer_.reset(text, builtins_, diagnostics, from);
}

const Parsed& Parser::parse(std::string_view text, const TextOptions& options, const Limits& limits,
                            Diagnostics& diagnostics) {
    if (!own_expansions_.routines.empty() || !own_expansions_.natives.empty()) own_expansions_.clear();
    begin(text, 0, options, limits, diagnostics, own_expansions_);
    declare();
    const bool ends_in_assignment = statements();
    if (diagnostics.empty()) finish(ends_in_assignment);
    out_.local_count = static_cast<uint32_t>(locals_.size());
    out_.expansions = expansions_;
    return out_;
}

// All statements up to the end. True if the last one is an assignment; else its value is on the operand stack, unless
// something was reported.
bool Parser::statements() {
    advance();
    bool any = false, ends_in_assignment = false;
    while (!stopped_) {
        while (token_.kind == Tok::Semicolon) advance();
        if (token_.kind == Tok::End) break;
        any = true;
        operands_.clear();
        pending_.clear();
        let_names_.clear();
        missing_reported_ = false;
        statement();
        ends_in_assignment = operands_.empty();
        if (stopped_) break;
        if (!ends_in_assignment) {
            while (token_.kind == Tok::Semicolon) advance();
            if (token_.kind == Tok::End) break;
            const Operand& unused = operands_.back();
            if (unused.ty != Ty::Error)
                report(Problem::UnusedValue, unused.span, "the value of this statement is not used",
                       "give it a name (t = …), or end the line with the operator that continues it");
        }
    }
    if (!any && diagnostics_->empty()) {
        const auto end = static_cast<uint32_t>(lexer_.text().size());
        report(Problem::EmptyText, {end, end}, "there is no expression here", "write one, such as a*b + c");
    }
    return ends_in_assignment;
}

void Parser::trim() {
    constexpr size_t kKeep = 4096;
    const auto drop = [](auto& v) {
        if (v.capacity() > kKeep) std::remove_reference_t<decltype(v)>().swap(v);
    };
    drop(out_.code), drop(out_.params), drop(out_.outputs), drop(operands_), drop(pending_), drop(locals_);
    drop(outputs_), drop(let_names_), drop(undo_);
    if (symbols_.capacity() > 2 * kKeep) symbols_ = Symbols();
    own_expansions_.clear();
    child_.reset();
}

// Leaves the value on the operand stack; token_ is what ended the expression.
void Parser::expression() {
    open_ = 0;
    pending_.push_back({Kind::Bottom, 0, Tok::End, false, 0, static_cast<uint32_t>(operands_.size()), token_.span()});
    Step step = Step::Value;
    while (step != Step::Done) {
        if (diagnostics_->full()) {
            stopped_ = true;
            return;
        }
        poll_compile_at(steps_++);
        if (step == Step::Value) {
            if (out_.code.size() + pending_.size() > limits_->max_nodes) {
                report(Problem::TooManyNodes, token_.span(),
                       "the expression needs more than " + std::to_string(limits_->max_nodes) +
                           " nodes (the limit max_nodes)",
                       "split it, or raise the engine's max_nodes");
                stopped_ = true;
                return;
            }
            step = operand();
        } else {
            step = after_operand();
        }
    }
}

void Parser::push(Kind kind, uint8_t precedence, Tok op, Span span) {
    pending_.push_back({kind, precedence, op, false, 0, 0, span});
}

void Parser::open(Kind kind, Span span, uint16_t row) {
    pending_.push_back({kind, 0, token_.kind, false, row, static_cast<uint32_t>(operands_.size()), span});
    ++open_;
}

Parser::Step Parser::operand() {
    const Span span = token_.span();
    switch (token_.kind) {
    case Tok::Int: {
        Operand o = integer_literal(static_cast<int64_t>(token_.integer), span);
        o.magnitude = token_.integer > static_cast<uint64_t>(INT64_MAX);
        operands_.push_back(o);
        break;
    }
    case Tok::Float: operands_.push_back(float_literal(token_.number, span)); break;
    case Tok::Invalid: operands_.push_back(error_operand(span)); break;
    case Tok::True:
    case Tok::False:
        operands_.push_back(single(Do::Literal, Scalar::Bool, Ty::Bool, span, token_.kind == Tok::True));
        break;
    case Tok::Name:
    case Tok::Quoted: return name();
    case Tok::LParen:
        open(Kind::Paren, span);
        advance();
        return Step::Value;
    case Tok::Plus:
    case Tok::Minus:
    case Tok::Tilde:
    case Tok::Bang:
    case Tok::Sqrt:
        push(Kind::Prefix, kUnary, token_.kind, span);
        advance();
        return Step::Value;
    case Tok::Not:
        push(Kind::Prefix, kNot, token_.kind, span);
        advance();
        return Step::Value;
    case Tok::Let: return let();
    case Tok::If: {
        const Token word = token_;
        advance();
        if (token_.kind == Tok::LParen) return call_name(word);
        report(Problem::ExpectedOperand, span, "a value is expected before if",
               "write a if condition else b, or if(condition, a, b)");
        return Step::Value;  // what follows stands for the value
    }
    case Tok::RParen:
        if (pending_.back().kind == Kind::Call && operands_.size() == pending_.back().base) return close_bracket();
        return missing_value();
    default: return missing_value();
    }
    advance();
    return Step::Operator;
}

// Whether the line break before the token ends the statement.
bool Parser::ends_statement() {
    if (!token_.newline || open_ != 0) return false;
    const std::string_view text = lexer_.text();
    if (token_.kind == Tok::If) return token_.end < text.size() && text[token_.end] == '(';
    if (!starts_operand(token_.kind)) return false;
    if (token_.kind == Tok::Plus || token_.kind == Tok::Minus) {
        // -x is a statement; "- x" is more likely the rest of the sum above, and guessing would silently drop a part.
        const bool spaced = token_.end < text.size() && (text[token_.end] == ' ' || text[token_.end] == '\t');
        if (!spaced) return true;
        report(Problem::AmbiguousLine, token_.span(), "this line could continue the one above or begin a new statement",
               "to continue, put the operator at the end of the line above; to begin, end that line with ;");
        return false;
    }
    return true;
}

Parser::Step Parser::after_operand() {
    if (ends_statement()) {
        close_expression(token_.span());
        return Step::Done;
    }
    Tok kind = token_.kind;
    if (kind == Tok::Caret && options_->caret == Caret::Xor) kind = Tok::Xor;
    const Rule rule = kRules[static_cast<size_t>(kind)];
    if (rule.precedence != 0) return binary(kind, rule.precedence, rule.right);
    switch (kind) {
    case Tok::Question:
        reduce(kConditional, true);
        open(Kind::CondTest, token_.span());
        advance();
        return Step::Value;
    case Tok::If:
        reduce(kConditional, true);
        open(Kind::IfTest, token_.span());
        advance();
        return Step::Value;
    case Tok::Colon:
    case Tok::Else: {
        reduce(0, true);
        Pending& top = pending_.back();
        const Kind wanted = kind == Tok::Colon ? Kind::CondTest : Kind::IfTest;
        if (top.kind == wanted) {
            --open_;
            top.kind = wanted == Kind::CondTest ? Kind::CondElse : Kind::IfElse;
            top.precedence = kConditional;
            advance();
            return Step::Value;
        }
        return unexpected(kind == Tok::Colon ? "there is no ? that this : belongs to"
                                             : "there is no if that this else belongs to",
                          kind == Tok::Colon ? "write condition ? a : b" : "write a if condition else b");
    }
    case Tok::In:
        reduce(0, true);
        if (pending_.back().kind == Kind::LetBind) {
            let_body();
            advance();
            return Step::Value;
        }
        return unexpected("there is no let that this in belongs to", "write let t = … in …");
    case Tok::Assign: {
        const char next = token_.end < lexer_.text().size() ? lexer_.text()[token_.end] : ' ';
        const bool is_reversed = next == '<' || next == '>';
        report(Problem::AssignInExpression, token_.span(), "= cannot stand inside an expression",
               !is_reversed  ? "a comparison is written =="
               : next == '<' ? "less or equal is written <="
                             : "greater or equal is written >=");
        if (is_reversed) advance();
        return binary(Tok::Invalid, kComparison, false);
    }
    case Tok::RParen: return close_bracket();
    case Tok::Comma: return comma();
    case Tok::Semicolon:
    case Tok::End: close_expression(token_.span()); return Step::Done;
    default: return missing_operator();
    }
}

Parser::Step Parser::binary(Tok op, uint8_t precedence, bool right) {
    reduce(precedence, right);
    push(Kind::Binary, precedence, op, token_.span());
    advance();
    return Step::Value;
}

// Reduces the operators that bind tighter than `precedence`, and equally tight ones unless they group to the right.
void Parser::reduce(uint8_t precedence, bool right) {
    while (pending_.back().precedence > precedence ||
           (!right && pending_.back().precedence == precedence && precedence != 0))
        reduce_top(precedence == kComparison);
}

void Parser::reduce_top(bool chained) {
    const Pending p = pending_.back();
    pending_.pop_back();
    switch (p.kind) {
    case Kind::Binary: reduce_binary(p, chained && p.precedence == kComparison); return;
    case Kind::Prefix: reduce_prefix(p); return;
    case Kind::CondElse: {
        Operand* o = operands_.data() + operands_.size() - 3;
        conditional(o[0], o[1], o[2], true);
        operands_.resize(operands_.size() - 2);
        return;
    }
    case Kind::IfElse: {  // value, condition, value
        Operand* o = operands_.data() + operands_.size() - 3;
        std::swap(o[0], o[1]);
        conditional(o[0], o[1], o[2], true);
        operands_.resize(operands_.size() - 2);
        return;
    }
    case Kind::LetBody: {
        Operand* o = operands_.data() + operands_.size() - 2;  // code of the bindings, body
        // The body's type and literal stay; only its code grows in front.
        const Span span = cover(p.span, o[1].span);
        const bool was_literal = o[1].literal;
        link(o[0], o[1]);
        o[1].first = o[0].first;
        o[1].last = o[0].last;
        o[1].effects = o[0].effects;
        o[1].reduces = o[0].reduces;
        o[1].guarded = o[0].guarded;
        o[1].span = span;
        if (was_literal && o[1].first != o[1].last) settle(o[1]);
        o[0] = o[1];
        operands_.pop_back();
        undo_to(p.base);
        return;
    }
    default: return;  // barriers are never reduced
    }
}

Parser::Step Parser::close_bracket() {
    if (pending_.back().kind != Kind::Call || operands_.size() != pending_.back().base) reduce(0, true);
    // Looking for the opening bracket is linear, but can only fail as often as there may be diagnostics.
    size_t opener = pending_.size();
    const auto is_bracket = [](const Pending& p) { return p.kind == Kind::Paren || p.kind == Kind::Call; };
    while (opener-- > 0 && !is_bracket(pending_[opener])) {
    }
    if (opener == SIZE_MAX) {
        if (bracket_reported_) blamed_ = token_.begin;
        return unexpected("there is no ( that this ) closes", "delete it");
    }
    while (!is_bracket(pending_.back())) discard_barrier();
    const Pending top = pending_.back();
    pending_.pop_back();
    --open_;
    const Span span = cover(top.span, token_.span());
    if (top.kind == Kind::Paren)
        operands_.back().span = span;
    else
        reduce_call(top, span);
    advance();
    return Step::Operator;
}

Parser::Step Parser::comma() {
    reduce(0, true);
    while (pending_.back().kind == Kind::CondTest || pending_.back().kind == Kind::IfTest) discard_barrier();
    switch (pending_.back().kind) {
    case Kind::Call: {
        const bool after_where = pending_.back().flag;
        advance();
        const bool is_named = (token_.kind == Tok::Name || token_.kind == Tok::Quoted) && assignment_follows();
        if (after_where && !is_named && pending_.back().row != kErrorRow) {
            report(Problem::NamedArgument, token_.span(),
                   "an argument follows where=", "the arguments without a name come first");
            pending_.back().row = kErrorRow;
        }
        return Step::Value;
    }
    case Kind::LetBind: {
        let_bind();
        advance();
        if (let_name()) return Step::Value;
        operands_.push_back(error_operand(token_.span()));
        return Step::Operator;
    }
    default:
        report(Problem::UnexpectedComma, token_.span(), "a comma only separates the arguments of a call",
               pending_.back().kind == Kind::Bottom ? "the decimal sign is a point; statements are separated by ;"
                                                    : "the decimal sign is a point");
        operands_.pop_back();
        advance();
        return Step::Value;
    }
}

}  // namespace exprjit::lang
