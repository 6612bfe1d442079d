/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Evaluates expressions over two columns of doubles: same_bits TEXTS COLUMNS ROWS RESULTS. Lines of TEXTS begin with "m " (a value
 * per row) or "r " (reduced). Written as a program of somebody else would be, on the C ABI alone. */
#include <exprjit/exprjit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int evaluate(const char *text, const double *x, const double *y, int64_t rows, double *out) {
    const ej_param params[] = {{"x", EJ_F64, 0}, {"y", EJ_F64, 0}};
    ej_compile_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    options.params_declared = 1;
    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    ej_status status = ej_engine_compile(NULL, text, &options, &kernel, &error);
    if (status == EJ_OK) {
        ej_column inputs[2], output;
        memset(inputs, 0, sizeof inputs);
        memset(&output, 0, sizeof output);
        inputs[0].data = (void *)x;
        inputs[1].data = (void *)y;
        output.data = out;
        inputs[0].stride = inputs[1].stride = output.stride = sizeof(double);
        inputs[0].dtype = inputs[1].dtype = output.dtype = EJ_F64;
        status = ej_kernel_eval(kernel, inputs, 2, &output, 1, rows, &error);
    }
    if (status != EJ_OK) fprintf(stderr, "%s: %s\n", text, ej_error_message(error));
    ej_error_destroy(error);
    ej_kernel_release(kernel);
    return status == EJ_OK;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    const int64_t rows = atoll(argv[3]);
    double *columns = malloc((size_t)rows * 3 * sizeof(double));
    FILE *data = fopen(argv[2], "rb"), *texts = fopen(argv[1], "r"), *results = fopen(argv[4], "wb");
    if (!columns || !data || !texts || !results) return 2;
    if (fread(columns, sizeof(double), (size_t)rows * 2, data) != (size_t)rows * 2) return 2;
    char line[1024];
    while (fgets(line, sizeof line, texts)) {
        line[strcspn(line, "\n")] = 0;
        double *out = columns + 2 * rows;
        if (!evaluate(line + 2, columns, columns + rows, rows, out)) return 1;
        fwrite(out, sizeof(double), line[0] == 'r' ? 1 : (size_t)rows, results);
    }
    fclose(data);
    fclose(texts);
    free(columns);
    return fclose(results) == 0 ? 0 : 1;
}
