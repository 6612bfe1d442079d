/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * A table with missing values, month by month: the rows that matter, next to each other, and figures over all of them
 * that do not depend on how the months were cut.
 *
 *     cc -std=c99 filter.c $(pkg-config --cflags --libs exprjit) -o filter
 */
#include <exprjit/exprjit.h>

#include <stdio.h>
#include <string.h>

enum { kMonths = 2, kRows = 4 };

/* Rain in millimetres, river level in metres. A bit of `known` is 1 where the rain was measured. */
static double rain[kMonths][kRows] = {{0.0, 12.5, 3.0, 41.0}, {8.0, 0.0, 55.5, 27.0}};
static double level[kMonths][kRows] = {{1.10, 1.25, 1.20, 1.90}, {1.70, 1.40, 2.45, 2.20}};
static uint8_t known[kMonths] = {0x0f, 0x0d};

static ej_column column(double *data, uint8_t *validity) {
    ej_column c;
    memset(&c, 0, sizeof c);
    c.data = data;
    c.stride = sizeof *data;
    c.dtype = EJ_F64;
    c.validity = validity;
    return c;
}

static int failed(ej_error *error) {
    fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    return 1;
}

int main(void) {
    ej_kernel *wet = NULL, *figures = NULL;
    ej_reducer *reducer = NULL;
    ej_error *error = NULL;
    /* The first output is the condition. A row whose rain is missing is not kept. */
    if (ej_engine_compile(NULL, "keep = rain > 10; level_cm = level * 100", NULL, &wet, &error) != EJ_OK ||
        ej_engine_compile(NULL, "mean_rain = mean(rain); days = count(rain > 10); highest = max(level)", NULL, &figures,
                          &error) != EJ_OK ||
        ej_reducer_create(figures, &reducer, &error) != EJ_OK)
        return failed(error);

    for (int m = 0; m < kMonths; ++m) {
        double kept[kRows];
        int64_t count = 0;
        ej_column inputs[2], output = column(kept, NULL);
        inputs[0] = column(rain[m], &known[m]);
        inputs[1] = column(level[m], NULL);
        if (ej_kernel_filter(wet, NULL, inputs, 2, &output, 1, kRows, &count, &error) != EJ_OK) return failed(error);
        printf("month %d:", m + 1);
        for (int64_t i = 0; i < count; ++i) printf(" %.0f cm", kept[i]);
        printf("\n");
        if (ej_reducer_feed(reducer, NULL, inputs, 2, kRows, &error) != EJ_OK) return failed(error);
    }
    ej_value out[3];
    if (ej_reducer_finish(reducer, out, 3, &error) != EJ_OK) return failed(error);
    printf("mean rain %.3f mm, %d wet days, highest level %.2f m\n", out[0].as.f64, (int)out[1].as.i64, out[2].as.f64);
    ej_reducer_destroy(reducer);
    ej_kernel_release(wet);
    ej_kernel_release(figures);
    return 0;
}
