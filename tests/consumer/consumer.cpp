// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The header from C++: an engine of one's own, a typed compile, and one kernel used from two threads' worth of references.
#include <exprjit/exprjit.h>

#include <cstdio>

int main() {
    ej_engine *engine = nullptr;
    if (ej_engine_create(nullptr, &engine, nullptr) != EJ_OK) return std::fputs("consumer.cpp: no engine\n", stderr), 1;

    ej_param params[2] = {{"n", EJ_I64, 0}, {"wind speed", EJ_F64, 0}};
    ej_compile_options options = {};
    options.struct_size = sizeof options;
    options.params = params;
    options.param_count = 2;
    ej_kernel *kernel = nullptr;
    ej_error *error = nullptr;
    if (ej_engine_compile(engine, "n // 2 + `wind speed`", &options, &kernel, &error) != EJ_OK) {
        std::fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        ej_engine_destroy(engine);
        return 1;
    }
    ej_kernel *again = ej_kernel_retain(kernel);
    ej_kernel_release(kernel);
    ej_engine_destroy(engine);  // the kernel outlives its engine

    ej_value args[2] = {ej_i64(-7), ej_f64(0.25)}, result = ej_f64(0);
    ej_status status = ej_kernel_call(again, args, 2, &result, 1, nullptr);
    ej_kernel_release(again);
    if (status != EJ_OK || result.as.f64 != -3.75) {
        std::fprintf(stderr, "consumer.cpp: -7 // 2 + 0.25 is -3.75, got status %d, %g\n", int(status), result.as.f64);
        return 1;
    }
    std::puts("ok");
    return 0;
}
