/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "expect.h"

void test_library(void) {
    EXPECT(strcmp(ej_version(), EJ_VERSION_STRING) == 0);
    EXPECT(ej_abi_version() == EJ_ABI_VERSION);
    EXPECT(strcmp(ej_status_name(EJ_OK), "ok") == 0);
    EXPECT(strcmp(ej_status_name(EJ_ERR_SYNTAX), "syntax error") == 0);
    EXPECT(strcmp(ej_status_name(999), "unknown status") == 0);
    EXPECT(strcmp(ej_status_name(-1), "unknown status") == 0);
    for (ej_status s = EJ_OK; s <= EJ_ERR_INTERNAL; ++s) EXPECT(strcmp(ej_status_name(s), "unknown status") != 0);

    EXPECT(strcmp(ej_dtype_name(EJ_BOOL), "bool") == 0);
    EXPECT(strcmp(ej_dtype_name(EJ_F64), "f64") == 0);
    EXPECT(strcmp(ej_dtype_name(EJ_F16), "f16") == 0);
    EXPECT(strcmp(ej_dtype_name(EJ_DTYPE_NONE), "?") == 0);
    EXPECT(strcmp(ej_dtype_name(13), "?") == 0);
    EXPECT(strcmp(ej_dtype_name(EJ_U64), "u64") == 0 && ej_dtype_size(EJ_U64) == 8);
    EXPECT(ej_dtype_size(EJ_BOOL) == 1 && ej_dtype_size(EJ_F64) == 8 && ej_dtype_size(EJ_U32) == 4);
    EXPECT(ej_dtype_size(EJ_DTYPE_NONE) == 0 && ej_dtype_size(-5) == 0);

    EXPECT(ej_cpu_name()[0] != '\0');
    EXPECT(ej_cpu_isa() == EJ_ISA_AUTO || (ej_cpu_isa() >= EJ_ISA_V2 && ej_cpu_isa() <= EJ_ISA_V4));
}

