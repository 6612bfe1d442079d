/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "columns.h"
#include "expect.h"

#include <stdlib.h>

enum { kMost = 20011 };
static const int64_t kLengths[] = {0, 1, 7, 63, 64, 65, 4095, 4096, 4097, kMost};
enum { kLengthCount = sizeof kLengths / sizeof *kLengths };

static double x[kMost];
static int64_t indices[kMost + 1];

static int is_kept(double v) { return v > 10; }

static void test_select(void) {
    ej_kernel *k = expect_compiles(NULL, "x > 10", NULL);
    for (size_t l = 0; l < kLengthCount; ++l) {
        const int64_t rows = kLengths[l];
        for (int reversed = 0; reversed < 2; ++reversed) {
            for (int32_t threads = 1; threads <= 3; ++threads) {
                const ej_run_options run = with_threads(threads);
                const ej_column in = reversed && rows > 0 ? column(x + rows - 1, -8, EJ_F64) : column(x, 8, EJ_F64);
                int64_t wanted = 0, count = -1, wrong = 0;
                indices[rows] = 77;
                EXPECT_STATUS(ej_kernel_select(k, &run, &in, 1, rows, indices, &count, NULL), EJ_OK);
                for (int64_t i = 0; i < rows; ++i) {
                    if (!is_kept(reversed ? x[rows - 1 - i] : x[i])) continue;
                    wrong += wanted >= count || indices[wanted] != i;
                    ++wanted;
                }
                EXPECT(wrong == 0 && count == wanted && indices[rows] == 77);
            }
        }
    }
    ej_kernel_release(k);
}

/* A null condition keeps nothing; all, and none. */
static void test_select_nulls_and_extremes(void) {
    ej_kernel *k = expect_compiles(NULL, "x > 10", NULL);
    uint8_t bits[kMost / 8 + 2];
    for (int64_t i = 0; i < kMost + 5; ++i) set_bit(bits, i, i % 5 != 0);
    ej_column in = nullable_column(x, 8, EJ_F64, bits, 5);
    int64_t count = 0, wanted = 0, wrong = 0;
    EXPECT_STATUS(ej_kernel_select(k, NULL, &in, 1, kMost, indices, &count, NULL), EJ_OK);
    for (int64_t i = 0; i < kMost; ++i) {
        if (!is_kept(x[i]) || (i + 5) % 5 == 0) continue;
        wrong += indices[wanted++] != i;
    }
    EXPECT(count == wanted && wrong == 0);
    double big = 11;
    in = column(&big, 0, EJ_F64);
    EXPECT_STATUS(ej_kernel_select(k, NULL, &in, 1, kMost, indices, &count, NULL), EJ_OK);
    EXPECT(count == kMost && indices[0] == 0 && indices[kMost - 1] == kMost - 1);
    big = 9;
    EXPECT_STATUS(ej_kernel_select(k, NULL, &in, 1, kMost, indices, &count, NULL), EJ_OK);
    EXPECT(count == 0);
    ej_kernel_release(k);
    /* A condition with a reduction: the rows above the mean. */
    k = expect_compiles(NULL, "x > mean(x)", NULL);
    ej_kernel *mean = expect_compiles(NULL, "mean(x)", NULL);
    in = column(x, 8, EJ_F64);
    double m = 0;
    const ej_column out = column(&m, 8, EJ_F64);
    EXPECT_STATUS(ej_kernel_eval(mean, &in, 1, &out, 1, kMost, NULL), EJ_OK);
    EXPECT_STATUS(ej_kernel_select(k, NULL, &in, 1, kMost, indices, &count, NULL), EJ_OK);
    wanted = wrong = 0;
    for (int64_t i = 0; i < kMost; ++i) {
        if (x[i] > m) wrong += indices[wanted++] != i;
    }
    EXPECT(count == wanted && wanted > 0 && wrong == 0);
    ej_kernel_release(k);
    ej_kernel_release(mean);
}

