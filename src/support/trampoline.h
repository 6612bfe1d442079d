// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace exprjit {

// The registers and stack words of one call in the System V convention. The assembly reads it by offset.
struct CallFrame {
    uint64_t integers[6] = {};  // rdi rsi rdx rcx r8 r9
    uint64_t floats[8] = {};    // low halves of xmm0 … xmm7
    uint64_t stack_count = 0;
    const uint64_t* stack = nullptr;  // the words in order of address
    uint64_t integer_result = 0;      // rax
    uint64_t float_result = 0;        // low half of xmm0
};
static_assert(offsetof(CallFrame, floats) == 48 && offsetof(CallFrame, stack_count) == 112 &&
              offsetof(CallFrame, stack) == 120 && offsetof(CallFrame, integer_result) == 128 &&
              offsetof(CallFrame, float_result) == 136);

// Calls a C function of any signature without vectors or structs. Exceptions and unwinding pass through it.
extern "C" void exprjit_call_sysv(const void* function, CallFrame* frame);

}  // namespace exprjit