void test_compile(void) {
    ej_kernel *k = expect_compiles(NULL, "a*b+c", NULL);
    ej_param p;
    EXPECT(ej_kernel_param_count(k) == 3 && ej_kernel_output_count(k) == 1);
    EXPECT_STATUS(ej_kernel_get_param(k, 1, &p), EJ_OK);
    EXPECT(strcmp(p.name, "b") == 0 && p.type == EJ_F64);
    EXPECT_STATUS(ej_kernel_get_output(k, 0, &p), EJ_OK);
    EXPECT(strcmp(p.name, "") == 0 && p.type == EJ_F64);
    EXPECT(strcmp(ej_kernel_signature(k), "(a: f64, b: f64, c: f64) -> f64") == 0);
    EXPECT(strcmp(ej_kernel_source(k), "a*b+c") == 0);
    ej_kernel_release(k);

    /* Declared, typed, quoted parameters; unused ones stay. */
    const ej_param params[] = {{"wind speed", EJ_F32, 0}, {"n", EJ_I8, 0}, {"unused", EJ_BOOL, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 3;
    options.params_declared = 1;
    k = expect_compiles(NULL, "`wind speed` * 2", &options);
    EXPECT(ej_kernel_param_count(k) == 3);
    EXPECT_STATUS(ej_kernel_get_param(k, 0, &p), EJ_OK);
    EXPECT(strcmp(p.name, "wind speed") == 0 && p.type == EJ_F32);
    EXPECT_STATUS(ej_kernel_get_param(k, 1, &p), EJ_OK);
    EXPECT(p.type == EJ_I32); /* what i8 widens to */
    EXPECT(strcmp(ej_kernel_signature(k), "(`wind speed`: f32, n: i32, unused: bool) -> f32") == 0);
    ej_kernel_release(k);
    EXPECT_ERROR(ej_engine_compile(NULL, "other + 1", &options, &k, &error), EJ_ERR_NAME);
    EXPECT(k == NULL);

    /* No parameter at all, declared. */
    options.params = NULL;
    options.param_count = 0;
    k = expect_compiles(NULL, "1 + 2", &options);
    EXPECT(ej_kernel_param_count(k) == 0);
    ej_kernel_release(k);
    EXPECT_ERROR(ej_engine_compile(NULL, "x", &options, &k, &error), EJ_ERR_NAME);

    /* Named outputs, a result type. */
    ej_compile_options converting = {0};
    converting.struct_size = sizeof converting;
    converting.result_type = EJ_F32;
    k = expect_compiles(NULL, "s = a + b\nd = a - b", &converting);
    EXPECT(ej_kernel_output_count(k) == 2);
    EXPECT_STATUS(ej_kernel_get_output(k, 1, &p), EJ_OK);
    EXPECT(strcmp(p.name, "d") == 0 && p.type == EJ_F32);
    EXPECT(strcmp(ej_kernel_signature(k), "(a: f64, b: f64) -> (s: f32, d: f32)") == 0);
    ej_kernel_release(k);

    /* Text with a length, and with a NUL inside. */
    EXPECT_STATUS(ej_engine_compile_n(NULL, "a+b$$$", 3, NULL, &k, NULL), EJ_OK);
    EXPECT(strcmp(ej_kernel_source(k), "a+b") == 0);
    ej_kernel_release(k);
    EXPECT_ERROR(ej_engine_compile_n(NULL, "a\0b", 3, NULL, &k, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_compile_n(NULL, NULL, 0, NULL, &k, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_compile(NULL, "", NULL, &k, &error), EJ_ERR_SYNTAX);

    /* Checking only. */
    EXPECT_STATUS(ej_engine_check(NULL, "a+b", 3, NULL, NULL), EJ_OK);
    EXPECT_ERROR(ej_engine_check(NULL, "a+", 2, NULL, &error), EJ_ERR_SYNTAX);

    /* IR text, and what a dump prints goes back in. */
    char *ir = NULL;
    ej_error *error = NULL;
    k = expect_compiles(NULL, "a // b + 1.5", NULL);
    EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_IR, NULL, &ir, &error), EJ_OK);
    ej_kernel *again = NULL;
    EXPECT_STATUS(ej_engine_compile_ir(NULL, ir, strlen(ir), NULL, &again, &error), EJ_OK);
    EXPECT(ej_kernel_param_count(again) == 2);
    EXPECT(strcmp(ej_kernel_source(again), ir) == 0);
    ej_string_free(ir);
    ej_kernel_release(again);
    ej_kernel_release(k);
    EXPECT_ERROR(ej_engine_compile_ir(NULL, "func nonsense", 13, NULL, &k, &error), EJ_ERR_SYNTAX);

    /* Lanes in a kernel are the interpreter's; loads and stores at lanes of indices on every level, whose code has none. */
    static const char gather[] = "table 0: f64 [1, 2, 3, 4, 5, 6, 7, 8]\n"
                                 "func @f(%n: i64) -> (f64, f64) {\n"
                                 "  %i = iota i64x8\n"
                                 "  %t = table array<f64,1> #0\n"
                                 "  %v = load f64x8 %t, %i\n"
                                 "  %l = local mut array<f64,1> #8\n"
                                 "  store %l, %i, %v\n"
                                 "  %w = load f64 %l, %n\n"
                                 "  %x = extract f64 %v, #7\n"
                                 "  return %x, %w\n"
                                 "}\n";
    ej_compile_options by_tier = {.struct_size = sizeof by_tier, .tier = EJ_TIER_INTERPRETER};
    EXPECT_STATUS(ej_engine_compile_ir(NULL, gather, strlen(gather), &by_tier, &k, &error), EJ_OK);
    const ej_value two = ej_i64(2);
    ej_value both[2];
    EXPECT_STATUS(ej_kernel_call(k, &two, 1, both, 2, NULL), EJ_OK);
    EXPECT(both[0].as.f64 == 8 && both[1].as.f64 == 3);
    ej_kernel_release(k);
    static const ej_isa levels[] = {EJ_ISA_V2, EJ_ISA_V3, EJ_ISA_V4};
    ej_engine_stats stats = {.struct_size = sizeof stats};
    EXPECT_STATUS(ej_engine_get_stats(NULL, &stats), EJ_OK);
    for (size_t level = 0; stats.jit && level < 3; ++level) {
        by_tier.isa = levels[level];
        by_tier.tier = EJ_TIER_BASELINE;
        EXPECT_ERROR(ej_engine_compile_ir(NULL, gather, strlen(gather), &by_tier, &k, &error), EJ_ERR_UNSUPPORTED);
        by_tier.tier = EJ_TIER_OPTIMISED;
        EXPECT_ERROR(ej_engine_compile_ir(NULL, gather, strlen(gather), &by_tier, &k, &error), EJ_ERR_UNSUPPORTED);
    }

    /* References. */
    k = expect_compiles(NULL, "a+1", NULL);
    EXPECT(ej_kernel_retain(k) == k);
    ej_kernel_release(k);
    EXPECT(strcmp(ej_kernel_source(k), "a+1") == 0);
    ej_kernel_release(k);
    EXPECT(ej_kernel_retain(NULL) == NULL);
    ej_kernel_release(NULL);
}
