// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cassert>

#include "opt/passes.h"

namespace exprjit {

namespace {

// What every engine can run as it stands: no operation whose meaning is its expansion, no call of another function.
[[maybe_unused]] bool is_legal(const Program& program) {
    if (program.functions.size() != 1) return false;
    for (const Node& n : program.entry().nodes) {
        if (info(n.op).lowering == Lowering::Expand || n.op == Op::Call) return false;
    }
    return true;
}

}  // namespace

// Scalar code is legal after expand, so there is nothing to rewrite; masks and lane widths are lowered here when there
// are vectors.
Result<void> legalise([[maybe_unused]] PassContext& context) {
    assert(is_legal(context.program));
    return {};
}

}  // namespace exprjit
