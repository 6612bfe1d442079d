/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Functions that a user adds: definitions, and functions of the host that count who calls them, when and how often. Every
 * tier and level must agree. */
#include "columns.h"
#include "expect.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { kMost = 20011 };
static const int64_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 1000, 4097, kMost};
enum { kLengthCount = sizeof kLengths / sizeof *kLengths };

static double x[kMost], y[kMost], out[kMost];
static int64_t n[kMost];

static ej_engine *new_engine(void) {
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(NULL, &engine, NULL), EJ_OK);
    return engine;
}

static void define(ej_engine *engine, const char *text) {
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_define(engine, text, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
}

static void add(ej_engine *engine, const char *name, const char *signature, ej_native_fn fn, void *user_data,
                uint32_t flags) {
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_add_function(engine, name, signature, fn, user_data, flags, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
}

static const ej_param kParams[] = {{"x", EJ_F64, 0}, {"y", EJ_F64, 0}, {"n", EJ_I64, 0}};

/* Every tier on every level, one after the other; those above the CPU's give its own. */
static ej_compile_options way(int index) {
    static const ej_tier tiers[] = {EJ_TIER_INTERPRETER, EJ_TIER_BASELINE, EJ_TIER_OPTIMISED};
    static const ej_isa levels[] = {EJ_ISA_V2, EJ_ISA_V3, EJ_ISA_V4};
    ej_compile_options o = with_params(kParams, 3);
    o.tier = tiers[index % 3];
    o.isa = levels[index / 3];
    return o;
}
enum { kWays = 9 };

static int same(const double *a, const double *b, int64_t count) { return memcmp(a, b, (size_t)count * 8) == 0; }

static void columns_of(ej_column inputs[3]) {
    inputs[0] = column(x, 8, EJ_F64);
    inputs[1] = column(y, 8, EJ_F64);
    inputs[2] = column(n, 8, EJ_I64);
}

/* ---- Definitions */

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

static void expect_message(ej_engine *engine, const char *text, const char *message, const char *span) {
    ej_error *error = NULL;
    ej_kernel *kernel = NULL;
    const ej_compile_options o = with_params(kParams, 3);
    EXPECT(ej_engine_compile(engine, text, &o, &kernel, &error) != EJ_OK);
    EXPECT(strstr(ej_error_message(error), message) != NULL);
    if (strstr(ej_error_message(error), message) == NULL) fprintf(stderr, "    %s", ej_error_render(error));
    ej_diagnostic d;
    memset(&d, 0, sizeof d);
    d.struct_size = sizeof d;
    if (error != NULL) EXPECT_STATUS(ej_error_get(error, 0, &d), EJ_OK);
    EXPECT(d.end - d.begin == strlen(span) && strncmp(text + d.begin, span, strlen(span)) == 0);
    ej_error_destroy(error);
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

    /* A check inside fails where the definition is used. */
    define(engine, "ratio(a, b) = a // b");
    ej_kernel *k = NULL;
    const ej_compile_options o = with_params(kParams, 3);
    EXPECT_STATUS(ej_engine_compile(engine, "1 + ratio(n, n - n)", &o, &k, NULL), EJ_OK);
    const ej_value args[3] = {ej_f64(1), ej_f64(2), ej_i64(3)};
    ej_value result;
    EXPECT_STATUS(ej_kernel_call(k, args, 3, &result, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(strstr(ej_error_render(error), "^^^^^^^^^^^^^^^") != NULL);
    ej_error_destroy(error);
    ej_kernel_release(k);
    ej_engine_destroy(engine);
}

static double call(ej_engine *engine, const char *text) {
    const ej_compile_options o = with_params(kParams, 3);
    ej_kernel *k = expect_compiles(engine, text, &o);
    const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_i64(5)};
    ej_value result = ej_f64(NAN);
    if (k != NULL) EXPECT_STATUS(ej_kernel_call(k, args, 3, &result, 1, NULL), EJ_OK);
    ej_kernel_release(k);
    return result.as.f64;
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

/* ---- Functions of the host */

/* Of both classes, with more of each than there are registers, and of every width. */
static double mixed(void *scale, double a, int64_t b, float c, int32_t d, int32_t e, double f, int64_t g, int64_t h,
                    int64_t i, double j, double k, double l, double m, double o, double p, float q) {
    return *(const double *)scale *
           (a + 2 * (double)b + 3 * (double)c + 4 * d + 5 * e + 6 * f + 7 * (double)g + 8 * (double)h + 9 * (double)i +
            10 * j + 11 * k + 12 * l + 13 * m + 14 * o + 15 * p + 16 * (double)q);
}
static int32_t is_large(double v) { return v > 10 ? 256 : 0; } /* true is anything but 0 */
static float narrow(float v) { return v * 0.1f; }
static int32_t low_bits(int64_t v) { return (int32_t)(v & 1023) - 512; }

static const char kMixed[] =
    "mixed(x, n, f32(y), i32(n) - 7, x > y, y, 7, n*2, 9, x*2, x*3, y*2, 13, x - y, y, f32(x)) + x";

static void test_every_engine_calls(void) {
    ej_engine *engine = new_engine();
    double scale = 0.5;
    add(engine, "is_large", "(f64) -> bool", (ej_native_fn)is_large, NULL, EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA);
    add(engine, "narrow", " ( f32 )->f32 ", (ej_native_fn)narrow, NULL, EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA);
    add(engine, "low_bits", "(i64) -> i32", (ej_native_fn)low_bits, NULL, EJ_FUNCTION_NO_USER_DATA);
    add(engine, "c_hypot", "(f64, f64) -> f64", (ej_native_fn)(double (*)(double, double))hypot, NULL,
        EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA);
    for (int pure = 0; pure < 2; ++pure) {
        add(engine, "mixed", "(f64, i64, f32, i32, bool, f64, i64, i64, i64, f64, f64, f64, f64, f64, f64, f32) -> f64",
            (ej_native_fn)mixed, &scale, pure ? EJ_FUNCTION_PURE : 0);
        for (int w = 0; w < kWays; ++w) {
            const ej_compile_options o = way(w);
            ej_kernel *k = expect_compiles(engine, kMixed, &o);
            ej_kernel *others = expect_compiles(
                engine, "is_large(x) ? f64(narrow(f32(x))) : low_bits(n) + c_hypot(x, y) * sin(c_hypot(y, 3))", &o);
            ej_column inputs[3], result = column(out, 8, EJ_F64);
            columns_of(inputs);
            for (size_t l = 0; l < kLengthCount; ++l) {
                int64_t wrong = 0;
                for (int32_t threads = 1; threads <= 3; threads += 2) {
                    const ej_run_options run = with_threads(threads);
                    EXPECT_STATUS(ej_kernel_eval_with(k, &run, inputs, 3, &result, 1, kLengths[l], NULL), EJ_OK);
                    for (int64_t i = 0; i < kLengths[l]; ++i) {
                        const double a = x[i], b = y[i];
                        const double wanted = mixed(&scale, a, n[i], (float)b, (int32_t)n[i] - 7, a > b, b, 7, n[i] * 2,
                                                    9, a * 2, a * 3, b * 2, 13, a - b, b, (float)a) +
                                              a;
                        wrong += memcmp(&wanted, &out[i], 8) != 0;
                    }
                }
                EXPECT(wrong == 0);
                EXPECT_STATUS(ej_kernel_eval(others, inputs, 3, &result, 1, kLengths[l], NULL), EJ_OK);
                for (int64_t i = 0; i < kLengths[l]; ++i) {
                    if (x[i] > 10) wrong += out[i] != (double)narrow((float)x[i]);
                    const ej_value args[3] = {ej_f64(x[i]), ej_f64(y[i]), ej_i64(n[i])};
                    ej_value single;
                    if (i % 97 != 0) continue;
                    EXPECT_STATUS(ej_kernel_call(others, args, 3, &single, 1, NULL), EJ_OK);
                    wrong += memcmp(&single.as.f64, &out[i], 8) != 0;
                }
                EXPECT(wrong == 0);
            }
            ej_kernel_release(k);
            ej_kernel_release(others);
        }
    }
    ej_engine_destroy(engine);
}

/* More values alive across calls than there are registers, of every class. */
static void test_values_live_across_calls(void) {
    ej_engine *engine = new_engine();
    const uint32_t flags = EJ_FUNCTION_NO_USER_DATA;
    add(engine, "pure", "(f64, f64) -> f64", (ej_native_fn)(double (*)(double, double))hypot, NULL,
        flags | EJ_FUNCTION_PURE);
    add(engine, "impure", "(f64, f64) -> f64", (ej_native_fn)(double (*)(double, double))hypot, NULL, flags);
    add(engine, "is_large", "(f64) -> bool", (ej_native_fn)is_large, NULL, flags | EJ_FUNCTION_PURE);
    add(engine, "low_bits", "(i64) -> i32", (ej_native_fn)low_bits, NULL, flags | EJ_FUNCTION_PURE);
    for (int pure = 0; pure < 2; ++pure) {
        char text[8000] = "", part[200];
        for (int i = 0; i < 24; ++i) {
            sprintf(part, "f%d = x*%d + %s(x + %d, y); i%d = n*%d + low_bits(n - %d); b%d = is_large(x - %d) ", i, i,
                    pure ? "pure" : "impure", i, i, i, i, i, i);
            strcat(text, part);
            strcat(text, "xor (n > 3);\n");
        }
        strcat(text, "0.0");
        for (int i = 0; i < 24; ++i) {
            sprintf(part, " + (b%d ? f%d*i%d : f%d - i%d)", i, i, 23 - i, 23 - i, i);
            strcat(text, part);
        }
        static double wanted[kMost];
        for (int w = 0; w < kWays; ++w) {
            const ej_compile_options o = way(w);
            ej_kernel *k = expect_compiles(engine, text, &o);
            ej_column inputs[3], result = column(w == 0 ? wanted : out, 8, EJ_F64);
            columns_of(inputs);
            EXPECT_STATUS(ej_kernel_eval(k, inputs, 3, &result, 1, 1009, NULL), EJ_OK);
            if (w > 0) EXPECT(same(out, wanted, 1009));
            const ej_value args[3] = {ej_f64(x[77]), ej_f64(y[77]), ej_i64(n[77])};
            ej_value single = ej_f64(0);
            EXPECT_STATUS(ej_kernel_call(k, args, 3, &single, 1, NULL), EJ_OK);
            EXPECT(same(&single.as.f64, &wanted[77], 1));
            ej_kernel_release(k);
        }
    }
    ej_engine_destroy(engine);
}

/* What it was called with, in order. */
struct calls {
    int64_t count;
    double seen[2 * kMost];
};
static struct calls calls;

static double noted(void *user_data, double v) {
    struct calls *c = user_data;
    if (c->count < 2 * kMost) c->seen[c->count] = v;
    return v + (double)++c->count;
}

/* Called with x[first], x[first + 1], … for the rows that `condition` keeps, and no more. */
static int called_in_order(int (*keeps)(double), int64_t rows) {
    int64_t k = 0;
    for (int64_t i = 0; i < rows; ++i) {
        if (keeps != NULL && !keeps(x[i])) continue;
        if (k >= calls.count || calls.seen[k] != x[i]) return 0;
        ++k;
    }
    return k == calls.count;
}

static int is_positive(double v) { return v > 0; }

static void test_impure_runs_once_for_each_row(void) {
    ej_engine *engine = new_engine();
    add(engine, "noted", "(f64) -> f64", (ej_native_fn)noted, &calls, 0);
    define(engine, "wrapped(v) = noted(v) * 2");
    ej_column inputs[3], result = column(out, 8, EJ_F64);
    columns_of(inputs);
    static const struct {
        const char *text;
        int (*keeps)(double);
    } kTexts[] = {
        {"noted(x) + sin(y)", NULL},
        {"wrapped(x)", NULL},
        {"x > 0 ? noted(x) : y", is_positive},
        {"x > 0 and noted(x) > 0 ? 1.0 : 2.0", is_positive},
        {"t = noted(x); u = t * t; u + y * 0", NULL},
        {"let unused = noted(x) in y", NULL},
        {"sum(noted(x)) + 1", NULL},
        {"sum(noted(x), where=y > -1e9)", NULL},
    };
    for (size_t t = 0; t < sizeof kTexts / sizeof *kTexts; ++t) {
        for (int w = 0; w < kWays; ++w) {
            const ej_compile_options o = way(w);
            ej_kernel *k = expect_compiles(engine, kTexts[t].text, &o);
            for (size_t l = 0; l < kLengthCount; ++l) {
                const ej_run_options run = with_threads(1 + (int32_t)(l % 2) * 3);
                calls.count = 0;
                EXPECT_STATUS(ej_kernel_eval_with(k, &run, inputs, 3, &result, 1, kLengths[l], NULL), EJ_OK);
                EXPECT(called_in_order(kTexts[t].keeps, kLengths[l]));
            }
            ej_kernel_release(k);
        }
    }
    /* Two calls in one text are two calls, even with equal arguments. */
    ej_kernel *twice = expect_compiles(engine, "noted(1) - noted(1)", NULL);
    ej_value value;
    calls.count = 0;
    EXPECT_STATUS(ej_kernel_call(twice, NULL, 0, &value, 1, NULL), EJ_OK);
    EXPECT(calls.count == 2 && value.as.f64 == -1);
    /* Without a parameter there is still one call for each row, and no answer stands for all. */
    result.data = out;
    EXPECT_STATUS(ej_kernel_eval(twice, NULL, 0, &result, 1, 100, NULL), EJ_OK);
    EXPECT(calls.count == 202 && out[99] == -1);
    ej_kernel_release(twice);
    ej_kernel *fresh = expect_compiles(engine, "noted(0)", NULL);
    calls.count = 0;
    EXPECT_STATUS(ej_kernel_eval(fresh, NULL, 0, &result, 1, 100, NULL), EJ_OK);
    EXPECT(calls.count == 100 && out[0] == 1 && out[99] == 100);
    ej_kernel_release(fresh);
    ej_engine_destroy(engine);
}

static void test_impure_with_selections_and_reducers(void) {
    ej_engine *engine = new_engine();
    add(engine, "noted", "(f64) -> f64", (ej_native_fn)noted, &calls, 0);
    const ej_compile_options o = with_params(kParams, 1);
    const ej_column in = column(x, 8, EJ_F64);
    const ej_run_options run = with_threads(3);
    static int64_t indices[kMost];
    int64_t count = 0;
    ej_kernel *condition = expect_compiles(engine, "noted(x) > 1e300", &o);
    calls.count = 0;
    EXPECT_STATUS(ej_kernel_select(condition, &run, &in, 1, kMost, indices, &count, NULL), EJ_OK);
    EXPECT(count == 0 && called_in_order(NULL, kMost));
    ej_kernel_release(condition);

    ej_kernel *value = expect_compiles(engine, "noted(x)", &o);
    for (int64_t i = 0; i < kMost; ++i) indices[i] = kMost - 1 - i;
    const ej_column result = column(out, 8, EJ_F64);
    calls.count = 0;
    EXPECT_STATUS(ej_kernel_eval_selected(value, &run, &in, 1, kMost, indices, 9000, &result, 1, NULL), EJ_OK);
    int64_t wrong = 0;
    for (int64_t i = 0; i < 9000; ++i) wrong += calls.seen[i] != x[indices[i]];
    EXPECT(wrong == 0 && calls.count == 9000);
    ej_kernel_release(value);

    ej_kernel *total = expect_compiles(engine, "sum(noted(x))", &o);
    calls.count = 0;
    EXPECT_STATUS(ej_kernel_eval_selected(total, &run, &in, 1, kMost, indices, 5000, &result, 1, NULL), EJ_OK);
    EXPECT(calls.count == 5000);
    ej_reducer *reducer = NULL;
    EXPECT_ERROR(ej_reducer_create(total, &reducer, &error), EJ_ERR_UNSUPPORTED);
    ej_kernel_release(total);
    static const char *const kSeveralPasses[] = {"noted(x) - mean(noted(x))", "t = noted(x); t / sum(t)",
                                                 "std(noted(x))"};
    for (int t = 0; t < 3; ++t) {
        ej_kernel *k = expect_compiles(engine, kSeveralPasses[t], &o);
        ej_column outputs[2] = {result, result};
        static double second[kMost];
        outputs[1].data = second;
        const ej_status status = ej_kernel_eval(k, &in, 1, outputs, ej_kernel_output_count(k), 100, NULL);
        EXPECT(status == EJ_ERR_UNSUPPORTED);
        ej_kernel_release(k);
    }
    ej_engine_destroy(engine);
}

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
    add(engine, "noted", "(f64) -> f64", (ej_native_fn)noted, &calls, 0);
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

void test_own_functions(void) {
    for (int64_t i = 0; i < kMost; ++i) {
        x[i] = number(i);
        y[i] = number(3 * i + 1);
        n[i] = (i * 37) % 1001 - 500;
    }
    test_definitions_mean_their_bodies();
    test_definition_errors();
    test_redefinition();
    test_towers();
    test_define_while_others_compile();
    test_every_engine_calls();
    test_values_live_across_calls();
    test_impure_runs_once_for_each_row();
    test_impure_with_selections_and_reducers();
    test_replace_and_remove();
    test_wrong_host_functions();
    test_strangers();
}
