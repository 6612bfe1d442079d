/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the tests of functions that a user adds share. */
#ifndef EXPRJIT_TESTS_FUNCTIONS_H
#define EXPRJIT_TESTS_FUNCTIONS_H

#include "columns.h"
#include "expect.h"

#include <math.h>

enum { kMost = 20011 };
static const int64_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 1000, 4097, kMost};
enum { kLengthCount = sizeof kLengths / sizeof *kLengths };

/* Three columns of numbers, and one for results. */
extern double x[kMost], y[kMost], out[kMost];
extern int64_t n[kMost];

static inline ej_engine *new_engine(void) {
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(NULL, &engine, NULL), EJ_OK);
    return engine;
}

static inline void define(ej_engine *engine, const char *text) {
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_define(engine, text, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
}

static inline void add(ej_engine *engine, const char *name, const char *signature, ej_native_fn fn, void *user_data,
                       uint32_t flags) {
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_add_function(engine, name, signature, fn, user_data, flags, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
}

static const ej_param kParams[] = {{"x", EJ_F64, 0}, {"y", EJ_F64, 0}, {"n", EJ_I64, 0}};

/* Every tier on every level, one after the other; those above the CPU's give its own. */
static inline ej_compile_options way(int index) {
    static const ej_tier tiers[] = {EJ_TIER_INTERPRETER, EJ_TIER_BASELINE, EJ_TIER_OPTIMISED};
    static const ej_isa levels[] = {EJ_ISA_V2, EJ_ISA_V3, EJ_ISA_V4};
    ej_compile_options o = with_params(kParams, 3);
    o.tier = tiers[index % 3];
    o.isa = levels[index / 3];
    return o;
}
enum { kWays = 9 };

static inline int same(const double *a, const double *b, int64_t count) { return memcmp(a, b, (size_t)count * 8) == 0; }

static inline void columns_of(ej_column inputs[3]) {
    inputs[0] = column(x, 8, EJ_F64);
    inputs[1] = column(y, 8, EJ_F64);
    inputs[2] = column(n, 8, EJ_I64);
}

static inline void expect_message(ej_engine *engine, const char *text, const char *message, const char *span) {
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

static inline double call(ej_engine *engine, const char *text) {
    const ej_compile_options o = with_params(kParams, 3);
    ej_kernel *k = expect_compiles(engine, text, &o);
    const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_i64(5)};
    ej_value result = ej_f64(NAN);
    if (k != NULL) EXPECT_STATUS(ej_kernel_call(k, args, 3, &result, 1, NULL), EJ_OK);
    ej_kernel_release(k);
    return result.as.f64;
}

void test_definitions(void);
void test_definition_costs(void);
void test_function_rules(void);

#endif
