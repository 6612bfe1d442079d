// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "ir/program.h"

namespace exprjit::trial {

// A program whose entry walks over rows: an array parameter per scalar parameter of `scalar`'s entry (stored as
// `inputs` says), an array per result, and a loop that loads, calls the old entry, and stores. Independent of the
// runtime's column engine, so that both can be wrong in different ways.
Program over_columns(const Program& scalar, std::span<const Storage> inputs);

}  // namespace exprjit::trial
