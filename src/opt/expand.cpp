// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"

#include <algorithm>

#include "opt/codes.h"
#include "opt/passes.h"
#include "opt/rebuild.h"
#include "support/compile_watch.h"

namespace exprjit {

namespace {

// The table: a row that says Expand names its function, every other row has none.
#define EXPANSION_Shape(Name) nullptr
#define EXPANSION_Inst(Name) nullptr
#define EXPANSION_Call(Name) nullptr
#define EXPANSION_Expand(Name) expand::Name
constexpr Expansion kExpansions[kOpCount] = {
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning) EXPANSION_##lowering(Name),
#include "ir/ops.def"
};

}  // namespace

Expansion expansion_of(Op op) { return kExpansions[static_cast<int>(op)]; }

namespace {

// Doubling a function of millions of nodes copies it for tens of milliseconds at a time, in which nothing can stop the
// compilation. Memory that is reserved and not needed is never touched, and goes back at the end of the compile.
void reserve_for_expansions(const Function& from, size_t max_nodes, Function& made) {
    constexpr size_t kLong = 65'536;
    constexpr size_t kNodesOfMost = 64;
    if (from.size() < kLong) return;
    size_t nodes = from.size();
    for (const Node& n : from.nodes) nodes += expansion_of(n.op) != nullptr ? kNodesOfMost : 0;
    nodes = std::min(nodes, std::max<size_t>(max_nodes, from.size()) + kNodesOfMost);
    made.nodes.reserve(nodes);
    if (!from.spans.empty()) made.spans.reserve(nodes);
}

// Whether the rewriting walk may find something in an expansion: those of elementary functions leave it nothing to do unless
// an operand is constant; those of arithmetic, and powers with a given exponent, lean on its rules.
bool needs_rewriting(const Function& made, Op op, std::span<const ValueId> operands) {
    if (info(op).ulp.largest() <= 0 || info(op).has(kHasImm)) return true;
    return std::any_of(operands.begin(), operands.end(),
                       [&](ValueId v) { return made[v].op == Op::Const || made[v].op == Op::Splat; });
}

}  // namespace

Result<void> expand_ops(PassContext& context) {
    if (!context.present.intersects(kExpandOps)) return {};
    Function& f = context.program.entry();
    Rebuild r(f, context.scratch);
    SharedPieces shared;
    const bool fast = (context.flags & kFlagFastMaths) != 0;
    Function& made = r.builder().function();
    reserve_for_expansions(f, context.limits.max_nodes, made);
    for (ValueId v = 0; v < f.size(); ++v) {
        poll_compile_at(v);
        const Node& n = f[v];
        if (is_owned(n.op)) continue;
        const Expansion expansion = expansion_of(n.op);
        if (expansion == nullptr) {
            if (info(n.op).has(kMid) || info(n.op).has(kEnds)) shared.leave(r.builder().open_regions());
            r.copy(v);
            continue;
        }
        r.at(v);
        const std::span<const ValueId> operands = r.operands(n);
        if (context.rewritten && needs_rewriting(made, n.op, operands)) context.rewritten = false;
        const Expr e = expansion({r.builder(), operands, n.type.scalar(), n.imm, fast, shared});
        r.set(v, e.id);
        if (made.size() > context.limits.max_nodes) {
            return fail(Status::Limit, opt_codes::kProgramGrows,
                        "the program needs more than " + std::to_string(context.limits.max_nodes) +
                            " nodes (the limit max_nodes) once its functions are written out",
                        "split it into several programs, or raise the engine's max_nodes", f.span_of(v));
        }
    }
    r.finish();
    context.present = OpSet::of(context.program);  // expansions may bring the first region
    return {};
}

}  // namespace exprjit
