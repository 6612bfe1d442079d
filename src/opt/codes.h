// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

namespace exprjit::opt_codes {

enum Code : int32_t {
#define EJ_CODE(number, Name, status, sentence) k##Name = number,
#include "opt/opt_codes.def"
#undef EJ_CODE
};

}  // namespace exprjit::opt_codes
