// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rules that keep the bits for every input, signed zeros, infinities, NaN and subnormals included (which NaN is not
// specified). Each line is a rule with its reason. Operands are simple already; constants stand on the right.
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "opt/rewrite.h"

namespace exprjit {

namespace {

// A candidate seen through the questions that rules ask.
class Matcher {
  public:
    Matcher(Rewriter& r, Candidate& c)
        : r(r), c(c), a(c.operands[0]), b(c.operands[1]), type(r.type_of(info(c.op).signature[0] == 'B' ? b : a)),
          scalar(type.scalar()), floats(is_float(scalar)), has_constant(c.count == 2 && r.constant_bits(b, bits)) {}

    Op op_of(ValueId v) const { return r.node(v).op; }
    ValueId inner(ValueId v) const { return r.node(v).inline_operands[0]; }
    bool is(ValueId v, Op op) const { return op_of(v) == op; }
    // Whether b is this number, sign of zero included.
    bool b_is(double d) const { return has_constant && floats && bits == float_bits(scalar, d); }
    bool b_is_int(int64_t i) const { return has_constant && !floats && int_of(scalar, bits) == i; }
    int64_t b_int() const { return int_of(scalar, bits); }
    double b_float() const { return float_of(scalar, bits); }
    bool is_constant(ValueId v, uint64_t wanted) const {
        uint64_t found = 0;
        return r.constant_bits(v, found) && found == wanted;
    }
    ValueId number(double d) const { return r.constant(type, float_bits(scalar, d)); }
    ValueId integer(int64_t i) const { return r.constant(type, int_bits(scalar, i)); }
    ValueId truth(bool t) const { return r.constant(type.with(Scalar::Bool), t); }
    uint64_t ones() const { return scalar == Scalar::Bool ? 1 : int_bits(scalar, -1); }

