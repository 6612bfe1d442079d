// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>
#include <cmath>

#include "ir/program.h"

namespace exprjit {

// Whether the value is a constant, the same in every lane; its bits if so.
inline bool constant_bits(const Function& f, ValueId v, uint64_t& bits) {
    const Node* n = &f.nodes[v];
    if (n->op == Op::Splat) n = &f.nodes[n->inline_operands[0]];
    if (n->op != Op::Const) return false;
    bits = n->imm;
    return true;
}

inline bool is_constant(const Function& f, ValueId v) {
    uint64_t ignored;
    return constant_bits(f, v, ignored);
}

// The number behind the bits of an integer or a bool.
constexpr int64_t int_of(Scalar s, uint64_t bits) {
    return s == Scalar::I32 ? static_cast<int32_t>(static_cast<uint32_t>(bits)) : static_cast<int64_t>(bits);
}
// The number behind the bits of a float; exact for f32 too.
inline double float_of(Scalar s, uint64_t bits) {
    return s == Scalar::F32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                            : std::bit_cast<double>(bits);
}
// The bits of an integer in the form that Const nodes keep: what is above the type's width is zero.
constexpr uint64_t int_bits(Scalar s, int64_t i) {
    return s == Scalar::I32 ? static_cast<uint32_t>(i) : static_cast<uint64_t>(i);
}
inline uint64_t float_bits(Scalar s, double d) {
    return s == Scalar::F32 ? std::bit_cast<uint32_t>(static_cast<float>(d)) : std::bit_cast<uint64_t>(d);
}
// The one NaN that the compiler itself writes.
constexpr uint64_t nan_bits(Scalar s) { return s == Scalar::F32 ? 0x7fc00000u : 0x7ff8000000000000u; }

inline bool is_nan_bits(Scalar s, uint64_t bits) { return is_float(s) && std::isnan(float_of(s, bits)); }

constexpr int width_of(Scalar s) { return static_cast<int>(byte_size(s)) * 8; }

}  // namespace exprjit
