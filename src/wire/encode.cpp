// SPDX-License-Identifier: MIT OR Apache-2.0
#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "wire/bytes.h"
#include "wire/codes.h"
#include "wire/enumerations.h"

namespace exprjit::wire {

namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::Vector;

constexpr uint64_t kMostBytes = uint64_t{1} << 30;  // FlatBuffers itself ends at 2 GiB

// More than what a program takes on the wire.
uint64_t bound(const Program& program) {
    uint64_t bytes = 4096;
    for (const ConstantTable& t : program.tables) bytes += t.bytes.size() + 8;
    for (const Function& f : program.functions) {
        bytes += 256 + f.name.size();
        bytes += f.nodes.size() * (2 + 1 + 1 + 4 + 3 * 4 + 8) + f.lists.size() * 4;
        for (const Param& p : f.params) bytes += p.name.size() + 24;
        for (const std::string& name : f.result_names) bytes += name.size() + 24;
        bytes += f.results.size();
    }
    return bytes;
}

class Encoder {
  public:
    explicit Encoder(const Program& program, uint64_t size) : program_(program), out_(size) {}

    std::vector<uint8_t> run();

  private:
    void collect_names();
    uint32_t name(std::string_view name) const;
    uint8_t type(Type t);
    Offset<schema::Function> function(const Function& f);
    // Empty vectors are left out.
    template <class T>
    Offset<Vector<T>> vector(const std::vector<T>& values) {
        return values.empty() ? Offset<Vector<T>>() : out_.CreateVector(values);
    }

    const Program& program_;
    FlatBufferBuilder out_;
    std::vector<std::string_view> names_;  // sorted, each once
    std::vector<schema::Type> types_;      // in the order of first use
    std::unordered_map<uint32_t, uint8_t> type_index_;

    // Of the function being written; kept from one to the next.
    std::vector<uint8_t> params_, results_, node_types_, shapes_;
    std::vector<uint16_t> ops_;
    std::vector<uint32_t> param_names_, result_names_, counts_, operands_;
    std::vector<uint64_t> immediates_;
};

void Encoder::collect_names() {
    for (const Function& f : program_.functions) {
        names_.push_back(f.name);
        for (const Param& p : f.params) names_.push_back(p.name);
        names_.insert(names_.end(), f.result_names.begin(), f.result_names.end());
    }
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    if (names_.front().empty()) names_.erase(names_.begin());
}

uint32_t Encoder::name(std::string_view name) const {
    if (name.empty()) return 0;
    const auto it = std::lower_bound(names_.begin(), names_.end(), name);
    return static_cast<uint32_t>(it - names_.begin() + 1);
}

uint8_t Encoder::type(Type t) {
    const auto [it, is_new] = type_index_.try_emplace(t.bits(), static_cast<uint8_t>(types_.size()));
    if (!is_new) return it->second;
    switch (t.kind()) {
    case Type::Kind::Void: types_.emplace_back(); break;
    case Type::Kind::Value:
        types_.emplace_back(schema::Kind::Value, to_wire(storage_of(t.scalar())), static_cast<uint8_t>(t.lane_count()),
                            uint8_t{0});
        break;
    case Type::Kind::Array:
        types_.emplace_back(schema::Kind::Array, to_wire(t.storage()), static_cast<uint8_t>(t.rank()),
                            static_cast<uint8_t>(t.is_mut()));
        break;
    }
    assert(types_.size() <= kMostTypes);
    return it->second;
}

Offset<schema::Function> Encoder::function(const Function& f) {
    params_.clear(), param_names_.clear(), results_.clear(), result_names_.clear();
    ops_.clear(), node_types_.clear(), shapes_.clear(), counts_.clear(), operands_.clear(), immediates_.clear();
    bool is_named = false;
    for (const Param& p : f.params) {
        params_.push_back(type(p.type));
        param_names_.push_back(name(p.name));
        is_named = is_named || !p.name.empty();
    }
    if (!is_named) param_names_.clear();
    for (const Type t : f.results) results_.push_back(type(t));
    for (const std::string& n : f.result_names) result_names_.push_back(name(n));

    for (auto v = static_cast<ValueId>(f.params.size()); v < f.size(); ++v) {
        const Node& n = f[v];
        const auto operands = f.operands(n);
        ops_.push_back(info(n.op).code);
        node_types_.push_back(type(n.type));
        const bool many = operands.size() >= kManyWireOperands;
        if (many) counts_.push_back(static_cast<uint32_t>(operands.size()));
        operands_.insert(operands_.end(), operands.begin(), operands.end());
        if (n.imm != 0) immediates_.push_back(n.imm);
        shapes_.push_back(
            static_cast<uint8_t>((many ? kManyWireOperands : operands.size()) | (n.imm != 0 ? kHasImmediate : 0u)));
    }
    // The order of these calls is the order of the bytes, so it must not be left to the compiler.
    const auto immediates = vector(immediates_);
    const auto operands = vector(operands_);
    const auto counts = vector(counts_);
    const auto shapes = vector(shapes_);
    const auto node_types = vector(node_types_);
    const auto ops = vector(ops_);
    const auto result_names = vector(result_names_);
    const auto results = vector(results_);
    const auto param_names = vector(param_names_);
    const auto params = vector(params_);
    return schema::CreateFunction(out_, name(f.name), params, param_names, results, result_names, ops, node_types,
                                  shapes, counts, operands, immediates);
}

std::vector<uint8_t> Encoder::run() {
    collect_names();
    std::vector<Offset<schema::Function>> functions;
    for (const Function& f : program_.functions) functions.push_back(function(f));
    const auto all_functions = vector(functions);

    std::vector<uint8_t> data, elements;
    std::vector<uint32_t> lengths;
    for (const ConstantTable& t : program_.tables) {
        data.insert(data.end(), t.bytes.begin(), t.bytes.end());
        elements.push_back(static_cast<uint8_t>(to_wire(t.storage)));
        lengths.push_back(static_cast<uint32_t>(t.length()));
    }
    const auto table_data = vector(data);
    const auto table_lengths = vector(lengths);
    const Offset<Vector<schema::Element>> table_elements = vector(elements).o;

    std::vector<Offset<flatbuffers::String>> strings;
    for (const std::string_view n : names_) strings.push_back(out_.CreateString(n.data(), n.size()));
    const auto names = vector(strings);
    const auto types = types_.empty() ? 0 : out_.CreateVectorOfStructs(types_);
    out_.Finish(schema::CreateProgram(out_, kMajor, kMinor, program_.flags & kKnownFlags, types, names, table_elements,
                                      table_lengths, table_data, all_functions),
                schema::ProgramIdentifier());
    return {out_.GetBufferPointer(), out_.GetBufferPointer() + out_.GetSize()};
}

}  // namespace

Result<std::vector<uint8_t>> encode(const Program& program) {
    const uint64_t size = bound(program);
    if (size > kMostBytes) {
        return failure(kWireLimit, "the program needs up to " + std::to_string(size) + " bytes; IR bytes end at " +
                                       std::to_string(kMostBytes));
    }
    return Encoder(program, size).run();
}

}  // namespace exprjit::wire
