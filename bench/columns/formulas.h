// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The expressions that are measured. The same list, in NumPy's spelling, is in rivals.py.
#pragma once

#include <span>

namespace exprjit::bench {

struct Formula {
    enum class Work {
        Arithmetic,      // additions, multiplications, choices: the engine's own vector code
        Transcendental,  // what the mathematics costs decides
        Reduction,       // one value comes out
    };
    const char* name;   // as in loops.c
    const char* title;  // for people
    const char* text;   // of the engine; columns a, b, c, d, and the scalar t where has_uniform
    int columns;
    Work work;
    bool integers;     // measured on i64 and i32 instead of f64 and f32
    bool has_uniform;  // t
    double low[4];     // the columns' values lie between
    double high[4];
    int flops;  // per row, as written
};

std::span<const Formula> formulas();
// The formula of that name, which must exist.
const Formula& formula(const char* name);

}  // namespace exprjit::bench
