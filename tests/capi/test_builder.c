/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The builder as a front end uses it: programs with every kind of node, and what they compute. */
#include "expect.h"

#include <stdlib.h>

static ej_builder *begin(void) {
    ej_builder *b = NULL;
    EXPECT_STATUS(ej_builder_create(&b), EJ_OK);
    EXPECT(b != NULL && ej_builder_error(b) == NULL);
    return b;
}

static ej_kernel *compiles(const ej_builder *b) {
    ej_kernel *k = NULL;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile_builder(NULL, b, NULL, &k, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    return k;
}

/* The only result of a call with one argument. */
static ej_value call(const ej_kernel *k, ej_value argument) {
    ej_value out = ej_i32(-12345);
    EXPECT_STATUS(ej_kernel_call(k, &argument, 1, &out, 1, NULL), EJ_OK);
    return out;
}

static ej_node op1(ej_builder *b, const char *name, ej_node a) { return ej_builder_unary(b, ej_op_find(name), a); }
static ej_node op2(ej_builder *b, const char *name, ej_node x, ej_node y) {
    return ej_builder_binary(b, ej_op_find(name), x, y);
}

static void test_formula(void) {
    ej_builder *b = begin();
    EXPECT(ej_builder_begin_function(b, "formula") == 0);
    const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    const ej_node two = ej_builder_constant(b, ej_f64(2));
    const ej_node y = op2(b, "add", op2(b, "mul", x, two), x);
    EXPECT(op2(b, "mul", x, two) < y); /* equal nodes are made once */
    const size_t nodes = ej_builder_node_count(b);
    EXPECT(op2(b, "add", op2(b, "mul", x, two), x) == y && ej_builder_node_count(b) == nodes);
    EXPECT(ej_builder_type_of(b, y).element == EJ_F64 && ej_builder_type_of(b, y).lanes == 1);
    EXPECT(ej_builder_type_of(b, EJ_NO_NODE).element == EJ_DTYPE_NONE);
    const char *name = "y";
    ej_builder_name_results(b, &name, 1);
    EXPECT(ej_builder_return(b, &y, 1) != EJ_NO_NODE);
    EXPECT(ej_builder_type_of(b, ej_builder_return(NULL, &y, 1)).element == EJ_DTYPE_NONE);
    ej_kernel *k = compiles(b);
    EXPECT(call(k, ej_f64(5)).as.f64 == 15);
    EXPECT(strcmp(ej_kernel_signature(k), "(x: f64) -> (y: f64)") == 0);
    EXPECT(strstr(ej_kernel_source(k), "func @formula(%x: f64)") != NULL);

    char *text = NULL;
    EXPECT_STATUS(ej_builder_print(b, &text, NULL), EJ_OK);
    EXPECT(strcmp(text, ej_kernel_source(k)) == 0);
    ej_kernel *from_text = NULL, *again = NULL, *from_bytes = NULL;
    EXPECT_STATUS(ej_engine_compile_ir(NULL, text, strlen(text), NULL, &from_text, NULL), EJ_OK);
    EXPECT_STATUS(ej_engine_compile_builder(NULL, b, NULL, &again, NULL), EJ_OK);
    ej_kernel_info info = {0};
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(from_text, &info), EJ_OK);
    EXPECT(info.cache_hit == 2); /* the same program in another form */
    EXPECT_STATUS(ej_kernel_get_info(again, &info), EJ_OK);
    EXPECT(info.cache_hit == 1);
    ej_string_free(text);

    uint8_t *bytes = NULL, *kernel_bytes = NULL;
    size_t size = 0, kernel_size = 0;
    EXPECT_STATUS(ej_builder_encode(b, &bytes, &size, NULL), EJ_OK);
    EXPECT_STATUS(ej_kernel_encode(k, &kernel_bytes, &kernel_size, NULL), EJ_OK);
    EXPECT(size == kernel_size && memcmp(bytes, kernel_bytes, size) == 0);
    EXPECT_STATUS(ej_engine_compile_bytes(NULL, bytes, size, NULL, &from_bytes, NULL), EJ_OK);
    EXPECT(call(from_bytes, ej_f64(7)).as.f64 == 21);
    ej_bytes_free(bytes);
    ej_bytes_free(kernel_bytes);

    /* The builder goes on, and kernels outlive it. */
    ej_builder_reset(b);
    EXPECT(ej_builder_node_count(b) == 0);
    ej_builder_begin_function(b, "other name");
    const ej_node z = ej_builder_param(b, "z", ej_type_of(EJ_F64));
    const ej_node r = op2(b, "add", op2(b, "mul", z, ej_builder_constant(b, ej_f64(2))), z);
    ej_builder_return(b, &r, 1);
    ej_kernel *renamed = compiles(b);
    EXPECT_STATUS(ej_kernel_get_info(renamed, &info), EJ_OK);
    EXPECT(info.cache_hit == 2); /* only names differ */
    ej_builder_destroy(b);
    double in[1000], out[1000];
    for (int i = 0; i < 1000; ++i) in[i] = i;
    const ej_column inputs = {in, 8, EJ_F64, 0, NULL, 0}, outputs = {out, 8, EJ_F64, 0, NULL, 0};
    EXPECT_STATUS(ej_kernel_eval(renamed, &inputs, 1, &outputs, 1, 1000, NULL), EJ_OK);
    EXPECT(out[0] == 0 && out[999] == 2997);
    ej_kernel_release(renamed);
    ej_kernel_release(k);
    ej_kernel_release(again);
    ej_kernel_release(from_text);
    ej_kernel_release(from_bytes);
}

