// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>

#include "opt/maths/pieces.h"

namespace exprjit::maths {

// from <= x < to, for 0 < from < to <= infinity: false for negative numbers and NaN. Bits of positive floats are in the order of
// their values, so it is one comparison of integers once those of `from` are moved to the least integer.
inline Expr is_in_range(Expr x, double from, double to) {
    const Expr bits = raw_bits(x);
    const auto compare = [&]<class Word>(Word low, Word high) {
        const Word shift = static_cast<Word>((Word{1} << (8 * sizeof(Word) - 1)) - low);
        return bits + word(bits, shift) < word(bits, static_cast<Word>(shift + high));
    };
    if (is_f32(x))
        return compare(std::bit_cast<uint32_t>(static_cast<float>(from)),
                       std::bit_cast<uint32_t>(static_cast<float>(to)));
    return compare(std::bit_cast<uint64_t>(from), std::bit_cast<uint64_t>(to));
}

}  // namespace exprjit::maths
