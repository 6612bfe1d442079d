/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Functions of the host: what may be added, what becomes of kernels when they go, and who may not call them. */
#include "functions.h"

static double plus(double v) { return v + 1; }
static double minus(double v) { return v - 1; }

/* Kernels keep the function they were compiled with; names and cached code are not mixed up. */
static void test_replace_and_remove(void) {
    ej_engine *engine = new_engine();
    const uint32_t flags = EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA;
    add(engine, "step", "(f64) -> f64", (ej_native_fn)plus, NULL, flags);
    define(engine, "steps(v) = step(step(v))");
    const ej_compile_options o = with_params(kParams, 3);
    ej_kernel *before = expect_compiles(engine, "step(x)", &o), *before_steps = expect_compiles(engine, "steps(x)", &o);
    EXPECT(call(engine, "step(x)") == 4 && call(engine, "steps(x)") == 5);
    add(engine, "step", "(f64) -> f64", (ej_native_fn)minus, NULL, flags);
    EXPECT(call(engine, "step(x)") == 2 && call(engine, "steps(x)") == 1); /* never one that is gone */
    EXPECT_STATUS(ej_engine_remove_function(engine, "step", NULL), EJ_OK);
    ej_kernel *k = NULL;
    EXPECT_ERROR(ej_engine_compile(engine, "step(x)", &o, &k, &error), EJ_ERR_NAME);
    expect_message(engine, "1 + steps(x)", "the host function 'step' was removed", "steps(x)");
    define(engine, "step(v) = v + 7"); /* what is no host function does not take the place of one */
    expect_message(engine, "1 + steps(x)", "the host function 'step' was replaced by the definition 'step(v) = v + 7'",
                   "steps(x)");
    EXPECT(call(engine, "step(x)") == 10);
    add(engine, "step", "(f64, f64) -> f64", (ej_native_fn)pow, NULL, flags);
    expect_message(engine, "1 + steps(x)", "the host function 'step' was replaced by one that takes 2 arguments, not 1",
                   "steps(x)");
    ej_engine_clear_cache(engine);
    const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_i64(5)};
    ej_value result;
    EXPECT_STATUS(ej_kernel_call(before, args, 3, &result, 1, NULL), EJ_OK);
    EXPECT(result.as.f64 == 4);
    ej_engine_destroy(engine);
    ej_column inputs[3], column_out = column(out, 8, EJ_F64);
    columns_of(inputs);
    EXPECT_STATUS(ej_kernel_eval(before, inputs, 3, &column_out, 1, 9, NULL), EJ_OK);
    EXPECT(out[8] == x[8] + 1);
    EXPECT_STATUS(ej_kernel_eval(before_steps, inputs, 3, &column_out, 1, 9, NULL), EJ_OK);
    EXPECT(out[8] == x[8] + 2);
    ej_kernel_release(before);
    ej_kernel_release(before_steps);
}

