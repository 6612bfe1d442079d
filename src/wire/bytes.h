// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Programs as bytes: FlatBuffers of proto/ir.fbs. The only layer that knows FlatBuffers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/program.h"
#include "support/result.h"

namespace exprjit::wire {

// The format this library writes and reads. A minor version adds; bytes of any older one load.
inline constexpr uint16_t kMajor = 1;
inline constexpr uint16_t kMinor = 0;

// The bits of Program::flags that have a place on the wire; others mean nothing and are left out.
inline constexpr uint32_t kKnownFlags = 7;

// A program that passed the border, without its source positions. Equal programs give equal bytes. Fails only on programs
// of about a gigabyte. Throws std::bad_alloc.
Result<std::vector<uint8_t>> encode(const Program& program);

// Reads untrusted bytes, at any address; what stands behind the last part is not looked at. The result is structurally
// complete but not verified: call verify(). Time and memory are linear in the bytes, and never recursive.
Result<Program> decode(std::span<const uint8_t> bytes, const Limits& limits);

}  // namespace exprjit::wire
