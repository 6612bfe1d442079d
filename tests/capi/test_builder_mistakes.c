/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Everything a caller of the builder can do wrong: the call gives EJ_NO_NODE, the mistake is described with function, node
 * and operation, and compiling fails with it. */
#include "expect.h"

#include <stdlib.h>

/* What every mistake is made in: main(x: f64, i: i64, c: bool, a: const array, m: mut array). */
static ej_builder *b;
static ej_node x, i, c, a, m, one;

static void fresh(void) {
    ej_builder_reset(b);
    ej_builder_begin_function(b, "main");
    x = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    i = ej_builder_param(b, "i", ej_type_of(EJ_I64));
    c = ej_builder_param(b, "c", ej_type_of(EJ_BOOL));
    a = ej_builder_param(b, "a", ej_type_array(EJ_F64, 1, 0));
    m = ej_builder_param(b, "m", ej_type_array(EJ_F64, 2, 1));
    one = ej_builder_constant(b, ej_i64(1));
    EXPECT(ej_builder_error(b) == NULL);
}

static void expect_said(const char *file, int line, const char *wanted) {
    const ej_error *error = ej_builder_error(b);
    ++expect_count;
    if (error == NULL || strstr(ej_error_render(error), wanted) == NULL) {
        ++expect_failures;
        fprintf(stderr, "%s:%d: expected a mistake with '%s', found: %s\n", file, line, wanted, ej_error_render(error));
    }
    ej_kernel *k = NULL;
    ej_error *compile_error = NULL;
    EXPECT(ej_engine_compile_builder(NULL, b, NULL, &k, &compile_error) == ej_error_status(error));
    EXPECT(k == NULL && compile_error != NULL);
    EXPECT(strcmp(ej_error_message(compile_error), ej_error_message(error)) == 0);
    ej_error_destroy(compile_error);
    char *text = NULL;
    EXPECT_STATUS(ej_builder_print(b, &text, NULL), EJ_OK); /* whatever state it is in */
    ej_string_free(text);
    uint8_t *bytes = NULL;
    size_t size = 0;
    EXPECT(ej_builder_encode(b, &bytes, &size, NULL) != EJ_OK && bytes == NULL && size == 0);
}

/* The call must be refused with a message that holds `wanted`. */
#define MISTAKE(call, wanted)                                                                                          \
    do {                                                                                                               \
        EXPECT((call) == EJ_NO_NODE);                                                                                  \
        expect_said(__FILE__, __LINE__, wanted);                                                                       \
        fresh();                                                                                                       \
    } while (0)

static ej_node op(const char *name, ej_node p, ej_node q) { return ej_builder_binary(b, ej_op_find(name), p, q); }