static void test_value_operations(void) {
    ej_builder *b = begin();
    ej_builder_begin_function(b, NULL);
    const ej_node x = ej_builder_param(b, NULL, ej_type_of(EJ_F64));
    const ej_node cube = ej_builder_powi(b, x, 3);
    const ej_node as_int = ej_builder_convert(b, ej_op_find("convert"), cube, EJ_I64);
    const ej_node operands[2] = {as_int, ej_builder_constant(b, ej_i64(INT64_MAX))};
    const ej_node sum = ej_builder_op(b, ej_op_find("add_overflow"), operands, 2);
    const ej_node overflows = ej_builder_result(b, sum, 1);
    EXPECT(ej_builder_type_of(b, overflows).element == EJ_BOOL);
    const ej_node y = ej_builder_ternary(b, ej_op_find("select"), overflows, ej_builder_constant(b, ej_f64(1)), x);
    ej_builder_return(b, &y, 1);
    ej_kernel *k = compiles(b);
    EXPECT(call(k, ej_f64(2)).as.f64 == 1);
    EXPECT(call(k, ej_f64(-2)).as.f64 == -2);
    ej_kernel_release(k);
    ej_builder_destroy(b);
    EXPECT(ej_op_find("sin") > 0 && ej_op_find("sinn") == 0 && ej_op_find(NULL) == 0);
}

static void test_steps(void) {
    ej_builder *b = begin();
    ej_builder_begin_function(b, "steps");
    const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    const ej_builder_step steps[4] = {{ej_op_find("sqrt"), EJ_DTYPE_NONE, {x, 0, 0}, 0},
                                      {ej_op_find("powi"), EJ_DTYPE_NONE, {EJ_STEP + 0, 0, 0}, 2},
                                      {ej_op_find("add"), EJ_DTYPE_NONE, {EJ_STEP + 1, EJ_STEP + 0, 0}, 0},
                                      {ej_op_find("float_to_float"), EJ_F32, {EJ_STEP + 2, 0, 0}, 0}};
    ej_node nodes[4];
    const ej_node y = ej_builder_steps(b, steps, 4, nodes);
    EXPECT(y == nodes[3] && ej_builder_error(b) == NULL);
    EXPECT(ej_builder_type_of(b, y).element == EJ_F32);
    ej_builder_return(b, &y, 1);
    ej_kernel *k = compiles(b);
    EXPECT(call(k, ej_f64(9)).as.f32 == 12);
    ej_kernel_release(k);

    const ej_builder_step wrong[3] = {{ej_op_find("sqrt"), EJ_DTYPE_NONE, {EJ_STEP + 0, 0, 0}, 0},
                                      {9999, EJ_DTYPE_NONE, {x, 0, 0}, 0},
                                      {ej_op_find("convert"), 77, {x, 0, 0}, 0}};
    ej_builder_reset(b);
    ej_builder_begin_function(b, "steps");
    ej_builder_param(b, "x", ej_type_of(EJ_F64));
    EXPECT(ej_builder_steps(b, wrong, 3, nodes) == EJ_NO_NODE);
    EXPECT(nodes[0] == EJ_NO_NODE && nodes[1] == EJ_NO_NODE && nodes[2] == EJ_NO_NODE);
    EXPECT(ej_error_count(ej_builder_error(b)) == 3);
    EXPECT(ej_builder_steps(b, NULL, 1, nodes) == EJ_NO_NODE && ej_builder_steps(b, wrong, 1, NULL) == EJ_NO_NODE);
    ej_builder_destroy(b);
    /* However it ends, the nodes are written. */
    nodes[0] = nodes[3] = 5;
    EXPECT(ej_builder_steps(NULL, steps, 4, nodes) == EJ_NO_NODE && nodes[0] == EJ_NO_NODE && nodes[3] == EJ_NO_NODE);
}

