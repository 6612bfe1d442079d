// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Accumulators in a local array of all virtual lanes: element k is virtual lane k.
#include <bit>

#include "opt/vectorize_reduce.h"

namespace exprjit::vectorizing {

void ReductionWriter::make_local(State& s) {
    const Storage storage = storage_of(s.a->type);
    const uint64_t elements = static_cast<uint64_t>(kVirtualLaneBytes) / byte_size(storage);
    const ValueId local = b_.append(Op::Local, Type::array(storage, 1, true), {}, elements);
    s.base = b_.append(Op::Base, kI64, {&local, 1});
}

void ReductionWriter::store_local(State& s) {
    const int64_t bytes = static_cast<int64_t>(byte_size(s.a->type)) * body_.lane_count();
    for (uint32_t k = 0; k < s.vectors; ++k) {
        const ValueId operands[3] = {s.base, b_.i64(k * bytes), s.values[k]};
        b_.append(Op::StoreRaw, kVoid, operands, raw_imm(storage_of(s.a->type)));
    }
}

void ReductionWriter::load_local(State& s) {
    const int64_t bytes = static_cast<int64_t>(byte_size(s.a->type)) * body_.lane_count();
    s.values.resize(s.vectors);
    for (uint32_t k = 0; k < s.vectors; ++k) {
        const ValueId operands[2] = {s.base, b_.i64(k * bytes)};
        s.values[k] = b_.append(Op::LoadRaw, body_.in_lanes(s.a->type), operands, raw_imm(storage_of(s.a->type)));
    }
}

// The identity in every virtual lane; a new local array is zero.
void ReductionWriter::fill_local(State& s) {
    if (identity_bits(s.a->kind, s.a->type) == 0) return;
    const auto bytes = static_cast<int64_t>(byte_size(s.a->type));
    const int64_t elements = kVirtualLaneBytes / bytes;
    const ValueId value = identity(*s.a, body_.in_lanes(s.a->type));
    const ValueId loop = b_.begin_for(b_.i64(0), b_.i64(elements), b_.i64(body_.lane_count()), {}, kForUnpolled);
    const ValueId operands[3] = {s.base, body_.offset({loop + 1}, static_cast<size_t>(bytes)), value};
    b_.append(Op::StoreRaw, kVoid, operands, raw_imm(storage_of(s.a->type)));
    b_.yield({});
    b_.end_loop();
}

// One group: row r belongs to virtual lane r modulo their number. The block, and so the group, begins at such a
// multiple.
void ReductionWriter::update_in_memory(State& s, const Group& group) {
    const Storage storage = storage_of(s.a->type);
    const ValueId at = b_.binary(Op::And, body_.offset(group, byte_size(storage)), b_.i64(kVirtualLaneBytes - 1));
    const ValueId place[2] = {s.base, at};
    State one{s.a, 1, {b_.append(Op::LoadRaw, body_.in_lanes(s.a->type), place, raw_imm(storage))}};
    one.mean = s.mean;
    update(one, 0, group);
    const ValueId operands[3] = {s.base, at, one.values[0]};
    b_.append(Op::StoreRaw, kVoid, operands, raw_imm(storage));
}

// Without lanes: for each half, lane j with lane j + half.
void ReductionWriter::combine_in_memory(State& s) {
    const Storage storage = storage_of(s.a->type);
    const auto bytes = static_cast<int64_t>(byte_size(storage));
    const auto elements = static_cast<uint64_t>(kVirtualLaneBytes / bytes);
    const ValueId zero = b_.i64(0), one = b_.i64(1);
    const ValueId first_half = b_.i64(static_cast<int64_t>(elements / 2));
    const ValueId levels = b_.begin_for(zero, b_.i64(std::countr_zero(elements)), one, {&first_half, 1}, kForUnpolled);
    const ValueId half = levels + 2;
    const ValueId distance = b_.binary(Op::Mul, half, b_.i64(bytes));
    const ValueId lane = b_.begin_for(zero, half, one, {}, kForUnpolled);
    const ValueId at = body_.offset({lane + 1}, static_cast<size_t>(bytes));
    const ValueId near[2] = {s.base, at}, far[2] = {s.base, b_.binary(Op::Add, at, distance)};
    const ValueId x = b_.append(Op::LoadRaw, s.a->type, near, raw_imm(storage));
    const ValueId y = b_.append(Op::LoadRaw, s.a->type, far, raw_imm(storage));
    const ValueId joined[3] = {s.base, at, join(*s.a, x, y)};
    b_.append(Op::StoreRaw, kVoid, joined, raw_imm(storage));
    b_.yield({});
    b_.end_loop();
    const ValueId next = b_.binary(Op::Shru, half, one);
    b_.yield({&next, 1});
    b_.end_loop();
    const ValueId place[2] = {s.base, zero};
    s.a->results[0] = b_.append(Op::LoadRaw, s.a->type, place, raw_imm(storage));
}

}  // namespace exprjit::vectorizing
