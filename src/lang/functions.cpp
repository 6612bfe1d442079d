// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/functions.h"

#include <cmath>
#include <vector>

namespace exprjit {

namespace lang {

namespace {

const FunctionRow kFunctions[] = {
#define FUNCTION(name, aliases, parameters, category, least, most, form, op, summary)                                  \
    {{#name, aliases, parameters, category, summary, least, most, false}, Form::form, Op::op},
#define CONSTANT(name, aliases, value, summary)
#include "lang/functions.def"
};

const ConstantRow kConstants[] = {
#define FUNCTION(name, aliases, parameters, category, least, most, form, op, summary)
#define CONSTANT(name, aliases, value, summary) {{#name, aliases, "", "constant", summary, 0, 0, true}, value},
#include "lang/functions.def"
};

}  // namespace

std::span<const FunctionRow> function_rows() { return kFunctions; }
std::span<const ConstantRow> constant_rows() { return kConstants; }

}  // namespace lang

std::span<const FunctionDoc> function_docs() {
    static const std::vector<FunctionDoc> docs = [] {
        std::vector<FunctionDoc> all;
        for (const lang::FunctionRow& row : lang::function_rows()) all.push_back(row.doc);
        for (const lang::ConstantRow& row : lang::constant_rows()) all.push_back(row.doc);
        return all;
    }();
    return docs;
}

}  // namespace exprjit
