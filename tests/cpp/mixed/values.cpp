// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One program of two files that made different choices: C++17 with exceptions, C++20 without.
#include <exprjit/exprjit.hpp>

double with_exceptions(double x);

int main() {
    const auto f = exprjit::engine().compile<double(double)>("x + 2", {"x"});
    const auto wrong = exprjit::engine().compile<double(double)>("x + ", {"x"});
    const bool good = f && (*f)(1).value_or(0) == 3 && with_exceptions(1) == 2 && !wrong &&
                      wrong.error().status() == exprjit::status::syntax;
    std::puts(good ? "ok" : "wrong");
    return good ? 0 : 1;
}
