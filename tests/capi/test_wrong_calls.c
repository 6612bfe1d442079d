/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Every pointer NULL, every size and enumerator wrong: an error, never a crash. */
#include "expect.h"

#include <stddef.h>

static void test_compile_options(void) {
    ej_kernel *k = NULL;
    ej_compile_options o;
    const ej_param good = {"a", EJ_F64, 0};
#define RESET() (memset(&o, 0, sizeof o), o.struct_size = sizeof o)
#define REFUSED(status)                                                                                                \
    do {                                                                                                               \
        EXPECT_ERROR(ej_engine_compile(NULL, "a", &o, &k, &error), status);                                            \
        EXPECT(k == NULL);                                                                                             \
    } while (0)
    RESET();
    o.struct_size = 0;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    o.struct_size = offsetof(ej_compile_options, cancel) - 1; /* the first version ended there */
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    o.struct_size = (size_t)-1;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.param_count = 1; /* params NULL */
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.params = &good;
    o.param_count = (size_t)1 << 40;
    REFUSED(EJ_ERR_LIMIT);
    static const ej_param bad[] = {
        {NULL, EJ_F64, 0}, {"a", EJ_DTYPE_NONE, 0}, {"a", 99, 0}, {"a", -1, 0}, {"a", EJ_F64, 5}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        RESET();
        o.params = &bad[i];
        o.param_count = 1;
        REFUSED(EJ_ERR_INVALID_ARGUMENT);
    }
    RESET();
    o.result_type = EJ_F16;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.result_type = -3;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.div_mode = 2;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.caret = 3;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.tier = 4;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.isa = 1;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.flags = 1u << 31;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    RESET();
    o.accuracy = 2;
    REFUSED(EJ_ERR_INVALID_ARGUMENT);
    /* Larger than this version: fine. */
    struct {
        ej_compile_options known;
        char newer[64];
    } larger;
    memset(&larger, 0, sizeof larger);
    larger.known.struct_size = sizeof larger;
    EXPECT_STATUS(ej_engine_compile(NULL, "a", &larger.known, &k, NULL), EJ_OK);
    ej_kernel_release(k);
#undef REFUSED
#undef RESET
}

static void test_engine_options(void) {
    ej_engine *engine = NULL;
    ej_engine_options o;
#define RESET() (memset(&o, 0, sizeof o), o.struct_size = sizeof o)
#define REFUSED()                                                                                                      \
    do {                                                                                                               \
        EXPECT_ERROR(ej_engine_create(&o, &engine, &error), EJ_ERR_INVALID_ARGUMENT);                                  \
        EXPECT(engine == NULL);                                                                                        \
    } while (0)
    RESET();
    o.struct_size = 8;
    REFUSED();
    RESET();
    o.isa = 9;
    REFUSED();
    RESET();
    o.tier = -1;
    REFUSED();
    RESET();
    o.code_memory = 4;
    REFUSED();
    RESET();
    o.log_level = 5;
    REFUSED();
    RESET();
    o.reserved = 1;
    REFUSED();
    RESET();
    o.reserved2 = 1;
    REFUSED();
#undef REFUSED
#undef RESET
    EXPECT_ERROR(ej_engine_create(NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_engine_destroy(NULL);
}

static void test_nulls(void) {
    ej_kernel *k = NULL;
    ej_value v = ej_f64(1);
    ej_param p;
    void (*entry)(void) = NULL;
    EXPECT_ERROR(ej_engine_compile(NULL, NULL, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile(NULL, "a", NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_n(NULL, NULL, 3, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_ir(NULL, NULL, 3, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_ir(NULL, "", 0, NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_check(NULL, NULL, 3, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_engine_get_stats(NULL, NULL), EJ_ERR_INVALID_ARGUMENT);
    ej_engine_stats stats = {0};
    EXPECT_STATUS(ej_engine_get_stats(NULL, &stats), EJ_ERR_INVALID_ARGUMENT);

    EXPECT_ERROR(ej_kernel_call(NULL, &v, 1, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    k = expect_compiles(NULL, "a+1", NULL);
    EXPECT_ERROR(ej_kernel_call(k, NULL, 1, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_call(k, &v, 1, NULL, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_call(k, &v, 0, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_call(k, &v, 1, &v, 2, &error), EJ_ERR_INVALID_ARGUMENT);
    v.type = 66;
    EXPECT_ERROR(ej_kernel_call(k, &v, 1, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    v.type = EJ_F16; /* a memory type, no value has it */
    EXPECT_ERROR(ej_kernel_call(k, &v, 1, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);
    v = ej_f64(1);
    ej_run_options run = {0};
    EXPECT_ERROR(ej_kernel_call_with(k, &run, &v, 1, &v, 1, &error), EJ_ERR_INVALID_ARGUMENT);

    EXPECT_STATUS(ej_kernel_get_param(k, 0, NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_param(k, 1, &p), EJ_ERR_INVALID_ARGUMENT);
    EXPECT(p.name == NULL && p.type == 0);
    EXPECT_STATUS(ej_kernel_get_param(NULL, 0, &p), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_output(k, 0, NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_output(k, 1, &p), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_output(NULL, 0, &p), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_info(k, NULL), EJ_ERR_INVALID_ARGUMENT);
    ej_kernel_info info = {0};
    EXPECT_STATUS(ej_kernel_get_info(k, &info), EJ_ERR_INVALID_ARGUMENT);
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(NULL, &info), EJ_ERR_INVALID_ARGUMENT);
    ej_timings t = {0};
    EXPECT_STATUS(ej_kernel_get_timings(k, &t), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_timings(k, NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_entry(NULL, &entry), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_entry(k, NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT(ej_kernel_param_count(NULL) == 0 && ej_kernel_output_count(NULL) == 0);
    EXPECT(strcmp(ej_kernel_signature(NULL), "") == 0 && strcmp(ej_kernel_source(NULL), "") == 0);
    ej_kernel_release(k);
}

void test_wrong_calls(void) {
    test_compile_options();
    test_engine_options();
    test_nulls();
}
