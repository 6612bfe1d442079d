/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * IR bytes: out of a kernel, into another engine, and what is refused. */
#include <stdlib.h>

#include "expect.h"

static uint8_t *bytes_of(const ej_kernel *kernel, size_t *size) {
    uint8_t *bytes = NULL;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_encode(kernel, &bytes, size, &error), EJ_OK);
    EXPECT(bytes != NULL && *size > 40 && memcmp(bytes + 4, "EJIR", 4) == 0);
    EXPECT(error == NULL);
    return bytes;
}

static ej_kernel *from_bytes(ej_engine *engine, const uint8_t *bytes, size_t size, const ej_compile_options *options) {
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    EXPECT_STATUS(ej_engine_compile_bytes(engine, bytes, size, options, &kernel, &error), EJ_OK);
    if (error != NULL) fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    return kernel;
}

static int32_t hit_of(const ej_kernel *kernel) {
    ej_kernel_info info = {0};
    info.struct_size = sizeof info;
    EXPECT_STATUS(ej_kernel_get_info(kernel, &info), EJ_OK);
    return info.cache_hit;
}

static void test_there_and_back(void) {
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(NULL, &engine, NULL), EJ_OK);
    ej_kernel *k = expect_compiles(engine, "s = a // b\nt = s * 1.5", NULL);
    size_t size = 0;
    uint8_t *bytes = bytes_of(k, &size);
    /* The same program: found in the cache by what it means, then by its bytes. */
    ej_kernel *again = from_bytes(engine, bytes, size, NULL);
    EXPECT(hit_of(again) == 2);
    ej_kernel *third = from_bytes(engine, bytes, size, NULL);
    EXPECT(hit_of(third) == 1);
    ej_kernel_release(third);
    EXPECT(strcmp(ej_kernel_signature(again), "(a: f64, b: f64) -> (s: f64, t: f64)") == 0);
    /* Its source is IR text, which goes in again. */
    ej_kernel *text = NULL;
    const char *source = ej_kernel_source(again);
    EXPECT(strstr(source, "floor_div f64 %a, %b") != NULL);
    EXPECT(ej_kernel_source(again) == source);
    EXPECT_STATUS(ej_engine_compile_ir(engine, source, strlen(source), NULL, &text, NULL), EJ_OK);
    EXPECT(hit_of(text) == 2);
    ej_kernel_release(text);
    char *dumped = NULL;
    EXPECT_STATUS(ej_kernel_dump(again, EJ_DUMP_IR, NULL, &dumped, NULL), EJ_OK);
    EXPECT(strcmp(dumped, source) == 0);
    ej_string_free(dumped);
    EXPECT_STATUS(ej_kernel_dump(again, EJ_DUMP_OPT, NULL, &dumped, NULL), EJ_OK);
    ej_string_free(dumped);
    /* Another engine that never saw the text; bytes at an odd address. */
    ej_engine *other = NULL;
    EXPECT_STATUS(ej_engine_create(NULL, &other, NULL), EJ_OK);
    uint8_t *moved = malloc(size + 1);
    memcpy(moved + 1, bytes, size);
    ej_kernel *far = from_bytes(other, moved + 1, size, NULL);
    free(moved);
    EXPECT(hit_of(far) == 0);
    const ej_value args[2] = {ej_f64(7), ej_f64(2)};
    ej_value outs[2];
    EXPECT_STATUS(ej_kernel_call(far, args, 2, outs, 2, NULL), EJ_OK);
    EXPECT(outs[0].as.f64 == 3 && outs[1].as.f64 == 4.5);
    /* Bytes of bytes are the same bytes. */
    size_t second_size = 0;
    uint8_t *second = bytes_of(far, &second_size);
    EXPECT(second_size == size && memcmp(second, bytes, size) == 0);
    ej_bytes_free(second);
    ej_kernel_release(far);
    ej_engine_destroy(other);
    ej_kernel_release(again);
    ej_kernel_release(k);
    ej_bytes_free(bytes);
    ej_bytes_free(NULL);
    ej_engine_destroy(engine);
}

static int same_bytes(ej_kernel *a, ej_kernel *b) {
    size_t a_size = 0, b_size = 0;
    uint8_t *a_bytes = bytes_of(a, &a_size), *b_bytes = bytes_of(b, &b_size);
    const int same = a_size == b_size && memcmp(a_bytes, b_bytes, a_size) == 0;
    ej_bytes_free(a_bytes);
    ej_bytes_free(b_bytes);
    ej_kernel_release(a);
    ej_kernel_release(b);
    return same;
}

