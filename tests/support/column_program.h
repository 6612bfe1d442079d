// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "ir/program.h"

namespace exprjit::trial {

// One output of over_columns(): a result of the scalar program and how it is stored.
struct ColumnOutput {
    uint32_t result = 0;
    Storage storage = Storage::F64;
};

// A program whose entry walks over rows: an array parameter per scalar parameter of `scalar`'s entry (stored as
// `inputs` says), an array per output, and a loop that loads, calls the old entry, and stores. Independent of the
// runtime's column engine, so that both can be wrong in different ways.
Program over_columns(const Program& scalar, std::span<const Storage> inputs, std::span<const ColumnOutput> outputs);
// With one output per result, in its own type.
Program over_columns(const Program& scalar, std::span<const Storage> inputs);

// The program behind an entry that only calls it. Once inlined, it returns at its end and nowhere else, which is what
// vectorize() wants; the runtime's row functions are made in the same way.
Program behind_a_call(const Program& scalar);

}  // namespace exprjit::trial
