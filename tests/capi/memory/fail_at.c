/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Memory that runs out at the first, second, third … allocation: every call ends with a status, and everything works
 * again afterwards. malloc and its kin are replaced in this program, so that the library's operator new fails, too. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <exprjit/exprjit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static __thread long countdown = -1; /* allocations of this thread until failure begins; -1: never */
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

#include "builder_rounds.h"
#include "columns_rounds.h"

/* The kernel's program out as bytes and in again; whether that ran through. */
static int use_bytes(ej_engine *engine, ej_kernel *k, long at) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    const ej_status encoded = ej_kernel_encode(k, &bytes, &size, NULL);
    expect(encoded == EJ_OK || encoded == EJ_ERR_NO_MEMORY, "encoding failed otherwise than by memory", at);
    expect((encoded == EJ_OK) == (bytes != NULL && size != 0), "success without bytes, or bytes without success", at);
    if (encoded != EJ_OK) return 0;
    ej_engine_clear_cache(engine);
    ej_kernel *again = NULL;
    ej_error *error = NULL;
    const ej_status made = ej_engine_compile_bytes(engine, bytes, size, NULL, &again, &error);
    expect(made == EJ_OK || made == EJ_ERR_NO_MEMORY, "good bytes failed otherwise than by memory", at);
    expect((made == EJ_OK) == (again != NULL), "bytes without a kernel, or a kernel without success", at);
    ej_error_destroy(error);
    ej_bytes_free(bytes);
    if (again != NULL) ej_kernel_source(again);
    ej_kernel_release(again);
    return made == EJ_OK;
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
        through = use_bytes(engine, k, at) && through;
        ej_kernel_release(k);
    }
    return through;
}

static double half_of(double v) { return v / 2; }

static int is_fine(ej_status status, const char *what, long at) {
    expect(status == EJ_OK || status == EJ_ERR_NO_MEMORY, what, at);
    return status == EJ_OK;
}

/* Functions are there as a whole or not at all. */
static int use_functions(ej_engine *engine, long at) {
    int through = is_fine(ej_engine_define(engine, "inner(v, n) = t = v**n; t + v // 1", NULL), "define", at);
    through = is_fine(ej_engine_add_function(engine, "half_of", "(f64) -> f64", (ej_native_fn)half_of, NULL,
                                             EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA, NULL),
                      "add_function", at) &&
              through;
    if (!through) return 0;
    through = is_fine(ej_engine_define(engine, "outer(v) = inner(half_of(v), 2) + inner(v, v)", NULL), "define", at);
    if (!through) return 0;
    ej_kernel *k = NULL;
    through = is_fine(ej_engine_compile(engine, "outer(a) - outer(2)", NULL, &k, NULL), "compile", at);
    if (!through) return 0;
    double in[3] = {2, 4, 2}, out[3] = {0, 0, 0};
    ej_column columns[2];
    memset(columns, 0, sizeof columns);
    for (int c = 0; c < 2; ++c) {
        columns[c].data = c == 0 ? in : out;
        columns[c].stride = 8;
        columns[c].dtype = EJ_F64;
    }
    through = is_fine(ej_kernel_eval(k, columns, 1, columns + 1, 1, 3, NULL), "eval", at);
    expect(!through || (out[0] == 0 && out[1] == 258 && out[2] == 0), "a wrong result of functions", at);
    through = is_fine(ej_engine_remove_function(engine, "outer", NULL), "remove_function", at) && through;
    ej_kernel_release(k);
    return through;
}

/* A program that makes every part of the code generator allocate: many values alive at once, a loop that rotates more
 * carried values than there are registers, calls. Its result after `trips` trips is known. */
enum { CARRIED = 40, IR_BYTES = 16384 };

static size_t rotation(char *ir) {
    size_t n =
        (size_t)sprintf(ir, "func @main(%%x: f64, %%n: i64) -> (f64) {\n %%zero = const i64 0\n %%one = const i64 1\n");
    for (int k = 0; k < CARRIED; ++k)
        n += (size_t)sprintf(ir + n, " %%k%d = const f64 %d.5\n %%v%d = add f64 %%x, %%k%d\n", k, k, k, k);
    n += (size_t)sprintf(ir + n, " for %%zero, %%n, %%one");
    for (int k = 0; k < CARRIED; ++k) n += (size_t)sprintf(ir + n, ", %%v%d", k);
    n += (size_t)sprintf(ir + n, "\n %%i = index i64\n");
    for (int k = 0; k < CARRIED; ++k) n += (size_t)sprintf(ir + n, " %%c%d = carried f64 #%d\n", k, k);
    n += (size_t)sprintf(ir + n, " %%e = exp2 f64 %%c0\n %%l = log2 f64 %%e\n yield ");
    for (int k = 1; k < CARRIED; ++k) n += (size_t)sprintf(ir + n, "%%c%d, ", k);
    n += (size_t)sprintf(ir + n, "%%l\n %%first = end_for f64\n");
    for (int k = 1; k < CARRIED; ++k) n += (size_t)sprintf(ir + n, " %%r%d = result f64 #%d\n", k, k);
    n += (size_t)sprintf(ir + n, " return %%first\n}\n");
    return n;
}

