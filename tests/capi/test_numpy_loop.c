/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What NumPy's ufunc machinery does with an inner loop. */
#include "columns.h"
#include "expect.h"

static void run(ej_kernel *k, void *a, intptr_t a_step, void *b, intptr_t b_step, void *out, intptr_t out_step,
                intptr_t count) {
    char *args[3] = {a, b, out};
    const intptr_t steps[3] = {a_step, b_step, out_step};
    ej_kernel_numpy_loop(args, &count, steps, k);
}

void test_numpy_loop(void) {
    ej_kernel *k = expect_compiles(NULL, "a * 2 + b", NULL);
    double a[100], b[100], out[100], two[2] = {1, 3}, running = 1;
    for (int i = 0; i < 100; ++i) a[i] = number(i), b[i] = i;
    run(k, a, 8, b, 8, out, 8, 100);
    int wrong = 0;
    for (int i = 0; i < 100; ++i) wrong += out[i] != a[i] * 2 + b[i];
    run(k, a + 99, -8, two, 0, out, 16, 50);
    for (int i = 0; i < 50; ++i) wrong += out[2 * i] != a[99 - i] * 2 + 1;
    /* In place. */
    memcpy(out, a, sizeof out);
    run(k, out, 8, b, 8, out, 8, 100);
    for (int i = 0; i < 100; ++i) wrong += out[i] != a[i] * 2 + b[i];
    EXPECT(wrong == 0);
    out[0] = 5;
    run(k, a, 8, b, 8, out, 8, 0);
    EXPECT(out[0] == 5);

    /* reduce(): the output is the first input of the next row. */
    run(k, &running, 0, b, 8, &running, 0, 10);
    double wanted = 1;
    for (int i = 0; i < 10; ++i) wanted = wanted * 2 + b[i];
    EXPECT(running == wanted);
    running = 1; /* also where the other input is one value */
    run(k, &running, 0, two, 0, &running, 0, 10);
    wanted = 1;
    for (int i = 0; i < 10; ++i) wanted = wanted * 2 + 1;
    EXPECT(running == wanted);
    /* accumulate(): each output is the next row's input. */
    out[0] = 1;
    run(k, out, 8, b, 8, out + 1, 8, 20);
    wanted = 1;
    for (int i = 0; i < 20; ++i) wrong += out[i + 1] != (wanted = wanted * 2 + b[i]);
    EXPECT(wrong == 0);
    ej_kernel_release(k);

    static const ej_param params[] = {{"a", EJ_F32, 0}, {"b", EJ_BOOL, 0}};
    const ej_compile_options o = with_params(params, 2);
    k = expect_compiles(NULL, "a > 2 and b", &o);
    float f[40];
    uint8_t flags[40], both[40];
    for (int i = 0; i < 40; ++i) f[i] = (float)(i % 5), flags[i] = (uint8_t)(i % 3);
    run(k, f, 4, flags, 1, both, 1, 40);
    for (int i = 0; i < 40; ++i) wrong += both[i] != (f[i] > 2 && flags[i] != 0);
    EXPECT(wrong == 0);
    ej_kernel_release(k);
}
