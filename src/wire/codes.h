// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the reader says. Private to src/wire.
#pragma once

#include <string>

#include "support/result.h"

namespace exprjit::wire {

enum Code : int32_t {
#define EJ_CODE(number, Name, status, sentence) k##Name = number,
#include "wire/wire_codes.def"
#undef EJ_CODE
};

Failure failure(Code code, std::string message, std::string hint = {});

}  // namespace exprjit::wire
