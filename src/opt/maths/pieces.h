// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the elementary functions are made of: polynomials, sums of two numbers that hold what one cannot, and blocks for
// the arguments that are rare. Everything is written for any number of lanes and gives the same bits in every engine.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "opt/expr.h"

namespace exprjit::maths {

inline bool is_f32(Expr x) { return x.scalar() == Scalar::F32; }
inline Expr widened(Expr x) { return to(Op::FloatToFloat, Scalar::F64, x); }   // f32 to f64, exact
inline Expr narrowed(Expr x) { return to(Op::FloatToFloat, Scalar::F32, x); }  // f64 to f32, rounded
inline Expr from_bits(Expr i) { return to(Op::FromBits, i.scalar() == Scalar::I32 ? Scalar::F32 : Scalar::F64, i); }
inline Expr shl(Expr i, int count) { return binary(Op::Shl, i, i.number(count)); }
inline Expr shru(Expr i, int count) { return binary(Op::Shru, i, i.number(count)); }
inline Expr shr(Expr i, int count) { return binary(Op::Shr, i, i.number(count)); }
inline Expr operator|(Expr a, Expr b) { return binary(Op::Or, a, b); }
// An integer constant by its bits, in the type and lanes of `like`.
inline Expr word(Expr like, uint64_t bits) { return like.bits(like.scalar(), bits); }

// ---- Signs, by bits: a NaN may get one.

// The highest bit alone, as an integer of the width of x, which is a float or such an integer.
inline Expr sign_bit(Expr x) {
    const bool narrow = x.scalar() == Scalar::F32 || x.scalar() == Scalar::I32;
    return narrow ? x.bits(Scalar::I32, 0x80000000u) : x.bits(Scalar::I64, 0x8000000000000000u);
}
// -|x|
inline Expr negative(Expr x) { return from_bits(raw_bits(x) | sign_bit(x)); }
// `size`, which has the sign bit at most where x has it, with the sign of x.
inline Expr with_sign(Expr size, Expr x) { return from_bits(raw_bits(size) | (raw_bits(x) & sign_bit(x))); }
// y, or -y if the highest of these bits is set.
inline Expr changed_sign(Expr y, Expr bits) { return from_bits(raw_bits(y) ^ (bits & sign_bit(bits))); }

// ---- Polynomials: c[0] + c[1] x + c[2] x^2 + …. Coefficients must be exact in the type of x.

// One multiplication-addition after the other: fewest instructions, longest wait for the result.
Expr horner(Expr x, std::span<const double> c);
// Even and odd coefficients apart, in x^2: one multiplication more, half the wait.
Expr even_odd(Expr x, std::span<const double> c);
// Estrin's scheme: pairs, pairs of pairs, …: about log2(n) multiplications more, a wait of about log2(n) steps.
Expr estrin(Expr x, std::span<const double> c);

// ---- Unevaluated sums. |low| is at most half a unit of `high`, unless said otherwise. Dekker, "A floating-point technique
// for extending the available precision" (1971); Ogita, Rump, Oishi, "Accurate sum and dot product" (2005).
struct Pair {
    Expr high, low;
};

Pair two_sum(Expr a, Expr b);       // exact; 6 operations
Pair fast_two_sum(Expr a, Expr b);  // exact if |a| >= |b| or a is 0; 3 operations
Pair two_product(Expr a, Expr b);   // exact unless it underflows; 2 operations
Pair add(Pair a, Expr b);           // |a| >= |b|
Pair add(Pair a, Pair b);           // |a| >= |b|; about 2^-104
Pair multiply(Pair a, Expr b);      // about 2^-104
Pair multiply(Pair a, Pair b);      // about 2^-102
inline Expr sum(Pair a) { return a.high + a.low; }

// ---- Rare arguments

// `usual` where `condition` holds, what cold() gives where it does not. A NaN must make the condition false if it needs
// care. In lanes it is a branch that groups take only if the condition fails for one of their rows; cold() then runs for
// all of its lanes, and must be harmless for the others. What cold() makes is pure, has no Check, and no SharedPieces.
template <size_t N, class Cold>
std::array<Expr, N> unless_rare(Expr condition, const std::array<Expr, N>& usual, Cold cold) {
    Builder& b = *condition.builder;
    if (!condition.type().is_scalar()) {  // written with lanes by hand: an If takes one bool, so both arms are computed
        std::array<Expr, N> chosen = cold();
        for (size_t k = 0; k < N; ++k) chosen[k] = select(condition, usual[k], chosen[k]);
        return chosen;
    }
    std::array<ValueId, N> values;
    std::array<Type, N> types;
    for (size_t k = 0; k < N; ++k) values[k] = usual[k].id, types[k] = usual[k].type();
    b.begin_if(condition.id, kIfUsual);
    b.yield(values);
    b.begin_else();
    const std::array<Expr, N> rare = cold();
    for (size_t k = 0; k < N; ++k) values[k] = rare[k].id;
    b.yield(values);
    const ValueId first = b.end_if(types);
    std::array<Expr, N> result;
    for (size_t k = 0; k < N; ++k) result[k] = {&b, first + static_cast<ValueId>(k)};
    return result;
}

template <class Cold>
Expr unless_rare(Expr condition, Expr usual, Cold cold) {
    return unless_rare(condition, std::array<Expr, 1>{usual}, [&] { return std::array<Expr, 1>{cold()}; })[0];
}

}  // namespace exprjit::maths
