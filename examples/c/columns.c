/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * One expression over the rows of a table that already lies in memory: no copy, any stride, any element type.
 *
 *     cc -std=c99 columns.c $(pkg-config --cflags --libs exprjit) -o columns
 */
#include <exprjit/exprjit.h>

#include <stdio.h>
#include <string.h>

/* A table as programs have it: an array of structs. A column is a pointer to the first field and the size of a row. */
struct hour {
    const char *date;
    float temperature; /* degrees Celsius */
    float wind;        /* metres per second */
    int32_t pressure;  /* pascal */
};

static ej_column column(void *first, size_t row_bytes, ej_dtype dtype) {
    ej_column c;
    memset(&c, 0, sizeof c);
    c.data = first;
    c.stride = (int64_t)row_bytes;
    c.dtype = dtype;
    return c;
}

int main(void) {
    struct hour hours[] = {
        {"2010-01-01T01:00", 4.0f, 3.8f, 101660},
        {"2010-01-01T07:00", 3.4f, 3.7f, 101690},
        {"2010-01-01T13:00", 6.5f, 3.9f, 101650},
        {"2010-12-24T22:00", -2.5f, 8.1f, 100870},
    };
    enum { kRows = sizeof hours / sizeof hours[0] };
    double chill[kRows], density[kRows];

    /* Several named results come out of one pass; what they share is computed once. */
    const char *text = "let v = wind * 3.6;" /* km/h */
                       "let kelvin = temperature + 273.15;"
                       "let felt = 13.12 + 0.6215*temperature + (0.3965*temperature - 11.37) * v**0.16;"
                       "chill = felt if v > 4.8 else temperature;"
                       "density = pressure / (287.05 * kelvin)";
    const ej_param params[] = {{"temperature", EJ_F64, 0}, {"wind", EJ_F64, 0}, {"pressure", EJ_I32, 0}};
    ej_compile_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 3;

    ej_kernel *kernel = NULL;
    ej_error *error = NULL;
    if (ej_engine_compile(NULL, text, &options, &kernel, &error) == EJ_OK) {
        /* The f32 columns convert to the f64 parameters on the way in. */
        ej_column inputs[3], outputs[2];
        inputs[0] = column(&hours[0].temperature, sizeof hours[0], EJ_F32);
        inputs[1] = column(&hours[0].wind, sizeof hours[0], EJ_F32);
        inputs[2] = column(&hours[0].pressure, sizeof hours[0], EJ_I32);
        outputs[0] = column(chill, sizeof chill[0], EJ_F64);
        outputs[1] = column(density, sizeof density[0], EJ_F64);
        if (ej_kernel_eval(kernel, inputs, 3, outputs, 2, kRows, &error) == EJ_OK) {
            puts("date               temperature  wind    wind chill  air density");
            for (int i = 0; i < kRows; i++) {
                printf("%-18s %8.1f C %5.1f m/s %8.2f C %8.4f kg/m3\n", hours[i].date, hours[i].temperature,
                       hours[i].wind, chill[i], density[i]);
            }
        }
    }
    ej_kernel_release(kernel); /* NULL is fine */
    if (error) {
        fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        return 1;
    }
    return 0;
}
