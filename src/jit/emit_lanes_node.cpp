// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes: from a node of the plan to the sequence of an integer, bool or conversion operation.
#include "jit/emit.h"
#include "jit/emit_lanes_ops.h"

namespace exprjit::jit {

namespace {

// Whether every lane holds the same constant, and its bits.
bool constant_lanes(const Function& f, ValueId v, uint64_t& bits) {
    const Node* n = &f[v];
    if (n->op == Op::Splat) n = &f[f.operands(v)[0]];
    bits = n->imm;
    return n->op == Op::Const;
}

}  // namespace

void Emitter::lanes_int(const PlanItem& p) {
    const LaneConstants constants = {
        this,
        [](void* self, uint64_t bits, int element, int vector) {
            return static_cast<Emitter*>(self)->lanes_const(bits, element, vector);
        },
        [](void* self, uint64_t bits, int element, int vector) {
            return static_cast<Emitter*>(self)->lanes_whole(bits, element, vector);
        },
        [](void* self, const uint8_t(&bytes)[16], int vector) {
            return static_cast<Emitter*>(self)->lanes_pattern(bytes, vector);
        },
    };
    const Type from = operand_type_of(p);
    LaneOperation o{node(p).op, from.scalar(), node(p).type.scalar(), from.lane_count()};
    o.dst = p.dst, o.dst2 = p.dst2;
    o.a = p.r[0], o.c = p.r[2];
    o.temp[0] = p.r[kAddressBase], o.temp[1] = p.r[kAddressIndex];
    if (info(o.op).arity > 1) {
        uint64_t bits = 0;
        o.is_constant_b = constant_lanes(f_, value_of(p, 1), bits);
        o.constant_b = o.from == Scalar::I32 ? static_cast<int32_t>(bits) : static_cast<int64_t>(bits);
        if (p.r[1] != kImm) o.b = lanes_operand(p, 1);  // an immediate is a constant count of a shift
    }
    LaneOps(a_, v4(), constants, o).emit();
}

void Emitter::lanes_convert(const PlanItem& p) { lanes_int(p); }

}  // namespace exprjit::jit
