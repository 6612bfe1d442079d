// SPDX-License-Identifier: MIT OR Apache-2.0
//
// IR bytes as a stranger may write them: every vector of the schema by itself, right or wrong.
#pragma once

#include <optional>

#include "ir_generated.h"
#include "wire_test.h"

namespace exprjit::wire_test {

struct DraftFunction {
    uint32_t name = 0;
    std::vector<uint8_t> params, results;
    std::vector<uint32_t> param_names, result_names;
    std::vector<uint16_t> ops;
    std::vector<uint8_t> types, shapes;
    std::vector<uint32_t> counts, operands;
    std::vector<uint64_t> immediates;
};

// At first the program `func @f(%a: f64) -> (f64) { %1 = add f64 %a, %a; return %1 }`.
struct Draft {
    uint16_t major = wire::kMajor, minor = wire::kMinor;
    uint32_t permissions = 0;
    std::vector<wire::schema::Type> types{
        {wire::schema::Kind::Value, wire::schema::Element::F64, 1, 0},
        {wire::schema::Kind::Nothing, wire::schema::Element::None, 0, 0},
    };
    std::vector<std::string> names{"a", "f"};
    std::vector<uint8_t> table_elements, table_data;
    std::vector<uint32_t> table_lengths;
    std::vector<DraftFunction> functions{
        {2, {0}, {0}, {1}, {}, {info(Op::Add).code, info(Op::Return).code}, {0, 1}, {2, 1}, {}, {0, 0, 1}, {}}};
    uint32_t times = 1;           // each function stands so often in the list
    std::optional<uint16_t> odd;  // a field of this number beyond the last known one

    DraftFunction& f() { return functions[0]; }

    Bytes bytes(bool size_prefix = false) const {
        flatbuffers::FlatBufferBuilder b;
        std::vector<flatbuffers::Offset<wire::schema::Function>> all;
        for (const DraftFunction& d : functions) {
            const auto function =
                wire::schema::CreateFunctionDirect(b, d.name, &d.params, &d.param_names, &d.results, &d.result_names,
                                                   &d.ops, &d.types, &d.shapes, &d.counts, &d.operands, &d.immediates);
            all.insert(all.end(), times, function);
        }
        const auto functions_at = b.CreateVector(all);
        const auto names_at = b.CreateVectorOfStrings(names);
        const auto types_at = b.CreateVectorOfStructs(types);
        const auto elements_at = b.CreateVector(table_elements);
        const auto lengths_at = b.CreateVector(table_lengths);
        const auto data_at = b.CreateVector(table_data);
        const auto start = b.StartTable();
        using P = wire::schema::Program;
        b.AddElement<uint16_t>(P::VT_MAJOR, major, 0);
        b.AddElement<uint16_t>(P::VT_MINOR, minor, 0);
        b.AddElement<uint32_t>(P::VT_PERMISSIONS, permissions, 0);
        b.AddOffset(P::VT_TYPES, types_at);
        b.AddOffset(P::VT_NAMES, names_at);
        b.AddOffset(P::VT_TABLE_ELEMENTS, elements_at);
        b.AddOffset(P::VT_TABLE_LENGTHS, lengths_at);
        b.AddOffset(P::VT_TABLE_DATA, data_at);
        b.AddOffset(P::VT_FUNCTIONS, functions_at);
        if (odd) b.AddElement<uint32_t>(static_cast<uint16_t>(P::VT_FUNCTIONS + 2 * *odd), 1, 0);
        const flatbuffers::Offset<P> root(b.EndTable(start));
        if (size_prefix)
            b.FinishSizePrefixed(root, wire::schema::ProgramIdentifier());
        else
            b.Finish(root, wire::schema::ProgramIdentifier());
        return {b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize()};
    }
};

}  // namespace exprjit::wire_test
