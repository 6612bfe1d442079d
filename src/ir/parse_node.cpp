// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One line of a function's body: label, operation, type, operands, immediate, position.
#include "ir/fixed_limit.h"
#include "ir/parser.h"
#include "support/compile_watch.h"

namespace exprjit::text {

namespace {

std::string cut(std::string_view text) { return std::string(text.substr(0, 40)); }

// Edit distance, for words short enough to be mistyped names.
size_t distance(std::string_view a, std::string_view b) {
    constexpr size_t kLongest = 24;
    if (a.size() > kLongest || b.size() > kLongest) return SIZE_MAX;
    size_t row[kLongest + 1];
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min(replaced, std::min(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view nearest_op(std::string_view text) {
    size_t best = text.size() < 4 ? 2 : 3;  // one edit in a short word, two in a longer one
    std::string_view found;
    for (const OpInfo& i : kOpInfos) {
        const size_t d = distance(text, i.text);
        if (d >= best) continue;
        best = d;
        found = i.text;
    }
    return found;
}

// "%label = " if the line begins so; `label` stays empty otherwise.
bool Parser::label_of_result(std::string_view& label, Span& span) {
    if (at_.peek() != '%') return true;
    const uint32_t begin = at_.position();
    at_.step();
    label = at_.word();
    span = at_.since(begin);
    if (label.empty()) return fail(kParseSyntax, here(), "expected the name or number of the value");
    if (labels_.find(label) != kNoValue)
        return fail(kParseRedefined, span, "%" + cut(label) + " is defined twice",
                    "every value has a label of its own");
    return expect("=", "after the label");
}

void Parser::node() {
    const size_t before = error_ ? error_->diagnostics.size() : 0;
    std::string_view label;
    Span label_span;
    line(label, label_span);
    if (!error_ || error_->diagnostics.size() == before) return;
    // The text has failed; what still uses this line's value or relies on its region shall not be blamed for that.
    body_failed_ = true;
    if (!label.empty() && labels_.find(label) == kNoValue) labels_.set(label, 0);
}

void Parser::line(std::string_view& label, Span& label_span) {
    const uint32_t begin = at_.position();
    if (!label_of_result(label, label_span)) return;
    const uint32_t at_op = at_.position();
    const std::string_view name = at_.word();
    Node n;
    if (!find_op(name, n.op)) {
        const Span span = name.empty() ? here() : at_.since(at_op);
        if (name.empty()) {
            fail(kParseSyntax, span, "expected an operation");
            return;
        }
        const std::string_view near = nearest_op(name);
        fail(kParseOperation, span, "there is no operation '" + cut(name) + "'",
             near.empty() ? std::string() : "did you mean '" + std::string(near) + "'?");
        return;
    }
    if (!label.empty() && !type(n.type)) return;
    if (!label.empty() && n.type.is_void()) {
        fail(kParseType, label_span, "a value cannot be void",
             "leave out the label and the type of a node without a value");
        return;
    }
    operands_.clear();
    has_immediate_ = false;
    if (n.op == Op::Const && n.type.is_value()) {
        const uint32_t at_value = at_.position();
        const std::string_view token = at_.token();
        if (!parse_constant(token, n.type.scalar(), n.imm)) {
            fail(kParseNumber, token.empty() ? here() : at_.since(at_value),
                 "expected a value of type " + std::string(exprjit::name_of(n.type.scalar())));
            return;
        }
    } else if (!items(n)) {
        return;
    }
    Span source;
    if (!position(source) || !line_ends()) return;
    if (!place(n, at_.since(begin)) || !append(n, source)) return;
    if (!label.empty()) labels_.set(label, f().size() - 1);
}

bool Parser::items(Node& n) {
    if (at_.at_line_end() || at_.peek() == '!') return true;
    do {
        bool good = false;
        switch (at_.peek()) {
        case '%': good = operand(); break;
        case '#': good = immediate(n); break;
        default: good = word_item(n); break;
        }
        if (!good) return false;
    } while (at_.take(","));
    return true;
}

bool Parser::operand() {
    const uint32_t begin = at_.position();
    at_.step();
    const std::string_view label = at_.word();
    const ValueId v = labels_.find(label);
    if (v == kNoValue)
        return fail(kParseUndefined, at_.since(begin), "%" + cut(label) + " is not defined",
                    "a value is defined on an earlier line of the same function");
    if (operands_.size() >= limits_.max_operands)
        return fail(kParseLimit, at_.since(begin),
                    "operands of one node: the limit is " + std::to_string(limits_.max_operands), kFixedLimitHint);
    operands_.push_back(v);
    return true;
}

bool Parser::immediate(Node& n) {
    const uint32_t begin = at_.position();
    at_.step();
    uint64_t value = 0;
    if (!parse_integer(at_.token(), value))
        return fail(kParseNumber, at_.since(begin), "expected an integer after '#'");
    if (has_immediate_) return fail(kParseSyntax, at_.since(begin), "the node has an immediate already");
    has_immediate_ = true;
    // The site of a check stands behind its code.
    if (n.op == Op::Check && n.imm != 0 && value > UINT32_MAX)
        return fail(kParseNumber, at_.since(begin), "the site of a check is a number of 32 bits");
    n.imm |= value;
    return true;
}

// The words and names that some operations take in place of a number.
bool Parser::word_item(Node& n) {
    const uint32_t begin = at_.position();
    if (has_immediate_ && n.op == Op::StoreRaw && !raw_streaming(n.imm) && at_.word() == "streaming") {
        n.imm |= raw_imm(Storage{}, true);
        return true;
    }
    if (has_immediate_) return fail(kParseSyntax, here(), "expected the end of the line behind the immediate");
    if (n.op == Op::Call && at_.take("@")) {
        has_immediate_ = true;
        const std::string_view name = at_.word();
        if (is_identifier(name)) {
            calls_.push_back(
                {static_cast<uint32_t>(program_.functions.size() - 1), f().size(), name, at_.since(begin)});
            return true;
        }
        if (parse_integer(name, n.imm)) return true;
        return fail(kParseSyntax, at_.since(begin), "expected the name or number of a function");
    }
    if (is_native(n.op))
        return fail(kParseSyntax, here(), "a function of the host cannot be named in IR text",
                    "compile the text of the expression on an engine that has the function");
    const std::string_view word = at_.word();
    CheckCode code{};
    Storage storage{};
    if (n.op == Op::Check && n.imm == 0 && find_check_code(word, code)) {
        n.imm = check_imm(code, 0);
        return true;
    }
    if ((n.op == Op::Load || n.op == Op::Store) && word == "inside") {
        n.imm = 1;
        has_immediate_ = true;
        return true;
    }
    if (n.op == Op::If && word == "usual") {
        n.imm = kIfUsual;
        has_immediate_ = true;
        return true;
    }
    if (n.op == Op::For && word == "unpolled") {
        n.imm = kForUnpolled;
        has_immediate_ = true;
        return true;
    }
    ReduceKind kind{};
    if (n.op == Op::Reduce) {
        if (!parse_reduce_kind(word, kind))
            return fail(kParseSyntax, word.empty() ? here() : at_.since(begin),
                        "expected an operand or the kind of reduction",
                        "sum, prod, min, max, count, arg_min, arg_max or deviations");
        n.imm = static_cast<uint64_t>(kind);
        has_immediate_ = true;
        return true;
    }
    if ((n.op == Op::LoadRaw || n.op == Op::StoreRaw) && find_storage(word, storage)) {
        n.imm = raw_imm(storage);
        has_immediate_ = true;
        return true;
    }
    return fail(kParseSyntax, word.empty() ? here() : at_.since(begin),
                "expected an operand such as %1 or an immediate such as #1");
}

// Whether the node may open, divide or close a region here.
bool Parser::place(const Node& n, Span span) {
    const OpInfo& i = info(n.op);
    Function& function = f();
    if (i.has(kMid) || i.has(kEnds)) {
        const ValueId opener = regions_.innermost();
        const Op expected = n.op == Op::EndFor ? Op::For : n.op == Op::EndLoop ? Op::Loop : Op::If;
        if (opener == kNoValue || function[opener].op != expected)
            return !body_failed_ && fail(kParseRegion, span, std::string(i.text) + " closes no " + info(expected).text);
        const bool divided = function[opener].op == Op::If && function[opener].link != UINT32_MAX;
        if (n.op == Op::Else && divided) return !body_failed_ && fail(kParseRegion, span, "the if has an else already");
        if (n.op == Op::EndIf && !divided)
            return !body_failed_ &&
                   fail(kParseRegion, span, "the if has no else", "an if without an else has an empty else arm");
    }
    if (i.has(kOpens) && regions_.depth() >= limits_.max_nesting)
        return fail(kParseLimit, span,
                    "regions nest deeper than " + std::to_string(limits_.max_nesting) +
                        " levels (the limit max_nesting)",
                    "nest less, or raise the engine's max_nesting");
    return true;
}

bool Parser::append(Node n, Span source) {
    Function& function = f();
    poll_compile_at(nodes_);
    if (++nodes_ > limits_.max_nodes)
        return fail(kParseLimit, here(),
                    "the program has more than " + std::to_string(limits_.max_nodes) + " nodes (the limit max_nodes)",
                    "split it, or raise the engine's max_nodes");
    const ValueId v = function.size();
    if (operands_.size() <= 3) {
        n.operand_count16 = static_cast<uint16_t>(operands_.size());
        std::copy(operands_.begin(), operands_.end(), n.inline_operands);
    } else {
        n.operand_count16 = kManyOperands;
        n.inline_operands[0] = static_cast<ValueId>(function.lists.size());
        n.inline_operands[1] = static_cast<ValueId>(operands_.size());
        function.lists.insert(function.lists.end(), operands_.begin(), operands_.end());
    }
    function.nodes.push_back(n);
    regions_.add(function);
    if (source.valid() && !has_spans_) {
        has_spans_ = true;
        function.spans.resize(v);
    }
    if (has_spans_) function.spans.push_back(source);
    return true;
}

// "!12:17", where the node comes from in the text it was compiled from.
bool Parser::position(Span& span) {
    if (at_.peek() != '!') return true;
    const uint32_t begin = at_.position();
    at_.step();
    uint64_t from = 0, to = 0;
    const std::string_view token = at_.token();
    const size_t colon = token.find(':');
    if (colon == std::string_view::npos || !parse_integer(token.substr(0, colon), from) ||
        !parse_integer(token.substr(colon + 1), to) || from > to || to >= UINT32_MAX)
        return fail(kParseNumber, at_.since(begin), "expected a position such as !12:17");
    span = {static_cast<uint32_t>(from), static_cast<uint32_t>(to)};
    return true;
}

}  // namespace exprjit::text
