// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every way this project can run a program, in one list. The first is the oracle; tests run a program on all of them
// and ask for the same bits.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "interp/interpreter.h"
#include "ir/context.h"
#include "ir/program.h"
#include "ir/verify.h"
#include "jit/compile.h"
#include "opt/pipeline.h"
#include "support/native_call.h"
#include "support/result.h"

namespace exprjit::trial {

struct Engine {
    enum class Kind : uint8_t { Interpreter, LoweredInterpreter, Native };
    Kind kind = Kind::Interpreter;
    Tier tier = Tier::Baseline;  // which passes run before
    Isa isa = Isa::None;         // Native
    EntryForm form = EntryForm::Context;
    bool few_registers = false;  // Native: so few that every program spills

    // "interpreter.baseline", "interpreter.optimised.lowered", "native.optimised.v3.plain".
    std::string name() const;
};

// The oracle (interpreter after the baseline passes), then every other engine of this host. The environment variable
// EXPRJIT_TEST_ENGINES keeps only those whose name contains it.
std::span<const Engine> all_engines();
inline const Engine& oracle() { return all_engines().front(); }

// How a run ended. `outs` only counts after Exit::Ok.
struct Outcome {
    Exit exit = Exit::Ok;
    uint64_t failed_imm = 0;
    int64_t failed_index = -1;
    std::vector<Slot> outs;
    std::string misbehaviour;  // what the run broke besides its results: registers, flags, return conventions
};

// "ok (0x1p+0 (1), 7)", "check failed: divide_by_zero, site 12, index 3".
std::string describe(const Outcome& o, std::span<const Type> results);
const char* name_of(CheckCode code);

// A change made to the program between the passes and the engine: how the harness proves that it can fail.
using Mutation = void (*)(Program&);

// A verified program, taken through an engine's passes and made ready to run on it.
class Prepared {
  public:
    // Empty (and no error) when the engine has no such form of this program: a plain entry it cannot have.
    // Errors: whatever the passes and the code generator report; also an Internal error when a pass left a program that
    // does not verify, naming the pass.
    static Result<Prepared> make(const Program& program, const Engine& engine, const Limits& limits = {},
                                 Mutation mutation = nullptr);

    bool exists() const { return interpreter_ || code_.entry() != nullptr; }
    // `args` as for Interpreter::run.
    Outcome run(std::span<const Slot> args) const;

    const Program& lowered() const { return program_; }
    uint32_t code_bytes() const { return code_bytes_; }
    uint32_t spills() const { return spills_; }
    const std::string& listing() const { return listing_; }
    // Whether make() should ask for a listing.
    static inline bool want_listing = false;

  private:
    Engine engine_;
    Program program_;  // as the engine got it
    std::vector<Type> params_, results_;
    std::optional<Interpreter> interpreter_;
    NativeCode code_;
    uint32_t code_bytes_ = 0;
    uint32_t spills_ = 0;
    std::string listing_;
};

// All diagnostics of an error, one per line, for failure messages.
std::string describe(const Error& error);

}  // namespace exprjit::trial
