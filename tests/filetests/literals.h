// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "case_file.h"
#include "ir/context.h"

namespace exprjit::filetests {

// A value written so that the language reads it back with exactly this type: "i32(-7)", "f64(0.1)", "true".
std::string typed_literal(Scalar type, Slot value);

// `text` with its variables replaced by typed literals, except where a variable stands in an exponent (a literal there
// would change the operation). Variables that stay are marked in `kept`.
std::string with_literals(std::string_view text, std::span<const Param> params, std::span<const Slot> values,
                          std::vector<bool>& kept);

}  // namespace exprjit::filetests
