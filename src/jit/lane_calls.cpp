// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/lane_calls.h"

#include <cstring>

namespace exprjit::jit {

namespace {

constexpr size_t kOperandBytes = 64;

template <class T>
T lane(const unsigned char* buffer, size_t operand, int64_t k) {
    T value;
    std::memcpy(&value, buffer + operand * kOperandBytes + static_cast<size_t>(k) * sizeof(T), sizeof(T));
    return value;
}

template <class T, class... Operands>
void run(const void* function, void* buffer, int64_t lanes) {
    auto* const bytes = static_cast<unsigned char*>(buffer);
    for (int64_t k = 0; k < lanes; ++k) {
        T result;
        if constexpr (sizeof...(Operands) == 0)
            result = reinterpret_cast<T (*)(T)>(reinterpret_cast<uintptr_t>(function))(lane<T>(bytes, 1, k));
        else
            result = reinterpret_cast<T (*)(T, T)>(reinterpret_cast<uintptr_t>(function))(lane<T>(bytes, 1, k),
                                                                                          lane<T>(bytes, 2, k));
        std::memcpy(bytes + static_cast<size_t>(k) * sizeof(T), &result, sizeof(T));
    }
}

template <class T>
LaneRoutine by_count(int operands) {
    return operands == 1 ? &run<T> : &run<T, T>;
}

}  // namespace

LaneRoutine lane_routine(Scalar t, int operands) {
    switch (t) {
    case Scalar::I32: return by_count<int32_t>(operands);
    case Scalar::I64: return by_count<int64_t>(operands);
    case Scalar::F32: return by_count<float>(operands);
    default: return by_count<double>(operands);
    }
}

}  // namespace exprjit::jit
