// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit::opt_codes {

// Diagnostics of the optimiser (EJ4050 to EJ4059).
enum Code : int32_t {
    // Expanding calls or mathematical operations would make the program larger than Limits::max_nodes.
    kProgramGrows = 4050,
    // Inlining calls would nest regions deeper than Limits::max_nesting.
    kNestingGrows = 4051,
    // The local arrays of all inlined calls together exceed Limits::max_local_bytes.
    kLocalsGrow = 4052,
};

}  // namespace exprjit::opt_codes
