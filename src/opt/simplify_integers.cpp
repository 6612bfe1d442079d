// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Truncating division and remainder by constants.
#include <bit>

#include "opt/rewrite.h"

namespace exprjit {

ValueId simplify_division(Rewriter& r, const Candidate& c, int64_t divisor) {
    const bool is_quotient = c.op == Op::Quot;
    const ValueId a = c.operands[0];
    const Scalar s = c.type.scalar();
    const auto integer = [&](int64_t i) { return r.constant(c.type, int_bits(s, i)); };
    if (divisor == 0) return integer(0);
    if (divisor == 1) return is_quotient ? a : integer(0);
    if (divisor == -1) return is_quotient ? r.unary(Op::Neg, a) : integer(0);  // MIN wraps, as in quot
    // |MIN| is a power of two that has no positive spelling: left to the hardware.
    const int64_t lowest = s == Scalar::I32 ? INT32_MIN : INT64_MIN;
    const uint64_t size = divisor < 0 ? 0 - static_cast<uint64_t>(divisor) : static_cast<uint64_t>(divisor);
    if (divisor == lowest || !std::has_single_bit(size)) return kNoValue;

    // A shift rounds down, truncation rounds negative numbers up: they get 2^k - 1 more first.
    const int width = width_of(s), k = std::countr_zero(size);
    const ValueId sign = k == 1 ? a : r.binary(Op::Shr, a, integer(width - 1));
    const ValueId bias = r.binary(Op::Shru, sign, integer(width - k));
    const ValueId biased = r.binary(Op::Add, a, bias);
    if (is_quotient) {
        const ValueId quotient = r.binary(Op::Shr, biased, integer(k));
        return divisor < 0 ? r.unary(Op::Neg, quotient) : quotient;
    }
    const ValueId multiple = r.binary(Op::And, biased, integer(static_cast<int64_t>(0 - size)));
    return r.binary(Op::Sub, a, multiple);
}

}  // namespace exprjit
