/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One round with everything that works on columns, for fail_at.c. */
#ifndef EXPRJIT_TESTS_COLUMNS_ROUNDS_H
#define EXPRJIT_TESTS_COLUMNS_ROUNDS_H

#include "../columns.h"

enum { kRoundRows = 10000 };

static double round_in[kRoundRows], round_out[kRoundRows];
static int64_t round_indices[kRoundRows];

static void release_nothing(struct ArrowSchema *s) { s->release = NULL; }
static void release_no_array(struct ArrowArray *a) { a->release = NULL; }

/* Whether the call went through; anything but success and NO_MEMORY is wrong. */
static int went_through(ej_status status, const char *what, long at) {
    expect(status == EJ_OK || status == EJ_ERR_NO_MEMORY, what, at);
    return status == EJ_OK;
}

static int use_selection(ej_engine *engine, const ej_run_options *run, const ej_column *in, long at) {
    ej_kernel *keep = NULL, *both = NULL;
    int64_t count = 0;
    const ej_column out = column(round_out, 8, EJ_F64);
    int through = went_through(ej_engine_compile(engine, "x >= 5000", NULL, &keep, NULL), "a condition", at);
    if (through) {
        through =
            went_through(ej_kernel_select(keep, run, in, 1, kRoundRows, round_indices, &count, NULL), "select", at);
        expect(!through || (count == 5000 && round_indices[0] == 5000), "wrong rows", at);
    }
    if (went_through(ej_engine_compile(engine, "keep = x < 7\ny = x + 1", NULL, &both, NULL), "a filter", at)) {
        const int filtered =
            went_through(ej_kernel_filter(both, run, in, 1, &out, 1, kRoundRows, &count, NULL), "filter", at);
        expect(!filtered || (count == 7 && round_out[6] == 7), "wrong kept rows", at);
        through = through && filtered;
    } else {
        through = 0;
    }
    ej_kernel_release(keep);
    ej_kernel_release(both);
    return through;
}

static int use_reducer(ej_engine *engine, const ej_run_options *run, const ej_column *in, long at) {
    ej_kernel *k = NULL;
    ej_reducer *r = NULL;
    ej_value sum;
    int fed = 0;
    int through = went_through(ej_engine_compile(engine, "sum(x)", NULL, &k, NULL), "a reduction", at) &&
                  went_through(ej_reducer_create(k, &r, NULL), "a reducer", at);
    for (int i = 0; i < 3 && through; ++i) {
        through = went_through(ej_reducer_feed(r, run, in, 1, kRoundRows, NULL), "feed", at);
        fed += through;
    }
    /* What was refused left no trace. */
    if (r != NULL && went_through(ej_reducer_finish(r, &sum, 1, NULL), "finish", at))
        expect(sum.as.f64 == fed * (double)kRoundRows * (kRoundRows - 1) / 2, "a wrong sum", at);
    else
        through = 0;
    ej_reducer_destroy(r);
    ej_kernel_release(k);
    return through;
}

static int use_arrow(ej_engine *engine, const ej_run_options *run, long at) {
    ej_kernel *k = NULL;
    const void *buffers[2] = {NULL, round_in};
    struct ArrowSchema schema = {0}, out_schema;
    struct ArrowArray array = {0}, out;
    schema.format = "g";
    schema.release = release_nothing;
    array.length = kRoundRows;
    array.n_buffers = 2;
    array.buffers = buffers;
    array.release = release_no_array;
    if (!went_through(ej_engine_compile(engine, "a = x > 1\nb = x * 2", NULL, &k, NULL), "two outputs", at)) return 0;
    const int through =
        went_through(ej_kernel_eval_arrow(k, run, &schema, &array, &out_schema, &out, NULL), "arrow", at);
    expect(through == (out.release != NULL) && through == (out_schema.release != NULL), "half a batch", at);
    if (through) {
        expect(((const double *)out.children[1]->buffers[1])[9] == 18, "a wrong batch", at);
        out.release(&out);
        out_schema.release(&out_schema);
    }
    ej_kernel_release(k);
    return through;
}

static int use_columns(ej_engine *engine, long at) {
    for (int i = 0; i < kRoundRows; ++i) round_in[i] = i;
    const ej_run_options run = with_threads(2);
    const ej_column in = column(round_in, 8, EJ_F64);
    int through = use_selection(engine, &run, &in, at);
    through = use_reducer(engine, &run, &in, at) && through;
    return use_arrow(engine, &run, at) && through;
}

#endif