    Rewriter& r;
    Candidate& c;
    ValueId a, b;
    Type type;  // T
    Scalar scalar;
    bool floats;
    uint64_t bits = 0;
    bool has_constant;  // b is one, with these bits
};

// x op c1 op c2 is x op (c1 op c2) where rounding does not exist.
ValueId gather_constants(Matcher& m) {
    if (m.floats || !m.has_constant || !m.is(m.a, m.c.op)) return kNoValue;
    const Node& first = m.r.node(m.a);
    const ValueId x = first.inline_operands[0], c1 = first.inline_operands[1];
    if (!is_constant(m.r.function(), c1)) return kNoValue;
    const ValueId both = m.r.binary(m.c.op, c1, m.b);
    return m.r.binary(m.c.op, x, both);
}

ValueId simplify_add(Matcher& m) {
    if (m.b_is(-0.0)) return m.a;  // even x = -0; x + 0.0 would turn it into +0
    if (m.b_is_int(0)) return m.a;
    if (m.is(m.b, Op::Neg)) return m.r.binary(Op::Sub, m.a, m.inner(m.b));  // the definition of subtraction
    if (m.is(m.a, Op::Neg)) return m.r.binary(Op::Sub, m.b, m.inner(m.a));
    return gather_constants(m);
}

ValueId simplify_sub(Matcher& m) {
    if (m.b_is(0.0)) return m.a;                       // even x = -0; x - -0.0 would turn it into +0
    if (!m.floats && m.a == m.b) return m.integer(0);  // of floats inf - inf is NaN
    if (!m.floats && m.has_constant) return m.r.binary(Op::Add, m.a, m.integer(int_of(m.scalar, 0 - m.bits)));
    if (m.is(m.b, Op::Neg)) return m.r.binary(Op::Add, m.a, m.inner(m.b));
    // 0 - x; of floats only -0.0 - x, since 0.0 - 0.0 is +0
    if (m.is_constant(m.a, m.floats ? float_bits(m.scalar, -0.0) : 0)) return m.r.unary(Op::Neg, m.b);
    return kNoValue;
}

ValueId simplify_mul(Matcher& m) {
    if (m.b_is(1.0)) return m.a;
    if (m.b_is(-1.0)) return m.r.unary(Op::Neg, m.a);
    if (m.b_is(2.0)) return m.r.binary(Op::Add, m.a, m.a);  // both are the exact double, rounded once
    const bool negated = m.is(m.a, Op::Neg);
    if (negated && m.is(m.b, Op::Neg)) return m.r.binary(Op::Mul, m.inner(m.a), m.inner(m.b));
    if (negated && m.floats && m.has_constant)  // rounding to nearest is symmetric
        return m.r.binary(Op::Mul, m.inner(m.a), m.number(-m.b_float()));
    if (m.floats || !m.has_constant) return kNoValue;
    if (m.b_is_int(0)) return m.b;  // of floats: -0, NaN and inf differ
    if (m.b_is_int(1)) return m.a;
    if (m.b_is_int(-1)) return m.r.unary(Op::Neg, m.a);
    if (std::has_single_bit(m.bits))  // wraps alike
        return m.r.binary(Op::Shl, m.a, m.integer(std::countr_zero(m.bits)));
    return gather_constants(m);
}

ValueId simplify_div(Matcher& m) {
    if (m.b_is(1.0)) return m.a;
    if (m.b_is(-1.0)) return m.r.unary(Op::Neg, m.a);
    const bool negated = m.is(m.a, Op::Neg);
    if (negated && m.is(m.b, Op::Neg)) return m.r.binary(Op::Div, m.inner(m.a), m.inner(m.b));
    if (!m.has_constant) return kNoValue;
    const double d = m.b_float();
    if (negated && d == d) return m.r.binary(Op::Div, m.inner(m.a), m.number(-d));  // rounding is symmetric
    // A power of two whose reciprocal exists too: both are the exact quotient, rounded once.
    const double reciprocal = 1 / d;
    int exponent;
    const bool fits = m.scalar == Scalar::F64 || std::fabs(reciprocal) <= std::numeric_limits<float>::max();
    const bool is_exact =
        std::fabs(std::frexp(d, &exponent)) == 0.5 && std::isfinite(reciprocal) &&
        (m.scalar == Scalar::F64 || static_cast<double>(static_cast<float>(reciprocal)) == reciprocal);
    if (fits && is_exact) return m.r.binary(Op::Mul, m.a, m.number(reciprocal));
    return kNoValue;
}

ValueId simplify_neg(Matcher& m) {
    if (m.is(m.a, Op::Neg)) return m.inner(m.a);
    if (!m.floats && m.is(m.a, Op::Sub)) {  // of floats: -(x - x) is -0, x - x is +0
        const Node& n = m.r.node(m.a);
        return m.r.binary(Op::Sub, n.inline_operands[1], n.inline_operands[0]);
    }
    return kNoValue;
}

ValueId simplify_abs(Matcher& m) {
    if (m.is(m.a, Op::Abs)) return m.a;
    if (m.is(m.a, Op::Neg)) return m.r.unary(Op::Abs, m.inner(m.a));  // MIN too: both wrap to MIN
    const Node& n = m.r.node(m.a);
    if (m.floats && n.op == Op::Mul && n.inline_operands[0] == n.inline_operands[1])
        return m.a;  // a square has no sign
    return kNoValue;
}

ValueId simplify_fma(Matcher& m) {
    ValueId& a = m.c.operands[0];
    ValueId& b = m.c.operands[1];
    const ValueId addend = m.c.operands[2];
    if (is_constant(m.r.function(), a) || (a > b && !is_constant(m.r.function(), b))) std::swap(a, b);
    if (m.is(a, Op::Neg) && m.is(b, Op::Neg)) a = m.inner(a), b = m.inner(b);
    if (m.is_constant(b, float_bits(m.scalar, 1.0))) return m.r.binary(Op::Add, a, addend);
    if (m.is_constant(b, float_bits(m.scalar, -1.0))) return m.r.binary(Op::Sub, addend, a);
    if (m.is_constant(addend, float_bits(m.scalar, -0.0)))
        return m.r.binary(Op::Mul, a, b);  // adds nothing, not even a sign
    return kNoValue;
}

ValueId simplify_min_max(Matcher& m) {
    if (m.a == m.b) return m.a;
    const bool is_min = m.c.op == Op::Min;
    // The identity; NaN wins over it, as it should.
    const double infinity = std::numeric_limits<double>::infinity();
    if (m.b_is(is_min ? infinity : -infinity)) return m.a;
    const int64_t lowest = m.scalar == Scalar::I32 ? INT32_MIN : INT64_MIN;
    if (m.b_is_int(is_min ? ~lowest : lowest)) return m.a;
    if (m.b_is_int(is_min ? lowest : ~lowest)) return m.b;
    return kNoValue;
}

ValueId simplify_bits(Matcher& m) {
    const Op op = m.c.op;
    if (m.a == m.b) return op == Op::Xor ? m.r.constant(m.type, 0) : m.a;
    if (m.has_constant && m.bits == 0) return op == Op::And ? m.b : m.a;
    if (m.has_constant && m.bits == m.ones()) {
        if (op == Op::Xor) return m.r.unary(Op::Not, m.a);
        return op == Op::And ? m.a : m.b;
    }
    return gather_constants(m);
}

ValueId simplify_not(Matcher& m) {
    const Node& n = m.r.node(m.a);
    if (n.op == Op::Not) return n.inline_operands[0];
    Op inverse;
    switch (n.op) {
    case Op::Eq: inverse = Op::Ne; break;
    case Op::Ne: inverse = Op::Eq; break;
    case Op::Lt: inverse = Op::Ge; break;
    case Op::Le: inverse = Op::Gt; break;
    case Op::Gt: inverse = Op::Le; break;
    case Op::Ge: inverse = Op::Lt; break;
    default: return kNoValue;
    }
    const ValueId x = n.inline_operands[0], y = n.inline_operands[1];
    // Not less is not greater-or-equal where NaN may be.
    if (n.op != Op::Eq && n.op != Op::Ne && is_float(m.r.type_of(x).scalar())) return kNoValue;
    return m.r.binary(inverse, x, y);
}

ValueId simplify_shift(Matcher& m) {
    if (m.is_constant(m.a, 0)) return m.a;
    if (!m.has_constant) return kNoValue;
    const int width = width_of(m.scalar);
    if (m.c.op == Op::Rotl || m.c.op == Op::Rotr) return (m.b_int() & (width - 1)) == 0 ? m.a : kNoValue;
    if (m.bits == 0) return m.a;
    if (m.bits < static_cast<uint64_t>(width)) return kNoValue;
    if (m.c.op == Op::Shr) return m.r.binary(Op::Shr, m.a, m.integer(width - 1));  // only the sign is left
    return m.integer(0);
}

// a op b is b `swapped` a.
Op swapped(Op op) {
    switch (op) {
    case Op::Lt: return Op::Gt;
    case Op::Le: return Op::Ge;
    case Op::Gt: return Op::Lt;
    case Op::Ge: return Op::Le;
    default: return op;
    }
}

ValueId simplify_comparison(Matcher& m) {
    const Op op = m.c.op;
    if (m.a == m.b) {
        const bool holds = op == Op::Eq || op == Op::Le || op == Op::Ge;
        if (!m.floats) return m.truth(holds);
        if (op == Op::Lt || op == Op::Gt) return m.truth(false);  // false for NaN too
        return op == Op::Le || op == Op::Ge ? m.r.binary(Op::Eq, m.a, m.a) : kNoValue;
    }
    if ((op != Op::Eq && op != Op::Ne) || !m.has_constant) return kNoValue;
    // A truth value compared with a constant: itself or its opposite.
    ValueId truth = m.a;
    bool one = m.bits == 1;
    if (m.is(m.a, Op::FromBool)) {
        truth = m.inner(m.a);
        one = m.bits == (m.floats ? float_bits(m.scalar, 1.0) : 1);
        const bool zero = m.bits == 0 || m.b_is(-0.0);
        if (!one && !zero) return m.truth(op == Op::Ne);
    } else if (m.scalar != Scalar::Bool) {
        return kNoValue;
    }
    return one == (op == Op::Eq) ? truth : m.r.unary(Op::Not, truth);
}

ValueId simplify_select(Matcher& m) {
    ValueId* operands = m.c.operands;
    while (m.is(operands[0], Op::Not)) {
        operands[0] = m.inner(operands[0]);
        std::swap(operands[1], operands[2]);
    }
    const ValueId condition = operands[0], yes = operands[1], no = operands[2];
    uint64_t truth;
    if (m.r.constant_bits(condition, truth)) return truth != 0 ? yes : no;
    if (yes == no) return yes;
    if (m.scalar == Scalar::Bool) {
        if (m.is_constant(yes, 1)) return m.r.binary(Op::Or, condition, no);
        if (m.is_constant(no, 0)) return m.r.binary(Op::And, condition, yes);
        if (m.is_constant(yes, 0) && m.is_constant(no, 1)) return m.r.unary(Op::Not, condition);
    } else if (!m.floats && m.is_constant(yes, 1) && m.is_constant(no, 0)) {
        return m.r.emit({Op::FromBool, m.type, 0, {condition}, 1});
    }
    return kNoValue;
}

ValueId simplify_conversion(Matcher& m) {
    if (m.c.op != Op::FromBool && m.type == m.c.type) return m.a;  // to its own type
    const Node& n = m.r.node(m.a);
    const ValueId x = n.inline_operands[0];
    const auto convert = [&](Op op) { return m.r.emit({op, m.c.type, 0, {x}, 1}); };
    switch (m.c.op) {
    case Op::FloatToFloat:
        if (n.op == Op::FloatToFloat && m.r.type_of(x) == m.c.type && m.scalar == Scalar::F64)
            return x;  // there and back
        break;
    case Op::Wrap:
        if (n.op == Op::Widen && m.r.type_of(x) == m.c.type) return x;
        break;
    case Op::TruncToInt:
        if (n.op == Op::IntToFloat && m.scalar == Scalar::F64 && m.r.type_of(x).scalar() == Scalar::I32)  // exact
            return m.c.type == m.r.type_of(x) ? x : convert(Op::Widen);
        break;
    case Op::IntToFloat:
    case Op::Widen:
        if (n.op == Op::FromBool) return convert(Op::FromBool);
        if (n.op == Op::Widen) return convert(m.c.op);  // the same integer
        break;
    default: break;
    }
    return kNoValue;
}

bool is_integral(Op op) {
    return op == Op::Floor || op == Op::Ceil || op == Op::Trunc || op == Op::Round || op == Op::IntToFloat;
}

}  // namespace

ValueId simplify(Rewriter& r, Candidate& c) {
    if (c.count == 2) {
        // One order for operands whose order does not matter: constants right, else the older left. Comparisons turn
        // round.
        const bool commutes = info(c.op).has(kCommutative);
        const bool compares = c.op >= Op::Eq && c.op <= Op::Ge;
        if (commutes || compares) {
            const bool left = is_constant(r.function(), c.operands[0]),
                       right = is_constant(r.function(), c.operands[1]);
            if (left != right ? left : c.operands[0] > c.operands[1]) {
                std::swap(c.operands[0], c.operands[1]);
                c.op = swapped(c.op);
            }
        }
    }
    Matcher m(r, c);
    switch (c.op) {
    case Op::Add: return simplify_add(m);
    case Op::Sub: return simplify_sub(m);
    case Op::Mul: return simplify_mul(m);
    case Op::Div: return simplify_div(m);
    case Op::Quot:
    case Op::Rem:
        if (m.is_constant(m.a, 0)) return m.a;  // by zero too
        return m.has_constant ? simplify_division(r, c, m.b_int()) : kNoValue;
    case Op::Neg: return simplify_neg(m);
    case Op::Abs: return simplify_abs(m);
    case Op::Fma: return simplify_fma(m);
    case Op::Min:
    case Op::Max: return simplify_min_max(m);
    case Op::And:
    case Op::Or:
    case Op::Xor: return simplify_bits(m);
    case Op::Not: return simplify_not(m);
    case Op::Shl:
    case Op::Shr:
    case Op::Shru:
    case Op::Rotl:
    case Op::Rotr: return simplify_shift(m);
    case Op::Bswap: return m.is(m.a, Op::Bswap) ? m.inner(m.a) : kNoValue;
    case Op::Eq:
    case Op::Ne:
    case Op::Lt:
    case Op::Le:
    case Op::Gt:
    case Op::Ge: return simplify_comparison(m);
    case Op::Select: return simplify_select(m);
    case Op::FloatToFloat:
    case Op::Wrap:
    case Op::Widen:
    case Op::TruncToInt:
    case Op::IntToFloat: return simplify_conversion(m);
    case Op::Floor:
    case Op::Ceil:
    case Op::Trunc:
    case Op::Round: return is_integral(m.op_of(m.a)) ? m.a : kNoValue;  // whole already
    case Op::FromBits: return m.is(m.a, Op::RawBits) ? m.inner(m.a) : kNoValue;
    case Op::RawBits: return m.is(m.a, Op::FromBits) ? m.inner(m.a) : kNoValue;
    default: return kNoValue;
    }
}

}  // namespace exprjit
