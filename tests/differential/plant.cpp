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

// The mask of a group has one lane too many: a row behind the last.
void one_lane_more(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::LaneMask && f[n.inline_operands[0]].op == Op::Sub)
                n.inline_operands[0] = f[n.inline_operands[0]].inline_operands[0];
}

// A failing check names the row of another group.
void wrong_check_row(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::Check && n.operand_count16 == 2 && f[n.inline_operands[1]].op == Op::Add)
                n.inline_operands[1] = f[n.inline_operands[1]].inline_operands[0];
}

// The last step of a combination forgets one of its two lanes.
void lost_lane(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::Extract && n.imm == 1) n.imm = 0;
}

// Selects of whole groups: what a flattened If takes where it should not.
void swapped_lane_selects(Program& p) {
    for (Function& f : p.functions)
        for (Node& n : f.nodes)
            if (n.op == Op::Select && n.type.lane_log2() != 0) std::swap(n.inline_operands[1], n.inline_operands[2]);
}

}  // namespace

std::span<const PlantedBug> planted_row_bugs() {
    static constexpr PlantedBug bugs[] = {
        {"row.sub_operands", swap_operands<Op::Sub>},
        {"row.less_or_equal", replace<Op::Lt, Op::Le>},
        {"row.logical_shift", replace<Op::Shr, Op::Shru>},
        {"row.minimum_maximum", replace<Op::Min, Op::Max>},
        {"row.one_lane_more", one_lane_more},
        {"row.check_row", wrong_check_row},
        {"row.lost_lane", lost_lane},
        {"row.lane_selects", swapped_lane_selects},
    };
    return bugs;
}

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
