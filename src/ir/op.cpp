// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/op.h"

#include <algorithm>
#include <array>

namespace exprjit {

namespace {

// The words that rows of the table use, as values.
constexpr ScalarSet B = kSetB, I = kSetI, F = kSetF, N = kSetI | kSetF, IB = kSetI | kSetB, ALL = kSetB | kSetI | kSetF;
constexpr uint16_t COMM = kCommutative, IMM = kHasImm, EFFECT = kEffect, READS = kReads, MULTI = kMulti, OPEN = kOpens,
                   MID = kMid, END = kEnds, TERM = kTerminator, INTERNAL = kInternal;
constexpr uint32_t TO(ScalarSet from, ScalarSet to) { return static_cast<uint32_t>(from | to << 16); }

// The ulp column: one figure for all, or four.
constexpr Ulp ulp_of(float all) { return {all, all, all, all}; }
constexpr Ulp ulp_of(Ulp each) { return each; }
constexpr Ulp ULP(float f64, float f32, float fast_f64, float fast_f32) { return {f64, f32, fast_f64, fast_f32}; }

constexpr int8_t arity_of(const char* signature) {
    if (signature[0] == '*') return -1;
    int8_t n = 0;
    while (signature[n] != '>') ++n;
    return n;
}

}  // namespace

const OpInfo kOpInfos[kOpCount] = {
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning)                                         \
    {#Name,                                                                                                            \
     text,                                                                                                             \
     signature,                                                                                                        \
     code,                                                                                                             \
     traits,                                                                                                           \
     static_cast<ScalarSet>((types)&0xffff),                                                                           \
     static_cast<ScalarSet>(static_cast<uint32_t>(types) >> 16),                                                       \
     Lowering::lowering,                                                                                               \
     arity_of(signature),                                                                                              \
     ulp_of(ulp)},
#include "ir/ops.def"
};

bool find_op(std::string_view text, Op& out) {
    static const auto sorted = [] {
        std::array<Op, kOpCount> ops;
        for (int i = 0; i < kOpCount; ++i) ops[static_cast<size_t>(i)] = static_cast<Op>(i);
        std::sort(ops.begin(), ops.end(),
                  [](Op a, Op b) { return std::string_view(info(a).text) < std::string_view(info(b).text); });
        return ops;
    }();
    const auto it = std::lower_bound(sorted.begin(), sorted.end(), text,
                                     [](Op op, std::string_view t) { return std::string_view(info(op).text) < t; });
    if (it == sorted.end() || info(*it).text != text) return false;
    out = *it;
    return true;
}

bool find_op_by_code(uint16_t code, Op& out) {
    const OpInfo* end = kOpInfos + kOpCount;
    // Codes ascend through the table; ir tests assert it.
    const OpInfo* it = std::lower_bound(kOpInfos, end, code, [](const OpInfo& i, uint16_t c) { return i.code < c; });
    if (it == end || it->code != code) return false;
    out = static_cast<Op>(it - kOpInfos);
    return true;
}

Type result_type(Op op, Type t, Scalar u) {
    const OpInfo& i = info(op);
    switch (i.signature[i.arity + 1]) {
    case 'B': return t.with(Scalar::Bool);
    case 'U': return t.with(u);
    default: return t;
    }
}

namespace {

constexpr std::string_view kReduceNames[kReduceKindCount] = {"sum",   "prod",    "min",     "max",
                                                             "count", "arg_min", "arg_max", "deviations"};

}  // namespace

std::string_view name_of(ReduceKind kind) { return kReduceNames[static_cast<int>(kind)]; }

bool parse_reduce_kind(std::string_view text, ReduceKind& out) {
    for (int i = 0; i < kReduceKindCount; ++i) {
        if (kReduceNames[i] != text) continue;
        out = static_cast<ReduceKind>(i);
        return true;
    }
    return false;
}

ScalarSet reduced_types(ReduceKind kind) {
    switch (kind) {
    case ReduceKind::Sum:
    case ReduceKind::Prod: return set_of(Scalar::I64) | kSetF;
    case ReduceKind::Count: return kSetB;
    case ReduceKind::Deviations: return set_of(Scalar::F64);
    default: return kSetI | kSetF;
    }
}

Scalar reduced_result(ReduceKind kind, Scalar value) {
    const bool counts = kind == ReduceKind::Count || kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax;
    return counts ? Scalar::I64 : value;
}

int value_result_count(Op op) { return info(op).has(kMulti) ? 2 : 1; }

}  // namespace exprjit
