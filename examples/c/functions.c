/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Functions of your own: one defined as an expression, one written in C that reads a table of the program.
 *
 *     cc -std=c99 functions.c $(pkg-config --cflags --libs exprjit) -o functions
 */
#include <exprjit/exprjit.h>

#include <stdio.h>

/* Prices in several currencies, and what one unit of each is in euros. */
struct rates {
    int64_t count;
    double euros[4];
};

/* The parameters of the signature come after user_data. It only looks things up, so it is pure. */
static double rate_of(void *user_data, int64_t currency) {
    const struct rates *rates = user_data;
    return currency >= 0 && currency < rates->count ? rates->euros[currency] : 0;
}

static int failed(ej_error *error) {
    fputs(ej_error_render(error), stderr);
    ej_error_destroy(error);
    return 1;
}

int main(void) {
    static struct rates rates = {3, {1.0, 0.92, 1.17, 0}};
    ej_engine *engine = NULL;
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    const ej_param params[2] = {{"price", EJ_F64, 0}, {"currency", EJ_I64, 0}};
    ej_compile_options options = {0};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    options.params_declared = 1;

    if (ej_engine_create(NULL, &engine, &error) != EJ_OK ||
        ej_engine_add_function(engine, "rate", "(i64) -> f64", (ej_native_fn)rate_of, &rates, EJ_FUNCTION_PURE,
                               &error) != EJ_OK ||
        ej_engine_define(engine, "cents(x) = round(x * 100) / 100", &error) != EJ_OK ||
        ej_engine_define(engine, "in_euros(price, currency) = cents(price * rate(currency))", &error) != EJ_OK ||
        ej_engine_compile(engine, "in_euros(price, currency)", &options, &kernel, &error) != EJ_OK)
        return failed(error);

    double prices[4] = {10.0, 12.5, 99.95, 3.0}, euros[4];
    int64_t currencies[4] = {0, 1, 2, 1};
    const ej_column inputs[2] = {{prices, sizeof *prices, EJ_F64, 0, NULL, 0},
                                 {currencies, sizeof *currencies, EJ_I64, 0, NULL, 0}};
    const ej_column output = {euros, sizeof *euros, EJ_F64, 0, NULL, 0};
    if (ej_kernel_eval(kernel, inputs, 2, &output, 1, 4, &error) != EJ_OK) return failed(error);
    for (int i = 0; i < 4; ++i) printf("%6.2f in currency %d: %6.2f euros\n", prices[i], (int)currencies[i], euros[i]);

    /* A stranger's text cannot reach rate_of, nor in_euros, which calls it. */
    ej_kernel *none = NULL;
    options.untrusted = 1;
    if (ej_engine_compile(engine, "in_euros(price, currency)", &options, &none, &error) == EJ_OK) return 1;
    printf("refused: %s\n", ej_error_message(error));
    ej_error_destroy(error);

    /* First the kernels, then the engine, then what the function reads. */
    ej_kernel_release(kernel);
    ej_engine_destroy(engine);
    return 0;
}