/* Sum of table[i] * i over a for, the largest of them by an if, kept in a local array. */
static void test_regions_and_memory(void) {
    ej_builder *b = begin();
    ej_builder_begin_function(b, "regions");
    const ej_node n = ej_builder_param(b, "n", ej_type_of(EJ_I64));
    static const int16_t data[4] = {3, -1, 10, 4};
    const ej_node table = ej_builder_table_node(b, ej_builder_table(b, EJ_I16, data, 4));
    const ej_node room = ej_builder_local(b, EJ_I64, 1);
    const ej_node zero = ej_builder_constant(b, ej_i64(0)), one = ej_builder_constant(b, ej_i64(1));
    EXPECT(ej_builder_type_of(b, table).rank == 1 && ej_builder_type_of(b, table).is_mut == 0);
    EXPECT(ej_builder_type_of(b, room).is_mut == 1);
    const ej_node loop = ej_builder_begin_for(b, zero, n, one, &zero, 1);
    const ej_node i = ej_builder_index(b, loop), sum = ej_builder_carried(b, loop, 0);
    const ej_node item = ej_builder_convert(b, ej_op_find("widen"), ej_builder_load(b, table, &i, 1), EJ_I64);
    ej_builder_begin_if(b, op2(b, "gt", item, ej_builder_load(b, room, &zero, 1)));
    ej_builder_store(b, room, &zero, 1, item);
    ej_builder_yield(b, &one, 1);
    ej_builder_begin_else(b);
    ej_builder_yield(b, &zero, 1);
    EXPECT(ej_builder_type_of(b, ej_builder_end_if(b)).element == EJ_I64);
    const ej_node next = op2(b, "add", sum, op2(b, "mul", item, i));
    ej_builder_yield(b, &next, 1);
    const ej_node total = ej_builder_end_loop(b);
    EXPECT(ej_builder_result(b, total, 0) == total);
    const ej_node results[3] = {total, ej_builder_load(b, room, &zero, 1), ej_builder_len(b, table, 0)};
    ej_builder_return(b, results, 3);
    ej_kernel *k = compiles(b);
    ej_value argument = ej_i64(4), outs[3];
    EXPECT_STATUS(ej_kernel_call(k, &argument, 1, outs, 3, NULL), EJ_OK);
    EXPECT(outs[0].as.i64 == -1 + 20 + 12 && outs[1].as.i64 == 10 && outs[2].as.i64 == 4);
    ej_kernel_release(k);
    ej_builder_destroy(b);
}

/* The number of halvings until 1, by loop, break and continue. */
static void test_loop_and_call(void) {
    ej_builder *b = begin();
    const uint32_t half = ej_builder_begin_function(b, "half");
    const ej_node a = ej_builder_param(b, "a", ej_type_of(EJ_I64));
    const ej_node halves = op2(b, "shr", a, ej_builder_constant(b, ej_i64(1)));
    ej_builder_return(b, &halves, 1);
    EXPECT(ej_builder_begin_function(b, "main") == half + 1);
    const ej_node n = ej_builder_param(b, "n", ej_type_of(EJ_I64));
    const ej_node one = ej_builder_constant(b, ej_i64(1)), zero = ej_builder_constant(b, ej_i64(0));
    EXPECT(ej_builder_check(b, op2(b, "ge", n, one), EJ_CHECK_USER, 42) != EJ_NO_NODE);
    const ej_node inits[2] = {n, zero};
    const ej_node loop = ej_builder_begin_loop(b, inits, 2);
    const ej_node now = ej_builder_carried(b, loop, 0), count = ej_builder_carried(b, loop, 1);
    ej_builder_begin_if(b, op2(b, "le", now, one));
    const ej_node last[2] = {now, count};
    ej_builder_break(b, 0, last, 2);
    ej_builder_begin_else(b);
    const ej_node next[2] = {ej_builder_call(b, half, &now, 1), op2(b, "add", count, one)};
    ej_builder_continue(b, 0, next, 2);
    const ej_type type = ej_type_of(EJ_I64); /* no arm yields: nothing follows, but it has to verify */
    const ej_node never = ej_builder_end_if_as(b, &type, 1);
    const ej_node same[2] = {never, never};
    ej_builder_yield(b, same, 2);
    const ej_node end = ej_builder_end_loop(b);
    const ej_node result = ej_builder_result(b, end, 1);
    ej_builder_return(b, &result, 1);
    ej_kernel *k = compiles(b);
    EXPECT(call(k, ej_i64(1000)).as.i64 == 9);
    ej_value bad = ej_i64(0), out;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_call(k, &bad, 1, &out, 1, &error), EJ_ERR_DOMAIN);
    EXPECT(strstr(ej_error_message(error), "check #42") != NULL);
    ej_error_destroy(error);
    ej_kernel_release(k);
    ej_builder_destroy(b);
}

