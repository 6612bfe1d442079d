// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Control flow in lanes: both arms of an If run and its results are selected; lanes that leave a Loop are left out of
// what follows in it. Which lanes run matters only to checks and to branches around expensive arms, because every
// other operation is harmless on any value; so masks are computed where one of these needs them.
#include <cassert>

#include "opt/vectorize_body.h"

namespace exprjit::vectorizing {

namespace {

// An arm that costs more than about so many instructions is skipped where no lane takes it.
constexpr uint32_t kBranchCost = 24;

}  // namespace

// ---- Masks

int BodyWriter::add_mask(int parent, ValueId condition, bool is_negated) {
    if (parent == kNoLane) return kNoLane;
    masks_.push_back({parent, condition, is_negated});
    return static_cast<int>(masks_.size()) - 1;
}

int BodyWriter::mask_of(ValueId value) {
    masks_.push_back({});
    remember(masks_.back(), value);
    return static_cast<int>(masks_.size()) - 1;
}

void BodyWriter::remember(Mask& m, ValueId value) {
    m.value = value;
    m.depth = open_.size() - 1;
    m.serial = open_.back();
}

ValueId BodyWriter::mask_value(int mask) {
    assert(mask != kEveryLane);
    if (mask == kNoLane) return b_.constant(in_lanes(Scalar::Bool), 0);
    mask_chain_.clear();
    int at = mask;
    for (; at != kEveryLane && !is_visible(masks_[static_cast<size_t>(at)]);
         at = masks_[static_cast<size_t>(at)].parent)
        mask_chain_.push_back(at);
    ValueId value = at == kEveryLane ? kNoValue : masks_[static_cast<size_t>(at)].value;
    for (size_t k = mask_chain_.size(); k-- > 0;) {
        Mask& m = masks_[static_cast<size_t>(mask_chain_[k])];
        const ValueId own = m.is_negated ? b_.unary(Op::Not, m.condition) : m.condition;
        value = value == kNoValue ? own : b_.binary(Op::And, value, own);
        remember(m, value);
    }
    return value;
}

// The lanes that are not in the mask.
ValueId BodyWriter::excluded(int mask) {
    if (mask >= 0) {
        const Mask& m = masks_[static_cast<size_t>(mask)];
        if (m.parent == kEveryLane && m.is_negated) return m.condition;
    }
    return b_.unary(Op::Not, mask_value(mask));
}

// ---- If

void BodyWriter::begin_choice(ValueId v) {
    const Node& n = f_[v];
    const ValueId condition = lanes(f_.operands(n)[0]);
    choices_.push_back({condition, mask_});
    Choice& choice = choices_.back();
    choice.masks[0] = add_mask(mask_, condition, false);
    choice.masks[1] = add_mask(mask_, condition, true);
    begin_arm(choice, 0, v + 1, n.link, row_.leaves(v));
}

void BodyWriter::begin_arm(Choice& choice, int arm, ValueId first, ValueId end, bool leaves) {
    mask_ = choice.masks[arm];
    choice.values[arm] = chosen_.size();
    choice.is_branch = !leaves && mask_ != kNoLane && row_.cost(first, end) > kBranchCost;
    if (!choice.is_branch) return;
    const ValueId mask = mask_value(mask_);
    const ValueId any = b_.append(Op::Any, kBool, {&mask, 1});
    enter_region(first, end);
    b_.begin_if(any);
}

// The yield at the end of an arm.
void BodyWriter::finish_arm(ValueId v) {
    Choice& choice = choices_.back();
    const ValueId opener = f_[v].link, middle = f_[opener].link, end = f_[middle].link;
    const int arm = v > middle ? 1 : 0;
    const auto operands = f_.operands(v);
    choice.left[arm] = mask_;
    // What is defined in front of the If need not pass through the branch.
    const auto passes = [&](uint32_t k) {
        return choice.is_branch && operands[k] > opener && !row_.is_hoisted(operands[k]);
    };
    if (choice.is_branch) {
        values_.clear();
        types_.clear();
        for (uint32_t k = 0; k < operands.size(); ++k) {
            if (is_wanted(end + k) && passes(k)) values_.push_back(lanes(operands[k]));
        }
        for (const ValueId value : values_) types_.push_back(b_.type_of(value));
        b_.yield(values_);
        b_.begin_else();
        for (size_t k = 0; k < types_.size(); ++k) values_[k] = b_.constant(types_[k], 0);
        b_.yield(values_);
        leave_region();
    }
    ValueId made = choice.is_branch ? b_.end_if(types_) : kNoValue;
    for (uint32_t k = 0; k < operands.size(); ++k) {
        if (!is_wanted(end + k)) continue;
        chosen_.push_back(passes(k) ? made++ : lanes(operands[k]));
    }
}

void BodyWriter::end_choice(ValueId v) {
    const Choice choice = choices_.back();
    choices_.pop_back();
    const bool ends[2] = {then_yield(f_, v) != kNoValue, else_yield(f_, v) != kNoValue};
    uint32_t at = 0;
    for (uint32_t k = 0; k < result_count(v); ++k) {
        if (!is_wanted(v + k)) continue;
        const ValueId zero = ends[0] || ends[1] ? kNoValue : b_.constant(in_lanes(f_[v + k].type.scalar()), 0);
        const ValueId a = ends[0] ? chosen_[choice.values[0] + at] : zero;
        const ValueId b = ends[1] ? chosen_[choice.values[1] + at] : zero;
        if (ends[0] && ends[1])
            map_[v + k] = a == b ? a : b_.select(choice.condition, a, b);
        else
            map_[v + k] = ends[0] ? a : b;
        ++at;
    }
    chosen_.resize(choice.values[0]);
    // Lanes that left in one of the arms are gone.
    if (choice.left[0] == choice.masks[0] && choice.left[1] == choice.masks[1])
        mask_ = choice.outer;
    else if (choice.left[0] == kNoLane || choice.left[1] == kNoLane)
        mask_ = choice.left[0] == kNoLane ? choice.left[1] : choice.left[0];
    else
        mask_ = mask_of(b_.binary(Op::Or, mask_value(choice.left[0]), mask_value(choice.left[1])));
}

// ---- Loop

// A break: the lanes that are here leave with these values.
void BodyWriter::depart(ValueId v) {
    const ValueId end = f_[f_[v].link].link;
    const auto operands = f_.operands(v);
    departures_.push_back({mask_, departed_.size()});
    for (uint32_t k = 0; k < operands.size(); ++k) {
        if (slice_->needs(end + k)) departed_.push_back(lanes(operands[k]));
    }
    mask_ = kNoLane;
}

void BodyWriter::end_departures(ValueId v) {
    const Leaving leaving = leaving_.back();
    leaving_.pop_back();
    uint32_t at = 0;
    for (uint32_t k = 0; k < result_count(v); ++k) {
        if (!slice_->needs(v + k)) continue;
        ValueId value = kNoValue;
        // Every lane that came in left once: where none of the others left, the last did.
        for (size_t d = departures_.size(); d-- > leaving.departures;) {
            const Departure& departure = departures_[d];
            if (departure.mask == kNoLane) continue;
            const ValueId own = departed_[departure.values + at];
            if (value == kNoValue || departure.mask == kEveryLane)
                value = own;
            else if (value != own)
                value = b_.select(mask_value(departure.mask), own, value);
        }
        map_[v + k] = value == kNoValue ? b_.constant(in_lanes(f_[v + k].type.scalar()), 0) : value;
        ++at;
    }
    departures_.resize(leaving.departures);
    departed_.resize(leaving.values);
    mask_ = leaving.outer;
}

}  // namespace exprjit::vectorizing
