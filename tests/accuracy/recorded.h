// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The worst arguments of past measurements, ours and others': every later measurement begins with them.
#pragma once

#include <string_view>

namespace exprjit::accuracy {

struct Recorded {
    std::string_view function, type;
    double x, y;
};

inline constexpr Recorded kRecorded[] = {
#include "recorded.inc"
};

}  // namespace exprjit::accuracy
