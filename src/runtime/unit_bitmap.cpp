// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/unit_bitmap.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace exprjit {

void UnitBitmap::reset(size_t units) {
    assert(units % 64 == 0);
    words_.assign(units / 64, 0);
    used_ = search_from_ = 0;
    hopeless_ = SIZE_MAX;
}

size_t UnitBitmap::find(size_t count) {
    if (count >= hopeless_ || count > units() - used_) return SIZE_MAX;
    while (search_from_ < words_.size() && words_[search_from_] == UINT64_MAX) ++search_from_;
    size_t run = 0;
    for (size_t w = search_from_; w < words_.size(); ++w) {
        const uint64_t word = words_[w];
        if (word == UINT64_MAX) {
            run = 0;
        } else if (word == 0) {
            run += 64;
            if (run >= count) return (w + 1) * 64 - run;
        } else {
            for (size_t bit = 0; bit < 64;) {
                const uint64_t rest = word >> bit;
                const size_t clear = std::min<size_t>(static_cast<size_t>(std::countr_zero(rest)), 64 - bit);
                run += clear;
                if (run >= count) return w * 64 + bit + clear - run;
                bit += clear;
                if (bit >= 64) break;
                bit += static_cast<size_t>(std::countr_one(word >> bit));
                run = 0;
            }
        }
    }
    hopeless_ = count;
    return SIZE_MAX;
}

void UnitBitmap::take(size_t first, size_t count) {
    mark(first, count, true);
    used_ += count;
}

void UnitBitmap::give_back(size_t first, size_t count) {
    mark(first, count, false);
    used_ -= count;
    search_from_ = std::min(search_from_, first / 64);
    hopeless_ = SIZE_MAX;
}

void UnitBitmap::mark(size_t first, size_t count, bool taken) {
    for (size_t u = first; u < first + count;) {
        const size_t bit = u & 63, n = std::min<size_t>(64 - bit, first + count - u);
        const uint64_t mask = (n == 64 ? UINT64_MAX : (uint64_t{1} << n) - 1) << bit;
        if (taken)
            words_[u / 64] |= mask;
        else
            words_[u / 64] &= ~mask;
        u += n;
    }
}

}  // namespace exprjit
