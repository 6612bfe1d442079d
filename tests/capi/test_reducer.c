/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "columns.h"
#include "expect.h"

#include <stdlib.h>

enum { kRows = 50021, kOutputs = 5 };

static double x[kRows];
static uint8_t bits[kRows / 8 + 2];

static void expect_same(ej_value a, ej_value b) {
    EXPECT(a.type == b.type);
    EXPECT(memcmp(&a.as, &b.as, sizeof a.as) == 0);
}

/* What one call over all rows gives. */
static void whole(ej_kernel *k, const ej_column *in, int64_t rows, ej_value *out) {
    double values[kOutputs] = {0};
    int64_t at = 0;
    ej_column outs[kOutputs];
    for (int i = 0; i < kOutputs; ++i) outs[i] = column(&values[i], 8, EJ_F64);
    outs[kOutputs - 1] = column(&at, 8, EJ_I64);
    EXPECT_STATUS(ej_kernel_eval(k, in, 1, outs, kOutputs, rows, NULL), EJ_OK);
    for (int i = 0; i < kOutputs; ++i) out[i] = ej_f64(values[i]);
    out[kOutputs - 1] = ej_i64(at);
}

/* However the rows are cut into batches, and whatever the number of threads: the bits of one call. */
static void test_batches(void) {
    ej_kernel *k = expect_compiles(NULL, "s = sum(x)\nm = mean(x*x)\nv = var(x)\nlow = min(x)\nat = argmax(x)", NULL);
    EXPECT(ej_kernel_is_reducing(k) == 1);
    static const int64_t sizes[][4] = {{1, 1, 1, 1},          {100, 7, 4096, 1},    {4096, 4096, 8192, 4096},
                                       {4095, 2, 4095, 4096}, {20000, 1, 20000, 0}, {kRows, 0, 0, 0}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
        for (int with_nulls = 0; with_nulls < 2; ++with_nulls) {
            const int64_t rows = s == 0 ? 5000 : kRows;
            ej_column all = with_nulls ? nullable_column(x, 8, EJ_F64, bits, 1) : column(x, 8, EJ_F64);
            ej_value wanted[kOutputs], got[kOutputs];
            whole(k, &all, rows, wanted);
            ej_reducer *r = NULL;
            EXPECT_STATUS(ej_reducer_create(k, &r, NULL), EJ_OK);
            const ej_run_options run = with_threads(1 + (int32_t)(s % 3));
            int64_t at = 0;
            for (int64_t b = 0; at < rows; ++b) {
                int64_t n = sizes[s][b % 4];
                n = n < rows - at ? n : rows - at;
                ej_column part = all;
                part.data = x + at;
                if (with_nulls) part.validity_offset = 1 + at;
                EXPECT_STATUS(ej_reducer_feed(r, &run, &part, 1, n, NULL), EJ_OK);
                at += n;
                if (b % 1000 != 1) continue;
                /* Finishing does not end it. */
                ej_value so_far[kOutputs];
                whole(k, &all, at, wanted);
                EXPECT_STATUS(ej_reducer_finish(r, so_far, kOutputs, NULL), EJ_OK);
                for (int i = 0; i < kOutputs; ++i) expect_same(so_far[i], wanted[i]);
            }
            whole(k, &all, rows, wanted);
            EXPECT_STATUS(ej_reducer_finish(r, got, kOutputs, NULL), EJ_OK);
            for (int i = 0; i < kOutputs; ++i) expect_same(got[i], wanted[i]);
            ej_reducer_destroy(r);
        }
    }
    ej_kernel_release(k);
}

