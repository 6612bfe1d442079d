// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Assignments, let, parameters and outputs.
#include "lang/parser.h"
#include "lang/precedence.h"

namespace exprjit::lang {

void Parser::declare() {
    for (const TextParam& p : options_->params) {
        const uint32_t s = symbols_.intern(p.name, builtins_.hash(p.name));
        if (symbols_[s].binding == Binding::Param)
            report(Problem::DuplicateParameter, kNoSpan, "two variables are declared with the name " + quoted(p.name),
                   "give every variable a name of its own");
        symbols_[s].binding = Binding::Param;
        symbols_[s].index = static_cast<uint32_t>(out_.params.size());
        out_.params.push_back({p.name, widened(p.type), kNoSpan});
    }
    if (out_.params.size() > limits_->max_params)
        report(Problem::TooManyParams, kNoSpan,
               "more than " + std::to_string(limits_->max_params) + " variables are declared",
               "declare only those that the text uses");
}

bool Parser::assignment_follows() const {
    const std::string_view text = lexer_.text();
    size_t i = token_.end;
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i == text.size() || text[i] != '=') return false;
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    return next != '=' && next != '<' && next != '>';  // => and =< are comparisons gone wrong
}

// One statement. An expression leaves its value on the operand stack; an assignment or let leaves nothing.
void Parser::statement() {
    starts_with_let_ = token_.kind == Tok::Let;
    if ((token_.kind != Tok::Name && token_.kind != Tok::Quoted) || !assignment_follows()) {
        expression();
        return;
    }
    const Token name = token_;
    advance();  // to =
    advance();
    expression();
    if (stopped_) return;
    Operand value = operands_.back();
    operands_.pop_back();
    const uint32_t symbol = intern(name);
    // Only now: the expression itself may have made the name an input.
    if (symbols_[symbol].binding == Binding::Param) {
        const bool is_declared = !symbols_[symbol].first_use.valid();
        report(Problem::AssignToParameter, name.span(),
               quoted(name_of(name)) + (is_declared ? " is a declared variable and cannot be assigned"
                                                    : " was used as an input before and cannot be assigned"),
               "choose another name for the result");
        return;
    }
    const bool hidden = symbols_[symbol].binding == Binding::Local && !locals_[symbols_[symbol].index].is_output;
    bind(symbol, value, !hidden);
    link(program_, value);
}

// Makes `symbol` mean `value` from here on. `value` becomes the code that stores it.
void Parser::bind(uint32_t symbol, Operand& value, bool is_output) {
    const uint32_t index = static_cast<uint32_t>(locals_.size());
    if (value.literal && !fits(value)) value.ty = Ty::Error;
    locals_.push_back({value, symbol, is_output});
    Symbol& s = symbols_[symbol];
    s.binding = Binding::Local;
    s.index = index;
    if (value.literal) {
        value.first = value.last = kNone;  // every use makes a literal of its own, which takes its type there
    } else if (value.ty != Ty::Error) {
        append(value, Do::Store, Op::Param, natural(value.ty), index);
    }
    value.literal = false;
    if (!is_output) return;
    if (s.output == kNone) {
        s.output = static_cast<uint32_t>(outputs_.size());
        outputs_.push_back(index);
    } else {
        outputs_[s.output] = index;
    }
}

Parser::Step Parser::let() {
    const bool is_statement = starts_with_let_;
    starts_with_let_ = false;
    push(Kind::LetBind, 0, Tok::Let, token_.span());
    pending_.back().flag = is_statement;
    pending_.back().base = static_cast<uint32_t>(undo_.size());
    if (!is_statement) ++open_;
    advance();
    if (let_name()) return Step::Value;
    operands_.push_back(error_operand(token_.span()));
    return Step::Operator;
}

// `name =` of a let. On failure the binding goes nowhere, and parsing continues behind it.
bool Parser::let_name() {
    if ((token_.kind == Tok::Name || token_.kind == Tok::Quoted) && assignment_follows()) {
        let_names_.push_back(intern(token_));
        advance();
        advance();
        return true;
    }
    if (token_.kind == Tok::Name || token_.kind == Tok::Quoted) {  // the name is known from here on, if not its value
        report(Problem::BadLet, token_.span(), "this let gives " + quoted(name_of(token_)) + " no value",
               "write let name = value in expression");
        let_names_.push_back(intern(token_));
        advance();
        missing_reported_ = true;
        return false;
    }
    std::string message = "let needs a name and a value";
    if (token_.kind >= Tok::True && token_.kind <= Tok::Not)
        message = quoted(token_text()) + " is a reserved word and cannot name a value";
    report(Problem::BadLet, token_.span(), std::move(message), "write let name = value in expression");
    let_names_.push_back(kNone);
    if (assignment_follows()) {  // only the name is wrong
        advance();
        advance();
        return true;
    }
    missing_reported_ = true;  // the rest of the clause would only repeat it
    return false;
}

// Binds the value on the operand stack to the let's current name. The code of all its bindings stays there as one
// operand.
void Parser::let_bind() {
    const uint32_t symbol = let_names_.back();
    let_names_.pop_back();
    Operand& value = operands_.back();
    if (symbol != kNone) {
        undo_.push_back({symbol, symbols_[symbol].binding, symbols_[symbol].index});
        bind(symbol, value, false);
    }
    Pending& top = pending_.back();
    if (top.row != 0) {
        link(operands_[operands_.size() - 2], value);
        operands_.pop_back();
    }
    top.row = 1;
}

void Parser::let_body() {
    let_bind();
    Pending& top = pending_.back();
    if (!top.flag) --open_;
    top.kind = Kind::LetBody;
    top.precedence = kBody;
}

void Parser::undo_to(size_t mark) {
    while (undo_.size() > mark) {
        Symbol& s = symbols_[undo_.back().symbol];
        s.binding = undo_.back().binding;
        s.index = undo_.back().index;
        undo_.pop_back();
    }
}

void Parser::finish(bool ends_in_assignment) {
    if (!ends_in_assignment) {
        add_output({}, operands_.back());
    } else if (outputs_.empty()) {
        const auto end = static_cast<uint32_t>(lexer_.text().size());
        report(Problem::NoOutput, {end, end}, "every statement is a let, so nothing is computed for the outside",
               "end with an expression, or assign without let");
    } else if (outputs_.size() > limits_->max_operands) {
        report(Problem::TooManyOutputs, kNoSpan, "more than " + std::to_string(limits_->max_operands) + " outputs",
               "split the text");
    } else {
        for (const uint32_t index : outputs_)
            add_output(symbols_[locals_[index].symbol].name, local_value(index, locals_[index].value.span));
    }
    out_.first = program_.first;
}

void Parser::add_output(std::string_view name, Operand value) {
    settle(value);
    Scalar type = natural(value.ty);
    if (options_->result_type && *options_->result_type != type) {
        type = *options_->result_type;
        append(value, Do::Cast, Op::Convert, type);
    }
    out_.outputs.push_back({name, type, value.span});
    link(program_, value);
}

}  // namespace exprjit::lang
