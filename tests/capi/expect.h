/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Expectations for tests in plain C: count, say what failed, go on. */
#ifndef EXPRJIT_TESTS_EXPECT_H
#define EXPRJIT_TESTS_EXPECT_H

#include <exprjit/exprjit.h>
#include <stdio.h>
#include <string.h>

extern int expect_count;
extern int expect_failures;

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        ++expect_count;                                                                                                \
        if (!(condition)) {                                                                                            \
            ++expect_failures;                                                                                         \
            fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);                                   \
        }                                                                                                              \
    } while (0)

#define EXPECT_STATUS(call, wanted)                                                                                    \
    do {                                                                                                               \
        const ej_status expect_got = (call);                                                                           \
        ++expect_count;                                                                                                \
        if (expect_got != (wanted)) {                                                                                  \
            ++expect_failures;                                                                                         \
            fprintf(stderr, "%s:%d: %s gave '%s', expected '%s'\n", __FILE__, __LINE__, #call,                         \
                    ej_status_name(expect_got), ej_status_name(wanted));                                               \
        }                                                                                                              \
    } while (0)

/* A failing call must give its status, an error with that status and a message, and be rendered. */
#define EXPECT_ERROR(call, wanted)                                                                                     \
    do {                                                                                                               \
        ej_error *error = NULL;                                                                                        \
        EXPECT_STATUS(call, wanted);                                                                                   \
        EXPECT(error != NULL);                                                                                         \
        EXPECT(ej_error_status(error) == (wanted));                                                                    \
        EXPECT(ej_error_message(error)[0] != '\0');                                                                    \
        EXPECT(strncmp(ej_error_render(error), "error[EJ", 8) == 0);                                                   \
        ej_error_destroy(error);                                                                                       \
    } while (0)

/* A kernel of the default engine, or NULL after complaining. */
ej_kernel *expect_compiles(ej_engine *engine, const char *text, const ej_compile_options *options);

void test_library(void);
void test_compile(void);
void test_call(void);
void test_eval(void);
void test_errors(void);
void test_introspection(void);
void test_bytes(void);
void test_wrong_calls(void);
void test_engines(void);
void test_run_options(void);
void test_cancel(void);
void test_own_functions(void);
void test_limits(void);
void test_selection(void);
void test_reducer(void);
void test_arrow(void);
void test_numpy_loop(void);
void test_builder(void);
void test_builder_mistakes(void);
void test_threads(void);
void test_fork(void);
void test_fork_with_pool(void);

#endif
