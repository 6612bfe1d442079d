// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The enumerations of exprjit.h and those of the C++ side are the same numbers; this is where that is asserted and
// used.
#pragma once

#include "exprjit/exprjit.h"
#include "ir/types.h"
#include "runtime/request.h"

namespace exprjit::capi {

constexpr bool is_dtype(ej_dtype d) { return d >= EJ_BOOL && d <= EJ_U64; }
constexpr Storage storage_of_dtype(ej_dtype d) { return static_cast<Storage>(d - 1); }
constexpr ej_dtype dtype_of(Storage s) { return static_cast<ej_dtype>(s) + 1; }
constexpr ej_dtype dtype_of(Scalar s) { return dtype_of(storage_of(s)); }
constexpr bool is_value_dtype(ej_dtype d) { return d >= EJ_BOOL && d <= EJ_F64; }

constexpr bool is_isa(ej_isa i) { return i == EJ_ISA_AUTO || (i >= EJ_ISA_V2 && i <= EJ_ISA_V4); }
constexpr bool is_tier(ej_tier t) { return t >= EJ_TIER_AUTO && t <= EJ_TIER_OPTIMISED; }

}  // namespace exprjit::capi
