/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What functions defined as expressions cost an engine, however many there are and however often they change. */
#include "functions.h"

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

void test_definition_costs(void) { test_reloads_are_counted(); }
