// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Text to stack code (code.h), with types. Operator precedence by shift and reduce over two explicit stacks, so depth
// costs memory by the byte and never the machine's stack. The parser alternates between two states: a value must come
// (operand), or an operator, a bracket or the end must come (after_operand).
#pragma once

#include <vector>

#include "lang/code.h"
#include "lang/diagnostics.h"
#include "lang/front_end.h"
#include "lang/functions.h"
#include "lang/lexer.h"
#include "lang/routine.h"
#include "lang/symbols.h"
#include "support/stack.h"

namespace exprjit::lang {

// What a text computes: code for its statements, its parameters and its outputs.
struct Parsed {
    struct Parameter {
        std::string_view name;
        Scalar type;
        Span first_use;
    };
    struct Output {
        std::string_view name;  // empty for a final expression
        Scalar type;
        Span span;
    };
    Stack<Code> code;
    uint32_t first = kNone;  // the code leaves the outputs on the stack
    std::vector<Parameter> params;
    std::vector<Output> outputs;
    uint32_t local_count = 0;
    const Expansions* expansions = nullptr;  // what its code calls
};

class Parser {
  public:
    Parser();

    // Parses `text`; what is wrong goes to `diagnostics`, and the result is only meaningful if nothing is. The
    // result is valid until the next call and refers to `text` and the names in `options`.
    const Parsed& parse(std::string_view text, const TextOptions& options, const Limits& limits,
                        Diagnostics& diagnostics);
    // Reads the body of a definition without knowing the types of its arguments. `known`: the definitions it may call;
    // `callees` receives those it does.
    void check_definition(const Definition& d, const Definitions* known, const Limits& limits, Diagnostics& diagnostics,
                          std::vector<const Definition*>& callees);
    // Gives back memory that an unusually long text needed.
    void trim();

  private:
    enum class Kind : uint8_t {
        // Barriers: nothing below is reduced before they are closed.
        Bottom,  // of an expression
        Paren,
        Call,      // row: function; base: operands before its arguments
        CondTest,  // c ? … waits for :
        IfTest,    // a if … waits for else
        LetBind,   // let x = … waits for , or in; base: bindings to undo to
        // Operators.
        Binary,
        Prefix,
        CondElse,
        IfElse,
        LetBody,
    };
    struct Pending {
        Kind kind;
        uint8_t precedence;  // 0 for barriers
        Tok op;
        bool flag =
            false;  // Call: its last argument is where=; LetBind: it is a statement; LetBody, LetBind: its bindings' code is on the operand stack
        uint16_t row = 0;
        uint32_t base = 0;
        Span span;
        const Definition* callee = nullptr;  // Call: of a definition, which has no row
    };
    static constexpr uint16_t kErrorRow = UINT16_MAX;  // a call of something that was reported
    enum class Step : uint8_t { Value, Operator, Done };
    struct Undo {
        uint32_t symbol;
        Binding binding;
        uint32_t index;
    };

    // parser.cpp: tokens, brackets, recovery
    void advance() { lexer_.next(token_); }
    void begin(std::string_view text, size_t from, const TextOptions& options, const Limits& limits,
               Diagnostics& diagnostics, Expansions& expansions);
    bool statements();
    void expression();
    Step operand();
    Step after_operand();
    Step binary(Tok op, uint8_t precedence, bool right);
    Step missing_value();
    Step missing_operator();
    Step unexpected(std::string message, std::string hint);
    void open(Kind kind, Span span, uint16_t row = 0);
    void push(Kind kind, uint8_t precedence, Tok op, Span span);
    Step close_bracket();
    Step comma();
    void close_expression(Span at);
    void discard_barrier();
    bool ends_statement();
    void reduce(uint8_t precedence, bool right);
    void reduce_top(bool chained);
    std::string_view token_text() const { return lexer_.text().substr(token_.begin, token_.end - token_.begin); }
    std::string_view text_of(Span s) const { return lexer_.text().substr(s.begin, s.end - s.begin); }
    void report(Problem problem, Span span, std::string message, std::string hint = {}) {
        diagnostics_->report(problem, span, std::move(message), std::move(hint));
    }

    // statements.cpp: assignments, let, outputs
    void declare();
    void statement();
    bool assignment_follows() const;
    void bind(uint32_t symbol, Operand& value, bool is_output);
    Step let();
    bool let_name();
    void let_bind();
    void let_body();
    Operand local_value(uint32_t index, Span span);
    void undo_to(size_t mark);
    void finish(bool ends_in_assignment);
    void add_output(std::string_view name, Operand value);

    // names.cpp: variables, constants, functions by name
    Step name();
    Step call_name(const Token& name);
    void variable(const Token& name);
    uint32_t intern(const Token& name);
    std::string_view name_of(const Token& name);
    std::string suggest(std::string_view wrong, bool functions);
    void unavailable(std::string_view name, Span span);

