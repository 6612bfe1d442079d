// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/context.h"
#include "ir/program.h"
#include "support/result.h"

namespace exprjit {

// x86-64 micro-architecture levels.
enum class Isa : uint8_t { None = 0, V2 = 2, V3 = 3, V4 = 4 };

// The best level of this CPU (and of what the system saves on a context switch); None below v2.
Isa host_isa();

// Plain:   R f(args…)                               the platform's C convention; see needs_context()
// Context: int32_t f(Context*, args…, Slot* outs)   Exit codes; outs one slot per result
// Scalars are passed as C passes double, float, int64_t, int32_t and int32_t (0 or 1) for bool; array parameters as
// ArrayDescriptor*. Integer arguments follow each other in rdi, rsi, … (the context first, outs last), floating ones in
// xmm0…7, the rest on the stack.
enum class EntryForm : uint8_t { Plain, Context };

// Whether a legalised function cannot have a plain entry: checks, long loops, calls, lanes, or results other than one.
bool needs_context(const Function& f);

struct CompileOptions {
    Isa isa = Isa::V3;
    EntryForm form = EntryForm::Plain;
    bool listing = false;     // fill Code::listing
    std::string_view source;  // for positions in the listing; may be empty
    size_t max_code_bytes = size_t{64} << 20;
    bool few_registers = false;  // for tests: eight of each class, so that every program spills
};

struct CompileTimes {
    uint64_t uses = 0, allocate = 0, emit = 0;  // ticks, see support/ticks.h
};

// Position-independent machine code: copy it to executable memory at a multiple of `alignment` and call `bytes + entry`.
// Calls to C functions go through absolute addresses in its constant pool.
struct Code {
    std::vector<uint8_t> bytes;
    uint32_t entry = 0;
    uint32_t alignment = 64;
    uint32_t spills = 0;  // values that got a stack slot
    uint32_t frame_bytes = 0;
    CompileTimes times;
    std::string listing;
};

// Compiles function 0 of a program that went through run_pipeline and lower_arrays. `out` is overwritten; its memory is
// reused. Scratch is per thread. Fails with Limit when the code outgrows max_code_bytes, Unsupported for lanes that the level
// does not have and for loads and stores at lanes of indices. Linear time.
Result<void> compile(const Program& program, const CompileOptions& options, Code& out);

}  // namespace exprjit