static int run_rotation(ej_engine *engine, const char *ir, size_t length, long at) {
    ej_kernel *k = NULL;
    const ej_status made = ej_engine_compile_ir(engine, ir, length, NULL, &k, NULL);
    if (made != EJ_OK) {
        expect(made == EJ_ERR_NO_MEMORY, "a good program failed otherwise than by memory", at);
        return 0;
    }
    const ej_value args[2] = {ej_f64(2), ej_i64(CARRIED + 3)};
    ej_value out = ej_f64(0);
    const ej_status called = ej_kernel_call(k, args, 2, &out, 1, NULL);
    expect(called == EJ_OK ? out.as.f64 == 5.5 : called == EJ_ERR_NO_MEMORY, "wrong code", at);
    ej_kernel_release(k);
    return called == EJ_OK;
}

/* The scratch memory of a thread grows with its largest program. Each thread first compiles tiny programs, so that the scratch
 * exists, then fails while it grows, and must go on as if nothing had happened. */
static void *fail_while_growing(void *argument) {
    long *const at = argument;
    static char ir[IR_BYTES];
    const size_t length = rotation(ir);
    ej_engine *engine = NULL;
    static const char tiny_ir[] = "func @main(%x: f64) -> (f64) {\n return %x\n}\n";
    ej_kernel *tiny = NULL, *tinier = NULL;
    int through = 0;
    expect(ej_engine_create(NULL, &engine, NULL) == EJ_OK, "no engine", *at);
    expect(ej_engine_compile(engine, "a + 1", NULL, &tiny, NULL) == EJ_OK, "no kernel", *at);
    expect(ej_engine_compile_ir(engine, tiny_ir, sizeof tiny_ir - 1, NULL, &tinier, NULL) == EJ_OK, "no kernel", *at);
    countdown = *at;
    through = run_rotation(engine, ir, length, *at);
    countdown = -1;
    ej_engine_clear_cache(engine);
    expect(run_rotation(engine, ir, length, *at), "nothing works any more after memory came back", *at);
    ej_kernel_release(tiny);
    ej_kernel_release(tinier);
    ej_engine_destroy(engine);
    if (through) *at = -1;
    return NULL;
}

static void grow_and_fail(void) {
    for (long next = 0; next < 2000 && wrong <= 10; ++next) {
        pthread_t thread;
        long at = next;
        if (pthread_create(&thread, NULL, fail_while_growing, &at) != 0) {
            expect(0, "no thread", next);
            return;
        }
        pthread_join(thread, NULL);
        if (at < 0) {
            printf("%ld places where memory can run out while scratch grows\n", next);
            return;
        }
    }
    expect(0, "2,000 allocations were not enough for the growing program", 2000);
}

int main(void) {
    int through = 0;
    long at = 0;
    /* The first compile of a thread registers its scratch memory for the thread's end, and the C library itself aborts when
     * there is no memory for that. It is the one place a process cannot survive. */
    expect(use_everything(NULL, -1) && use_columns(NULL, -1) && use_functions(NULL, -1) && use_builder(NULL, -1),
           "nothing works at all", -1);
    for (; at < 5000 && !through; ++at) {
        ej_engine *engine = NULL;
        countdown = at;
        through = ej_engine_create(NULL, &engine, NULL) == EJ_OK;
        if (through) {
            through = use_everything(engine, at) & use_columns(engine, at) & use_functions(engine, at) &
                      use_builder(engine, at);
        }
        countdown = -1;
        if (engine != NULL) {
            expect(use_everything(engine, at) && use_columns(engine, at) && use_functions(engine, at) &&
                       use_builder(engine, at),
                   "nothing works any more after memory came back", at);
            ej_engine_destroy(engine);
        }
        if (wrong > 10) break;
    }
    expect(through, "5,000 allocations were not enough", at);
    grow_and_fail();
    expect(failures > 20, "hardly any allocation failed: is malloc really replaced?", at);
    printf("%ld places where memory can run out, %d wrong\n", at, wrong);
    return wrong != 0;
}
