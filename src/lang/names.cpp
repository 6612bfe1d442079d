// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What names mean: variables first, then constants; before an opening bracket, functions.
#include "lang/parser.h"

namespace exprjit::lang {

// The name itself, without quotes.
std::string_view Parser::name_of(const Token& name) {
    std::string_view text = text_of(name.span());
    if (name.kind != Tok::Quoted) return text;
    text = text.substr(1, text.size() - 2);
    if (text.find('`') == std::string_view::npos) return text;
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
        plain += text[i];
        if (text[i] == '`') ++i;  // it is written twice
    }
    return symbols_.keep(std::move(plain));
}

uint32_t Parser::intern(const Token& name) { return symbols_.intern(name_of(name), name.hash); }

Parser::Step Parser::name() {
    const Token name = token_;
    if (pending_.back().kind == Kind::Call && assignment_follows()) {
        const Step step = named_argument();
        if (step == Step::Value) return step;
    }
    advance();
    if (token_.kind == Tok::LParen && name.kind == Tok::Name && (!token_.newline || open_ != 0)) return call_name(name);
    variable(name);
    return Step::Operator;
}

// A name before an opening bracket (the current token).
Parser::Step Parser::call_name(const Token& name) {
    uint16_t row = kErrorRow;
    const Builtins::Entry& entry = builtins_.entry(name.builtin);
    switch (entry.kind) {
    case Builtins::Kind::Function: row = entry.row; break;
    case Builtins::Kind::Word: row = if_row_; break;
    case Builtins::Kind::Reduction: unavailable(entry.name, name.span()); break;
    case Builtins::Kind::Constant:
    case Builtins::Kind::None:
        if (const Definition* const d = find_definition(text_of(name.span()))) {
            open(Kind::Call, name.span(), row);
            pending_.back().callee = d;
            advance();
            return Step::Value;
        }
        if (entry.kind == Builtins::Kind::Constant || symbols_[intern(name)].binding != Binding::None) {
            report(Problem::NotAFunction, name.span(), quoted(text_of(name.span())) + " is not a function",
                   "write * for multiplication: " + std::string(text_of(name.span())) + " * (…)");
            missing_reported_ = true;
            variable(name);
            return Step::Operator;
        }
        if (defining_ != nullptr && defining_->name == text_of(name.span())) {
            report(Problem::UnknownFunction, name.span(),
                   "there is no older function " + quoted(defining_->name) +
                       " to call, and a function cannot call itself",
                   "a definition sees the functions defined before it; one that needs itself can be a function of the "
                   "host");
            break;
        }
        report(Problem::UnknownFunction, name.span(), "there is no function " + quoted(text_of(name.span())),
               suggest(text_of(name.span()), true));
        break;
    }
    open(Kind::Call, name.span(), row);
    advance();
    return Step::Value;
}

// Reports a function of columns that does not exist.
void Parser::unavailable(std::string_view name, Span span) {
    std::string hint = "over all rows there are sum prod min max mean var std any all count argmin argmax dot norm";
    if (name.starts_with("nan")) {
        const std::string plain(name.substr(3));
        hint = "leave the NaN out with a condition: " + plain + "(x, where=not isnan(x))";
    } else if (name == "ptp") {
        hint = "write max(x) - min(x)";
    }
    report(Problem::ReductionUnavailable, span,
           std::string(name) + "() over the rows of a column is not available in this version", std::move(hint));
}

Operand Parser::local_value(uint32_t index, Span span) {
    const Operand& value = locals_[index].value;
    if (value.ty == Ty::Error) return error_operand(span);
    if (value.literal)
        return value.ty == Ty::WeakInt ? integer_literal(value.integer, span) : float_literal(value.number, span);
    Operand o = single(Do::Local, natural(value.ty), value.ty, span, index);
    o.wide = value.wide;
    return o;
}

