// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The text form, read: flags, tables, functions and their signatures. Lines of a body are in parse_node.cpp.
#include <cstring>

#include "ir/fixed_limit.h"
#include "ir/parser.h"

namespace exprjit {

namespace text {

namespace {

Status status_of(Code code) {
    switch (code) {
#define EJ_CODE(number, Name, status, sentence)                                                                        \
    case k##Name:                                                                                                      \
        return Status::status;
#include "ir/parse_codes.def"
#undef EJ_CODE
    }
    return Status::Syntax;
}

std::string over(std::string_view what, size_t limit) {
    return std::string(what) + ": the limit is " + std::to_string(limit);
}

}  // namespace

bool Parser::fail(Code code, Span span, std::string message, std::string hint) {
    if (full()) return false;
    if (!error_) error_ = std::make_unique<Error>();
    error_->diagnostics.push_back({status_of(code), code, span, std::move(message), std::move(hint)});
    over_limit_ = code == kParseLimit;
    return false;
}

Span Parser::here() const {
    const uint32_t p = at_.position();
    return {p, at_.at_line_end() ? p : p + 1};
}

bool Parser::expect(std::string_view token, std::string_view where) {
    if (at_.take(token)) return true;
    return fail(kParseSyntax, here(), "expected '" + std::string(token) + "' " + std::string(where));
}

bool Parser::line_ends() {
    at_.skip();
    if (at_.at_line_end()) return true;
    return fail(kParseSyntax, here(), "expected the end of the line",
                "one node per line; operands are separated by commas");
}

bool Parser::type(Type& t) {
    const uint32_t begin = at_.position();
    std::string_view word = at_.type_word();
    bool known = false;
    if (word == "mut") {
        word = at_.type_word();
        known = parse_type("mut " + std::string(word.substr(0, 32)), t);
    } else {
        known = parse_type(word, t);
    }
    if (known) return true;
    const Span span = word.empty() ? here() : at_.since(begin);
    return fail(kParseType, span,
                word.empty() ? "expected a type" : "there is no type '" + std::string(word.substr(0, 40)) + "'",
                "types are f64, i32x8, array<f32,2>, mut array<i8,1> and their like");
}

bool Parser::quoted(std::string& out) {
    const uint32_t begin = at_.position();
    at_.step();
    out.clear();
    for (;; at_.step()) {
        char c = at_.peek();
        if (at_.at_line_end()) return fail(kParseSyntax, {begin, at_.position()}, "the name has no closing quote");
        if (c == '"') break;
        if (c != '\\') {
            out += c;
            continue;
        }
        at_.step();
        c = at_.peek();
        if (c == '"' || c == '\\') {
            out += c;
            continue;
        }
        const uint32_t digits = at_.position() + 1;
        uint64_t byte = 0;
        if (c != 'x' || digits + 2 > text_.size() || text_[digits] == '-' ||
            !parse_integer("0x" + std::string(text_.substr(digits, 2)), byte))
            return fail(kParseSyntax, {begin, at_.position()}, "unknown escape in a name",
                        "\\\", \\\\ and \\xHH with two hexadecimal digits exist");
        out += static_cast<char>(byte);
        at_.step();
        at_.step();
    }
    at_.step();
    at_.skip();
    return true;
}

void Parser::flags() {
    const uint32_t begin = at_.position();
    uint64_t value = 0;
    if (!parse_integer(at_.token(), value) || value > UINT32_MAX)
        fail(kParseNumber, at_.since(begin), "flags are a number of 32 bits");
    else if (line_ends())
        program_.flags = static_cast<uint32_t>(value);
}

void Parser::table() {
    const uint32_t begin = at_.position();
    uint64_t index = 0;
    if (!parse_integer(at_.word(), index) || index != program_.tables.size()) {
        fail(kParseOrder, at_.since(begin), "expected table " + std::to_string(program_.tables.size()),
             "tables are numbered from 0, in order");
        return;
    }
    if (!expect(":", "after the number of the table")) return;
    ConstantTable t{};
    const uint32_t at_type = at_.position();
    if (!find_storage(at_.word(), t.storage)) {
        fail(kParseType, at_.since(at_type), "expected the type of the elements",
             "bool, i8, i16, i32, i64, u8, u16, u32, u64, f16, f32 or f64");
        return;
    }
    if (!expect("[", "before the elements")) return;
    at_.skip(true);
    if (!at_.take("]")) {
        do {
            at_.skip(true);
            if (!element(t)) return;
            at_.skip(true);
        } while (at_.take(","));
        if (!expect("]", "after the elements")) return;
    }
    table_bytes_ += t.bytes.size() + 1;
    if (table_bytes_ > limits_.max_table_bytes) {
        fail(kParseLimit, at_.since(begin), over("bytes in constant tables", limits_.max_table_bytes), kFixedLimitHint);
        return;
    }
    if (line_ends()) program_.tables.push_back(std::move(t));
}

bool Parser::element(ConstantTable& t) {
    const uint32_t begin = at_.position();
    const std::string_view token = at_.token();
    const size_t size = byte_size(t.storage);
    uint64_t bits = 0;
    bool good = false;
    if (token.starts_with('#')) {
        good = parse_integer(token.substr(1), bits) && (size == 8 || bits >> (8 * size) == 0);
    } else if (t.storage == Storage::U64) {
        good = !token.starts_with('-') && parse_integer(token, bits);
    } else if (t.storage != Storage::F16 && parse_constant(token, widened(t.storage), bits)) {
        // The widened value, which must lie in the range of the narrow type.
        const auto value = widened(t.storage) == Scalar::I32 ? static_cast<int32_t>(bits) : static_cast<int64_t>(bits);
        switch (t.storage) {
        case Storage::I8: good = value == static_cast<int8_t>(value); break;
        case Storage::I16: good = value == static_cast<int16_t>(value); break;
        case Storage::U8: good = value == static_cast<uint8_t>(value); break;
        case Storage::U16: good = value == static_cast<uint16_t>(value); break;
        case Storage::U32: good = value == static_cast<uint32_t>(value); break;
        default: good = true; break;
        }
    }
    if (!good)
        return fail(kParseNumber, token.empty() ? here() : at_.since(begin),
                    "expected a value of type " + std::string(exprjit::name_of(t.storage)),
                    t.storage == Storage::F16 ? "elements of f16 are written as bits: #0x3c00" : "");
    if (table_bytes_ + t.bytes.size() + size > limits_.max_table_bytes)
        return fail(kParseLimit, at_.since(begin), over("bytes in constant tables", limits_.max_table_bytes),
                    kFixedLimitHint);
    uint8_t bytes[8];
    std::memcpy(bytes, &bits, sizeof bytes);
    t.bytes.insert(t.bytes.end(), bytes, bytes + size);
    return true;
}

bool Parser::function() {
    const uint32_t begin = at_.position();
    if (program_.functions.size() >= limits_.max_functions)
        return fail(kParseLimit, at_.since(begin), over("functions", limits_.max_functions), kFixedLimitHint);
    const auto index = program_.functions.size();
    program_.functions.emplace_back();
    labels_.next_function();
    regions_.clear();
    has_spans_ = false;
    body_failed_ = false;
    if (!expect("@", "before the name of the function")) return false;
    const std::string_view label = at_.word();
    uint64_t number = 0;
    if (is_identifier(label)) {
        f().name = label;
        function_labels_.push_back({static_cast<uint32_t>(index), label, at_.since(begin)});
    } else if (!parse_integer(label, number) || number != index)
        return fail(kParseOrder, label.empty() ? here() : at_.since(begin),
                    "expected a name, or the number " + std::to_string(index),
                    "functions without a name are numbered by their place, from 0");
    if (at_.peek() == '"' && !quoted(f().name)) return false;
    if (!signature()) return false;
    if (!expect("{", "before the nodes of the function") || !line_ends()) return false;
    body();
    return true;
}

bool Parser::signature() {
    if (!expect("(", "before the parameters")) return false;
    at_.skip(true);
    if (!at_.take(")")) {
        do {
            at_.skip(true);
            if (!param()) return false;
            at_.skip(true);
        } while (at_.take(","));
        if (!expect(")", "after the parameters")) return false;
    }
    if (!expect("->", "before the types of the results") || !expect("(", "before the types of the results"))
        return false;
    if (at_.take(")")) return true;
    do {
        at_.skip(true);
        if (!result()) return false;
        at_.skip(true);
    } while (at_.take(","));
    return expect(")", "after the types of the results");
}

bool Parser::param() {
    const uint32_t begin = at_.position();
    if (!expect("%", "before the name of a parameter")) return false;
    const std::string_view label = at_.word();
    if (label.empty()) return fail(kParseSyntax, here(), "expected the name or number of a parameter");
    const Span span = at_.since(begin);
    if (f().params.size() >= limits_.max_params)
        return fail(kParseLimit, span, over("parameters", limits_.max_params), kFixedLimitHint);
    if (labels_.find(label) != kNoValue)
        return fail(kParseRedefined, span, "there are two parameters %" + std::string(label.substr(0, 40)));
    Param p;
    if (is_identifier(label)) p.name = label;
    if (at_.peek() == '"' && !quoted(p.name)) return false;
    if (!expect(":", "before the type of the parameter") || !type(p.type)) return false;
    Span source;
    if (!position(source)) return false;
    Node n;
    n.op = Op::Param;
    n.type = p.type;
    n.imm = f().params.size();
    labels_.set(label, f().size());
    f().params.push_back(std::move(p));
    operands_.clear();
    return append(n, source);
}

bool Parser::result() {
    if (f().results.size() >= limits_.max_operands)
        return fail(kParseLimit, here(), over("results", limits_.max_operands), kFixedLimitHint);
    Type t;
    if (!type(t)) return false;
    f().results.push_back(t);
    if (at_.peek() != '"') {
        if (!f().result_names.empty()) f().result_names.emplace_back();
        return true;
    }
    f().result_names.resize(f().results.size());
    return quoted(f().result_names.back());
}

void Parser::body() {
    for (;;) {
        if (full()) return;
        at_.skip(true);
        if (at_.at_end()) {
            fail(kParseSyntax, here(), "the function has no closing brace");
            return;
        }
        const Span brace = here();
        if (at_.take("}")) {
            if (regions_.depth() != 0 && !body_failed_)
                fail(kParseRegion, brace,
                     std::string("the ") + info(f()[regions_.innermost()].op).text + " is not closed");
            break;
        }
        node();
        at_.skip_line();
    }
    line_ends();
}

void Parser::resolve_calls() {
    if (full()) return;
    Labels by_name(text_.size());
    for (const FunctionLabel& label : function_labels_) {
        if (by_name.find(label.name) == kNoValue)
            by_name.set(label.name, label.function);
        else
            fail(kParseRedefined, label.span, "there are two functions @" + std::string(label.name.substr(0, 40)));
    }
    for (const PendingCall& call : calls_) {
        // A line that failed behind its call left no node; the error is reported already.
        if (call.node >= program_.functions[call.function].size()) continue;
        const ValueId found = by_name.find(call.name);
        if (found != kNoValue)
            program_.functions[call.function].nodes[call.node].imm = found;
        else
            fail(kParseUndefined, call.span, "there is no function @" + std::string(call.name.substr(0, 40)));
    }
}

Result<Program> Parser::run() {
    if (text_.size() > limits_.max_text_bytes || text_.size() >= UINT32_MAX) {
        fail(kParseLimit, kNoSpan,
             "the text has " + std::to_string(text_.size()) + " bytes; the limit max_text_bytes is " +
                 std::to_string(limits_.max_text_bytes),
             "split it, or raise the engine's max_text_bytes");
        return std::move(error_);
    }
    while (!full()) {
        at_.skip(true);
        if (at_.at_end()) break;
        const uint32_t begin = at_.position();
        const std::string_view word = at_.word();
        if (word == "func") {
            // Without its signature a function cannot be read: pass over it as a whole.
            if (!function()) {
                while (!at_.at_end() && !at_.take("}")) {
                    at_.skip_line();
                    at_.skip(true);
                }
            }
        } else if (word == "table") {
            table();
        } else if (word == "flags") {
            flags();
        } else {
            fail(kParseSyntax, word.empty() ? here() : at_.since(begin), "expected flags, table or func",
                 "a program is a list of functions; see docs/ir.md");
        }
        at_.skip_line();
    }
    resolve_calls();
    if (!error_ && program_.functions.empty()) fail(kParseSyntax, {0, 0}, "the text holds no function");
    if (error_) return std::move(error_);
    return std::move(program_);
}

}  // namespace text

Result<Program> parse_ir(std::string_view text, const Limits& limits) { return text::Parser(text, limits).run(); }

}  // namespace exprjit
