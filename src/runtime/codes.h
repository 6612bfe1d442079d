// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit {

// Diagnostic codes of running and calling. X(code, Name, "what it means")
#define EXPRJIT_RUNTIME_CODES(X)                                                                                       \
    X(3001, DivideByZero, "An integer was divided by zero, or its remainder by zero taken.")                           \
    X(3002, Domain, "A value was outside the domain of the operation.")                                                \
    X(3003, Index, "An index was outside its array.")                                                                  \
    X(3004, UserCheck, "A check written in the program failed.")                                                       \
    X(3005, Unsigned, "An element of a u64 column was 2^63 or more.")                                                  \
    X(3006, NoRows, "A reduction that needs a row was taken over none.")                                               \
    X(3010, Cancelled, "The stop word was set while the kernel ran.")                                                  \
    X(3011, StackNearlyFull, "The thread's stack is nearly used up.")                                                  \
    X(3012, CompileCancelled, "The cancel token or stop word was set while the program was compiled.")                 \
    X(4080, CompileTime, "The compilation took longer than the limit max_compile_ns.")                                 \
    X(4090, NoCodeMemory, "There is no executable memory left.")                                                       \
    X(5030, NotScalarKernel, "The program's first function takes or returns something other than single values.")      \
    X(5031, WrongCount, "The number of arguments, columns or outputs is not the kernel's.")                            \
    X(5032, WrongType, "An argument or column has a type that does not convert without loss.")                         \
    X(5033, BadColumn, "A column is described wrongly.")                                                               \
    X(5034, Overlap, "An output column overlaps another column.")                                                      \
    X(5035, NotAvailable, "This is not available for this kernel, build or version.")                                  \
    X(5039, NeedsRows, "A reduction over rows was called without rows.")                                               \
    X(5036, UnknownPass, "There is no pass of this name.")                                                             \
    X(5037, PassNotRun, "The pass exists but does not run in the kernel's tier.")                                      \
    X(5038, NoListing, "An interpreted kernel has no machine code to list.")

enum class RuntimeCode : int32_t {
#define X(code, Name, meaning) Name = code,
    EXPRJIT_RUNTIME_CODES(X)
#undef X
};

constexpr int32_t code_of(RuntimeCode c) { return static_cast<int32_t>(c); }

}  // namespace exprjit
