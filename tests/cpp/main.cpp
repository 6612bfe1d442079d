// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit.hpp as its users see it. The program is built once per standard, compiler and way of failing.
#include "check.h"

int main() {
    test_builder();
    test_calls();
    test_columns();
    test_errors();
    test_handles();
    test_host_functions();
    test_kernels();
    test_limits();
    test_selections();
    std::printf("%d expectations, %d failed\n", expectations, failures);
    return failures != 0 || expectations < 100;
}
