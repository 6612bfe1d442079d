// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

namespace exprjit::bench {

// One elementary function, by the name that exprjit, C and the vector libraries all give it.
struct Function {
    const char* name;
    int arguments;
    double low[2], high[2];  // ordinary arguments, the same for every contestant; none takes a rare path there
    const char* exact;       // SLEEF's most accurate bound where it is not u10 (in 1/10 ULP)
    // ns per element of f64 at 1 ULP with AVX-512, to be reached on a machine where libmvec takes `libmvec`; 0: none.
    double target, libmvec;
    long double (*reference)(long double, long double);
    bool is_libm = true;  // false: C has no such function
};

std::span<const Function> functions();

}  // namespace exprjit::bench
