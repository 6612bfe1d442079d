/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * unload LIBRARY: loads the library, lets its threads work, unloads it, several times. The thread that compiles ends
 * before: the C library keeps what has thread-local objects. Nothing may hang or touch code that is gone. */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <exprjit/exprjit.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kRows = 300000 };

/* Data pointers become function pointers by way of memory, which ISO C allows. */
#define FIND(name)                                                                                                     \
    __extension__ __typeof__(&name) p_##name;                                                                          \
    do {                                                                                                               \
        void *const symbol = dlsym(library, #name);                                                                    \
        memcpy(&p_##name, &symbol, sizeof symbol);                                                                     \
        if (symbol == NULL) return "a function is missing";                                                            \
    } while (0)

static const char *use(void *library) {
    FIND(ej_engine_create);
    FIND(ej_engine_compile);
    FIND(ej_kernel_eval_with);
    FIND(ej_kernel_release);
    FIND(ej_engine_destroy);
    ej_engine *engine = NULL;
    ej_kernel *k = NULL;
    double *x = calloc(kRows, sizeof *x), *y = calloc(kRows, sizeof *y);
    ej_column in, out;
    ej_run_options run;
    memset(&in, 0, sizeof in);
    memset(&run, 0, sizeof run);
    in.data = x;
    in.stride = sizeof *x;
    in.dtype = EJ_F64;
    out = in;
    out.data = y;
    run.struct_size = sizeof run;
    run.threads = 4;
    if (p_ej_engine_create(NULL, &engine, NULL) != EJ_OK) return "no engine";
    if (p_ej_engine_compile(engine, "x + 1", NULL, &k, NULL) != EJ_OK) return "no kernel";
    if (p_ej_kernel_eval_with(k, &run, &in, 1, &out, 1, kRows, NULL) != EJ_OK) return "no evaluation";
    const int right = y[0] == 1 && y[kRows - 1] == 1;
    p_ej_kernel_release(k);
    p_ej_engine_destroy(engine);
    free(x);
    free(y);
    return right ? NULL : "a wrong result";
}

static void *use_it(void *library) { return (void *)(size_t)use(library); }

static const char *load_use_unload(const char *path) {
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return dlerror();
    pthread_t thread;
    void *wrong = NULL;
    if (pthread_create(&thread, NULL, use_it, library) != 0) return "no thread";
    pthread_join(thread, &wrong);
    if (dlclose(library) != 0) return "dlclose failed";
    if (wrong != NULL) return wrong;
    return dlopen(path, RTLD_NOW | RTLD_NOLOAD) == NULL ? NULL : "it is still loaded";
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    alarm(60); /* hanging is failing */
    for (int round = 0; round < 3; ++round) {
        const char *const wrong = load_use_unload(argv[1]);
        if (wrong == NULL) continue;
        fprintf(stderr, "round %d: %s\n", round, wrong);
        return 1;
    }
    return 0;
}
