// SPDX-License-Identifier: MIT OR Apache-2.0
#include <bit>

#include "opt/constants.h"
#include "opt/expand.h"

namespace exprjit::expand {

namespace {

// The divisor as a constant integer, if it is one.
bool constant_int(Expr e, int64_t& value) {
    uint64_t bits;
    if (!constant_bits(e.builder->function(), e.id, bits)) return false;
    value = int_of(e.scalar(), bits);
    return true;
}

bool is_power_of_two(int64_t i) { return i > 0 && std::has_single_bit(static_cast<uint64_t>(i)); }

Expr int_floor_div(Expr a, Expr b) {
    int64_t c;
    // An arithmetic shift rounds down, which is what // does.
    if (constant_int(b, c) && is_power_of_two(c))
        return binary(Op::Shr, a, a.number(std::countr_zero(static_cast<uint64_t>(c))));
    // Truncation went up exactly when the division left a remainder and the signs differ. By zero: quot gives 0, and so
    // do we. MIN // -1: quot wraps to MIN, MIN * -1 is MIN again, no remainder.
    const Expr q = binary(Op::Quot, a, b);
    const Expr zero = a.number(0);
    const Expr down = (q * b != a) & ((a ^ b) < zero) & (b != zero);
    return q - to(Op::FromBool, a.scalar(), down);
}

Expr int_mod(Expr a, Expr b) {
    int64_t c;
    const Expr zero = a.number(0);
    if (constant_int(b, c) && is_power_of_two(c)) return a & a.bits(a.scalar(), int_bits(a.scalar(), c - 1));
    const Expr r = binary(Op::Rem, a, b);
    if (constant_int(b, c) && c > 0) return r + select(r < zero, b, zero);
    // The remainder has the sign of a; where b's differs, the next multiple down is meant. By zero: rem gives 0.
    return r + select((r != zero) & ((r ^ b) < zero), b, zero);
}

// What NumPy and CPython do (npy_divmod, float_divmod): fmod is exact, and all else hangs on it.
struct Divmod {
    Expr remainder;  // fmod(a, b): the sign of a, NaN for b == 0
    Expr adjust;     // remainder and b have different signs
};

Divmod divmod(Expr a, Expr b) {
    const Expr m = binary(Op::Fmod, a, b);
    return {m, (m != 0) & ((b < 0) ^ (m < 0))};
}

Expr float_floor_div(Expr a, Expr b) {
    const Divmod d = divmod(a, b);
    // (a - fmod) is very nearly a multiple of b; snap the quotient to the nearest integer after the adjustment.
    const Expr q = (a - d.remainder) / b;
    const Expr adjusted = select(d.adjust, q - 1, q);
    const Expr down = floor(adjusted);
    const Expr snapped = select(adjusted - down > 0.5, down + 1, down);
    // A zero quotient gets the sign of a / b, which is no NaN there.
    const Expr plain = a / b;
    const Expr signed_zero = with_sign_of(a.number(0), plain);
    return select(b == 0, plain, select(adjusted == 0, signed_zero, snapped));
}

Expr float_mod(Expr a, Expr b) {
    const Divmod d = divmod(a, b);
    // A zero remainder gets the sign of b. b == 0 makes fmod NaN, which is neither zero nor adjusted.
    return select(d.remainder == 0, with_sign_of(a.number(0), b), select(d.adjust, d.remainder + b, d.remainder));
}

// The other operand where one is NaN.
Expr ignoring_nan(Op op, Expr a, Expr b) { return select(is_nan(a), b, select(is_nan(b), a, binary(op, a, b))); }

}  // namespace

Expr Fmin(const Site& s) { return ignoring_nan(Op::Min, s[0], s[1]); }
Expr Fmax(const Site& s) { return ignoring_nan(Op::Max, s[0], s[1]); }
Expr FloorDiv(const Site& s) { return s.is_float() ? float_floor_div(s[0], s[1]) : int_floor_div(s[0], s[1]); }
Expr Mod(const Site& s) { return s.is_float() ? float_mod(s[0], s[1]) : int_mod(s[0], s[1]); }
Expr Clamp(const Site& s) { return min(max(s[0], s[1]), s[2]); }
Expr Inrange(const Site& s) { return (s[1] <= s[0]) & (s[0] <= s[2]); }

}  // namespace exprjit::expand