static void test_values(void) {
    const int32_t add = ej_op_find("add"), convert = ej_op_find("convert");
    MISTAKE(op("add", x, i), "function 'main', node %6 (add): operand 1, %1, is i64, expected f64");
    MISTAKE(op("and", x, x), "(and): cannot work on f64");
    MISTAKE(op("add", a, x), "(add): cannot work on array<f64,1>");
    MISTAKE(op("add", x, a), "operand 1, %3, is array<f64,1>, expected f64");
    MISTAKE(op("add", x, 900), "operand 1, %900, is not defined before it is used");
    MISTAKE(op("add", x, EJ_NO_NODE), "operand 1 is no node");
    MISTAKE(ej_builder_binary(b, 0, x, x), "there is no operation with code 0");
    MISTAKE(ej_builder_binary(b, -3, x, x), "there is no operation with code -3");
    MISTAKE(ej_builder_binary(b, 1 << 20, x, x), "there is no operation with code 1048576");
    MISTAKE(ej_builder_unary(b, add, x), "(add): has 1 operands, expected 2");
    MISTAKE(ej_builder_ternary(b, add, x, x, x), "(add): has 3 operands, expected 2");
    MISTAKE(ej_builder_op(b, add, NULL, 2), "(add): its 2 operands are at NULL");
    MISTAKE(ej_builder_op_named(b, "sine", EJ_DTYPE_NONE, &x, 1), "node %6: there is no operation 'sine'");
    MISTAKE(ej_builder_op_named(b, "", EJ_F64, &x, 1), "there is no operation ''");
    MISTAKE(ej_builder_op_named(b, NULL, EJ_F64, &x, 1), "the name of an operation is NULL");
    MISTAKE(ej_builder_op_named(b, "sin", EJ_DTYPE_NONE, NULL, 1), "(sin): its 1 operands are at NULL");
    MISTAKE(ej_builder_op_named(b, "convert", EJ_DTYPE_NONE, &i, 1), "(convert): needs the type it gives");
    MISTAKE(ej_builder_op_named(b, "convert", EJ_I16, &i, 1), "type 7, which no value has");
    EXPECT(ej_builder_op_named(b, "sqrt", EJ_DTYPE_NONE, &x, 1) == ej_builder_unary(b, ej_op_find("sqrt"), x));
    EXPECT(ej_builder_op_named(b, "convert", EJ_F64, &i, 1) == ej_builder_convert(b, convert, i, EJ_F64));
    fresh();
    MISTAKE(op("for", i, i), "(for): is not a value operation");
    MISTAKE(op("load", a, i), "(load): is not a value operation");
    MISTAKE(ej_builder_unary(b, ej_op_find("sqrt"), i), "it takes f32, f64");
    MISTAKE(ej_builder_unary(b, convert, x), "(convert): needs the type it gives");
    MISTAKE(ej_builder_convert(b, ej_op_find("sqrt"), x, EJ_F64), "does not choose its type");
    MISTAKE(ej_builder_convert(b, convert, x, EJ_I16), "type 7, which no value has");
    MISTAKE(ej_builder_convert(b, ej_op_find("widen"), x, EJ_I64), "(widen): cannot work on f64");
    MISTAKE(ej_builder_convert(b, ej_op_find("wrap"), i, EJ_F64), "(wrap): cannot give f64");
    MISTAKE(ej_builder_convert(b, ej_op_find("bits"), x, EJ_I32), "converts between equal widths only");
    MISTAKE(ej_builder_convert(b, ej_op_find("raw_bits"), x, EJ_I64), "is made by passes only");
    MISTAKE(ej_builder_powi(b, x, 17), "exponent 17 is outside -16 to 16");
    MISTAKE(ej_builder_powi(b, i, -1), "exponent -1 is outside 0 to 16");
    ej_value bad = ej_f64(1);
    bad.type = EJ_U8;
    MISTAKE(ej_builder_constant(b, bad), "(const): is to have type 8");
    MISTAKE(ej_builder_constant_lanes(b, ej_f64(1), 3), "cannot have 3 lanes");
    MISTAKE(ej_builder_result(b, x, 1), "%0 has 1 results, there is no 1");
    MISTAKE(ej_builder_result(b, 900, 0), "%900 has 0 results");
    ej_builder_set_flags(b, 64);
    MISTAKE(EJ_NO_NODE, "flags 64 do not exist");
}