// Pushes the value of a variable or constant. Where variables are not declared, a new name is a new f64 variable.
void Parser::variable(const Token& name) {
    const uint32_t index = intern(name);
    Symbol& symbol = symbols_[index];
    const Span span = name.span();
    if (symbol.binding == Binding::Local) {
        operands_.push_back(local_value(symbol.index, span));
        return;
    }
    const Builtins::Entry& entry = builtins_.entry(name.builtin);
    if (symbol.binding == Binding::None) {
        if (entry.kind == Builtins::Kind::Constant) {
            operands_.push_back(float_literal(constant_rows()[entry.row].value, span));
            return;
        }
        // Columns are called count or mean more often than those functions are left without their brackets.
        if (entry.kind == Builtins::Kind::Function && !is_reduction(function_rows()[entry.row].form)) {
            const FunctionDoc& doc = function_rows()[entry.row].doc;
            report(Problem::FunctionWithoutCall, span,
                   quoted(symbol.name) + " is a function and needs its arguments in brackets",
                   "write " + std::string(symbol.name) + "(" + doc.parameters +
                       "); a variable of this name must be declared, or stand in `backquotes`");
            operands_.push_back(error_operand(span));
            return;
        }
        if (options_->declared) {
            const bool in_body = defining_ != nullptr || inside_ != nullptr;
            std::string hint = suggest(symbol.name, false);
            if (in_body && !hint.starts_with("did you mean"))
                hint = "a definition sees its parameters, constants and the functions defined before it";
            report(Problem::UnknownName, span, "there is no variable " + quoted(symbol.name), std::move(hint));
            symbol.binding = Binding::Unknown;  // once is enough
        } else {
            symbol.binding = Binding::Param;
            symbol.index = static_cast<uint32_t>(out_.params.size());
            symbol.first_use = span;
            out_.params.push_back({symbol.name, Scalar::F64, span});
            if (out_.params.size() == limits_->max_params + 1) {
                report(Problem::TooManyParams, span,
                       "the text uses more than " + std::to_string(limits_->max_params) + " variables", "split it");
                stopped_ = true;
            }
        }
    }
    if (symbol.binding == Binding::Unknown) {
        operands_.push_back(error_operand(span));
        return;
    }
    const Scalar type = out_.params[symbol.index].type;
    operands_.push_back(single(Do::Param, type, ty_of(type), span, symbol.index));
}

// "did you mean 'sin'?", or nothing.
std::string Parser::suggest(std::string_view wrong, bool functions) {
    constexpr uint32_t kMostVariables = 1024;  // looks through so many, so that a wrong text costs a bounded time
    Suggestion suggestion(wrong);
    if (functions) {
        suggestion.consider("if");
        if (options_->definitions != nullptr) {
            uint32_t left = kMostVariables;
            for (const DefinitionRef& d : options_->definitions->all()) {
                if (left-- == 0) break;
                if (options_->host_functions || !d->calls_natives) suggestion.consider(d->name);
            }
        }
    } else {
        if (const std::string_view word = reserved_word_like(wrong); !word.empty())
            return "did you mean " + quoted(word) + "?";
        for (uint32_t i = 0; i < symbols_.size() && i < kMostVariables; ++i)
            if (symbols_[i].binding == Binding::Param || symbols_[i].binding == Binding::Local)
                suggestion.consider(symbols_[i].name);
    }
    for (size_t i = 1; i < builtins_.size(); ++i) {
        const Builtins::Entry& entry = builtins_.entry(static_cast<uint16_t>(i));
        if (entry.kind == (functions ? Builtins::Kind::Function : Builtins::Kind::Constant))
            suggestion.consider(entry.name);
    }
    if (!suggestion.best().empty()) return "did you mean " + quoted(suggestion.best()) + "?";
    return functions ? "if it is a variable, write * for multiplication: " + std::string(wrong.substr(0, 40)) + " * (…)"
                     : "declare it, or define it first: " + std::string(wrong.substr(0, 40)) + " = …";
}

}  // namespace exprjit::lang
