// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <vector>

#include "ir/op.h"

namespace exprjit::differential {

// Value operations a program may hold at the border.
inline const std::vector<Op>& value_ops() {
    static const std::vector<Op> ops = [] {
        std::vector<Op> list;
        for (int i = 0; i < kOpCount; ++i) {
            const OpInfo& o = kOpInfos[i];
            if (o.is_value() && !o.has(kInternal)) list.push_back(static_cast<Op>(i));
        }
        return list;
    }();
    return ops;
}

// Whether the table pairs T with U for this operation; some rows are narrower than their two sets.
inline bool allows(Op op, Scalar t, Scalar u) {
    if ((info(op).results & set_of(u)) == 0) return false;
    switch (op) {
    case Op::Bits:
    case Op::FromBits: return byte_size(t) == byte_size(u);
    case Op::Widen: return byte_size(t) <= byte_size(u);
    case Op::Wrap: return byte_size(t) >= byte_size(u);
    default: return true;
    }
}

}  // namespace exprjit::differential
