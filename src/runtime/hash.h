// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace exprjit {

struct Hash128 {
    uint64_t low = 0;
    uint64_t high = 0;
    bool operator==(const Hash128&) const = default;
};

// Keyed with random numbers drawn once per process, so that nobody outside can choose texts that collide. Two equal
// hashes still mean nothing: whoever looks something up compares the bytes in full. Not stable between processes.
Hash128 hash_bytes(std::span<const uint8_t> bytes);

}  // namespace exprjit
