// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function: its signature, then its nodes, each taking its operands and immediate from the front of common vectors.
#include "ir/fixed_limit.h"
#include "support/compile_watch.h"
#include "wire/decoder.h"

namespace exprjit::wire {

std::string Decoder::here() const {
    if (f().name.empty()) return "function " + std::to_string(out_.functions.size() - 1);
    std::string name = "function '";
    for (const char c : f().name.substr(0, 80)) name += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    return name + "'";
}

std::string Decoder::here(uint16_t code) const {
    Op op{};
    const std::string name =
        find_op_by_code(code, op) ? info(op).text : "operation " + std::to_string(static_cast<unsigned>(code));
    return here() + ", node %" + std::to_string(f().size()) + " (" + name + ")";
}

Failure Decoder::over(std::string_view what, size_t found, size_t limit) const {
    return failure(kWireLimit,
                   std::string(what) + ": " + std::to_string(found) + ", the limit is " + std::to_string(limit),
                   kFixedLimitHint);
}

Failure Decoder::name(uint32_t number, std::string& to) {
    if (number == 0) return nullptr;
    const uint32_t count = names_ != nullptr ? names_->size() : 0;
    if (number > count) {
        return failure(kWireName, here() + ": name " + std::to_string(number) + " does not exist, there are " +
                                      std::to_string(count));
    }
    const flatbuffers::String& from = *names_->Get(number - 1);
    // Names may be shared, so the bytes do not bound what they grow to.
    name_bytes_ += from.size();
    if (name_bytes_ > limits_.max_text_bytes)
        return failure(kWireLimit,
                       "the names of all functions, parameters and results have more than " +
                           std::to_string(limits_.max_text_bytes) + " bytes, the limit max_text_bytes",
                       "give shorter names, or raise max_text_bytes in ej_engine_options");
    to.assign(from.c_str(), from.size());
    return nullptr;
}

Failure Decoder::type(uint8_t index, Type& to, std::string_view what, size_t k) const {
    if (index < types_.size()) {
        to = types_[index];
        return nullptr;
    }
    return failure(kWireType, here() + ", " + std::string(what) + " " + std::to_string(k) + ": type " +
                                  std::to_string(static_cast<unsigned>(index)) + " does not exist, there are " +
                                  std::to_string(types_.size()));
}

// The vectors of functions never overlap, so together they are no larger than the bytes. If they were allowed to, few
// bytes could be a huge program.
Failure Decoder::account(const schema::Function& from) {
    taken_ += Scalars(from.params()).bytes() + Scalars(from.param_names()).bytes() + Scalars(from.results()).bytes() +
              Scalars(from.result_names()).bytes() + Scalars(from.ops()).bytes() + Scalars(from.types()).bytes() +
              Scalars(from.shapes()).bytes() + Scalars(from.counts()).bytes() + Scalars(from.operands()).bytes() +
              Scalars(from.immediates()).bytes();
    if (taken_ <= size_) return nullptr;
    return failure(kWireDamaged, "the IR bytes are damaged: functions share vectors, or their parts overlap",
                   "write every vector of a function on its own");
}

Failure Decoder::function(const schema::Function& from) {
    if (out_.functions.size() >= limits_.max_functions)
        return over("functions", out_.functions.size() + 1, limits_.max_functions);
    if (Failure failed = account(from)) return failed;
    out_.functions.emplace_back();
    links_.clear();
    if (Failure failed = name(from.name(), f().name)) return failed;
    if (Failure failed = signature(from)) return failed;
    return nodes(from);
}

Failure Decoder::signature(const schema::Function& from) {
    const Scalars<uint8_t> params(from.params()), results(from.results());
    const Scalars<uint32_t> param_names(from.param_names()), result_names(from.result_names());
    if (params.size() > limits_.max_params) return over("parameters", params.size(), limits_.max_params);
    if (results.size() > limits_.max_operands) return over("results", results.size(), limits_.max_operands);
    if (param_names.size() != 0 && param_names.size() != params.size()) {
        return failure(kWireCount, here() + " has " + std::to_string(params.size()) + " parameters, but " +
                                       std::to_string(param_names.size()) + " names of them");
    }
    if (result_names.size() != 0 && result_names.size() != results.size()) {
        return failure(kWireCount, here() + " has " + std::to_string(results.size()) + " results, but " +
                                       std::to_string(result_names.size()) + " names of them");
    }
    nodes_ += params.size() + Scalars<uint16_t>(from.ops()).size();
    if (nodes_ > limits_.max_nodes)
        return failure(kWireLimit,
                       "there are " + std::to_string(nodes_) + " nodes or more; the limit max_nodes is " +
                           std::to_string(limits_.max_nodes),
                       "raise max_nodes in ej_engine_options");
    Function& to = f();
    to.params.resize(params.size());
    for (size_t k = 0; k < params.size(); ++k) {
        if (Failure failed = type(params[k], to.params[k].type, "parameter", k)) return failed;
        if (param_names.size() != 0) {
            if (Failure failed = name(param_names[k], to.params[k].name)) return failed;
        }
    }
    to.results.resize(results.size());
    to.result_names.resize(result_names.size());
    for (size_t k = 0; k < results.size(); ++k) {
        if (Failure failed = type(results[k], to.results[k], "result", k)) return failed;
        if (result_names.size() == 0) continue;
        if (Failure failed = name(result_names[k], to.result_names[k])) return failed;
    }
    return nullptr;
}

Failure Decoder::nodes(const schema::Function& from) {
    const Scalars<uint16_t> ops(from.ops());
    const Scalars<uint8_t> types(from.types()), shapes(from.shapes());
    const Scalars<uint32_t> counts(from.counts()), operands(from.operands());
    const Scalars<uint64_t> immediates(from.immediates());
    if (types.size() != ops.size() || shapes.size() != ops.size()) {
        return failure(kWireCount, here() + " has " + std::to_string(ops.size()) + " operations, but types of " +
                                       std::to_string(types.size()) + " and shapes of " +
                                       std::to_string(shapes.size()));
    }
    Function& to = f();
    to.nodes.reserve(to.params.size() + ops.size());
    for (size_t k = 0; k < to.params.size(); ++k) {
        Node& n = to.nodes.emplace_back();
        n.op = Op::Param;
        n.type = to.params[k].type;
        n.imm = k;
    }
    size_t next_count = 0, next_operand = 0, next_immediate = 0;
    for (size_t k = 0; k < ops.size(); ++k) {
        poll_compile_at(k);
        Node n;
        if (!find_op_by_code(ops[k], n.op)) {
            return failure(kWireOperation, here(ops[k]) + ": this version of exprjit has no such operation",
                           "update exprjit, or encode with the version that is here");
        }
        if (types[k] >= types_.size()) {
            return failure(kWireType, here(ops[k]) + ": type " + std::to_string(static_cast<unsigned>(types[k])) +
                                          " does not exist, there are " + std::to_string(types_.size()));
        }
        n.type = types_[types[k]];
        size_t count = shapes[k] & kManyWireOperands;
        if (count == kManyWireOperands) {
            if (next_count == counts.size())
                return failure(kWireCount, here(ops[k]) + ": its number of operands is missing");
            count = counts[next_count++];
        }
        if (count > operands.size() - next_operand) {
            return failure(kWireCount, here(ops[k]) + ": has " + std::to_string(count) + " operands, but " +
                                           std::to_string(operands.size() - next_operand) + " are left");
        }
        if (count <= 3) {
            n.operand_count16 = static_cast<uint16_t>(count);
            for (size_t i = 0; i < count; ++i) n.inline_operands[i] = operands[next_operand + i];
        } else {
            n.operand_count16 = kManyOperands;
            n.inline_operands[0] = static_cast<ValueId>(to.lists.size());
            n.inline_operands[1] = static_cast<ValueId>(count);
            for (size_t i = 0; i < count; ++i) to.lists.push_back(operands[next_operand + i]);
        }
        next_operand += count;
        if ((shapes[k] & kHasImmediate) != 0) {
            if (next_immediate == immediates.size())
                return failure(kWireCount, here(ops[k]) + ": its immediate is missing");
            n.imm = immediates[next_immediate++];
        }
        to.nodes.push_back(n);
        links_.add(to);
    }
    if (next_count == counts.size() && next_operand == operands.size() && next_immediate == immediates.size())
        return nullptr;
    return failure(kWireCount, here() + " has operands, counts or immediates that belong to no node");
}

}  // namespace exprjit::wire
