// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace exprjit::meaning {

// The exact reduction of an angle by quarter turns, good for every finite x: x = q pi/2 + r with |r| <= pi/4.
// `pio2_high` is r truncated to its type, with the two lowest bits of the mantissa replaced by q modulo 4; `pio2_low` is
// r less that number, so that the sum of both is r to about twice the precision. Both are NaN for NaN and infinities.
double pio2_high(double x);
double pio2_low(double x);
float pio2_high(float x);
float pio2_low(float x);

}  // namespace exprjit::meaning
