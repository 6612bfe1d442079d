// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One text for both ways of failing: VALUE is the value of an outcome, FAILURE its error, whether thrown or returned.
#pragma once

#include <exprjit/exprjit.hpp>

#include <cstdio>
#include <cstdlib>

inline const exprjit::engine engine;  // the process's shared one
inline int expectations = 0;
inline int failures = 0;

inline void expect(bool holds, const char* file, int line, const char* what) {
    ++expectations;
    if (!holds) ++failures, std::printf("%s:%d: does not hold: %s\n", file, line, what);
}
#define EXPECT(...) expect(static_cast<bool>(__VA_ARGS__), __FILE__, __LINE__, #__VA_ARGS__)

// An outcome that should have failed and did not is an error with status::ok.
#ifdef EXPRJIT_NO_EXCEPTIONS
template <class T>
T value_of(exprjit::result<T> outcome) {
    return std::move(outcome).value();
}
inline void value_of(const exprjit::result<void>& outcome) { outcome.value(); }
#define VALUE(...) value_of(__VA_ARGS__)
template <class F>
exprjit::error failure_of(F&& run) {
    const auto outcome = run();
    return outcome ? exprjit::error(exprjit::status::ok, "no failure") : outcome.error();
}
#else
#define VALUE(...) (__VA_ARGS__)
template <class F>
exprjit::error failure_of(F&& run) {
    try {
        static_cast<void>(run());
    } catch (const exprjit::error& e) {
        return e;
    }
    return {exprjit::status::ok, "no failure"};
}
#endif
#define FAILURE(...) failure_of([&] { return __VA_ARGS__; })

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

void test_builder();
void test_calls();
void test_columns();
void test_errors();
void test_handles();
void test_host_functions();
void test_kernels();
void test_limits();
void test_selections();
