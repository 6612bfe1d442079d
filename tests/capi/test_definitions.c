/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Functions defined as expressions: they mean their bodies, and nothing they do takes long. */
#include "functions.h"

#include <pthread.h>

/* A text with calls of definitions gives the bits of the text with everything written out. */
static void test_definitions_mean_their_bodies(void) {
    static const char *const kPairs[][2] = {
        {"sq(x) + sq(y)", "x*x + y*y"},
        {"poly(x, y) * poly(y, x)", "(x*y + 1) * (y*x + 1)"},
        {"twice(x + y)", "let t = (x + y)*(x + y) in t + t"},
        {"cube(x, 3)", "x**3"}, /* a literal stays one: the plain product */
        {"cube(x, y)", "x**y"}, /* and a variable calls pow */
        {"half(n)", "n / 2"},
        {"seven()", "7.0"},
        {"sq(sq(seven() + x))", "((7 + x)*(7 + x)) * ((7 + x)*(7 + x))"},
        {"pick(x > y, x, y)", "x > y ? x : y"},
        {"sum(sq(x)) + x", "sum(x*x) + x"},
        {"centred(x)", "x - mean(x)"},
        {"outer(x)", "x*x + 100"}, /* hygiene: its y is its own */
    };
    ej_engine *engine = new_engine();
    define(engine, "sq(v) = v*v");
    define(engine, "poly(a, b) = a*b + 1");
    define(engine, "twice(v) = t = sq(v); t + t");
    define(engine, "cube(b, e) = b**e");
    define(engine, "half(v) = v / 2");
    define(engine, "seven() = 7.0");
    define(engine, "pick(`the condition`, a, b) = `the condition` ? a : b");
    define(engine, "centred(v) = v - mean(v)");
    define(engine, "outer(x) = let y = 100 in sq(x) + y");
    static double wanted[kMost];
    for (size_t p = 0; p < sizeof kPairs / sizeof *kPairs; ++p) {
        for (int w = 0; w < kWays; ++w) {
            const ej_compile_options o = way(w);
            ej_kernel *called = expect_compiles(engine, kPairs[p][0], &o);
            ej_kernel *written = expect_compiles(engine, kPairs[p][1], &o);
            ej_column inputs[3];
            columns_of(inputs);
            for (size_t l = 0; l < kLengthCount; ++l) {
                ej_column result = column(out, 8, EJ_F64);
                EXPECT_STATUS(ej_kernel_eval(called, inputs, 3, &result, 1, kLengths[l], NULL), EJ_OK);
                result.data = wanted;
                EXPECT_STATUS(ej_kernel_eval(written, inputs, 3, &result, 1, kLengths[l], NULL), EJ_OK);
                EXPECT(same(out, wanted, kLengths[l]));
            }
            ej_kernel_release(called);
            ej_kernel_release(written);
        }
    }
    ej_engine_destroy(engine);
}

