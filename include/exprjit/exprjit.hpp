// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit for C++17 and later: exprjit.h with types, ownership and errors of the language. Header-only; link
// libexprjit.so.
//
//     exprjit::engine engine;
//     auto f = engine.compile<double(double, double, double)>("a*b+c", {"a", "b", "c"});
//     f(3, 4, 5);                          // 17, a call of the machine code itself
//     std::vector<double> a, b, out;       // ... of one length
//     f.eval(out, a, b, 0.5);              // columns, and a number for all rows
//
// Conventions
//  - Objects are move-only handles; share() gives a second reference. A default-constructed or moved-from kernel,
//    function or reducer is empty: using it is status::invalid_argument, never a crash. An empty engine is the shared
//    one. Threads may do with them what exprjit.h says of the C objects.
//  - A failure is thrown as exprjit::error. With EXPRJIT_NO_EXCEPTIONS defined (or -fno-exceptions) functions return
//    exprjit::result<T> instead, written outcome<T> below. Memory that runs out is std::bad_alloc in this header's own
//    vectors and strings, as anywhere in C++.
//  - string_views come from the object that gave them and live as long.
//  - The compiler refuses element types that would lose something; the library refuses the rest with a text.
//
// In reading order: engine.hpp, function.hpp, columns.hpp, error.hpp; kernel.hpp where types are known at run time
// only. docs/cpp-api.md is the guide.
#ifndef EXPRJIT_HPP
#define EXPRJIT_HPP

#include <exprjit/hpp/builder.hpp>
#include <exprjit/hpp/cancel.hpp>
#include <exprjit/hpp/columns.hpp>
#include <exprjit/hpp/compile.hpp>
#include <exprjit/hpp/engine.hpp>
#include <exprjit/hpp/error.hpp>
#include <exprjit/hpp/function.hpp>
#include <exprjit/hpp/host_function.hpp>
#include <exprjit/hpp/kernel.hpp>
#include <exprjit/hpp/options.hpp>
#include <exprjit/hpp/types.hpp>

#endif
