// SPDX-License-Identifier: MIT OR Apache-2.0
#include "judge.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "exact.h"

namespace exprjit::accuracy {
namespace {

template <class T>
struct Format {
    static constexpr int digits = std::numeric_limits<T>::digits, least = std::numeric_limits<T>::min_exponent - digits,
                         most = std::numeric_limits<T>::max_exponent;
};

// floor(log2(|x|)) from the bits; of a zero or a subnormal something small enough.
int exponent_of(double x) { return static_cast<int>((std::bit_cast<uint64_t>(x) >> 52) & 0x7ff) - 1023; }
int exponent_of(long double x) {
    uint16_t top;
    std::memcpy(&top, reinterpret_cast<const char*>(&x) + 8, sizeof top);
    return static_cast<int>(top & 0x7fff) - 16383;
}
double power_of_two(int exponent) { return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52); }

struct Block {
    double sum, largest;
    int64_t judged, odd;  // how many have an error that is a number; how many signs differ or errors do not count
};

// The inner loop of a measurement, eight at a time in the compiler's own vectors, for whatever registers the CPU has.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define EXPRJIT_FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EXPRJIT_FOR_EACH_CPU
#endif
constexpr size_t kWidth = 8;
typedef double Doubles __attribute__((vector_size(kWidth * 8)));
typedef int64_t Words __attribute__((vector_size(kWidth * 8)));

// The arrays have room for whole vectors.
template <class T>
[[gnu::always_inline]] inline Block distances_of(const T* got, const double* scale, const double* high,
                                                 const double* low, const double* per_unit, double* error,
                                                 size_t count) {
    typedef T Results __attribute__((vector_size(kWidth * sizeof(T))));
    Doubles sum = {}, largest = {};
    Words judged = {}, odd = {};
    for (size_t i = 0; i < count; i += kWidth) {
        Results results;
        Doubles s, h, l, u;
        std::memcpy(&results, got + i, sizeof results);
        std::memcpy(&s, scale + i, sizeof s), std::memcpy(&h, high + i, sizeof h);
        std::memcpy(&l, low + i, sizeof l), std::memcpy(&u, per_unit + i, sizeof u);
        const Doubles value = __builtin_convertvector(results, Doubles);
        const Doubles e = (Doubles)((Words)(((value * s - h) - l) * u) & INT64_MAX);
        std::memcpy(error + i, &e, sizeof e);
        const Words usual = e < 0x1p60;  // 0 for NaN
        const Doubles counted = (Doubles)((Words)e & usual);
        const Words more = counted > largest;
        sum += counted;
        largest = (Doubles)(((Words)counted & more) | ((Words)largest & ~more));
        judged -= usual;
        odd |= ~usual | ((Words)value ^ (Words)h);  // in the sign: this one deserves a look
    }
    Block b{0, 0, 0, 0};
    for (size_t k = 0; k < kWidth; ++k) {
        b.sum += sum[k], b.largest = std::max(b.largest, largest[k]), b.judged += judged[k];
        b.odd |= odd[k] < 0 ? 1 : 0;
    }
    return b;
}
EXPRJIT_FOR_EACH_CPU Block distances(const float* got, const double* scale, const double* high, const double* low,
                                     const double* per_unit, double* error, size_t count) {
    return distances_of(got, scale, high, low, per_unit, error, count);
}
EXPRJIT_FOR_EACH_CPU Block distances(const double* got, const double* scale, const double* high, const double* low,
                                     const double* per_unit, double* error, size_t count) {
    return distances_of(got, scale, high, low, per_unit, error, count);
}

}  // namespace

void Verdict::merge(const Verdict& o) {
    if (o.worst > worst) worst = o.worst, at[0] = o.at[0], at[1] = o.at[1], got = o.got;
    if (special == 0 && o.special != 0)
        special_at[0] = o.special_at[0], special_at[1] = o.special_at[1], special_got = o.special_got;
    sum += o.sum, judged += o.judged, special += o.special;
}

template <class T>
void Truth<T>::compute(const T* x, const T* y, size_t count) {
    x_ = x, y_ = y, count_ = count;
    const size_t room = (count + kWidth - 1) / kWidth * kWidth;
    for (auto* v : {&high_, &low_, &per_unit_, &scale_, &error_}) {
        v->resize(room);
        std::fill(v->begin() + static_cast<ptrdiff_t>(count), v->end(), 0.0);
    }
    for (size_t i = 0; i < count; ++i) {
        int exponent = 0;
        double scale = 1;
        if constexpr (sizeof(T) == 4) {
            const double truth = f_.in_double(static_cast<double>(x[i]), static_cast<double>(y[i]));
            high_[i] = truth, low_[i] = 0, exponent = exponent_of(truth);
        } else {
            const long double truth = f_.in_long(static_cast<long double>(x[i]), static_cast<long double>(y[i]));
            exponent = exponent_of(truth);
            if (exponent < -900) scale = 0x1p200;  // where `low` would have no bits
            const long double scaled = truth * static_cast<long double>(scale);
            high_[i] = static_cast<double>(scaled);
            low_[i] = static_cast<double>(scaled - static_cast<long double>(high_[i]));
        }
        const int unit =
            std::clamp(exponent - (Format<T>::digits - 1), Format<T>::least, Format<T>::most - Format<T>::digits);
        scale_[i] = scale;
        per_unit_[i] = power_of_two(-unit - (scale == 1 ? 0 : 200));
    }
}

