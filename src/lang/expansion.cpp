// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls of functions that are not part of the language: definitions of an engine's users, and functions of the host.
#include <algorithm>

#include "lang/parser.h"

namespace exprjit::lang {

namespace {

// Literals can make every call of a definition different; a text that needs so many is not written by a person.
constexpr size_t kMostRoutines = 16'384;

std::string shown(const Definition& d) {
    std::string out = d.name + "(";
    for (size_t k = 0; k < d.param_count(); ++k) {
        if (k != 0) out += ", ";
        out += d.native ? std::string(exprjit::name_of(d.native->params[k])) : d.params[k];
    }
    return out + ")";
}

// Tells apart the calls that are different code.
std::string key_of(const Definition& d, std::span<const Operand> args) {
    std::string key;
    const auto put = [&key](const auto& value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
    put(&d);
    for (const Operand& a : args) {
        const uint8_t facts[3] = {static_cast<uint8_t>(a.ty), a.literal, a.wide};
        put(facts);
        if (a.literal) put(a.integer);
    }
    return key;
}

}  // namespace

// What a name before an opening bracket means here, nullptr if it means nothing.
const Definition* Parser::find_definition(std::string_view name) const {
    const Definition* found = nullptr;
    if (inside_ != nullptr) {
        const auto at = std::find_if(inside_->callees.begin(), inside_->callees.end(),
                                     [&](const DefinitionRef& d) { return d->name == name; });
        if (at != inside_->callees.end()) found = at->get();
    } else if (options_->definitions != nullptr) {
        found = options_->definitions->find(name);
    }
    if (found == nullptr || (found->calls_natives && !options_->host_functions)) return nullptr;
    if (inside_ == nullptr && options_->reached != nullptr) options_->reached->push_back(found);
    return found;
}

void Parser::reduce_defined(const Pending& p, Span span) {
    const Definition& d = *p.callee;
    const std::span<Operand> args(operands_.data() + p.base, operands_.size() - p.base);
    bool ok = args.size() == d.param_count();
    if (!ok) {
        const std::string count = std::to_string(d.param_count());
        report(Problem::ArgumentCount, span,
               shown(d) + " takes " + (d.param_count() == 0 ? "no" : count) +
                   (d.param_count() == 1 ? " argument" : " arguments") + ", not " + std::to_string(args.size()),
               d.native ? "its signature was given when it was added" : "its definition is " + quoted(d.text));
    }
    for (const Operand& a : args) ok &= a.ty != Ty::Error;
    Operand result = error_operand(span);
    if (ok) result = d.native ? call_native(d, args, span) : call_routine(d, args, span);
    operands_.resize(p.base);
    operands_.push_back(result);
}

// ---- Functions of the host

// Whether an argument becomes a `to` without losing anything; reports it otherwise.
bool Parser::native_argument(const Definition& d, size_t k, Operand& a) {
    const Scalar to = d.native->params[k];
    const Ty given = a.ty;
    bool fits = false;
    switch (to) {
    case Scalar::Bool: fits = given == Ty::Bool; break;
    case Scalar::I32:
        fits = given == Ty::Bool || given == Ty::I32 || (given == Ty::WeakInt && !(!a.literal && a.wide));
        break;
    case Scalar::I64: fits = is_integer(given); break;
    case Scalar::F32: fits = given == Ty::Bool || given == Ty::F32 || is_weak(given); break;
    case Scalar::F64: fits = true; break;
    }
    if (fits) return coerce(a, to);
    const std::string type(exprjit::name_of(to));
    report(Problem::HostArgument, a.span,
           "argument " + std::to_string(k + 1) + " of " + d.name + " is " + type + ", and this is " +
               (is_weak(given) ? "a float" : std::string(exprjit::name_of(natural(given)))),
           to == Scalar::Bool ? "compare it, as in x != 0" : "convert it with " + type + "(…)");
    a.ty = Ty::Error;
    return false;
}

// `now`: what has the name of the host function `d` today, and cannot take its place; nullptr if nothing has it.
void Parser::report_removed(const Definition& d, const Definition* now, Span span) {
    const std::string function = "the host function " + quoted(d.name);
    const auto arguments = [](size_t count) {
        return (count == 0 ? "no" : std::to_string(count)) + (count == 1 ? " argument" : " arguments");
    };
    if (now == nullptr)
        report(Problem::RemovedFunction, span, function + " was removed", "add it again, or define what calls it anew");
    else if (!now->native)
        report(Problem::RemovedFunction, span, function + " was replaced by the definition " + quoted(now->text),
               "define what calls it anew, or give the definition another name and add the host function again");
    else
        report(Problem::RemovedFunction, span,
               function + " was replaced by one that takes " + arguments(now->param_count()) + ", not " +
                   std::to_string(d.param_count()),
               "define what calls it anew, or give the new function another name and add the old one again");
}

Operand Parser::call_native(const Definition& d, std::span<Operand> args, Span span) {
    const Definition* callee = &d;
    const Definitions& now = *options_->definitions;
    if (d.is_removed(now.stamp())) {
        // The definition around was made when it existed; what has its name today takes its place.
        callee = now.find(d.name);
        if (callee == nullptr || !callee->native || callee->param_count() != d.param_count()) {
            report_removed(d, callee, span);
            return error_operand(span);
        }
        if (options_->reached != nullptr) options_->reached->push_back(callee);
    }
    Operand code;
    bool ok = true;
    for (size_t k = 0; k < args.size(); ++k) {
        ok &= native_argument(*callee, k, args[k]);
        link(code, args[k]);
    }
    if (!ok) return error_operand(span);
    auto& natives = expansions_->natives;
    auto at = std::find(natives.begin(), natives.end(), callee->native);
    if (at == natives.end()) at = natives.insert(at, callee->native);
    code.span = span;
    append(code, Do::CallNative, callee->native->op(), callee->native->result,
           static_cast<uint64_t>(at - natives.begin()));
    code.effects |= !callee->native->is_pure;
    code.ty = ty_of(callee->native->result);
    return code;
}

// ---- Definitions

Operand Parser::call_routine(const Definition& d, std::span<Operand> args, Span span) {
    for (Operand& a : args) {
        if (a.literal && !fits(a)) return error_operand(span);
    }
    const uint32_t index = routine(d, args, span);
    if (index == kNone) return error_operand(span);
    const Routine& r = *expansions_->routines[index];
    if (r.value.literal) {
        return r.value.ty == Ty::WeakInt ? integer_literal(r.value.integer, span) : float_literal(r.value.number, span);
    }
    Operand code;
    for (const Operand& a : args) {
        if (!a.literal) link(code, a);
    }
    code.span = span;
    append(code, Do::CallRoutine, Op::Param, natural(r.value.ty), index);
    code.effects |= r.value.effects;
    code.reduces |= r.value.reduces;
    code.guarded |= r.value.guarded;
    code.wide = r.value.wide;
    code.ty = r.value.ty;
    return code;
}

// The routine for these arguments, read if this is the first such call; kNone after a report.
uint32_t Parser::routine(const Definition& d, std::span<const Operand> args, Span span) {
    Expansions& all = *expansions_;
    std::string key = key_of(d, args);
    if (const auto known = all.index.find(key); known != all.index.end()) {
        return all.routines[known->second]->is_failed ? kNone : known->second;
    }
    const bool too_many = all.routines.size() >= kMostRoutines, too_long = all.code_size > limits_->max_nodes;
    const bool too_deep = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < options_->stack_limit;
    if (too_deep)
        report(Problem::StackTooSmall, span,
               "the thread's stack is nearly used up by definitions that call others, " + quoted(d.name) + " being " +
                   std::to_string(d.depth) + " deep",
               "compile on a thread with a larger stack (512 KiB is enough for any text), or write some of them out");
    else if (too_many)
        report(Problem::TooManyRoutines, span,
               "the calls of " + quoted(d.name) + " and other definitions differ in more than " +
                   std::to_string(kMostRoutines) + " ways, in their types and the numbers they are given",
               "pass variables in place of numbers, or define fewer functions by each other");
    else if (too_long)
        report(Problem::TooManyNodes, span,
               "the definitions that the expression calls need more than " + std::to_string(limits_->max_nodes) +
                   " nodes (the limit max_nodes)",
               "split it, or raise the engine's max_nodes");
    if (too_deep || too_many || too_long) {
        stopped_ = true;
        return kNone;
    }
    if (!child_) child_ = std::make_unique<Parser>();
    auto made = std::make_unique<Routine>();
    Diagnostics problems;
    child_->parse_routine(d, args, *options_, *limits_, all, problems, *made);
    made->is_failed = !problems.empty();
    if (made->is_failed) report_inside(d, problems, span);
    all.code_size += made->code.size() + 1;
    const bool failed = made->is_failed;
    const auto index = static_cast<uint32_t>(all.routines.size());
    all.routines.push_back(std::move(made));
    all.index.emplace(std::move(key), index);
    stopped_ |= child_->stopped_;
    return failed ? kNone : index;
}

// What is wrong in a definition, or one that it calls, is reported where the text calls it: the innermost place is named.
void Parser::report_inside(const Definition& d, Diagnostics& problems, Span span) {
    const Failure failure = problems.take();
    const Diagnostic& first = failure->diagnostics.front();
    constexpr std::string_view kWhere = "in the definition of ";
    std::string message = first.message;
    if (!message.starts_with(kWhere)) {
        std::string place;
        if (first.span.valid() && first.span.begin < first.span.end && first.span.end <= d.text.size())
            place =
                ", at " + quoted(std::string_view(d.text).substr(first.span.begin, first.span.end - first.span.begin));
        message = std::string(kWhere) + quoted(d.name) + place + ": " + message;
    }
    report(static_cast<Problem>(first.code), span, std::move(message), first.hint);
}

// Reads the body of `d` for arguments of these types.
void Parser::parse_routine(const Definition& d, std::span<const Operand> args, const TextOptions& options,
                           const Limits& limits, Expansions& expansions, Diagnostics& diagnostics, Routine& out) {
    // A definition means the same wherever it is called; only what division by zero does is the caller's choice.
    body_options_ = TextOptions();
    body_options_.declared = true;
    body_options_.div_mode = options.div_mode;
    body_options_.definitions = options.definitions;
    body_options_.host_functions = options.host_functions;
    body_options_.reached = options.reached;
    body_options_.stack_limit = options.stack_limit;
    inside_ = &d;
    begin(d.text, d.body, body_options_, limits, diagnostics, expansions);
    bool any_passed = false;
    for (size_t k = 0; k < args.size(); ++k) {
        Operand value = args[k];
        value.first = value.last = kNone;
        value.effects = value.reduces = value.guarded = false;
        bind_param(d.params[k], value);
        if (value.literal) continue;
        any_passed = true;
        ++out.argument_count;
    }
    // The last argument is on top.
    for (size_t k = args.size(); k-- > 0;) {
        if (args[k].literal) continue;
        append(program_, Do::Store, Op::Param, natural(args[k].ty), k);
    }
    const uint32_t stores = program_.last;
    parse_body();
    if (diagnostics.empty()) {
        Operand value = operands_.back();
        const bool is_literal = value.literal && !any_passed && program_.last == stores;
        if (is_literal && !fits(value)) {
        } else if (!is_literal) {
            settle(value);
            Operand code = program_;
            link(code, value);
            value.first = code.first;
            value.last = code.last;
            value.effects = code.effects;
            value.reduces = code.reduces;
            value.guarded = code.guarded;
        }
        out.value = value;
        out.first = is_literal ? kNone : value.first;
        out.local_count = static_cast<uint32_t>(locals_.size());
        out.code.swap(out_.code);
    }
    inside_ = nullptr;
}

void Parser::bind_param(std::string_view name, const Operand& value) {
    const uint32_t symbol = symbols_.intern(name, builtins_.hash(name));
    symbols_[symbol].binding = Binding::Local;
    symbols_[symbol].index = static_cast<uint32_t>(locals_.size());
    locals_.push_back({value, symbol, false});
}

// The statements of a definition; leaves its value on the operand stack unless something was reported.
void Parser::parse_body() {
    const bool ends_in_assignment = statements();
    if (!diagnostics_->empty() || !ends_in_assignment) return;
    const auto end = static_cast<uint32_t>(lexer_.text().size());
    report(Problem::BadDefinition, {end, end}, "the definition ends in an assignment, so it has no value",
           "end it with an expression, as in f(x) = t = x*x; t + 1");
}

// Everything that can be said about a definition before the types of its arguments are known: they count as reported, and
// so does what is computed of them. `callees` receives what it calls.
void Parser::check_definition(const Definition& d, const Definitions* known, const Limits& limits,
                              Diagnostics& diagnostics, std::vector<const Definition*>& callees) {
    body_options_ = TextOptions();
    body_options_.declared = true;
    body_options_.definitions = known;
    Expansions expansions;
    body_options_.reached = &callees;
    begin(d.text, d.body, body_options_, limits, diagnostics, expansions);
    defining_ = &d;
    for (const std::string& name : d.params) bind_param(name, Operand());
    parse_body();
    defining_ = nullptr;
}

}  // namespace exprjit::lang
