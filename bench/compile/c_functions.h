/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The expressions of the call benchmark, as a C programmer would write them; compiled with -O3. */
#ifndef EXPRJIT_BENCH_C_FUNCTIONS_H
#define EXPRJIT_BENCH_C_FUNCTIONS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

double c_multiply_add(double a, double b, double c);
double c_polynomial(double a, double b, double c);
double c_quadratic_root(double a, double b, double c);
double c_rational(double a, double b, double c);
double c_conditional(double a, double b, double c);
double c_clamp(double a, double b, double c);
double c_sine(double a, double b, double c);
double c_gaussian(double a, double b, double c);
double c_distance(double a, double b, double c);
int64_t c_hash(int64_t a, int64_t b, int64_t c);
int64_t c_select_integer(int64_t a, int64_t b, int64_t c);
float c_blend(float a, float b, float c);

#ifdef __cplusplus
}
#endif
#endif
