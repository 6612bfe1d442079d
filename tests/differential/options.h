// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "plant.h"

namespace exprjit::differential {

// What the command line says; see main.cpp.
struct Options {
    uint64_t first_seed = 1;
    uint64_t count = 0;  // 0: what the test usually does
    int statements = 0;
    int seconds = 0;
    bool print = false;
};
Options& options();

// The bug that EXPRJIT_PLANT names, if it is one of these. Ends the program if no test knows it.
trial::Mutation planted_by_environment(std::span<const PlantedBug> bugs);

// Whether a test that did so many programs goes on.
bool more_programs(uint64_t done, int failures, std::chrono::steady_clock::time_point start, uint64_t usual);

}  // namespace exprjit::differential