static void test_lanes_and_rows(void) {
    ej_builder *b = begin();
    ej_builder_begin_function(b, "lanes");
    const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_I64));
    const ej_node many = ej_builder_splat(b, x, 4), steps = ej_builder_iota(b, EJ_I64, 4);
    const ej_node sum = op2(b, "add", many, steps);
    const ej_node mask = op2(b, "gt", sum, ej_builder_constant_lanes(b, ej_i64(5), 4));
    EXPECT(ej_builder_type_of(b, mask).element == EJ_BOOL && ej_builder_type_of(b, mask).lanes == 4);
    const ej_node any = ej_builder_convert(b, ej_op_find("from_bool"), ej_builder_any(b, mask), EJ_I64);
    const ej_node all =
        op2(b, "add", op2(b, "add", any, ej_builder_count_lanes(b, mask)), ej_builder_extract(b, sum, 3));
    ej_builder_return(b, &all, 1);
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.tier = EJ_TIER_INTERPRETER; /* native code has lanes in loops over columns only */
    ej_kernel *k = NULL;
    EXPECT_STATUS(ej_engine_compile_builder(NULL, b, &options, &k, NULL), EJ_OK);
    EXPECT(call(k, ej_i64(4)).as.i64 == 1 + 2 + 7);
    ej_kernel_release(k);

    ej_builder_reset(b);
    ej_builder_begin_function(b, "rows");
    ej_builder_at(b, 10, 14);
    const ej_node v = ej_builder_param(b, "v", ej_type_of(EJ_F64));
    const ej_node total = ej_builder_reduce(b, EJ_REDUCE_SUM, v, ej_builder_constant(b, ej_bool(1)));
    ej_builder_at(b, 1, 0);
    const ej_node root = op1(b, "sqrt", total);
    ej_builder_set_flags(b, EJ_FLAG_CONTRACT);
    ej_builder_return(b, &root, 1);
    char *text = NULL;
    EXPECT_STATUS(ej_builder_print(b, &text, NULL), EJ_OK);
    EXPECT(strstr(text, "!10:14") != NULL && strncmp(text, "flags 1", 7) == 0);
    ej_string_free(text);
    k = compiles(b);
    EXPECT(ej_kernel_is_reducing(k) == 1);
    double in[3] = {1, 3, 5}, out = 0;
    const ej_column input = {in, 8, EJ_F64, 0, NULL, 0}, output = {&out, 8, EJ_F64, 0, NULL, 0};
    EXPECT_STATUS(ej_kernel_eval(k, &input, 1, &output, 1, 3, NULL), EJ_OK);
    EXPECT(out == 3);
    ej_kernel_release(k);
    ej_builder_destroy(b);
}

/* A program that the default engine refuses, encoded for one with higher limits. */
static void test_encode_beyond_default_limits(void) {
    enum { kDepth = 1500 };
    ej_builder *b = begin();
    ej_builder_begin_function(b, "deep");
    const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    const ej_node below = op2(b, "lt", x, ej_builder_constant(b, ej_f64(0)));
    for (int n = 0; n < kDepth; ++n) ej_builder_begin_if(b, below);
    ej_node y = op1(b, "neg", x);
    for (int n = 0; n < kDepth; ++n) {
        ej_builder_yield(b, &y, 1);
        ej_builder_begin_else(b);
        ej_builder_yield(b, &x, 1);
        y = ej_builder_end_if(b);
    }
    ej_builder_return(b, &y, 1);
    uint8_t *bytes = NULL;
    size_t size = 0;
    EXPECT_STATUS(ej_builder_encode(b, &bytes, &size, NULL), EJ_OK);
    ej_engine_options raised = {0};
    raised.struct_size = sizeof raised;
    raised.max_nesting = 2 * kDepth;
    ej_engine *engine = NULL;
    ej_kernel *k = NULL;
    EXPECT_STATUS(ej_engine_create(&raised, &engine, NULL), EJ_OK);
    EXPECT_ERROR(ej_engine_compile_bytes(NULL, bytes, size, NULL, &k, &error), EJ_ERR_LIMIT);
    EXPECT_STATUS(ej_engine_compile_bytes(engine, bytes, size, NULL, &k, NULL), EJ_OK);
    EXPECT(call(k, ej_f64(-3)).as.f64 == 3 && call(k, ej_f64(4)).as.f64 == 4);
    ej_kernel_release(k);
    ej_engine_destroy(engine);
    ej_bytes_free(bytes);
    ej_builder_destroy(b);
}

void test_builder(void) {
    test_formula();
    test_value_operations();
    test_steps();
    test_regions_and_memory();
    test_loop_and_call();
    test_lanes_and_rows();
    test_encode_beyond_default_limits();
}
