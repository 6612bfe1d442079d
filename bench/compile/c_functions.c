/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "c_functions.h"

#include <math.h>

double c_multiply_add(double a, double b, double c) { return a * b + c; }
double c_polynomial(double a, double b, double c) { return ((((a * 0.5 + b) * a + c) * a - 0.25) * a + b) * a + 1.5; }
double c_quadratic_root(double a, double b, double c) { return (-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a); }
double c_rational(double a, double b, double c) { return (a + b) / (b + c) - (a - c) / (a + 1.0); }
double c_conditional(double a, double b, double c) { return a < b ? a * c : b > c ? b - c : a + c; }
double c_clamp(double a, double b, double c) { return a < b ? b : a > c ? c : a; }
double c_sine(double a, double b, double c) { return sin(a * b) + c; }
double c_gaussian(double a, double b, double c) { return exp(-(a - b) * (a - b) / (2.0 * c * c)); }
double c_distance(double a, double b, double c) { return sqrt(a * a + b * b + c * c); }
/* Signed overflow is undefined in C; the cast says what is meant. */
int64_t c_hash(int64_t a, int64_t b, int64_t c) {
    uint64_t h = (uint64_t)a * 31u + (uint64_t)b;
    h = (h ^ (h << 7)) * 31u + (uint64_t)c;
    return (int64_t)(h ^ (uint64_t)((int64_t)h >> 9));
}
int64_t c_select_integer(int64_t a, int64_t b, int64_t c) { return a < b ? (a & c) + b : (a | c) - b; }
float c_blend(float a, float b, float c) { return a * c + b * (1.0f - c); }
