// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/verify.h"

#include "ir/fixed_limit.h"
#include "ir/verify_function.h"

namespace exprjit {

namespace verifier {

namespace {

std::string over(std::string_view what, size_t found, size_t limit) {
    return std::string(what) + ": " + std::to_string(found) + ", the limit is " + std::to_string(limit);
}

bool tables_are_sound(const Program& program, const Limits& limits, Report& report) {
    size_t bytes = 0;
    for (size_t t = 0; t < program.tables.size(); ++t) {
        const ConstantTable& table = program.tables[t];
        const std::string name = "table " + std::to_string(t);
        if (static_cast<int>(table.storage) >= kStorageCount) {
            report.program(kVerifyProgram, name + " has an unknown storage type");
            return false;
        }
        if (table.bytes.size() % byte_size(table.storage) != 0)
            report.program(kVerifyProgram,
                           name + " ends inside an element of type " + std::string(name_of(table.storage)));
        if (table.storage == Storage::Bool) {
            for (const uint8_t b : table.bytes) {
                if (b <= 1) continue;
                report.program(kVerifyProgram, name + " holds a bool that is neither 0 nor 1");
                break;
            }
        }
        // An empty table costs something too, so that their number is bounded with their bytes.
        bytes += table.bytes.size() + 1;
    }
    if (bytes > limits.max_table_bytes)
        report.program(kVerifyLimit, over("bytes in constant tables", bytes, limits.max_table_bytes), kFixedLimitHint);
    return report.count() == 0;
}

bool signature_is_sound(const Program& program, uint32_t index, const Limits& limits, Report& report) {
    const Function& f = program.functions[index];
    const size_t before = report.count();
    const auto say = [&](Code code, std::string message, std::string hint = {}) {
        report.function(f, index, code, std::move(message), std::move(hint));
    };
    if (f.params.size() > limits.max_params)
        say(kVerifyLimit, over("parameters", f.params.size(), limits.max_params), kFixedLimitHint);
    if (f.results.size() > limits.max_operands)
        say(kVerifyLimit, over("results", f.results.size(), limits.max_operands), kFixedLimitHint);
    if (report.count() != before) return false;
    const bool entry = index == 0;
    for (size_t k = 0; k < f.params.size(); ++k) {
        const Type t = f.params[k].type;
        if (!is_well_formed(t) || t.is_void())
            say(kVerifySignature, "parameter " + std::to_string(k) + " has no value or array type");
        else if (entry && t.is_value() && !t.is_scalar())
            say(kVerifySignature, "parameter " + std::to_string(k) + " of the entry function is " + to_string(t),
                "lanes cannot cross the border; pass a scalar or an array");
    }
    for (size_t k = 0; k < f.results.size(); ++k) {
        const Type t = f.results[k];
        if (!is_well_formed(t) || !t.is_value())
            say(kVerifySignature, "result " + std::to_string(k) + " has no value type",
                "arrays are not results; take a mut array as a parameter");
        else if (entry && !t.is_scalar())
            say(kVerifySignature, "result " + std::to_string(k) + " of the entry function is " + to_string(t),
                "lanes cannot cross the border; return a scalar");
    }
    if (!f.result_names.empty() && f.result_names.size() != f.results.size())
        say(kVerifySignature,
            "has " + std::to_string(f.results.size()) + " results but " + std::to_string(f.result_names.size()) +
                " result names",
            "name all results or none");
    if (!f.spans.empty() && f.spans.size() != f.nodes.size())
        say(kVerifyProgram,
            "has " + std::to_string(f.nodes.size()) + " nodes but " + std::to_string(f.spans.size()) +
                " source positions",
            "give every node a position or none");
    return report.count() == before;
}

// Functions from which a reduction over rows is reached. A call names a later function, so one walk backward knows all.
void find_reducing(const Program& program, std::vector<uint8_t>& reducing) {
    reducing.clear();
    for (size_t i = program.functions.size(); i-- > 0;) {
        bool reduces = false;
        for (const Node& n : program.functions[i].nodes) {
            reduces |= n.op == Op::Reduce;
            if (n.op == Op::Call && !reducing.empty())
                reduces |= n.imm > i && n.imm < reducing.size() && reducing[n.imm] != 0;
        }
        if (reduces && reducing.empty()) reducing.resize(program.functions.size());
        if (reduces) reducing[i] = 1;
    }
}

}  // namespace

}  // namespace verifier

Result<void> verify(const Program& program, const Limits& limits, Trust trust) {
    using namespace verifier;
    Report report;
    if (program.functions.empty()) {
        report.program(kVerifyProgram, "the program has no function", "function 0 is the entry");
        return report.finish();
    }
    if (program.functions.size() > limits.max_functions) {
        report.program(kVerifyLimit, over("functions", program.functions.size(), limits.max_functions),
                       kFixedLimitHint);
        return report.finish();
    }
    size_t nodes = 0;
    for (const Function& f : program.functions) nodes += f.nodes.size();
    if (nodes > limits.max_nodes || nodes >= kNoValue) {
        report.program(kVerifyLimit,
                       "the program has " + std::to_string(nodes) + " nodes; the limit max_nodes is " +
                           std::to_string(limits.max_nodes),
                       "split it, or raise the engine's max_nodes");
        return report.finish();
    }
    // Bodies read tables and each other's signatures, so those come first.
    bool sound = tables_are_sound(program, limits, report);
    const auto count = static_cast<uint32_t>(program.functions.size());
    for (uint32_t i = 0; i < count && !report.full(); ++i)
        sound = signature_is_sound(program, i, limits, report) && sound;
    if (!sound) return report.finish();
    static thread_local Scratch scratch;
    find_reducing(program, scratch.reducing);
    for (uint32_t i = 0; i < count && !report.full(); ++i)
        FunctionVerifier(program, i, limits, trust, report, scratch).run();
    return report.finish();
}

}  // namespace exprjit
