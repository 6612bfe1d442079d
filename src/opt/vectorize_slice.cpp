// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a loop needs of the row function, found in one walk backward.
#include <algorithm>

#include "opt/vectorize_row.h"

namespace exprjit::vectorizing {

Slice::Slice(const Function& f, const RowAnalysis& row, std::span<const Root> roots, bool with_checks)
    : f_(f), row_(row), with_checks_(with_checks) {
    needs_.assign(f.size(), 0);
    const auto results = f.operands(f.size() - 1);
    for (const Root& root : roots) use(results[root.result], root.in_lanes);
    for (ValueId v = f.size() - 1; v-- > 0;) {
        visit(v);
        // Whoever uses it was visited before.
        if (needs(v) && !row.is_hoisted(v)) count(v);
    }
}

void Slice::count(ValueId v) {
    const Node& n = f_[v];
    cost_ += n.op == Op::Param ? 1 : row_.cost(v, v + 1);
    // In a branch that is rarely taken, too: it may be taken by every row of this column.
    has_calls_ |= info(n.op).lowering == Lowering::Call || is_native(n.op);
    has_loops_ |= n.op == Op::For || n.op == Op::Loop;
    if (!row_.varies(v) || !n.type.is_value()) return;
    widest_ = std::max(widest_, byte_size(n.type.scalar()));
    if (n.op != Op::NativePure) return;
    for (const ValueId o : f_.operands(n)) widest_ = std::max(widest_, byte_size(f_[o].type.scalar()));
}

void Slice::visit(ValueId v) {
    const Node& n = f_[v];
    const OpInfo& i = info(n.op);
    const auto operands = f_.operands(n);
    if (i.is_value()) {
        if (needs(v)) use_all(operands, row_.varies(v));
        return;
    }
    if (i.has(kEnds)) return visit_end(v);
    if (i.has(kTerminator)) return visit_leave(v);
    switch (n.op) {
    case Op::Result:
        if (needs(v) && info(f_[v - n.imm].op).is_value()) needs_[v - n.imm] |= kAsScalar;
        return;
    case Op::Else:
    case Op::Param:
    case Op::Index:
    case Op::Carried: return;
    case Op::If:
        if (needs(v)) use(operands[0], row_.is_flattened(v) || row_.is_usual_branch(v));
        return;
    case Op::For:
        if (!needs(v)) return;
        use_all(operands.first(3), false);
        for (uint32_t k = 3; k < operands.size(); ++k) use(operands[k], row_.varies(v + k - 1));
        return;
    case Op::Loop:
        if (!needs(v)) return;
        for (uint32_t k = 0; k < operands.size(); ++k) use(operands[k], row_.varies(v + 1 + k));
        return;
    case Op::Check:
        if (!with_checks_) return;
        has_checks_ = true;
        needs_[v] = kAsScalar;
        use(operands[0], row_.varies(operands[0]));
        return;
    default: break;
    }
    // A store to a local array of the function; whether anything reads it is not looked at.
    if (i.has(kEffect) && n.op != Op::Local) needs_[v] = kAsScalar;
    if (needs(v)) use_all(operands, row_.varies(v));
}

// The end of a region whose results, or some of them, may be needed.
void Slice::visit_end(ValueId v) {
    const Node& n = f_[v];
    const ValueId opener = n.link;
    const ValueId around = row_.region_of(opener);
    bool is_kept =
        row_.has_store(opener) || (row_.has_check(opener) && with_checks_) || (row_.leaves(opener) && needs(around));
    if (!n.type.is_void()) {
        const uint32_t slots = f_.result_slots(v);
        for (uint32_t k = 0; k < slots; ++k) {
            if (!needs(v + k)) continue;
            if (!row_.is_hoisted(v + k)) {
                is_kept = true;
                continue;
            }
            use(f_.operands(opener)[0], false);
            use(f_.operands(then_yield(f_, v))[k], false);
            use(f_.operands(else_yield(f_, v))[k], false);
        }
    }
    // Whatever is needed inside is needed for an effect or for a result, so the regions around are kept as well.
    if (is_kept) needs_[opener] = kAsScalar;
}

void Slice::visit_leave(ValueId v) {
    const Node& n = f_[v];
    if (n.op == Op::Return || !needs(n.link)) return;
    needs_[v] = kAsScalar;
    const Node& opener = f_[n.link];
    const auto values = f_.operands(n);
    const ValueId end = opener.op == Op::If ? f_[opener.link].link : opener.link;
    for (uint32_t k = 0; k < values.size(); ++k) {
        if (opener.op == Op::If && (!needs(end + k) || row_.is_hoisted(end + k))) continue;
        if (opener.op == Op::Loop && row_.is_flattened(n.link) && !needs(end + k)) continue;
        const bool in_lanes = opener.op == Op::For ? row_.varies(n.link + 2 + k) : row_.varies(end + k);
        use(values[k], in_lanes);
    }
}

}  // namespace exprjit::vectorizing
