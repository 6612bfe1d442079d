// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the library says about itself and the machine.
#include <cstring>

#include "abi.h"
#include "border.h"
#include "jit/compile.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

using namespace exprjit;
using namespace exprjit::capi;

namespace {

struct CpuName {
    char text[49] = "unknown";

    CpuName() {
#if defined(__x86_64__)
        unsigned words[12];
        if (static_cast<uint32_t>(__get_cpuid_max(0x80000000u, nullptr)) < 0x80000004u) return;
        for (unsigned leaf = 0; leaf < 3; ++leaf) {
            unsigned* const w = words + 4 * leaf;
            __get_cpuid(0x80000002u + leaf, w, w + 1, w + 2, w + 3);
        }
        char brand[49] = {};
        std::memcpy(brand, words, sizeof words);
        // Some are padded with blanks on either side.
        const char* begin = brand;
        while (*begin == ' ') ++begin;
        size_t size = std::strlen(begin);
        while (size != 0 && begin[size - 1] == ' ') --size;
        if (size == 0) return;
        std::memset(text, 0, sizeof text);
        std::memcpy(text, begin, size);
#endif
    }
};

}  // namespace

extern "C" {

const char* ej_version(void) { return EJ_VERSION_STRING; }

int32_t ej_abi_version(void) { return EJ_ABI_VERSION; }

const char* ej_dtype_name(ej_dtype dtype) { return is_dtype(dtype) ? name_of(storage_of_dtype(dtype)).data() : "?"; }

size_t ej_dtype_size(ej_dtype dtype) { return is_dtype(dtype) ? byte_size(storage_of_dtype(dtype)) : 0; }

ej_isa ej_cpu_isa(void) { return static_cast<ej_isa>(host_isa()); }

const char* ej_cpu_name(void) {
    static const CpuName name;
    return name.text;
}

}  // extern "C"