/* Outputs of every size, contiguous, strided and reversed, with bitmaps at odd offsets. */
static void test_filter(void) {
    ej_compile_options o;
    static const ej_param params[] = {{"x", EJ_F64, 0}, {"n", EJ_I32, 0}, {"f", EJ_F32, 0}};
    o = with_params(params, 3);
    ej_kernel *k = expect_compiles(NULL, "keep = x > 10\ny = x + 1\ni = n * 2\nb = n > 0\ng = f", &o);
    static int32_t n[kMost];
    static float f[kMost];
    static uint8_t bits[kMost / 8 + 2], y_bits[kMost / 8 + 2];
    static double y[2 * kMost];
    static int32_t i32[kMost];
    static uint8_t b[kMost];
    static float g[kMost];
    for (int64_t i = 0; i < kMost; ++i) n[i] = (int32_t)(i % 7) - 3, f[i] = (float)i / 8;
    for (int64_t i = 0; i < kMost + 3; ++i) set_bit(bits, i, i % 3 != 0);
    for (size_t l = 0; l < kLengthCount; ++l) {
        const int64_t rows = kLengths[l];
        for (int32_t threads = 1; threads <= 4; threads += 3) {
            for (int with_nulls = 0; with_nulls < 2; ++with_nulls) {
                const ej_run_options run = with_threads(threads);
                const ej_column in[3] = {column(x, 8, EJ_F64), column(n, 4, EJ_I32),
                                         nullable_column(f, 4, EJ_F32, with_nulls ? bits : NULL, with_nulls ? 3 : 0)};
                const ej_column out[4] = {column(y, 16, EJ_F64), column(i32 + kMost - 1, -4, EJ_I32),
                                          column(b, 1, EJ_BOOL), nullable_column(g, 4, EJ_F32, y_bits, 1)};
                memset(y_bits, 0xa5, sizeof y_bits);
                memset(g, 0, sizeof g);
                int64_t count = -1, kept = 0, wrong = 0;
                EXPECT_STATUS(ej_kernel_filter(k, &run, in, 3, out, 4, rows, &count, NULL), EJ_OK);
                for (int64_t r = 0; r < rows; ++r) {
                    if (!is_kept(x[r])) continue;
                    wrong += y[2 * kept] != x[r] + 1 || i32[kMost - 1 - kept] != 2 * n[r] || b[kept] != (n[r] > 0);
                    const int valid = !with_nulls || (r + 3) % 3 != 0;
                    wrong += get_bit(y_bits, 1 + kept) != valid || (valid && g[kept] != f[r]);
                    ++kept;
                }
                EXPECT(wrong == 0 && count == kept);
                /* Nothing is written behind the kept rows. */
                EXPECT(kept >= kMost || g[kept] == 0);
                for (int64_t bit = kept + 1; bit < kept + 9 && bit / 8 < (int64_t)sizeof y_bits; ++bit)
                    EXPECT(get_bit(y_bits, bit) == (0xa5 >> (bit % 8) & 1));
                EXPECT(get_bit(y_bits, 0) == 1);
            }
        }
    }
    ej_kernel_release(k);
}

