// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The header from C++11 and later: it compiles without warnings, twice, and its inline functions and linkage work.
#include <exprjit/exprjit.h>

#include <cstdio>

int main() {
    ej_kernel *kernel = nullptr;
    ej_error *error = nullptr;
    if (ej_engine_compile(nullptr, "a*b+c", nullptr, &kernel, &error) != EJ_OK) {
        std::fputs(ej_error_render(error), stderr);
        ej_error_destroy(error);
        return 1;
    }
    const ej_value args[3] = {ej_f64(3), ej_f64(4), ej_f64(5)};
    ej_value result = ej_bool(0);
    const ej_status status = ej_kernel_call(kernel, args, 3, &result, 1, nullptr);
    ej_kernel_release(kernel);
    return status == EJ_OK && result.as.f64 == 17 ? 0 : 1;
}
