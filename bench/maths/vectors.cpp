// SPDX-License-Identifier: MIT OR Apache-2.0
#include "vectors.h"

#include <dlfcn.h>
#include <immintrin.h>

#include <cstdio>
#include <cstring>
#include <set>

namespace exprjit::bench {

namespace {

// A loop for one vector type and one and two arguments, compiled for the level whose registers it passes.
#define LOOPS(NAME, TARGET, T, V, LOAD, STORE)                                                                         \
    __attribute__((target(TARGET))) void NAME##_unary(void* function, const void* a, const void*, void* out,           \
                                                      int64_t rows) {                                                  \
        V (*const f)(V) = reinterpret_cast<V (*)(V)>(function);                                                        \
        const T* x = static_cast<const T*>(a);                                                                         \
        T* result = static_cast<T*>(out);                                                                              \
        for (int64_t i = 0; i < rows; i += static_cast<int64_t>(sizeof(V) / sizeof(T)))                                \
            STORE(result + i, f(LOAD(x + i)));                                                                         \
    }                                                                                                                  \
    __attribute__((target(TARGET))) void NAME##_binary(void* function, const void* a, const void* b, void* out,        \
                                                       int64_t rows) {                                                 \
        V (*const f)(V, V) = reinterpret_cast<V (*)(V, V)>(function);                                                  \
        const T *x = static_cast<const T*>(a), *y = static_cast<const T*>(b);                                          \
        T* result = static_cast<T*>(out);                                                                              \
        for (int64_t i = 0; i < rows; i += static_cast<int64_t>(sizeof(V) / sizeof(T)))                                \
            STORE(result + i, f(LOAD(x + i), LOAD(y + i)));                                                            \
    }

LOOPS(v2_f64, "sse4.2", double, __m128d, _mm_loadu_pd, _mm_storeu_pd)
LOOPS(v2_f32, "sse4.2", float, __m128, _mm_loadu_ps, _mm_storeu_ps)
LOOPS(v3_f64, "avx2", double, __m256d, _mm256_loadu_pd, _mm256_storeu_pd)
LOOPS(v3_f32, "avx2", float, __m256, _mm256_loadu_ps, _mm256_storeu_ps)
LOOPS(v4_f64, "avx512f", double, __m512d, _mm512_loadu_pd, _mm512_storeu_pd)
LOOPS(v4_f32, "avx512f", float, __m512, _mm512_loadu_ps, _mm512_storeu_ps)

// Indexed by level - v2, then f64 or f32, then arguments - 1.
constexpr VectorLoop kLoops[3][2][2] = {
    {{v2_f64_unary, v2_f64_binary}, {v2_f32_unary, v2_f32_binary}},
    {{v3_f64_unary, v3_f64_binary}, {v3_f32_unary, v3_f32_binary}},
    {{v4_f64_unary, v4_f64_binary}, {v4_f32_unary, v4_f32_binary}},
};

int lanes(ej_isa isa, ej_dtype type) {
    return (isa == EJ_ISA_V4 ? 8 : isa == EJ_ISA_V3 ? 4 : 2) * (type == EJ_F32 ? 2 : 1);
}

void* look_up(void* library, const std::string& name, const char* source, std::string* why) {
    *why = library == nullptr ? source : "the library has no " + name;
    return library == nullptr ? nullptr : dlsym(library, name.c_str());
}

__attribute__((target("avx"))) void zero_upper_halves() { _mm256_zeroupper(); }

}  // namespace

VectorLoop vector_loop(ej_isa isa, ej_dtype type, int arguments) {
    return kLoops[isa - EJ_ISA_V2][type == EJ_F32 ? 1 : 0][arguments - 1];
}

// The vector function ABI of x86: _ZGV, the level's letter, N for unmasked, the lanes, v for each argument, the C name. The
// prefix is never written in one piece here: see libmvec_calls_of_this_program.
void* find_libmvec(const Function& f, ej_isa isa, ej_dtype type, std::string* why) {
    static void* const library = dlopen("libmvec.so.1", RTLD_NOW | RTLD_LOCAL);
    const char level = isa == EJ_ISA_V4 ? 'e' : isa == EJ_ISA_V3 ? 'd' : 'b';
    std::string name = "_ZG";
    name += 'V';
    name += level;
    name += "N" + std::to_string(lanes(isa, type)) + std::string(static_cast<size_t>(f.arguments), 'v') + "_" + f.name;
    if (type == EJ_F32) name += 'f';
    return look_up(library, name, "libmvec.so.1, a part of glibc", why);
}

void* find_sleef(const Function& f, ej_isa isa, ej_dtype type, const char* bound, std::string* why) {
    static void* const library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
    const std::string level = isa == EJ_ISA_V4 ? "avx512f" : isa == EJ_ISA_V3 ? "avx2" : "sse4";
    const std::string name = std::string("Sleef_") + f.name + (type == EJ_F32 ? "f" : "d") +
                             std::to_string(lanes(isa, type)) + "_" + bound + level;
    return look_up(library, name, "apt-get install libsleef3", why);
}

void* find_glibc(const Function& f, ej_dtype type) {
    return dlsym(RTLD_DEFAULT, (std::string(f.name) + (type == EJ_F32 ? "f" : "")).c_str());
}

void leave_wide_vectors() {
    if (ej_cpu_isa() >= EJ_ISA_V3) zero_upper_halves();
}

// The names of the functions a program calls stand in its table of dynamic strings. The prefix is not written here in one
// piece, or it would be found too.
std::string libmvec_calls_of_this_program() {
    std::FILE* file = std::fopen("/proc/self/exe", "rb");
    if (file == nullptr) return {};
    std::string bytes;
    char part[65536];
    for (size_t n; (n = std::fread(part, 1, sizeof part, file)) > 0;) bytes.append(part, n);
    std::fclose(file);
    std::string prefix(1, '\0');
    for (const char* piece : {"_Z", "GV"}) prefix += piece;
    std::set<std::string> names;
    for (size_t at = 0; (at = bytes.find(prefix, at)) != std::string::npos; ++at) {
        const std::string name = bytes.c_str() + at + 1;
        const bool is_call = std::strchr("bcde", name[4]) != nullptr && name[5] == 'N';
        if (is_call && name.find('@') == std::string::npos) names.insert(name);
    }
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : " ") + name;
    return list;
}

}  // namespace exprjit::bench
