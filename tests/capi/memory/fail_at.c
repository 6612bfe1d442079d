/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Memory that runs out at the first, second, third … allocation: every call ends with a status, and everything works again
 * afterwards. malloc and its kin are replaced in this program, so that the library's operator new fails, too. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <exprjit/exprjit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static long countdown = -1; /* allocations until failure begins; -1: never */
static long failures = 0;

static int fails(void) {
    if (countdown < 0) return 0;
    if (countdown > 0) {
        --countdown;
        return 0;
    }
    ++failures;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }

static int wrong = 0;

static void expect(int condition, const char *what, long at) {
    if (condition) return;
    ++wrong;
    fprintf(stderr, "failing from allocation %ld on: %s\n", at, what);
}

/* One round with everything in it; returns whether it ran through. */
static int use_everything(ej_engine *engine, long at) {
    static const char *const texts[] = {"a*b + sqrt(c) - 2", "s = a // 1\nt = a < b ? c : -c", "a +* 1", "unknown(3)"};
    int through = 1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        ej_kernel *k = NULL;
        ej_error *error = NULL;
        const ej_status made = ej_engine_compile(engine, texts[i], NULL, &k, &error);
        if (made != EJ_OK) {
            expect(k == NULL, "a failed compile left a kernel", at);
            expect(made == EJ_ERR_NO_MEMORY || i >= 2, "a good text failed otherwise than by memory", at);
            expect(ej_error_status(error) == made || error == NULL, "the error has another status", at);
            through = through && made != EJ_ERR_NO_MEMORY;
            ej_error_destroy(error);
            continue;
        }
        expect(i < 2, "a wrong text compiled", at);
        expect(error == NULL, "success left an error", at);
        ej_value args[3] = {ej_f64(3), ej_f64(4), ej_f64(25)}, outs[2];
        const ej_status called = ej_kernel_call(k, args, 3, outs, ej_kernel_output_count(k), &error);
        expect(called == EJ_OK, "a call of a few values needs no memory", at);
        expect(outs[0].as.f64 == (i == 0 ? 15 : 3), "a wrong result", at);
        double in[3] = {3, 4, 25}, out[2][1] = {{0}, {0}};
        ej_column columns[5];
        memset(columns, 0, sizeof columns);
        for (int c = 0; c < 5; ++c) {
            columns[c].data = c < 3 ? &in[c] : out[c - 3];
            columns[c].stride = 8;
            columns[c].dtype = EJ_F64;
        }
        const ej_status evaluated = ej_kernel_eval(k, columns, 3, columns + 3, ej_kernel_output_count(k), 1, &error);
        expect(evaluated == EJ_OK || evaluated == EJ_ERR_NO_MEMORY, "an evaluation failed otherwise than by memory",
               at);
        expect(evaluated != EJ_OK || out[0][0] == (i == 0 ? 15 : 3), "a wrong column", at);
        through = through && evaluated == EJ_OK;
        ej_error_destroy(error);
        char *text = NULL;
        const ej_status dumped = ej_kernel_dump(k, EJ_DUMP_OPT, NULL, &text, NULL);
        expect(dumped == EJ_OK || dumped == EJ_ERR_NO_MEMORY, "a dump failed otherwise than by memory", at);
        expect((dumped == EJ_OK) == (text != NULL), "a dump without text, or a text without success", at);
        through = through && dumped == EJ_OK;
        ej_string_free(text);
        ej_kernel_signature(k);
        ej_kernel_release(k);
    }
    return through;
}

int main(void) {
    int through = 0;
    long at = 0;
    /* The first compile of a thread registers its scratch memory for the thread's end, and the C library itself aborts when
     * there is no memory for that. It is the one place a process cannot survive. */
    expect(use_everything(NULL, -1), "nothing works at all", -1);
    for (; at < 5000 && !through; ++at) {
        ej_engine *engine = NULL;
        countdown = at;
        through = ej_engine_create(NULL, &engine, NULL) == EJ_OK;
        if (through) through = use_everything(engine, at);
        countdown = -1;
        if (engine != NULL) {
            expect(use_everything(engine, at), "nothing works any more after memory came back", at);
            ej_engine_destroy(engine);
        }
        if (wrong > 10) break;
    }
    expect(through, "5,000 allocations were not enough", at);
    expect(failures > 20, "hardly any allocation failed: is malloc really replaced?", at);
    printf("%ld places where memory can run out, %d wrong\n", at, wrong);
    return wrong != 0;
}
