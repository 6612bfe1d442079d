// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which integer, bool and conversion operations exist on lanes, for which types, lane counts and levels, and the operands
// to try them on.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "ir/op.h"
#include "jit/compile.h"
#include "support/values.h"

namespace exprjit::jit {

struct LanesTuple {
    Slot v[3] = {0, 0, 0};
};

struct LanesCase {
    Op op;
    Scalar from;  // of the first T operand
    Scalar to;    // of result 0
    int lanes;
    Isa isa;

    int arity() const { return info(op).arity; }
    Scalar operand_type(int k) const { return info(op).signature[k] == 'B' ? Scalar::Bool : from; }
    bool has_flag() const { return info(op).has(kMulti); }
    bool is_shift() const { return op >= Op::Shl && op <= Op::Rotr; }
    bool is_conversion() const;
    std::string describe() const;                     // "mul of i64, 4 lanes, v3"
    std::string describe(const LanesTuple& t) const;  // "(7, -1)"
    std::string test_name() const;
    // The meaning on one lane; false if there is none.
    bool evaluate(const LanesTuple& t, Slot& result, bool& flag) const;
};

// For GoogleTest.
inline void PrintTo(const LanesCase& c, std::ostream* out) { *out << c.describe(); }

// Operands: all pairs of special values where there are two, then random ones.
std::vector<LanesTuple> tuples_of(const LanesCase& c);

// Of v3 and v4, each in both lane counts.
std::vector<LanesCase> all_lanes_cases();

}  // namespace exprjit::jit