template <class T>
void Truth<T>::judge(const T* got, Verdict& verdict) {
    const size_t beyond = error_.size() - count_;  // results of 0 where the truth is 0
    if (beyond != 0) {
        padded_.assign(error_.size(), T(0));
        std::copy(got, got + count_, padded_.begin());
        got = padded_.data();
    }
    Block block = distances(got, scale_.data(), high_.data(), low_.data(), per_unit_.data(), error_.data(), count_);
    block.judged -= static_cast<int64_t>(beyond);
    verdict.sum += static_cast<long double>(block.sum), verdict.judged += static_cast<uint64_t>(block.judged);
    if (block.odd == 0 && block.largest <= verdict.worst) return;
    for (size_t i = 0; i < count_; ++i) {
        if (error_[i] <= verdict.worst && std::signbit(static_cast<double>(got[i])) == std::signbit(high_[i])) continue;
        look_closely(i, got[i], verdict);
    }
}

template <class T>
void Truth<T>::look_closely(size_t i, T got, Verdict& verdict) {
    if (std::isnan(high_[i]) && std::isnan(got)) return;
    if (high_[i] == 0 && got == 0 && f_.free_zero_sign) return;
    if (std::isinf(got) && std::fabs(high_[i]) >= std::ldexp(1.0, Format<T>::most - 1) * 2 &&
        std::signbit(high_[i]) == std::signbit(got))
        return;  // 2 to the power of `most` and more, infinity included
    const bool same_sign = std::signbit(static_cast<double>(got)) == std::signbit(high_[i]);
    if (verdict.special > 1'000 && (!std::isfinite(error_[i]) || (!same_sign && error_[i] <= verdict.worst))) {
        ++verdict.special;  // enough is known, and MPFR is slow
        return;
    }
    double exact_value = 0;
    const double error = exact_error(f_, x_[i], y_[i], got, exact_value);
    const double x = static_cast<double>(x_[i]), y = static_cast<double>(y_[i]);
    if (std::isinf(error)) {
        if (verdict.special++ == 0)
            verdict.special_at[0] = x, verdict.special_at[1] = y, verdict.special_got = static_cast<double>(got);
    } else if (error > verdict.worst) {
        verdict.worst = error, verdict.at[0] = x, verdict.at[1] = y, verdict.got = static_cast<double>(got);
    }
}

template <class T>
double exact_error(const Function& f, T x, T y, T got_value, double& exact_value) {
    constexpr double kWrong = std::numeric_limits<double>::infinity();
    const double got = static_cast<double>(got_value);
    thread_local Big a, b, exact, difference;
    mpfr_set_d(a, static_cast<double>(x), MPFR_RNDN);
    mpfr_set_d(b, static_cast<double>(y), MPFR_RNDN);
    f.exact(exact, a, b);
    exact_value = mpfr_get_d(exact, MPFR_RNDN);
    if (mpfr_nan_p(static_cast<mpfr_srcptr>(exact)) != 0) return std::isnan(got) ? 0 : kWrong;
    if (std::isnan(got)) return kWrong;
    if (std::signbit(got) != (mpfr_signbit(static_cast<mpfr_srcptr>(exact)) != 0)) {
        // A sign is wrong in kind only on zeros; elsewhere the distance says it all.
        if (got == 0 && mpfr_zero_p(static_cast<mpfr_srcptr>(exact)) != 0 && f.free_zero_sign) return 0;
        if (got == 0 || mpfr_zero_p(static_cast<mpfr_srcptr>(exact)) != 0) return kWrong;
        if (std::isinf(got)) return kWrong;
    }
    if (mpfr_inf_p(static_cast<mpfr_srcptr>(exact)) != 0) return std::isinf(got) ? 0 : kWrong;
    const mpfr_exp_t size = mpfr_zero_p(static_cast<mpfr_srcptr>(exact)) != 0
                                ? Format<T>::least
                                : mpfr_get_exp(static_cast<mpfr_srcptr>(exact));
    if (std::isinf(got)) {
        if (size > Format<T>::most) return 0;
        mpfr_set_d(difference, std::copysign(1.0, got), MPFR_RNDN);
        mpfr_mul_2si(difference, difference, Format<T>::most, MPFR_RNDN);
        // The nearest "number" is right; half a unit below 2^most everything rounds up to it.
    } else {
        mpfr_set_d(difference, got, MPFR_RNDN);
    }
    const long unit = std::clamp<long>(static_cast<long>(size) - Format<T>::digits, Format<T>::least,
                                       Format<T>::most - Format<T>::digits);
    mpfr_sub(difference, difference, exact, MPFR_RNDN);
    mpfr_mul_2si(difference, difference, -unit, MPFR_RNDN);
    const double error = std::fabs(mpfr_get_d(difference, MPFR_RNDN));
    // An infinity that is more than a unit away from its place is wrong in kind, and so is a number in its place.
    const bool kind = std::isinf(got) ? error > 1 : size > Format<T>::most && error > 1;
    return kind ? kWrong : error;
}

template class Truth<float>;
template class Truth<double>;
template double exact_error<float>(const Function&, float, float, float, double&);
template double exact_error<double>(const Function&, double, double, double, double&);

}  // namespace exprjit::accuracy
