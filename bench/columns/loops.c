/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loops.h"

#include <stddef.h>
#include <tgmath.h>

#define COLUMNS(T)                                                                                                     \
    const T *restrict const pa = in[0], *restrict const pb = in[1];                                                    \
    const T *restrict const pc = in[2], *restrict const pd = in[3];                                                    \
    const T uniform = (T)given;                                                                                        \
    (void)pa, (void)pb, (void)pc, (void)pd, (void)uniform

/* Names that stand for the row's elements, in the expressions below only. */
#define A pa[i]
#define B pb[i]
#define C pc[i]
#define D pd[i]

#define MAP(NAME, T, ...)                                                                                              \
    static void NAME##_##T(const void *const *in, double given, void *out, int64_t begin, int64_t end) {               \
        COLUMNS(T);                                                                                                    \
        T *restrict const result = out;                                                                                \
        for (int64_t i = begin; i < end; ++i) result[i] = (__VA_ARGS__);                                               \
    }
#define REDUCE(NAME, T, ...)                                                                                           \
    static void NAME##_##T(const void *const *in, double given, void *out, int64_t begin, int64_t end) {               \
        COLUMNS(T);                                                                                                    \
        T total = 0;                                                                                                   \
        for (int64_t i = begin; i < end; ++i) total += (__VA_ARGS__);                                                  \
        *(T *)out = total;                                                                                             \
    }

/* The cumulative normal distribution, Abramowitz and Stegun 26.2.17. */
#define NORMAL(T)                                                                                                      \
    static inline T normal_##T(T x) {                                                                                  \
        const T k = (T)1 / ((T)1 + (T)0.2316419 * fabs(x));                                                            \
        const T tail = (T)0.3989422804014327 * exp((T)-0.5 * x * x) * k *                                              \
                       ((T)0.31938153 +                                                                                \
                        k * ((T)-0.356563782 + k * ((T)1.781477937 + k * ((T)-1.821255978 + k * (T)1.330274429))));    \
        return x > 0 ? (T)1 - tail : tail;                                                                             \
    }                                                                                                                  \
    static inline T call_price_##T(T spot, T strike, T time) {                                                         \
        const T spread = (T)0.25 * sqrt(time);                                                                         \
        const T p = (log(spot / strike) + (T)0.06125 * time) / spread, q = p - spread;                                 \
        return spot * normal_##T(p) - strike * exp((T)-0.03 * time) * normal_##T(q);                                   \
    }

#define FLOATS(T)                                                                                                      \
    NORMAL(T)                                                                                                          \
    MAP(multiply_add, T, A *B + C)                                                                                     \
    MAP(horner, T,                                                                                                     \
        ((((((((((T)0.1 * A + (T)0.2) * A + (T)0.3) * A + (T)0.4) * A + (T)0.5) * A + (T)0.6) * A + (T)0.7) * A +      \
           (T)0.8) *                                                                                                   \
              A +                                                                                                      \
          (T)0.9) *                                                                                                    \
             A +                                                                                                       \
         (T)1.1))                                                                                                      \
    MAP(mix, T, (A + B) * (C - A) + (B * C - A) * (T)2 - B)                                                            \
    MAP(choose, T, A > 0 ? sqrt(A) : -A)                                                                               \
    MAP(haversine, T,                                                                                                  \
        (T)12742 * asin(sqrt(sin((C - A) * (T)0.5) * sin((C - A) * (T)0.5) +                                           \
                             cos(A) * cos(C) * (sin((D - B) * (T)0.5) * sin((D - B) * (T)0.5)))))                      \
    MAP(black_scholes, T, call_price_##T(A, B, C))                                                                     \
    MAP(waves, T, sin(A) * exp(-A * A) + log((T)1 + B * B))                                                            \
    MAP(gelu, T, (T)0.5 * A * ((T)1 + tanh((T)0.7978845608028654 * (A + (T)0.044715 * A * A * A))))                    \
    REDUCE(sum, T, A)                                                                                                  \
    REDUCE(dot, T, A *B)                                                                                               \
    REDUCE(filter_sum, T, A > uniform ? A : 0)                                                                         \
    MAP(minus, T, A - uniform)

FLOATS(double)
FLOATS(float)

/* Signed overflow is undefined in C; the casts say what is meant. */
#define INTEGERS(T, U)                                                                                                 \
    MAP(integers, T, (T)((U)(((U)A * 31u + (U)B) ^ (U)(A >> 3)) + (U)(B & 255) * (U)C - (U)(A < B ? A : C)))
INTEGERS(int64_t, uint64_t)
INTEGERS(int32_t, uint32_t)

#define FLOAT_ENTRIES(T, TYPE)                                                                                         \
    {"multiply_add", TYPE, multiply_add_##T}, {"horner", TYPE, horner_##T}, {"mix", TYPE, mix_##T},                    \
        {"choose", TYPE, choose_##T}, {"haversine", TYPE, haversine_##T}, {"black_scholes", TYPE, black_scholes_##T},  \
        {"waves", TYPE, waves_##T}, {"gelu", TYPE, gelu_##T}, {"sum", TYPE, sum_##T}, {"dot", TYPE, dot_##T},          \
        {"filter_sum", TYPE, filter_sum_##T}, {                                                                        \
        "minus", TYPE, minus_##T                                                                                       \
    }

const c_loop_entry LOOPS_TABLE[] = {FLOAT_ENTRIES(double, "f64"),
                                    FLOAT_ENTRIES(float, "f32"),
                                    {"integers", "i64", integers_int64_t},
                                    {"integers", "i32", integers_int32_t},
                                    {NULL, NULL, NULL}};
