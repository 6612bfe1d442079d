// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "exprjit/exprjit.h"
#include "functions.h"

namespace exprjit::bench {

// Applies a vector function of one or two arguments, given by its address, to `rows` rows, a multiple of its lanes.
using VectorLoop = void (*)(void* function, const void* a, const void* b, void* out, int64_t rows);
VectorLoop vector_loop(ej_isa isa, ej_dtype type, int arguments);

// The vector function's address, or null where the library has none (`why` then says what is missing).
void* find_libmvec(const Function& f, ej_isa isa, ej_dtype type, std::string* why);
void* find_sleef(const Function& f, ej_isa isa, ej_dtype type, const char* bound, std::string* why);
// The C library's scalar function: double (*)(double), float (*)(float, float), ...
void* find_glibc(const Function& f, ej_dtype type);

// After code that uses wide vectors, so that SSE code of the next contestant is not slowed by their upper halves.
void leave_wide_vectors();

// The functions of libmvec that gcc calls from the C loops of this program, separated by spaces.
std::string libmvec_calls_of_this_program();

}  // namespace exprjit::bench