static void test_wrong_host_functions(void) {
    ej_engine *engine = new_engine();
    const ej_native_fn fn = (ej_native_fn)plus;
    const uint32_t flags = EJ_FUNCTION_NO_USER_DATA;
    static const char *const kWrong[] = {"",
                                         "f64",
                                         "(f64",
                                         "(f64) f64",
                                         "(f64) -> ",
                                         "(f65) -> f64",
                                         "(f64,) -> f64",
                                         "(f64) -> f64 x",
                                         "(f64 f64) -> f64",
                                         "() -> void"};
    for (size_t i = 0; i < sizeof kWrong / sizeof *kWrong; ++i)
        EXPECT_ERROR(ej_engine_add_function(engine, "f", kWrong[i], fn, NULL, flags, &error), EJ_ERR_INVALID_ARGUMENT);
    char many[200] = "(f64";
    for (int i = 1; i < 17; ++i) strcat(many, ", f64");
    strcat(many, ") -> f64");
    EXPECT_ERROR(ej_engine_add_function(engine, "f", many, fn, NULL, flags, &error), EJ_ERR_INVALID_ARGUMENT);
    static const char *const kNames[] = {"sin", "pi", "if", "not"};
    for (int i = 0; i < 4; ++i)
        EXPECT_ERROR(ej_engine_add_function(engine, kNames[i], "(f64) -> f64", fn, NULL, flags, &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_add_function(engine, "a b", "(f64) -> f64", fn, NULL, flags, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_add_function(engine, "", "(f64) -> f64", fn, NULL, flags, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_add_function(engine, "f(x) = 1; g", "() -> f64", fn, NULL, flags, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_add_function(engine, NULL, "(f64) -> f64", fn, NULL, flags, &error),
                 EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_add_function(engine, "f", NULL, fn, NULL, flags, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_add_function(engine, "f", "(f64) -> f64", NULL, NULL, flags, &error),
                 EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_add_function(engine, "f", "(f64) -> f64", fn, NULL, 8, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_add_function(engine, "f", "(f64) -> f64", fn, &engine, flags, &error),
                 EJ_ERR_INVALID_ARGUMENT);

    add(engine, "f", "(i64, f32) -> f64", fn, NULL, flags);
    expect_message(engine, "f(n)", "f(i64, f32) takes 2 arguments, not 1", "f(n)");
    expect_message(engine, "f(x, 1)", "argument 1 of f is i64, and this is f64", "x");
    expect_message(engine, "f(n, x)", "argument 2 of f is f32, and this is f64", "x");
    ej_engine_destroy(engine);
}

/* What strangers write never reaches a function of the host. */
static void test_strangers(void) {
    ej_engine *engine = new_engine();
    add(engine, "noted", "(f64) -> f64", (ej_native_fn)plus, NULL, EJ_FUNCTION_NO_USER_DATA);
    add(engine, "plus", "(f64) -> f64", (ej_native_fn)plus, NULL, EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA);
    define(engine, "through(v) = noted(v)");
    define(engine, "further(v) = through(v) + 1");
    define(engine, "harmless(v) = v + 1");
    ej_compile_options o = with_params(kParams, 3);
    ej_kernel *k = NULL;
    static const char *const kTexts[] = {"noted(x)", "plus(x)", "through(x)", "further(x)"};
    for (int i = 0; i < 4; ++i) {
        o.untrusted = 0;
        ej_kernel_release(expect_compiles(engine, kTexts[i], &o)); /* and what is cached does not help them */
        o.untrusted = 1;
        EXPECT_ERROR(ej_engine_compile(engine, kTexts[i], &o, &k, &error), EJ_ERR_NAME);
        EXPECT_ERROR(ej_engine_check(engine, kTexts[i], strlen(kTexts[i]), &o, &error), EJ_ERR_NAME);
    }
    ej_kernel_release(expect_compiles(engine, "harmless(x)", &o));
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile(engine, "nothed(x)", &o, &k, &error), EJ_ERR_NAME);
    EXPECT(strstr(ej_error_render(error), "noted") == NULL); /* nor do they learn its name */
    ej_error_destroy(error);

    static const char *const kIr[] = {
        "func @main(%x: f64) -> (f64) {\n  %1 = native f64 @noted, %x\n  return %1\n}\n",
        "func @main(%x: f64) -> (f64) {\n  %1 = native f64 %x, #0\n  return %1\n}\n",
        "func @main(%x: f64) -> (f64) {\n  %1 = native_pure f64 @plus, %x\n  return %1\n}\n",
        "func @main(%x: f64) -> (f64) {\n  %1 = native_pure f64 %x, #0\n  return %1\n}\n",
    };
    for (int i = 0; i < 4; ++i) {
        EXPECT(ej_engine_compile_ir(engine, kIr[i], strlen(kIr[i]), NULL, &k, &error) != EJ_OK);
        EXPECT(k == NULL && error != NULL);
        ej_error_destroy(error);
    }
    static const char *const kNames[] = {"native", "native_pure"};
    for (int i = 0; i < 2; ++i) { /* nor does a builder make one, by its name or by its number */
        ej_builder *builder = NULL;
        EXPECT_STATUS(ej_builder_create(&builder), EJ_OK);
        ej_builder_begin_function(builder, "main");
        const ej_node value = ej_builder_param(builder, "x", ej_type_of(EJ_F64));
        EXPECT(ej_builder_op(builder, ej_op_find(kNames[i]), &value, 1) == EJ_NO_NODE);
        EXPECT(ej_builder_op(builder, 37 + i, &value, 1) == EJ_NO_NODE);
        EXPECT(ej_builder_error(builder) != NULL);
        EXPECT(ej_engine_compile_builder(engine, builder, NULL, &k, NULL) != EJ_OK && k == NULL);
        ej_builder_destroy(builder);
    }
    o.untrusted = 0;
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (int i = 0; i < 4; ++i) {
        k = expect_compiles(engine, kTexts[i], &o);
        EXPECT_ERROR(ej_kernel_encode(k, &bytes, &size, &error), EJ_ERR_UNSUPPORTED);
        char *text = NULL;
        EXPECT_STATUS(ej_kernel_dump(k, EJ_DUMP_IR, NULL, &text, NULL), EJ_OK);
        EXPECT(text != NULL && strstr(text, i == 1 ? "native_pure f64 @plus" : "native f64 @noted") != NULL);
        ej_string_free(text);
        ej_kernel_release(k);
    }
    ej_engine_destroy(engine);
}

void test_function_rules(void) {
    test_replace_and_remove();
    test_wrong_host_functions();
    test_strangers();
}
