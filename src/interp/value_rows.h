// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The rows of ops.def at compile time: what their signatures, types and lowerings say, for templates to use.
#pragma once

#include <string_view>

#include "ir/meaning.h"
#include "ir/op.h"

namespace exprjit::interp {

namespace words {
// The words that rows of the table use, as values.
inline constexpr ScalarSet B = kSetB, I = kSetI, F = kSetF, N = kSetI | kSetF, IB = kSetI | kSetB,
                           ALL = kSetB | kSetI | kSetF;
constexpr uint32_t TO(ScalarSet from, ScalarSet to) { return static_cast<uint32_t>(from | to << 16); }
}  // namespace words

struct StaticRow {
    std::string_view signature;
    ScalarSet types;
    ScalarSet results;
    Lowering lowering;
    bool names_meaning;  // its last column is an expression and not NO_MEANING

    constexpr int arity() const { return static_cast<int>(signature.find('>')); }
    constexpr char result() const { return signature[signature.find('>') + 1]; }
    constexpr bool two_results() const { return signature.size() == signature.find('>') + 3; }
    constexpr bool first_is_bool() const { return signature[0] == 'B'; }
    constexpr bool admits(Scalar t) const { return (types & set_of(t)) != 0; }
    // Whether U may be `u`. Rows without a U take the type itself.
    constexpr bool admits(Scalar t, Scalar u) const {
        return admits(t) && (result() == 'U' ? (results & set_of(u)) != 0 : t == u);
    }
};

namespace words {
inline constexpr StaticRow kRows[kOpCount] = {
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning)                                         \
    {signature, static_cast<ScalarSet>((types)&0xffff), static_cast<ScalarSet>(static_cast<uint32_t>(types) >> 16),    \
     Lowering::lowering, std::string_view(#meaning) != "NO_MEANING"},
#include "ir/ops.def"
};
}  // namespace words

template <Op op>
inline constexpr StaticRow kRow = words::kRows[static_cast<int>(op)];

// Every row that engines execute has a meaning, and no other row pretends to: a forgotten column does not compile.
consteval bool every_executed_row_has_a_meaning() {
    for (const StaticRow& row : words::kRows) {
        const bool executed = row.lowering == Lowering::Inst || row.lowering == Lowering::Call;
        if (executed != row.names_meaning) return false;
        if (executed && (row.types == 0 || row.arity() < 1 || row.arity() > 3)) return false;
        // What call_target() promises its callers: arguments and result of one type.
        if (row.lowering == Lowering::Call && (row.result() != 'T' || row.two_results() || row.first_is_bool()))
            return false;
    }
    return true;
}
static_assert(every_executed_row_has_a_meaning(), "a row of ops.def lacks its meaning, or has one it cannot use");

}  // namespace exprjit::interp
