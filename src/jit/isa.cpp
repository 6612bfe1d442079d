// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/compile.h"

namespace exprjit {

Isa host_isa() {
    // __builtin_cpu_supports also checks that the system saves the wider registers (XGETBV).
    static const Isa level = [] {
        __builtin_cpu_init();
        if (__builtin_cpu_supports("x86-64-v4")) return Isa::V4;
        if (__builtin_cpu_supports("x86-64-v3")) return Isa::V3;
        if (__builtin_cpu_supports("x86-64-v2")) return Isa::V2;
        return Isa::None;
    }();
    return level;
}

}  // namespace exprjit
