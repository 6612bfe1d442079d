// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ir/op.h"
#include "ir/types.h"

namespace exprjit {

inline constexpr size_t kMaxNativeParams = 16;

// A C function of the host: R fn(void* user_data, A1, A2, …), or R fn(A1, …) without user data. Bool travels as int32_t, 0
// or 1. Immutable and shared by every program that calls it; whoever runs such a program keeps it alive.
struct NativeFunction {
    std::string name;
    std::vector<Scalar> params;
    Scalar result = Scalar::F64;
    const void* address = nullptr;
    void* user_data = nullptr;
    bool takes_user_data = true;
    bool is_pure = false;

    Op op() const { return is_pure ? Op::NativePure : Op::Native; }
};
using NativeRef = std::shared_ptr<const NativeFunction>;

constexpr bool is_native(Op op) { return op == Op::Native || op == Op::NativePure; }

}  // namespace exprjit