static void test_function_mistakes(void) {
    MISTAKE(ej_builder_param(b, "late", ej_type_of(EJ_F64)), "(param): comes after other nodes");
    ej_builder_reset(b);
    MISTAKE(ej_builder_param(b, "x", ej_type_of(EJ_F64)), "no function was begun");
    ej_builder_reset(b);
    MISTAKE(ej_builder_return(b, NULL, 0), "no function was begun");
    static const ej_type types[] = {{EJ_DTYPE_NONE, 1, 0, 0}, {99, 1, 0, 0},       {EJ_I8, 1, 0, 0},
                                    {EJ_F64, 3, 0, 0},        {EJ_F64, 128, 0, 0}, {EJ_F64, 1, 4, 0},
                                    {EJ_F64, 1, -1, 0},       {EJ_F64, 2, 1, 0},   {EJ_F64, 1, 1, 7}};
    for (size_t t = 0; t < sizeof types / sizeof *types; ++t) {
        ej_builder_reset(b);
        ej_builder_begin_function(b, "f");
        MISTAKE(ej_builder_param(b, "x", types[t]), "(param): has a type that does not exist");
    }
    MISTAKE(ej_builder_begin_function(b, "next"), "function 'main': does not end with return");
    MISTAKE(ej_builder_return(b, &a, 1), "operand 0, %3, is no value");
    MISTAKE(ej_builder_return(b, NULL, 1), "(return): its 1 operands are at NULL");
    ej_builder_return(b, &x, 1);
    MISTAKE(op("add", x, x), "(add): follows the end of its region");
    ej_builder_return(b, &x, 1);
    MISTAKE(ej_builder_return(b, &x, 1), "follows the end of its region");
    ej_builder_name_results(b, NULL, 2);
    MISTAKE(EJ_NO_NODE, "the names of its results are at NULL");
    MISTAKE(ej_builder_call(b, 0, NULL, 0), "(call): calls function 0 from function 0");
    MISTAKE(ej_builder_call(b, 7, &x, 1), "(call): calls function 7 from function 0");
    MISTAKE(ej_builder_call(b, 0, NULL, 3), "(call): its 3 operands are at NULL");
    for (int wrong = 0; wrong < 2; ++wrong) {
        ej_builder_reset(b);
        ej_builder_begin_function(b, "callee");
        const ej_node p = ej_builder_param(b, "p", ej_type_array(EJ_F64, 1, 1));
        ej_builder_return(b, NULL, 0);
        ej_builder_begin_function(b, "main");
        const ej_node q = ej_builder_param(b, "q", ej_type_array(EJ_F64, 1, 0));
        EXPECT(p == q);
        MISTAKE(ej_builder_call(b, 0, &q, wrong), wrong ? "argument 0 is const" : "(call): has 0 operands, expected 1");
    }
}

