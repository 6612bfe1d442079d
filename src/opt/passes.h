// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ir/program.h"
#include "opt/op_set.h"
#include "opt/pipeline.h"
#include "support/result.h"

namespace exprjit {

// What a pass works on.
struct PassContext {
    Program& program;
    const Limits& limits;
    PassScratch& scratch;
    uint32_t flags;
    OpSet present;           // a superset of the operations in the program; a pass that brings in others adds them
    bool rewritten = false;  // the rewriting walk has seen the program, and nothing since gave it more to do
};

// Which families of rules the rewriting walk applies. Sharing of equal nodes is the Builder's and always happens.
enum RewriteRules : uint8_t { kFoldRules = 1, kSimplifyRules = 2, kAllRules = 3 };

// One function per pass; pipeline.cpp lists them. Each expects verified programs and leaves them valid
// (Trust::Internal).
Result<void> apply_flags(PassContext& context);
Result<void> inline_calls(PassContext& context);
Result<void> expand_ops(PassContext& context);
Result<void> legalise(PassContext& context);
void rewrite(Program& program, PassScratch& scratch, RewriteRules rules);
void eliminate_dead_code(Program& program, PassScratch& scratch, const OpSet& present);

}  // namespace exprjit
