// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "ir/context.h"
#include "ir/program.h"

namespace exprjit {

// Result 0 of a value operation on scalar bits, from the row's meaning; `t` is its T, `u` its U. False if the row has no
// meaning for these types. The constant folder and the interpreter share it. For *_overflow, *flag receives result 1.
bool evaluate(Op op, Scalar t, Scalar u, Slot a, Slot b, Slot c, Slot* out, bool* flag = nullptr);

// Address of a C function that computes a Call row for scalars of type `t` (double(double), float(float, float),
// int64_t(int64_t, int64_t) …), nullptr if the row is none. What generated code calls, so the bits are the interpreter's.
const void* call_target(Op op, Scalar t);

// A verified program made ready to be interpreted: the oracle that every engine must equal, and the fallback where
// executable memory is refused. It runs every operation of the IR but those that `expand` rewrites; run the legalising
// pipeline first. Immutable; run() may be called from many threads at once.
class Interpreter {
  public:
    // Takes a copy of what it needs from `program`, which must be verified.
    explicit Interpreter(const Program& program);
    ~Interpreter();
    Interpreter(Interpreter&&) noexcept;
    Interpreter& operator=(Interpreter&&) noexcept;

    // Runs function 0. `args` has a slot per parameter (array parameters: the address of an ArrayDescriptor), `outs` one
    // per result. Polls context.stop on every back edge. Leaves MXCSR as it found it; the caller sets it.
    Exit run(Context& context, const Slot* args, Slot* outs) const;

    size_t memory_bytes() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace exprjit
