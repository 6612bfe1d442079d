// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "ir/program.h"

namespace exprjit {

// A set of operations. One scan over a program fills it, and each pass asks it whether there is anything to do.
class OpSet {
  public:
    constexpr void add(Op op) { words_[index(op)] |= bit(op); }
    constexpr bool has(Op op) const { return (words_[index(op)] & bit(op)) != 0; }
    constexpr bool intersects(const OpSet& other) const {
        uint64_t common = 0;
        for (size_t i = 0; i < kWords; ++i) common |= words_[i] & other.words_[i];
        return common != 0;
    }

    // The operations that occur in any function of the program.
    static OpSet of(const Program& program) {
        OpSet set;
        for (const Function& f : program.functions) {
            for (const Node& n : f.nodes) set.add(n.op);
        }
        return set;
    }
    // The operations with this lowering.
    static constexpr OpSet with(Lowering wanted) {
        OpSet set;
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning)                                         \
    if (wanted == Lowering::lowering) set.add(Op::Name);
#include "ir/ops.def"
        return set;
    }

  private:
    static constexpr size_t kWords = (kOpCount + 63) / 64;
    static constexpr size_t index(Op op) { return static_cast<size_t>(op) / 64; }
    static constexpr uint64_t bit(Op op) { return uint64_t{1} << (static_cast<unsigned>(op) % 64); }

    std::array<uint64_t, kWords> words_{};
};

inline constexpr OpSet kExpandOps = OpSet::with(Lowering::Expand);

}  // namespace exprjit
