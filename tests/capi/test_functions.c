/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Functions of the host that count who calls them, when and how often. Every tier and level must agree. */
#include "functions.h"

double x[kMost], y[kMost], out[kMost];
int64_t n[kMost];

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

void test_own_functions(void) {
    for (int64_t i = 0; i < kMost; ++i) {
        x[i] = number(i);
        y[i] = number(3 * i + 1);
        n[i] = (i * 37) % 1001 - 500;
    }
    test_definitions();
    test_definition_costs();
    test_every_engine_calls();
    test_values_live_across_calls();
    test_impure_runs_once_for_each_row();
    test_impure_with_selections_and_reducers();
    test_function_rules();
}
