/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The round of fail_at.c about the builder. */

/* A program with a region, a table, a function and a mistake; whether that ran through. */
static int use_builder(ej_engine *engine, long at) {
    ej_builder *b = NULL;
    const ej_status created = ej_builder_create(&b);
    expect(created == EJ_OK || created == EJ_ERR_NO_MEMORY, "a builder failed otherwise than by memory", at);
    if (created != EJ_OK) return 0;
    const int32_t add = ej_op_find("add");
    static const double data[3] = {1, 2, 4};
    const uint32_t callee = ej_builder_begin_function(b, "callee, with a name too long for its own place");
    const ej_node p = ej_builder_param(b, "p", ej_type_of(EJ_F64));
    const ej_node twice = ej_builder_binary(b, add, p, p);
    ej_builder_return(b, &twice, 1);
    ej_builder_begin_function(b, "main");
    ej_builder_at(b, 0, 4);
    const ej_node n = ej_builder_param(b, "n", ej_type_of(EJ_I64));
    const ej_node table = ej_builder_table_node(b, ej_builder_table(b, EJ_F64, data, 3));
    const ej_node zero = ej_builder_constant(b, ej_i64(0)), one = ej_builder_constant(b, ej_i64(1));
    const ej_node inits[4] = {ej_builder_constant(b, ej_f64(0)), n, n, n};
    const ej_node loop = ej_builder_begin_for(b, zero, n, one, inits, 4);
    const ej_node i = ej_builder_index(b, loop), item = ej_builder_load(b, table, &i, 1);
    const ej_node next[4] = {ej_builder_binary(b, add, ej_builder_carried(b, loop, 0), item), n, n, n};
    ej_builder_yield(b, next, 4);
    const ej_node sum = ej_builder_end_loop(b);
    const ej_node result = ej_builder_call(b, callee, &sum, 1);
    const ej_builder_step steps[3] = {{add, EJ_DTYPE_NONE, {result, result, 0}, 0},
                                      {ej_op_find("neg"), EJ_DTYPE_NONE, {EJ_STEP + 0, 0, 0}, 0},
                                      {ej_op_find("sqrt"), EJ_DTYPE_NONE, {EJ_STEP + 1, 0, 0}, 0}};
    ej_node nodes[3] = {77777, 77777, 77777};
    ej_builder_steps(b, steps, 3, nodes);
    expect(nodes[0] != 77777 && nodes[1] != 77777 && nodes[2] != 77777, "nodes of steps were not written", at);
    ej_builder_return(b, &result, 1);

    ej_kernel *k = NULL;
    ej_error *error = NULL;
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const ej_status made = ej_engine_compile_builder(engine, b, NULL, &k, &error);
    expect(made == EJ_OK || made == EJ_ERR_NO_MEMORY, "a good program failed otherwise than by memory", at);
    expect((made == EJ_OK) == (k != NULL), "success without a kernel, or a kernel without success", at);
    ej_error_destroy(error);
    int through = made == EJ_OK;
    if (k != NULL) {
        const ej_value argument = ej_i64(3);
        ej_value out = ej_f64(0);
        const ej_status called = ej_kernel_call(k, &argument, 1, &out, 1, NULL);
        expect(called == EJ_OK ? out.as.f64 == 14 : called == EJ_ERR_NO_MEMORY, "a wrong result of a builder", at);
        through = through && called == EJ_OK;
        ej_kernel_release(k);
    }
    const ej_status printed = ej_builder_print(b, &text, NULL), encoded = ej_builder_encode(b, &bytes, &size, NULL);
    expect(printed == EJ_OK || printed == EJ_ERR_NO_MEMORY, "printing failed otherwise than by memory", at);
    expect(encoded == EJ_OK || encoded == EJ_ERR_NO_MEMORY, "encoding failed otherwise than by memory", at);
    through = through && printed == EJ_OK && encoded == EJ_OK;
    ej_string_free(text);
    ej_bytes_free(bytes);

    ej_builder_reset(b);
    ej_builder_begin_function(b, "main");
    const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_BOOL));
    expect(ej_builder_binary(b, add, x, x) == EJ_NO_NODE, "a mistake was not noticed", at);
    const ej_status kind = ej_error_status(ej_builder_error(b));
    expect(kind == EJ_ERR_TYPE || kind == EJ_ERR_NO_MEMORY, "the mistake is another", at);
    through = through && kind == EJ_ERR_TYPE;
    ej_builder_destroy(b);
    return through;
}
