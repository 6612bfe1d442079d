// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The variables the command line defines: -D name[:type]=value and --param name:type.
#pragma once

#include <string>
#include <vector>

#include "library.h"

namespace exprjit::cli {

struct Definition {
    std::string name;
    ej_value value;
};

struct Definitions {
    std::vector<Definition> values;    // -D, in order; each already has its final type
    std::vector<Variable> parameters;  // --param names that have no -D: a type without a value

    const Definition* find(const std::string& name) const;
    bool empty() const { return values.empty() && parameters.empty(); }

    // Every variable with its type: the values first, then the parameters.
    std::vector<Variable> variables() const;
    // "a: i64, b: f64", or "" when there are none: for messages.
    std::string listing() const;
};

// Reads -D and --param from the options. The value of a -D is a number, true or false, or any expression without
// variables (`-D r=2*pi`), which `engine` evaluates.
Status read_definitions(ej_engine* engine, const Options& options, Definitions& definitions);

// "f64" and its fellows; EJ_DTYPE_NONE for anything that a value cannot have.
ej_dtype value_type_named(std::string_view name);

// Converts where nothing but precision is lost: any number to a float, an integer or bool to an integer type it fits.
bool convert_value(const ej_value& from, ej_dtype type, ej_value& to);

}  // namespace exprjit::cli
