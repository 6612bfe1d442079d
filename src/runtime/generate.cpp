// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/generate.h"

#include "ir/text.h"
#include "ir/verify.h"
#include "runtime/codes.h"
#include "runtime/engine.h"
#include "runtime/image.h"
#include "runtime/stack_limit.h"
#include "support/compile_watch.h"
#include "support/ticks.h"
#include "wire/bytes.h"

namespace exprjit {

static_assert(wire::kKnownFlags == (kFlagContract | kFlagReassoc | kFlagFastMaths));

CompileScratch& CompileScratch::of_this_thread() {
    static thread_local CompileScratch scratch;
    return scratch;
}

void CompileScratch::trim() {
    constexpr size_t kLargeNodes = 16'384;
    constexpr size_t kLargeBytes = size_t{1} << 20;
    if (front_key.capacity() > kLargeBytes) front_key.release();
    if (canonical_key.capacity() > kLargeBytes) canonical_key.release();
    if (places.capacity() > kLargeNodes) std::vector<Span>().swap(places);
    const bool large = !program.functions.empty() && program.entry().nodes.capacity() > kLargeNodes;
    if (!large && passes.spare.nodes.capacity() <= kLargeNodes && code.bytes.capacity() <= kLargeBytes) return;
    program = Program{};
    optimised_of = 0;
    passes = PassScratch{};
    code = Code{};
}

Result<void> read_program(const CompileRequest& request, const Limits& limits, Program& out, CompileTicks& times) {
    const uint64_t start = ticks();
    if (request.kind == SourceKind::Text) {
        TextOptions options = request.text_options();
        if (options.definitions != nullptr) options.stack_limit = stack_limit();
        auto compiled = compile_text(request.text, options, limits, out);
        times.parse = ticks() - start;
        return compiled;
    }
    const auto bytes = [&] {
        return std::span(reinterpret_cast<const uint8_t*>(request.text.data()), request.text.size());
    };
    if (request.kind == SourceKind::Image) {
        read_image(bytes(), out);
    } else {
        auto parsed =
            request.kind == SourceKind::Bytes ? wire::decode(bytes(), limits) : parse_ir(request.text, limits);
        if (!parsed) return parsed.take_failure();
        out = std::move(*parsed);
    }
    const uint64_t end_of_parse = ticks();
    times.parse = end_of_parse - start;
    auto verified = verify(out, limits);
    times.verify = ticks() - end_of_parse;
    if (!verified) return verified;
    const Function& f = out.entry();
    const auto is_scalar = [](Type t) { return t.is_scalar(); };
    bool scalars = true;
    for (const Param& p : f.params) scalars = scalars && is_scalar(p.type);
    for (const Type t : f.results) scalars = scalars && is_scalar(t);
    if (scalars) return {};
    return fail(Status::Unsupported, code_of(RuntimeCode::NotScalarKernel),
                "function '" + f.name + "' takes or returns arrays or lanes; a kernel takes and returns single values",
                "give the kernel scalar parameters and evaluate it over columns, or call '" + f.name +
                    "' from a first function that has them");
}

Tier choose_tier(const Program& program) {
    size_t nodes = 0;
    for (const Function& f : program.functions) nodes += f.nodes.size();
    if (nodes <= kAutoOptimisedNodes) return Tier::Optimised;
    for (const Function& f : program.functions) {
        for (const Node& n : f.nodes) {
            if (n.op == Op::For || n.op == Op::Loop) return Tier::Optimised;
        }
    }
    return Tier::Baseline;
}

Result<Generated> generate(Engine& engine, Program& program, const CodeTraits& traits, FormChoice form,
                           CompileScratch& scratch, CompileTicks& times) {
    uint64_t start = ticks();
    PipelineOptions options;
    options.tier = traits.tier;
    options.flags = traits.flags;
    if (auto done = run_pipeline(program, options, engine.limits(), scratch.passes); !done) return done.take_failure();
    Generated g;
    g.nodes = program.entry().size();
    g.needs_context = needs_context(program.entry());
    if (traits.tier == Tier::Interpreter) {
        g.executable = Executable::interpreted(program);
        times.optimise = ticks() - start;
        return g;
    }
    if (auto done = lower_arrays(program, engine.limits(), scratch.passes); !done) return done.take_failure();
    times.optimise = ticks() - start;
    poll_compile();

    CompileOptions code_options;
    code_options.isa = traits.isa;
    code_options.form = g.needs_context || form == FormChoice::Context ? EntryForm::Context : EntryForm::Plain;
    code_options.max_code_bytes = engine.limits().max_code_bytes;
    auto done = compile(program, code_options, scratch.code);
    if (!done && done.error().status() == Status::NeedsContext) {  // a frame too large to go unchecked
        g.needs_context = true;
        code_options.form = EntryForm::Context;
        done = compile(program, code_options, scratch.code);
    }
    if (!done) return done.take_failure();
    times.code = scratch.code.times;
    g.spills = scratch.code.spills;

    poll_compile();
    start = ticks();
    CodeBlock block;
    if (engine.code_memory() == nullptr || !engine.code_memory()->install(scratch.code.bytes, block)) {
        g.code_memory_full = true;
        return g;
    }
    g.executable = Executable::native(*engine.code_memory(), block, scratch.code.entry, code_options.form,
                                      program.entry(), scratch.code.frame_bytes);
    times.install = ticks() - start;
    return g;
}

}  // namespace exprjit
