/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every function of exprjit.h, used from C99 and C11 as a user would, failing paths included. The second include proves
 * that the header can be included twice. */
#include "expect.h"

#include <exprjit/exprjit.h>

int expect_count = 0;
int expect_failures = 0;

ej_kernel *expect_compiles(ej_engine *engine, const char *text, const ej_compile_options *options) {
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile(engine, text, options, &kernel, &error), EJ_OK);
    EXPECT(error == NULL);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    return kernel;
}

int main(void) {
    test_library();
    test_compile();
    test_call();
    test_eval();
    test_errors();
    test_introspection();
    test_bytes();
    test_wrong_calls();
    test_engines();
    test_run_options();
    test_cancel();
    test_own_functions();
    test_limits();
    test_selection();
    test_reducer();
    test_arrow();
    test_numpy_loop();
    test_builder();
    test_builder_mistakes();
    test_threads();
    test_fork();
    test_fork_with_pool();
    printf("%d expectations, %d failed\n", expect_count, expect_failures);
    return expect_failures != 0;
}
