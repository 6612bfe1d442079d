// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ir/builder.h"
#include "lang/diagnostics.h"
#include "lang/parser.h"
#include "support/stack.h"

namespace exprjit::lang {

// Turns what the parser made into IR.
class Emitter {
  public:
    // Overwrites `out`. Reports only limits.
    void emit(const Parsed& parsed, const Limits& limits, Program& out, Diagnostics& diagnostics);
    // Nodes of the last program, as far as it got.
    size_t node_count() const { return nodes_; }
    void trim();

  private:
    void step(const Code& c);
    void call_native(const Code& c);
    uint32_t enter_routine(const Code& c, uint32_t next);
    uint32_t leave_routine();
    // Where a position of the code is in the text: inside of routines, their outermost call.
    Span place(Span span) const { return frames_.empty() ? span : frames_.front().span; }
    void value(const Code& c);
    void divide(const Code& c, ValueId a, ValueId b);
    void compare(const Code& c);
    void begin_if(const Code& c);
    void end_if(const Code& c);
    void reduce(const Code& c);
    ValueId reduced(Form form, ValueId given, ValueId v, ValueId predicate, uint32_t site);
    void require_rows(ValueId count, uint32_t site);
    void guard(ValueId condition, bool holds);
    bool enter(ValueId condition, Span at);
    ValueId convert(ValueId v, Scalar to, bool is_cast = false);
    ValueId truth(ValueId v) { return convert(v, Scalar::Bool); }
    ValueId zero(ValueId like) { return builder_.number(builder_.type_of(like), 0); }
    ValueId pop() {
        const ValueId v = stack_.back();
        stack_.pop_back();
        return v;
    }
    void push(ValueId v) { stack_.push_back(v); }

    Builder builder_;
    Stack<ValueId> stack_;
    std::vector<ValueId> locals_;
    std::vector<ValueId> guards_;  // under which conditions what is emitted matters, the innermost last
    // A routine that is running.
    struct Frame {
        const Stack<Code>* code;  // of the caller, and where it goes on
        uint32_t next;
        uint32_t locals;  // of the caller: where they begin
        Span span;        // of the call
        std::string key;  // under which the value is remembered; "" if it is not
    };
    const Parsed* parsed_ = nullptr;
    const Stack<Code>* code_ = nullptr;
    uint32_t locals_base_ = 0;
    std::vector<Frame> frames_;
    size_t routine_calls_ = 0, routine_steps_ = 0, recalls_ = 0;
    std::unordered_map<std::string, ValueId>
        remembered_;    // values of routines by their arguments, outside every region
    size_t nodes_ = 0;  // of the function just made: how much the builder's table grew
    const Limits* limits_ = nullptr;
    Diagnostics* diagnostics_ = nullptr;
};

}  // namespace exprjit::lang
