// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The cube root without a division: y near x^(-1/3) by a straight line in logarithms, which the bits of a float nearly are
// (Blinn, "Floating-point tricks", 1997; Kahan's cbrt), a better y by a polynomial in e = 1 - x y^3, and c = x y^2 with a
// last step of Newton's, c + (x - c^3) y^2 / 3, whose residual is exact: c^2 and c^3 are products as pairs.
#include <limits>

#include "opt/expand.h"
#include "opt/maths/cbrt_coefficients.h"
#include "opt/maths/pieces.h"
#include "opt/maths/range.h"

namespace exprjit::expand {

namespace {

using namespace maths;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Bits of x, as a number i, to those of the start: 2^m (4/3 bias + shift) - i / 3. In f64 it is the high word.
Expr inverse_start(Expr x) {
    const Expr bits = raw_bits(x);
    if (is_f32(x)) {
        constexpr double kOffset = 0x1p23 * (127 + 127 / 3.0 + kCbrtShift);
        const Expr i = to(Op::IntToFloat, Scalar::F32, bits);
        const Expr line = fma(i, i.number(static_cast<float>(-1 / 3.0)), i.number(static_cast<float>(kOffset)));
        return from_bits(to(Op::TruncToInt, Scalar::I32, line));
    }
    // An integer in the lowest bits of a float: 2^52 is added to i and 1.5 * 2^52 to the result.
    constexpr uint64_t kMagicBits = 0x4330000000000000;
    constexpr double kOffset = 0x1p20 * (1023 + 1023 / 3.0 + kCbrtShift), kMagic = 0x1p52;
    const Expr i = from_bits(shru(bits, 32) | word(bits, kMagicBits));
    const Expr line = fma(i, i.number(-1 / 3.0), i.number(1.5 * kMagic + kMagic / 3 + kOffset));
    return from_bits(shl(raw_bits(line), 32));
}

// Of x far from both ends of the range; size is |x|.
Expr root_of(Expr x, Expr size) {
    const Expr start = inverse_start(size);
    const Expr e = fma(-(size * start), start * start, x.number(1));
    const Expr q = is_f32(x) ? horner(e, kCbrtSingle) : even_odd(e, kCbrt);
    const Expr y = fma(start * e, q, start), inverse_square = y * y;
    const Expr c = x * inverse_square;
    const Expr square = c * c;
    const Expr residual = fma(-fma(c, c, -square), c, fma(-square, c, x));
    return fma(residual, inverse_square * (is_f32(x) ? static_cast<float>(1 / 3.0) : 1 / 3.0), c);
}

// Without the residual: with e = 1 - size y^3 the root is x y^2 (1 - e)^(-2/3), for a y from which f64 needs two
// coefficients. What x size^(-2/3) is, where x and size differ.
Expr fast_root_of(Expr x, Expr size) {
    Expr y = inverse_start(size);
    if (!is_f32(x)) {
        const Expr e = fma(-(size * y), y * y, x.number(1));
        y = fma(y * e, horner(e, kCbrtFirst), y);
    }
    const Expr square = y * y, e = fma(-(size * y), square, x.number(1)), c = x * square;
    return fma(c * e, is_f32(x) ? horner(e, kCbrtSingleFast) : horner(e, kCbrtSecond), c);
}

}  // namespace

// What is too small for the residual is scaled by the cube of a power of two. Zeros, infinities and NaN are their own
// roots: they multiply the root of 1, or stand for x beside the size 1, whose e is positive: so the terms have one sign.
Expr Cbrt(const Site& s) {
    const Expr x = s[0], size = abs(x);
    const bool narrow = is_f32(x);
    const Expr usual = is_in_range(size, narrow ? 0x1p-75 : 0x1p-900, kInfinity);
    const double up = narrow ? 0x1p75 : 0x1p300, down = narrow ? 0x1p-25 : 0x1p-100;
    if (s.fast) {
        const auto [value, magnitude] = unless_rare(usual, std::array<Expr, 2>{x, size}, [&] {
            const Expr small = (size > 0) & (size < kInfinity);
            return std::array<Expr, 2>{select(small, x * (up * down), x), select(small, size * up, x.number(1))};
        });
        return fast_root_of(value, magnitude);
    }
    const auto [value, magnitude, factor] = unless_rare(usual, std::array<Expr, 3>{x, size, x.number(1)}, [&] {
        const Expr small = (size > 0) & (size < kInfinity), one = x.number(1);
        return std::array<Expr, 3>{select(small, x * up, one), select(small, size * up, one),
                                   select(small, x.number(down), x)};
    });
    return root_of(value, magnitude) * factor;
}

}  // namespace exprjit::expand
