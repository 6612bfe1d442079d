// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>

#include "ir/builder.h"
#include "ir/program.h"
#include "support/result.h"

namespace exprjit {

// Value-changing permissions; the same bits as EJ_FLAG_* in exprjit.h (capi asserts it).
enum Flag : uint32_t {
    kFlagContract = 1,
    kFlagReassoc = 2,
    // Not a bit of EJ_FLAG_*, but how EJ_ACCURACY_FAST travels: elementary functions may be 4 ULP off instead of 1.
    kFlagFastMaths = 4,
};

enum class Tier : uint8_t { Interpreter = 1, Baseline = 2, Optimised = 3 };

struct PipelineOptions {
    Tier tier = Tier::Optimised;
    uint32_t flags = 0;
    // Called after each pass that ran, with its name (dump_after); empty in production.
    std::function<void(const char* pass, const Program&)> after_pass;
};

// Memory that passes reuse from compile to compile. One per thread.
struct PassScratch {
    Function spare;  // a pass builds here and swaps
    Builder builder;
    std::vector<ValueId> map;  // old value to new
    std::vector<uint8_t> marks;
};

// Runs the passes of the tier over a verified program: what every engine shares (flags, inline, expand, legalise), then, for
// Tier::Optimised, the rest. Afterwards no Expand operation and no Call node is left. Fails only on limits.
Result<void> run_pipeline(Program& program, const PipelineOptions& options, const Limits& limits, PassScratch& scratch);

// Lowers Load, Store, Len of array parameters, locals and tables to Base, Stride, LoadRaw, StoreRaw and, where not marked
// known-inside, an If around them. Only code generation needs it; the interpreter works on arrays.
Result<void> lower_arrays(Program& program, const Limits& limits, PassScratch& scratch);

// What the column engine runs on the result, see opt/vectorize.h.
inline constexpr const char* kVectorizePass = "vectorize";

// Names of the passes in the order of the optimised tier, vectorize last; nullptr past the end.
const char* pass_name(size_t index);

}  // namespace exprjit
