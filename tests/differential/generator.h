// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs that always end, over everything the scalar IR can say: all value operations and types, if, for,
// loop, break and continue to any depth, return from anywhere, checks, arrays of all storage types and ranks, local
// arrays, tables, calls, operations and regions with several results.
#pragma once

#include "coverage.h"
#include "ir/program.h"
#include "support/agreement.h"
#include "support/random.h"

namespace exprjit::differential {

struct Recipe {
    uint64_t seed = 1;
    int statements = 0;  // how large; 0: chosen by the seed
    // For row functions: the entry has scalar parameters only and several results, one of them bool; loops mostly make the
    // same trips for all rows, local arrays and tables are rare, checks are in one program of three.
    bool row_function = false;
};

// The same recipe always gives the same program. `coverage` may be null.
Program generate(const Recipe& recipe, Coverage* coverage);

// Arguments for a program's entry: special, small and arbitrary values; arrays short, of any stride.
trial::Arguments random_arguments(const Function& entry, trial::Random& random);

}  // namespace exprjit::differential