    // operators.cpp: what operators mean, by type
    void reduce_prefix(const Pending& p);
    void reduce_binary(const Pending& p, bool chained);
    void negate(Operand& a);
    void arithmetic(Op op, Operand& a, Operand& b);
    void floor_division(Op op, Operand& a, Operand& b, Span at);
    void power(Operand& a, Operand& b, Span at);
    void bitwise(Op op, Operand& a, Operand& b, bool caret = false);
    void shift(Op op, Operand& a, Operand& b);
    void compare(Op op, Operand& a, Operand& b, bool chained);
    void logic(Op op, Operand& a, Operand& b);
    void conditional(Operand& c, Operand& a, Operand& b, bool lazily);
    static bool may_be_wide(const Operand& o);
    static Ty common_type(const Operand& a, const Operand& b);
    bool pair(Operand& a, Operand& b, Scalar type);
    bool both_literal(Operand& a, Operand& b);
    bool divides_by_zero(Operand& b);
    void divide_integers(Op op, Operand& a, Operand& b, Span at);
    bool needs_integer(Operand& o, std::string_view what, std::string_view hint);

    // literals.cpp: numbers that are not typed yet
    Operand integer_literal(int64_t value, Span span);
    Operand float_literal(double value, Span span);
    bool coerce(Operand& o, Scalar type);
    void settle(Operand& o) { coerce(o, natural(o.ty)); }
    bool fits(Operand& o);
    void as_float(Operand& o);
    bool fold_arithmetic(Op op, Operand& a, const Operand& b);
    bool fold_bits(Op op, Operand& a, const Operand& b);
    void fold_power(Operand& a, int64_t exponent);
    void overflow(Operand& a, double about);

    // calls.cpp: what functions mean, by type
    void reduce_call(const Pending& p, Span span);
    bool check_count(const FunctionRow& row, size_t given, bool has_predicate, Span span);
    void call(const FunctionRow& row, std::span<Operand> args, const Pending& p, Span span);
    bool join(std::span<Operand> args, Scalar type, Span span);
    void call_value(Op op, Scalar type, std::span<Operand> args, Ty result, Span span);
    void predicate(Op op, Operand& a);
    void cast(Operand& a, Scalar to);
    void coalesce(std::span<Operand> args, Ty common, Span span);

    // expansion.cpp: calls of definitions and of functions of the host
    const Definition* find_definition(std::string_view name) const;
    void reduce_defined(const Pending& p, Span span);
    bool native_argument(const Definition& d, size_t k, Operand& a);
    void report_removed(const Definition& d, const Definition* now, Span span);
    Operand call_native(const Definition& d, std::span<Operand> args, Span span);
    Operand call_routine(const Definition& d, std::span<Operand> args, Span span);
    uint32_t routine(const Definition& d, std::span<const Operand> args, Span span);
    void report_inside(const Definition& d, Diagnostics& problems, Span span);
    void parse_routine(const Definition& d, std::span<const Operand> args, const TextOptions& options,
                       const Limits& limits, Expansions& expansions, Diagnostics& diagnostics, Routine& out);
    void bind_param(std::string_view name, const Operand& value);
    void parse_body();

    // reductions.cpp: functions of all rows
    Step named_argument();
    void reduction(Form form, std::span<Operand> args, bool has_predicate, Span span);
    bool no_reduction_in_branch(const Operand& branch);

    // Building code.
    uint32_t add(Do what, Op op, Scalar type, Span span, uint64_t payload = 0, uint8_t flags = 0);
    void append(Operand& a, Do what, Op op, Scalar type, uint64_t payload = 0, uint8_t flags = 0);
    void link(Operand& a, const Operand& b);
    Operand single(Do what, Scalar type, Ty ty, Span span, uint64_t payload);
    Operand error_operand(Span span) const;

    const Builtins& builtins_;
    Lexer lexer_;
    Token token_;
    Symbols symbols_;
    Parsed out_;
    Stack<Operand> operands_;
    Stack<Pending> pending_;
    std::vector<Local> locals_;
    std::vector<uint32_t> outputs_;    // locals, in order of first assignment
    std::vector<uint32_t> let_names_;  // symbols that LetBinds are about to bind
    std::vector<Undo> undo_;
    Operand program_;  // code of the statements so far
    const TextOptions* options_ = nullptr;
    size_t steps_ = 0;  // only for asking, now and then, whether to go on
    const Limits* limits_ = nullptr;
    Diagnostics* diagnostics_ = nullptr;
    uint16_t if_row_ = 0;            // of the function `if`
    uint32_t open_ = 0;              // barriers that forbid a statement to end at a line break
    bool starts_with_let_ = false;   // the let to come is the first token of its statement and may do without in
    bool missing_reported_ = false;  // one missing operator per statement is enough
    bool bracket_reported_ = false;  // a bracket was left open: one that closes nothing is no news
    uint32_t blamed_ = kNone;        // the token that stands where a value is missing
    bool stopped_ = false;

    Expansions own_expansions_;
    Expansions* expansions_ = nullptr;      // of the whole program
    const Definition* inside_ = nullptr;    // whose body is read
    const Definition* defining_ = nullptr;  // whose body is read before its types are known
    TextOptions body_options_;
    std::unique_ptr<Parser> child_;  // reads what this one calls
};

// Span of an operator as the payload of an instruction, and back.
constexpr uint64_t pack(Span s) { return static_cast<uint64_t>(s.begin) << 32 | s.end; }
constexpr Span unpack(uint64_t p) { return {static_cast<uint32_t>(p >> 32), static_cast<uint32_t>(p)}; }

}  // namespace exprjit::lang
