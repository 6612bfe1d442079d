// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How far a result is from the truth, in units in the last place (ULP) of the type at the true value; below the smallest
// normal number, in units of the smallest subnormal. Infinity stands for the power of two after the largest number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "functions.h"

namespace exprjit::accuracy {

// What was found out about one implementation.
struct Verdict {
    double worst = 0;       // ULP, decided by MPFR
    double at[2] = {0, 0};  // where
    double got = 0;         // and the result there
    long double sum = 0;    // of all errors, for the mean
    uint64_t judged = 0;    // results in `sum`
    uint64_t special = 0;   // wrong in kind: NaN, an infinity, a sign
    double special_at[2] = {0, 0};
    double special_got = 0;

    void merge(const Verdict& other);
    double mean() const { return judged == 0 ? 0 : static_cast<double>(sum / static_cast<long double>(judged)); }
};

// The truth about a block of arguments, as a number or two of double: exact - high - low is small enough.
template <class T>
class Truth {
  public:
    explicit Truth(const Function& f) : f_(f) {}
    void compute(const T* x, const T* y, size_t count);
    // Adds what `got` says about an implementation to `verdict`.
    void judge(const T* got, Verdict& verdict);

  private:
    void look_closely(size_t i, T got, Verdict& verdict);

    const Function& f_;
    const T* x_ = nullptr;
    const T* y_ = nullptr;
    size_t count_ = 0;
    std::vector<double> high_, low_, per_unit_, scale_, error_;
    std::vector<T> padded_;
};

// The error decided by MPFR; infinite where `got` is wrong in kind. `exact_value` receives the nearest double.
template <class T>
double exact_error(const Function& f, T x, T y, T got, double& exact_value);

}  // namespace exprjit::accuracy
