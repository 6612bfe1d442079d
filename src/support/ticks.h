// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace exprjit {

// The clock for timing phases of a compile: cheap to read, converted to time only when somebody asks.
uint64_t monotonic_nanoseconds();
inline uint64_t ticks() {
#if defined(__x86_64__)
    return __rdtsc();
#else
    return monotonic_nanoseconds();
#endif
}

// Starts the comparison of ticks with the system's clock; the longer ago, the more exact the conversion. Called when an
// engine is created.
void start_tick_calibration();
// A number of ticks as nanoseconds.
uint64_t ticks_to_nanoseconds(uint64_t count);

}  // namespace exprjit
