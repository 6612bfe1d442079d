// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/column_program.h"

#include "ir/builder.h"

namespace exprjit::trial {

namespace {

// The program with its functions moved behind an empty entry.
Program with_new_entry(const Program& scalar) {
    Program out;
    out.tables = scalar.tables;
    out.flags = scalar.flags;
    out.functions.resize(1 + scalar.functions.size());
    for (size_t f = 0; f < scalar.functions.size(); ++f) {
        out.functions[f + 1] = scalar.functions[f];
        for (Node& n : out.functions[f + 1].nodes)
            if (n.op == Op::Call) ++n.imm;
    }
    out.functions[1].name = "row";
    return out;
}

// Its first result; the others follow.
ValueId call_old_entry(Builder& b, const Function& callee, std::span<const ValueId> args) {
    const ValueId call = b.append(Op::Call, callee.results.empty() ? kVoid : callee.results[0], args, 1);
    for (size_t k = 1; k < callee.results.size(); ++k) b.append(Op::Result, callee.results[k], {}, k);
    return call;
}

}  // namespace

Program over_columns(const Program& scalar, std::span<const Storage> inputs) {
    std::vector<ColumnOutput> outputs;
    for (const Type t : scalar.entry().results)
        outputs.push_back({static_cast<uint32_t>(outputs.size()), storage_of(t.scalar())});
    return over_columns(scalar, inputs, outputs);
}

Program over_columns(const Program& scalar, std::span<const Storage> inputs, std::span<const ColumnOutput> outputs) {
    Program out = with_new_entry(scalar);
    const Function& callee = out.functions[1];
    Function& main = out.functions[0];
    main.name = "columns";
    Builder b(main);
    std::vector<ValueId> in, out_array;
    for (size_t i = 0; i < inputs.size(); ++i)
        in.push_back(b.param(Type::array(inputs[i], 1, false), "in" + std::to_string(i)));
    for (size_t i = 0; i < outputs.size(); ++i)
        out_array.push_back(b.param(Type::array(outputs[i].storage, 1, true), "out" + std::to_string(i)));
    const ValueId rows = b.param(kI64, "rows");
    const ValueId zero = b.i64(0), one = b.i64(1);
    const ValueId loop = b.begin_for(zero, rows, one, {});
    const ValueId row = loop + 1;
    std::vector<ValueId> args;
    for (const ValueId a : in) args.push_back(b.load(a, {&row, 1}));
    const ValueId call = call_old_entry(b, callee, args);
    for (size_t k = 0; k < outputs.size(); ++k) b.store(out_array[k], {&row, 1}, call + outputs[k].result);
    b.yield({});
    b.end_loop();
    b.ret(std::span<const ValueId>{});
    return out;
}

Program behind_a_call(const Program& scalar) {
    Program out = with_new_entry(scalar);
    const Function& callee = out.functions[1];
    Function& main = out.functions[0];
    main.name = "entry";
    main.results = callee.results;
    main.result_names = callee.result_names;
    Builder b(main);
    std::vector<ValueId> args, results;
    for (const Param& p : callee.params) args.push_back(b.param(p.type, p.name));
    const ValueId call = call_old_entry(b, callee, args);
    for (size_t k = 0; k < callee.results.size(); ++k) results.push_back(call + static_cast<ValueId>(k));
    b.ret(results);
    return out;
}

}  // namespace exprjit::trial
