// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/pipeline.h"

#include "opt/passes.h"

namespace exprjit {

namespace {

// fold, simplify and cse are one walk: folding makes operands that simplify, both make nodes that are equal, and one
// walk costs a third of three. For display they are separated: see show_partial.
Result<void> run_fold(PassContext&) { return {}; }
Result<void> run_simplify(PassContext&) { return {}; }
Result<void> run_cse(PassContext& context) {
    if (!context.rewritten) rewrite(context.program, context.scratch, kAllRules);
    return {};
}
// The same walk before functions are written out: a sine is one node here and eighty there, written so that the walk
// finds nothing in it. expand_ops() says whether something is left for the walk after it.
Result<void> run_early_cse(PassContext& context) {
    if (!context.present.intersects(kExpandOps)) return {};
    rewrite(context.program, context.scratch, kAllRules);
    context.rewritten = true;
    return {};
}
Result<void> run_dce(PassContext& context) {
    eliminate_dead_code(context.program, context.scratch, context.present);
    return {};
}

struct Pass {
    const char* name;
    Result<void> (*run)(PassContext&);
    bool in_every_tier;
    uint8_t shown_rules;  // of the fused walk: the rules applied to the copy that is shown under this name, 0 if none
};

// The passes, in order.
constexpr Pass kPasses[] = {
    {"flags", apply_flags, true, 0},
    {"inline", inline_calls, true, 0},
    {"early_cse", run_early_cse, false, 0},
    {"expand", expand_ops, true, 0},
    {"legalise", legalise, true, 0},
    {"fold", run_fold, false, kFoldRules},
    {"simplify", run_simplify, false, kAllRules},
    {"cse", run_cse, false, 0},
    {"dce", run_dce, false, 0},
};

void show(const Pass& pass, PassContext& context, const PipelineOptions& options) {
    if (pass.shown_rules == 0 || context.rewritten) return options.after_pass(pass.name, context.program);
    Program copy = context.program;
    rewrite(copy, context.scratch, static_cast<RewriteRules>(pass.shown_rules));
    options.after_pass(pass.name, copy);
}

}  // namespace

const char* pass_name(size_t index) {
    if (index == std::size(kPasses)) return kVectorizePass;
    return index < std::size(kPasses) ? kPasses[index].name : nullptr;
}

Result<void> run_pipeline(Program& program, const PipelineOptions& options, const Limits& limits,
                          PassScratch& scratch) {
    PassContext context{program, limits, scratch, options.flags | program.flags, OpSet::of(program)};
    const bool optimise = options.tier == Tier::Optimised;
    for (const Pass& pass : kPasses) {
        if (!pass.in_every_tier && !optimise) continue;
        if (Result<void> done = pass.run(context); !done) return done;
        if (options.after_pass) show(pass, context, options);
    }
    return {};
}

}  // namespace exprjit
