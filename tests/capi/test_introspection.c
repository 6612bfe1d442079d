/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "expect.h"

static void test_info(void) {
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(NULL, &engine, NULL), EJ_OK);
    ej_kernel *first = expect_compiles(engine, "a*b+c", NULL), *second = expect_compiles(engine, "a*b+c", NULL);
    ej_kernel *third = expect_compiles(engine, "x * y + z", NULL);
    ej_kernel_info info = {0};
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(first, &info), EJ_OK);
    EXPECT(info.struct_size == sizeof info);
    EXPECT(info.cache_hit == 0 && info.needs_context == 0 && info.nodes >= 5);
    EXPECT(info.memory_bytes > 0 && info.memory_bytes < 4096);
    EXPECT(info.code_bytes < 1024);
    EXPECT(info.spills == 0);
    EXPECT_STATUS(ej_kernel_get_info(second, &info), EJ_OK);
    EXPECT(info.cache_hit == 1);
    EXPECT_STATUS(ej_kernel_get_info(third, &info), EJ_OK);
    EXPECT(info.cache_hit == 2);

    ej_timings t = {0};
    t.struct_size = sizeof t;
    EXPECT_STATUS(ej_kernel_get_timings(first, &t), EJ_OK);
    EXPECT(t.total > 0 && t.parse > 0 && t.parse <= t.total && t.optimise <= t.total && t.key <= t.total);
    EXPECT(t.verify == 0); /* IR text only */

    /* A struct of a newer version: what this library does not know becomes zero. */
    struct {
        ej_timings known;
        uint64_t newer[4];
    } larger;
    memset(&larger, 0xff, sizeof larger);
    larger.known.struct_size = sizeof larger;
    EXPECT_STATUS(ej_kernel_get_timings(first, &larger.known), EJ_OK);
    EXPECT(larger.known.total == t.total && larger.newer[0] == 0 && larger.newer[3] == 0);
    ej_kernel_release(first);
    ej_kernel_release(second);
    ej_kernel_release(third);
    ej_engine_destroy(engine);
}

static void test_outputs(void) {
    ej_kernel *k = expect_compiles(NULL, "y = a * 2\nn = is_null(a)\ns = sum(a)", NULL);
    ej_output_info o = {0};
    o.struct_size = sizeof o;
    EXPECT(ej_kernel_is_reducing(k) == 1);
    EXPECT_STATUS(ej_kernel_get_output_info(k, 0, &o), EJ_OK);
    EXPECT(strcmp(o.name, "y") == 0 && o.type == EJ_F64 && o.is_reduced == 0 && o.is_nullable == 1);
    EXPECT_STATUS(ej_kernel_get_output_info(k, 1, &o), EJ_OK);
    EXPECT(strcmp(o.name, "n") == 0 && o.type == EJ_BOOL && o.is_reduced == 0 && o.is_nullable == 0);
    EXPECT_STATUS(ej_kernel_get_output_info(k, 2, &o), EJ_OK);
    EXPECT(strcmp(o.name, "s") == 0 && o.type == EJ_F64 && o.is_reduced == 1 && o.is_nullable == 0);
    EXPECT_STATUS(ej_kernel_get_output_info(k, 3, &o), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_output_info(k, 0, NULL), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_get_output_info(NULL, 0, &o), EJ_ERR_INVALID_ARGUMENT);
    o.struct_size = 3;
    EXPECT_STATUS(ej_kernel_get_output_info(k, 0, &o), EJ_ERR_INVALID_ARGUMENT);
    ej_kernel_release(k);
    k = expect_compiles(NULL, "a + 1", NULL);
    EXPECT(ej_kernel_is_reducing(k) == 0 && ej_kernel_is_reducing(NULL) == 0);
    ej_kernel_release(k);
}

