// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The functions whose accuracy is measured: how each is written in exprjit, what it is in double, long double and MPFR,
// and where its arguments are interesting.
#pragma once

#include <mpfr.h>

#include <string_view>
#include <vector>

namespace exprjit::accuracy {

struct Range {
    double from = 0, to = 0;
};

// Where arguments come from. Whatever stands here, some arguments are spread over all exponents and all bit patterns.
struct Domain {
    Range f64, f32;               // where results are finite and not trivial
    std::vector<double> centres;  // zeros, poles, edges: many arguments lie close to them
    std::vector<Range> dense;     // more places to look at closely
    bool turns = false;           // trigonometric: close to multiples of pi/2, up to the largest numbers
};

// Of one argument, y is ignored.
using Function64 = double (*)(double x, double y);
using FunctionLong = long double (*)(long double x, long double y);
using Exact = void (*)(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr y);

struct Function {
    std::string_view name;  // in exprjit; also the operation's name
    int arity;
    std::string_view c_name;  // of C's function, "" if there is none
    Function64 in_double;     // judges f32
    FunctionLong in_long;     // judges f64; within a few hundredths of a unit of f64, or MPFR is asked too often
    Exact exact;
    Domain domain;
    bool free_zero_sign = false;  // its zeros have no sign of their own
};

const std::vector<Function>& functions();
const Function* find_function(std::string_view name);

constexpr mpfr_prec_t kPrecision = 192;

}  // namespace exprjit::accuracy
