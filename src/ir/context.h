// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What running code and its caller share: the context, array descriptors, and exit codes. Generated code reads these
// structs by offset, so their layout is part of the code generator.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ir/types.h"

namespace exprjit {

// How a body ended.
enum class Exit : int32_t { Ok = 0, CheckFailed = 1, Cancelled = 2, StackOverflow = 3 };

// The first argument of every body in context form. One per call; never shared by two running calls.
struct Context {
    const volatile int32_t* stop = nullptr;  // never null when generated code runs: see kNeverStop
    uintptr_t stack_limit = 0;               // a body whose frame would reach below returns StackOverflow
    uint64_t failed_imm = 0;                 // of the Check that failed: check_code(), check_site()
    int64_t failed_index = -1;               // index of the outermost For around that Check, -1 if there is none
    void* scratch = nullptr;
};
static_assert(offsetof(Context, stop) == 0 && offsetof(Context, stack_limit) == 8 &&
              offsetof(Context, failed_imm) == 16 && offsetof(Context, failed_index) == 24);

inline constexpr int32_t kNeverStop = 0;

// An array argument: passed as a pointer to this. Strides are in bytes and may be negative or zero.
struct ArrayDescriptor {
    void* data = nullptr;
    int64_t length[kMaxRank] = {0, 0, 0};
    int64_t stride[kMaxRank] = {0, 0, 0};
};
static_assert(offsetof(ArrayDescriptor, length) == 8 && offsetof(ArrayDescriptor, stride) == 32);

// Scalars cross the border in 64-bit slots: the value's bytes at the low end, the rest zero; bool is 0 or 1.
using Slot = uint64_t;

}  // namespace exprjit
