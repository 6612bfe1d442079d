/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "expect.h"

#include <math.h>

static void test_values(void) {
    const ej_param params[] = {
        {"b", EJ_BOOL, 0}, {"i", EJ_I32, 0}, {"l", EJ_I64, 0}, {"f", EJ_F32, 0}, {"d", EJ_F64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 5;
    ej_kernel *k = expect_compiles(NULL, "ob = not b\noi = i + 1\nol = l * 2\nof = f / 2\nod = d - 0.5", &options);
    const ej_value args[5] = {ej_bool(5), ej_i32(-7), ej_i64(INT64_C(5000000000)), ej_f32(0.5f), ej_f64(1e300)};
    ej_value outs[5];
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_call(k, args, 5, outs, 5, &error), EJ_OK);
    EXPECT(error == NULL);
    EXPECT(outs[0].type == EJ_BOOL && outs[0].as.b == 0);
    EXPECT(outs[1].type == EJ_I32 && outs[1].as.i32 == -6);
    EXPECT(outs[2].type == EJ_I64 && outs[2].as.i64 == INT64_C(10000000000));
    EXPECT(outs[3].type == EJ_F32 && outs[3].as.f32 == 0.25f);
    EXPECT(outs[4].type == EJ_F64 && outs[4].as.f64 == 1e300);
    ej_kernel_release(k);
}

static void test_conversions(void) {
    static const ej_dtype all[5] = {EJ_BOOL, EJ_I32, EJ_I64, EJ_F32, EJ_F64};
    const ej_value values[5] = {ej_bool(1), ej_i32(1), ej_i64(1), ej_f32(1), ej_f64(1)};
    /* Rows: from; columns: to; as the header says. */
    static const int converts[5][5] = {
        {1, 1, 1, 1, 1}, {0, 1, 1, 0, 1}, {0, 0, 1, 0, 1}, {0, 0, 0, 1, 1}, {0, 0, 0, 0, 1}};
    for (int to = 0; to < 5; ++to) {
        ej_param param = {"x", EJ_BOOL, 0};
        param.type = all[to];
        ej_compile_options options = {0};
        options.struct_size = sizeof options;
        options.params = &param;
        options.param_count = 1;
        options.result_type = EJ_F64;
        ej_kernel *k = expect_compiles(NULL, "x", &options);
        for (int from = 0; from < 5; ++from) {
            ej_value out = ej_f64(0);
            if (converts[from][to]) {
                EXPECT_STATUS(ej_kernel_call(k, &values[from], 1, &out, 1, NULL), EJ_OK);
                EXPECT(out.as.f64 == 1);
            } else {
                EXPECT_ERROR(ej_kernel_call(k, &values[from], 1, &out, 1, &error), EJ_ERR_TYPE);
            }
        }
        ej_kernel_release(k);
    }
}

static void test_failures(void) {
    const ej_param params[] = {{"a", EJ_I64, 0}, {"b", EJ_I64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    ej_kernel *k = expect_compiles(NULL, "a // b", &options);
    ej_value args[2] = {ej_i64(7), ej_i64(0)}, out;
    EXPECT_ERROR(ej_kernel_call(k, args, 2, &out, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    ej_diagnostic d = {0};
    d.struct_size = sizeof d;
    EXPECT_STATUS(ej_error_get(error, 0, &d), EJ_OK);
    EXPECT(d.line == 1 && d.begin <= 2 && d.end >= 4);
    EXPECT(ej_error_row(error) == -1);
    EXPECT(strstr(ej_error_render(error), "a // b") != NULL);
    ej_error_destroy(error);
    args[1] = ej_i64(-2);
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.i64 == -4);
    ej_kernel_release(k);

    options.div_mode = EJ_DIV_ZERO;
    k = expect_compiles(NULL, "a // b", &options);
    args[1] = ej_i64(0);
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.i64 == 0);
    ej_kernel_release(k);

    options.div_mode = EJ_DIV_ERROR;
    k = expect_compiles(NULL, "a ** b", &options);
    args[1] = ej_i64(-1);
    EXPECT_ERROR(ej_kernel_call(k, args, 2, &out, 1, &error), EJ_ERR_DOMAIN);
    ej_kernel_release(k);

    options.caret = EJ_CARET_XOR;
    k = expect_compiles(NULL, "a ^ b", &options);
    args[0] = ej_i64(6), args[1] = ej_i64(3);
    EXPECT_STATUS(ej_kernel_call(k, args, 2, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.i64 == 5);
    ej_kernel_release(k);
    options.caret = EJ_CARET_STRICT;
    EXPECT_ERROR(ej_engine_compile(NULL, "a ^ b", &options, &k, &error), EJ_ERR_TYPE);
}

static void test_plain_entry(void) {
    ej_kernel *k = expect_compiles(NULL, "a*b+c", NULL);
    ej_engine_stats stats = {0};
    stats.struct_size = sizeof stats;
    EXPECT_STATUS(ej_engine_get_stats(NULL, &stats), EJ_OK);
    void (*entry)(void) = NULL;
    if (stats.jit) {
        EXPECT_STATUS(ej_kernel_get_entry(k, &entry), EJ_OK);
        EXPECT(entry != NULL);
        if (entry != NULL) EXPECT(((double (*)(double, double, double))entry)(3, 4, 5) == 17);
    } else {
        EXPECT_STATUS(ej_kernel_get_entry(k, &entry), EJ_ERR_UNSUPPORTED);
        EXPECT(entry == NULL);
    }
    ej_kernel_release(k);

    const ej_param params[] = {{"a", EJ_I64, 0}, {"b", EJ_I64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    k = expect_compiles(NULL, "a // b", &options);
    EXPECT_STATUS(ej_kernel_get_entry(k, &entry), EJ_ERR_NEEDS_CONTEXT);
    EXPECT(entry == NULL);
    ej_kernel_release(k);
    options.tier = EJ_TIER_INTERPRETER;
    options.param_count = 0;
    k = expect_compiles(NULL, "a*b", &options);
    EXPECT_STATUS(ej_kernel_get_entry(k, &entry), EJ_ERR_UNSUPPORTED);
    ej_kernel_release(k);
}

static void test_cancellation(void) {
    ej_kernel *k = expect_compiles(NULL, "a+1", NULL);
    const volatile int32_t stop = 0;
    ej_run_options run = {0};
    run.struct_size = sizeof run;
    run.stop = &stop;
    ej_value arg = ej_f64(1), out = ej_f64(0);
    EXPECT_STATUS(ej_kernel_call_with(k, &run, &arg, 1, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.f64 == 2);
    EXPECT_STATUS(ej_kernel_call_with(k, NULL, &arg, 1, &out, 1, NULL), EJ_OK);
    ej_kernel_release(k);
}

static void test_every_tier_and_level(void) {
    for (ej_tier tier = EJ_TIER_AUTO; tier <= EJ_TIER_OPTIMISED; ++tier) {
        static const ej_isa levels[] = {EJ_ISA_AUTO, EJ_ISA_V2, EJ_ISA_V3, EJ_ISA_V4};
        for (size_t i = 0; i < sizeof levels / sizeof *levels; ++i) {
            ej_compile_options options = {0};
            options.struct_size = sizeof options;
            options.tier = tier;
            options.isa = levels[i];
            ej_kernel *k = expect_compiles(NULL, "fma(a, b, floor(c)) + (a < b ? sqrt(b) : -1)", &options);
            const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_f64(5.5)};
            ej_value out = ej_f64(0);
            EXPECT_STATUS(ej_kernel_call(k, args, 3, &out, 1, NULL), EJ_OK);
            EXPECT(out.as.f64 == 19);
            ej_kernel_info info = {0};
            info.struct_size = sizeof info;
            EXPECT_STATUS(ej_kernel_get_info(k, &info), EJ_OK);
            EXPECT(info.tier >= EJ_TIER_INTERPRETER && info.tier <= EJ_TIER_OPTIMISED);
            EXPECT(info.isa <= ej_cpu_isa());
            if (tier == EJ_TIER_INTERPRETER) EXPECT(info.tier == EJ_TIER_INTERPRETER && info.code_bytes == 0);
            ej_kernel_release(k);
        }
    }
}

void test_call(void) {
    test_values();
    test_conversions();
    test_failures();
    test_plain_entry();
    test_cancellation();
    test_every_tier_and_level();
}
