// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ir/program.h"

namespace exprjit::differential {

// What ran in lanes: operation × type × number of lanes.
class LaneCoverage {
  public:
    void count(const Program& program);
    // Operation × type pairs the table has that never ran in lanes: "quot i64, …".
    std::string missing() const;
    std::string report() const;

  private:
    static constexpr int kLaneCounts = kMaxLaneLog2 + 1;
    std::array<std::array<std::array<uint64_t, kLaneCounts>, kScalarCount>, kOpCount> counts_{};
    std::array<std::array<uint64_t, kLaneCounts>, kStorageCount> loads_{}, stores_{};
};

}  // namespace exprjit::differential
