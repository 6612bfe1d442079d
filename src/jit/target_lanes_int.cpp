// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the integer, bool and conversion operations on lanes ask of the allocator; see emit_lanes_*.cpp.
#include "jit/target.h"

namespace exprjit::jit {

namespace {

constexpr uint8_t kSecond = 2;

}  // namespace

Constraints lanes_int_rule(Op op, Scalar t, Isa isa) {
    const bool v4 = isa == Isa::V4;
    const bool wide = t == Scalar::I64;
    const bool wide_v3 = wide && !v4;
    Constraints c;
    if (t == Scalar::Bool) return c;
    switch (op) {
    case Op::Add:
    case Op::Sub:
    case Op::And:
    case Op::Or:
    case Op::Xor:
        c.mem_ok = kSecond;
        c.foldable = true;
        break;
    case Op::Mul:
    case Op::Min:
    case Op::Max:
        c.mem_ok = wide_v3 ? 0 : kSecond;
        c.foldable = !wide_v3;
        break;
    case Op::Select:
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: c.mem_ok = kSecond; break;
    case Op::AddOverflow:
    case Op::SubOverflow: c.early_clobber = true; break;
    case Op::MulOverflow:
        c.early_clobber = true;
        c.temps = wide ? 2 : 0;
        break;
    case Op::Popcount: c.early_clobber = true; break;
    case Op::Quot:
    case Op::Rem:
        c.early_clobber = true;
        c.temps = wide ? 2 : 0;
        break;
    case Op::TruncToInt:
        if (!v4) {
            c.early_clobber = true;
            c.temps = 1;
        }
        break;
    default: break;
    }
    return c;
}

// Every operation of this file has a sequence of instructions on both levels.
const void* lanes_callee(Op, Scalar) { return nullptr; }

}  // namespace exprjit::jit
