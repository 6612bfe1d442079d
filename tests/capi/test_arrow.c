/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Record batches of the Arrow C Data Interface, built by hand. */
#include "columns.h"
#include "expect.h"

#include <stdlib.h>

enum { kRows = 100 };

static int released; /* of the arrays made below: none must be, they are borrowed */

static void release_schema(struct ArrowSchema *s) { ++released, s->release = NULL; }
static void release_array(struct ArrowArray *a) { ++released, a->release = NULL; }

struct field {
    struct ArrowSchema schema;
    struct ArrowArray array;
    const void *buffers[2];
};

/* A field of `length` elements after `offset`. */
static void make_field(struct field *f, const char *name, const char *format, const void *data, const void *validity,
                       int64_t length, int64_t offset) {
    memset(f, 0, sizeof *f);
    f->schema.name = name;
    f->schema.format = format;
    f->schema.release = release_schema;
    f->buffers[0] = validity;
    f->buffers[1] = data;
    f->array.length = length;
    f->array.offset = offset;
    f->array.null_count = validity != NULL ? -1 : 0;
    f->array.n_buffers = 2;
    f->array.buffers = f->buffers;
    f->array.release = release_array;
}

struct batch {
    struct field own;
    struct field *fields;
    struct ArrowSchema *schemas[16];
    struct ArrowArray *arrays[16];
};

static void make_batch(struct batch *b, struct field *fields, int count, const void *validity, int64_t length,
                       int64_t offset) {
    make_field(&b->own, "", "+s", NULL, validity, length, offset);
    b->own.array.n_buffers = 1;
    b->fields = fields;
    for (int i = 0; i < count; ++i) b->schemas[i] = &fields[i].schema, b->arrays[i] = &fields[i].array;
    b->own.schema.n_children = b->own.array.n_children = count;
    b->own.schema.children = b->schemas;
    b->own.array.children = b->arrays;
}

static double x[kRows + 10];
static uint8_t x_bits[kRows / 8 + 4], struct_bits[kRows / 8 + 4];

static const double *values(const struct ArrowArray *batch, int field) {
    return (const double *)batch->children[field]->buffers[1] + batch->children[field]->offset;
}

/* Offsets of the batch and of its fields add up, fields are found by name, further ones do not matter. */
static void test_batch(void) {
    ej_kernel *k = expect_compiles(NULL, "y = x * 2 + n\npositive = x > n", NULL);
    static int16_t n[kRows + 10];
    for (int i = 0; i < kRows + 10; ++i) n[i] = (int16_t)(i % 9);
    struct field fields[3];
    struct batch b;
    make_field(&fields[0], "unused", "u", NULL, NULL, 0, 0);
    make_field(&fields[1], "n", "s", n, NULL, kRows, 3);
    make_field(&fields[2], "x", "g", x, NULL, kRows, 1);
    make_batch(&b, fields, 3, NULL, kRows - 20, 4);
    struct ArrowSchema schema;
    struct ArrowArray out;
    const ej_run_options run = with_threads(2);
    EXPECT_STATUS(ej_kernel_eval_arrow(k, &run, &b.own.schema, &b.own.array, &schema, &out, NULL), EJ_OK);
    EXPECT(strcmp(schema.format, "+s") == 0 && schema.n_children == 2 && schema.release != NULL);
    EXPECT(strcmp(schema.children[0]->name, "y") == 0 && strcmp(schema.children[0]->format, "g") == 0);
    EXPECT(strcmp(schema.children[1]->name, "positive") == 0 && strcmp(schema.children[1]->format, "b") == 0);
    EXPECT(out.length == kRows - 20 && out.offset == 0 && out.n_buffers == 1 && out.n_children == 2);
    EXPECT(out.null_count == 0 && out.dictionary == NULL && schema.dictionary == NULL);
    int wrong = 0;
    for (int i = 0; i < kRows - 20; ++i) {
        const double xi = x[i + 5], ni = n[i + 7];
        wrong += values(&out, 0)[i] != xi * 2 + ni;
        wrong += get_bit(out.children[1]->buffers[1], i) != (xi > ni);
    }
    EXPECT(wrong == 0);
    EXPECT(out.children[0]->length == kRows - 20 && out.children[0]->n_buffers == 2);
    EXPECT(out.children[0]->buffers[0] == NULL && out.children[0]->null_count == 0);
    EXPECT((uintptr_t)out.children[0]->buffers[1] % 64 == 0);

    /* A child may be moved away; it outlives its parent. */
    struct ArrowArray moved = *out.children[0];
    struct ArrowSchema moved_schema = *schema.children[0];
    out.children[0]->release = NULL;
    schema.children[0]->release = NULL;
    out.release(&out);
    schema.release(&schema);
    EXPECT(out.release == NULL && schema.release == NULL);
    EXPECT(((const double *)moved.buffers[1])[0] == x[5] * 2 + n[7]);
    EXPECT(strcmp(moved_schema.name, "y") == 0);
    moved.release(&moved);
    moved_schema.release(&moved_schema);
    EXPECT(moved.release == NULL && moved_schema.release == NULL);
    EXPECT(released == 0);
    ej_kernel_release(k);
}

