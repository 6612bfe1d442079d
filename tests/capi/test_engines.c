/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "columns.h"
#include "expect.h"

struct log {
    int lines;
    char last[512];
};

static void keep(ej_log_level level, const char *message, void *user) {
    struct log *log = user;
    EXPECT(level >= EJ_LOG_ERROR && level <= EJ_LOG_DEBUG);
    EXPECT(strchr(message, '\n') == NULL);
    ++log->lines;
    strncpy(log->last, message, sizeof log->last - 1);
}

static ej_engine_stats stats_of(ej_engine *engine) {
    ej_engine_stats s;
    memset(&s, 0, sizeof s);
    s.struct_size = sizeof s;
    EXPECT_STATUS(ej_engine_get_stats(engine, &s), EJ_OK);
    return s;
}

static void test_stats_and_cache(void) {
    struct log log = {0, ""};
    ej_engine_options o = {0};
    o.struct_size = sizeof o;
    o.log = keep;
    o.log_user_data = &log;
    o.log_level = EJ_LOG_DEBUG;
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    ej_engine_stats s = stats_of(engine);
    EXPECT(s.compiles == 0 && s.entries == 0 && s.cache_bytes == 0 && s.code_bytes == 0);
    EXPECT(s.arena_bytes < (1u << 20));
    ej_kernel *k = expect_compiles(engine, "a*2", NULL);
    EXPECT(log.lines > 0 && strstr(log.last, "compiled") != NULL);
    ej_kernel_release(k);
    k = expect_compiles(engine, "a*2", NULL);
    ej_kernel_release(k);
    s = stats_of(engine);
    EXPECT(s.compiles == 1 && s.text_hits == 1 && s.misses == 1 && s.entries == 1 && s.cache_bytes > 0);
    EXPECT(s.jit == 0 || s.code_bytes > 0);
    ej_engine_clear_cache(engine);
    s = stats_of(engine);
    EXPECT(s.entries == 0 && s.cache_bytes == 0 && s.code_bytes == 0);
    ej_engine_clear_cache(NULL);

    /* A kernel outlives its engine, column code made afterwards included; the log is silent by then. */
    k = expect_compiles(engine, "a+a", NULL);
    const int lines = log.lines;
    ej_engine_destroy(engine);
    ej_value arg = ej_f64(4), out = ej_f64(0);
    EXPECT_STATUS(ej_kernel_call(k, &arg, 1, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.f64 == 8);
    double in[3] = {1, 2, 3}, result[3] = {0};
    ej_column columns[2];
    memset(columns, 0, sizeof columns);
    columns[0].data = in, columns[1].data = result;
    columns[0].stride = columns[1].stride = 8;
    columns[0].dtype = columns[1].dtype = EJ_F64;
    EXPECT_STATUS(ej_kernel_eval(k, &columns[0], 1, &columns[1], 1, 3, NULL), EJ_OK);
    EXPECT(result[2] == 6);
    EXPECT(log.lines == lines);
    ej_kernel_release(k);
}

static void test_options(void) {
    ej_engine_options o = {0};
    o.struct_size = sizeof o;
    o.code_memory = EJ_CODE_MEMORY_NONE;
    o.cache_bytes = 1;
    o.max_text_bytes = 64;
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    EXPECT(stats_of(engine).jit == 0);
    ej_kernel *a = expect_compiles(engine, "a*2", NULL), *b = expect_compiles(engine, "a*2", NULL);
    EXPECT(stats_of(engine).compiles == 2 && stats_of(engine).entries == 0); /* no cache */
    ej_kernel_release(a);
    ej_kernel_release(b);
    char text[100];
    memset(text, ' ', sizeof text);
    text[0] = '1';
    EXPECT_ERROR(ej_engine_compile_n(engine, text, sizeof text, NULL, &a, &error), EJ_ERR_LIMIT);
    ej_engine_destroy(engine);

    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.isa = EJ_ISA_V2;
    o.tier = EJ_TIER_BASELINE;
    o.code_memory = EJ_CODE_MEMORY_DUAL;
    o.cache_bytes = 4096;
    o.max_nodes = 1000;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    if (stats_of(engine).jit) {
        EXPECT(stats_of(engine).isa == EJ_ISA_V2);
        ej_compile_options more = {0};
        more.struct_size = sizeof more;
        more.isa = EJ_ISA_V4; /* never above the engine's cap */
        a = expect_compiles(engine, "a*3", &more);
        ej_kernel_info info = {0};
        info.struct_size = sizeof info;
        EXPECT_STATUS(ej_kernel_get_info(a, &info), EJ_OK);
        EXPECT(info.isa == EJ_ISA_V2 && info.tier == EJ_TIER_BASELINE);
        ej_kernel_release(a);
    }
    for (int i = 0; i < 200; ++i) {
        char expression[32];
        snprintf(expression, sizeof expression, "a + %d", i);
        a = expect_compiles(engine, expression, NULL);
        ej_kernel_release(a);
        EXPECT(stats_of(engine).cache_bytes <= 4096);
    }
    EXPECT(stats_of(engine).evictions > 0);
    ej_engine_destroy(engine);
}

/* Both at once: the kernels of an engine with sealed memory give the same, and count in pages. */
static void test_sealed_memory(void) {
    ej_engine_options o = {0};
    o.struct_size = sizeof o;
    o.code_memory = EJ_CODE_MEMORY_SEALED;
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    const ej_engine_stats before = stats_of(engine);
    EXPECT(before.code_bytes == 0 && before.arena_bytes < (1u << 20));
    ej_kernel *k = expect_compiles(engine, "sqrt(a*a + b*b)", NULL);
    const ej_value args[2] = {ej_f64(3), ej_f64(4)};
    ej_value out = ej_f64(0);
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.f64 == 5);
    if (before.jit) EXPECT(stats_of(engine).code_bytes == 4096);
    double x[3] = {3, 6, 9}, y[3] = {4, 8, 12}, z[3] = {0};
    const ej_column in[2] = {column(x, 8, EJ_F64), column(y, 8, EJ_F64)}, result = column(z, 8, EJ_F64);
    EXPECT_STATUS(ej_kernel_eval(k, in, 2, &result, 1, 3, NULL), EJ_OK);
    EXPECT(z[0] == 5 && z[1] == 10 && z[2] == 15);
    if (before.jit) EXPECT(stats_of(engine).code_bytes == 2 * 4096);
    ej_engine_destroy(engine);
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, NULL), EJ_OK);
    ej_kernel_release(k);
    o.code_memory = EJ_CODE_MEMORY_SEALED + 1;
    EXPECT_ERROR(ej_engine_create(&o, &engine, &error), EJ_ERR_INVALID_ARGUMENT);
}

void test_engines(void) {
    test_stats_and_cache();
    test_options();
    test_sealed_memory();
}
