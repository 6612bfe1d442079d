// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The C++ header from outside, in C++17: a typed function, columns, an error.
#include <exprjit/exprjit.hpp>

#include <cstdio>

int main() {
    const exprjit::engine engine;
    auto f = engine.compile<double(double, double)>("a*b + 1", {"a", "b"});
    const std::vector<double> a = {1, 2, 3};
    std::vector<double> out(3);
    f.eval(out, a, 10);
    bool was_refused = false;
    try {
        engine.compile<double(double)>("a +* b", {"a"});
    } catch (const exprjit::error& e) {
        was_refused = e.status() == exprjit::status::syntax && e.render().find('^') != e.render().npos;
    }
    if (f(3, 4) != 13 || out[2] != 31 || !was_refused || exprjit::version() != EJ_VERSION_STRING) {
        std::puts("consumer_hpp.cpp: wrong results");
        return 1;
    }
    std::puts("ok");
}
