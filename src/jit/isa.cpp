// SPDX-License-Identifier: MIT OR Apache-2.0
//
// CPUID by hand: the names of whole levels are unknown to __builtin_cpu_supports of clang before 18, which builds the fuzz
// programs. The levels are those of the x86-64 psABI, as far as the code generator uses them.
#include "jit/compile.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace exprjit {

#if defined(__x86_64__)

namespace {

struct Leaf {
    uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    // All zero if the CPU has no such leaf.
    explicit Leaf(uint32_t leaf) { __get_cpuid_count(leaf, 0, &eax, &ebx, &ecx, &edx); }
};

bool has_all(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

// Which register states the system saves on a context switch; only where CPUID says OSXSAVE.
uint32_t saved_states() {
    uint32_t low = 0, high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

Isa find_level() {
    constexpr uint32_t kSaveSse = 1u << 1, kSaveAvx = 1u << 2, kSaveAvx512 = 7u << 5;
    const Leaf basic(1), more(7), extended(0x80000001u);
    if (!has_all(basic.ecx, bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT))
        return Isa::None;
    if (!has_all(basic.ecx, bit_OSXSAVE | bit_AVX | bit_F16C | bit_FMA | bit_MOVBE)) return Isa::V2;
    if (!has_all(more.ebx, bit_AVX2 | bit_BMI | bit_BMI2) || !has_all(extended.ecx, bit_LZCNT)) return Isa::V2;
    const uint32_t saved = saved_states();
    if (!has_all(saved, kSaveSse | kSaveAvx)) return Isa::V2;
    if (!has_all(more.ebx, bit_AVX512F | bit_AVX512CD | bit_AVX512VL | bit_AVX512BW | bit_AVX512DQ)) return Isa::V3;
    return has_all(saved, kSaveAvx512) ? Isa::V4 : Isa::V3;
}

}  // namespace

Isa host_isa() {
    static const Isa level = find_level();
    return level;
}

#else

Isa host_isa() { return Isa::None; }

#endif

}  // namespace exprjit
