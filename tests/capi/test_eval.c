/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "expect.h"

static ej_column column(void *data, int64_t stride, ej_dtype dtype) {
    ej_column c;
    memset(&c, 0, sizeof c);
    c.data = data;
    c.stride = stride;
    c.dtype = dtype;
    return c;
}

static void test_columns(void) {
    ej_kernel *k = expect_compiles(NULL, "a*b+c", NULL);
    double a[5] = {1, 2, 3, 4, 5}, b[5] = {2, 2, 2, 2, 2}, ten = 10, out[5] = {0};
    const ej_column in[3] = {column(a, 8, EJ_F64), column(b + 4, -8, EJ_F64), column(&ten, 0, EJ_F64)};
    ej_column result = column(out, 8, EJ_F64);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_eval(k, in, 3, &result, 1, 5, &error), EJ_OK);
    for (int i = 0; i < 5; ++i) EXPECT(out[i] == a[i] * 2 + 10);
    EXPECT_STATUS(ej_kernel_eval(k, in, 3, &result, 1, 0, &error), EJ_OK);
    EXPECT_STATUS(ej_kernel_eval_with(k, NULL, in, 3, &result, 1, 5, &error), EJ_OK);

    /* In place. */
    result = column(a, 8, EJ_F64);
    EXPECT_STATUS(ej_kernel_eval(k, in, 3, &result, 1, 5, &error), EJ_OK);
    EXPECT(a[4] == 20);
    result = column(a + 1, 8, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval(k, in, 3, &result, 1, 4, &error), EJ_ERR_INVALID_ARGUMENT);

    /* Wrong calls. */
    result = column(out, 8, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval(k, in, 3, &result, 1, -1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval(k, in, 2, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval(k, in, 3, &result, 0, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval(k, NULL, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval(k, in, 3, NULL, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval(NULL, in, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_column bad[3];
    memcpy(bad, in, sizeof bad);
    bad[0].dtype = 77;
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    bad[0] = column(NULL, 8, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    bad[0] = column(a, INT64_MAX, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    bad[0] = in[0];
    bad[0].reserved = 1;
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    uint8_t bitmap = 0xff;
    bad[0] = in[0];
    bad[0].validity = &bitmap;
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_UNSUPPORTED);
    float narrow[5];
    result = column(narrow, 4, EJ_F32);
    EXPECT_ERROR(ej_kernel_eval(k, in, 3, &result, 1, 5, &error), EJ_ERR_TYPE);
    ej_kernel_release(k);
}

static void test_rows(void) {
    const ej_param params[] = {{"a", EJ_I32, 0}, {"b", EJ_I32, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    ej_kernel *k = expect_compiles(NULL, "a % b", &options);
    int16_t a[6] = {1, 2, 3, 4, 5, 6};
    uint8_t b[6] = {1, 2, 3, 0, 5, 0};
    int64_t out[6];
    const ej_column in[2] = {column(a, 2, EJ_I16), column(b, 1, EJ_U8)};
    const ej_column result = column(out, 8, EJ_I64);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_eval(k, in, 2, &result, 1, 6, &error), EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(ej_error_row(error) == 3);
    EXPECT(strstr(ej_error_message(error), "row 3") != NULL);
    ej_error_destroy(error);
    EXPECT_STATUS(ej_kernel_eval(k, in, 2, &result, 1, 3, &error), EJ_OK);
    EXPECT(out[0] == 0 && out[2] == 0);
    ej_kernel_release(k);
}

static double many[200000];

static void test_stop(void) {
    ej_kernel *k = expect_compiles(NULL, "exp(a) + 1", NULL);
    const volatile int32_t stop = 1;
    ej_run_options run = {0};
    run.struct_size = sizeof run;
    run.stop = &stop;
    double one = 1;
    const ej_column in = column(&one, 0, EJ_F64), out = column(many, 8, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, 200000, &error), EJ_ERR_CANCELLED);
    run.struct_size = 1;
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, 10, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_kernel_release(k);
}

void test_eval(void) {
    test_columns();
    test_rows();
    test_stop();
}
