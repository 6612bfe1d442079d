/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads, the host's executor, cancelling, and options of an older version. */
#define _POSIX_C_SOURCE 200809L
#include "columns.h"
#include "expect.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

enum { kRows = 300001 };

static double *new_numbers(void) {
    double *x = malloc(kRows * sizeof *x);
    for (int64_t i = 0; i < kRows; ++i) x[i] = number(i);
    return x;
}

/* Every number of threads gives the same bits, of a map and of reductions. */
static void test_threads_give_the_same_bits(void) {
    ej_kernel *map = expect_compiles(NULL, "a*a*0.5 - a/3", NULL);
    ej_kernel *reduction = expect_compiles(NULL, "s = sum(a)\nm = mean(a*a)\nv = var(a)\nat = argmax(a)", NULL);
    double *x = new_numbers(), *first = malloc(kRows * sizeof *x), *other = malloc(kRows * sizeof *x);
    const ej_column in = column(x, 8, EJ_F64);
    double sums[2][3];
    int64_t at[2];
    for (int32_t threads = 0; threads <= 8; ++threads) {
        const int again = threads != 0;
        const ej_run_options run = with_threads(threads);
        const ej_column out = column(again ? other : first, 8, EJ_F64);
        EXPECT_STATUS(ej_kernel_eval_with(map, &run, &in, 1, &out, 1, kRows, NULL), EJ_OK);
        const ej_column outs[4] = {column(&sums[again][0], 8, EJ_F64), column(&sums[again][1], 8, EJ_F64),
                                   column(&sums[again][2], 8, EJ_F64), column(&at[again], 8, EJ_I64)};
        EXPECT_STATUS(ej_kernel_eval_with(reduction, &run, &in, 1, outs, 4, kRows, NULL), EJ_OK);
        if (!again) continue;
        EXPECT(memcmp(first, other, kRows * sizeof *x) == 0);
        EXPECT(memcmp(sums[0], sums[1], sizeof sums[0]) == 0);
        EXPECT(at[0] == at[1]);
    }
    EXPECT(first[17] == x[17] * x[17] * 0.5 - x[17] / 3);
    free(x), free(first), free(other);
    ej_kernel_release(map);
    ej_kernel_release(reduction);
}

/* The lowest failing row, whichever thread meets which first. */
static void test_lowest_row(void) {
    const ej_param params[] = {{"a", EJ_I64, 0}, {"b", EJ_I64, 0}};
    const ej_compile_options o = with_params(params, 2);
    ej_kernel *k = expect_compiles(NULL, "a // b", &o);
    int64_t *b = malloc(kRows * sizeof *b), *out = malloc(kRows * sizeof *out), one = 1;
    for (int64_t i = 0; i < kRows; ++i) b[i] = i < 150007 ? 3 : 0;
    const ej_column in[2] = {column(&one, 0, EJ_I64), column(b, 8, EJ_I64)}, result = column(out, 8, EJ_I64);
    for (int32_t threads = 1; threads <= 8; ++threads) {
        const ej_run_options run = with_threads(threads);
        ej_error *error = NULL;
        EXPECT_STATUS(ej_kernel_eval_with(k, &run, in, 2, &result, 1, kRows, &error), EJ_ERR_DIVIDE_BY_ZERO);
        EXPECT(ej_error_row(error) == 150007);
        ej_error_destroy(error);
    }
    free(b), free(out);
    ej_kernel_release(k);
}

struct host {
    int calls;
    int64_t pieces;
};

/* Backwards, which must not matter. */
static void host_parallel(void *user_data, int64_t count, ej_task_fn task, void *task_data) {
    struct host *host = user_data;
    ++host->calls;
    host->pieces += count;
    while (count-- > 0) task(task_data, count);
}

static void test_host_executor(void) {
    ej_kernel *k = expect_compiles(NULL, "a + 1", NULL);
    double *x = new_numbers(), *out = malloc(kRows * sizeof *x);
    const ej_column in = column(x, 8, EJ_F64), result = column(out, 8, EJ_F64);
    struct host host = {0, 0};
    ej_run_options run = with_threads(4);
    run.parallel = host_parallel;
    run.parallel_user_data = &host;
    EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, kRows, NULL), EJ_OK);
    EXPECT(host.calls > 0 && host.pieces > 1);
    int wrong = 0;
    for (int64_t i = 0; i < kRows; ++i) wrong += out[i] != x[i] + 1;
    EXPECT(wrong == 0);
    /* One thread is the calling one. */
    host.calls = 0;
    run.threads = 1;
    EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, kRows, NULL), EJ_OK);
    EXPECT(host.calls == 0);
    free(x), free(out);
    ej_kernel_release(k);
}

static volatile int32_t stop_word;

static void *set_stop_word(void *unused) {
    const struct timespec while_it_runs = {0, 30 * 1000 * 1000};
    nanosleep(&while_it_runs, NULL);
    __atomic_store_n(&stop_word, 1, __ATOMIC_RELAXED);
    return unused;
}

/* Seconds of work, but for the other thread. */
static void test_cancel_from_another_thread(void) {
    ej_kernel *k = expect_compiles(NULL, "sum(sin(cos(exp(sin(a) * cos(a)) + log(1 + a*a))))", NULL);
    enum { kLong = 300 * 1000 * 1000 };
    float *x = calloc(kLong, sizeof *x); /* pages of zeros that need no memory as long as they are only read */
    EXPECT(x != NULL);
    const ej_column in = column(x, 4, EJ_F32);
    double sum = 0;
    const ej_column out = column(&sum, 8, EJ_F64);
    for (int32_t threads = 1; threads <= 2; ++threads) {
        pthread_t other;
        stop_word = 0;
        ej_run_options run = with_threads(threads);
        run.stop = &stop_word;
        EXPECT(pthread_create(&other, NULL, set_stop_word, NULL) == 0);
        EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &out, 1, kLong, &error), EJ_ERR_CANCELLED);
        pthread_join(other, NULL);
    }
    free(x);
    ej_kernel_release(k);
}

static void test_versions_and_wrong_options(void) {
    ej_kernel *k = expect_compiles(NULL, "a + 1", NULL);
    double x[2] = {1, 2}, out[2] = {0, 0};
    const ej_column in = column(x, 8, EJ_F64), result = column(out, 8, EJ_F64);
    ej_run_options run = with_threads(-77);
    /* The first version ended after `stop`: what is behind it is not read. */
    run.struct_size = offsetof(ej_run_options, threads);
    EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, 2, NULL), EJ_OK);
    EXPECT(out[1] == 3);
    run.struct_size = sizeof run;
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, 2, &error), EJ_ERR_INVALID_ARGUMENT);
    run = with_threads(2);
    run.reserved = 1;
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, 2, &error), EJ_ERR_INVALID_ARGUMENT);
    run = with_threads(2);
    run.struct_size = offsetof(ej_run_options, threads) - 1;
    EXPECT_ERROR(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, 2, &error), EJ_ERR_INVALID_ARGUMENT);
    /* More threads than anybody has. */
    run = with_threads(1000000);
    EXPECT_STATUS(ej_kernel_eval_with(k, &run, &in, 1, &result, 1, 2, NULL), EJ_OK);
    ej_kernel_release(k);
}

void test_run_options(void) {
    test_threads_give_the_same_bits();
    test_lowest_row();
    test_host_executor();
    test_cancel_from_another_thread();
    test_versions_and_wrong_options();
}
