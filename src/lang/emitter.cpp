// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/emitter.h"

#include "support/compile_watch.h"

namespace exprjit::lang {

void Emitter::emit(const Parsed& parsed, const Limits& limits, Program& out, Diagnostics& diagnostics) {
    limits_ = &limits;
    diagnostics_ = &diagnostics;
    out.functions.resize(1);
    out.tables.clear();
    out.natives.clear();
    out.flags = 0;
    Function& f = out.entry();
    f.clear();
    f.name = "main";
    builder_.reset(f);
    if (parsed.code.size() > 1024) builder_.reserve(parsed.code.size());
    stack_.clear();
    guards_.clear();
    frames_.clear();
    if (!remembered_.empty()) remembered_.clear();
    routine_calls_ = routine_steps_ = recalls_ = 0;
    locals_base_ = 0;
    locals_.resize(parsed.local_count);
    for (const Parsed::Parameter& p : parsed.params) {
        builder_.at(p.first_use);
        builder_.param(p.type, p.name);
    }
    parsed_ = &parsed;
    code_ = &parsed.code;
    if (parsed.expansions != nullptr && !parsed.expansions->natives.empty()) out.natives = parsed.expansions->natives;
    uint32_t i = parsed.first;
    size_t steps = 0;
    for (;;) {
        if (i == kNone) {
            if (frames_.empty()) break;
            i = leave_routine();
            continue;
        }
        poll_compile_at(steps++);
        const Code& c = (*code_)[i];
        i = c.next;
        if (c.what == Do::CallRoutine) {
            i = enter_routine(c, i);
            if (!diagnostics.empty()) return;
            continue;
        }
        builder_.at(place(c.span));
        step(c);
        nodes_ = f.nodes.size();
        if (!frames_.empty()) ++routine_steps_;
        if (nodes_ > limits.max_nodes || routine_steps_ > limits.max_nodes)
            diagnostics.report(Problem::TooManyNodes, place(c.span),
                               "the expression needs more than " + std::to_string(limits.max_nodes) +
                                   " nodes (the limit max_nodes)",
                               "split it, or raise the engine's max_nodes");
        if (!diagnostics.empty()) return;
    }
    for (const Parsed::Output& o : parsed.outputs) {
        f.results.push_back(o.type);
        f.result_names.emplace_back(o.name);
    }
    builder_.ret(stack_);
}

void Emitter::trim() {
    constexpr size_t kKeep = 4096;
    if (stack_.capacity() > kKeep) stack_ = {};
    if (locals_.capacity() > kKeep) std::vector<ValueId>().swap(locals_);
    if (nodes_ > kKeep) builder_ = Builder();
    if (remembered_.bucket_count() > kKeep) std::unordered_map<std::string, ValueId>().swap(remembered_);
    if (frames_.capacity() > kKeep) std::vector<Frame>().swap(frames_);
    nodes_ = 0;
}

void Emitter::step(const Code& c) {
    switch (c.what) {
    case Do::Literal: push(builder_.constant(c.type, c.payload)); return;
    case Do::Param: push(static_cast<ValueId>(c.payload)); return;  // params are the first nodes
    case Do::Local: push(locals_[locals_base_ + c.payload]); return;
    case Do::Store: locals_[locals_base_ + c.payload] = pop(); return;
    case Do::Value: value(c); return;
    case Do::Divide:
    case Do::IntPower: {
        const ValueId b = pop(), a = pop();
        divide(c, a, b);
        return;
    }
    case Do::PowerBy: push(builder_.unary(Op::Powi, convert(pop(), c.type), c.payload)); return;
    case Do::Cast: push(convert(pop(), c.type, true)); return;
    case Do::Replace:
        pop();
        push(builder_.boolean(c.payload != 0));
        return;
    case Do::IsNegative: {
        const ValueId a = pop();
        push(builder_.binary(Op::Lt, a, zero(a)));
        return;
    }
    case Do::Fold:
    case Do::Mean: {
        const size_t n = c.payload, base = stack_.size() - n;
        ValueId v = convert(stack_[base], c.type);
        for (size_t i = 1; i < n; ++i) v = builder_.binary(c.op, v, convert(stack_[base + i], c.type));
        stack_.resize(base);
        if (c.what == Do::Mean)
            v = builder_.binary(Op::Div, v, builder_.number(builder_.type_of(v), static_cast<double>(n)));
        push(v);
        return;
    }
    case Do::Compare: compare(c); return;
    case Do::ChainIf: {
        const ValueId left = pop(), condition = pop();
        push(left);
        enter(condition, place(c.span));
        return;
    }
    case Do::ChainEnd: {
        ValueId v = pop();
        for (uint64_t i = 0; i < c.payload; ++i) {
            builder_.yield({&v, 1});
            builder_.begin_else();
            const ValueId no = builder_.boolean(false);
            builder_.yield({&no, 1});
            v = builder_.end_if({&kBool, 1});
        }
        push(v);
        return;
    }
    case Do::Reduce: reduce(c); return;
    case Do::Copy: push(stack_.back()); return;
    case Do::Guard: guard(truth(stack_.back()), c.op != Op::Or); return;
    case Do::GuardElse:
        guards_.pop_back();
        guard(truth(stack_[stack_.size() - 2]), false);
        return;
    case Do::GuardEnd: guards_.pop_back(); return;
    case Do::Logic: {
        const ValueId b = truth(pop()), a = truth(pop());
        push(builder_.binary(c.op, a, b));
        return;
    }
    case Do::Invert: push(builder_.unary(Op::Not, truth(pop()))); return;
    case Do::Select: {
        const ValueId b = pop(), a = pop(), condition = truth(pop());
        const ValueId left = convert(a, c.type);
        push(builder_.select(condition, left, convert(b, c.type)));
        return;
    }
    case Do::BeginIf: begin_if(c); return;
    case Do::ElseIf: {
        const ValueId v = convert(pop(), c.type);
        builder_.yield({&v, 1});
        builder_.begin_else();
        return;
    }
    case Do::EndIf: end_if(c); return;
    case Do::CallNative: call_native(c); return;
    case Do::CallRoutine: return;  // emit() enters it
    }
}

void Emitter::call_native(const Code& c) {
    const NativeFunction& callee = *parsed_->expansions->natives[c.payload];
    const size_t n = callee.params.size();
    ValueId* const operands = stack_.end() - n;
    for (size_t k = 0; k < n; ++k) operands[k] = convert(operands[k], callee.params[k]);
    const ValueId v = builder_.append(c.op, callee.result, {operands, n}, c.payload);
    stack_.resize(stack_.size() - n);
    push(v);
}

// Returns the instruction to go on with. Definitions that call each other often with the same arguments would take a time
// that is exponential in their number, so values are remembered once there are more than a few calls. Only where no region is
// open: what is made inside one is not known behind it.
uint32_t Emitter::enter_routine(const Code& c, uint32_t next) {
    constexpr size_t kFewCalls = 64, kMostRemembered = 16'384;
    const Routine& r = *parsed_->expansions->routines[c.payload];
    std::string key;
    const bool is_full = remembered_.size() >= kMostRemembered;
    const bool is_vain =
        is_full && recalls_ < kMostRemembered / 4;  // all calls differ: looking them up only costs time
    if (++routine_calls_ > kFewCalls && !is_vain && r.is_pure() && builder_.open_regions() == 0) {
        key.append(reinterpret_cast<const char*>(&c.payload), sizeof c.payload);
        const ValueId* const arguments = stack_.end() - r.argument_count;
        key.append(reinterpret_cast<const char*>(arguments), r.argument_count * sizeof(ValueId));
        if (const auto known = remembered_.find(key); known != remembered_.end()) {
            stack_.resize(stack_.size() - r.argument_count);
            push(known->second);
            ++recalls_;
            return next;
        }
        if (is_full) key.clear();
    }
    frames_.push_back({code_, next, locals_base_, c.span, std::move(key)});
    locals_base_ = static_cast<uint32_t>(locals_.size());
    locals_.resize(locals_.size() + r.local_count);
    code_ = &r.code;
    return r.first;
}

uint32_t Emitter::leave_routine() {
    Frame& frame = frames_.back();
    if (!frame.key.empty()) remembered_.emplace(std::move(frame.key), stack_.back());
    locals_.resize(locals_base_);
    locals_base_ = frame.locals;
    code_ = frame.code;
    const uint32_t next = frame.next;
    frames_.pop_back();
    return next;
}

void Emitter::value(const Code& c) {
    const size_t n = c.payload;
    ValueId* const operands = stack_.end() - n;
    for (size_t i = 0; i < n; ++i)
        if (builder_.type_of(operands[i]) != Type(c.type)) operands[i] = convert(operands[i], c.type);
    const ValueId v = builder_.value(c.op, {operands, n});
    stack_.resize(stack_.size() - n);
    push(v);
}

// The divisor or the exponent is checked before the operation; a check tells its site by the operator's offset.
void Emitter::divide(const Code& c, ValueId a, ValueId b) {
    a = convert(a, c.type);
    b = convert(b, c.type);
    if ((c.flags & kChecked) != 0) {
        const Span at = place(unpack(c.payload));
        builder_.at(at);
        const bool is_power = c.what == Do::IntPower;
        const ValueId ok = builder_.binary(is_power ? Op::Ge : Op::Ne, b, zero(b));
        builder_.check(ok, is_power ? CheckCode::Domain : CheckCode::DivideByZero, at.begin);
        builder_.at(place(c.span));
    }
    push(builder_.binary(c.op, a, b));
}

void Emitter::compare(const Code& c) {
    const ValueId right = pop(), left = pop();
    const ValueId a = convert(left, c.type);
    ValueId result = builder_.binary(c.op, a, convert(right, c.type));
    if ((c.flags & kHasCondition) != 0) {
        const ValueId before = pop();
        result = builder_.binary(Op::And, before, result);
    }
    push(result);
    if ((c.flags & kKeepRight) != 0) push(right);
}

// Opens an If. False, after a report, if the limit of nesting is reached; compilation then ends.
bool Emitter::enter(ValueId condition, Span at) {
    if (builder_.open_regions() >= limits_->max_nesting) {
        diagnostics_->report(Problem::NestingTooDeep, at,
                             "conditionals with checked integer operations in them are nested more than " +
                                 std::to_string(limits_->max_nesting) + " deep (the limit max_nesting)",
                             "name the inner ones first: t = …; or raise the engine's max_nesting");
        return false;
    }
    builder_.begin_if(condition);
    return true;
}

void Emitter::begin_if(const Code& c) {
    if (!enter(truth(pop()), place(c.span)) || c.op != Op::Or) return;
    const ValueId yes = builder_.boolean(true);
    builder_.yield({&yes, 1});
    builder_.begin_else();
}

void Emitter::end_if(const Code& c) {
    const ValueId v = convert(pop(), c.type);
    builder_.yield({&v, 1});
    if (c.op == Op::And) {
        builder_.begin_else();
        const ValueId no = builder_.boolean(false);
        builder_.yield({&no, 1});
    }
    const Type type = c.type;
    push(builder_.end_if({&type, 1}));
}

// `v` as `to`. A cast saturates where an implicit conversion of literals wraps; between other types they are the same.
ValueId Emitter::convert(ValueId v, Scalar to, bool is_cast) {
    const Scalar from = builder_.type_of(v).scalar();
    if (from == to) return v;
    if (to == Scalar::Bool) return builder_.binary(Op::Ne, v, zero(v));
    if (from == Scalar::Bool) return builder_.to(Op::FromBool, to, v);
    if (is_float(from)) return builder_.to(is_float(to) ? Op::FloatToFloat : Op::Convert, to, v);
    if (is_float(to)) return builder_.to(Op::IntToFloat, to, v);
    if (to == Scalar::I64) return builder_.to(Op::Widen, to, v);
    return builder_.to(is_cast ? Op::Convert : Op::Wrap, to, v);
}

}  // namespace exprjit::lang
