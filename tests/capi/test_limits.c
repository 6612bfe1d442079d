/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Each limit of ej_engine_options, one below what a program needs, exactly that, and one above. The error says the
 * limit's name and value, what was found, and what to do. */
#include "expect.h"

#include <stdlib.h>

typedef struct subject {
    const char *text;
    int is_ir;
    ej_tier tier;
} subject;

/* Compiles with these limits alone. The error is the caller's. */
static ej_status compile_within(const ej_engine_options *limits, const subject *s, ej_error **error) {
    ej_engine_options o = *limits;
    ej_engine *engine = NULL;
    ej_kernel *k = NULL;
    ej_compile_options c = {0};
    o.struct_size = sizeof o;
    o.tier = s->tier;
    EXPECT_STATUS(ej_engine_create(&o, &engine, NULL), EJ_OK);
    const ej_param params[] = {{"a", EJ_BOOL, 0}, {"b", EJ_BOOL, 0}, {"i", EJ_I32, 0}, {"x", EJ_F64, 0}};
    c.struct_size = sizeof c;
    c.params = params;
    c.param_count = 4;
    const ej_status status = s->is_ir ? ej_engine_compile_ir(engine, s->text, strlen(s->text), &c, &k, error)
                                      : ej_engine_compile(engine, s->text, &c, &k, error);
    EXPECT((k != NULL) == (status == EJ_OK));
    ej_kernel_release(k);
    ej_engine_destroy(engine);
    return status;
}

static void set_limit(ej_engine_options *o, const char *name, size_t value) {
    if (strcmp(name, "max_text_bytes") == 0) o->max_text_bytes = value;
    if (strcmp(name, "max_nodes") == 0) o->max_nodes = value;
    if (strcmp(name, "max_nesting") == 0) o->max_nesting = value;
    if (strcmp(name, "max_code_bytes") == 0) o->max_code_bytes = value;
}

/* `needed`: the smallest value with which the subject compiles. */
static void expect_limit(const char *name, size_t needed, const subject *s) {
    for (size_t value = needed - 1; value <= needed + 1; ++value) {
        ej_engine_options o = {0};
        ej_error *error = NULL;
        set_limit(&o, name, value);
        const ej_status status = compile_within(&o, s, &error);
        ++expect_count;
        if (status != (value < needed ? EJ_ERR_LIMIT : EJ_OK)) {
            ++expect_failures;
            fprintf(stderr, "%s = %zu (needs %zu): %s\n%s", name, value, needed, ej_status_name(status),
                    ej_error_render(error));
        }
        if (status == EJ_ERR_LIMIT) {
            char number[32], raise[64];
            snprintf(number, sizeof number, "%zu", value);
            snprintf(raise, sizeof raise, "raise the engine's %s", name);
            EXPECT(strstr(ej_error_message(error), name) != NULL);
            EXPECT(strstr(ej_error_message(error), number) != NULL);
            EXPECT(strstr(ej_error_render(error), raise) != NULL);
        }
        ej_error_destroy(error);
    }
}

/* Nodes are counted as the program is written, before it is known how many of them are equal. */
static size_t smallest_max_nodes(const subject *s) {
    for (size_t n = 1; n < 1000; ++n) {
        ej_engine_options o = {0};
        o.max_nodes = n;
        if (compile_within(&o, s, NULL) == EJ_OK) return n;
    }
    EXPECT(!"compiles with 1000 nodes");
    return 0;
}

void test_limits(void) {
    const subject text = {"x*x + x/3 - 1", 0, EJ_TIER_AUTO};
    expect_limit("max_text_bytes", strlen(text.text), &text);
    const size_t nodes = smallest_max_nodes(&text);
    EXPECT(nodes >= 10 && nodes <= 20);
    expect_limit("max_nodes", nodes, &text);
    const subject expanded = {"exp(x)", 0, EJ_TIER_AUTO};
    const size_t written_out = smallest_max_nodes(&expanded);
    EXPECT(written_out > 10 && written_out < 200);
    expect_limit("max_nodes", written_out, &expanded);

    const subject nested = {"a ? i//i : (b ? i//i : (a and b ? i//(i + 1) : 0))", 0, EJ_TIER_AUTO};
    expect_limit("max_nesting", 3, &nested);

    const subject ir = {"func @main(%p: bool, %x: f64) -> (f64) {\n"
                        "  if %p\n"
                        "    if %p\n"
                        "      yield %x\n"
                        "    else\n"
                        "      %y = neg f64 %x\n"
                        "      yield %y\n"
                        "    %1 = end_if f64\n"
                        "    yield %1\n"
                        "  else\n"
                        "    yield %x\n"
                        "  %2 = end_if f64\n"
                        "  return %2\n"
                        "}\n",
                        1, EJ_TIER_AUTO};
    expect_limit("max_text_bytes", strlen(ir.text), &ir);
    expect_limit("max_nodes", 14, &ir);
    expect_limit("max_nesting", 2, &ir);

    /* Machine code: the error tells how much it takes. */
    const subject code = {"sqrt(x*x + 1) / 3", 0, EJ_TIER_OPTIMISED};
    ej_engine_options o = {0};
    ej_error *error = NULL;
    o.max_code_bytes = 1;
    if (compile_within(&o, &code, &error) == EJ_ERR_LIMIT) {
        const char *takes = strstr(ej_error_message(error), "takes ");
        EXPECT(takes != NULL);
        if (takes != NULL) expect_limit("max_code_bytes", (size_t)strtoul(takes + 6, NULL, 10), &code);
    } else {
        ej_engine_stats stats = {0}; /* an interpreted engine makes none */
        stats.struct_size = sizeof stats;
        EXPECT_STATUS(ej_engine_get_stats(NULL, &stats), EJ_OK);
        EXPECT(stats.jit == 0);
    }
    ej_error_destroy(error);

    /* Time: one nanosecond is too little for anything, and no limit is no limit. */
    memset(&o, 0, sizeof o);
    o.max_compile_ns = 1;
    error = NULL;
    EXPECT_STATUS(compile_within(&o, &text, &error), EJ_ERR_LIMIT);
    EXPECT(strstr(ej_error_message(error), "the limit max_compile_ns is 1") != NULL);
    EXPECT(strstr(ej_error_render(error), "raise the engine's max_compile_ns") != NULL);
    ej_error_destroy(error);
    o.max_compile_ns = UINT64_MAX;
    EXPECT_STATUS(compile_within(&o, &text, NULL), EJ_OK);
}
