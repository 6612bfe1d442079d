// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/column_program.h"

#include "ir/builder.h"

namespace exprjit::trial {

Program over_columns(const Program& scalar, std::span<const Storage> inputs) {
    Program out;
    out.tables = scalar.tables;
    out.flags = scalar.flags;
    out.functions.resize(1 + scalar.functions.size());
    for (size_t f = 0; f < scalar.functions.size(); ++f) {
        out.functions[f + 1] = scalar.functions[f];
        for (Node& n : out.functions[f + 1].nodes)
            if (n.op == Op::Call) ++n.imm;
    }
    const Function& callee = out.functions[1];
    out.functions[1].name = "row";
    Function& main = out.functions[0];
    main.name = "columns";
    Builder b(main);
    std::vector<ValueId> in, result;
    for (size_t i = 0; i < inputs.size(); ++i)
        in.push_back(b.param(Type::array(inputs[i], 1, false), "in" + std::to_string(i)));
    for (size_t i = 0; i < callee.results.size(); ++i)
        result.push_back(
            b.param(Type::array(storage_of(callee.results[i].scalar()), 1, true), "out" + std::to_string(i)));
    const ValueId rows = b.param(kI64, "rows");
    const ValueId zero = b.i64(0), one = b.i64(1);
    const ValueId loop = b.begin_for(zero, rows, one, {});
    const ValueId row = loop + 1;
    std::vector<ValueId> args;
    for (const ValueId a : in) args.push_back(b.load(a, {&row, 1}));
    const ValueId call = b.append(Op::Call, callee.results.empty() ? kVoid : callee.results[0], args, 1);
    for (size_t k = 1; k < callee.results.size(); ++k) b.append(Op::Result, callee.results[k], {}, k);
    for (size_t k = 0; k < result.size(); ++k) b.store(result[k], {&row, 1}, call + static_cast<ValueId>(k));
    b.yield({});
    b.end_loop();
    b.ret(std::span<const ValueId>{});
    return out;
}

}  // namespace exprjit::trial
