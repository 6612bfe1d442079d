// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The rivals: each takes a formula to something callable. One that is not installed says so, and its rows are
// `missing`.
#pragma once

#include <memory>
#include <string>

#include "formula.h"

namespace exprjit::bench {

class Rival {
  public:
    virtual ~Rival() = default;
    virtual const char* name() const = 0;
    // Compiles the formula; false if the rival failed. What it made lives until release().
    virtual bool compile(const Formula& f) = 0;
    // Frees what compile() made; not timed.
    virtual void release() = 0;
    // Calls it, to see that it computes the same.
    virtual double call(double a, double b, double c, double d) = 0;
    // Whether compile() starts from a text rather than from a data structure.
    virtual bool from_text() const = 0;
    // Above this many instructions a compile takes seconds; the row is not measured.
    virtual uint32_t most_steps() const = 0;
};

struct RivalSlot {
    const char* name;
    const char* package;           // what to install
    std::unique_ptr<Rival> rival;  // null: not installed
};

std::unique_ptr<Rival> make_asmjit_compiler();
std::unique_ptr<Rival> make_libtcc();
std::unique_ptr<Rival> make_llvm();
std::unique_ptr<Rival> make_muparser();

}  // namespace exprjit::bench
