// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ir/context.h"
#include "ir/native.h"

namespace exprjit {

// Calls a host function once with a slot per argument, and writes its result as a slot. Expects the default floating-point
// environment and leaves it, whatever the function does to it.
void call_native(const NativeFunction& function, const Slot* args, Slot* result);

// The same for each of `lanes` lanes. The buffer holds the result, then the operands, 64 bytes each: lane k of type T at k *
// sizeof(T), bools as bytes. What generated code calls for lanes.
void call_native_lanes(const NativeFunction* function, void* buffer, int64_t lanes);

}  // namespace exprjit
