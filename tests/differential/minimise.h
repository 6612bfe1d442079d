// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>

#include "ir/program.h"

namespace exprjit::differential {

// A smaller program for which `fails` still holds: nodes become constants or an operand of theirs, and what nothing
// uses any more is dropped. `fails` must hold for `program` and is only asked about programs that verify.
Program minimise(Program program, const std::function<bool(const Program&)>& fails);

}  // namespace exprjit::differential
