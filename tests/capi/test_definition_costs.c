/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What functions defined as expressions cost an engine, however many there are and however often they change. */
#include "functions.h"

#include <pthread.h>
#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

static uint64_t cache_bytes(ej_engine *engine) {
    ej_engine_stats stats;
    memset(&stats, 0, sizeof stats);
    stats.struct_size = sizeof stats;
    EXPECT_STATUS(ej_engine_get_stats(engine, &stats), EJ_OK);
    return stats.cache_bytes;
}

static uint64_t heap_bytes(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

static void compile(ej_engine *engine, const char *text) {
    ej_kernel *k = NULL;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile(engine, text, NULL, &k, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    ej_kernel_release(k);
}

/* A cached kernel keeps the definitions that its text means, not all there were, and the cache counts them. */
static void test_reloads_are_counted(void) {
    enum { kRules = 1000, kReloads = 3000, kLong = 10000 };
    ej_engine *engine = new_engine();
    char text[100];
    for (int i = 0; i < kRules; ++i) {
        sprintf(text, "rule%d(v) = v*%d + 1", i, i);
        define(engine, text);
    }
    const uint64_t heap_before = heap_bytes(), cache_before = cache_bytes(engine);
    for (int i = 0; i < kReloads; ++i) {
        sprintf(text, "rule%d(v) = v*%d + 2", i % kRules, i);
        define(engine, text);
        sprintf(text, "rule%d(y)", i % kRules);
        compile(engine, text);
    }
    const uint64_t heap = heap_bytes() - heap_before, cached = cache_bytes(engine) - cache_before;
    EXPECT(heap < 2 * cached + 1000000); /* 50 MB of lists of definitions once */

    char *const big = malloc(kLong + 100);
    const uint64_t before = cache_bytes(engine);
    for (int i = 0; i < 100; ++i) {
        const int head = sprintf(big, "inner(v) = v + %d /*", i);
        memset(big + head, '.', kLong);
        strcpy(big + head + kLong, "*/");
        define(engine, big);
        define(engine, "outer(v) = inner(v)");
        compile(engine, "outer(y)");
    }
    EXPECT(cache_bytes(engine) - before > 100 * kLong);
    free(big);
    ej_engine_destroy(engine);
}

static int32_t cache_hit(ej_engine *engine, const char *text) {
    ej_kernel *k = expect_compiles(engine, text, NULL);
    ej_kernel_info info;
    memset(&info, 0, sizeof info);
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(k, &info), EJ_OK);
    ej_kernel_release(k);
    return info.cache_hit;
}

/* A change of the definitions leaves the texts in the cache that mean none of them. */
static void test_changes_void_only_what_calls(void) {
    ej_engine *engine = new_engine();
    EXPECT(cache_hit(engine, "x + y*3.25") == 0);
    define(engine, "f(v) = v + 1.5");
    EXPECT(cache_hit(engine, "x + y*3.25") == 1);
    EXPECT(cache_hit(engine, "f(x)") == 0 && cache_hit(engine, "f(x)") == 1);
    EXPECT(cache_hit(engine, "x - y*3.25") == 0);
    define(engine, "g(v) = f(v) * 2");
    EXPECT(cache_hit(engine, "x - y*3.25") == 1);
    EXPECT(cache_hit(engine, "f(x)") == 2); /* read anew, the same program */
    define(engine, "f(v) = v + 2.5");
    EXPECT(cache_hit(engine, "x - y*3.25") == 1 && cache_hit(engine, "f(x)") == 0);
    EXPECT(call(engine, "f(x)") == 5.5);
    EXPECT_STATUS(ej_engine_remove_function(engine, "f", NULL), EJ_OK);
    ej_kernel *k = NULL;
    EXPECT_ERROR(ej_engine_compile(engine, "f(x)", NULL, &k, &error), EJ_ERR_NAME);
    EXPECT(cache_hit(engine, "x - y*3.25") == 1);
    ej_engine_destroy(engine);
}

static ej_engine *deep_engine;
static ej_status deep_status;

static void *compile_deep(void *text) {
    ej_kernel *k = NULL;
    ej_error *error = NULL;
    deep_status = ej_engine_compile(deep_engine, (const char *)text, NULL, &k, &error);
    if (deep_status != EJ_OK) EXPECT(strstr(ej_error_render(error), "stack is nearly used up") != NULL);
    ej_error_destroy(error);
    ej_kernel_release(k);
    return NULL;
}

static ej_status on_a_stack_of(size_t bytes, char *text) {
    pthread_attr_t attributes;
    pthread_t thread;
    EXPECT(pthread_attr_init(&attributes) == 0);
    EXPECT(pthread_attr_setstacksize(&attributes, bytes) == 0);
    EXPECT(pthread_create(&thread, &attributes, compile_deep, text) == 0);
    EXPECT(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
    return deep_status;
}

/* Definitions that call each other are read recursively. A thread whose stack is too small for that gets an error. */
static void test_small_stacks(void) {
    deep_engine = new_engine();
    char text[60];
    for (int i = 0; i < 128; ++i) {
        sprintf(text, i == 0 ? "deep0(v) = v" : "deep%d(v) = deep%d(v) + 1", i, i - 1);
        define(deep_engine, text);
    }
    char deepest[] = "deep127(x)", plain[] = "x + 1", shallow[] = "deep1(x)";
    EXPECT_STATUS(on_a_stack_of(128 << 10, deepest), EJ_ERR_STACK);
    EXPECT_STATUS(on_a_stack_of(128 << 10, plain), EJ_OK);
    EXPECT_STATUS(on_a_stack_of(128 << 10, shallow), EJ_OK);
    EXPECT_STATUS(on_a_stack_of(8 << 20, deepest), EJ_OK);
    ej_engine_destroy(deep_engine);
}

/* The limits of a compilation are those of reading a definition, too. */
static void test_define_takes_no_longer_than_allowed(void) {
    enum { kTerms = 1000000 };
    ej_engine *engine = NULL;
    ej_engine_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.max_compile_ns = 1000;
    EXPECT_STATUS(ej_engine_create(&options, &engine, NULL), EJ_OK);
    char *const text = malloc(2 * kTerms + 20), *end = text + sprintf(text, "long(x) = x");
    for (int i = 0; i < kTerms; ++i, end += 2) memcpy(end, "+x", 3);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_define(engine, text, &error), EJ_ERR_LIMIT);
    EXPECT(strstr(ej_error_render(error), "max_compile_ns") != NULL);
    ej_error_destroy(error);
    free(text);
    ej_engine_destroy(engine);
}

void test_definition_costs(void) {
    test_reloads_are_counted();
    test_changes_void_only_what_calls();
    test_small_stacks();
    test_define_takes_no_longer_than_allowed();
}
