// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Payne and Hanek, "Radian reduction for trigonometric functions" (1983), in integers throughout, so that every machine
// gives the same bits. Of x = m 2^e, times the bits of 2/pi, those that stand for multiples of four quarter turns are
// left out, and 192 of the rest are multiplied: no f64 is nearer to a multiple of pi/2 than 2^-61, so at least 75 bits of
// the remainder are right.
#include "ir/payne_hanek.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "ir/two_over_pi.h"

namespace exprjit::meaning {

namespace {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

constexpr int kPadding = 64;  // zeros before the bits of 2/pi
// pi/2 as a fixed-point number with 126 bits behind the point.
constexpr Wide kHalfPi = static_cast<Wide>(0x6487ed5110b4611a) << 64 | 0x62633145c06e0e68;

// |r| = fraction / 2^128 / 2^exponent, where the highest bit of `fraction` is set (r is never 0 unless x is).
struct Reduction {
    Wide fraction;
    int exponent;
    bool negative;
    unsigned quadrant;
};

// 64 bits of 2/pi from `bit` on.
uint64_t window(int bit) {
    const int word = bit / 64, shift = bit % 64;
    return shift == 0 ? kTwoOverPiBits[word] : kTwoOverPiBits[word] << shift | kTwoOverPiBits[word + 1] >> (64 - shift);
}

Wide high_product(Wide a, Wide b) {
    const Wide a1 = a >> 64, a0 = static_cast<uint64_t>(a), b1 = b >> 64, b0 = static_cast<uint64_t>(b);
    const Wide middle = a1 * b0 + static_cast<uint64_t>(a0 * b1) + (a0 * b0 >> 64);
    return a1 * b1 + (middle >> 64) + (a0 * b1 >> 64);
}

// Of a finite x, |x| >= 1/2.
Reduction reduce(double x) {
    const uint64_t bits = std::bit_cast<uint64_t>(x);
    const uint64_t m = (bits & ((uint64_t{1} << 52) - 1)) | uint64_t{1} << 52;
    const int e = static_cast<int>(bits >> 52 & 0x7ff) - 1075;
    // Bit j behind the point of 2/pi weighs m 2^(e-j): up to j = e-2 whole turns.
    const int first = kPadding + e - 2;
    // m times the window, modulo 2^192: two bits of quadrant, then the fraction of a quarter turn.
    const Wide low = static_cast<Wide>(m) * window(first + 128);
    const Wide middle = static_cast<Wide>(m) * window(first + 64) + static_cast<uint64_t>(low >> 64);
    const uint64_t top = m * window(first) + static_cast<uint64_t>(middle >> 64);
    const uint64_t next = static_cast<uint64_t>(middle), last = static_cast<uint64_t>(low);

    unsigned quadrant = static_cast<unsigned>(top >> 62);
    // The fraction as a two's complement number: above one half it is the next quadrant, less something.
    uint64_t f2 = top << 2 | next >> 62, f1 = next << 2 | last >> 62, f0 = last << 2;
    const bool above_half = f2 >> 63 != 0;
    if (above_half) {
        ++quadrant;
        f2 = ~f2, f1 = ~f1, f0 = ~f0;  // one's complement: off by 2^-192
    }
    // The highest 128 bits of the fraction, which is less than one half.
    const int zeros = f2 != 0 ? std::countl_zero(f2) : 64 + std::countl_zero(f1);
    if (zeros >= 64) f2 = f1, f1 = f0, f0 = 0;
    const int shift = zeros % 64;
    Wide fraction = static_cast<Wide>(f2) << 64 | f1;
    if (shift != 0) fraction = fraction << shift | f0 >> (64 - shift);

    // Times pi/2, which is 2 kHalfPi 2^-127.
    Wide r = high_product(fraction, kHalfPi);
    int exponent = zeros - 2;
    while (r >> 127 == 0) r <<= 1, ++exponent;
    const bool negative_x = bits >> 63 != 0;
    return {r, exponent, above_half != negative_x, (negative_x ? 0u - quadrant : quadrant) & 3};
}

// The two numbers of the type T.
template <class T>
struct Parts {
    T high, low;
};

template <class T>
Parts<T> parts_of(T x) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    if (!(std::fabs(x) <= std::numeric_limits<T>::max())) return {nan, nan};
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    constexpr int kDigits = std::numeric_limits<T>::digits;
    if (std::fabs(x) < T(0.5)) {
        const T high = std::bit_cast<T>(static_cast<Bits>(std::bit_cast<Bits>(x) & ~Bits{3}));
        return {high, x - high};
    }
    const Reduction r = reduce(static_cast<double>(x));
    constexpr int kBelow = 128 - kDigits;
    const Wide high = (r.fraction >> kBelow & ~static_cast<Wide>(3)) | r.quadrant;
    const auto rest = static_cast<SignedWide>(r.fraction - (high << kBelow));
    const double sign = r.negative ? -1 : 1;
    return {static_cast<T>(std::ldexp(sign * static_cast<double>(high), -r.exponent - kDigits)),
            static_cast<T>(std::ldexp(sign * static_cast<double>(rest), -r.exponent - 128))};
}

}  // namespace

double pio2_high(double x) { return parts_of(x).high; }
double pio2_low(double x) { return parts_of(x).low; }
float pio2_high(float x) { return parts_of(x).high; }
float pio2_low(float x) { return parts_of(x).low; }

}  // namespace exprjit::meaning
