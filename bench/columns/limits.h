/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the machine can do at most: loops that do nothing but load, or load and store, or multiply and add. */
#ifndef EXPRJIT_BENCH_LIMITS_H
#define EXPRJIT_BENCH_LIMITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads `bytes` (a multiple of 512) from a 64-byte aligned address, `times` times. */
void limit_read(const void *data, int64_t bytes, int64_t times);
/* out[i] = a[i] + 3 * b[i] over n doubles (a multiple of 8; 64-byte aligned), `times` times. */
void limit_triad(double *out, const double *a, const double *b, int64_t n, int64_t times);
/* The same with streaming stores, which do not read the line they write. */
void limit_triad_streaming(double *out, const double *a, const double *b, int64_t n, int64_t times);
/* `steps` rounds of independent multiply-adds; returns how many floating-point operations one step is (a multiply-add
 * counts as two). */
int64_t limit_multiply_add_f64(int64_t steps);
int64_t limit_multiply_add_f32(int64_t steps);

#ifdef __cplusplus
}
#endif
#endif
