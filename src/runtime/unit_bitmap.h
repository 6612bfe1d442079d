// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exprjit {

// Which units (granules, pages) of an arena are taken, a bit each, and where there is room for a run of them. Lowest
// first, so that what is used stays together.
class UnitBitmap {
  public:
    // All free. `units` is a multiple of 64.
    void reset(size_t units);
    size_t units() const { return words_.size() * 64; }
    size_t used() const { return used_; }

    // The first of the lowest `count` free units in a row, or SIZE_MAX.
    size_t find(size_t count);
    void take(size_t first, size_t count);
    void give_back(size_t first, size_t count);

  private:
    void mark(size_t first, size_t count, bool taken);

    std::vector<uint64_t> words_;
    size_t used_ = 0;
    size_t search_from_ = 0;      // no free unit below this word
    size_t hopeless_ = SIZE_MAX;  // a search for this many units failed, and nothing was freed since
};

}  // namespace exprjit
