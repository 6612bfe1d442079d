// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "measure.h"

namespace exprjit::bench {

struct Entrant {
    std::string name;
    std::function<void()> run;
};

// How long one run of each takes, in nanoseconds: interleaved, each sample long enough for the clock, each entrant for
// about `seconds` in all. Samples are in the order of the entrants.
std::vector<Samples> time_entrants(const std::vector<Entrant>& entrants, double seconds);

}  // namespace exprjit::bench
