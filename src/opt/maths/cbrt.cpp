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

// Of a positive x far from both ends of the range.
Expr root_of(Expr x, bool fast) {
    const Expr start = inverse_start(x);
    const Expr e = fma(-(x * start), start * start, x.number(1));
    const Expr q = !is_f32(x) ? even_odd(e, kCbrt) : fast ? horner(e, kCbrtSingleFast) : horner(e, kCbrtSingle);
    const Expr y = fma(start * e, q, start), inverse_square = y * y;
    const Expr c = x * inverse_square;
    const Expr square = c * c;
    Expr residual = fma(-square, c, x);
    if (!fast) residual = fma(-fma(c, c, -square), c, residual);
    return fma(residual, inverse_square * (is_f32(x) ? static_cast<float>(1 / 3.0) : 1 / 3.0), c);
}

}  // namespace

// |x| and the sign, which multiplies the result. What is too small for the residual is scaled by the cube of a power of two;
// where the result is x itself (zeros, infinities, NaN), x is the factor of the root of 1.
Expr Cbrt(const Site& s) {
    const Expr x = s[0], size = abs(x);
    const bool narrow = is_f32(x);
    const Expr bits = raw_bits(x);
    const Expr sign = bits & word(bits, narrow ? 0x80000000u : uint64_t{1} << 63);
    const Expr signed_one = from_bits(sign | word(bits, narrow ? 0x3f800000u : 0x3ff0000000000000));
    const Expr usual = is_in_range(size, narrow ? 0x1p-75 : 0x1p-900, kInfinity);
    const auto [positive, factor] = unless_rare(usual, std::array<Expr, 2>{size, signed_one}, [&] {
        const Expr small = (size > 0) & (size < kInfinity);
        return std::array<Expr, 2>{select(small, size * (narrow ? 0x1p75 : 0x1p300), x.number(1)),
                                   select(small, signed_one * (narrow ? 0x1p-25 : 0x1p-100), x)};
    });
    return root_of(positive, s.fast) * factor;
}

}  // namespace exprjit::expand
