// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ir/builder.h"
#include "ir/program.h"
#include "support/values.h"

namespace exprjit::ops_test {

// One row of the table at one type: what a generated test is about.
struct Instance {
    Op op;
    Scalar t;
    Scalar u;          // only if the signature has a U
    uint64_t imm = 0;  // only Powi

    int arity() const { return info(op).arity; }
    bool has_u() const { return info(op).signature[arity() + 1] == 'U'; }
    Scalar operand(int k) const { return info(op).signature[k] == 'B' ? Scalar::Bool : t; }
    std::vector<Type> results() const;
    std::string name() const;  // "convert f64 > i32"
};

// Every type (and result type, and exponent) of one operation.
std::vector<Instance> instances(Op op);

// f(a, b, …) = op(a, b, …) with the operands in `constants` (by position) fixed: the parameters are the others.
struct Fixed {
    int position;
    Slot value;
};
Program program_of(const Instance& i, std::span<const Fixed> fixed = {});
// f() with one call of the operation per row of `rows` (arity slots each), all operands constant.
Program folded_program(const Instance& i, std::span<const Slot> rows);
// f(a) = op(a, a).
Program same_operand_program(const Instance& i);

// All rows of operand values that a test of this instance goes through, arity slots each.
std::vector<Slot> operand_rows(const Instance& i);

}  // namespace exprjit::ops_test
