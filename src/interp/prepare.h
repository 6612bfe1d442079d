// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "interp/handlers.h"
#include "ir/program.h"

namespace exprjit::interp {

// Most slots a chain of frames may take (512 MiB); a program that needs more ends with StackOverflow when run.
inline constexpr uint64_t kMaxStackSlots = uint64_t{1} << 26;

// Turns a verified function into instructions. `tables` are the descriptors of the program's constant tables; their
// addresses end up in the code. Linear time, no recursion.
FunctionCode prepare(const Program& program, uint32_t function, std::span<const ArrayDescriptor> tables);

}  // namespace exprjit::interp
