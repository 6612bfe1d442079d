// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "opt/pipeline.h"
#include "runtime/executable.h"
#include "runtime/key.h"
#include "support/result.h"

namespace exprjit {

class Engine;

// Where the time went, in ticks (support/ticks.h).
struct CompileTicks {
    uint64_t total = 0, parse = 0, verify = 0, key = 0, optimise = 0, install = 0;
    CompileTimes code;
};

// Everything a compile writes on the way, kept per thread from one to the next so that small compiles allocate nothing.
struct CompileScratch {
    Bytes front_key;
    Bytes canonical_key;
    Program program;
    std::vector<Span> places;
    std::vector<TextParam> params;
    PassScratch passes;
    Code code;
    // CompiledCode::id of the code whose optimised program `program` still is, 0 if it is anything else: a kernel that is
    // compiled and then evaluated over columns on the same thread is not read and optimised twice.
    uint64_t optimised_of = 0;

    static CompileScratch& of_this_thread();
    // Gives back what an unusually large program left.
    void trim();
};

// Whatever the request's kind is, to a verified program.
Result<void> read_program(const CompileRequest& request, const Limits& limits, Program& out, CompileTicks& ticks);

// The tier EJ_TIER_AUTO stands for. The optimised tier costs about twice the baseline's compile time per node and pays
// it back on the first few calls of a loop or the first few hundred of straight-line code, so it is the rule. Straight-
// line programs of more than kAutoOptimisedNodes nodes are machine-made and mostly run about as often as they are
// compiled: they get the baseline unless a loop, whose body runs many times, makes up for it.
inline constexpr size_t kAutoOptimisedNodes = 20'000;
Tier choose_tier(const Program& program);

// What became of a program besides the code itself.
struct Generated {
    Executable executable;
    uint64_t nodes = 0;  // of the entry function, after optimisation
    uint64_t spills = 0;
    bool needs_context = false;
    bool code_memory_full = false;  // nothing was made: there is no executable memory left
};

enum class FormChoice : uint8_t { PlainIfPossible, Context };

// Runs the pipeline on `program`, which is used up, and makes it executable as `traits` say. scratch.code holds the
// machine code afterwards.
Result<Generated> generate(Engine& engine, Program& program, const CodeTraits& traits, FormChoice form,
                           CompileScratch& scratch, CompileTicks& ticks);

}  // namespace exprjit