static void test_dumps(void) {
    ej_kernel *k = expect_compiles(NULL, "a // b", NULL);
    char *text = NULL;
    EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_IR, NULL, &text, NULL), EJ_OK);
    EXPECT(strstr(text, "floor_div") != NULL);
    ej_string_free(text);
    EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_OPT, NULL, &text, NULL), EJ_OK);
    EXPECT(strstr(text, "floor_div") == NULL); /* expanded */
    ej_string_free(text);
    EXPECT(ej_pass_name(0) != NULL);
    size_t passes = 0;
    while (ej_pass_name(passes) != NULL) ++passes;
    EXPECT(passes >= 3 && ej_pass_name(passes + 1000) == NULL);
    EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_OPT, ej_pass_name(0), &text, NULL), EJ_OK);
    EXPECT(text != NULL && text[0] != '\0');
    ej_string_free(text);
    EXPECT_ERROR(ej_kernel_dump(k, EJ_DUMP_OPT, "no such pass", &text, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT(text == NULL);
    EXPECT_ERROR(ej_kernel_dump(k, 9, NULL, &text, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_dump(NULL, EJ_DUMP_IR, NULL, &text, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_dump(k, EJ_DUMP_IR, NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);

    ej_kernel_info info = {0};
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(k, &info), EJ_OK);
    if (info.tier != EJ_TIER_INTERPRETER) {
        EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_ASM, NULL, &text, NULL), EJ_OK);
        EXPECT(text != NULL && strstr(text, "ret") != NULL);
        ej_string_free(text);
    } else {
        EXPECT_ERROR(ej_kernel_dump(k, EJ_DUMP_ASM, NULL, &text, &error), EJ_ERR_UNSUPPORTED);
    }
    ej_string_free(NULL);
    ej_kernel_release(k);
}

static void test_tables(void) {
    int adds = 0, exps = 0, sins = 0;
    ej_op_info op = {0};
    op.struct_size = sizeof op;
    EXPECT(ej_op_count() > 100);
    for (size_t i = 0; i < ej_op_count(); ++i) {
        EXPECT_STATUS(ej_op_get(i, &op), EJ_OK);
        EXPECT(op.name[0] != '\0' && op.signature[0] != '\0' && op.types != NULL && op.lowering[0] != '\0' &&
               op.code > 0);
        if (strcmp(op.name, "add") == 0) {
            ++adds;
            EXPECT(op.operand_count == 2 && strcmp(op.signature, "TT>T") == 0);
            EXPECT(strcmp(op.types, "i32 i64 f32 f64") == 0 && strcmp(op.lowering, "inst") == 0 && op.ulp == 0);
        }
        EXPECT(op.ulp_f64 <= op.ulp && op.ulp_f32 <= op.ulp);
        if (strcmp(op.name, "exp") == 0) {
            ++exps;
            EXPECT(op.ulp > 0 && op.ulp <= 1 && op.ulp_f64 > 0 && op.ulp_f32 > 0);
            EXPECT(op.fast_ulp_f64 > 0 && op.fast_ulp_f64 <= 4 && op.fast_ulp_f32 > 0 && op.fast_ulp_f32 <= 4);
        }
    }
    EXPECT(adds == 1 && exps == 1);
    EXPECT_STATUS(ej_op_get(ej_op_count(), &op), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_op_get(0, NULL), EJ_ERR_INVALID_ARGUMENT);

    ej_function_info f = {0};
    f.struct_size = sizeof f;
    EXPECT(ej_function_count() > 50);
    for (size_t i = 0; i < ej_function_count(); ++i) {
        EXPECT_STATUS(ej_function_get(i, &f), EJ_OK);
        EXPECT(f.name[0] != '\0' && f.aliases != NULL && f.parameters != NULL && f.category[0] != '\0');
        EXPECT(f.summary[0] != '\0' && (f.max_args == -1 || f.max_args >= f.min_args));
        if (strcmp(f.name, "sin") == 0) {
            ++sins;
            EXPECT(f.min_args == 1 && f.max_args == 1 && !f.is_constant);
        }
    }
    EXPECT(sins == 1);
    EXPECT_STATUS(ej_function_get(ej_function_count(), &f), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_function_get(0, NULL), EJ_ERR_INVALID_ARGUMENT);
}

void test_introspection(void) {
    test_info();
    test_outputs();
    test_dumps();
    test_tables();
}
