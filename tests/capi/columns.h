/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Describing columns and options, and numbers to fill them with. */
#ifndef EXPRJIT_TESTS_COLUMNS_H
#define EXPRJIT_TESTS_COLUMNS_H

#include <exprjit/exprjit.h>
#include <string.h>

static inline ej_column column(void *data, int64_t stride, ej_dtype dtype) {
    ej_column c;
    memset(&c, 0, sizeof c);
    c.data = data;
    c.stride = stride;
    c.dtype = dtype;
    return c;
}

static inline ej_column nullable_column(void *data, int64_t stride, ej_dtype dtype, uint8_t *validity, int64_t offset) {
    ej_column c = column(data, stride, dtype);
    c.validity = validity;
    c.validity_offset = offset;
    return c;
}

static inline ej_run_options with_threads(int32_t threads) {
    ej_run_options run;
    memset(&run, 0, sizeof run);
    run.struct_size = sizeof run;
    run.threads = threads;
    return run;
}

/* Options that declare these parameters and no others. */
static inline ej_compile_options with_params(const ej_param *params, size_t count) {
    ej_compile_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.params = params;
    o.param_count = count;
    o.params_declared = 1;
    return o;
}

static inline int get_bit(const uint8_t *bits, int64_t i) { return bits[i / 8] >> (i % 8) & 1; }

static inline void set_bit(uint8_t *bits, int64_t i, int value) {
    const unsigned mask = 1u << (i % 8);
    bits[i / 8] = (uint8_t)(value ? bits[i / 8] | mask : bits[i / 8] & ~mask);
}

/* A few thousand different numbers, then the same again with other signs; no two sums of them are alike. */
static inline double number(int64_t i) { return (double)((i * 7919) % 10007 - 5003) / 64.0 + (double)(i % 3) * 1e-9; }

#endif
