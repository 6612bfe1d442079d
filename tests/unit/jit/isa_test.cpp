// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The level of this CPU against the compiler's own idea of it, where the compiler knows the levels by name.
#include <gtest/gtest.h>

#include "jit/compile.h"

namespace exprjit {
namespace {

TEST(HostIsa, AgreesWithTheCompiler) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
    __builtin_cpu_init();
    const Isa expected = __builtin_cpu_supports("x86-64-v4")   ? Isa::V4
                         : __builtin_cpu_supports("x86-64-v3") ? Isa::V3
                         : __builtin_cpu_supports("x86-64-v2") ? Isa::V2
                                                               : Isa::None;
    EXPECT_EQ(static_cast<int>(host_isa()), static_cast<int>(expected));
#else
    GTEST_SKIP() << "this compiler does not know the levels by name";
#endif
}

}  // namespace
}  // namespace exprjit
