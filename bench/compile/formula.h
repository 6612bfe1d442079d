// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The computation that is compiled, in a form every contestant can translate: a list of steps over doubles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/program.h"

namespace exprjit::bench {

struct Formula {
    enum class Kind : uint8_t { Add, Sub, Mul, Div };
    // A step's operands: parameters 0 … params-1, then constants, then earlier steps.
    struct Step {
        Kind kind;
        uint32_t a, b;
    };
    uint32_t params = 4;
    std::vector<double> constants;
    std::vector<Step> steps;  // the last one is the result

    uint32_t first_step() const { return params + static_cast<uint32_t>(constants.size()); }
    // As an infix expression over p0, p1 …; steps used several times would be written several times, so tree()
    // formulas only.
    std::string text() const;
    // As a C function `double f(double p0, …)`, one statement per step.
    std::string c_source() const;
    Program program() const;
};

// `steps` operations in the shape of an expression: every step is used once.
Formula tree(uint32_t steps);
// `steps` operations in the shape of machine-made straight-line code: a step uses recent ones, several stay alive.
Formula mesh(uint32_t steps);

}  // namespace exprjit::bench
