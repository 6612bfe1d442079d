// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/vectorize_reduce.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "opt/constants.h"

namespace exprjit::vectorizing {

namespace {

// Up to so many nodes the repeated body of a loop that keeps everything in registers may have.
constexpr uint32_t kMostRegisterNodes = 160;
// Chains of dependent operations that keep the machine busy where their number is free.
constexpr uint32_t kFreeVectors = 4;

using Kind = Accumulator::Kind;

}  // namespace

uint64_t identity_bits(Kind kind, Scalar type) {
    const bool is_least = kind == Kind::Max || kind == Kind::ArgMax;
    if (kind == Kind::Prod) return is_float(type) ? float_bits(type, 1) : 1;
    if (kind == Kind::Sum || kind == Kind::Squares || kind == Kind::Count) return 0;
    if (is_float(type)) {
        const double infinity = std::numeric_limits<double>::infinity();
        return float_bits(type, is_least ? -infinity : infinity);
    }
    if (type == Scalar::I32) return int_bits(type, is_least ? INT32_MIN : INT32_MAX);
    return int_bits(type, is_least ? INT64_MIN : INT64_MAX);
}

// ---- Loops

void ReductionWriter::run(std::span<Accumulator> accumulators, const Slice& slice, const GroupWork& stores) {
    states_.clear();
    uint32_t most = 1;
    for (Accumulator& a : accumulators) {
        State s{&a, 1, {}};
        if (has_lanes() && a.kind != Kind::Count)
            s.vectors = a.is_ordered() ? virtual_vectors(a) : std::min(kFreeVectors, virtual_vectors(a));
        if (a.kind == Kind::Squares) s.mean = b_.splat(body_.in_lanes(a.type), a.mean);
        most = std::max(most, s.vectors);
        states_.push_back(std::move(s));
    }
    const uint32_t cost = slice.cost() + 2 * static_cast<uint32_t>(accumulators.size());
    if (has_lanes() && most * cost <= kMostRegisterNodes)
        in_registers(slice, stores);
    else
        in_memory(slice, stores);
    for (State& s : states_) combine(s);
}

// As many groups per trip as the widest accumulator has vectors, so that each group has its own registers. What is left
// over cannot name its registers, which depend on the row; it goes through memory.
void ReductionWriter::in_registers(const Slice& slice, const GroupWork& stores) {
    uint32_t unroll = 1;
    for (State& s : states_) {
        start(s);
        unroll = std::max(unroll, s.vectors);
    }
    const ValueId full = b_.binary(Op::And, row_count_, b_.i64(-static_cast<int64_t>(unroll) * body_.lane_count()));
    const uint32_t groups = unroll / pass_count(slice, stores, unroll);
    for (uint32_t first = 0; first < unroll; first += groups) pass(slice, stores, full, first, groups, unroll);
    rest(slice, stores, full, unroll);
}

// Where the accumulators outnumber the registers, the block is walked several times, for a part of the virtual lanes
// each. Every row is still visited once, but not in order: only where nobody can tell.
uint32_t ReductionWriter::pass_count(const Slice& slice, const GroupWork& stores, uint32_t unroll) const {
    if (slice.has_checks() || stores) return 1;
    constexpr uint32_t kOthers = 4;  // registers for values of the body
    const uint32_t registers = target_.vector_bytes == 64 ? 32 : 16;
    uint32_t split = 0, whole = kOthers;
    for (const State& s : states_) {
        if (s.a->is_arg() || (s.a->is_ordered() && s.vectors != unroll)) return 1;
        if (s.a->kind == Kind::Count) continue;
        (s.vectors == unroll ? split : whole) += s.vectors;
    }
    uint32_t passes = 1;
    while (passes < unroll && split / passes + whole > registers) passes *= 2;
    return passes;
}

ReductionWriter::Range ReductionWriter::carried_by_pass(const State& s, uint32_t first, uint32_t count,
                                                        uint32_t unroll) {
    if (count < unroll && s.vectors == unroll) return {first, count};
    return {0, static_cast<uint32_t>(s.values.size())};
}

// The groups number `first` and following of each trip, over the whole trips.
void ReductionWriter::pass(const Slice& slice, const GroupWork& stores, ValueId rows, uint32_t first, uint32_t count,
                           uint32_t unroll) {
    const int64_t lanes = body_.lane_count();
    const auto gather_pass = [&] {
        flat_.clear();
        for (const State& s : states_) {
            const Range range = carried_by_pass(s, first, count, unroll);
            const auto from = s.values.begin() + range.first;
            flat_.insert(flat_.end(), from, from + range.count);
        }
    };
    const auto scatter_pass = [&](ValueId value) {
        for (State& s : states_) {
            const Range range = carried_by_pass(s, first, count, unroll);
            for (uint32_t k = 0; k < range.count; ++k) s.values[range.first + k] = value++;
        }
    };
    gather_pass();
    const ValueId loop =
        b_.begin_for(b_.i64(0), rows, b_.i64(lanes * unroll), flat_, row_loop_imm(slice, body_.lane_count()));
    scatter_pass(loop + 2);
    for (uint32_t k = first; k < first + count; ++k) {
        const Group group{loop + 1, lanes * k};
        body_.write(slice, group);
        if (stores) stores(group);
        for (State& s : states_) update(s, k % s.vectors, group);
    }
    gather_pass();
    b_.yield(flat_);
    scatter_pass(b_.end_loop());
}

// The rows after the last whole trip.
void ReductionWriter::rest(const Slice& slice, const GroupWork& stores, ValueId from, uint32_t unroll) {
    gather();
    const std::vector<ValueId> before = flat_;
    b_.begin_if(b_.binary(Op::Lt, from, row_count_));
    // A short block is mostly rest: where the body is small, once more through all vectors costs less than the way through
    // memory.
    constexpr uint32_t kMostNodes = 64;
    if (target_.masked && unroll * (slice.cost() + states_.size()) <= kMostNodes)
        rest_in_registers(slice, stores, from, unroll);
    else
        rest_in_memory(slice, stores, from);
    gather();
    std::vector<Type> types;
    for (const ValueId v : flat_) types.push_back(b_.type_of(v));
    b_.yield(flat_);
    b_.begin_else();
    b_.yield(before);
    scatter(b_.end_if(types));
}

// One more trip, in which each group is masked: some are whole, one may be partial, the others are empty.
void ReductionWriter::rest_in_registers(const Slice& slice, const GroupWork& stores, ValueId from, uint32_t unroll) {
    const int64_t lanes = body_.lane_count();
    const ValueId left = b_.binary(Op::Sub, row_count_, from);
    for (uint32_t k = 0; k < unroll; ++k) {
        Group group{from, lanes * k};
        const ValueId count = k == 0 ? left : b_.binary(Op::Sub, left, b_.i64(lanes * k));
        group.mask = b_.append(Op::LaneMask, body_.in_lanes(Scalar::Bool), {&count, 1});
        group.masks_access = true;
        body_.write(slice, group);
        if (stores) stores(group);
        for (State& s : states_) update(s, k % s.vectors, group);
    }
}

void ReductionWriter::rest_in_memory(const Slice& slice, const GroupWork& stores, ValueId from) {
    for (State& s : states_) {
        if (!s.a->is_ordered()) continue;
        make_local(s);
        store_local(s);
    }
    loop_over_groups(slice, stores, from);
    for (State& s : states_) {
        if (s.a->is_ordered()) load_local(s);
    }
}

// One group per trip: for large bodies, and without lanes.
void ReductionWriter::in_memory(const Slice& slice, const GroupWork& stores) {
    for (State& s : states_) {
        if (s.a->is_ordered()) {
            make_local(s);
            fill_local(s);
            s.vectors = virtual_vectors(*s.a);
        } else {
            s.vectors = 1;
            start(s);
        }
    }
    loop_over_groups(slice, stores, b_.i64(0));
    for (State& s : states_) {
        if (s.a->is_ordered() && has_lanes()) load_local(s);
    }
}

// Groups from row `from` to the end, the last one partial: ordered accumulators in their local arrays, of the others
// the first vector in registers.
void ReductionWriter::loop_over_groups(const Slice& slice, const GroupWork& stores, ValueId from) {
    flat_.clear();
    const auto carried = [](const State& s) { return s.a->is_ordered() ? 0u : s.a->is_arg() ? 2u : 1u; };
    for (const State& s : states_) flat_.insert(flat_.end(), s.values.begin(), s.values.begin() + carried(s));
    const ValueId loop =
        b_.begin_for(from, row_count_, b_.i64(body_.lane_count()), flat_, row_loop_imm(slice, body_.lane_count()));
    const auto take = [&](ValueId first) {
        for (State& s : states_) {
            for (uint32_t k = 0; k < carried(s); ++k) s.values[k] = first++;
        }
    };
    take(loop + 2);
    Group group{loop + 1};
    if (has_lanes()) {
        const ValueId left = b_.binary(Op::Sub, row_count_, group.index);
        group.mask = b_.append(Op::LaneMask, body_.in_lanes(Scalar::Bool), {&left, 1});
        group.masks_access = target_.masked;
    }
    body_.write(slice, group);
    if (stores) stores(group);
    flat_.clear();
    for (State& s : states_) {
        if (s.a->is_ordered())
            update_in_memory(s, group);
        else
            update(s, 0, group);
        flat_.insert(flat_.end(), s.values.begin(), s.values.begin() + carried(s));
    }
    b_.yield(flat_);
    take(b_.end_loop());
}

// All values of all states in one list, and back from consecutive values.
void ReductionWriter::gather() {
    flat_.clear();
    for (const State& s : states_) flat_.insert(flat_.end(), s.values.begin(), s.values.end());
}

void ReductionWriter::scatter(ValueId first) {
    for (State& s : states_) {
        for (ValueId& v : s.values) v = first++;
    }
}

// ---- One group

void ReductionWriter::start(State& s) {
    s.values.clear();
    if (s.a->kind == Kind::Count) {
        s.values.push_back(b_.i64(0));
        return;
    }
    for (uint32_t k = 0; k < s.vectors; ++k) {
        s.values.push_back(identity(*s.a, body_.in_lanes(s.a->type)));
        if (s.a->is_arg()) s.values.push_back(b_.constant(body_.in_lanes(Scalar::I64), static_cast<uint64_t>(-1)));
    }
}

ValueId ReductionWriter::identity(const Accumulator& a, Type type) {
    return b_.constant(type, identity_bits(a.kind, a.type));
}

// Which lanes count; kNoValue if all do.
ValueId ReductionWriter::counting_rows(const Accumulator& a, const Group& group) {
    if (body_.result_is(a.predicate, 1)) return group.mask;
    const ValueId predicate = body_.result(a.predicate);
    return group.mask == kNoValue ? predicate : b_.binary(Op::And, predicate, group.mask);
}

// Adding a row that does not count is adding the identity: x + 0 is x, because a sum that began with +0 is never -0.
void ReductionWriter::update(State& s, uint32_t vector, const Group& group) {
    const Accumulator& a = *s.a;
    if (a.kind == Kind::Count) return update_count(s, group);
    const ValueId counts = counting_rows(a, group);
    if (a.is_arg()) return update_arg(s, vector, group, counts);
    ValueId x = body_.result(a.value);
    if (a.kind == Kind::Squares) {
        const ValueId deviation = b_.binary(Op::Sub, x, s.mean);
        x = b_.binary(Op::Mul, deviation, deviation);
    }
    // With masks the code generator leaves the lanes of a row that does not count alone; without, adding the identity
    // is shorter. The bits are the same, see above.
    const ValueId before = s.values[vector];
    const bool leave = counts != kNoValue && target_.masked && a.is_ordered();
    if (counts != kNoValue && !leave) x = b_.select(counts, x, identity(a, b_.type_of(x)));
    const ValueId after = join(a, before, x);
    s.values[vector] = leave ? b_.select(counts, after, before) : after;
}

void ReductionWriter::update_count(State& s, const Group& group) {
    ValueId counts = counting_rows(*s.a, group);
    if (s.a->value != s.a->predicate) {
        const ValueId value = body_.result(s.a->value);
        counts = counts == kNoValue ? value : b_.binary(Op::And, value, counts);
    }
    ValueId more;
    if (counts == kNoValue)
        more = b_.i64(body_.lane_count());
    else if (has_lanes())
        more = b_.append(Op::CountLanes, kI64, {&counts, 1});
    else
        more = b_.to(Op::FromBool, Scalar::I64, counts);
    s.values[0] = b_.binary(Op::Add, s.values[0], more);
}

// Rows come in ascending order, so a later one must be better, not equal. The first that counts is better than none.
void ReductionWriter::update_arg(State& s, uint32_t vector, const Group& group, ValueId counts) {
    const Accumulator& a = *s.a;
    ValueId& best = s.values[2 * vector];
    ValueId& best_row = s.values[2 * vector + 1];
    const ValueId x = body_.result(a.value);
    const Type row_type = body_.in_lanes(Scalar::I64);
    ValueId row = b_.splat(row_type, body_.row_number(group));
    if (has_lanes()) row = b_.binary(Op::Add, row, b_.append(Op::Iota, row_type, {}));
    const bool is_min = a.kind == Kind::ArgMin;
    ValueId is_better;
    if (is_float(a.type)) {
        // Not (x >= best) is x < best or a NaN on either side; a NaN that is already there stays.
        is_better = b_.unary(Op::Not, b_.binary(is_min ? Op::Ge : Op::Le, x, best));
        is_better = b_.binary(Op::And, is_better, b_.binary(Op::Eq, best, best));
    } else {
        is_better = b_.binary(is_min ? Op::Lt : Op::Gt, x, best);
    }
    is_better = b_.binary(Op::Or, is_better, b_.binary(Op::Lt, best_row, b_.constant(row_type, 0)));
    if (counts != kNoValue) is_better = b_.binary(Op::And, is_better, counts);
    best = b_.select(is_better, x, best);
    best_row = b_.select(is_better, row, best_row);
}

ValueId ReductionWriter::join(const Accumulator& a, ValueId x, ValueId y) {
    switch (a.kind) {
    case Kind::Prod: return b_.binary(Op::Mul, x, y);
    case Kind::Min: return b_.binary(Op::Min, x, y);
    case Kind::Max: return b_.binary(Op::Max, x, y);
    default: return b_.binary(Op::Add, x, y);
    }
}

// x becomes the better of two: value and row each. Of equal ones, and of two NaNs, the lower row is the better.
void ReductionWriter::join_arg(const Accumulator& a, ValueId* x, const ValueId* y) {
    const bool is_min = a.kind == Kind::ArgMin;
    const Type row_type = b_.type_of(x[1]);
    const ValueId none = b_.constant(row_type, 0);
    ValueId is_better = b_.binary(is_min ? Op::Lt : Op::Gt, y[0], x[0]);
    ValueId is_equal = b_.binary(Op::Eq, y[0], x[0]);
    if (is_float(a.type)) {
        const ValueId x_nan = b_.binary(Op::Ne, x[0], x[0]), y_nan = b_.binary(Op::Ne, y[0], y[0]);
        is_better = b_.binary(Op::Or, is_better, b_.binary(Op::And, y_nan, b_.unary(Op::Not, x_nan)));
        is_equal = b_.binary(Op::Or, is_equal, b_.binary(Op::And, x_nan, y_nan));
    }
    is_better = b_.binary(Op::Or, is_better, b_.binary(Op::And, is_equal, b_.binary(Op::Lt, y[1], x[1])));
    is_better = b_.binary(Op::Or, is_better, b_.binary(Op::Lt, x[1], none));
    is_better = b_.binary(Op::And, is_better, b_.binary(Op::Ge, y[1], none));
    x[0] = b_.select(is_better, y[0], x[0]);
    x[1] = b_.select(is_better, y[1], x[1]);
}

// ---- The end: by halves

void ReductionWriter::combine(State& s) {
    const Accumulator& a = *s.a;
    if (a.is_ordered() && !has_lanes()) return combine_in_memory(s);
    if (a.kind == Kind::Count) {
        s.a->results[0] = s.values[0];
        return;
    }
    const uint32_t width = a.is_arg() ? 2 : 1;
    // First whole vectors, then the lanes of the last one as scalars.
    const auto halve = [&](uint32_t count) {
        for (uint32_t half = count / 2; half > 0; half /= 2) {
            for (uint32_t k = 0; k < half; ++k) {
                ValueId* x = &s.values[k * width];
                const ValueId* y = &s.values[(k + half) * width];
                if (a.is_arg())
                    join_arg(a, x, y);
                else
                    x[0] = join(a, x[0], y[0]);
            }
        }
    };
    halve(static_cast<uint32_t>(s.values.size()) / width);
    if (has_lanes()) {
        const ValueId last[2] = {s.values[0], s.values[width - 1]};
        const auto lanes = static_cast<uint32_t>(body_.lane_count());
        s.values.clear();
        for (uint32_t lane = 0; lane < lanes; ++lane) {
            for (uint32_t part = 0; part < width; ++part) {
                const Type type = b_.type_of(last[part]).scalar();
                s.values.push_back(b_.append(Op::Extract, type, {&last[part], 1}, lane));
            }
        }
        halve(lanes);
    }
    for (uint32_t part = 0; part < width; ++part) s.a->results[part] = s.values[part];
}

}  // namespace exprjit::vectorizing