/* A row is null where its field is or its struct is. */
static void test_nulls(void) {
    ej_kernel *k = expect_compiles(NULL, "y = x + z\nmissing = is_null(x)\ns = sum(x)", NULL);
    struct field fields[2];
    struct batch b;
    for (int with_struct = 0; with_struct < 2; ++with_struct) {
        make_field(&fields[0], "x", "g", x, x_bits, kRows, 2);
        make_field(&fields[1], "z", "g", x, NULL, kRows, 0);
        make_batch(&b, fields, 2, with_struct ? struct_bits : NULL, kRows - 9, 9);
        struct ArrowSchema schema;
        struct ArrowArray out;
        EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &b.own.schema, &b.own.array, &schema, &out, NULL), EJ_OK);
        EXPECT(out.length == kRows - 9 && out.n_children == 3);
        const uint8_t *const bits = out.children[0]->buffers[0];
        EXPECT(bits != NULL && (schema.children[0]->flags & ARROW_FLAG_NULLABLE) != 0);
        EXPECT((schema.children[1]->flags & ARROW_FLAG_NULLABLE) == 0 && out.children[1]->buffers[0] == NULL);
        int wrong = 0, nulls = 0;
        double sum = 0;
        for (int i = 0; i < kRows - 9; ++i) {
            const int valid = get_bit(x_bits, i + 11) && (!with_struct || get_bit(struct_bits, i + 9));
            wrong += get_bit(bits, i) != valid;
            wrong += valid && values(&out, 0)[i] != x[i + 11] + x[i + 9];
            wrong += get_bit(out.children[1]->buffers[1], i) == valid;
            nulls += !valid;
            sum += valid ? x[i + 11] : 0;
        }
        EXPECT(wrong == 0 && nulls > 0 && out.children[0]->null_count == nulls);
        /* The reduction is repeated beside the others; these few numbers are exact in any order. */
        EXPECT(values(&out, 2)[0] == sum && values(&out, 2)[kRows - 10] == sum);
        out.release(&out);
        schema.release(&schema);
    }
    ej_kernel_release(k);
}

/* One parameter takes a plain array, in every format; only reductions give one row. */
static void test_formats(void) {
    static const char formats[][2] = {"b", "c", "C", "s", "S", "i", "I", "l", "L", "e", "f", "g"};
    static const ej_dtype types[] = {EJ_BOOL, EJ_I32, EJ_I32, EJ_I32, EJ_I32, EJ_I32,
                                     EJ_I64,  EJ_I64, EJ_I64, EJ_F32, EJ_F32, EJ_F64};
    static const uint16_t halves[kRows] = {0x3c00, 0x4000, 0x4200}; /* 1, 2, 3 */
    union {
        int8_t c[kRows];
        int16_t s[kRows];
        int32_t i[kRows];
        int64_t l[kRows];
        float f[kRows];
        double g[kRows];
    } data[12];
    memset(data, 0, sizeof data);
    for (int i = 0; i < 3; ++i) {
        set_bit((uint8_t *)data[0].c, i, i != 1);
        for (int d = 1; d < 12; ++d) {
            switch (types[d] == EJ_F32 ? (d == 9 ? 0 : 4) : d == 11 ? 8 : d < 3 ? 1 : d < 5 ? 2 : d < 7 ? 3 : 5) {
            case 0: memcpy(data[d].s, halves, sizeof halves); break;
            case 1: data[d].c[i] = (int8_t)(i + 1); break;
            case 2: data[d].s[i] = (int16_t)(i + 1); break;
            case 3: data[d].i[i] = i + 1; break;
            case 4: data[d].f[i] = (float)(i + 1); break;
            case 5: data[d].l[i] = i + 1; break;
            default: data[d].g[i] = i + 1; break;
            }
        }
    }
    for (int d = 0; d < 12; ++d) {
        const ej_param param = {"v", types[d], 0};
        const ej_compile_options o = with_params(&param, 1);
        ej_kernel *k = expect_compiles(NULL, "sum(f64(v))", &o);
        struct field f;
        make_field(&f, NULL, formats[d], &data[d], NULL, 3, 0);
        f.array.null_count = -1; /* not counted; there are none without a bitmap */
        struct ArrowSchema schema;
        struct ArrowArray out;
        EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &f.schema, &f.array, &schema, &out, NULL), EJ_OK);
        EXPECT(out.length == 1 && strcmp(schema.children[0]->name, "result") == 0);
        EXPECT(values(&out, 0)[0] == (d == 0 ? 2 : 6));
        out.release(&out);
        schema.release(&schema);
        /* No rows, no buffers. */
        make_field(&f, "v", formats[d], NULL, NULL, 0, 0);
        EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &f.schema, &f.array, &schema, &out, NULL), EJ_OK);
        EXPECT(out.length == 1 && values(&out, 0)[0] == 0);
        out.release(&out);
        schema.release(&schema);
        ej_kernel_release(k);
    }
}

