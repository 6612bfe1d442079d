// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include "report.h"

namespace exprjit::bench {

// IR and text to a callable, 12 and 30 instructions, both tiers, beside the rivals.
void measure_compiles(Report& report, int rounds);
// Compiling what the cache holds already.
void measure_cache(Report& report, int rounds);
// Nanoseconds per instruction for 1,000, 10,000 and 100,000 instructions.
void measure_scaling(Report& report, int rounds);
// A call through the plain entry against a C function compiled with -O3, and against muParser.
void measure_calls(Report& report, int rounds);
// An engine with an empty cache, and a small kernel.
void measure_memory(Report& report);

}  // namespace exprjit::bench
