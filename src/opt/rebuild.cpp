// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/rebuild.h"

#include <iterator>

namespace exprjit {

Rebuild::Rebuild(Function& target, PassScratch& scratch)
    : target_(target), scratch_(scratch), b_(scratch.builder), from_(&target) {
    // Only the body is built anew; names, parameters and result types stay where they are, so no string is copied.
    scratch.spare.nodes.clear();
    scratch.spare.lists.clear();
    scratch.spare.spans.clear();
    b_.reset(scratch.spare);
    b_.reserve(target.nodes.size() + 16);
    if (scratch.map.size() < target.nodes.size()) scratch.map.resize(target.nodes.size());
}

std::span<ValueId> Rebuild::operands(const Node& n) {
    const auto old = from_->operands(n);
    ValueId* mapped = few_;
    if (old.size() > std::size(few_)) {
        if (many_.size() < old.size()) many_.resize(old.size());
        mapped = many_.data();
    }
    for (size_t i = 0; i < old.size(); ++i) mapped[i] = (*this)[old[i]];
    return {mapped, old.size()};
}

std::span<const Type> Rebuild::result_types(ValueId old) {
    types_.clear();
    if (!node(old).type.is_void()) types_.push_back(node(old).type);
    for (ValueId r = old + 1; r < from_->size() && node(r).op == Op::Result; ++r) types_.push_back(node(r).type);
    return types_;
}

ValueId Rebuild::copy(ValueId old) {
    const Node& n = node(old);
    at(old);
    ValueId made = 0;
    switch (n.op) {
    case Op::If: made = b_.begin_if((*this)[n.inline_operands[0]], n.imm); break;
    case Op::Else: b_.begin_else(); return kNoValue;
    case Op::EndIf:
        made = b_.end_if(result_types(old));
        for (size_t k = 1; k < types_.size(); ++k) set(old + static_cast<ValueId>(k), made + static_cast<ValueId>(k));
        break;
    case Op::For:
    case Op::Loop: {
        const auto values = operands(n);
        const bool is_for = n.op == Op::For;
        made = is_for ? b_.begin_for(values[0], values[1], values[2], values.subspan(3), n.imm) : b_.begin_loop(values);
        const size_t owned = is_for ? values.size() - 2 : values.size();  // the index and the carried values
        for (size_t k = 1; k <= owned; ++k) set(old + static_cast<ValueId>(k), made + static_cast<ValueId>(k));
        break;
    }
    case Op::EndFor:
    case Op::EndLoop: {
        made = b_.end_loop();
        for (ValueId r = old + 1; r < from_->size() && node(r).op == Op::Result; ++r) set(r, made + (r - old));
        break;
    }
    case Op::Yield: b_.yield(operands(n)); return kNoValue;
    case Op::Break: b_.break_to(static_cast<uint32_t>(n.imm), operands(n)); return kNoValue;
    case Op::Continue: b_.continue_to(static_cast<uint32_t>(n.imm), operands(n)); return kNoValue;
    default:
        made = b_.append(n.op, n.type, operands(n), n.imm);
        for (ValueId r = old + 1; r < from_->size() && node(r).op == Op::Result; ++r)
            set(r, b_.append(Op::Result, node(r).type, {}, r - old));
        break;
    }
    set(old, made);
    return made;
}

void Rebuild::finish() {
    target_.nodes.swap(scratch_.spare.nodes);
    target_.lists.swap(scratch_.spare.lists);
    target_.spans.swap(scratch_.spare.spans);
}

}  // namespace exprjit