static void expect_refused(const ej_kernel *k, const struct batch *b, ej_status wanted, const char *named) {
    struct ArrowSchema schema;
    struct ArrowArray out;
    ej_error *error = NULL;
    memset(&schema, 0xff, sizeof schema);
    memset(&out, 0xff, sizeof out);
    EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &b->own.schema, &b->own.array, &schema, &out, &error), wanted);
    EXPECT(schema.release == NULL && out.release == NULL);
    EXPECT(strstr(ej_error_message(error), named) != NULL);
    if (strstr(ej_error_message(error), named) == NULL) fprintf(stderr, "%s\n", ej_error_message(error));
    ej_error_destroy(error);
}

static void test_wrong(void) {
    ej_kernel *k = expect_compiles(NULL, "x + z", NULL);
    struct field fields[3];
    struct batch b;
#define RESET()                                                                                                        \
    (make_field(&fields[0], "x", "g", x, NULL, kRows, 0), make_field(&fields[1], "z", "g", x, NULL, kRows, 0),         \
     make_field(&fields[2], "x", "g", x, NULL, kRows, 0), make_batch(&b, fields, 2, NULL, kRows, 0))
    RESET(), fields[1].schema.name = "q";
    expect_refused(k, &b, EJ_ERR_NAME, "'z'");
    RESET(), make_batch(&b, fields, 3, NULL, kRows, 0);
    expect_refused(k, &b, EJ_ERR_NAME, "'x'");
    RESET(), fields[1].schema.format = "u";
    expect_refused(k, &b, EJ_ERR_UNSUPPORTED, "'z'");
    expect_refused(k, &b, EJ_ERR_UNSUPPORTED, "'u'");
    RESET(), fields[1].schema.format = "tsu:UTC";
    expect_refused(k, &b, EJ_ERR_UNSUPPORTED, "'tsu:UTC'");
    RESET(), fields[1].schema.dictionary = &fields[0].schema;
    expect_refused(k, &b, EJ_ERR_UNSUPPORTED, "dictionary");
    RESET(), fields[0].array.length = kRows - 1;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "'x'");
    RESET(), b.own.array.offset = 1;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "'x'");
    RESET(), b.own.array.offset = -1;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "the batch");
    RESET(), fields[0].array.offset = INT64_MAX;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "'x'");
    RESET(), fields[0].array.null_count = 3;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "3 nulls");
    RESET(), fields[0].array.n_buffers = 1;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "buffers");
    RESET(), fields[0].buffers[1] = NULL;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "no data buffer");
    RESET(), b.own.array.n_children = 1;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "fields");
    RESET(), b.own.array.release = NULL;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "released");
    RESET(), b.own.schema.release = NULL;
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "released");
    RESET(), b.own.schema.format = "g"; /* no struct, but two parameters */
    expect_refused(k, &b, EJ_ERR_INVALID_ARGUMENT, "2 parameter");
    RESET();
    struct ArrowSchema schema;
    struct ArrowArray out;
    EXPECT_ERROR(ej_kernel_eval_arrow(NULL, NULL, &b.own.schema, &b.own.array, &schema, &out, &error),
                 EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval_arrow(k, NULL, NULL, &b.own.array, &schema, &out, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval_arrow(k, NULL, &b.own.schema, NULL, &schema, &out, &error), EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval_arrow(k, NULL, &b.own.schema, &b.own.array, NULL, &out, &error),
                 EJ_ERR_INVALID_ARGUMENT);
    EXPECT_ERROR(ej_kernel_eval_arrow(k, NULL, &b.own.schema, &b.own.array, &schema, NULL, &error),
                 EJ_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &b.own.schema, &b.own.array, &schema, &out, NULL), EJ_OK);
    out.release(&out);
    schema.release(&schema);
    ej_kernel_release(k);

    /* A failing row is a row of the batch. */
    static const ej_param params[] = {{"n", EJ_I64, 0}};
    const ej_compile_options o = with_params(params, 1);
    k = expect_compiles(NULL, "10 // n", &o);
    const int64_t n[5] = {1, 0, 3, 0, 5};
    make_field(&b.own, "n", "l", n, NULL, 3, 2);
    ej_error *error = NULL;
    EXPECT_STATUS(ej_kernel_eval_arrow(k, NULL, &b.own.schema, &b.own.array, &schema, &out, &error),
                  EJ_ERR_DIVIDE_BY_ZERO);
    EXPECT(ej_error_row(error) == 1 && out.release == NULL && schema.release == NULL);
    ej_error_destroy(error);
    ej_kernel_release(k);
#undef RESET
}

void test_arrow(void) {
    for (int i = 0; i < kRows + 10; ++i) {
        x[i] = number(i * 3);
        x[i] -= (x[i] * 64 - (double)(int64_t)(x[i] * 64)) / 64; /* sixty-fourths, whose sums are exact */
        set_bit(x_bits, i, i % 3 != 0);
        set_bit(struct_bits, i, i % 7 != 2);
    }
    test_batch();
    test_nulls();
    test_formats();
    test_wrong();
    EXPECT(released == 0);
}
