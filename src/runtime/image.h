// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A program as one run of bytes inside this process: what the cache keeps of a program that has no text, and compares.
// Copied rather than encoded, because that is all a compile of microseconds has time for. Never leaves the process; the
// form that does is src/wire's.
#pragma once

#include <span>

#include "ir/program.h"
#include "runtime/bytes.h"

namespace exprjit {

// Overwrites `out`. `entry_last`: the functions stand in the reverse order and calls name earlier ones, as the checked
// builder has them; the image has them the usual way round.
void write_image(const Program& program, bool entry_last, Bytes& out);

// Overwrites `out`, whose memory is used again. The bytes are those of write_image.
void read_image(std::span<const uint8_t> image, Program& out);

}  // namespace exprjit
