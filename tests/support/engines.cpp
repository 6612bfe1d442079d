// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/engines.h"

#include <cstdio>
#include <cstdlib>

#include "ir/text.h"
#include "support/values.h"

namespace exprjit::trial {

std::string Engine::name() const {
    std::string s = kind == Kind::Native ? "native" : "interpreter";
    s += tier == Tier::Optimised ? ".optimised" : ".baseline";
    if (kind == Kind::LoweredInterpreter) s += ".lowered";
    if (kind == Kind::Native) {
        s += ".v" + std::to_string(static_cast<int>(isa));
        s += form == EntryForm::Plain ? ".plain" : ".context";
        if (few_registers) s += ".few";
    }
    return s;
}

std::span<const Engine> all_engines() {
    static const std::vector<Engine> engines = [] {
        std::vector<Engine> list{{Engine::Kind::Interpreter, Tier::Baseline, Isa::None, EntryForm::Context},
                                 {Engine::Kind::Interpreter, Tier::Optimised, Isa::None, EntryForm::Context},
                                 {Engine::Kind::LoweredInterpreter, Tier::Baseline, Isa::None, EntryForm::Context},
                                 {Engine::Kind::LoweredInterpreter, Tier::Optimised, Isa::None, EntryForm::Context}};
        const Isa best = host_isa();
        for (const Tier tier : {Tier::Baseline, Tier::Optimised})
            for (const Isa isa : {Isa::V2, Isa::V3, Isa::V4})
                for (const EntryForm form : {EntryForm::Context, EntryForm::Plain})
                    if (isa <= best) list.push_back({Engine::Kind::Native, tier, isa, form});
        for (const Isa isa : {Isa::V2, Isa::V3})
            if (isa <= best) list.push_back({Engine::Kind::Native, Tier::Baseline, isa, EntryForm::Context, true});
        // EXPRJIT_TEST_ENGINES=v3 or =interpreter narrows a search; the oracle always stays.
        if (const char* part = std::getenv("EXPRJIT_TEST_ENGINES"))
            std::erase_if(
                list, [&](const Engine& e) { return &e != &list.front() && e.name().find(part) == std::string::npos; });
        return list;
    }();
    return engines;
}

const char* name_of(CheckCode code) {
    switch (code) {
    case CheckCode::DivideByZero: return "divide_by_zero";
    case CheckCode::Domain: return "domain";
    case CheckCode::Index: return "index";
    case CheckCode::User: return "user";
    case CheckCode::Unsigned: return "unsigned";
    case CheckCode::NoRows: return "no_rows";
    }
    return "?";
}

std::string describe(const Outcome& o, std::span<const Type> results) {
    std::string s;
    switch (o.exit) {
    case Exit::Ok:
        s = "ok (";
        for (size_t i = 0; i < o.outs.size(); ++i)
            s += (i != 0 ? ", " : "") + describe(i < results.size() ? results[i].scalar() : Scalar::I64, o.outs[i]);
        s += ")";
        break;
    case Exit::CheckFailed:
        s = std::string("check failed: ") + name_of(check_code(o.failed_imm)) + ", site " +
            std::to_string(check_site(o.failed_imm)) + ", index " + std::to_string(o.failed_index);
        break;
    case Exit::Cancelled: s = "cancelled"; break;
    case Exit::StackOverflow: s = "stack overflow"; break;
    default: s = "unknown exit " + std::to_string(static_cast<int>(o.exit)); break;
    }
    if (!o.misbehaviour.empty()) s += " [" + o.misbehaviour + "]";
    return s;
}

std::string describe(const Error& error) {
    std::string s;
    for (const Diagnostic& d : error.diagnostics) {
        if (!s.empty()) s += "\n";
        char head[64];
        std::snprintf(head, sizeof head, "EJ%04d", d.code);
        s += head;
        if (d.span.valid()) s += " " + std::to_string(d.span.begin) + ":" + std::to_string(d.span.end);
        s += " \"" + d.message + "\"";
        if (!d.hint.empty()) s += " hint \"" + d.hint + "\"";
    }
    return s;
}

namespace {

Result<void> expect_valid(const Program& p, const Limits& limits, const std::string& after) {
    Result<void> r = verify(p, limits, Trust::Internal);
    if (r) return r;
    return fail(Status::Internal, 0,
                after + " left a program that does not verify:\n" + describe(r.error()) + "\n" + print(p));
}

}  // namespace

Result<Prepared> Prepared::make(const Program& program, const Engine& engine, const Limits& limits, Mutation mutation) {
    static thread_local PassScratch scratch;
    Prepared out;
    out.engine_ = engine;
    out.program_ = program;
    PipelineOptions options;
    options.tier = engine.tier;
    options.flags = program.flags;
    if (Result<void> r = run_pipeline(out.program_, options, limits, scratch); !r) return r.take_failure();
    const std::string tier = engine.tier == Tier::Optimised ? "optimised" : "baseline";
    // Lowering and inlining may make more nodes than the border allows; the check is about structure.
    Limits roomy = limits;
    roomy.max_nodes = SIZE_MAX;
    roomy.max_nesting = SIZE_MAX;
    if (Result<void> r = expect_valid(out.program_, roomy, "the " + tier + " pipeline"); !r) return r.take_failure();
    if (mutation != nullptr) mutation(out.program_);
    if (engine.kind != Engine::Kind::Interpreter) {
        if (Result<void> r = lower_arrays(out.program_, limits, scratch); !r) return r.take_failure();
        if (Result<void> r = expect_valid(out.program_, roomy, "lower_arrays after the " + tier + " pipeline"); !r)
            return r.take_failure();
    }
    for (const Param& p : program.entry().params) out.params_.push_back(p.type);
    out.results_ = program.entry().results;
    if (engine.kind != Engine::Kind::Native) {
        out.interpreter_.emplace(out.program_);
        return out;
    }
    if (engine.form == EntryForm::Plain && needs_context(out.program_.entry())) return out;
    CompileOptions compile_options;
    compile_options.isa = engine.isa;
    compile_options.form = engine.form;
    compile_options.few_registers = engine.few_registers;
    compile_options.listing = want_listing;
    compile_options.max_code_bytes = limits.max_code_bytes;
    static thread_local Code code;
    if (Result<void> r = compile(out.program_, compile_options, code); !r) return r.take_failure();
    out.code_ = NativeCode(code.bytes, code.entry);
    out.code_bytes_ = static_cast<uint32_t>(code.bytes.size());
    out.spills_ = code.spills;
    out.listing_ = code.listing;
    return out;
}

Outcome Prepared::run(std::span<const Slot> args) const {
    Outcome o;
    o.outs.assign(results_.size(), 0x7171717171717171u);
    Context context;
    context.stop = stop_word();
    begin_run();
    if (interpreter_) {
        o.exit = interpreter_->run(context, args.data(), o.outs.data());
    } else {
        NativeArguments a;
        if (engine_.form == EntryForm::Context) a.pointer(&context);
        for (size_t i = 0; i < params_.size(); ++i) {
            if (params_[i].is_array())
                a.integer(args[i]);
            else
                a.scalar(params_[i].scalar(), args[i]);
        }
        if (engine_.form == EntryForm::Context) a.pointer(o.outs.data());
        const char* fault = nullptr;
        const NativeReturn r = call_native(code_.entry(), a, &fault);
        if (fault != nullptr) {
            o.misbehaviour = std::string("the code crashed: ") + fault;
            return o;
        }
        if (const char* broken = describe_violations(r); *broken != 0)
            o.misbehaviour = std::string("the code changed ") + broken;
        if (engine_.form == EntryForm::Context) {
            o.exit = static_cast<Exit>(static_cast<int32_t>(r.rax));
        } else if (!results_.empty()) {
            const Scalar s = results_[0].scalar();
            o.outs[0] = is_float(s) ? canonical(s, r.xmm0[0]) : s == Scalar::I64 ? r.rax : r.rax & 0xffffffffu;
        }
    }
    if (o.exit == Exit::CheckFailed) {
        o.failed_imm = context.failed_imm;
        o.failed_index = context.failed_index;
    }
    return o;
}

}  // namespace exprjit::trial
