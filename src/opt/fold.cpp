// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Constants, computed by the very functions that the interpreter and the generated code call: the bits cannot differ.
#include "interp/interpreter.h"
#include "opt/rewrite.h"

namespace exprjit {

ValueId fold(Rewriter& r, const Candidate& c) {
    Slot bits[3];
    for (uint32_t i = 0; i < 3; ++i) {
        bits[i] = 0;
        if (i < c.count && !r.constant_bits(c.operands[i], bits[i])) return kNoValue;
    }
    const Scalar t = r.type_of(c.operands[info(c.op).signature[0] == 'B' ? 1 : 0]).scalar();
    const Scalar u = c.type.scalar();
    Slot out = 0;
    if (!evaluate(c.op, t, u, bits[0], bits[1], bits[2], &out)) return kNoValue;
    return r.constant(c.type, is_nan_bits(u, out) ? nan_bits(u) : out);
}

bool fold_overflow(Rewriter& r, const Candidate& c, ValueId& value, ValueId& flag) {
    Slot a, b, out = 0;
    bool overflowed = false;
    if (!r.constant_bits(c.operands[0], a) || !r.constant_bits(c.operands[1], b)) return false;
    const Scalar t = c.type.scalar();
    if (!evaluate(c.op, t, t, a, b, 0, &out, &overflowed)) return false;
    value = r.constant(c.type, out);
    flag = r.constant(c.type.with(Scalar::Bool), overflowed);
    return true;
}

}  // namespace exprjit
