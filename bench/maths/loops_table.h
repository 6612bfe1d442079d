/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The functions that C has not, as loops that a C programmer would write. */
#ifndef EXPRJIT_BENCH_MATHS_LOOPS_TABLE_H
#define EXPRJIT_BENCH_MATHS_LOOPS_TABLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct maths_loop {
    const char *name;
    const char *type; /* "f64", "f32" */
    void (*run)(const void *in, void *out, int64_t rows);
} maths_loop;

/* Ended by an entry without name. vector_loops: gcc's vectors over libmvec; scalar_loops: one glibc call per row. */
extern const maths_loop vector_loops[];
extern const maths_loop scalar_loops[];

#ifdef __cplusplus
}
#endif
#endif
