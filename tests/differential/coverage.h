// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ir/op.h"

namespace exprjit::differential {

// The innermost construct a node was generated in.
enum class Construct : uint8_t { Top, Then, Else, For, Loop, Callee };
inline constexpr int kConstructCount = 6;
const char* name_of(Construct c);

// What the random programs contained: operation × type × construct.
class Coverage {
  public:
    void count(Op op, Scalar type, Construct construct) {
        ++counts_[static_cast<size_t>(op)][static_cast<size_t>(type)][static_cast<size_t>(construct)];
    }
    // Operation × type pairs that the table allows at the border and that no program had: "pow f32, …".
    std::string missing() const;
    // Totals, the missing pairs, and structural operations per construct.
    std::string report() const;

  private:
    std::array<std::array<std::array<uint64_t, kConstructCount>, kScalarCount>, kOpCount> counts_{};
};

}  // namespace exprjit::differential
