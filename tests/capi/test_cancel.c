/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Cancel tokens: their own behaviour, and what they end. */
#define _POSIX_C_SOURCE 200809L
#include "columns.h"
#include "expect.h"
#include "functions.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

static void test_token(void) {
    ej_cancel_token *token = NULL;
    EXPECT_STATUS(ej_cancel_token_create(NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_cancel_token_create(&token), EJ_OK);
    EXPECT(token != NULL && ej_cancel_token_is_cancelled(token) == 0);
    ej_cancel_token_cancel(token);
    ej_cancel_token_cancel(token);
    EXPECT(ej_cancel_token_is_cancelled(token) == 1);
    ej_cancel_token_reset(token);
    EXPECT(ej_cancel_token_is_cancelled(token) == 0);
    EXPECT(ej_cancel_token_retain(token) == token);
    ej_cancel_token_release(token);
    ej_cancel_token_cancel(token); /* the first reference is still there */
    EXPECT(ej_cancel_token_is_cancelled(token) == 1);
    ej_cancel_token_release(token);

    EXPECT(ej_cancel_token_retain(NULL) == NULL);
    ej_cancel_token_release(NULL);
    ej_cancel_token_cancel(NULL);
    ej_cancel_token_reset(NULL);
    EXPECT(ej_cancel_token_is_cancelled(NULL) == 0);
}

static ej_cancel_token *shared_token;

static void *cancel_soon(void *unused) {
    const struct timespec while_it_runs = {0, 30 * 1000 * 1000};
    nanosleep(&while_it_runs, NULL);
    ej_cancel_token_cancel(shared_token);
    return unused;
}

/* Seconds of work, but for the token. */
static void test_run(void) {
    ej_kernel *k = expect_compiles(NULL, "sum(sin(cos(exp(sin(a) * cos(a)) + log(1 + a*a))))", NULL);
    enum { kLong = 300 * 1000 * 1000 };
    float *x = calloc(kLong, sizeof *x); /* pages of zeros that need no memory as long as they are only read */
    EXPECT(x != NULL);
    const ej_column in = column(x, 4, EJ_F32);
    double sum = 0;
    const ej_column out = column(&sum, 8, EJ_F64);
    EXPECT_STATUS(ej_cancel_token_create(&shared_token), EJ_OK);
    for (int32_t threads = 1; threads <= 2; ++threads) {
        pthread_t other;
        ej_cancel_token_reset(shared_token);
        ej_run_options run = with_threads(threads);
        run.cancel = shared_token;
        EXPECT(pthread_create(&other, NULL, cancel_soon, NULL) == 0);
        EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, kLong, &error), EJ_ERR_CANCELLED);
        pthread_join(other, NULL);
        /* Still cancelled: the next run ends, too; after a reset it does not. */
        EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, kLong, &error), EJ_ERR_CANCELLED);
        ej_cancel_token_reset(shared_token);
        EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, 1000, NULL), EJ_OK);
        EXPECT(sum > 0);
    }
    /* A stop word and a token at once are a mistake; an older struct has no token. */
    volatile int32_t stop = 0;
    ej_run_options run = with_threads(1);
    run.cancel = shared_token;
    run.stop = &stop;
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, 10, &error), EJ_ERR_INVALID_ARGUMENT);
    run.struct_size = offsetof(ej_run_options, cancel);
    EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, 10, NULL), EJ_OK);
    ej_cancel_token_release(shared_token);
    free(x);
    ej_kernel_release(k);
}

static void on_signal(int number) {
    (void)number;
    ej_cancel_token_cancel(shared_token);
}

static void test_signal_handler(void) {
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    EXPECT_STATUS(ej_cancel_token_create(&shared_token), EJ_OK);
    EXPECT(sigaction(SIGUSR1, &action, &before) == 0);
    raise(SIGUSR1);
    EXPECT(ej_cancel_token_is_cancelled(shared_token) == 1);
    EXPECT(sigaction(SIGUSR1, &before, NULL) == 0);
    ej_cancel_token_release(shared_token);
}

