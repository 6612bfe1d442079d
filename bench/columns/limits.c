/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "limits.h"

#include <immintrin.h>

/* The compiler splits these where the machine's vectors are shorter. */
typedef long long words __attribute__((vector_size(64), may_alias));
typedef double doubles __attribute__((vector_size(64), may_alias));
typedef float floats __attribute__((vector_size(64), may_alias));

void limit_read(const void *data, int64_t bytes, int64_t times) {
    words r0 = {0}, r1 = {0}, r2 = {0}, r3 = {0}, r4 = {0}, r5 = {0}, r6 = {0}, r7 = {0};
    for (int64_t t = 0; t < times; ++t) {
        const words *p = data;
        const words *const end = p + bytes / 64;
        for (; p != end; p += 8) {
            r0 |= p[0], r1 |= p[1], r2 |= p[2], r3 |= p[3];
            r4 |= p[4], r5 |= p[5], r6 |= p[6], r7 |= p[7];
        }
        /* The next round may not be dropped because it reads the same. */
        __asm__ volatile("" : : "r"(data) : "memory");
    }
    volatile words sink = r0 | r1 | r2 | r3 | r4 | r5 | r6 | r7;
    (void)sink;
}

void limit_triad(double *out, const double *a, const double *b, int64_t n, int64_t times) {
    for (int64_t t = 0; t < times; ++t) {
        for (int64_t i = 0; i < n; i += 8)
            *(doubles *)(out + i) = *(const doubles *)(a + i) + 3.0 * *(const doubles *)(b + i);
        __asm__ volatile("" : : "r"(out), "r"(a), "r"(b) : "memory");
    }
}

static inline void store_streaming(double *out, doubles value) {
#if defined(__AVX512F__)
    _mm512_stream_pd(out, (__m512d)value);
#else
    for (int k = 0; k < 8; k += 2) _mm_stream_pd(out + k, (__m128d){value[k], value[k + 1]});
#endif
}

void limit_triad_streaming(double *out, const double *a, const double *b, int64_t n, int64_t times) {
    for (int64_t t = 0; t < times; ++t) {
        for (int64_t i = 0; i < n; i += 8)
            store_streaming(out + i, *(const doubles *)(a + i) + 3.0 * *(const doubles *)(b + i));
        _mm_sfence();
    }
}

/* Sixteen chains: more than the latency of four cycles times two units needs. */
#define PEAK(NAME, VECTOR, LANES)                                                                                      \
    int64_t NAME(int64_t steps) {                                                                                      \
        enum { kChains = 16 };                                                                                         \
        VECTOR r[kChains] = {{0}};                                                                                     \
        VECTOR factor = {0}, offset = {0};                                                                             \
        __asm__ volatile("" : "+m"(factor), "+m"(offset));                                                             \
        for (int64_t s = 0; s < steps; ++s) {                                                                          \
            _Pragma("GCC unroll 16") for (int k = 0; k < kChains; ++k) r[k] = r[k] * factor + offset;                  \
        }                                                                                                              \
        VECTOR all = r[0];                                                                                             \
        for (int k = 1; k < kChains; ++k) all += r[k];                                                                 \
        volatile VECTOR sink = all;                                                                                    \
        (void)sink;                                                                                                    \
        return 2 * kChains * LANES;                                                                                    \
    }
PEAK(limit_multiply_add_f64, doubles, 8)
PEAK(limit_multiply_add_f32, floats, 16)
