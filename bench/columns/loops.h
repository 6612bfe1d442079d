/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The expressions as loops that a C programmer would write. */
#ifndef EXPRJIT_BENCH_LOOPS_H
#define EXPRJIT_BENCH_LOOPS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rows begin ... end-1 of the columns in[0 ... 3] (as many as the expression has). A map writes out[begin ... end-1]; a
 * reduction writes its sum over these rows to out[0]. `uniform` is the expression's scalar, if it has one. */
typedef void (*c_loop)(const void *const *in, double uniform, void *out, int64_t begin, int64_t end);

typedef struct c_loop_entry {
    const char *name;
    const char *type; /* "f64", "f32", "i64", "i32" */
    c_loop loop;
} c_loop_entry;

/* Ended by an entry without name. Compiled with -ffast-math, and without. */
extern const c_loop_entry c_loops_fast[];
extern const c_loop_entry c_loops_strict[];

#ifdef __cplusplus
}
#endif
#endif
