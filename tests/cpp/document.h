// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the blocks of docs/cpp-api.md find around them.
#undef NDEBUG
#include <exprjit/exprjit.hpp>

#include <cassert>
#include <cmath>
#include <thread>

static const exprjit::engine engine;
static std::vector<double> a, b, out;

static void restore() { a = {1, 2, 3}, b = {4, 5, 6}, out = {0, 0, 0}; }
