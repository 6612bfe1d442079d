// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit::capi {

// Diagnostic codes of wrong calls at the C ABI. X(code, Name, "what it means")
#define EXPRJIT_CAPI_CODES(X)                                                                                          \
    X(5001, NullArgument, "A pointer that is needed is NULL.")                                                         \
    X(5002, StructSize, "struct_size is not set to the size of the struct.")                                           \
    X(5003, UnknownEnumerator, "A number is none of its enumeration.")                                                 \
    X(5004, BadNumber, "A count, size or reserved field has a value it cannot have.")                                  \
    X(5090, NoMemory, "Memory ran out.")                                                                               \
    X(5091, Internal, "A bug in exprjit.")

enum class CallCode : int32_t {
#define X(code, Name, meaning) Name = code,
    EXPRJIT_CAPI_CODES(X)
#undef X
};

}  // namespace exprjit::capi
