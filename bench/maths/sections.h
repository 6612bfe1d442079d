// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exprjit/exprjit.h"
#include "report.h"

namespace exprjit::bench {

struct Settings {
    double seconds = 0.02;            // per contestant and point
    std::vector<ej_isa> levels;       // best first
    std::vector<ej_dtype> types;      // f64 first
    std::vector<std::string> wanted;  // names of functions and expressions; none: all
    bool wants(const std::string& name) const;
};

// Every function as a loop over columns and as a plain C function, at every level, beside the libraries.
void measure_functions(Report& report, const Settings& settings);
// Expressions of several functions, at the best level, beside gcc's loops over libmvec.
void measure_expressions(Report& report, const Settings& settings);
// How long kernels with three functions take to compile.
void measure_compile_times(Report& report);

}  // namespace exprjit::bench