/* Layouts may change from batch to batch: strides, bitmaps in some only, one value for all rows. */
static void test_layouts(void) {
    ej_kernel *k = expect_compiles(NULL, "sum(x)", NULL);
    double three = 3, strided[200], sum;
    for (int i = 0; i < 200; ++i) strided[i] = i;
    uint8_t odd[200 / 8 + 1];
    memset(odd, 0xaa, sizeof odd);
    ej_reducer *r = NULL;
    EXPECT_STATUS(ej_reducer_create(k, &r, NULL), EJ_OK);
    ej_kernel_release(k); /* the reducer keeps its own reference */
    const ej_column batches[4] = {column(strided, 8, EJ_F64), column(strided + 198, -16, EJ_F64),
                                  nullable_column(strided, 8, EJ_F64, odd, 0), column(&three, 0, EJ_F64)};
    const int64_t rows[4] = {200, 100, 200, 5000};
    for (int b = 0; b < 4; ++b) EXPECT_STATUS(ej_reducer_feed(r, NULL, &batches[b], 1, rows[b], NULL), EJ_OK);
    ej_value out;
    EXPECT_STATUS(ej_reducer_finish(r, &out, 1, NULL), EJ_OK);
    sum = 199 * 100 + 2 * 99 * 50 + 100 * 100 + 3 * 5000;
    EXPECT(out.type == EJ_F64 && out.as.f64 == sum);
    /* Another dtype is refused, and changes nothing. */
    float f = 1;
    const ej_column narrow = column(&f, 4, EJ_F32);
    EXPECT_ERROR(ej_reducer_feed(r, NULL, &narrow, 1, 1, &error), EJ_ERR_TYPE);
    EXPECT_STATUS(ej_reducer_feed(r, NULL, &batches[0], 1, 0, NULL), EJ_OK);
    EXPECT_STATUS(ej_reducer_finish(r, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.f64 == sum);
    ej_reducer_destroy(r);
}

/* A batch that fails counts rows from the first one and leaves no trace, wherever in a block it begins. */
static void test_failing_batch(void) {
    static const ej_param params[] = {{"a", EJ_I64, 0}, {"b", EJ_I64, 0}};
    const ej_compile_options o = with_params(params, 2);
    ej_kernel *k = expect_compiles(NULL, "sum(a // b)", &o);
    static int64_t a[10000], b[10000];
    for (int i = 0; i < 10000; ++i) a[i] = 6, b[i] = 2;
    static const int64_t before[] = {0, 1, 4000, 4095, 4096, 5000};
    static const int64_t bad[] = {0, 90, 95, 96, 5000, 9999};
    for (int i = 0; i < 6; ++i) {
        for (int j = 0; j < 6; ++j) {
            ej_reducer *r = NULL;
            ej_error *error = NULL;
            EXPECT_STATUS(ej_reducer_create(k, &r, NULL), EJ_OK);
            const ej_column in[2] = {column(a, 8, EJ_I64), column(b, 8, EJ_I64)};
            EXPECT_STATUS(ej_reducer_feed(r, NULL, in, 2, before[i], NULL), EJ_OK);
            b[bad[j]] = 0;
            const int64_t rows = j < 4 ? 100 : 10000;
            EXPECT_STATUS(ej_reducer_feed(r, NULL, in, 2, rows, &error), EJ_ERR_DIVIDE_BY_ZERO);
            EXPECT(ej_error_row(error) == before[i] + bad[j]);
            ej_error_destroy(error);
            b[bad[j]] = 2;
            ej_value out;
            EXPECT_STATUS(ej_reducer_finish(r, &out, 1, NULL), EJ_OK);
            EXPECT(out.as.i64 == 3 * before[i]);
            EXPECT_STATUS(ej_reducer_feed(r, NULL, in, 2, rows, NULL), EJ_OK);
            EXPECT_STATUS(ej_reducer_finish(r, &out, 1, NULL), EJ_OK);
            EXPECT(out.as.i64 == 3 * (before[i] + rows));
            ej_reducer_destroy(r);
        }
    }
    /* Cancelled counts as failed. */
    ej_reducer *r = NULL;
    const volatile int32_t stop = 1;
    ej_run_options run = with_threads(1);
    run.stop = &stop;
    const ej_column in[2] = {column(a, 8, EJ_I64), column(b, 8, EJ_I64)};
    ej_value out;
    EXPECT_STATUS(ej_reducer_create(k, &r, NULL), EJ_OK);
    EXPECT_ERROR(ej_reducer_feed(r, &run, in, 2, 10000, &error), EJ_ERR_CANCELLED);
    EXPECT_STATUS(ej_reducer_finish(r, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.i64 == 0);
    ej_reducer_destroy(r);
    ej_kernel_release(k);
}

static void test_wrong(void) {
    ej_kernel *map = expect_compiles(NULL, "x + 1", NULL),
              *two_passes = expect_compiles(NULL, "sum(x - mean(x))", NULL);
    ej_kernel *k = expect_compiles(NULL, "sum(x)", NULL);
    ej_reducer *r = NULL;
    EXPECT_ERROR(ej_reducer_create(map, &r, &error), EJ_ERR_UNSUPPORTED);
    EXPECT_ERROR(ej_reducer_create(two_passes, &r, &error), EJ_ERR_UNSUPPORTED);
    EXPECT(r == NULL);
    EXPECT_ERROR(ej_reducer_create(NULL, &r, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_create(k, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_reducer_create(k, &r, NULL), EJ_OK);
    ej_column in = column(x, 8, EJ_F64);
    ej_value out[2];
    EXPECT_ERROR(ej_reducer_feed(NULL, NULL, &in, 1, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_feed(r, NULL, NULL, 1, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_feed(r, NULL, &in, 2, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_feed(r, NULL, &in, 1, -1, &error), EJ_ERR_INVALID_ARGUMENT);
    in.data = NULL;
    EXPECT_ERROR(ej_reducer_feed(r, NULL, &in, 1, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_finish(NULL, out, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_finish(r, NULL, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_reducer_finish(r, out, 2, &error), EJ_ERR_INVALID_ARGUMENT);
    /* No rows: the sum of nothing. */
    EXPECT_STATUS(ej_reducer_finish(r, out, 1, NULL), EJ_OK);
    EXPECT(out[0].type == EJ_F64 && out[0].as.f64 == 0);
    ej_reducer_destroy(r);
    ej_reducer_destroy(NULL);
    ej_kernel_release(map);
    ej_kernel_release(two_passes);
    ej_kernel_release(k);
}

void test_reducer(void) {
    for (int64_t i = 0; i < kRows; ++i) x[i] = number(i);
    for (int64_t i = 0; i < kRows + 1; ++i) set_bit(bits, i, i % 3 != 0);
    test_batches();
    test_layouts();
    test_failing_batch();
    test_wrong();
}
