/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Threads and forks. */
#define _POSIX_C_SOURCE 200809L
#include "columns.h"
#include "expect.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__)
/* The children start threads of their own, which ThreadSanitizer otherwise takes for a mistake. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "die_after_fork=0"; }
#endif

enum { kThreads = 8, kRounds = 300 };

struct work {
    ej_engine *engine;
    ej_kernel *shared;
    int number;
    int wrong;
};

/* EXPECT is not for several threads; these count for themselves. */
static void *compile_call_release(void *argument) {
    struct work *w = argument;
    for (int i = 0; i < kRounds; ++i) {
        char text[64];
        ej_kernel *k = NULL;
        const int n = (i * 5 + w->number) % 60;
        snprintf(text, sizeof text, "a * %d + %d", n, n + 1);
        if (ej_engine_compile(w->engine, text, NULL, &k, NULL) != EJ_OK) {
            ++w->wrong;
            continue;
        }
        ej_value arg = ej_f64(2), out = ej_f64(0);
        w->wrong += ej_kernel_call(k, &arg, 1, &out, 1, NULL) != EJ_OK || out.as.f64 != 3.0 * n + 1;
        ej_kernel_release(k);
        ej_kernel *again = ej_kernel_retain(w->shared);
        w->wrong += ej_kernel_call(again, &arg, 1, &out, 1, NULL) != EJ_OK || out.as.f64 != 4;
        w->wrong += strcmp(ej_kernel_signature(again), "(x: f64) -> f64") != 0;
        ej_kernel_release(again);
        if (i % 100 == 50) ej_engine_clear_cache(w->engine);
    }
    return NULL;
}

void test_threads(void) {
    ej_engine_options o = {0};
    o.struct_size = sizeof o;
    o.cache_bytes = 16 * 1024; /* so that eviction happens all the time */
    struct work work[kThreads];
    pthread_t threads[kThreads];
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    ej_kernel *shared = expect_compiles(engine, "x*x", NULL);
    for (int t = 0; t < kThreads; ++t) {
        work[t] = (struct work){engine, shared, t, 0};
        EXPECT(pthread_create(&threads[t], NULL, compile_call_release, &work[t]) == 0);
    }
    for (int t = 0; t < kThreads; ++t) {
        pthread_join(threads[t], NULL);
        EXPECT(work[t].wrong == 0);
    }
    ej_kernel_release(shared);
    ej_engine_destroy(engine);
}

static int call_gives(ej_kernel *k, double argument, double wanted) {
    ej_value arg = ej_f64(argument), out = ej_f64(0);
    return ej_kernel_call(k, &arg, 1, &out, 1, NULL) == EJ_OK && out.as.f64 == wanted;
}

static int compile_many(const char *operator_text, double seed) {
    int ok = 1;
    for (int i = 1; i < 100; ++i) {
        char text[64];
        ej_kernel *k = NULL;
        snprintf(text, sizeof text, "a %s %d", operator_text, i);
        if (ej_engine_compile(NULL, text, NULL, &k, NULL) != EJ_OK) return 0;
        ok = ok && call_gives(k, seed, operator_text[0] == '+' ? seed + i : seed - i);
        ej_kernel_release(k);
    }
    return ok;
}

void test_fork(void) {
    ej_kernel *k = expect_compiles(NULL, "a * 42", NULL);
    EXPECT(call_gives(k, 1, 42));
    const pid_t child = fork();
    if (child == 0) {
        int ok = call_gives(k, 1, 42);
        ej_engine_clear_cache(NULL);
        ok = ok && compile_many("+", 7) && call_gives(k, 2, 84);
        ej_kernel_release(k);
        _exit(ok ? 0 : 1);
    }
    EXPECT(compile_many("-", 7));
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT(call_gives(k, 1, 42));
    ej_kernel_release(k);
}

enum { kPoolRows = 400000 };

struct pool_work {
    ej_kernel *kernel;
    double *in;
    double *out;
    int stop;
};

static int eval_in_threads(struct pool_work *w, double *out) {
    const ej_run_options run = with_threads(3);
    const ej_column in = column(w->in, 8, EJ_F64), result = column(out, 8, EJ_F64);
    if (ej_kernel_eval_with(w->kernel, &run, &in, 1, &result, 1, kPoolRows, NULL) != EJ_OK) return 0;
    for (int i = 0; i < kPoolRows; i += 1001) {
        if (out[i] != w->in[i] * 2 + 1) return 0;
    }
    return 1;
}

static void *keep_the_pool_busy(void *argument) {
    struct pool_work *w = argument;
    int wrong = 0;
    while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) wrong += !eval_in_threads(w, w->out);
    return wrong == 0 ? NULL : w;
}

/* Forks while another thread's evaluation is in progress; the child has threads of its own. */
void test_fork_with_pool(void) {
    struct pool_work w = {expect_compiles(NULL, "a * 2 + 1", NULL), malloc(kPoolRows * sizeof(double)),
                          malloc(kPoolRows * sizeof(double)), 0};
    double *out = malloc(kPoolRows * sizeof *out);
    for (int i = 0; i < kPoolRows; ++i) w.in[i] = number(i);
    EXPECT(eval_in_threads(&w, out));
    pthread_t busy;
    EXPECT(pthread_create(&busy, NULL, keep_the_pool_busy, &w) == 0);
    for (int round = 0; round < 10; ++round) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(60);
            int ok = 1;
            for (int i = 0; i < 3; ++i) ok = ok && eval_in_threads(&w, out);
            _exit(ok ? 0 : 1);
        }
        int status = 0;
        EXPECT(waitpid(child, &status, 0) == child);
        EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    __atomic_store_n(&w.stop, 1, __ATOMIC_RELAXED);
    void *failed = NULL;
    pthread_join(busy, &failed);
    EXPECT(failed == NULL);
    free(w.in), free(w.out), free(out);
    ej_kernel_release(w.kernel);
}