static void test_definition_errors(void) {
    ej_engine *engine = new_engine();
    EXPECT_ERROR(ej_engine_define(engine, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_define(engine, "", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "2 + 3", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "f(x)", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) =", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) = x +", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) = t = x", &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_define(engine, "f(x, x) = x", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) = y", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) = f(x)", &error), EJ_ERR_NAME); /* there is no f yet */
    EXPECT_ERROR(ej_engine_define(engine, "sin(x) = x", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "sgn(x) = x", &error), EJ_ERR_NAME); /* an alias */
    EXPECT_ERROR(ej_engine_define(engine, "pi(x) = x", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "and(x) = x", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "let(x) = x", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_define(engine, "f(x) = sin(x, x)", &error), EJ_ERR_NAME);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_define(engine, "f(x) = f(x - 1)", &error), EJ_ERR_NAME);
    EXPECT(strstr(ej_error_render(error), "a function cannot call itself") != NULL);
    EXPECT(strstr(ej_error_render(error), "multiplication") == NULL);
    ej_error_destroy(error);
    EXPECT_STATUS(ej_engine_define(engine, "f(x) =\n  x + nme", &error), EJ_ERR_NAME);
    ej_diagnostic d;
    memset(&d, 0, sizeof d);
    d.struct_size = sizeof d;
    EXPECT_STATUS(ej_error_get(error, 0, &d), EJ_OK);
    EXPECT(d.line == 2 && d.column == 7 && strstr(ej_error_render(error), "x + nme") != NULL);
    ej_error_destroy(error);

    define(engine, "mask(v) = 1 + (v & 7)");
    define(engine, "twice(v) = mask(v) * 2");
    expect_message(engine, "1 + mask(x)", "in the definition of 'mask', at 'v': & needs integers", "mask(x)");
    expect_message(engine, "1 + twice(x)", "in the definition of 'mask'", "twice(x)");
    expect_message(engine, "mask(x, y)", "mask(v) takes 1 argument, not 2", "mask(x, y)");
    expect_message(engine, "mask(n) + masc(n)", "there is no function 'masc'", "masc");
    expect_message(engine, "mask(nn)", "there is no variable 'nn'", "nn");
    EXPECT_STATUS(ej_engine_check(engine, "mask(n)", 7, NULL, NULL), EJ_ERR_TYPE); /* an undeclared n is f64 */

    /* Arguments are evaluated even where the body does not need them; behind a condition in the body they are not. */
    define(engine, "pick(c, a, b) = c ? a : b");
    define(engine, "inverse(v) = v != 0 ? 1//v : 0");
    ej_kernel *k = NULL;
    const ej_compile_options o = with_params(kParams, 3);
    const ej_value zero[3] = {ej_f64(1), ej_f64(2), ej_i64(0)};
    ej_value none;
    EXPECT_STATUS(ej_engine_compile(engine, "pick(n != 0, 1//n, 0)", &o, &k, NULL), EJ_OK);
    EXPECT_STATUS(ej_kernel_call(k, zero, 3, &none, 1, NULL), EJ_ERR_DIVIDE_BY_ZERO);
    ej_kernel_release(k);
    EXPECT_STATUS(ej_engine_compile(engine, "inverse(n)", &o, &k, NULL), EJ_OK);
    EXPECT_STATUS(ej_kernel_call(k, zero, 3, &none, 1, NULL), EJ_OK);
    EXPECT(none.as.i64 == 0);
    ej_kernel_release(k);

    /* A check inside fails where the definition is used. */
    define(engine, "ratio(a, b) = a // b");
    EXPECT_STATUS(ej_engine_compile(engine, "1 + ratio(n, n - n)", &o, &k, NULL), EJ_OK);
    const ej_value args[3] = {ej_f64(1), ej_f64(2), ej_i64(3)};
    ej_value result;
    EXPECT_STATUS(ej_kernel_call(k, args, 3, &result, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(strstr(ej_error_render(error), "^^^^^^^^^^^^^^^") != NULL);
    ej_error_destroy(error);
    ej_kernel_release(k);
    ej_engine_destroy(engine);
}

static void test_redefinition(void) {
    ej_engine *engine = new_engine(), *other = new_engine();
    define(engine, "f(v) = v + 1");
    define(engine, "g(v) = f(v) * 10");
    const ej_compile_options o = with_params(kParams, 3);
    ej_kernel *before = expect_compiles(engine, "f(x)", &o);
    EXPECT(call(engine, "f(x)") == 4 && call(engine, "g(x)") == 40);
    define(engine, "f(v) = f(v) + 100"); /* the older one, plus */
    EXPECT(call(engine, "f(x)") == 104 && call(engine, "g(x)") == 40);
    const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_i64(5)};
    ej_value result;
    EXPECT_STATUS(ej_kernel_call(before, args, 3, &result, 1, NULL), EJ_OK);
    EXPECT(result.as.f64 == 4);
    ej_column inputs[3], column_out = column(out, 8, EJ_F64); /* its loops are compiled only now */
    columns_of(inputs);
    EXPECT_STATUS(ej_kernel_eval(before, inputs, 3, &column_out, 1, 9, NULL), EJ_OK);
    EXPECT(out[8] == x[8] + 1);
    ej_kernel_release(before);

    ej_kernel *k = NULL;
    EXPECT_ERROR(ej_engine_compile(other, "f(x)", &o, &k, &error), EJ_ERR_NAME); /* engines are apart */
    EXPECT_STATUS(ej_engine_remove_function(engine, "f", NULL), EJ_OK);
    EXPECT_ERROR(ej_engine_compile(engine, "f(x)", &o, &k, &error), EJ_ERR_NAME);
    EXPECT(call(engine, "g(x)") == 40);
    EXPECT_ERROR(ej_engine_remove_function(engine, "f", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_remove_function(engine, "sin", &error), EJ_ERR_NAME);
    EXPECT_ERROR(ej_engine_remove_function(engine, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_engine_destroy(engine);
    ej_engine_destroy(other);
}

/* Definitions that call each other twice: 2^40 calls. Those with equal arguments are made once; of the others, as
 * many are too many as there may be nodes. */
static void test_towers(void) {
    ej_engine *engine = NULL;
    ej_engine_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.max_nodes = 100000;
    EXPECT_STATUS(ej_engine_create(&options, &engine, NULL), EJ_OK);
    define(engine, "same0(v) = v*1.5");
    define(engine, "other0(v) = v*1.5");
    define(engine, "literal0(v) = v*1.5");
    for (int i = 1; i <= 40; ++i) {
        char text[100];
        sprintf(text, "same%d(v) = same%d(v) + same%d(v)", i, i - 1, i - 1);
        define(engine, text);
        sprintf(text, "other%d(v) = other%d(v*2) + other%d(v*3)", i, i - 1, i - 1);
        define(engine, text);
        sprintf(text, "literal%d(v) = literal%d(v*2 + 1) + literal%d(v*3)", i, i - 1, i - 1);
        define(engine, text);
    }
    EXPECT(call(engine, "same40(x)") == 3 * 1.5 * (double)(1ll << 40));
    ej_kernel *k = NULL;
    EXPECT_ERROR(ej_engine_compile(engine, "other40(x)", NULL, &k, &error), EJ_ERR_LIMIT);
    EXPECT_ERROR(ej_engine_compile(engine, "literal40(0.5)", NULL, &k, &error), EJ_ERR_LIMIT);
    EXPECT(call(engine, "other8(x)") == 3 * 1.5 * 390625.0);
    for (int i = 0; i < 200; ++i) { /* and they cannot be stacked without end */
        char text[100];
        sprintf(text, i == 0 ? "deep0(v) = v" : "deep%d(v) = deep%d(v)", i, i - 1);
        const ej_status status = ej_engine_define(engine, text, NULL);
        EXPECT(status == EJ_OK || status == EJ_ERR_LIMIT || i > 128);
        EXPECT((status == EJ_OK) == (i < 128));
    }
    EXPECT(call(engine, "deep127(x)") == 3);
    ej_engine_destroy(engine);
}

static ej_engine *shared_engine;

static void *compile_often(void *failures) {
    for (int i = 0; i < 300; ++i) {
        char text[40];
        sprintf(text, "changing(%d.0 * x)", i);
        ej_kernel *k = NULL;
        if (ej_engine_compile(shared_engine, text, NULL, &k, NULL) != EJ_OK) {
            ++*(int *)failures;
            continue;
        }
        const ej_value one = ej_f64(1);
        ej_value result;
        if (ej_kernel_call(k, &one, 1, &result, 1, NULL) != EJ_OK || fmod(result.as.f64, 1) != 0) ++*(int *)failures;
        ej_kernel_release(k);
    }
    return NULL;
}

static void test_define_while_others_compile(void) {
    shared_engine = new_engine();
    define(shared_engine, "changing(v) = v");
    pthread_t threads[2];
    int failures[2] = {0, 0};
    for (int t = 0; t < 2; ++t) EXPECT(pthread_create(&threads[t], NULL, compile_often, &failures[t]) == 0);
    for (int i = 0; i < 300; ++i) {
        char text[60];
        sprintf(text, "changing(v) = v + %d", i);
        define(shared_engine, text);
        sprintf(text, "another%d(v) = changing(v)", i);
        define(shared_engine, text);
    }
    for (int t = 0; t < 2; ++t) EXPECT(pthread_join(threads[t], NULL) == 0);
    EXPECT(failures[0] == 0 && failures[1] == 0);
    ej_engine_destroy(shared_engine);
}

void test_definitions(void) {
    test_definitions_mean_their_bodies();
    test_definition_errors();
    test_redefinition();
    test_towers();
    test_define_while_others_compile();
}
