/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "columns.h"
#include "expect.h"

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
    bad[0].validity = &bitmap; /* the output has none */
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
    bad[0].validity_offset = -1;
    EXPECT_ERROR(ej_kernel_eval(k, bad, 3, &result, 1, 5, &error), EJ_ERR_INVALID_ARGUMENT);
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

static void test_nulls(void) {
    ej_kernel *k = expect_compiles(NULL, "y = a + b\nz = coalesce(a, 0)\nm = is_null(b)", NULL);
    double a[20], b[20], y[20], z[20];
    uint8_t a_bits[4], b_bits[4], y_bits[4] = {0xff, 0xff, 0xff, 0xff}, m[20];
    for (int i = 0; i < 20; ++i) a[i] = i, b[i] = 100, set_bit(a_bits, i + 3, i % 2), set_bit(b_bits, i, i % 3);
    const ej_column in[2] = {nullable_column(a, 8, EJ_F64, a_bits, 3), nullable_column(b, 8, EJ_F64, b_bits, 0)};
    const ej_column out[3] = {nullable_column(y, 8, EJ_F64, y_bits, 5), column(z, 8, EJ_F64), column(m, 1, EJ_BOOL)};
    EXPECT_STATUS(ej_kernel_eval(k, in, 2, out, 3, 20, NULL), EJ_OK);
    for (int i = 0; i < 20; ++i) {
        EXPECT(get_bit(y_bits, i + 5) == (i % 2 && i % 3));
        if (i % 2 && i % 3) EXPECT(y[i] == i + 100);
        EXPECT(z[i] == (i % 2 ? i : 0));
        EXPECT(m[i] == !(i % 3));
    }
    EXPECT((y_bits[0] & 0x1f) == 0x1f && (y_bits[3] & 0xfe) == 0xfe);
    ej_kernel_release(k);
}

/* Reduced outputs are one element; a value that is the same for all rows may be. */
static void test_reductions(void) {
    ej_kernel *k = expect_compiles(NULL, "total = sum(a)\nd = a - mean(a)\nc = b + 1", NULL);
    double a[6] = {1, 2, 3, 4, 5, 9}, b = 7, total = 0, d[6], c = 0;
    const ej_column in[2] = {column(a, 8, EJ_F64), column(&b, 0, EJ_F64)};
    const ej_column out[3] = {column(&total, 8, EJ_F64), column(d, 8, EJ_F64), column(&c, 0, EJ_F64)};
    EXPECT_STATUS(ej_kernel_eval(k, in, 2, out, 3, 6, NULL), EJ_OK);
    EXPECT(total == 24 && d[0] == -3 && d[5] == 5 && c == 8);
    ej_value args[2] = {ej_f64(1), ej_f64(2)}, outs[3];
    EXPECT_ERROR(ej_kernel_call(k, args, 2, outs, 3, &error), EJ_ERR_UNSUPPORTED);
    ej_kernel_release(k);
}

/* Unsigned numbers of 64 bits are signed ones as long as they fit. */
static void test_unsigned(void) {
    const ej_param params[] = {{"n", EJ_U64, 0}};
    const ej_compile_options options = with_params(params, 1);
    ej_kernel *k = expect_compiles(NULL, "n * 2", &options);
    uint64_t n[100];
    int64_t out[100];
    for (int i = 0; i < 100; ++i) n[i] = (uint64_t)i;
    const ej_column in = column(n, 8, EJ_U64), result = column(out, 8, EJ_I64);
    EXPECT_STATUS(ej_kernel_eval(k, &in, 1, &result, 1, 100, NULL), EJ_OK);
    EXPECT(out[99] == 198);
    n[77] = (uint64_t)1 << 63;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_eval(k, &in, 1, &result, 1, 100, &error), EJ_ERR_DOMAIN);
    EXPECT(ej_error_row(error) == 77);
    ej_error_destroy(error);
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
    test_nulls();
    test_reductions();
    test_unsigned();
    test_stop();
}
