/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * From text to a number: compile, call, and the plain C function behind the kernel.
 *
 *     cc -std=c99 quickstart.c $(pkg-config --cflags --libs exprjit) -o quickstart
 */
#include <exprjit/exprjit.h>

#include <stdio.h>

int main(void) {
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;

    /* NULL engine: the process's default. NULL options: variables are f64, in order of first use. */
    if (ej_engine_compile(NULL, "sqrt(x*x + y*y)", NULL, &kernel, &error) != EJ_OK) {
        fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        return 1;
    }

    ej_value args[2], result;
    args[0] = ej_f64(3);
    args[1] = ej_f64(4);
    if (ej_kernel_call(kernel, args, 2, &result, 1, &error) != EJ_OK) {
        fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        ej_kernel_release(kernel);
        return 1;
    }
    printf("%s   of   %s\n", ej_kernel_source(kernel), ej_kernel_signature(kernel));
    printf("  through ej_kernel_call:   f(3, 4)  = %g\n", result.as.f64);

    /* An expression that cannot fail is also an ordinary C function; nothing stands between the caller and its code. */
    void (*entry)(void) = NULL;
    if (ej_kernel_get_entry(kernel, &entry) == EJ_OK) {
        double (*f)(double, double) = (double (*)(double, double))entry;
        printf("  as a plain C function:    f(5, 12) = %g\n", f(5, 12));
    } else {
        puts("  no plain C function here: the kernel is interpreted");
    }

    /* The first compile of a process also makes the engine; what one costs shows from the second on. */
    ej_kernel *second = NULL;
    if (ej_engine_compile(NULL, "x*x - 2*x*y + y*y", NULL, &second, NULL) == EJ_OK) {
        ej_timings timings = {0};
        ej_kernel_info info = {0};
        timings.struct_size = sizeof timings;
        info.struct_size = sizeof info;
        if (ej_kernel_get_timings(second, &timings) == EJ_OK && ej_kernel_get_info(second, &info) == EJ_OK) {
            printf("  the next one, %s:   compiled in %.1f us into %llu bytes of machine code\n",
                   ej_kernel_source(second), (double)timings.total / 1000, (unsigned long long)info.code_bytes);
        }
        ej_kernel_release(second);
    }
    ej_kernel_release(kernel);
    return 0;
}
