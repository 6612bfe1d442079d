/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * exprjit: expressions and loop kernels to native x86-64 code in microseconds.
 *
 * This is the whole C ABI, in reading order: simple, advanced, experimental. It is C99, and C++11 and later.
 *
 *     ej_kernel *k = NULL;
 *     ej_error *err = NULL;
 *     if (ej_engine_compile(NULL, "a*b+c", NULL, &k, &err) != EJ_OK) {
 *         fputs(ej_error_render(err), stderr);      // caret under the place
 *         ej_error_destroy(err);
 *         return 1;
 *     }
 *     ej_value args[3] = {ej_f64(3), ej_f64(4), ej_f64(5)}, result;
 *     ej_kernel_call(k, args, 3, &result, 1, NULL); // result.as.f64 == 17
 *     ej_kernel_release(k);
 *
 * Conventions that hold for every function
 *  - Names are ej_object_verb; the object comes first, out-parameters last.
 *  - Failure is an ej_status other than EJ_OK. Where an `ej_error **error` is taken it may be NULL; otherwise *error is
 *    set to NULL on success and to a new error on failure, which the caller frees with ej_error_destroy.
 *  - On failure every other out-parameter is left NULL or zero, and nothing is leaked.
 *  - Returned `const char *` are borrowed from the object they came from and live as long as it does. Returned `char *`
 *    are owned by the caller and freed with ej_string_free. All text is UTF-8 and ends in a NUL.
 *  - Option and report structs begin with `struct_size`, which the caller sets to sizeof of the struct it was compiled
 *    with; fields beyond it are treated as zero, and zero is always the default.
 *  - No exception and no abort crosses this border. No function changes the locale, the signal handlers or the caller's
 *    floating-point environment (plain entries, which run inside the caller's environment, are the one exception).
 *
 * Threads
 *  - ej_engine: every function may be called from any thread at any time, except ej_engine_destroy, which must be last.
 *  - ej_kernel: immutable; callable from any number of threads at once; retain and release are atomic.
 *  - ej_error: owned by one thread at a time; reading it from several threads is safe.
 *  - fork: parent and child may both go on using every engine and kernel.
 */
#ifndef EXPRJIT_H
#define EXPRJIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EJ_API __attribute__((visibility("default")))
#else
#define EJ_API
#endif

/* ---- Version ------------------------------------------------------------------------------------------------- */

#define EJ_VERSION_MAJOR 0
#define EJ_VERSION_MINOR 1
#define EJ_VERSION_PATCH 0
#define EJ_VERSION_STRING "0.1.0"
/* Raised whenever a program compiled against an older header could break. */
#define EJ_ABI_VERSION 0

/* "0.1.0", of the library that is loaded. Static storage. */
EJ_API const char *ej_version(void);
/* EJ_ABI_VERSION of the library that is loaded; compare it with the macro when loading by dlopen. */
EJ_API int32_t ej_abi_version(void);

/* ---- Status and types ---------------------------------------------------------------------------------------- */

typedef int32_t ej_status;
enum {
    EJ_OK = 0,
    EJ_ERR_INVALID_ARGUMENT = 1, /* the call itself is wrong: NULL, a count, a struct_size, an unknown enumerator; or
                                    IR (text or bytes) that can be read but does not verify */
    EJ_ERR_SYNTAX = 2,           /* the text cannot be parsed, the bytes are no IR bytes */
    EJ_ERR_NAME = 3,             /* unknown variable or function */
    EJ_ERR_TYPE = 4,             /* operands or arguments of the wrong type */
    EJ_ERR_LIMIT = 5,            /* a documented limit was reached; the message names it */
    EJ_ERR_DIVIDE_BY_ZERO = 6,   /* integer // or % by zero, under EJ_DIV_ERROR */
    EJ_ERR_DOMAIN = 7,           /* a value outside the operation's domain (integer to a negative power, ...) */
    EJ_ERR_CANCELLED = 8,        /* the stop word or the cancel token was set while the kernel ran or was compiled */
    EJ_ERR_STACK = 9,            /* the thread's stack is nearly used up */
    EJ_ERR_NEEDS_CONTEXT = 10,   /* the kernel has checks, long loops or calls: no plain entry exists */
    EJ_ERR_UNSUPPORTED = 11,     /* valid, but not available in this build, on this CPU or in this version */
    EJ_ERR_NO_MEMORY = 12,
    EJ_ERR_INTERNAL = 13 /* a bug in exprjit; please report it with the text */
};
/* "syntax error", ... for a status; "unknown status" for others. Static storage. */
EJ_API const char *ej_status_name(ej_status status);

/* Element types. BOOL, I32, I64, F32 and F64 are types a value can have; the others exist in memory only and widen
 * when loaded: I8 I16 U8 U16 to I32, U32 and U64 to I64, F16 to F32. Bool is one byte, 0 or 1 (any non-zero byte loads as
 * 1). A row whose U64 is 2^63 or more fails with EJ_ERR_DOMAIN. */
typedef int32_t ej_dtype;
enum {
    EJ_DTYPE_NONE = 0,
    EJ_BOOL = 1,
    EJ_I32 = 2,
    EJ_I64 = 3,
    EJ_F32 = 4,
    EJ_F64 = 5,
    EJ_I8 = 6,
    EJ_I16 = 7,
    EJ_U8 = 8,
    EJ_U16 = 9,
    EJ_U32 = 10,
    EJ_F16 = 11,
    EJ_U64 = 12
};
/* "f64", ...; "?" for an unknown dtype. Static storage. */
EJ_API const char *ej_dtype_name(ej_dtype dtype);
/* Bytes of one element in memory; 0 for an unknown dtype. */
EJ_API size_t ej_dtype_size(ej_dtype dtype);

/* A tagged scalar. `type` is one of the five value types; booleans are 0 or 1 in as.b. */
typedef struct ej_value {
    ej_dtype type;
    int32_t reserved;
    union {
        int32_t b;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
    } as;
} ej_value;

static inline ej_value ej_bool(int b) {
    ej_value v;
    v.type = EJ_BOOL, v.reserved = 0, v.as.i64 = b != 0;
    return v;
}
static inline ej_value ej_i32(int32_t i) {
    ej_value v;
    v.type = EJ_I32, v.reserved = 0, v.as.i64 = 0, v.as.i32 = i;
    return v;
}
static inline ej_value ej_i64(int64_t i) {
    ej_value v;
    v.type = EJ_I64, v.reserved = 0, v.as.i64 = i;
    return v;
}
static inline ej_value ej_f32(float f) {
    ej_value v;
    v.type = EJ_F32, v.reserved = 0, v.as.i64 = 0, v.as.f32 = f;
    return v;
}
static inline ej_value ej_f64(double d) {
    ej_value v;
    v.type = EJ_F64, v.reserved = 0, v.as.f64 = d;
    return v;
}

typedef struct ej_engine ej_engine;             /* compiles and caches; owns code memory */
typedef struct ej_kernel ej_kernel;             /* one compiled expression; reference-counted */
typedef struct ej_error ej_error;               /* one or more diagnostics, or a run-time failure */
typedef struct ej_cancel_token ej_cancel_token; /* ends what is running or being compiled; see "Cancelling" */

/* ==== Simple ================================================================================================== */

/* A named, typed parameter of an expression. */
typedef struct ej_param {
    const char *name; /* UTF-8; need not be an identifier (`wind speed` is quoted with backticks in the text) */
    ej_dtype type;    /* any dtype; narrow ones act as the type they widen to */
    int32_t reserved; /* 0 */
} ej_param;

/* How integer division and remainder by zero behave. */
typedef int32_t ej_div_mode;
enum {
    EJ_DIV_ERROR = 0, /* the call fails with EJ_ERR_DIVIDE_BY_ZERO and, over columns, the first row */
    EJ_DIV_ZERO = 1   /* the result is 0 (NumPy's value) */
};

/* Meaning of `^` in text. */
typedef int32_t ej_caret;
enum {
    EJ_CARET_POWER = 0,
    EJ_CARET_XOR = 1,
    EJ_CARET_STRICT = 2 /* power between floats; an error between integers or bools that names `**` and `xor` */
};

typedef int32_t ej_tier;
enum {
    EJ_TIER_AUTO = 0,        /* chosen once, by cost */
    EJ_TIER_INTERPRETER = 1, /* no machine code */
    EJ_TIER_BASELINE = 2,    /* native, fastest to compile */
    EJ_TIER_OPTIMISED = 3    /* native, fastest to run */
};

typedef int32_t ej_isa;
enum {
    EJ_ISA_AUTO = 0, /* the best level of this CPU */
    EJ_ISA_V2 = 2,   /* x86-64-v2: SSE4.2, POPCNT */
    EJ_ISA_V3 = 3,   /* x86-64-v3: AVX2, FMA, BMI1/2, LZCNT, F16C */
    EJ_ISA_V4 = 4    /* x86-64-v4: AVX-512 F, VL, BW, DQ */
};

/* Value-changing permissions; each is off unless named. */
enum {
    EJ_FLAG_CONTRACT = 1u << 0, /* a*b+c may become fma(a,b,c) */
    EJ_FLAG_REASSOC = 1u << 1   /* sums and products may be regrouped */
};

/* How accurate the elementary functions are (exp, sin, pow, ...); docs/accuracy.md has the measured errors. */
typedef int32_t ej_accuracy;
enum {
    EJ_ACCURACY_1ULP = 0, /* at most 1 unit in the last place off */
    EJ_ACCURACY_FAST = 1  /* at most 4 units, in less time */
};

typedef struct ej_compile_options {
    size_t struct_size;
    const ej_param *params; /* come first, in this order, used or not; NULL with param_count 0: none */
    size_t param_count;
    int32_t params_declared; /* 0: other names become f64 parameters in order of first use; non-zero: other names are
                                errors */
    ej_dtype result_type;    /* converts every output to it; EJ_DTYPE_NONE keeps the natural types */
    ej_div_mode div_mode;
    ej_caret caret;
    ej_tier tier;   /* EJ_TIER_AUTO: the engine's */
    ej_isa isa;     /* EJ_ISA_AUTO: the engine's; never above the engine's cap */
    uint32_t flags; /* EJ_FLAG_* */
    ej_accuracy accuracy;
    const char *source_name;       /* shown in diagnostics; NULL: "<expression>" */
    const ej_cancel_token *cancel; /* ends the compilation with EJ_ERR_CANCELLED; may be NULL; borrowed for the call */
    int32_t untrusted;             /* non-zero: a stranger's text, for which the host's native functions do not exist */
    int32_t reserved;              /* 0 */
} ej_compile_options;

/* Compiles `text`. `engine` may be NULL: the process's shared default engine, created on first use. `options` may be NULL.
 * On EJ_OK *kernel is a reference that the caller releases. Equal texts with equal options share compiled code through
 * the engine's cache. Safe on hostile text: time and memory are linear in its length and bounded by the engine's limits. */
EJ_API ej_status ej_engine_compile(ej_engine *engine, const char *text, const ej_compile_options *options,
                                   ej_kernel **kernel, ej_error **error);
/* The same for text that is not NUL-terminated (and may contain NULs, which are syntax errors). */
EJ_API ej_status ej_engine_compile_n(ej_engine *engine, const char *text, size_t text_length,
                                     const ej_compile_options *options, ej_kernel **kernel, ej_error **error);

/* Calls the kernel once. `args` has one value per parameter, converted to the parameter's type where that loses nothing
 * by NumPy's promotion rules (bool to any; i32 to i64 and f64; i64 and f32 to f64), EJ_ERR_TYPE otherwise. `outs`
 * receives one value per output. On a run-time failure `outs` is unspecified. */
EJ_API ej_status ej_kernel_call(const ej_kernel *kernel, const ej_value *args, size_t arg_count, ej_value *outs,
                                size_t out_count, ej_error **error);

/* One column: `length` elements of `dtype`, `stride` bytes apart (negative and 0 are allowed; an input with stride 0 is
 * one value for all rows). Alignment is never required. Nulls are a bitmap as Arrow's: bit i (the lowest of a byte first)
 * is 1 where row i is valid; NULL means that every row is. */
typedef struct ej_column {
    void *data; /* element 0; never written when the column is an input; may be NULL if there are no rows */
    int64_t stride;
    ej_dtype dtype;
    int32_t reserved;        /* 0 */
    uint8_t *validity;       /* of an output: written. Never written when the column is an input */
    int64_t validity_offset; /* bit of `validity` that belongs to row 0; not negative */
} ej_column;

/* Evaluates the kernel over `rows` rows. One input column per parameter, in order, whose widened dtype converts to the
 * parameter's type as in ej_kernel_call; one output column per output, whose dtype is the output's type or one it
 * converts to. An output may be exactly an input (in place); a partial overlap is EJ_ERR_INVALID_ARGUMENT. A reduced
 * output (ej_output_info) is one element, whatever `rows` and its stride. Every other output is `rows` elements; where its
 * value is the same for all rows in this call, its column may have stride 0 and is then one element. An output that can be
 * null because of the inputs' bitmaps needs a bitmap of its own; its bits outside the rows are kept, and the value of a
 * null row is unspecified. On a run-time failure ej_error_row tells the lowest failing row and the contents of the outputs
 * are unspecified. */
EJ_API ej_status ej_kernel_eval(const ej_kernel *kernel, const ej_column *inputs, size_t input_count,
                                const ej_column *outputs, size_t output_count, int64_t rows, ej_error **error);

/* One more reference to the kernel; returns it. NULL is allowed and returned. */
EJ_API ej_kernel *ej_kernel_retain(ej_kernel *kernel);
/* Gives one reference back; the last one frees the kernel (never its cached code, which the engine may keep). NULL is
 * allowed. No thread may still be inside a call through that reference. */
EJ_API void ej_kernel_release(ej_kernel *kernel);

/* The status the failing function returned. */
EJ_API ej_status ej_error_status(const ej_error *error);
/* The first diagnostic as one line without position. Never NULL ("" for a NULL error). */
EJ_API const char *ej_error_message(const ej_error *error);
/* Every diagnostic with source line, carets and hint, as a person reads it; several lines, each ended. Never NULL. */
EJ_API const char *ej_error_render(const ej_error *error);
EJ_API void ej_error_destroy(ej_error *error); /* NULL is allowed */

/* ==== Advanced ================================================================================================ */

/* ---- Diagnostics ---- */

typedef struct ej_diagnostic {
    size_t struct_size;
    int32_t code;        /* stable, e.g. 1203; shown as EJ1203 */
    ej_status status;    /* the kind: EJ_ERR_SYNTAX, EJ_ERR_NAME, ... */
    const char *message; /* one line */
    const char *hint;    /* what to do about it; "" if there is nothing to say */
    size_t begin, end;   /* byte span in the text, end exclusive; begin == end at an insertion point */
    int32_t line;        /* from 1; 0 if the diagnostic has no position */
    int32_t column;      /* from 1, in characters (code points) */
} ej_diagnostic;

/* Number of diagnostics, at least 1 for a non-NULL error. They are in order of position. */
EJ_API size_t ej_error_count(const ej_error *error);
/* Fills *out with diagnostic `index`; its strings are borrowed from the error. */
EJ_API ej_status ej_error_get(const ej_error *error, size_t index, ej_diagnostic *out);
/* For a run-time failure over columns, the lowest failing row (from 0); -1 otherwise. */
EJ_API int64_t ej_error_row(const ej_error *error);

/* ---- Engines ---- */

typedef int32_t ej_log_level;
enum { EJ_LOG_ERROR = 1, EJ_LOG_WARNING = 2, EJ_LOG_INFO = 3, EJ_LOG_DEBUG = 4 };
/* Called from whichever thread has something to say; must not call back into exprjit. `message` is one line. */
typedef void (*ej_log_fn)(ej_log_level level, const char *message, void *user_data);

typedef int32_t ej_code_memory;
enum {
    EJ_CODE_MEMORY_AUTO = 0, /* dual; the interpreter if the system refuses executable memory */
    EJ_CODE_MEMORY_DUAL = 1, /* mapped twice; nothing is ever writable and executable at once */
    EJ_CODE_MEMORY_NONE = 2, /* never make executable memory: every kernel is interpreted */
    EJ_CODE_MEMORY_SEALED =
        3 /* private pages, written once, then readable and executable for as long as the code lives: for servers and
             other processes that compile what strangers write. A page (4 KiB) or more per kernel. The interpreter if
             the system refuses */
};

/* Every limit (max_...) that is reached ends the compilation with EJ_ERR_LIMIT and a message that says its name, its value,
 * what was found and how to raise it. docs/c-api.md lists them. */
typedef struct ej_engine_options {
    size_t struct_size;
    ej_isa isa;   /* highest level to use */
    ej_tier tier; /* for compilations that say EJ_TIER_AUTO */
    ej_code_memory code_memory;
    int32_t reserved;
    size_t cache_bytes; /* bound on cached code and its records; 0: 64 MiB; SIZE_MAX: no bound; 1: no cache */
    ej_log_fn log;      /* NULL: silent */
    void *log_user_data;
    ej_log_level log_level; /* 0: EJ_LOG_WARNING */
    int32_t reserved2;
    size_t max_text_bytes;   /* 0: 16 MiB */
    size_t max_nodes;        /* 0: 4,000,000 IR nodes */
    size_t max_nesting;      /* 0: 1,000 levels of IR regions */
    size_t max_code_bytes;   /* 0: 64 MiB of machine code per kernel */
    uint64_t max_compile_ns; /* 0: 10 s (10,000,000,000) for one compilation, and for the loops over columns of one
                                kernel; UINT64_MAX: no limit */
} ej_engine_options;

/* A new engine; `options` may be NULL. The environment variable EXPRJIT_JIT=0 makes every engine interpret. */
EJ_API ej_status ej_engine_create(const ej_engine_options *options, ej_engine **engine, ej_error **error);
/* Destroys the engine. Kernels still referenced stay valid and callable. NULL is allowed. */
EJ_API void ej_engine_destroy(ej_engine *engine);
/* Drops every cached kernel (kernels still referenced stay valid). NULL: the default engine. */
EJ_API void ej_engine_clear_cache(ej_engine *engine);

typedef struct ej_engine_stats {
    size_t struct_size;
    uint64_t compiles;       /* programs that went through code generation or preparation for the interpreter */
    uint64_t text_hits;      /* found by text, types and options */
    uint64_t canonical_hits; /* found by canonical IR after parsing */
    uint64_t misses;
    uint64_t evictions;
    uint64_t entries;     /* cached kernels now */
    uint64_t cache_bytes; /* what they count for against the bound */
    uint64_t code_bytes;  /* machine code alive now, cached or referenced */
    uint64_t arena_bytes; /* address space reserved for code */
    ej_isa isa;           /* level in use */
    int32_t jit;          /* 0: everything is interpreted */
} ej_engine_stats;
/* Fills *stats (its struct_size set by the caller). NULL engine: the default engine. */
EJ_API ej_status ej_engine_get_stats(ej_engine *engine, ej_engine_stats *stats);

/* Compiles a program given as IR text (docs/ir.md), the form ej_kernel_dump(EJ_DUMP_IR) prints. Its first function is the
 * kernel. Untrusted: everything is verified. Of the options, params and caret are ignored. Errors and ownership as in
 * ej_engine_compile. */
EJ_API ej_status ej_engine_compile_ir(ej_engine *engine, const char *ir, size_t ir_length,
                                      const ej_compile_options *options, ej_kernel **kernel, ej_error **error);

/* Compiles a program given as IR bytes, the form ej_kernel_encode makes (docs/ir.md, "Bytes"). Its first function is the
 * kernel. Untrusted, at any address: everything is verified, and no larger than max_text_bytes. Bytes made by an older
 * version load; those of a newer format fail with EJ_ERR_UNSUPPORTED, damaged ones with EJ_ERR_SYNTAX. `bytes` may be freed
 * when the call returns. Of the options, params, caret, div_mode and result_type are ignored. Errors and ownership as in
 * ej_engine_compile; nothing in bytes has a position. */
EJ_API ej_status ej_engine_compile_bytes(ej_engine *engine, const uint8_t *bytes, size_t size,
                                         const ej_compile_options *options, ej_kernel **kernel, ej_error **error);

/* Parses and checks without compiling. Diagnostics as in ej_engine_compile. */
EJ_API ej_status ej_engine_check(ej_engine *engine, const char *text, size_t text_length,
                                 const ej_compile_options *options, ej_error **error);

/* ---- Cancelling ---- */

/* A token that was cancelled ends every compilation (ej_compile_options.cancel) and every run (ej_run_options.cancel) that was
 * given it, soon after, with EJ_ERR_CANCELLED; and every later one, until it is reset. Any number of threads, runs and
 * compilations may share one. It never cancels by itself; a deadline is a thread or timer that calls
 * ej_cancel_token_cancel.
 * A run looks when it begins (scalar calls and 0 rows, too), after every few rows where rows are expensive and every
 * few thousand where they are cheap, and each time a loop of the program goes round. One call of a host function is never
 * interrupted. A compilation looks when it begins, unless the cache has the kernel, and all along. What is done before it
 * looks again is given all the same.
 *
 * Reference-counted: create gives the first reference. EJ_ERR_INVALID_ARGUMENT for NULL, or EJ_ERR_NO_MEMORY. */
EJ_API ej_status ej_cancel_token_create(ej_cancel_token **token);
/* One more reference; returns it. NULL is allowed and returned. */
EJ_API ej_cancel_token *ej_cancel_token_retain(ej_cancel_token *token);
/* Gives one reference back; the last one frees the token. NULL is allowed. Calls that use the token only borrow it: it
 * must live until they return. */
EJ_API void ej_cancel_token_release(ej_cancel_token *token);
/* From any thread and from a signal handler (async-signal-safe, never blocks). Again is harmless. NULL is allowed. */
EJ_API void ej_cancel_token_cancel(ej_cancel_token *token);
/* As new. Work under way that has not yet looked at the token goes on. NULL is allowed. */
EJ_API void ej_cancel_token_reset(ej_cancel_token *token);
/* 1 between cancel and reset, else 0; 0 for NULL. */
EJ_API int32_t ej_cancel_token_is_cancelled(const ej_cancel_token *token);

/* ---- Functions of your own ----
 * What is added here can be called from every text compiled afterwards by the engine (NULL: the default engine), in single
 * calls and over columns. A name is an identifier that the language does not use itself; a later function of the same name
 * replaces the earlier one. Kernels made before keep what they were compiled with. Any thread may add functions while others
 * compile: each compilation sees the functions as they were when it began. */

/* Defines a function by an expression: "f(x, y) = x*y + 1". Its parameters have no types: every use is compiled for the types
 * of its arguments, which are evaluated once, before the body and whether or not it needs them: put what must not be
 * evaluated in vain (a check that can fail, a host function that is not pure) behind the condition in the body. The body sees
 * its parameters, constants, built-in functions and the functions added before it, never the variables of the text that calls
 * it; it may have several statements, the last one being its value. It keeps the definitions that its names meant when it was
 * defined, so no function can call itself; of host functions it keeps the name: one that was replaced by another of as many
 * parameters is called in its place by texts compiled afterwards, and after any other change they are refused
 * (EJ_ERR_NAME). What does not depend on types is checked here, and errors have positions in `text`; errors of types appear
 * where the function is used. max_compile_ns, max_text_bytes and max_nodes apply (EJ_ERR_LIMIT). Texts with definitions that
 * stand on each other very deep need a stack of up to 512 KiB to compile; with less they fail with EJ_ERR_STACK. */
EJ_API ej_status ej_engine_define(ej_engine *engine, const char *text, ej_error **error);

/* A C function in disguise: cast it to this type. */
typedef void (*ej_native_fn)(void);
enum {
    /* The result depends on the arguments only, and nothing else happens: calls may be merged, moved, left out, made by
       several threads at once, made for rows that do not need them, and made with arguments that no row has. */
    EJ_FUNCTION_PURE = 1u << 0,
    /* `fn` has no first argument `user_data`, as the functions of <math.h>. */
    EJ_FUNCTION_NO_USER_DATA = 1u << 1
};

/* Adds a function of the host: `R fn(void *user_data, A1, A2, ...)` in the platform's C convention, without the first
 * argument under EJ_FUNCTION_NO_USER_DATA. `signature` gives at most 16 parameters and the result, as in "(f64, i64) -> f64":
 * f64 is double, f32 float, i64 int64_t, i32 int32_t, and bool int32_t that is 0 or 1. Arguments convert to the parameters where
 * nothing is lost (bool to any; i32 to i64 and f64; i64 and f32 to f64).
 * Without EJ_FUNCTION_PURE the function is called exactly once for every evaluation of its call, over columns once for every
 * row (rows with missing arguments included, with unspecified values), in the order of rows, on one thread; not where `?:`,
 * `and`, `or` leave it out. A text whose reductions pass over its rows more than once cannot call it (EJ_ERR_UNSUPPORTED), nor
 * can an ej_reducer.
 * `fn` and `user_data` must live until every kernel that calls them is released and the function is removed or replaced, or
 * the engine destroyed. `fn` must be safe to call on every thread that runs such kernels; it must not throw, longjmp, or
 * leave another rounding mode behind, and must not release the last reference to the kernel that is running.
 * Only text compiled in this process can name it: IR text, IR bytes and untrusted text cannot. x86-64 only, otherwise
 * EJ_ERR_UNSUPPORTED. Copies `name` and `signature`. */
EJ_API ej_status ej_engine_add_function(ej_engine *engine, const char *name, const char *signature, ej_native_fn fn,
                                        void *user_data, uint32_t flags, ej_error **error);

/* Removes a function that was defined or added; EJ_ERR_NAME if there is none of this name. Kernels made before keep what they
 * have. A definition that calls a removed host function cannot be compiled any more until one of the same name and number of
 * parameters is added. */
EJ_API ej_status ej_engine_remove_function(ej_engine *engine, const char *name, ej_error **error);

/* ---- What a kernel is ---- */

EJ_API size_t ej_kernel_param_count(const ej_kernel *kernel);
EJ_API size_t ej_kernel_output_count(const ej_kernel *kernel);
/* Fills *out with parameter `index`; the name is borrowed from the kernel. EJ_ERR_INVALID_ARGUMENT past the end. */
EJ_API ej_status ej_kernel_get_param(const ej_kernel *kernel, size_t index, ej_param *out);
/* The same for outputs; the single output of a final expression is named "". */
EJ_API ej_status ej_kernel_get_output(const ej_kernel *kernel, size_t index, ej_param *out);
typedef struct ej_output_info {
    size_t struct_size;
    const char *name; /* borrowed; "" for the single output of a final expression */
    ej_dtype type;
    int32_t is_reduced;  /* 1: the same for all rows because it depends on its parameters through reductions only */
    int32_t is_nullable; /* 1: null where its inputs are; 0: never null (is_null(x), sum(x)) */
    int32_t reserved;
} ej_output_info;
/* Fills *out (its struct_size set by the caller) with output `index`. */
EJ_API ej_status ej_kernel_get_output_info(const ej_kernel *kernel, size_t index, ej_output_info *out);
/* 1 if the kernel has reductions over rows: it can be evaluated over columns only, ej_kernel_call fails. */
EJ_API int32_t ej_kernel_is_reducing(const ej_kernel *kernel);
/* "(a: f64, b: f64) -> f64", as one line. Borrowed. */
EJ_API const char *ej_kernel_signature(const ej_kernel *kernel);
/* The text (or IR text) it was compiled from; of IR bytes their IR text. Borrowed. */
EJ_API const char *ej_kernel_source(const ej_kernel *kernel);

typedef struct ej_kernel_info {
    size_t struct_size;
    ej_tier tier; /* the tier in use, never EJ_TIER_AUTO */
    ej_isa isa;
    int32_t needs_context; /* 1: has no plain entry */
    int32_t cache_hit;     /* of the compile call that made this kernel: 0 no, 1 by text, 2 by canonical IR */
    uint64_t nodes;        /* IR nodes after optimisation */
    uint64_t code_bytes;   /* machine code and constants of the scalar entry; 0 when interpreted */
    uint64_t memory_bytes; /* everything this kernel keeps alive, about */
    uint64_t spills;       /* values that did not stay in registers */
} ej_kernel_info;
EJ_API ej_status ej_kernel_get_info(const ej_kernel *kernel, ej_kernel_info *out);

/* Where the time of compiling this kernel went, in nanoseconds. A cache hit keeps the times of the compile that filled
 * the cache. */
typedef struct ej_timings {
    size_t struct_size;
    uint64_t total;
    uint64_t parse;    /* text to IR, type check included; bytes to IR */
    uint64_t verify;   /* IR text and bytes only */
    uint64_t key;      /* canonical form and look-up */
    uint64_t optimise; /* flags, expand, legalise, and the tier's passes */
    uint64_t uses;     /* walk 1 */
    uint64_t allocate; /* walk 2 */
    uint64_t emit;     /* walk 3 */
    uint64_t install;  /* into code memory */
} ej_timings;
EJ_API ej_status ej_kernel_get_timings(const ej_kernel *kernel, ej_timings *out);

/* The plain C function of a kernel: `R f(A1, A2, ...)` in the platform's C convention, with double, float, int64_t,
 * int32_t for the value types and int32_t (0 or 1) for bool. Only for kernels with one output and without checks, calls
 * between functions, and loops that may go on for long: EJ_ERR_NEEDS_CONTEXT otherwise; EJ_ERR_UNSUPPORTED when
 * interpreted. Nobody can end what a plain entry began, so that it may only have `for` loops over constant bounds that
 * run at most a million nodes in all (trips times nodes, inner loops included).
 * Valid as long as the kernel is referenced. Runs in the caller's floating-point environment and expects the default one. */
EJ_API ej_status ej_kernel_get_entry(const ej_kernel *kernel, void (**entry)(void));

/* ---- Looking inside ---- */

typedef int32_t ej_dump;
enum {
    EJ_DUMP_IR = 1,  /* the program as the front end made it */
    EJ_DUMP_OPT = 2, /* after the tier's passes, or after the pass named */
    EJ_DUMP_ASM = 3  /* machine code, Intel syntax, with source positions */
};
/* A listing of the kernel; `pass` names a pass for EJ_DUMP_OPT (ej_pass_name), NULL: after all of them. With "vectorize",
 * EJ_DUMP_OPT and EJ_DUMP_ASM show the loops over contiguous columns of the parameters' types. *out is owned by
 * the caller (ej_string_free). Recompiles; does not touch the cache. */
EJ_API ej_status ej_kernel_dump(const ej_kernel *kernel, ej_dump what, const char *pass, char **out, ej_error **error);
EJ_API void ej_string_free(char *string); /* NULL is allowed */

/* The program as the front end made it, as bytes for ej_engine_compile_bytes in this or another process, on this or another
 * machine: with the names of parameters and outputs and with the flags and accuracy it was compiled with, without tier, ISA
 * level and source positions. Two kernels of equal programs give equal bytes, so their digest names the program. *bytes is
 * owned by the caller (ej_bytes_free). Thread-safe; does not touch the cache. */
EJ_API ej_status ej_kernel_encode(const ej_kernel *kernel, uint8_t **bytes, size_t *size, ej_error **error);
EJ_API void ej_bytes_free(uint8_t *bytes); /* NULL is allowed */

/* The passes in the order of the optimised tier; NULL past the end. Static storage. */
EJ_API const char *ej_pass_name(size_t index);

/* The best level of this CPU, whatever the engine uses; EJ_ISA_AUTO if it is below v2 (interpreter only). */
EJ_API ej_isa ej_cpu_isa(void);
/* The CPU's brand string, "unknown" where there is none. Static storage. */
EJ_API const char *ej_cpu_name(void);

/* One IR operation, from the table everything is derived from. Strings have static storage. */
typedef struct ej_op_info {
    size_t struct_size;
    int32_t code;          /* wire code: append-only, never reused */
    int32_t operand_count; /* -1: varies */
    const char *name;      /* in IR text: "add" */
    const char *signature; /* "TT>T" (docs/ir.md) */
    const char *types;     /* accepted types: "i32 i64 f32 f64" */
    const char *lowering;  /* "inst", "expand", "call" or "structure" */
    double ulp;            /* accuracy in units in the last place; 0: exact or correctly rounded; -1: not numeric */
    /* The largest errors as measured (docs/accuracy.md), by type and ej_accuracy; `ulp` is the larger of the first two. */
    double ulp_f64, ulp_f32, fast_ulp_f64, fast_ulp_f32;
} ej_op_info;
EJ_API size_t ej_op_count(void);
EJ_API ej_status ej_op_get(size_t index, ej_op_info *out);
/* The code of the operation with this name, 0 if there is none. */
EJ_API int32_t ej_op_find(const char *name);

/* One function or constant of the expression language. Strings have static storage. */
typedef struct ej_function_info {
    size_t struct_size;
    const char *name;           /* "atan2" */
    const char *aliases;        /* "arctan2", separated by spaces; "" if none */
    const char *parameters;     /* "y, x"; "" for a constant */
    const char *category;       /* "trigonometry", "constant", ... */
    const char *summary;        /* one sentence */
    int32_t min_args, max_args; /* max -1: any number */
    int32_t is_constant;
    int32_t reserved;
} ej_function_info;
EJ_API size_t ej_function_count(void);
EJ_API ej_status ej_function_get(size_t index, ej_function_info *out);

/* ==== Experimental: may change in any version ================================================================== */

/* One piece of parallel work. */
typedef void (*ej_task_fn)(void *task_data, int64_t index);
/* The host's executor: calls task(task_data, i) for every i from 0 to count-1, each once, on any threads and in any order,
 * and returns when all are done. The task never fails and never throws. */
typedef void (*ej_parallel_fn)(void *user_data, int64_t count, ej_task_fn task, void *task_data);

typedef struct ej_run_options {
    size_t struct_size;
    const volatile int32_t
        *stop; /* the run ends with EJ_ERR_CANCELLED soon after this becomes non-zero, and does not begin where it is;
                  may be NULL */
    int32_t
        threads; /* 0 and 1: the calling thread alone. More: up to so many threads of the library's own pool, which is
                        started on first use and survives fork. Columns only; every bit of every result is the same */
    int32_t reserved;
    ej_parallel_fn parallel; /* the host's executor instead of the pool; may be NULL */
    void *parallel_user_data;
    const ej_cancel_token *cancel; /* instead of `stop`, never with it; may be NULL; borrowed for the call */
} ej_run_options;
/* ej_kernel_call and ej_kernel_eval with run options (NULL allowed). */
EJ_API ej_status ej_kernel_call_with(const ej_kernel *kernel, const ej_run_options *run, const ej_value *args,
                                     size_t arg_count, ej_value *outs, size_t out_count, ej_error **error);
EJ_API ej_status ej_kernel_eval_with(const ej_kernel *kernel, const ej_run_options *run, const ej_column *inputs,
                                     size_t input_count, const ej_column *outputs, size_t output_count, int64_t rows,
                                     ej_error **error);

/* ---- Selections ---- */

/* The rows where a kernel with one bool output is true (and not null), in ascending order: indices[0 ... *count-1]. `indices`
 * has room for `rows` of them. */
EJ_API ej_status ej_kernel_select(const ej_kernel *kernel, const ej_run_options *run, const ej_column *inputs,
                                  size_t input_count, int64_t rows, int64_t *indices, int64_t *count, ej_error **error);
/* The rows that a condition keeps, next to each other. The kernel's first output is bool, the condition; each further output
 * has a column, which has room for `rows` elements and receives those of the *count kept rows. Text: "keep = x > 0; y =
 * sqrt(x)". A null condition keeps nothing. */
EJ_API ej_status ej_kernel_filter(const ej_kernel *kernel, const ej_run_options *run, const ej_column *inputs,
                                  size_t input_count, const ej_column *outputs, size_t output_count, int64_t rows,
                                  int64_t *count, ej_error **error);
/* Evaluates the kernel for selected rows only: element k of every output belongs to row indices[k] of the inputs, and
 * reductions are over the selected rows in that order. Indices may repeat and come in any order; one outside 0 ... rows-1 is
 * EJ_ERR_INVALID_ARGUMENT, and ej_error_row tells its place k. Failing rows are reported by k too. */
EJ_API ej_status ej_kernel_eval_selected(const ej_kernel *kernel, const ej_run_options *run, const ej_column *inputs,
                                         size_t input_count, int64_t rows, const int64_t *indices, int64_t count,
                                         const ej_column *outputs, size_t output_count, ej_error **error);

/* ---- Reductions fed batch by batch ---- */

typedef struct ej_reducer ej_reducer; /* used by one thread at a time */
/* For a kernel all of whose outputs are reduced, and in one pass: no reduction inside another's argument.
 * EJ_ERR_UNSUPPORTED otherwise. The kernel is retained. */
EJ_API ej_status ej_reducer_create(const ej_kernel *kernel, ej_reducer **reducer, ej_error **error);
/* The next `rows` rows. All columns of one parameter have one dtype over all batches; an input with stride 0 must keep its
 * value. After a failure the reducer is as before the call; a failing row is counted from the first batch on. */
EJ_API ej_status ej_reducer_feed(ej_reducer *reducer, const ej_run_options *run, const ej_column *inputs,
                                 size_t input_count, int64_t rows, ej_error **error);
/* The outputs for everything fed so far, with the bits that one call over all rows gives. Feeding may go on. */
EJ_API ej_status ej_reducer_finish(ej_reducer *reducer, ej_value *outs, size_t out_count, ej_error **error);
EJ_API void ej_reducer_destroy(ej_reducer *reducer); /* NULL is allowed */

/* ---- Programs built node by node ---- */

/* One program in the making, for front ends that have no text. Used by one thread at a time; holds no reference to anything.
 *
 *     ej_builder *b = NULL;
 *     ej_builder_create(&b);
 *     ej_builder_begin_function(b, "main");
 *     const ej_node x = ej_builder_param(b, "x", ej_type_of(EJ_F64));
 *     const ej_node y = ej_builder_binary(b, ej_op_find("mul"), x, x);
 *     ej_builder_return(b, &y, 1);
 *     ej_kernel *k = NULL;
 *     ej_error *err = NULL;
 *     if (ej_engine_compile_builder(NULL, b, NULL, &k, &err) != EJ_OK) fputs(ej_error_render(err), stderr);
 *
 * Every call is checked at once, by the rules of docs/ir.md. It returns its node, or EJ_NO_NODE after a mistake, which
 * ej_builder_error then describes: function, node, operation and what is wrong. The first ten mistakes are kept; after
 * one, calls pass over operands that are EJ_NO_NODE in silence, so a whole program can be written and checked once, when it
 * is compiled. A NULL builder makes every call return EJ_NO_NODE and do nothing. */
typedef struct ej_builder ej_builder;
typedef uint32_t ej_node; /* a value, or a place in the program; belongs to the function it was made in */
#define EJ_NO_NODE UINT32_MAX

/* The type of a node; made by the three functions below. */
typedef struct ej_type {
    ej_dtype element; /* EJ_DTYPE_NONE: no value */
    int32_t lanes;    /* of a value: 1 for a scalar, else 2, 4, ... 64 */
    int32_t rank;     /* of an array: 1 to 3; 0 for a value */
    int32_t is_mut;   /* of an array: 1 if it may be stored to */
} ej_type;
static inline ej_type ej_type_lanes(ej_dtype element, int32_t lanes) {
    ej_type t;
    t.element = element, t.lanes = lanes, t.rank = 0, t.is_mut = 0;
    return t;
}
static inline ej_type ej_type_of(ej_dtype element) { return ej_type_lanes(element, 1); }
static inline ej_type ej_type_array(ej_dtype element, int32_t rank, int32_t is_mut) {
    ej_type t;
    t.element = element, t.lanes = 1, t.rank = rank, t.is_mut = is_mut;
    return t;
}

/* A new, empty builder, which the caller destroys. */
EJ_API ej_status ej_builder_create(ej_builder **builder);
EJ_API void ej_builder_destroy(ej_builder *builder); /* NULL is allowed */
/* Empties it for the next program, mistakes included, and keeps its memory. */
EJ_API void ej_builder_reset(ej_builder *builder);
/* The mistakes so far, NULL if there is none. Borrowed: valid until the next call that changes the builder. */
EJ_API const ej_error *ej_builder_error(const ej_builder *builder);
/* Forgets the mistakes if the program is as it was before them. It is, unless one was in its structure: in a region, in what
 * ends one, or in the order of nodes; those stay until the builder is reset. */
EJ_API void ej_builder_clear_error(ej_builder *builder);
/* How many nodes the function in the making has, and the type of one: element EJ_DTYPE_NONE for EJ_NO_NODE and for nodes
 * without a value. */
EJ_API size_t ej_builder_node_count(const ej_builder *builder);
EJ_API ej_type ej_builder_type_of(const ej_builder *builder, ej_node node);
/* The program so far as IR text, complete or not. *out is owned by the caller (ej_string_free). */
EJ_API ej_status ej_builder_print(const ej_builder *builder, char **out, ej_error **error);

/* Compiles the program; of the options, params, caret, div_mode and result_type are ignored. The builder is unchanged and may
 * be destroyed, reset or compiled again. Programs that differ in names only share compiled code. With mistakes in the builder it
 * fails with them; everything is verified once more in any case. Errors and ownership as in ej_engine_compile. */
EJ_API ej_status ej_engine_compile_builder(ej_engine *engine, const ej_builder *builder,
                                           const ej_compile_options *options, ej_kernel **kernel, ej_error **error);
/* The program as IR bytes, as ej_kernel_encode makes them; *bytes is freed with ej_bytes_free. Fails with the builder's mistakes,
 * or with those the verifier finds. */
EJ_API ej_status ej_builder_encode(const ej_builder *builder, uint8_t **bytes, size_t *size, ej_error **error);

/* Begins the next function and gives its number (EJ_NO_NODE if the one before is not complete). Functions are complete, ended
 * by return, before the next one begins and before they are called; the last one is the kernel: its parameters and results
 * are scalars. `name` may be NULL. */
EJ_API uint32_t ej_builder_begin_function(ej_builder *builder, const char *name);
/* The next parameter; they come before all other nodes. `name` may be NULL. */
EJ_API ej_node ej_builder_param(ej_builder *builder, const char *name, ej_type type);
/* Names for the results of this function: one each (NULL: none) or, by default, none. */
EJ_API void ej_builder_name_results(ej_builder *builder, const char *const *names, size_t count);
/* EJ_FLAG_* of the whole program; those of the compile options come on top. */
EJ_API void ej_builder_set_flags(ej_builder *builder, uint32_t flags);
/* The place in the caller's own source of the nodes that follow in this function, as a byte span; begin > end: none. Listings
 * show it. */
EJ_API void ej_builder_at(ej_builder *builder, size_t begin, size_t end);

EJ_API ej_node ej_builder_constant(ej_builder *builder, ej_value value);
/* The same value in every lane. */
EJ_API ej_node ej_builder_constant_lanes(ej_builder *builder, ej_value value, int32_t lanes);

/* Value operations by their code (ej_op_get, ej_op_find), over scalars or lanes. Equal nodes are made once. The general form,
 * and shorter ones. */
EJ_API ej_node ej_builder_op(ej_builder *builder, int32_t code, const ej_node *operands, size_t operand_count);
/* By its name, which a mistake repeats if there is no such operation. `to` as in ej_builder_convert; EJ_DTYPE_NONE where the
 * operation does not choose what it gives. */
EJ_API ej_node ej_builder_op_named(ej_builder *builder, const char *name, ej_dtype to, const ej_node *operands,
                                   size_t operand_count);
EJ_API ej_node ej_builder_unary(ej_builder *builder, int32_t code, ej_node a);
EJ_API ej_node ej_builder_binary(ej_builder *builder, int32_t code, ej_node a, ej_node b);
EJ_API ej_node ej_builder_ternary(ej_builder *builder, int32_t code, ej_node a, ej_node b, ej_node c);
/* Operations whose signature ends in U ("convert", "bits", "widen", ...): `to` is what they give. */
EJ_API ej_node ej_builder_convert(ej_builder *builder, int32_t code, ej_node a, ej_dtype to);
/* "powi": a to a fixed power, -16 to 16; of integers 0 to 16. */
EJ_API ej_node ej_builder_powi(ej_builder *builder, ej_node a, int32_t exponent);

/* Many value operations in one call, for languages where a call is dear. */
typedef struct ej_builder_step {
    int32_t code; /* as in ej_builder_op */
    ej_dtype to;  /* as in ej_builder_convert; EJ_DTYPE_NONE where there is none */
    ej_node
        operands[3];  /* EJ_STEP + k: the node of step k, which comes before; beyond the operation's count: ignored */
    int32_t exponent; /* of "powi" */
} ej_builder_step;
#define EJ_STEP 0x80000000u
/* Takes the steps in order and writes their nodes to nodes[0 ... count-1]: EJ_NO_NODE from mistakes. Returns the last one. */
EJ_API ej_node ej_builder_steps(ej_builder *builder, const ej_builder_step *steps, size_t count, ej_node *nodes);

/* Lanes. `mask` is bool lanes (or one bool). */
EJ_API ej_node ej_builder_any(ej_builder *builder, ej_node mask);
EJ_API ej_node ej_builder_count_lanes(ej_builder *builder, ej_node mask);
EJ_API ej_node ej_builder_splat(ej_builder *builder, ej_node scalar, int32_t lanes);
EJ_API ej_node ej_builder_extract(ej_builder *builder, ej_node lanes, int32_t lane);
EJ_API ej_node ej_builder_iota(ej_builder *builder, ej_dtype element, int32_t lanes); /* 0, 1, 2, ... */

typedef int32_t ej_reduce;
enum {
    EJ_REDUCE_SUM = 0,
    EJ_REDUCE_PROD = 1,
    EJ_REDUCE_MIN = 2,
    EJ_REDUCE_MAX = 3,
    EJ_REDUCE_COUNT = 4,   /* of bool values: how many are true */
    EJ_REDUCE_ARG_MIN = 5, /* the row of the first NaN, else of the first smallest value; -1 without rows */
    EJ_REDUCE_ARG_MAX = 6,
    EJ_REDUCE_DEVIATIONS = 7 /* the sum of squared deviations from the mean */
};
/* Over all rows of a columns call where `predicate` (bool) is true; outside all regions. */
EJ_API ej_node ej_builder_reduce(ej_builder *builder, ej_reduce kind, ej_node value, ej_node predicate);

/* Memory. A table is `length` constants of type `element`, copied; its number stands for it in table_node, which gives a const
 * array of rank 1. A local is a zeroed mut array of `length` elements. Loads outside an array give 0, stores do nothing. One i64
 * index per dimension. */
EJ_API uint32_t ej_builder_table(ej_builder *builder, ej_dtype element, const void *data, size_t length);
EJ_API ej_node ej_builder_table_node(ej_builder *builder, uint32_t table);
EJ_API ej_node ej_builder_local(ej_builder *builder, ej_dtype element, size_t length);
EJ_API ej_node ej_builder_load(ej_builder *builder, ej_node array, const ej_node *indices, size_t index_count);
EJ_API ej_node ej_builder_store(ej_builder *builder, ej_node array, const ej_node *indices, size_t index_count,
                                ej_node value);
EJ_API ej_node ej_builder_len(ej_builder *builder, ej_node array, int32_t dimension);

typedef int32_t ej_check;
enum {
    EJ_CHECK_DIVIDE_BY_ZERO = 1,
    EJ_CHECK_DOMAIN = 2,
    EJ_CHECK_INDEX = 3,
    EJ_CHECK_USER = 4,
    EJ_CHECK_UNSIGNED = 5,
    EJ_CHECK_NO_ROWS = 6
};
/* Fails the run where `condition` is false; the error names `site`. */
EJ_API ej_node ej_builder_check(ej_builder *builder, ej_node condition, ej_check code, uint32_t site);
/* Calls a function that is complete; its node is the first result. */
EJ_API ej_node ej_builder_call(ej_builder *builder, uint32_t function, const ej_node *arguments, size_t argument_count);

/* Regions. Both arms of an if and every trip of a loop end with yield, break, continue or return. An if has an else; its results
 * are what its arms yield, and its node is the first of them. A for counts an i64 from `lo` up to, without, `hi` (down if `step` is
 * negative); loops carry values, which begin as `inits` and are yielded for the next trip, and their last ones are the results
 * of end_loop. A loop that was begun by begin_loop ends by break or return. */
EJ_API ej_node ej_builder_begin_if(ej_builder *builder, ej_node condition);
EJ_API ej_node ej_builder_begin_else(ej_builder *builder);
EJ_API ej_node ej_builder_end_if(ej_builder *builder);
/* The same with the types of the results said: where no arm yields there is nothing to see them from. */
EJ_API ej_node ej_builder_end_if_as(ej_builder *builder, const ej_type *types, size_t count);
EJ_API ej_node ej_builder_begin_for(ej_builder *builder, ej_node lo, ej_node hi, ej_node step, const ej_node *inits,
                                    size_t init_count);
EJ_API ej_node ej_builder_begin_loop(ej_builder *builder, const ej_node *inits, size_t init_count);
EJ_API ej_node ej_builder_end_loop(ej_builder *builder);
EJ_API ej_node ej_builder_yield(ej_builder *builder, const ej_node *values, size_t count);
/* Leave or go on with the loop around `depth` other loops, with all its carried values. */
EJ_API ej_node ej_builder_break(ej_builder *builder, uint32_t depth, const ej_node *values, size_t count);
EJ_API ej_node ej_builder_continue(ej_builder *builder, uint32_t depth, const ej_node *values, size_t count);
/* The first return of a function decides the types of its results. */
EJ_API ej_node ej_builder_return(ej_builder *builder, const ej_node *values, size_t count);
/* Parts of nodes, which make nothing new: the counter of a for, the k-th carried value at the head of a loop's trip, and the k-th
 * result (from 0) of an if, loop, call or *_overflow operation. */
EJ_API ej_node ej_builder_index(ej_builder *builder, ej_node loop);
EJ_API ej_node ej_builder_carried(ej_builder *builder, ej_node loop, size_t k);
EJ_API ej_node ej_builder_result(ej_builder *builder, ej_node node, size_t k);

/* ---- Arrow ---- */

/* The Arrow C Data Interface (https://arrow.apache.org/docs/format/CDataInterface.html), as its specification gives it. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif
/* Evaluates over a record batch: a struct array whose fields are matched with the parameters by name (further fields are
 * ignored), or, for a kernel with one parameter, an array of a primitive type. Formats b c C s S i I l L e f g; nulls as in
 * ej_kernel_eval. The input is borrowed and not released. The result is a struct array with one field per output (the
 * output of a final expression is named "result"), of one row if every output is reduced; a mixture of reduced outputs and
 * others repeats the reduced ones. *out_schema and *out_batch belong to the caller, who releases both as Arrow does; on
 * failure their release is NULL. */
EJ_API ej_status ej_kernel_eval_arrow(const ej_kernel *kernel, const ej_run_options *run,
                                      const struct ArrowSchema *schema, const struct ArrowArray *batch,
                                      struct ArrowSchema *out_schema, struct ArrowArray *out_batch, ej_error **error);

/* ---- NumPy ---- */

/* The inner loop of a NumPy ufunc (PyUFuncGenericFunction): args, dims[0] elements, byte steps; `kernel` is the ufunc's data, an
 * ej_kernel without checks (needs_context 0) and reductions whose arrays have exactly its parameter and output types.
 * Runs on the calling thread. Failures cannot happen but for memory, which leaves the outputs untouched. */
EJ_API void ej_kernel_numpy_loop(char **args, const intptr_t *dims, const intptr_t *steps, void *kernel);

#ifdef __cplusplus
}
#endif
#endif
