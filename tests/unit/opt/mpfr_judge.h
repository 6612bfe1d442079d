// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <mpfr.h>

#include <cmath>

#include "ir/types.h"

namespace exprjit::opt_test {

// A number of MPFR with enough bits that its own rounding does not count.
class Exact {
  public:
    explicit Exact(double d = 0) {
        mpfr_init2(x_, 400);
        mpfr_set_d(x_, d, MPFR_RNDN);
    }
    ~Exact() { mpfr_clear(x_); }
    Exact(const Exact&) = delete;
    Exact& operator=(const Exact&) = delete;

    operator mpfr_ptr() { return x_; }
    operator mpfr_srcptr() const { return x_; }

  private:
    mpfr_t x_;
};

// How far `got` is from `exact` in units in the last place of the type (subnormals have the smallest unit). An infinity
// counts as the number after the largest; what differs in kind (NaN, the infinity expected) is infinitely far.
inline double ulp_error(Scalar s, double got, const Exact& exact) {
    if (mpfr_nan_p(static_cast<mpfr_srcptr>(exact))) return std::isnan(got) ? 0 : INFINITY;
    if (std::isnan(got)) return INFINITY;
    const int digits = s == Scalar::F32 ? 24 : 53, largest = s == Scalar::F32 ? 128 : 1024,
              smallest = s == Scalar::F32 ? -149 : -1074;
    if (mpfr_inf_p(static_cast<mpfr_srcptr>(exact)))
        return std::isinf(got) && std::signbit(got) == (mpfr_signbit(static_cast<mpfr_srcptr>(exact)) != 0) ? 0
                                                                                                            : INFINITY;
    if (mpfr_zero_p(static_cast<mpfr_srcptr>(exact)) && got == 0) return 0;
    const mpfr_exp_t exponent =
        mpfr_zero_p(static_cast<mpfr_srcptr>(exact)) ? smallest : mpfr_get_exp(static_cast<mpfr_srcptr>(exact));
    if (exponent > largest && std::isinf(got))
        return std::signbit(got) == (mpfr_signbit(static_cast<mpfr_srcptr>(exact)) != 0) ? 0 : INFINITY;
    const long unit = std::max<long>(std::min<long>(static_cast<long>(exponent), largest) - digits, smallest);
    Exact difference(std::isinf(got) ? std::copysign(1.0, got) : got);
    if (std::isinf(got)) mpfr_mul_2si(difference, difference, largest, MPFR_RNDN);
    mpfr_sub(difference, difference, exact, MPFR_RNDN);
    mpfr_mul_2si(difference, difference, -unit, MPFR_RNDN);
    return std::fabs(mpfr_get_d(difference, MPFR_RNDN));
}

}  // namespace exprjit::opt_test
