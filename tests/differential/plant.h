// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "support/engines.h"

namespace exprjit::differential {

// Bugs of the kinds code generators have, planted on purpose: the harness must find each of them.
struct PlantedBug {
    const char* name;
    trial::Mutation mutation;
};
std::span<const PlantedBug> planted_bugs();
// Planted in the loop that vectorize() made of a row function.
std::span<const PlantedBug> planted_row_bugs();

}  // namespace exprjit::differential
