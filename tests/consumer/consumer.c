/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a C program does with an installed exprjit: compile, call, columns, an error, the version. Prints "ok". */
#include <exprjit/exprjit.h>

#include <stdio.h>
#include <string.h>

static int check(int holds, const char *what) {
    if (!holds) fprintf(stderr, "consumer.c: failed: %s\n", what);
    return holds;
}

int main(void) {
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    ej_value args[3], result;
    double a[5] = {1, 2, 3, 4, 5}, b[5] = {10, 20, 30, 40, 50}, out[5] = {0, 0, 0, 0, 0};
    double c = 0.5;
    ej_column inputs[3], output;
    int good = 1, i;

    good &= check(ej_abi_version() == EJ_ABI_VERSION, "the ABI version of the library is the header's");
    good &= check(strcmp(ej_version(), EJ_VERSION_STRING) == 0, "the version of the library is the header's");

    if (ej_engine_compile(NULL, "a*b+c", NULL, &kernel, &error) != EJ_OK) {
        fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        return 1;
    }
    args[0] = ej_f64(3), args[1] = ej_f64(4), args[2] = ej_f64(5);
    good &= check(ej_kernel_call(kernel, args, 3, &result, 1, NULL) == EJ_OK, "the call succeeds");
    good &= check(result.type == EJ_F64 && result.as.f64 == 17.0, "3*4+5 is 17");

    memset(inputs, 0, sizeof inputs);
    memset(&output, 0, sizeof output);
    inputs[0].data = a, inputs[0].stride = sizeof(double), inputs[0].dtype = EJ_F64;
    inputs[1].data = b, inputs[1].stride = sizeof(double), inputs[1].dtype = EJ_F64;
    inputs[2].data = &c, inputs[2].stride = 0, inputs[2].dtype = EJ_F64; /* one value for all rows */
    output.data = out, output.stride = sizeof(double), output.dtype = EJ_F64;
    good &= check(ej_kernel_eval(kernel, inputs, 3, &output, 1, 5, NULL) == EJ_OK, "the evaluation succeeds");
    for (i = 0; i < 5; i++) good &= check(out[i] == a[i] * b[i] + c, "each row is a*b+c");
    ej_kernel_release(kernel);

    kernel = NULL;
    good &=
        check(ej_engine_compile(NULL, "a +* b", NULL, &kernel, &error) == EJ_ERR_SYNTAX, "a syntax error is reported");
    good &= check(kernel == NULL && error != NULL, "a failure gives an error and no kernel");
    good &= check(strchr(ej_error_render(error), '^') != NULL, "the rendered error has a caret");
    ej_error_destroy(error);

    if (good) puts("ok");
    return good ? 0 : 1;
}
