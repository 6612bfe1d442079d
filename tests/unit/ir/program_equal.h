// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Whether two programs are the same, field by field, and where they differ first.
#pragma once

#include <algorithm>
#include <string>

#include "ir/program.h"

namespace exprjit::testing {

inline std::string first_difference(const Function& a, const Function& b) {
    if (a.name != b.name) return "name";
    if (a.params.size() != b.params.size()) return "parameter count";
    for (size_t k = 0; k < a.params.size(); ++k) {
        if (a.params[k].name != b.params[k].name || a.params[k].type != b.params[k].type)
            return "parameter " + std::to_string(k);
    }
    if (a.results != b.results) return "results";
    if (a.result_names != b.result_names) return "result names";
    if (a.size() != b.size()) return "node count";
    for (ValueId v = 0; v < a.size(); ++v) {
        const Node &x = a[v], &y = b[v];
        const auto left = a.operands(v), right = b.operands(v);
        const std::string at = "node " + std::to_string(v) + ": ";
        if (x.op != y.op) return at + "operation";
        if (x.type != y.type) return at + "type";
        if (x.imm != y.imm) return at + "immediate";
        if (x.link != y.link) return at + "link";
        if (!std::equal(left.begin(), left.end(), right.begin(), right.end())) return at + "operands";
        if (a.span_of(v) != b.span_of(v)) return at + "position";
    }
    return "";
}

// "" if they are equal.
inline std::string first_difference(const Program& a, const Program& b) {
    if (a.flags != b.flags) return "flags";
    if (a.tables.size() != b.tables.size()) return "table count";
    for (size_t t = 0; t < a.tables.size(); ++t) {
        if (a.tables[t].storage != b.tables[t].storage || a.tables[t].bytes != b.tables[t].bytes)
            return "table " + std::to_string(t);
    }
    if (a.functions.size() != b.functions.size()) return "function count";
    for (size_t i = 0; i < a.functions.size(); ++i) {
        const std::string difference = first_difference(a.functions[i], b.functions[i]);
        if (!difference.empty()) return "function " + std::to_string(i) + ", " + difference;
    }
    return "";
}

}  // namespace exprjit::testing
