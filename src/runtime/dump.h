// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "support/result.h"

namespace exprjit {

class Kernel;

enum class DumpKind : uint8_t { Ir = 1, Opt = 2, Asm = 3 };  // ej_dump

// A listing of the kernel's scalar code, made by compiling its text once more. `pass` names the pass after which Opt
// stops; nullptr: after the last. "vectorize" stands for the loops over contiguous columns, of Asm too. Throws
// std::bad_alloc.
Result<std::string> dump(const Kernel& kernel, DumpKind kind, const char* pass);

}  // namespace exprjit
