// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What pow(x, y) and root(x, n) = x^(1/n) have in common: the logarithm of |x|, the exponential of its product with the
// exponent, and what C99 says of arguments for which these are no answer. All in f64.
#pragma once

#include "opt/maths/pieces.h"

namespace exprjit::maths {

// |x| as the logarithms take it. `limit` is the given one for positive finite x and 0 otherwise: the exponent of a power
// is below it in size where nothing is special.
struct Base {
    Expr bits;  // of |x|, of a subnormal one times 2^54
    Expr bias;  // what the exponent in the bits is too large by
    Expr limit;
};
Base base_of_power(Expr x, double limit);
// log|x| to about 2^-65 of its value (`fast`: 2^-61). Of 0, infinities and NaN it is garbage.
Pair log_for_power(const Base& base, bool fast);

// The same for x in f32, for results in f32: `bits` are an integer of 32 bits. Those of a subnormal |x| have an exponent below
// zero, so that nobody needs a bias; `limit` is of f64.
struct NarrowBase {
    Expr bits, limit;
};
NarrowBase base_of_narrow_power(Expr x, double limit);
// log2|x| in f64 to about 2^-37 (`fast`: 2^-30). Of 0, infinity and NaN it is garbage.
Expr log2_for_power(const NarrowBase& base, bool fast);

// e^exponent or 2^exponent before the multiplication by a power of two: significand * 2^scale. Right for exponents of
// size up to 1100 at least.
struct Exponential {
    Expr significand;
    Expr scale;   // a whole number
    Expr biased;  // a float whose lowest bits are `scale`, biased as the exponent of a float
};
Exponential exp_for_power(Pair exponent, bool fast);
Exponential exp2_for_power(Expr exponent, bool fast);
// significand * 2^scale where that is normal.
Expr scaled_normal(const Exponential& e);

// The power of any arguments.
struct PowerCase {
    Expr x;
    Expr y;          // the exponent
    Expr log;        // a logarithm of |x|, to any base and of little accuracy
    Expr odd;        // the power of a negative x is negative
    Expr undefined;  // the result is NaN
};
// What C99 (F.9.4.4 of Annex F) says; `e` is the exponential of y log|x| and counts where that is not beyond +-1100.
Expr power_of_any(const PowerCase& c, const Exponential& e);

Expr is_odd_integer(Expr n);

}  // namespace exprjit::maths