static void test_memory(void) {
    const ej_node two[4] = {i, i, i, i};
    MISTAKE(ej_builder_load(b, x, &i, 1), "(load): operand 0 is not an array");
    MISTAKE(ej_builder_load(b, a, &x, 1), "operand 1 is f64, an index must be i64");
    MISTAKE(ej_builder_load(b, a, two, 2), "has 3 operands, but array<f64,1> needs 1 index");
    MISTAKE(ej_builder_load(b, m, two, 4), "has 5 operands, but mut array<f64,2> needs 2 indices");
    MISTAKE(ej_builder_load(b, a, NULL, 0), "(load)");
    MISTAKE(ej_builder_load(b, a, NULL, 1), "(load): its 1 operands are at NULL");
    MISTAKE(ej_builder_store(b, a, &i, 1, x), "(store): stores to a array<f64,1>");
    MISTAKE(ej_builder_store(b, m, two, 2, i), "operand 3, %1, is i64, expected f64");
    MISTAKE(ej_builder_store(b, m, NULL, 2, i), "(store): its 2 operands are at NULL");
    MISTAKE(ej_builder_len(b, a, 1), "dimension 1 does not exist");
    MISTAKE(ej_builder_len(b, a, -1), "does not exist");
    MISTAKE(ej_builder_len(b, x, 0), "expected an array");
    MISTAKE(ej_builder_local(b, 50, 4), "type 50, which no element has");
    MISTAKE(ej_builder_local(b, EJ_F64, SIZE_MAX), "the local arrays of one function take more than 65536 bytes");
    MISTAKE(ej_builder_local(b, EJ_F64, 1000000),
            "(local): has 1000000 elements of 8 bytes, with which the local arrays");
    MISTAKE(ej_builder_local(b, EJ_BOOL, 65536), "take more than 65536 bytes\n  = hint: pass the array as a parameter");
    EXPECT(ej_builder_local(b, EJ_F64, 8191) != EJ_NO_NODE && ej_builder_error(b) == NULL);
    MISTAKE(ej_builder_local(b, EJ_F64, 1), "take more than 65536 bytes");
    MISTAKE(ej_builder_table_node(b, 3), "table 3 does not exist");
    MISTAKE(ej_builder_table(b, 0, &x, 1), "type 0, which no element has");
    MISTAKE(ej_builder_table(b, EJ_F64, NULL, 1), "its 1 elements are at NULL");
    MISTAKE(ej_builder_table(b, EJ_F64, &x, SIZE_MAX / 8 + 2), "bytes in constant tables");
    MISTAKE(ej_builder_table(b, EJ_F64, &x, (size_t)2 << 20),
            "the limit is 16777216\n  = hint: split it; this limit is");
    static const uint8_t seven = 7;
    MISTAKE(ej_builder_table(b, EJ_BOOL, &seven, 1), "table 0, element 0: a bool is 0 or 1");
    MISTAKE(ej_builder_check(b, x, EJ_CHECK_USER, 0), "(check): operand 0 is f64, expected bool");
    MISTAKE(ej_builder_check(b, c, 99, 0), "(check): names no check code");
    MISTAKE(ej_builder_any(b, x), "(any): operand 0 is f64, expected bool lanes");
    MISTAKE(ej_builder_count_lanes(b, i), "expected bool lanes");
    MISTAKE(ej_builder_splat(b, x, 5), "cannot have 5 lanes");
    MISTAKE(ej_builder_splat(b, x, 1), "expected lanes of f64");
    MISTAKE(ej_builder_splat(b, a, 4), "expected a scalar");
    MISTAKE(ej_builder_extract(b, x, 0), "expected lanes");
    MISTAKE(ej_builder_extract(b, ej_builder_splat(b, x, 4), 4), "lane 4 does not exist");
    MISTAKE(ej_builder_extract(b, ej_builder_splat(b, x, 4), -1), "does not exist");
    MISTAKE(ej_builder_iota(b, EJ_F64, 4), "expected lanes of i32 or i64");
    MISTAKE(ej_builder_iota(b, EJ_I64, 0), "cannot have 0 lanes");
    MISTAKE(ej_builder_iota(b, EJ_U8, 4), "type 8, which no value has");
    MISTAKE(ej_builder_reduce(b, 99, x, c), "kind of reduction 99 does not exist");
    MISTAKE(ej_builder_reduce(b, -1, x, c), "does not exist");
    MISTAKE(ej_builder_reduce(b, EJ_REDUCE_SUM, c, c), "cannot reduce bool by sum");
    MISTAKE(ej_builder_reduce(b, EJ_REDUCE_SUM, x, x), "operand 1, %0, is f64, expected bool");
    ej_builder_begin_if(b, c);
    MISTAKE(ej_builder_reduce(b, EJ_REDUCE_SUM, x, c), "stands inside an if or loop");
}

