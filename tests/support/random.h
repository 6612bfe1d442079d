// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace exprjit::trial {

// splitmix64: small, the same on every platform, and any seed is a good one.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    // 0 … n-1.
    uint64_t below(uint64_t n) { return next() % n; }
    int64_t between(int64_t lo, int64_t hi) {
        return lo + static_cast<int64_t>(below(static_cast<uint64_t>(hi - lo) + 1));
    }
    bool one_in(uint64_t n) { return below(n) == 0; }

    template <class T>
    const T& pick(std::span<const T> items) {
        return items[below(items.size())];
    }

  private:
    uint64_t state_;
};

}  // namespace exprjit::trial
