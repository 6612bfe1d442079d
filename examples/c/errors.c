/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a mistake looks like: every diagnostic of a text with its place, and the row where an evaluation failed.
 *
 *     cc -std=c99 errors.c $(pkg-config --cflags --libs exprjit) -o errors
 */
#include <exprjit/exprjit.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;

    /* As a person reads it ... */
    ej_param price = {"price", EJ_F64, 0};
    ej_compile_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.params = &price;
    options.param_count = 1;
    options.params_declared = 1; /* nothing but price exists */
    if (ej_engine_compile(NULL, "sqroot(price) + prize", &options, &kernel, &error) == EJ_OK) {
        fputs("errors: a text with unknown names was accepted\n", stderr);
        ej_kernel_release(kernel);
        return 1;
    }
    fputs(ej_error_render(error), stdout);

    /* ... and as a program does, to underline the places in an editor. */
    for (size_t i = 0; i < ej_error_count(error); i++) {
        ej_diagnostic d;
        memset(&d, 0, sizeof d);
        d.struct_size = sizeof d;
        if (ej_error_get(error, i, &d) == EJ_OK) {
            printf("EJ%d, bytes %zu to %zu: %s\n", (int)d.code, d.begin, d.end, d.message);
        }
    }
    ej_error_destroy(error);
    error = NULL;

    /* A text can be fine and a row not: integer division by zero, here in the third row. */
    int64_t total[] = {10, 20, 30, 40}, count[] = {2, 5, 0, 8}, mean[4];
    ej_param ints[2] = {{"total", EJ_I64, 0}, {"count", EJ_I64, 0}};
    options.params = ints;
    options.param_count = 2;
    if (ej_engine_compile(NULL, "total // count", &options, &kernel, &error) != EJ_OK) {
        fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        return 1;
    }
    ej_column inputs[2], output;
    memset(inputs, 0, sizeof inputs);
    memset(&output, 0, sizeof output);
    inputs[0].data = total, inputs[0].stride = sizeof total[0], inputs[0].dtype = EJ_I64;
    inputs[1].data = count, inputs[1].stride = sizeof count[0], inputs[1].dtype = EJ_I64;
    output.data = mean, output.stride = sizeof mean[0], output.dtype = EJ_I64;
    ej_status status = ej_kernel_eval(kernel, inputs, 2, &output, 1, 4, &error);
    printf("status %d (%s) in row %lld\n", (int)status, ej_status_name(status), (long long)ej_error_row(error));
    ej_error_destroy(error);
    ej_kernel_release(kernel);
    return status == EJ_ERR_DIVIDE_BY_ZERO ? 0 : 1;
}
