// SPDX-License-Identifier: MIT OR Apache-2.0
#include "columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace exprjit::bench {

namespace {

constexpr int64_t kBytes = 40'000;  // of all columns
// Columns that begin at the same place in a page would fight for the same sets of the cache.
constexpr size_t kApart = 5 * 64;

template <class T>
void fill(void* column, int64_t rows, double low, double high, uint64_t seed) {
    T* p = static_cast<T*>(column);
    uint64_t random = seed;
    for (int64_t i = 0; i < rows; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        p[i] = static_cast<T>(low + (high - low) * (static_cast<double>(random >> 11) * 0x1p-53));
    }
}

template <class T>
double error_as(const Function& f, const Columns& columns, const void* results) {
    const T* x = static_cast<const T*>(columns.input(0));
    const T* y = f.arguments == 2 ? static_cast<const T*>(columns.input(1)) : x;
    const T* result = static_cast<const T*>(results);
    using Limits = std::numeric_limits<T>;
    double worst = 0;
    for (int64_t i = 0; i < columns.rows(); ++i) {
        const long double exact = f.reference(x[i], y[i]);
        if (std::isnan(exact) && std::isnan(result[i])) continue;
        const int exponent = exact == 0 ? Limits::min_exponent : std::max(std::ilogb(exact) + 1, Limits::min_exponent);
        const long double error = std::fabs(static_cast<long double>(result[i]) - exact);
        const double ulps = static_cast<double>(std::ldexp(error, Limits::digits - exponent));
        worst = ulps <= worst ? worst : std::isnan(ulps) ? std::numeric_limits<double>::infinity() : ulps;
    }
    return worst;
}

template <class T>
int64_t difference_as(const void* a, const void* b, int64_t rows, double tolerance) {
    const T *x = static_cast<const T*>(a), *y = static_cast<const T*>(b);
    for (int64_t i = 0; i < rows; ++i) {
        const double p = x[i], q = y[i];
        if (!(std::fabs(p - q) <= tolerance * (1 + std::fabs(p) + std::fabs(q)))) return i;
    }
    return -1;
}

}  // namespace

Columns::Columns(ej_dtype type, int count, const double* low, const double* high) : type_(type), count_(count) {
    const auto size = static_cast<int64_t>(ej_dtype_size(type));
    rows_ = std::min<int64_t>(16'384 / size, kBytes / size / (count + 1)) / 128 * 128;
    storage_.resize(static_cast<size_t>(count + 1) * (static_cast<size_t>(rows_ * size) + kApart) + 64);
    for (int c = 0; c < count; ++c) {
        const auto seed = static_cast<uint64_t>(c) + 1;
        if (type == EJ_F32)
            fill<float>(at(c), rows_, low[c], high[c], seed);
        else
            fill<double>(at(c), rows_, low[c], high[c], seed);
        inputs_[c] = at(c);
    }
}

void* Columns::at(int column) const {
    const auto begin = reinterpret_cast<uintptr_t>(storage_.data());
    unsigned char* const first = storage_.data() + (64 - begin % 64) % 64;
    return first + static_cast<size_t>(column) * (static_cast<size_t>(rows_) * ej_dtype_size(type_) + kApart);
}

double largest_error(const Function& f, const Columns& columns, const void* results) {
    return columns.type() == EJ_F32 ? error_as<float>(f, columns, results) : error_as<double>(f, columns, results);
}

int64_t first_difference(ej_dtype type, const void* a, const void* b, int64_t rows) {
    return type == EJ_F32 ? difference_as<float>(a, b, rows, 2e-4) : difference_as<double>(a, b, rows, 1e-9);
}

}  // namespace exprjit::bench
