// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The builder: regions, what ends them, and the parts of nodes.
#include "builder.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

// Runs body(CheckedBuilder&, operands).
template <class Body>
ej_node with_nodes(ej_builder* builder, Op op, const ej_node* nodes, size_t count, Body&& body) noexcept {
    return build(builder, [&](CheckedBuilder& b) {
        std::span<const ValueId> all;
        return read_nodes(b, op, nodes, count, all) ? body(b, all) : b.lose();
    });
}

}  // namespace

extern "C" {

ej_node ej_builder_begin_if(ej_builder* builder, ej_node condition) {
    return build(builder, [&](CheckedBuilder& b) { return b.begin_if(condition); });
}

ej_node ej_builder_begin_else(ej_builder* builder) {
    return build(builder, [](CheckedBuilder& b) { return b.begin_else(); });
}

ej_node ej_builder_end_if(ej_builder* builder) {
    return build(builder, [](CheckedBuilder& b) { return b.end_if(); });
}

ej_node ej_builder_end_if_as(ej_builder* builder, const ej_type* types, size_t count) {
    return build(builder, [&](CheckedBuilder& b) {
        if (types == nullptr && count != 0) {
            return b.refuse_call(Op::EndIf, "the types of its " + std::to_string(count) + " results are at NULL",
                                 "pass an array of types");
        }
        std::vector<Type> all(count);
        for (size_t i = 0; i < count; ++i) {
            if (!read_type(types[i], all[i])) return refuse_type(b, Op::EndIf, types[i]);
        }
        return b.end_if(all);
    });
}

ej_node ej_builder_begin_for(ej_builder* builder, ej_node lo, ej_node hi, ej_node step, const ej_node* inits,
                             size_t init_count) {
    return with_nodes(builder, Op::For, inits, init_count,
                      [&](CheckedBuilder& b, std::span<const ValueId> all) { return b.begin_for(lo, hi, step, all); });
}

ej_node ej_builder_begin_loop(ej_builder* builder, const ej_node* inits, size_t init_count) {
    return with_nodes(builder, Op::Loop, inits, init_count,
                      [](CheckedBuilder& b, std::span<const ValueId> all) { return b.begin_loop(all); });
}

ej_node ej_builder_end_loop(ej_builder* builder) {
    return build(builder, [](CheckedBuilder& b) { return b.end_loop(); });
}

ej_node ej_builder_yield(ej_builder* builder, const ej_node* values, size_t count) {
    return with_nodes(builder, Op::Yield, values, count,
                      [](CheckedBuilder& b, std::span<const ValueId> all) { return b.yield(all); });
}

ej_node ej_builder_break(ej_builder* builder, uint32_t depth, const ej_node* values, size_t count) {
    return with_nodes(builder, Op::Break, values, count,
                      [&](CheckedBuilder& b, std::span<const ValueId> all) { return b.leave(Op::Break, depth, all); });
}

ej_node ej_builder_continue(ej_builder* builder, uint32_t depth, const ej_node* values, size_t count) {
    return with_nodes(builder, Op::Continue, values, count, [&](CheckedBuilder& b, std::span<const ValueId> all) {
        return b.leave(Op::Continue, depth, all);
    });
}

ej_node ej_builder_return(ej_builder* builder, const ej_node* values, size_t count) {
    return with_nodes(builder, Op::Return, values, count,
                      [](CheckedBuilder& b, std::span<const ValueId> all) { return b.ret(all); });
}

ej_node ej_builder_index(ej_builder* builder, ej_node loop) {
    return build(builder, [&](CheckedBuilder& b) { return b.index(loop); });
}

ej_node ej_builder_carried(ej_builder* builder, ej_node loop, size_t k) {
    return build(builder, [&](CheckedBuilder& b) { return b.carried(loop, k); });
}

ej_node ej_builder_result(ej_builder* builder, ej_node node, size_t k) {
    return build(builder, [&](CheckedBuilder& b) { return b.result(node, k); });
}

}  // extern "C"