static void test_bytes_name_the_program(void) {
    ej_param params[2] = {{"i", EJ_I64, 0}, {"j", EJ_I64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    options.params_declared = 1;
    /* Blanks and comments do not count, though this program has a check with a place in the text. */
    EXPECT(same_bytes(expect_compiles(NULL, "i//j+1", &options), expect_compiles(NULL, "  i // j   + 1", &options)));
    EXPECT(!same_bytes(expect_compiles(NULL, "a+b", NULL), expect_compiles(NULL, "a+c", NULL)));
    /* The tier does not count; what changes results does. */
    ej_compile_options plain = {0}, fast = {0}, contract = {0};
    plain.struct_size = fast.struct_size = contract.struct_size = sizeof plain;
    plain.tier = EJ_TIER_BASELINE;
    fast.accuracy = EJ_ACCURACY_FAST;
    contract.flags = EJ_FLAG_CONTRACT;
    EXPECT(same_bytes(expect_compiles(NULL, "a*b+c", NULL), expect_compiles(NULL, "a*b+c", &plain)));
    EXPECT(!same_bytes(expect_compiles(NULL, "a*b+c", NULL), expect_compiles(NULL, "a*b+c", &fast)));
    EXPECT(!same_bytes(expect_compiles(NULL, "a*b+c", NULL), expect_compiles(NULL, "a*b+c", &contract)));
    /* And it travels: the kernel from bytes is contracted without being told. */
    ej_kernel *k = expect_compiles(NULL, "a*b+c", &contract);
    size_t size = 0;
    uint8_t *bytes = bytes_of(k, &size);
    ej_kernel *again = from_bytes(NULL, bytes, size, NULL);
    EXPECT(hit_of(again) == 2);
    const ej_value args[3] = {ej_f64(1 + 0x1p-30), ej_f64(1 - 0x1p-30), ej_f64(-1)};
    ej_value out = ej_f64(0);
    EXPECT_STATUS(ej_kernel_call(again, args, 3, &out, 1, NULL), EJ_OK);
    EXPECT(out.as.f64 == -0x1p-60);
    ej_kernel_release(again);
    ej_kernel_release(k);
    ej_bytes_free(bytes);
}

static void test_run_time_errors(void) {
    ej_param params[2] = {{"i", EJ_I64, 0}, {"j", EJ_I64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    ej_kernel *k = expect_compiles(NULL, "i % j", &options);
    size_t size = 0;
    uint8_t *bytes = bytes_of(k, &size);
    ej_kernel *again = from_bytes(NULL, bytes, size, NULL);
    const ej_value args[2] = {ej_i64(1), ej_i64(0)};
    ej_value out = ej_f64(0);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_call(again, args, 2, &out, 1, &error), EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(strstr(ej_error_message(error), "check #0 failed") != NULL);
    ej_error_destroy(error);
    ej_kernel_release(again);
    ej_kernel_release(k);
    ej_bytes_free(bytes);

    /* Reductions, over columns. */
    k = expect_compiles(NULL, "sum(x) / count()", NULL);
    bytes = bytes_of(k, &size);
    again = from_bytes(NULL, bytes, size, NULL);
    EXPECT(ej_kernel_is_reducing(again) == 1);
    double x[4] = {1, 2, 3, 6}, mean = 0;
    ej_column columns[2];
    memset(columns, 0, sizeof columns);
    columns[0].data = x, columns[0].dtype = EJ_F64, columns[0].stride = sizeof x[0];
    columns[1].data = &mean, columns[1].dtype = EJ_F64, columns[1].stride = 0;
    EXPECT_STATUS(ej_kernel_eval(again, columns, 1, columns + 1, 1, 4, NULL), EJ_OK);
    EXPECT(mean == 3);
    ej_kernel_release(again);
    ej_kernel_release(k);
    ej_bytes_free(bytes);
}

static void test_refused(void) {
    ej_kernel *k = expect_compiles(NULL, "a + 1", NULL);
    size_t size = 0;
    uint8_t *bytes = bytes_of(k, &size);
    uint8_t *none = NULL;
    ej_error *error = NULL;
    ej_kernel *made = NULL;
    EXPECT_ERROR(ej_kernel_encode(NULL, &none, &size, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT(size == 0 && none == NULL);
    EXPECT_ERROR(ej_kernel_encode(k, NULL, &size, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_encode(k, &none, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    ej_bytes_free(bytes);
    bytes = bytes_of(k, &size);
    EXPECT_ERROR(ej_engine_compile_bytes(NULL, NULL, 3, NULL, &made, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_bytes(NULL, bytes, size, NULL, NULL, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_engine_compile_bytes(NULL, NULL, 0, NULL, &made, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_compile_bytes(NULL, bytes, size - 9, NULL, &made, &error), EJ_ERR_SYNTAX);
    EXPECT(made == NULL);
    EXPECT_ERROR(ej_engine_compile_ir(NULL, (const char *)bytes, size, NULL, &made, &error), EJ_ERR_SYNTAX);
    EXPECT_ERROR(ej_engine_compile_n(NULL, (const char *)bytes, size, NULL, &made, &error), EJ_ERR_SYNTAX);
    /* A limit says its name and the way out. */
    ej_engine_options small = {0};
    small.struct_size = sizeof small;
    small.max_text_bytes = 64;
    ej_engine *engine = NULL;
    EXPECT_STATUS(ej_engine_create(&small, &engine, NULL), EJ_OK);
    EXPECT_STATUS(ej_engine_compile_bytes(engine, bytes, size, NULL, &made, &error), EJ_ERR_LIMIT);
    EXPECT(strstr(ej_error_message(error), "max_text_bytes is 64") != NULL);
    EXPECT(strstr(ej_error_render(error), "ej_engine_options") != NULL);
    ej_error_destroy(error);
    ej_engine_destroy(engine);
    /* A newer major version: the two bytes are found by making them. */
    int32_t told = 0;
    for (size_t at = 8; at + 1 < size; ++at) {
        const uint8_t kept = bytes[at];
        bytes[at] = 7;
        if (ej_engine_compile_bytes(NULL, bytes, size, NULL, &made, &error) == EJ_ERR_UNSUPPORTED)
            told |= strstr(ej_error_message(error), "version 7.0; this library reads 1.0") != NULL;
        ej_kernel_release(made);
        ej_error_destroy(error);
        bytes[at] = kept;
    }
    EXPECT(told);
    ej_bytes_free(bytes);
    ej_kernel_release(k);
}

void test_bytes(void) {
    test_there_and_back();
    test_bytes_name_the_program();
    test_run_time_errors();
    test_refused();
}