static void test_filter_in_place(void) {
    ej_kernel *k = expect_compiles(NULL, "keep = x > 10\ny = x * 2", NULL);
    static double copy[kMost];
    for (int32_t threads = 1; threads <= 3; ++threads) {
        memcpy(copy, x, sizeof copy);
        const ej_run_options run = with_threads(threads);
        const ej_column in = column(copy, 8, EJ_F64), out = column(copy, 8, EJ_F64);
        int64_t count = 0, kept = 0, wrong = 0;
        EXPECT_STATUS(ej_kernel_filter(k, &run, &in, 1, &out, 1, kMost, &count, NULL), EJ_OK);
        for (int64_t i = 0; i < kMost; ++i) {
            if (is_kept(x[i])) wrong += copy[kept++] != x[i] * 2;
        }
        EXPECT(wrong == 0 && count == kept);
    }
    const ej_column in = column(copy, 8, EJ_F64), shifted = column(copy + 1, 8, EJ_F64);
    int64_t count = 5;
    EXPECT_ERROR(ej_kernel_filter(k, NULL, &in, 1, &shifted, 1, 100, &count, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT(count == 0);
    ej_kernel_release(k);

    /* Reductions among the outputs: computed over all rows, repeated for the kept ones. */
    k = expect_compiles(NULL, "keep = x > 10\nd = x - mean(x)\ntop = max(x)", NULL);
    double *d = malloc(kMost * sizeof *d), *top = malloc(kMost * sizeof *top);
    const ej_column from = column(x, 8, EJ_F64), to[2] = {column(d, 8, EJ_F64), column(top, 8, EJ_F64)};
    EXPECT_STATUS(ej_kernel_filter(k, NULL, &from, 1, to, 2, kMost, &count, NULL), EJ_OK);
    double most = x[0];
    int64_t kept = 0, wrong = 0;
    for (int64_t i = 0; i < kMost; ++i) most = x[i] > most ? x[i] : most;
    for (int64_t i = 0; i < kMost; ++i) {
        if (!is_kept(x[i])) continue;
        wrong += top[kept] != most || d[kept] - d[0] > x[i] - d[0] + 1e9;
        ++kept;
    }
    EXPECT(count == kept && wrong == 0);
    free(d), free(top);
    ej_kernel_release(k);
}

static void test_eval_selected(void) {
    ej_kernel *k = expect_compiles(NULL, "x * 2 + c", NULL);
    static int64_t picks[2 * kMost];
    static double out[2 * kMost];
    static uint8_t bits[kMost / 8 + 2], out_bits[kMost / 4 + 2];
    for (int64_t i = 0; i < kMost; ++i) set_bit(bits, i, i % 4 != 1);
    for (int64_t i = 0; i < 2 * kMost; ++i) picks[i] = (i * 31) % kMost; /* any order, each twice */
    double c = 0.5;
    for (int32_t threads = 1; threads <= 3; ++threads) {
        for (int64_t count = 0; count <= 2 * kMost; count += kMost) {
            const ej_run_options run = with_threads(threads);
            const ej_column in[2] = {nullable_column(x, 8, EJ_F64, bits, 0), column(&c, 0, EJ_F64)};
            const ej_column result = nullable_column(out, 8, EJ_F64, out_bits, 3);
            int64_t wrong = 0;
            EXPECT_STATUS(ej_kernel_eval_selected(k, &run, in, 2, kMost, picks, count, &result, 1, NULL), EJ_OK);
            for (int64_t i = 0; i < count; ++i) {
                const int valid = picks[i] % 4 != 1;
                wrong += get_bit(out_bits, 3 + i) != valid || (valid && out[i] != x[picks[i]] * 2 + 0.5);
            }
            EXPECT(wrong == 0);
        }
    }
    /* An index that is none. */
    const ej_column in[2] = {column(x, 8, EJ_F64), column(&c, 0, EJ_F64)}, result = column(out, 8, EJ_F64);
    static const int64_t bad[] = {-1, kMost, INT64_MIN, INT64_MAX};
    for (int b = 0; b < 4; ++b) {
        const int64_t before = picks[9000];
        ej_error *error = NULL;
        picks[9000] = bad[b];
        EXPECT_STATUS(ej_kernel_eval_selected(k, NULL, in, 2, kMost, picks, 10000, &result, 1, &error),
                      EJ_ERR_INVALID_ARGUMENT);
        EXPECT(ej_error_row(error) == 9000);
        ej_error_destroy(error);
        picks[9000] = before;
    }
    /* In place there is no telling which rows are still needed. */
    const ej_column same = column(x, 8, EJ_F64);
    EXPECT_ERROR(ej_kernel_eval_selected(k, NULL, in, 2, kMost, picks, 10, &same, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_kernel_release(k);

    /* Failing rows are places in the selection; a reduction is over the selected rows. */
    static const ej_param params[] = {{"a", EJ_I64, 0}, {"b", EJ_I64, 0}};
    const ej_compile_options o = with_params(params, 2);
    k = expect_compiles(NULL, "a // b", &o);
    int64_t divisors[4] = {1, 0, 2, 4}, eight = 8, quotients[6];
    const int64_t some[6] = {3, 2, 2, 0, 1, 1};
    const ej_column ab[2] = {column(&eight, 0, EJ_I64), column(divisors, 8, EJ_I64)};
    const ej_column q = column(quotients, 8, EJ_I64);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_eval_selected(k, NULL, ab, 2, 4, some, 6, &q, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(ej_error_row(error) == 4);
    ej_error_destroy(error);
    EXPECT_STATUS(ej_kernel_eval_selected(k, NULL, ab, 2, 4, some, 4, &q, 1, NULL), EJ_OK);
    EXPECT(quotients[0] == 2 && quotients[1] == 4 && quotients[2] == 4 && quotients[3] == 8);
    ej_kernel_release(k);
    k = expect_compiles(NULL, "sum(x)", NULL);
    double four[4] = {1, 10, 100, 1000}, sum = 0;
    const ej_column values = column(four, 8, EJ_F64), total = column(&sum, 8, EJ_F64);
    EXPECT_STATUS(ej_kernel_eval_selected(k, NULL, &values, 1, 4, some, 6, &total, 1, NULL), EJ_OK);
    EXPECT(sum == 1000 + 100 + 100 + 1 + 10 + 10);
    ej_kernel_release(k);
}

static void test_wrong(void) {
    ej_kernel *k = expect_compiles(NULL, "x > 10", NULL), *number_kernel = expect_compiles(NULL, "x + 1", NULL);
    ej_kernel *two = expect_compiles(NULL, "keep = x > 10\ny = x", NULL);
    double v[4] = {0};
    const ej_column in = column(v, 8, EJ_F64), out = column(x, 8, EJ_F64);
    int64_t list[4], n = 0;
#define SELECT(kernel, inputs, input_count, rows, to, count)                                                           \
    EXPECT_ERROR(ej_kernel_select(kernel, NULL, inputs, input_count, rows, to, count, &error), EJ_ERR_INVALID_ARGUMENT)
    SELECT(NULL, &in, 1, 4, list, &n);
    SELECT(k, NULL, 1, 4, list, &n);
    SELECT(k, &in, 0, 4, list, &n);
    SELECT(k, &in, 2, 4, list, &n);
    SELECT(k, &in, 1, -1, list, &n);
    SELECT(k, &in, 1, 4, NULL, &n);
    SELECT(k, &in, 1, 4, list, NULL);
    SELECT(two, &in, 1, 4, list, &n);
#undef SELECT
    EXPECT_ERROR(ej_kernel_select(number_kernel, NULL, &in, 1, 4, list, &n, &error), EJ_ERR_TYPE);
#define FILTER(kernel, inputs, outputs, output_count, rows, count)                                                     \
    EXPECT_ERROR(ej_kernel_filter(kernel, NULL, inputs, 1, outputs, output_count, rows, count, &error),                \
                 EJ_ERR_INVALID_ARGUMENT)
    FILTER(NULL, &in, &out, 1, 4, &n);
    FILTER(two, NULL, &out, 1, 4, &n);
    FILTER(two, &in, NULL, 1, 4, &n);
    FILTER(two, &in, &out, 0, 4, &n);
    FILTER(two, &in, &out, 2, 4, &n);
    FILTER(two, &in, &out, 1, -4, &n);
    FILTER(two, &in, &out, 1, 4, NULL);
#undef FILTER
    ej_column wrong = out;
    wrong.data = NULL;
    EXPECT_ERROR(ej_kernel_filter(two, NULL, &in, 1, &wrong, 1, 4, &n, &error), EJ_ERR_INVALID_ARGUMENT);
    wrong = out;
    wrong.dtype = EJ_F32;
    EXPECT_ERROR(ej_kernel_filter(two, NULL, &in, 1, &wrong, 1, 4, &n, &error), EJ_ERR_TYPE);
    wrong = in;
    wrong.validity_offset = -1;
    EXPECT_ERROR(ej_kernel_filter(two, NULL, &wrong, 1, &out, 1, 4, &n, &error), EJ_ERR_INVALID_ARGUMENT);
    const int64_t zero = 0;
#define SELECTED(kernel, inputs, rows, which, count, outputs)                                                          \
    EXPECT_ERROR(ej_kernel_eval_selected(kernel, NULL, inputs, 1, rows, which, count, outputs, 1, &error),             \
                 EJ_ERR_INVALID_ARGUMENT)
    SELECTED(NULL, &in, 4, &zero, 1, &out);
    SELECTED(number_kernel, NULL, 4, &zero, 1, &out);
    SELECTED(number_kernel, &in, -4, &zero, 1, &out);
    SELECTED(number_kernel, &in, 4, NULL, 1, &out);
    SELECTED(number_kernel, &in, 4, &zero, -1, &out);
    SELECTED(number_kernel, &in, 4, &zero, 1, NULL);
    SELECTED(number_kernel, &in, 0, &zero, 1, &out);
    // Bitmaps may not meet what is still to be read: others' elements, or bits of other rows.
    double kept[4] = {0};
    uint8_t bits[2] = {0xff, 0xff};
    const ej_column holed = nullable_column(v, 8, EJ_F64, bits, 0);
    wrong = nullable_column(kept, 8, EJ_F64, bits, 1);
    EXPECT_ERROR(ej_kernel_filter(two, NULL, &holed, 1, &wrong, 1, 4, &n, &error), EJ_ERR_INVALID_ARGUMENT);
    SELECTED(number_kernel, &holed, 4, &zero, 1, &wrong);
    wrong = nullable_column(kept, 8, EJ_F64, (uint8_t *)v, 0);
    EXPECT_ERROR(ej_kernel_filter(two, NULL, &holed, 1, &wrong, 1, 4, &n, &error), EJ_ERR_INVALID_ARGUMENT);
    SELECTED(number_kernel, &holed, 4, &zero, 1, &wrong);
    EXPECT(bits[0] == 0xff && bits[1] == 0xff && v[0] == 0 && kept[0] == 0);
    wrong = nullable_column(kept, 8, EJ_F64, bits, 0);  // in place: as filters may, and selected rows may not
    EXPECT_STATUS(ej_kernel_filter(two, NULL, &holed, 1, &wrong, 1, 4, &n, NULL), EJ_OK);
    SELECTED(number_kernel, &holed, 4, &zero, 1, &wrong);
#undef SELECTED
    ej_kernel_release(k);
    ej_kernel_release(number_kernel);
    ej_kernel_release(two);
}

void test_selection(void) {
    for (int64_t i = 0; i < kMost; ++i) x[i] = number(i);
    test_select();
    test_select_nulls_and_extremes();
    test_filter();
    test_filter_in_place();
    test_eval_selected();
    test_wrong();
}
