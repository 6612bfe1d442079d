// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/target.h"

#include <cmath>

#include "interp/interpreter.h"

namespace exprjit::jit {

namespace {

constexpr uint8_t kFirst = 1, kSecond = 2, kThird = 4;

constexpr Constraints rule(Op op, Scalar t, Isa isa) {
    const bool flt = is_float(t);
    const bool v3 = isa >= Isa::V3;
    Constraints c;
    switch (op) {
    case Op::Add:
    case Op::Mul:
    case Op::Sub:
        c.mem_ok = kSecond;
        c.imm_ok = flt ? 0 : kSecond;
        c.foldable = true;
        break;
    case Op::And:
    case Op::Or:
    case Op::Xor: c.mem_ok = t == Scalar::Bool ? 0 : kSecond, c.imm_ok = kSecond; break;
    case Op::Div: c.mem_ok = kSecond, c.foldable = true; break;
    case Op::AddOverflow:
    case Op::SubOverflow:
    case Op::MulOverflow: c.imm_ok = kSecond, c.early_clobber = true; break;
    case Op::Sqrt:
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc:
    case Op::Round: c.mem_ok = kFirst; break;
    case Op::Fma:
        if (v3)
            c.mem_ok = kThird;
        else
            c.shape = Shape::Call;
        break;
    case Op::Min:
    case Op::Max: c.early_clobber = flt; break;
    case Op::Quot:
    case Op::Rem: c.shape = Shape::Division; break;
    case Op::Shl:
    case Op::Shr:
    case Op::Shru:
        c.imm_ok = kSecond;
        c.early_clobber = true;
        if (!v3) c.shape = Shape::CountRcx;
        break;
    case Op::Rotl:
    case Op::Rotr: c.imm_ok = kSecond, c.shape = Shape::CountRcx, c.early_clobber = true; break;
    case Op::Popcount:
    case Op::Clz:
    case Op::Ctz: c.early_clobber = true; break;
    case Op::Abs: c.early_clobber = !flt; break;
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: c.mem_ok = t == Scalar::Bool ? 0 : kSecond, c.imm_ok = flt ? 0 : kSecond; break;
    case Op::Select:
        // A compare in front of it reads its operands before the destination is written.
        c.early_clobber = flt && !v3;
        c.imm_ok = flt ? 0 : kSecond | kThird;
        break;
    case Op::IntToFloat:
    case Op::TruncToInt:
    case Op::FloatToFloat: c.mem_ok = kFirst; break;
    default:
        if (info(op).lowering == Lowering::Call) c.shape = Shape::Call;
        break;
    }
    return c;
}

constexpr ConstraintTable make_table() {
    ConstraintTable table;
    for (int level = 0; level < 3; ++level)
        for (int op = 0; op < kOpCount; ++op)
            for (int t = 0; t < kScalarCount; ++t)
                table.of[level][op][t] = rule(static_cast<Op>(op), static_cast<Scalar>(t), static_cast<Isa>(level + 2));
    return table;
}

}  // namespace

const ConstraintTable kConstraintTable = make_table();

const Constraints& structure_constraints(Op op) {
    static constexpr Constraints kRegistersOnly;
    static constexpr Constraints kCheck = [] {
        Constraints c;
        c.mem_ok = c.cold_mem = kSecond;  // the index that a failing check reports
        return c;
    }();
    static constexpr Constraints kStore = [] {
        Constraints c;
        c.imm_ok = kThird;
        return c;
    }();
    return op == Op::Check ? kCheck : op == Op::StoreRaw ? kStore : kRegistersOnly;
}

const void* callee(const Function& f, const Node& n, Isa isa) {
    const Scalar t = operand_type(f, n).is_value() ? operand_type(f, n).scalar() : Scalar::I64;
    if (n.op == Op::Fma && isa < Isa::V3) {
        if (t == Scalar::F64)
            return reinterpret_cast<const void*>(static_cast<double (*)(double, double, double)>(::fma));
        return reinterpret_cast<const void*>(static_cast<float (*)(float, float, float)>(::fmaf));
    }
    if (info(n.op).lowering == Lowering::Call) return call_target(n.op, t);
    return nullptr;
}

}  // namespace exprjit::jit
