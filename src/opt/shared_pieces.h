// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Pieces of an expansion that several functions of one argument have in common and that hold a region, so that the Builder
// does not find them again: sin(x) and cos(x) reduce x once.
#pragma once

#include <array>
#include <vector>

#include "opt/expr.h"

namespace exprjit {

class SharedPieces {
  public:
    // The values that `make()` gave for this piece and `x` before, as far as they are visible here, or those it gives now.
    // `piece` tells pieces apart by its address.
    template <size_t N, class Make>
    std::array<Expr, N> get(const char* piece, Expr x, Make make) {
        // The last few only, so that the time stays linear.
        const size_t oldest = entries_.size() > kMostLooks ? entries_.size() - kMostLooks : 0;
        for (size_t i = entries_.size(); i-- > oldest;) {
            const Entry& e = entries_[i];
            if (e.piece != piece || e.x != x.id) continue;
            std::array<Expr, N> found;
            for (size_t k = 0; k < N; ++k) found[k] = {x.builder, e.values[k]};
            return found;
        }
        const std::array<Expr, N> made = make();
        static_assert(N <= kMostValues);
        Entry e{piece, x.id, x.builder->open_regions(), {}};
        for (size_t k = 0; k < N; ++k) e.values[k] = made[k].id;
        entries_.push_back(e);
        return made;
    }

    // Forgets what stands in the innermost of `depth` open regions: it closes.
    void leave(size_t depth) {
        while (!entries_.empty() && entries_.back().depth >= depth) entries_.pop_back();
    }

  private:
    static constexpr size_t kMostValues = 4, kMostLooks = 32;
    struct Entry {
        const char* piece;
        ValueId x;
        size_t depth;
        std::array<ValueId, kMostValues> values;
    };
    std::vector<Entry> entries_;  // in order of definition, so their depths ascend
};

}  // namespace exprjit
