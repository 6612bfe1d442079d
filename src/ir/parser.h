// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parser of IR text: a line at a time, with a stack of open regions instead of recursion. A line that is wrong is
// reported and passed over, so that one reading finds several mistakes. Private to parse*.cpp.
#pragma once

#include <string>
#include <vector>

#include "ir/parse_cursor.h"
#include "ir/region_links.h"
#include "ir/text.h"

namespace exprjit::text {

enum Code : int32_t {
#define EJ_CODE(number, Name, status, sentence) k##Name = number,
#include "ir/parse_codes.def"
#undef EJ_CODE
};

class Parser {
  public:
    Parser(std::string_view text, const Limits& limits)
        : text_(text), limits_(limits), at_(text), labels_(text.size()) {}

    Result<Program> run();

  private:
    static constexpr size_t kMaxDiagnostics = 20;

    // A call to a function by name, resolved when all functions are known.
    struct PendingCall {
        uint32_t function;
        ValueId node;
        std::string_view name;
        Span span;
    };

    // A function labelled by a word.
    struct FunctionLabel {
        uint32_t function;
        std::string_view name;
        Span span;
    };

    // parse.cpp
    void flags();
    void table();
    bool element(ConstantTable& t);
    bool function();
    bool signature();
    bool param();
    bool result();
    void body();
    void resolve_calls();

    // parse_node.cpp
    void node();
    void line(std::string_view& label, Span& label_span);
    bool label_of_result(std::string_view& label, Span& span);
    bool items(Node& n);
    bool operand();
    bool immediate(Node& n);
    bool word_item(Node& n);
    bool place(const Node& n, Span span);
    bool append(Node n, Span span);
    bool position(Span& span);

    bool type(Type& t);
    bool quoted(std::string& out);
    bool expect(std::string_view token, std::string_view where);
    bool line_ends();

    Function& f() { return program_.functions.back(); }
    // Nothing more will be reported: enough was, or a limit was passed, behind which everything would be wrong.
    bool full() const { return over_limit_ || (error_ && error_->diagnostics.size() >= kMaxDiagnostics); }
    // Always false, so that callers can return it.
    bool fail(Code code, Span span, std::string message, std::string hint = {});
    Span here() const;

    std::string_view text_;
    const Limits& limits_;
    Cursor at_;
    Labels labels_;
    Program program_;
    Failure error_;
    std::vector<PendingCall> calls_;
    std::vector<FunctionLabel> function_labels_;
    std::vector<ValueId> operands_;
    RegionLinks regions_;
    size_t nodes_ = 0;  // of all functions
    size_t table_bytes_ = 0;
    bool over_limit_ = false;
    bool has_spans_ = false;
    bool has_immediate_ = false;  // of the line being read
    bool body_failed_ = false;    // a line of this function was passed over, so its regions need not pair
};

// The name in the table nearest to `text`, or empty if none is near.
std::string_view nearest_op(std::string_view text);

}  // namespace exprjit::text
