// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The builder behind its handle: a CheckedBuilder, and its mistakes as the caller reads them.
#pragma once

#include <memory>

#include "border.h"
#include "exprjit/exprjit.h"
#include "ir/checked_builder.h"
#include "runtime/bytes.h"

struct ej_builder {
    exprjit::CheckedBuilder program;
    bool memory_ran_out = false;  // in the middle of a call: the program is not what its caller thinks

    // What the engine compiles; kept for the next of a thousand small programs.
    mutable exprjit::Bytes image;

    // Made when asked for, and again when there are more mistakes.
    mutable std::unique_ptr<ej_error> shown;
    mutable size_t shown_count = 0;
};

namespace exprjit::capi {

// Runs body(CheckedBuilder&), which gives a node or number; EJ_NO_NODE without a builder and when memory runs out.
template <class Body>
uint32_t build(ej_builder* builder, Body&& body) noexcept {
    if (builder == nullptr || builder->memory_ran_out) return EJ_NO_NODE;
    try {
        return body(builder->program);
    } catch (...) {
        builder->memory_ran_out = true;
        return EJ_NO_NODE;
    }
}

// What is wrong with the program so far; nullptr if nothing is. Throws std::bad_alloc.
Failure mistakes(const ej_builder& builder);

// Overwrites the builder's image.
const Bytes& write_image(const ej_builder& builder);

// log2 of a number of lanes, -1 if values cannot have so many.
int log2_of_lanes(int32_t lanes);
// False if there is no such type. What refuse_type says about it is a mistake; it returns kNoValue.
bool read_type(ej_type t, Type& out);
ValueId refuse_type(CheckedBuilder& b, Op op, ej_type type);

// Operands as the caller gave them; after a NULL with a count the builder has a mistake and false is returned.
bool read_nodes(CheckedBuilder& b, Op op, const ej_node* nodes, size_t count, std::span<const ValueId>& out);

}  // namespace exprjit::capi
