// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plant.h"

#include <utility>

namespace exprjit::differential {

namespace {

template <Op from, Op to>
void replace(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == from) n.op = to;
}

template <Op op>
void swap_operands(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == op)
                std::swap(f.mutable_operands(n)[info(op).arity - 2], f.mutable_operands(n)[info(op).arity - 1]);
}

// Moves made one after the other instead of at once: the second value of a pair sees the first already overwritten.
template <Op op>
void sequential_moves(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes) {
            if (n.op != op || (op == Op::Yield && f[n.link].op == Op::If)) continue;
            const auto values = f.mutable_operands(n);
            const ValueId carried = n.link + (f[n.link].op == Op::For ? 2u : 1u);
            for (size_t k = 0; k < values.size(); ++k)
                for (size_t j = 0; j < k; ++j)
                    if (values[k] == carried + j && f[values[k]].type == f[values[j]].type) values[k] = values[j];
        }
}

void wrong_check_site(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::Check) ++n.imm;
}

void one_trip_less(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::For) f.mutable_operands(n)[0] = f.mutable_operands(n)[1];
}

void lost_store(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::Store && is_int(widened(f[f.operands(n)[0]].type.storage())))
                f.mutable_operands(n).back() = f.operands(n)[1];
}

}  // namespace

std::span<const PlantedBug> planted_bugs() {
    static constexpr PlantedBug bugs[] = {
        {"sub_operands", swap_operands<Op::Sub>},
        {"select_operands", swap_operands<Op::Select>},
        {"less_or_equal", replace<Op::Lt, Op::Le>},
        {"logical_shift", replace<Op::Shr, Op::Shru>},
        {"minimum_maximum", replace<Op::Min, Op::Max>},
        {"sequential_back_edge", sequential_moves<Op::Yield>},
        {"sequential_break", sequential_moves<Op::Break>},
        {"check_site", wrong_check_site},
        {"no_trips", one_trip_less},
        {"lost_store", lost_store},
    };
    return bugs;
}

}  // namespace exprjit::differential
