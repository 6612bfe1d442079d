// SPDX-License-Identifier: MIT OR Apache-2.0
#include "op_program.h"

namespace exprjit::ops_test {

std::vector<Type> Instance::results() const {
    std::vector<Type> types{result_type(op, t, u)};
    if (value_result_count(op) == 2) types.push_back(kBool);
    return types;
}

std::string Instance::name() const {
    std::string s = std::string(info(op).text) + " " + std::string(name_of(t));
    if (has_u()) s += " > " + std::string(name_of(u));
    if (op == Op::Powi) s += " ^ " + std::to_string(static_cast<int64_t>(imm));
    return s;
}

std::vector<Instance> instances(Op op) {
    std::vector<Instance> list;
    const OpInfo& o = info(op);
    for (int t = 0; t < kScalarCount; ++t) {
        Instance i{op, static_cast<Scalar>(t), static_cast<Scalar>(t)};
        if ((o.types & set_of(i.t)) == 0) continue;
        if (op == Op::Powi) {
            for (int64_t n = is_float(i.t) ? -16 : 0; n <= 16; ++n) {
                i.imm = static_cast<uint64_t>(n);
                list.push_back(i);
            }
            continue;
        }
        if (!i.has_u()) {
            list.push_back(i);
            continue;
        }
        for (int u = 0; u < kScalarCount; ++u) {
            i.u = static_cast<Scalar>(u);
            if ((o.results & set_of(i.u)) == 0) continue;
            const bool same_width = byte_size(i.t) == byte_size(i.u);
            if ((op == Op::Bits || op == Op::RawBits || op == Op::FromBits) && !same_width) continue;
            if (op == Op::Widen && byte_size(i.t) > byte_size(i.u)) continue;
            if (op == Op::Wrap && byte_size(i.t) < byte_size(i.u)) continue;
            list.push_back(i);
        }
    }
    return list;
}

namespace {

void give(Builder& b, const Instance& i, std::span<const ValueId> operands, std::vector<ValueId>& results) {
    const ValueId v = b.value(i.op, operands, i.u, i.imm);
    results.push_back(v);
    if (value_result_count(i.op) == 2) results.push_back(v + 1);
}

}  // namespace

Program program_of(const Instance& i, std::span<const Fixed> fixed) {
    Program p;
    p.functions.resize(1);
    Function& f = p.entry();
    f.name = "main";
    f.results = i.results();
    Builder b(f);
    ValueId operands[3] = {kNoValue, kNoValue, kNoValue};
    static constexpr const char* names[] = {"a", "b", "c"};
    const auto value_of = [&](int k) -> const Fixed* {
        for (const Fixed& x : fixed)
            if (x.position == k) return &x;
        return nullptr;
    };
    for (int k = 0; k < i.arity(); ++k)
        if (value_of(k) == nullptr) operands[k] = b.param(i.operand(k), names[k]);
    for (int k = 0; k < i.arity(); ++k)
        if (const Fixed* x = value_of(k)) operands[k] = b.constant(i.operand(k), x->value);
    std::vector<ValueId> results;
    give(b, i, {operands, static_cast<size_t>(i.arity())}, results);
    b.ret(results);
    return p;
}

Program folded_program(const Instance& i, std::span<const Slot> rows) {
    Program p;
    p.functions.resize(1);
    Function& f = p.entry();
    f.name = "main";
    Builder b(f);
    std::vector<ValueId> results;
    const size_t n = static_cast<size_t>(i.arity());
    for (size_t r = 0; r + n <= rows.size(); r += n) {
        ValueId operands[3];
        for (size_t k = 0; k < n; ++k) operands[k] = b.constant(i.operand(static_cast<int>(k)), rows[r + k]);
        give(b, i, {operands, n}, results);
        for (const Type t : i.results()) f.results.push_back(t);
    }
    b.ret(results);
    return p;
}

Program same_operand_program(const Instance& i) {
    Program p;
    p.functions.resize(1);
    Function& f = p.entry();
    f.name = "main";
    f.results = i.results();
    Builder b(f);
    const ValueId a = b.param(i.t, "a");
    ValueId operands[3] = {a, a, a};
    if (i.operand(0) == Scalar::Bool && i.t != Scalar::Bool) operands[0] = b.boolean(true);
    std::vector<ValueId> results;
    give(b, i, {operands, static_cast<size_t>(i.arity())}, results);
    b.ret(results);
    return p;
}

std::vector<Slot> operand_rows(const Instance& i) {
    std::vector<Slot> rows;
    trial::Random random(static_cast<uint64_t>(info(i.op).code) * 1000 + static_cast<uint64_t>(i.t) * 10);
    if (i.arity() == 1) {
        for (const Slot a : trial::special_values(i.t)) rows.push_back(a);
        for (int k = 0; k < 300; ++k) rows.push_back(trial::random_value(i.t, random));
        return rows;
    }
    if (i.arity() == 2) {
        // Libm calls are slow and their operands matter less to an engine: the shorter list for them.
        const bool call = info(i.op).lowering == Lowering::Call;
        const auto list = call ? trial::few_special_values(i.t) : trial::special_values(i.t);
        for (const Slot a : list)
            for (const Slot b : list) rows.insert(rows.end(), {a, b});
    } else {
        for (const Slot a : trial::few_special_values(i.operand(0)))
            for (const Slot b : trial::few_special_values(i.t))
                for (const Slot c : trial::few_special_values(i.t)) rows.insert(rows.end(), {a, b, c});
    }
    for (int k = 0; k < 300; ++k)
        for (int n = 0; n < i.arity(); ++n) rows.push_back(trial::random_value(i.operand(n), random));
    return rows;
}

}  // namespace exprjit::ops_test
