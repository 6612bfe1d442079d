// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "ir/program.h"
#include "support/result.h"

namespace exprjit {

// Whether INTERNAL operations (and loads and stores marked known-inside) may appear: only after passes, never at the border.
enum class Trust { Border, Internal };

// The border: types, dominance, region structure, array ranks, links, limits. Everything behind it only asserts. Reports up
// to ten diagnostics, each naming the function and the node (and the node's source position where there is one). Linear
// time; no recursion. With Trust::Border `call` nodes must name a later function; lanes are allowed everywhere.
Result<void> verify(const Program& program, const Limits& limits, Trust trust = Trust::Border);

}  // namespace exprjit
