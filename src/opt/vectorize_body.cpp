// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/vectorize_body.h"

#include <cassert>

namespace exprjit::vectorizing {

BodyWriter::BodyWriter(Builder& b, const Function& f, const RowAnalysis& row, std::span<const RowInput> inputs,
                       int lane_log2, ValueId first_row)
    : b_(b), f_(f), row_(row), inputs_(inputs), lane_log2_(lane_log2), first_row_(first_row) {
    map_.assign(f.size(), kNoValue);
    front_lanes_.assign(f.size(), kNoValue);
    loaded_.assign(f.params.size(), 0);
}

void BodyWriter::hoist(const Slice& slice) {
    slice_ = &slice;
    for (ValueId v = 0; v < f_.size(); ++v) {
        if (!row_.is_hoisted(v) || !slice.needs(v)) continue;
        const Node& n = f_[v];
        if (n.op == Op::Param) {
            map_[v] = v;
        } else if (n.op == Op::Const) {
            if (slice.needs_scalar(v)) map_[v] = b_.constant(n.type, n.imm);
        } else if (n.op == Op::EndIf || (n.op == Op::Result && f_[v - n.imm].op == Op::EndIf)) {
            const ValueId end = n.op == Op::EndIf ? v : v - static_cast<ValueId>(n.imm);
            const uint32_t k = v - end;
            const ValueId condition = f_.operands(f_[end].link)[0];
            const ValueId a = f_.operands(then_yield(f_, end))[k], b = f_.operands(else_yield(f_, end))[k];
            map_[v] = a == b ? scalar(a) : b_.select(scalar(condition), scalar(a), scalar(b));
        } else if (n.op != Op::Result) {
            plain(v);
        }
        if (lane_log2_ == 0 || !slice.needs_lanes(v)) continue;
        front_lanes_[v] = n.op == Op::Const ? b_.constant(in_lanes(n.type.scalar()), n.imm)
                                            : b_.splat(in_lanes(n.type.scalar()), map_[v]);
    }
}

void BodyWriter::begin(const Slice& slice, const Group& group) {
    slice_ = &slice;
    group_ = group;
    ++group_number_;
    mask_ = kEveryLane;
    masks_.clear();
    open_.assign(1, next_serial_++);
}

void BodyWriter::nodes(ValueId first, ValueId end) {
    for (ValueId v = first; v < end; ++v) node(v);
}

void BodyWriter::write(const Slice& slice, const Group& group) {
    begin(slice, group);
    nodes(static_cast<ValueId>(f_.params.size()), f_.size() - 1);
    assert(choices_.empty() && leaving_.empty() && chosen_.empty() && open_.size() == 1);
}

// Behind the node, or the region that it opens.
ValueId BodyWriter::end_of_unit(ValueId v) const {
    const Node& n = f_[v];
    if (!info(n.op).has(kOpens)) return v + 1;
    return (n.op == Op::If ? f_[n.link].link : n.link) + 1;
}

void BodyWriter::write(const Slice& slice, BodyWriter& first, const Group& first_group, BodyWriter& second,
                       const Group& second_group) {
    first.begin(slice, first_group);
    second.begin(slice, second_group);
    const Function& f = first.f_;
    for (ValueId v = static_cast<ValueId>(f.params.size()), end; v + 1 < f.size(); v = end) {
        end = first.end_of_unit(v);
        first.nodes(v, end);
        second.nodes(v, end);
    }
}

ValueId BodyWriter::result(uint32_t k) { return lanes(f_.operands(f_.size() - 1)[k]); }

bool BodyWriter::result_is(uint32_t k, uint64_t bits) const {
    const Node& n = f_[f_.operands(f_.size() - 1)[k]];
    return n.op == Op::Const && n.imm == bits;
}

ValueId BodyWriter::offset(const Group& group, size_t element_bytes) {
    ValueId at = group.index;
    if (element_bytes != 1) at = b_.binary(Op::Mul, at, b_.i64(static_cast<int64_t>(element_bytes)));
    const int64_t shift = group.shift * static_cast<int64_t>(element_bytes);
    return shift == 0 ? at : b_.binary(Op::Add, at, b_.i64(shift));
}

ValueId BodyWriter::row_number(const Group& group) {
    const ValueId row = b_.binary(Op::Add, first_row_, group.index);
    return group.shift == 0 ? row : b_.binary(Op::Add, row, b_.i64(group.shift));
}

// ---- Operands

// The value as a scalar: it does not vary, or there are no lanes.
ValueId BodyWriter::scalar(ValueId old) {
    const Node& n = f_[old];
    if (n.op == Op::Param && !row_.is_hoisted(old)) return load(old);
    if (n.op == Op::Const && map_[old] == kNoValue) return b_.constant(n.type, n.imm);
    assert(map_[old] != kNoValue);
    return map_[old];
}

ValueId BodyWriter::lanes(ValueId old) {
    if (lane_log2_ == 0 || row_.varies(old)) return scalar(old);
    if (front_lanes_[old] != kNoValue) return front_lanes_[old];
    const Node& n = f_[old];
    const Type type = in_lanes(n.type.scalar());
    return n.op == Op::Const ? b_.constant(type, n.imm) : b_.splat(type, scalar(old));
}

// Columns are loaded where they are first used, so that the load can become part of that instruction.
ValueId BodyWriter::load(ValueId param) {
    if (loaded_[param] == group_number_) return map_[param];
    loaded_[param] = group_number_;
    const Storage storage = inputs_[param].storage;
    assert(Type(widened(storage)) == f_[param].type);
    const ValueId operands[3] = {param, offset(group_, byte_size(storage)), group_.mask};
    const size_t count = group_.masks_access && group_.mask != kNoValue ? 3 : 2;
    return map_[param] = b_.append(Op::LoadRaw, in_lanes(widened(storage)), {operands, count}, raw_imm(storage));
}

// Loads the columns that the nodes from `first` up to `end` use: those stand in a region, and what is loaded there is
// not visible behind it.
void BodyWriter::load_before(ValueId first, ValueId end) {
    for (ValueId v = first; v < end; ++v) {
        const bool is_used = slice_->needs(v) || info(f_[v].op).has(kTerminator);
        if (!is_used || row_.is_hoisted(v)) continue;
        for (const ValueId o : f_.operands(v)) {
            if (f_[o].op == Op::Param && slice_->needs(o)) scalar(o);
        }
    }
}

void BodyWriter::enter_region(ValueId first, ValueId end) {
    if (open_.size() == 1) load_before(first, end);
    open_.push_back(next_serial_++);
}

// ---- Nodes

void BodyWriter::node(ValueId v) {
    const Node& n = f_[v];
    switch (n.op) {
    case Op::Result:
    case Op::Index:
    case Op::Carried: return;
    case Op::If: return slice_->needs(v) ? open_if(v) : void();
    case Op::Else: return slice_->needs(f_[n.link].link) ? middle_of_if(v) : void();
    case Op::EndIf: return slice_->needs(n.link) ? close_if(v) : void();
    case Op::For: return slice_->needs(v) ? open_for(v) : void();
    case Op::Loop: return slice_->needs(v) ? open_loop(v) : void();
    case Op::EndFor:
    case Op::EndLoop: return slice_->needs(n.link) ? close_loop(v) : void();
    case Op::Yield:
    case Op::Break:
    case Op::Continue: return slice_->needs(n.link) ? leave(v) : void();
    case Op::Check: return slice_->needs(v) ? check(v) : void();
    default:
        if (slice_->needs(v) && !row_.is_hoisted(v)) plain(v);
        return;
    }
}

void BodyWriter::plain(ValueId v) {
    const Node& n = f_[v];
    const bool varies = row_.varies(v);
    const auto operands = f_.operands(n);
    values_.clear();
    for (const ValueId o : operands) {
        const ValueId now = f_[o].type.is_array() ? map_[o] : typed(o, varies);
        values_.push_back(now);
    }
    const Type type = varies ? in_lanes(n.type.scalar()) : n.type;
    map_[v] = varies && values_.size() <= 3 ? append_once(n, type) : b_.append(n.op, type, values_, n.imm);
    for (ValueId r = v + 1; r < f_.size() && f_[r].op == Op::Result; ++r)
        map_[r] = b_.append(Op::Result, varies ? in_lanes(f_[r].type.scalar()) : f_[r].type, {}, r - v);
}

// Appends the node with the operands in values_, and does not look whether there is an equal one: the row function
// shares its nodes, and what varies is different in every group. It is half of the time that this pass takes.
ValueId BodyWriter::append_once(const Node& n, Type type) {
    Function& to = b_.function();
    const ValueId v = to.size();
    Node& made = to.nodes.emplace_back();
    made.op = n.op;
    made.type = type;
    made.imm = n.imm;
    made.operand_count16 = static_cast<uint16_t>(values_.size());
    for (size_t k = 0; k < values_.size(); ++k) made.inline_operands[k] = values_[k];
    if (!to.spans.empty()) to.spans.push_back(kNoSpan);
    return v;
}

// Where a lane does not come by, or its row does not exist, the check holds.
void BodyWriter::check(ValueId v) {
    if (mask_ == kNoLane) return;
    const Node& n = f_[v];
    const ValueId old = f_.operands(n)[0];
    const bool is_by_lane = lane_log2_ != 0 && (row_.varies(old) || mask_ != kEveryLane);
    ValueId condition = typed(old, is_by_lane);
    if (is_by_lane && mask_ != kEveryLane) condition = b_.binary(Op::Or, condition, excluded(mask_));
    // The first row of a group exists, so a condition that is the same for all rows needs no mask.
    if (is_by_lane && group_.mask != kNoValue) condition = b_.binary(Op::Or, condition, b_.unary(Op::Not, group_.mask));
    b_.check(condition, check_code(n.imm), check_site(n.imm), row_number(group_));
}

// ---- Regions that stay

void BodyWriter::open_for(ValueId v) {
    const Node& n = f_[v];
    const auto operands = f_.operands(n);
    enter_region(v + 1, n.link);
    const ValueId lo = scalar(operands[0]), hi = scalar(operands[1]), step = scalar(operands[2]);
    values_.clear();
    for (uint32_t k = 3; k < operands.size(); ++k) values_.push_back(typed(operands[k], row_.varies(v + k - 1)));
    const ValueId made = b_.begin_for(lo, hi, step, values_, n.imm);
    for (uint32_t k = 1; k + 1 < operands.size(); ++k) map_[v + k] = made + k;
}

void BodyWriter::open_loop(ValueId v) {
    const auto operands = f_.operands(v);
    values_.clear();
    if (row_.is_flattened(v)) {
        // One trip: what it carries is what it starts with.
        for (uint32_t k = 0; k < operands.size(); ++k) map_[v + 1 + k] = typed(operands[k], row_.varies(v + 1 + k));
        leaving_.push_back({mask_, departures_.size(), departed_.size()});
        return;
    }
    enter_region(v + 1, f_[v].link);
    for (const ValueId o : operands) values_.push_back(scalar(o));
    const ValueId made = b_.begin_loop(values_);
    for (uint32_t k = 1; k <= operands.size(); ++k) map_[v + k] = made + k;
}

void BodyWriter::close_loop(ValueId v) {
    if (row_.is_flattened(f_[v].link)) return end_departures(v);
    leave_region();
    const ValueId made = b_.end_loop();
    for (uint32_t k = 0; k < result_count(v); ++k) map_[v + k] = made + k;
}

void BodyWriter::leave(ValueId v) {
    const Node& n = f_[v];
    const Op opener = f_[n.link].op;
    if (opener == Op::If) return row_.is_flattened(n.link) ? finish_arm(v) : yield_to_if(v);
    if (row_.is_flattened(n.link)) return depart(v);
    const auto operands = f_.operands(n);
    values_.clear();
    const uint32_t first = n.link + (opener == Op::For ? 2 : 1);
    for (uint32_t k = 0; k < operands.size(); ++k) values_.push_back(typed(operands[k], row_.varies(first + k)));
    if (n.op == Op::Yield)
        b_.yield(values_);
    else if (n.op == Op::Break)
        b_.break_to(static_cast<uint32_t>(n.imm), values_);
    else
        b_.continue_to(static_cast<uint32_t>(n.imm), values_);
}

void BodyWriter::open_if(ValueId v) {
    if (row_.is_flattened(v)) return begin_choice(v);
    const Node& n = f_[v];
    const ValueId old = f_.operands(n)[0];
    const ValueId condition = row_.is_usual_branch(v) ? holds_in_every_lane(old) : scalar(old);
    enter_region(v + 1, f_[n.link].link);
    b_.begin_if(condition, n.imm);
}

// One bool; rows that do not exist are not looked at.
ValueId BodyWriter::holds_in_every_lane(ValueId condition) {
    ValueId fails = b_.unary(Op::Not, lanes(condition));
    if (group_.mask != kNoValue) fails = b_.binary(Op::And, fails, group_.mask);
    return b_.unary(Op::Not, b_.append(Op::Any, kBool, {&fails, 1}));
}

void BodyWriter::middle_of_if(ValueId v) {
    const ValueId end = f_[v].link, opener = f_[end].link;
    if (row_.is_flattened(opener)) return begin_arm(choices_.back(), 1, v + 1, end, row_.leaves(opener));
    open_.back() = next_serial_++;
    b_.begin_else();
}

void BodyWriter::yield_to_if(ValueId v) {
    const ValueId end = f_[f_[f_[v].link].link].link;
    const ValueId opener = f_[v].link;
    const auto operands = f_.operands(v);
    // Lanes that take the rare arm are some of those that are here.
    const bool selects = row_.is_usual_branch(opener) && v + 1 == end;
    values_.clear();
    for (uint32_t k = 0; k < operands.size(); ++k) {
        if (!is_wanted(end + k)) continue;
        ValueId value = typed(operands[k], row_.varies(end + k));
        if (selects)
            value = b_.select(lanes(f_.operands(opener)[0]), lanes(f_.operands(then_yield(f_, end))[k]), value);
        values_.push_back(value);
    }
    b_.yield(values_);
}

void BodyWriter::close_if(ValueId v) {
    if (row_.is_flattened(f_[v].link)) return end_choice(v);
    leave_region();
    types_.clear();
    for (uint32_t k = 0; k < result_count(v); ++k) {
        if (is_wanted(v + k)) types_.push_back(row_.varies(v + k) ? in_lanes(f_[v + k].type.scalar()) : f_[v + k].type);
    }
    ValueId made = b_.end_if(types_);
    for (uint32_t k = 0; k < result_count(v); ++k) {
        if (is_wanted(v + k)) map_[v + k] = made++;
    }
}

}  // namespace exprjit::vectorizing
