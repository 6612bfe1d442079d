// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Arguments to measure at. Every choice follows from a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "functions.h"

namespace exprjit::accuracy {

// splitmix64 (Steele, Lea, Flood 2014): a good 64 bits from any seed.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    uint64_t below(uint64_t n) { return (next() >> 32) * n >> 32; }        // n up to 2^32
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // 0 <= u < 1
    double between(double from, double to) { return from + (to - from) * unit(); }

  private:
    uint64_t state_;
};

// T is float or double.
template <class T>
class Samples {
  public:
    // With a range, all arguments (x) come from it: half of them evenly spread, half of them by size.
    Samples(const Function& f, std::optional<Range> only) : f_(f), only_(only) {}

    // Special values and arguments that are known to be hard; for two arguments, their pairs.
    void hard_cases(std::vector<T>& x, std::vector<T>& y) const;
    void fill(uint64_t seed, T* x, T* y, size_t count) const;

  private:
    double one(Random& r) const;
    void two(Random& r, double& x, double& y) const;
    Range domain() const { return sizeof(T) == 4 ? f_.domain.f32 : f_.domain.f64; }

    const Function& f_;
    std::optional<Range> only_;
};

extern template class Samples<float>;
extern template class Samples<double>;

}  // namespace exprjit::accuracy
