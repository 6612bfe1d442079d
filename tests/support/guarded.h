// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace exprjit::trial {

// Memory between two inaccessible pages: touching a byte before or behind it faults. `side` says which of the two the
// block lies flush against; the slack on the other side is filled with a pattern that intact() checks.
class Guarded {
  public:
    enum class Side : uint8_t { Front, Back };

    Guarded() = default;
    Guarded(size_t bytes, Side side);
    ~Guarded();
    Guarded(Guarded&& other) noexcept { *this = std::move(other); }
    Guarded& operator=(Guarded&& other) noexcept;

    uint8_t* data() const { return data_; }
    size_t size() const { return size_; }
    // Whether the slack around the block still holds the pattern.
    bool intact() const;

  private:
    uint8_t* base_ = nullptr;  // of the mapping, the first guard page included
    size_t mapped_ = 0;
    uint8_t* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace exprjit::trial
