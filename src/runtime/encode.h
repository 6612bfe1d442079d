// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "support/result.h"

namespace exprjit {

class Kernel;

// The kernel's program as bytes of src/wire, made by reading its source once more. Throws std::bad_alloc.
Result<std::vector<uint8_t>> encode_kernel(const Kernel& kernel);

}  // namespace exprjit
