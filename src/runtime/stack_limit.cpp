// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/stack_limit.h"

#include <pthread.h>

namespace exprjit {

namespace {

struct Bounds {
    uintptr_t low = 0;
    uintptr_t high = 0;
    bool known = false;
};

Bounds find_bounds() {
    Bounds b;
    b.known = true;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return b;
    void* address = nullptr;
    size_t size = 0, guard = 0;
    if (pthread_attr_getstack(&attributes, &address, &size) == 0) {
        b.low = reinterpret_cast<uintptr_t>(address);
        b.high = b.low + size;
        // glibc counts the guard pages of the threads it makes outside this range; being wrong by them is harmless.
        if (pthread_attr_getguardsize(&attributes, &guard) == 0) b.low += guard;
    }
    pthread_attr_destroy(&attributes);
    return b;
}

}  // namespace

uintptr_t stack_limit() {
    static thread_local Bounds bounds;
    if (!bounds.known) [[unlikely]]
        bounds = find_bounds();
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    if (here < bounds.low || here >= bounds.high) return 0;
    return bounds.low + kStackReserve;
}

}  // namespace exprjit
