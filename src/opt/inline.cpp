// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Replaces every call by the callee's body, so that one function is left. Works top-down with a stack of suspended
// callers: its cost is the size of the result, whatever the shape of the call graph.
#include <string>

#include "opt/codes.h"
#include "opt/passes.h"
#include "opt/rebuild.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

class Inliner {
  public:
    explicit Inliner(PassContext& context)
        : context_(context), program_(context.program), map_(context.scratch.map),
          rebuild_(program_.entry(), context.scratch) {}

    Result<void> run();

  private:
    // A function whose nodes are being copied.
    struct Frame {
        const Function* function;
        ValueId next;     // node to copy next
        size_t base;      // of its values in the map
        ValueId call;     // the call in the caller's function
        uint32_t loops;   // loops open in this frame, the wrapper not counted
        bool is_wrapped;  // its body stands in a loop that returns leave
    };

    void enter(const Function& callee, const Node& call_node, ValueId call);
    void leave_wrapped();
    void finish_call(std::span<const ValueId> results);
    void do_return(const Node& n);
    void resume();
    Result<void> check_limits(uint64_t steps);

    PassContext& context_;
    Program& program_;
    std::vector<ValueId>& map_;
    Rebuild rebuild_;
    std::vector<Frame> frames_;
    std::vector<ValueId> values_;
    uint64_t local_bytes_ = 0;
};

// Whether a function returns from anywhere but its end.
bool returns_early(const Function& f) {
    for (ValueId v = 0; v + 1 < f.size(); ++v) {
        if (f[v].op == Op::Return) return true;
    }
    return false;
}

void Inliner::enter(const Function& callee, const Node& call_node, ValueId call) {
    const auto arguments = rebuild_.operands(call_node);
    const Frame& caller = frames_.back();
    const size_t base = caller.base + caller.function->size();
    const bool wrap = returns_early(callee);
    // The arguments move to the callee's part of the map before anything else may use the operand buffer.
    if (map_.size() < base + callee.size()) map_.resize(base + callee.size());
    for (size_t i = 0; i < arguments.size(); ++i) map_[base + i] = arguments[i];
    frames_.push_back({&callee, static_cast<ValueId>(callee.params.size()), base, call, 0, wrap});
    if (wrap) {
        Builder& b = rebuild_.builder();
        values_.clear();
        for (const Type t : callee.results) values_.push_back(b.number(t, 0));
        b.begin_loop(values_);
    }
    rebuild_.enter(callee, base);
}

void Inliner::resume() {
    frames_.pop_back();
    const Frame& caller = frames_.back();
    rebuild_.enter(*caller.function, caller.base);
}

// The call's results are now `results`; the caller goes on behind it.
void Inliner::finish_call(std::span<const ValueId> results) {
    const ValueId call = frames_.back().call;
    resume();
    for (size_t k = 0; k < results.size(); ++k) rebuild_.set(call + static_cast<ValueId>(k), results[k]);
}

void Inliner::leave_wrapped() {
    const size_t count = frames_.back().function->results.size();
    const ValueId first = rebuild_.builder().end_loop();
    values_.clear();
    for (size_t k = 0; k < count; ++k) values_.push_back(first + static_cast<ValueId>(k));
    finish_call(values_);
}

void Inliner::do_return(const Node& n) {
    const auto operands = rebuild_.operands(n);
    const Frame& frame = frames_.back();
    const bool is_last = frame.next == frame.function->size();
    if (frame.is_wrapped) {
        rebuild_.builder().break_to(frame.loops, operands);
        if (is_last) leave_wrapped();
        return;
    }
    values_.assign(operands.begin(), operands.end());
    finish_call(values_);
}

Result<void> Inliner::check_limits(uint64_t steps) {
    poll_compile_at(steps);
    const Limits& limits = context_.limits;
    const Builder& b = rebuild_.builder();
    const Frame& frame = frames_.back();
    const Span span = frame.function->span_of(frame.next - 1);
    // Steps are counted as well as nodes, because calls of empty functions add no node and can still be exponential.
    if (steps > limits.max_nodes || rebuild_.builder().function().size() > limits.max_nodes) {
        return fail(Status::Limit, opt_codes::kProgramGrows,
                    "the program needs more than " + std::to_string(limits.max_nodes) +
                        " nodes (the limit max_nodes) once its calls are inlined",
                    "call fewer functions, or raise the engine's max_nodes", span);
    }
    if (b.open_regions() > limits.max_nesting) {
        return fail(Status::Limit, opt_codes::kNestingGrows,
                    "regions nest deeper than " + std::to_string(limits.max_nesting) +
                        " levels (the limit max_nesting) once calls are inlined",
                    "nest fewer calls inside loops and branches, or raise the engine's max_nesting", span);
    }
    if (local_bytes_ > limits.max_local_bytes) {
        return fail(Status::Limit, opt_codes::kLocalsGrow,
                    "local arrays need more than " + std::to_string(limits.max_local_bytes) +
                        " bytes once calls are inlined",
                    "use smaller local arrays, or fewer calls of functions that have them", span);
    }
    return {};
}

Result<void> Inliner::run() {
    frames_.push_back({&program_.entry(), 0, 0, kNoValue, 0, false});
    for (uint64_t steps = 1;; ++steps) {
        Frame& frame = frames_.back();
        const Function& f = *frame.function;
        if (frame.next == f.size()) break;  // of the entry: callees leave through their return
        const ValueId v = frame.next++;
        const Node& n = f[v];
        if (is_owned(n.op)) continue;
        switch (n.op) {
        case Op::Call:
            rebuild_.at(v);
            enter(program_.functions[n.imm], n, v);
            break;
        case Op::Return:
            if (frames_.size() == 1) {
                rebuild_.copy(v);
            } else {
                rebuild_.at(v);
                do_return(n);
            }
            break;
        case Op::Local: local_bytes_ += n.imm * byte_size(n.type.storage()); [[fallthrough]];
        default:
            if (n.op == Op::For || n.op == Op::Loop) ++frame.loops;
            if (n.op == Op::EndFor || n.op == Op::EndLoop) --frame.loops;
            rebuild_.copy(v);
            break;
        }
        if (Result<void> fits = check_limits(steps); !fits) return fits;
    }
    rebuild_.finish();
    return {};
}

}  // namespace

Result<void> inline_calls(PassContext& context) {
    if (context.program.functions.size() == 1) return {};
    if (context.present.has(Op::Call)) {
        if (Result<void> done = Inliner(context).run(); !done) return done;
        // Early returns became a loop and breaks.
        context.present.add(Op::Loop);
        context.present.add(Op::EndLoop);
    }
    context.program.functions.resize(1);
    return {};
}

}  // namespace exprjit
