// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ir/op.h"

namespace exprjit::jit {

// Calls a function of one lane for each of `lanes` lanes. The buffer holds the result, then the operands, one per 64 bytes.
using LaneRoutine = void (*)(const void* function, void* buffer, int64_t lanes);
// The routine for a function T(T…) of `operands` operands of type `t`.
LaneRoutine lane_routine(Scalar t, int operands);

}  // namespace exprjit::jit
