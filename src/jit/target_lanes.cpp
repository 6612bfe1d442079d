// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What operations on lanes ask of their operands. Packed instructions with VEX and EVEX prefixes take memory of any
// alignment, and on AVX-512 one element for all lanes.
#include "jit/target.h"

namespace exprjit::jit {

namespace {

constexpr uint8_t kFirst = 1, kSecond = 2, kThird = 4;

Constraints float_rule(Op op) {
    Constraints c;
    switch (op) {
    case Op::Add:
    case Op::Sub:
    case Op::Mul:
    case Op::Div: c.mem_ok = kSecond, c.foldable = true; break;
    case Op::Fma: c.mem_ok = kThird, c.foldable = true; break;
    case Op::Sqrt:
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc:
    case Op::Round: c.mem_ok = kFirst; break;
    case Op::Min:
    case Op::Max: c.early_clobber = true; break;
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: c.mem_ok = kSecond; break;
    case Op::Select: c.mem_ok = kSecond; break;
    default: break;
    }
    return c;
}

bool converts(Op op) {
    return op == Op::RawBits || op == Op::FromBits || op == Op::TruncToInt || op == Op::IntToFloat ||
           op == Op::FloatToFloat || op == Op::FromBool;
}

Constraints rule(Op op, Scalar t, Isa isa) {
    if (info(op).lowering == Lowering::Call) {
        Constraints c;
        c.shape = Shape::LaneCall;
        return c;
    }
    if (is_float(t) && !converts(op)) return float_rule(op);
    return lanes_int_rule(op, t, isa);
}

}  // namespace

LanesConstraintTable::LanesConstraintTable() {
    for (int op = 0; op < kOpCount; ++op)
        for (int t = 0; t < kScalarCount; ++t)
            for (const Isa isa : {Isa::V3, Isa::V4})
                of[isa == Isa::V4][op][t] = rule(static_cast<Op>(op), static_cast<Scalar>(t), isa);
}
const LanesConstraintTable kLanesConstraintTable;

}  // namespace exprjit::jit