static void test_regions(void) {
    MISTAKE(ej_builder_begin_if(b, x), "(if): operand 0, %0, is f64, expected bool");
    MISTAKE(ej_builder_begin_if(b, 700), "(if): operand 0, %700, is not defined");
    MISTAKE(ej_builder_begin_if(b, EJ_NO_NODE), "(if): operand 0 is no node");
    MISTAKE(ej_builder_begin_else(b), "(else): does not divide an if");
    MISTAKE(ej_builder_end_if(b), "(end_if): closes no if");
    MISTAKE(ej_builder_end_loop(b), "(end_loop): closes no loop");
    MISTAKE(ej_builder_yield(b, &x, 1), "(yield): stands outside any region");
    MISTAKE(ej_builder_break(b, 0, NULL, 0), "leaves 0 loops, but only 0 are open");
    MISTAKE(ej_builder_continue(b, 3, NULL, 0), "leaves 3 loops, but only 0 are open");
    MISTAKE(ej_builder_begin_for(b, x, i, i, NULL, 0), "(for): operand 0, %0, is f64, expected i64");
    MISTAKE(ej_builder_begin_for(b, i, i, i, &a, 1), "only values can be carried by a loop");
    MISTAKE(ej_builder_begin_for(b, i, i, i, NULL, 1), "(for): its 1 operands are at NULL");
    MISTAKE(ej_builder_begin_loop(b, NULL, 5), "(loop): its 5 operands are at NULL");
    MISTAKE(ej_builder_index(b, x), "%0 is no for");
    MISTAKE(ej_builder_carried(b, x, 0), "%0 is no loop");
    const ej_node f = ej_builder_begin_for(b, i, i, one, &x, 1);
    MISTAKE(ej_builder_carried(b, f, 1), "carries 1 values, there is no 1");
    const ej_node l = ej_builder_begin_loop(b, &x, 1);
    MISTAKE(ej_builder_index(b, l), "is no for");

    ej_builder_begin_if(b, c);
    MISTAKE(ej_builder_begin_else(b), "(else): the region before it has no end"); /* missing yield */
    ej_builder_begin_if(b, c);
    ej_builder_yield(b, NULL, 0);
    MISTAKE(ej_builder_end_if(b), "closes an if that has no else");
    ej_builder_begin_if(b, c);
    ej_builder_yield(b, NULL, 0);
    ej_builder_begin_else(b);
    ej_builder_yield(b, NULL, 0);
    MISTAKE(ej_builder_begin_else(b), "an if has one else");
    ej_builder_begin_if(b, c);
    ej_builder_yield(b, &x, 1);
    ej_builder_begin_else(b);
    ej_builder_yield(b, &i, 1);
    MISTAKE(ej_builder_end_if(b), "(yield): value 0, %1, is i64, but the result is f64");
    ej_builder_begin_if(b, c);
    ej_builder_yield(b, &x, 1);
    ej_builder_begin_else(b);
    ej_builder_yield(b, NULL, 0);
    MISTAKE(ej_builder_end_if(b), "yields 0 values, but its if has 1 result");
    ej_builder_begin_if(b, c);
    const ej_node inside = op("add", x, x);
    ej_builder_yield(b, NULL, 0);
    ej_builder_begin_else(b);
    ej_builder_yield(b, NULL, 0);
    ej_builder_end_if(b);
    MISTAKE(op("mul", inside, x), "belongs to a region that has ended");
    ej_builder_begin_if(b, c);
    const ej_type wrong = ej_type_array(EJ_F64, 1, 0);
    ej_builder_return(b, &x, 1);
    ej_builder_begin_else(b);
    ej_builder_return(b, &x, 1);
    MISTAKE(ej_builder_end_if_as(b, &wrong, 1), "a result of an if is a value");
    ej_builder_begin_if(b, c);
    MISTAKE(ej_builder_end_if_as(b, NULL, 1), "the types of its 1 results are at NULL");

    ej_builder_begin_for(b, i, i, one, &x, 1);
    MISTAKE(ej_builder_yield(b, &i, 1), "value 0, %1, is i64, but the carried value is f64");
    ej_builder_begin_for(b, i, i, one, &x, 1);
    MISTAKE(ej_builder_break(b, 0, NULL, 0), "gives 0 values, but its loop carries 1");
    ej_builder_begin_for(b, i, i, one, NULL, 0);
    MISTAKE(ej_builder_end_loop(b), "(end_for): the region before it has no end");
    ej_builder_begin_for(b, i, i, one, NULL, 0);
    MISTAKE(ej_builder_end_if(b), "end the loop inside it first");
    ej_builder_begin_if(b, c);
    MISTAKE(ej_builder_end_loop(b), "end the if inside it first");
    ej_builder_begin_if(b, c);
    ej_builder_return(b, &x, 1);
    ej_builder_begin_else(b);
    MISTAKE(ej_builder_return(b, &i, 1), "but the function's result is f64");

    /* Found when the program is complete, not by a call. */
    ej_kernel *k = NULL;
    ej_builder_begin_for(b, i, i, one, NULL, 0);
    EXPECT(ej_builder_error(b) == NULL);
    EXPECT_ERROR(ej_engine_compile_builder(NULL, b, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    fresh();
    ej_builder_return(b, &x, 1);
    EXPECT(ej_builder_error(b) == NULL);
    EXPECT_ERROR(ej_engine_compile_builder(NULL, b, NULL, &k, &error), EJ_ERR_UNSUPPORTED); /* array parameters */
    ej_builder_reset(b);
    EXPECT_ERROR(ej_engine_compile_builder(NULL, b, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT); /* no function */
    fresh();
}

/* One mistake does not hide the next, what follows from it is silent, and the program can be written to its end. */
static void test_several(void) {
    const ej_node lost = op("add", x, i);
    const ej_node silent = op("mul", lost, x);
    EXPECT(lost == EJ_NO_NODE && silent == EJ_NO_NODE && ej_error_count(ej_builder_error(b)) == 1);
    EXPECT(op("sub", i, x) == EJ_NO_NODE && ej_error_count(ej_builder_error(b)) == 2);
    EXPECT(op("mul_overflow", x, x) == EJ_NO_NODE && ej_error_count(ej_builder_error(b)) == 3);
    EXPECT(op("mul", x, x) != EJ_NO_NODE);
    EXPECT(ej_builder_return(b, &silent, 1) == EJ_NO_NODE && ej_error_count(ej_builder_error(b)) == 3);
    for (int n = 0; n < 50; ++n) op("add", x, i);
    EXPECT(ej_error_count(ej_builder_error(b)) <= 10);
    fresh();
    for (int n = 0; n < 50; ++n) op("add", x, i);
    EXPECT(ej_error_count(ej_builder_error(b)) == 10);

    /* Values can be taken back, structure cannot. */
    fresh();
    const size_t nodes = ej_builder_node_count(b);
    const ej_node many[5] = {x, x, x, x, x};
    EXPECT(op("add", x, i) == EJ_NO_NODE && ej_builder_load(b, a, many, 5) == EJ_NO_NODE);
    EXPECT(ej_builder_node_count(b) == nodes && ej_builder_error(b) != NULL);
    ej_builder_clear_error(b);
    EXPECT(ej_builder_error(b) == NULL && op("add", x, i) == EJ_NO_NODE);
    ej_builder_clear_error(b);
    const ej_node loop = ej_builder_begin_loop(b, many, 5);
    EXPECT(ej_builder_break(b, 0, many, 5) != EJ_NO_NODE && ej_builder_end_loop(b) != EJ_NO_NODE && loop != EJ_NO_NODE);
    EXPECT(ej_builder_return(b, &x, 1) != EJ_NO_NODE && ej_builder_error(b) == NULL);
    fresh();
    ej_builder_begin_if(b, x);
    ej_builder_clear_error(b);
    EXPECT(ej_builder_error(b) != NULL);
}

static void test_limit_mistakes(void) {
    ej_engine *engine = NULL;
    ej_engine_options options = {0};
    options.struct_size = sizeof options;
    options.max_nodes = 100;
    options.max_nesting = 5;
    EXPECT_STATUS(ej_engine_create(&options, &engine, NULL), EJ_OK);
    ej_kernel *k = NULL;
    ej_builder_reset(b);
    ej_builder_begin_function(b, "many");
    ej_node y = ej_builder_param(b, "x", ej_type_of(EJ_F64));
    for (int n = 0; n < 200; ++n) y = op("add", y, ej_builder_constant(b, ej_f64(n)));
    ej_builder_return(b, &y, 1);
    EXPECT_ERROR(ej_engine_compile_builder(engine, b, NULL, &k, &error), EJ_ERR_LIMIT);
    EXPECT_STATUS(ej_engine_compile_builder(NULL, b, NULL, &k, NULL), EJ_OK);
    ej_kernel_release(k);
    k = NULL;
    ej_builder_reset(b);
    ej_builder_begin_function(b, "deep");
    const ej_node cond = ej_builder_param(b, "c", ej_type_of(EJ_BOOL));
    for (int n = 0; n < 6; ++n) ej_builder_begin_if(b, cond);
    for (int n = 0; n < 6; ++n) {
        ej_builder_yield(b, NULL, 0);
        ej_builder_begin_else(b);
        ej_builder_yield(b, NULL, 0);
        ej_builder_end_if(b);
    }
    ej_builder_return(b, &cond, 1);
    EXPECT(ej_builder_error(b) == NULL);
    EXPECT_ERROR(ej_engine_compile_builder(engine, b, NULL, &k, &error), EJ_ERR_LIMIT);
    ej_engine_destroy(engine);
}

/* Limits that no engine raises say so. */
static void test_fixed_limits(void) {
    ej_builder_reset(b);
    ej_builder_begin_function(b, "main");
    for (int n = 0; n < 4096; ++n) x = ej_builder_param(b, NULL, ej_type_of(EJ_F64));
    EXPECT(ej_builder_error(b) == NULL);
    MISTAKE(ej_builder_param(b, "x", ej_type_of(EJ_F64)),
            "parameters: the limit is 4096\n  = hint: split it; this limit is fixed");
    static ej_node many[65537];
    for (size_t n = 0; n < sizeof many / sizeof *many; ++n) many[n] = x;
    MISTAKE(ej_builder_return(b, many, 65537), "the limit is 65536\n  = hint: split it; this limit is fixed");
    ej_builder_reset(b);
    for (int n = 0; n < 4096; ++n) {
        ej_builder_begin_function(b, NULL);
        ej_builder_return(b, NULL, 0);
    }
    EXPECT(ej_builder_error(b) == NULL);
    MISTAKE(ej_builder_begin_function(b, NULL),
            "functions: the limit is 4096\n  = hint: split it; this limit is fixed");
}

static void test_nulls(void) {
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    ej_kernel *k = NULL;
    EXPECT_STATUS(ej_builder_create(NULL), EJ_ERR_INVALID_ARGUMENT);
    ej_builder_destroy(NULL);
    ej_builder_reset(NULL);
    ej_builder_clear_error(NULL);
    ej_builder_at(NULL, 0, 1);
    ej_builder_name_results(NULL, NULL, 0);
    ej_builder_set_flags(NULL, 0);
    EXPECT(ej_builder_error(NULL) == NULL && ej_builder_node_count(NULL) == 0);
    EXPECT(ej_builder_type_of(NULL, 0).element == EJ_DTYPE_NONE);
    EXPECT(ej_builder_begin_function(NULL, "f") == EJ_NO_NODE && ej_builder_constant(NULL, ej_f64(1)) == EJ_NO_NODE);
    EXPECT(ej_builder_begin_if(NULL, 0) == EJ_NO_NODE && ej_builder_yield(NULL, NULL, 0) == EJ_NO_NODE);
    EXPECT_ERROR(ej_engine_compile_builder(NULL, NULL, NULL, &k, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_builder(NULL, b, NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_builder_print(NULL, &text, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_builder_print(b, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_builder_encode(NULL, &bytes, &size, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_builder_encode(b, NULL, &size, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_builder_encode(b, &bytes, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
}

void test_builder_mistakes(void) {
    EXPECT_STATUS(ej_builder_create(&b), EJ_OK);
    fresh();
    test_values();
    test_function_mistakes();
    test_memory();
    test_regions();
    test_several();
    test_limit_mistakes();
    test_fixed_limits();
    test_nulls();
    ej_builder_destroy(b);
}
