// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "ir/op.h"
#include "lang/front_end.h"

namespace exprjit::lang {

// How a function types its arguments and what a call becomes. "Promoted" is the common type of the arguments.
enum class Form : uint8_t {
    Float,       // promoted, integers to f64; one operation
    Number,      // promoted, bool to i32; one operation
    Rounding,    // as Float for floats; an integer is returned as it is
    Extreme,     // as Number, any number of arguments from left to right
    NanExtreme,  // as Extreme; integers have no NaN and take Min or Max
    Average,
    Remainder,  // Fmod for floats; Rem, with its check, for integers
    Square,
    Power,      // the ** operator
    Logarithm,  // Log or, with two arguments, Logn
    Predicate,  // bool; constant for integers, but for signbit
    IsNull,     // bool, of any type
    Coalesce,   // typed as Where, any number of arguments
    Where,
    If,
    Integer,  // promoted, must be an integer; one operation
    CastBool,
    CastI32,
    CastI64,
    CastF32,
    CastF64,
    // Reductions over rows. Extreme and Average with one argument are reductions too.
    Sum,
    Prod,
    Mean,
    Var,
    Std,
    Any,
    All,
    Count,
    ArgMin,
    ArgMax,
    Dot,
    Norm,
    Least,    // min of one argument
    Largest,  // max of one argument
};

constexpr bool is_reduction(Form f) { return f >= Form::Sum; }
// Whether the function, called in the right way, is a reduction and takes `where=`.
constexpr bool takes_where(Form f) { return is_reduction(f) || f == Form::Extreme || f == Form::Average; }

struct FunctionRow {
    FunctionDoc doc;
    Form form;
    Op op;
};

struct ConstantRow {
    FunctionDoc doc;
    double value;
};

std::span<const FunctionRow> function_rows();
std::span<const ConstantRow> constant_rows();

}  // namespace exprjit::lang
