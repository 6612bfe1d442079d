// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>

#include "exprjit/exprjit.h"
#include "ir/program.h"

namespace exprjit::builder_test {

// Makes the program again, node by node, in `b`, which is empty. False, with the place and the builder's mistakes in `why`,
// if the builder refuses something.
bool rebuild(const Program& program, ej_builder* b, std::string& why);

// The program as the builder is expected to have it: equal pure nodes made once.
Program shared(Program program);

}  // namespace exprjit::builder_test