static void test_older_options(void) {
    ej_compile_options o = {0};
    o.reserved = 77; /* behind the end of the first version: not read */
    o.struct_size = offsetof(ej_compile_options, cancel);
    ej_kernel *k = expect_compiles(NULL, "a + 41", &o);
    ej_kernel_release(k);
    o.struct_size = sizeof o;
    EXPECT_ERROR(ej_engine_compile(NULL, "a + 41", &o, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    o.struct_size = offsetof(ej_compile_options, cancel) - 1;
    EXPECT_ERROR(ej_engine_compile(NULL, "a + 41", &o, &k, &error), EJ_ERR_INVALID_ARGUMENT);

    ej_engine_options e = {0};
    ej_engine *engine = NULL;
    e.max_compile_ns = 1;
    e.struct_size = offsetof(ej_engine_options, max_compile_ns);
    EXPECT_STATUS(ej_engine_create(&e, &engine, NULL), EJ_OK);
    k = expect_compiles(engine, "a + 42", NULL);
    ej_kernel_release(k);
    ej_engine_destroy(engine);
}

/* A long text takes tens of milliseconds; the token ends it in the middle. A token that was set before ends any. */
static void test_compilation(void) {
    ej_engine_options e = {0};
    ej_engine *engine = NULL;
    e.struct_size = sizeof e;
    EXPECT_STATUS(ej_engine_create(&e, &engine, NULL), EJ_OK);
    EXPECT_STATUS(ej_cancel_token_create(&shared_token), EJ_OK);
    ej_compile_options o = {0};
    o.struct_size = sizeof o;
    o.cancel = shared_token;
    ej_kernel *k = NULL;
    ej_cancel_token_cancel(shared_token);
    EXPECT_ERROR(ej_engine_compile(engine, "a + 43", &o, &k, &error), EJ_ERR_CANCELLED);
    EXPECT(k == NULL);
    EXPECT_ERROR(ej_engine_check(engine, "a + 43", 6, &o, &error), EJ_ERR_CANCELLED);
    ej_cancel_token_reset(shared_token);
    k = expect_compiles(engine, "a + 43", &o);
    ej_kernel_release(k);
    ej_cancel_token_cancel(shared_token);
    k = expect_compiles(engine, "a + 43", &o); /* found before the token was looked at */
    ej_kernel_release(k);

    enum { kStatements = 600 * 1000 };
    char *text = malloc(kStatements * 10 + 3), *p = text;
    memcpy(p, "a=x\n", 4), p += 4;
    for (int i = 0; i < kStatements - 1; ++i) memcpy(p, "a=(a+x)*y\n", 10), p += 10;
    *p++ = 'a';
    ej_cancel_token_reset(shared_token);
    pthread_t other;
    EXPECT(pthread_create(&other, NULL, cancel_soon, NULL) == 0);
    EXPECT_ERROR(ej_engine_compile_n(engine, text, (size_t)(p - text), &o, &k, &error), EJ_ERR_CANCELLED);
    pthread_join(other, NULL);
    ej_cancel_token_reset(shared_token);
    k = expect_compiles(engine, "a + 44", &o); /* nothing is left of it */
    ej_kernel_release(k);
    ej_engine_destroy(engine);

    /* The same by time. */
    e.max_compile_ns = 1000 * 1000;
    EXPECT_STATUS(ej_engine_create(&e, &engine, NULL), EJ_OK);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile_n(engine, text, (size_t)(p - text), NULL, &k, &error), EJ_ERR_LIMIT);
    EXPECT(strstr(ej_error_message(error), "max_compile_ns is 1000000") != NULL);
    EXPECT(strstr(ej_error_render(error), "raise the engine's max_compile_ns") != NULL);
    ej_error_destroy(error);
    ej_engine_destroy(engine);
    e.max_compile_ns = UINT64_MAX;
    EXPECT_STATUS(ej_engine_create(&e, &engine, NULL), EJ_OK);
    EXPECT_STATUS(ej_engine_compile_n(engine, text, (size_t)(p - text), NULL, &k, NULL), EJ_OK);
    ej_kernel_release(k);
    ej_engine_destroy(engine);
    ej_cancel_token_release(shared_token);
    free(text);
}

/* A token that was set before ends whatever is given it, however little that would do; without it the same calls work. */
static void test_cancelled_before(void) {
    ej_cancel_token *token = NULL;
    EXPECT_STATUS(ej_cancel_token_create(&token), EJ_OK);
    volatile int32_t stop = 1;
    ej_run_options runs[2] = {with_threads(1), with_threads(1)};
    runs[0].cancel = token;
    runs[1].stop = &stop;
    double in_data[3] = {1, 2, 3}, out_data[3];
    int64_t rows[3], count = 0;
    const ej_column in = column(in_data, 8, EJ_F64), to = column(out_data, 8, EJ_F64);
    const ej_value one = ej_f64(1);
    ej_value result;
    ej_kernel *map = expect_compiles(NULL, "a + 1", NULL), *sum = expect_compiles(NULL, "sum(a)", NULL),
              *condition = expect_compiles(NULL, "a > 1.5", NULL);
    ej_reducer *reducer = NULL;
    EXPECT_STATUS(ej_reducer_create(sum, &reducer, NULL), EJ_OK);
    for (int cancelled = 1; cancelled >= 0; --cancelled) {
        const ej_status wanted = cancelled ? EJ_ERR_CANCELLED : EJ_OK;
        if (cancelled)
            ej_cancel_token_cancel(token);
        else
            ej_cancel_token_reset(token);
        stop = cancelled;
        for (int i = 0; i < 2; ++i) {
            EXPECT_STATUS(ej_kernel_call_with(map, &runs[i], &one, 1, &result, 1, NULL), wanted);
            for (int64_t n_rows = 0; n_rows <= 3; ++n_rows) {
                EXPECT_STATUS(ej_kernel_eval_with(map, &runs[i], &in, 1, &to, 1, n_rows, NULL), wanted);
                EXPECT_STATUS(ej_kernel_eval_with(sum, &runs[i], &in, 1, &to, 1, n_rows, NULL), wanted);
                EXPECT_STATUS(ej_kernel_select(condition, &runs[i], &in, 1, n_rows, rows, &count, NULL), wanted);
                EXPECT_STATUS(ej_reducer_feed(reducer, &runs[i], &in, 1, n_rows, NULL), wanted);
            }
        }
    }
    EXPECT_ERROR((ej_cancel_token_cancel(token), ej_kernel_call_with(map, &runs[0], &one, 1, &result, 1, &error)),
                 EJ_ERR_CANCELLED);
    /* Not even read: the text is no expression. */
    ej_compile_options o = {0};
    o.struct_size = sizeof o;
    o.cancel = token;
    ej_kernel *k = NULL;
    EXPECT_ERROR(ej_engine_compile(NULL, "a + + (", &o, &k, &error), EJ_ERR_CANCELLED);
    EXPECT_ERROR(ej_engine_check(NULL, "a + + (", 7, &o, &error), EJ_ERR_CANCELLED);
    ej_reducer_destroy(reducer);
    ej_kernel_release(map);
    ej_kernel_release(sum);
    ej_kernel_release(condition);
    ej_cancel_token_release(token);
}

static int slow_calls;

/* Stands for a slow function of the host: at its fifth call the caller's deadline passes. */
static double slow(double v) {
    if (__atomic_add_fetch(&slow_calls, 1, __ATOMIC_RELAXED) == 5) ej_cancel_token_cancel(shared_token);
    return v;
}

/* Rows that are expensive by themselves: a run ends a few groups of rows after the cancel, not thousands of rows. */
static void test_slow_rows(void) {
    enum { kSoon = 5 + 2 * 64 }; /* two threads in the middle of a group */
    static const char *const texts[] = {"slow(x) + 1", "sum(slow(x))", "max(slow(x))", "x + sum(slow(x) * slow(x))"};
    ej_column inputs[3];
    columns_of(inputs);
    const ej_column to = column(out, 8, EJ_F64);
    EXPECT_STATUS(ej_cancel_token_create(&shared_token), EJ_OK);
    for (int pure = 0; pure < 2; ++pure) {
        ej_engine *engine = new_engine();
        add(engine, "slow", "(f64) -> f64", (ej_native_fn)slow, NULL,
            EJ_FUNCTION_NO_USER_DATA | (pure ? EJ_FUNCTION_PURE : 0));
        for (size_t t = 0; t < sizeof texts / sizeof *texts; ++t)
            for (int w = 0; w < kWays; ++w)
                for (int threads = 1; threads <= 2; ++threads) {
                    const ej_compile_options o = way(w);
                    ej_kernel *k = expect_compiles(engine, texts[t], &o);
                    ej_run_options run = with_threads(threads);
                    run.cancel = shared_token;
                    for (int64_t rows = 3000; rows <= kMost; rows += kMost - 3000) { /* also what goes in one chunk */
                        ej_cancel_token_reset(shared_token);
                        slow_calls = 0;
                        EXPECT_ERROR(ej_kernel_eval_with(k, &run, inputs, 3, &to, 1, rows, &error), EJ_ERR_CANCELLED);
                        EXPECT(slow_calls <= kSoon);
                        if (slow_calls > kSoon) fprintf(stderr, "    %s, way %d: %d calls\n", texts[t], w, slow_calls);
                    }
                    ej_kernel_release(k);
                }
        ej_engine_destroy(engine);
    }
    ej_cancel_token_release(shared_token);
}

/* A loop that a builder writes may have any number of trips: a scalar call ends, too. */
static void test_endless_loop(void) {
    ej_builder *b = NULL;
    ej_kernel *k = NULL;
    EXPECT_STATUS(ej_builder_create(&b), EJ_OK);
    ej_builder_begin_function(b, "main");
    const ej_node value = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    const ej_node lo = ej_builder_constant(b, ej_i64(0)), hi = ej_builder_constant(b, ej_i64((int64_t)1 << 62)),
                  step = ej_builder_constant(b, ej_i64(1));
    ej_node loop = ej_builder_begin_for(b, lo, hi, step, &value, 1);
    ej_node next = ej_builder_binary(b, ej_op_find("add"), ej_builder_carried(b, loop, 0), value);
    next = ej_builder_unary(b, ej_op_find("sqrt"), next);
    ej_builder_yield(b, &next, 1);
    loop = ej_builder_end_loop(b);
    ej_builder_return(b, &loop, 1);
    EXPECT_STATUS(ej_engine_compile_builder(NULL, b, NULL, &k, NULL), EJ_OK);
    ej_builder_destroy(b);
    void (*entry)(void) = NULL;
    EXPECT(ej_kernel_get_entry(k, &entry) != EJ_OK); /* nobody could end it */

    EXPECT_STATUS(ej_cancel_token_create(&shared_token), EJ_OK);
    ej_run_options run = with_threads(1);
    run.cancel = shared_token;
    const ej_value one = ej_f64(1);
    ej_value result;
    double in_data = 1, out_data;
    const ej_column in = column(&in_data, 8, EJ_F64), to = column(&out_data, 8, EJ_F64);
    for (int columns = 0; columns < 2; ++columns) {
        pthread_t other;
        ej_cancel_token_reset(shared_token);
        EXPECT(pthread_create(&other, NULL, cancel_soon, NULL) == 0);
        if (columns) {
            EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &to, 1, 1, &error), EJ_ERR_CANCELLED);
        } else {
            EXPECT_ERROR(ej_kernel_call_with(k, &run, &one, 1, &result, 1, &error), EJ_ERR_CANCELLED);
        }
        pthread_join(other, NULL);
    }
    ej_cancel_token_release(shared_token);
    ej_kernel_release(k);
}

void test_cancel(void) {
    test_cancelled_before();
    test_slow_rows();
    test_endless_loop();
    test_compilation();
    test_token();
    test_run();
    test_signal_handler();
    test_older_options();
}
