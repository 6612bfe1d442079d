// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The enumerations of the schema beside those of the IR. Where the numbers agree they pass as they are, which is asserted
// here: a change in memory must not change the wire.
#pragma once

#include "ir/op.h"
#include "ir/types.h"
#include "ir_generated.h"

namespace exprjit::wire {

template <class A, class B>
constexpr bool same(A a, B b) {
    return static_cast<uint64_t>(a) == static_cast<uint64_t>(b);
}

static_assert(same(CheckCode::DivideByZero, schema::CheckCode::DivideByZero) &&
              same(CheckCode::Domain, schema::CheckCode::Domain) && same(CheckCode::Index, schema::CheckCode::Index) &&
              same(CheckCode::User, schema::CheckCode::User) &&
              same(CheckCode::Unsigned, schema::CheckCode::Unsigned) &&
              same(CheckCode::NoRows, schema::CheckCode::NoRows));
static_assert(same(ReduceKind::Sum, schema::Reduction::Sum) && same(ReduceKind::Prod, schema::Reduction::Prod) &&
              same(ReduceKind::Min, schema::Reduction::Min) && same(ReduceKind::Max, schema::Reduction::Max) &&
              same(ReduceKind::Count, schema::Reduction::Count) &&
              same(ReduceKind::ArgMin, schema::Reduction::ArgMin) &&
              same(ReduceKind::ArgMax, schema::Reduction::ArgMax) &&
              same(ReduceKind::Deviations, schema::Reduction::Deviations) &&
              same(kReduceKindCount, static_cast<int>(schema::Reduction::MAX) + 1));

// Elements are numbered one higher on the wire, where 0 is none.
constexpr schema::Element to_wire(Storage s) { return static_cast<schema::Element>(static_cast<int>(s) + 1); }
constexpr Storage from_wire(schema::Element e) { return static_cast<Storage>(static_cast<int>(e) - 1); }
constexpr bool is_element(schema::Element e) { return e != schema::Element::None && e <= schema::Element::MAX; }
static_assert(to_wire(Storage::Bool) == schema::Element::Bool && to_wire(Storage::I32) == schema::Element::I32 &&
              to_wire(Storage::I64) == schema::Element::I64 && to_wire(Storage::F32) == schema::Element::F32 &&
              to_wire(Storage::F64) == schema::Element::F64 && to_wire(Storage::I8) == schema::Element::I8 &&
              to_wire(Storage::I16) == schema::Element::I16 && to_wire(Storage::U8) == schema::Element::U8 &&
              to_wire(Storage::U16) == schema::Element::U16 && to_wire(Storage::U32) == schema::Element::U32 &&
              to_wire(Storage::F16) == schema::Element::F16 && to_wire(Storage::U64) == schema::Element::U64);
static_assert(same(kStorageCount, schema::Element::MAX));

// How a node's shape is written.
inline constexpr uint8_t kHasImmediate = 0x80;
inline constexpr uint8_t kManyWireOperands = 0x7f;  // as a count: the next of `counts`

// Types are indexed by one byte. There are fewer types than that.
inline constexpr size_t kMostTypes = 256;
static_assert(1 + kScalarCount * (kMaxLaneLog2 + 1) + kStorageCount * kMaxRank * 2 < kMostTypes);

}  // namespace exprjit::wire
