// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit {

// What is left below every frame of generated code for the C functions it calls.
inline constexpr uintptr_t kStackReserve = 16 * 1024;

// The lowest address frames of generated code may reach on this thread. 0, which no frame reaches, when the thread runs
// on a stack whose bounds cannot be known (a coroutine's, a signal handler's). Found once per thread, then free.
uintptr_t stack_limit();

}  // namespace exprjit
