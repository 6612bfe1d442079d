// SPDX-License-Identifier: MIT OR Apache-2.0
#include "formulas.h"

#include <cstdlib>
#include <cstring>

namespace exprjit::bench {

namespace {

using Work = Formula::Work;

constexpr Formula kFormulas[] = {
    {"multiply_add", "a*b + c", "a*b + c", 3, Work::Arithmetic, false, false, {-2, -2, -2}, {2, 2, 2}, 2},
    {"horner",
     "polynomial of degree 9",
     "((((((((0.1*a + 0.2)*a + 0.3)*a + 0.4)*a + 0.5)*a + 0.6)*a + 0.7)*a + 0.8)*a + 0.9)*a + 1.1",
     1,
     Work::Arithmetic,
     false,
     false,
     {-1},
     {1},
     18},
    {"mix",
     "mix of 8 operations",
     "(a + b)*(c - a) + (b*c - a)*2 - b",
     3,
     Work::Arithmetic,
     false,
     false,
     {-2, -2, -2},
     {2, 2, 2},
     8},
    {"choose",
     "where(a > 0, sqrt(a), -a)",
     "where(a > 0, sqrt(a), -a)",
     1,
     Work::Arithmetic,
     false,
     false,
     {-2},
     {2},
     3},
    {"integers",
     "integer mix",
     "((a*31 + b) xor (a >> 3)) + (b & 255)*c - (a < b ? a : c)",
     3,
     Work::Arithmetic,
     true,
     false,
     {-1000, -1000, -1000},
     {1000, 1000, 1000},
     10},
    {"haversine",
     "haversine",
     "12742*asin(sqrt(sin((c - a)*0.5)**2 + cos(a)*cos(c)*sin((d - b)*0.5)**2))",
     4,
     Work::Transcendental,
     false,
     false,
     {-1.5, -3, -1.5, -3},
     {1.5, 3, 1.5, 3},
     0},
    {"black_scholes",
     "Black-Scholes",
     "let s = 0.25*sqrt(c)\n"
     "let p = (log(a/b) + 0.06125*c)/s\n"
     "let q = p - s\n"
     "let k = 1/(1 + 0.2316419*abs(p))\n"
     "let l = 1/(1 + 0.2316419*abs(q))\n"
     "let u = 0.3989422804014327*exp(-0.5*p*p)*k*"
     "(0.31938153 + k*(-0.356563782 + k*(1.781477937 + k*(-1.821255978 + k*1.330274429))))\n"
     "let v = 0.3989422804014327*exp(-0.5*q*q)*l*"
     "(0.31938153 + l*(-0.356563782 + l*(1.781477937 + l*(-1.821255978 + l*1.330274429))))\n"
     "a*where(p > 0, 1 - u, u) - b*exp(-0.03*c)*where(q > 0, 1 - v, v)",
     3,
     Work::Transcendental,
     false,
     false,
     {10, 10, 0.2},
     {100, 100, 2},
     0},
    {"waves",
     "sin(a)*exp(-a*a) + log(1 + b*b)",
     "sin(a)*exp(-a*a) + log(1 + b*b)",
     2,
     Work::Transcendental,
     false,
     false,
     {-2, -2},
     {2, 2},
     0},
    {"gelu",
     "gelu (tanh)",
     "0.5*a*(1 + tanh(0.7978845608028654*(a + 0.044715*a*a*a)))",
     1,
     Work::Transcendental,
     false,
     false,
     {-4},
     {4},
     0},
    {"sum", "sum(a)", "sum(a)", 1, Work::Reduction, false, false, {0.5}, {1.5}, 1},
    {"dot", "dot(a, b)", "dot(a, b)", 2, Work::Reduction, false, false, {0.5, 0.5}, {1.5, 1.5}, 2},
    {"mean", "mean(a)", "mean(a)", 1, Work::Reduction, false, false, {0.5}, {1.5}, 1},
    {"filter_sum", "sum(a, where=a > t)", "sum(a, where=a > t)", 1, Work::Reduction, false, true, {0.5}, {1.5}, 2},
    {"center", "a - mean(a)", "a - mean(a)", 1, Work::Arithmetic, false, false, {0.5}, {1.5}, 2},
};

}  // namespace

std::span<const Formula> formulas() { return kFormulas; }

const Formula& formula(const char* name) {
    for (const Formula& f : kFormulas)
        if (std::strcmp(f.name, name) == 0) return f;
    std::abort();
}

}  // namespace exprjit::bench
