// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The functions in MPFR, to kPrecision bits: more than enough that its own rounding does not count.
#pragma once

#include <mpfr.h>

#include "functions.h"

namespace exprjit::accuracy {

// A number with RAII.
class Big {
  public:
    Big() { mpfr_init2(v_, kPrecision); }
    explicit Big(double d) : Big() { mpfr_set_d(v_, d, MPFR_RNDN); }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;
    ~Big() { mpfr_clear(v_); }
    operator mpfr_ptr() { return v_; }
    operator mpfr_srcptr() const { return v_; }

  private:
    mpfr_t v_;
};

namespace exact {

template <int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t)>
void unary(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    f(out, x, MPFR_RNDN);
}
template <int (*f)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t)>
void binary(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr y) {
    f(out, x, y, MPFR_RNDN);
}

inline void lgamma(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    int sign = 0;
    mpfr_lgamma(out, &sign, x, MPFR_RNDN);
}
// 1 / sqrt(-0) is -inf, as IEEE has it; mpfr_rec_sqrt says +inf.
inline void rsqrt(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    mpfr_sqrt(out, x, MPFR_RNDN);
    mpfr_ui_div(out, 1, out, MPFR_RNDN);
}
inline void deg2rad(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    Big pi;
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_mul(out, pi, x, MPFR_RNDN);
    mpfr_div_ui(out, out, 180, MPFR_RNDN);
}
inline void rad2deg(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    Big pi;
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_mul_ui(out, x, 180, MPFR_RNDN);
    mpfr_div(out, out, pi, MPFR_RNDN);
}
inline void logn(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr base) {
    Big divisor;
    mpfr_log(divisor, base, MPFR_RNDN);
    mpfr_log(out, x, MPFR_RNDN);
    mpfr_div(out, out, divisor, MPFR_RNDN);
}
inline void root(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr n) {
    mpfr_rootn_ui(out, x, mpfr_get_ui(n, MPFR_RNDN), MPFR_RNDN);
}
inline void sinc(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    if (mpfr_zero_p(x) != 0) {
        mpfr_set_ui(out, 1, MPFR_RNDN);
        return;
    }
    Big pi_x;
    mpfr_const_pi(pi_x, MPFR_RNDN);
    mpfr_mul(pi_x, pi_x, x, MPFR_RNDN);
    mpfr_sinpi(out, x, MPFR_RNDN);
    mpfr_div(out, out, pi_x, MPFR_RNDN);
}
inline void sigmoid(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    mpfr_neg(out, x, MPFR_RNDN);
    mpfr_exp(out, out, MPFR_RNDN);
    mpfr_add_ui(out, out, 1, MPFR_RNDN);
    mpfr_ui_div(out, 1, out, MPFR_RNDN);
}
// At -inf silu and gelu are -0: their limit, from below.
inline bool is_minus_infinity(mpfr_ptr out, mpfr_srcptr x) {
    if (mpfr_inf_p(x) == 0 || mpfr_sgn(x) > 0) return false;
    mpfr_set_zero(out, -1);
    return true;
}
inline void silu(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr y) {
    if (is_minus_infinity(out, x)) return;
    sigmoid(out, x, y);
    mpfr_mul(out, out, x, MPFR_RNDN);
}
inline void softplus(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    mpfr_abs(out, x, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
    mpfr_exp(out, out, MPFR_RNDN);
    mpfr_log1p(out, out, MPFR_RNDN);
    if (mpfr_sgn(x) > 0) mpfr_add(out, out, x, MPFR_RNDN);
}
inline void gelu(mpfr_ptr out, mpfr_srcptr x, mpfr_srcptr) {
    if (is_minus_infinity(out, x)) return;
    mpfr_sqrt_ui(out, 2, MPFR_RNDN);
    mpfr_div(out, x, out, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
    mpfr_erfc(out, out, MPFR_RNDN);
    mpfr_mul(out, out, x, MPFR_RNDN);
    mpfr_div_ui(out, out, 2, MPFR_RNDN);
}

}  // namespace exact
}  // namespace exprjit::accuracy
