/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "loops_table.h"

#include <stddef.h>
#include <tgmath.h>

#define MAP(NAME, T, ...)                                                                                              \
    static void NAME##_##T(const void *in, void *out, int64_t rows) {                                                  \
        const T *restrict const column = in;                                                                           \
        T *restrict const result = out;                                                                                \
        for (int64_t i = 0; i < rows; ++i) {                                                                           \
            const T x = column[i];                                                                                     \
            result[i] = (__VA_ARGS__);                                                                                 \
        }                                                                                                              \
    }

#define FLOATS(T)                                                                                                      \
    MAP(sigmoid, T, (T)1 / ((T)1 + exp(-x)))                                                                           \
    MAP(softplus, T, (x > 0 ? x : 0) + log1p(exp(-fabs(x))))                                                           \
    MAP(gelu, T, (T)0.5 * x * erfc(x * (T)-0.70710678118654752))                                                       \
    MAP(silu, T, x / ((T)1 + exp(-x)))

FLOATS(double)
FLOATS(float)

#define ENTRIES(T, TYPE)                                                                                               \
    {"sigmoid", TYPE, sigmoid_##T}, {"softplus", TYPE, softplus_##T}, {"gelu", TYPE, gelu_##T}, {                      \
        "silu", TYPE, silu_##T                                                                                         \
    }

const maths_loop LOOPS_TABLE[] = {ENTRIES(double, "f64"), ENTRIES(float, "f32"), {NULL, NULL, NULL}};
