// SPDX-License-Identifier: MIT OR Apache-2.0
#include "samples.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "recorded.h"

namespace exprjit::accuracy {
namespace {

constexpr double kHardTurns[] = {
#include "hard_turns.inc"
};

// 2 to a power between `low` and `high`, and anything up to the next power.
double of_size(Random& r, double low, double high) {
    return std::ldexp(1 + r.unit(), static_cast<int>(std::floor(r.between(low, high))));
}
double either_sign(Random& r, double x) { return (r.next() & 1) != 0 ? -x : x; }

template <class T>
double any_bits(Random& r) {
    if constexpr (sizeof(T) == 4)
        return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(r.next())));
    else
        return std::bit_cast<double>(r.next());
}

// Close to `centre`: at a distance of any size, or of a few of T's steps.
template <class T>
double close_to(Random& r, double centre) {
    if ((r.next() & 3) != 0) return centre + either_sign(r, of_size(r, -70, -1)) * std::max(1.0, std::fabs(centre));
    T x = static_cast<T>(centre);
    const T end = either_sign(r, 1) > 0 ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
    for (uint64_t steps = r.below(20); steps > 0; --steps) x = std::nextafter(x, end);
    return static_cast<double>(x);
}

// Close to a multiple of pi/2, of any size that T has.
template <class T>
double close_to_turn(Random& r) {
    constexpr long double kHalfPi = 1.570796326794896619231321691639751442L;
    const double most = sizeof(T) == 4 ? 127 : 1000;
    const double exponent = (r.next() & 1) != 0 ? r.between(0, 30) : r.between(0, most);
    const long double turns = std::floor(static_cast<long double>(of_size(r, exponent, exponent)));
    const T x = static_cast<T>(turns * kHalfPi);
    return either_sign(r, (r.next() & 1) != 0 ? static_cast<double>(x) : close_to<T>(r, static_cast<double>(x)));
}

}  // namespace

template <class T>
double Samples<T>::one(Random& r) const {
    constexpr double kLeast = sizeof(T) == 4 ? -149 : -1074, kMost = sizeof(T) == 4 ? 127 : 1023;
    if (only_) {
        if ((r.next() & 1) != 0) return r.between(only_->from, only_->to);
        const double largest = std::max(std::fabs(only_->from), std::fabs(only_->to));
        const double x = either_sign(r, of_size(r, -60, std::log2(largest)));
        return std::clamp(x, only_->from, only_->to);
    }
    const Domain& d = f_.domain;
    const Range range = domain();
    const auto spread = [&](double least, double most) {
        const double x = of_size(r, least, most);
        return range.from >= 0 && r.below(8) != 0 ? x : either_sign(r, x);
    };
    switch (r.below(16)) {
    default: return r.between(range.from, range.to);
    case 4:
    case 5:
    case 6:
    case 7: {
        if (d.dense.empty()) return r.between(range.from, range.to);
        const Range& part = d.dense[r.below(d.dense.size())];
        return r.between(part.from, part.to);
    }
    case 8:
    case 9:
    case 10: return spread(-60, std::log2(std::max(std::fabs(range.from), std::fabs(range.to))));
    case 11: return spread(kLeast, kMost);
    case 12: return any_bits<T>(r);
    case 13:
    case 14: {
        if (d.centres.empty()) return spread(-60, 10);
        const double centre = d.centres[r.below(d.centres.size())];
        return close_to<T>(r, (r.next() & 7) == 0 ? -centre : centre);
    }
    case 15: return d.turns ? close_to_turn<T>(r) : spread(kLeast, 4);
    }
}

template <class T>
void Samples<T>::two(Random& r, double& x, double& y) const {
    constexpr double kMost = sizeof(T) == 4 ? 127 : 1023;
    if (f_.name == "root") {
        x = (r.next() & 1) != 0 ? of_size(r, -kMost, kMost) : one(r);
        y = static_cast<double>(1 + r.below((r.next() & 1) != 0 ? 4 : 40));
        if (x < 0 && std::fmod(y, 2) == 0) y += 1;
        return;
    }
    const uint64_t kind = r.below(16);
    if (kind == 0) {
        x = any_bits<T>(r), y = any_bits<T>(r);
    } else if (f_.name == "pow") {
        // A base of any size, or close to 1, and the exponent with which the result is finite; or two plain numbers.
        const double base = kind < 6    ? of_size(r, -kMost - 30, kMost)
                            : kind < 10 ? close_to<T>(r, 1)
                                        : r.between(0, kind < 13 ? 4 : 100);
        const double size = std::log2(static_cast<double>(static_cast<T>(base)));
        x = base;
        y = kind >= 12 ? either_sign(r, of_size(r, -6, 6)) : r.between(-kMost - 60, kMost + 2) / size;
        if (kind == 1 || kind == 14) y = std::round(y);
        if ((kind == 1 || kind == 14) && (r.next() & 1) != 0) x = -x;
        if (!std::isfinite(y)) y = either_sign(r, of_size(r, 0, 62));
    } else if (f_.name == "logn") {
        x = kind < 6 ? of_size(r, -kMost, kMost) : kind < 9 ? close_to<T>(r, 1) : r.between(0, 100);
        y = kind % 3 == 0   ? 2 + static_cast<double>(r.below(15))
            : kind % 3 == 1 ? of_size(r, -kMost, kMost)
                            : close_to<T>(r, 1);
    } else {  // hypot, atan2: of about one size, or of any two
        const double exponent = kind < 8 ? 0 : r.between(-kMost, kMost);
        x = either_sign(r, of_size(r, exponent, exponent));
        const double apart = kind < 4 ? 0 : kind < 12 ? r.between(-60, 60) : r.between(-3, 3);
        y = kind == 15 ? either_sign(r, of_size(r, -kMost, kMost))
                       : either_sign(r, std::ldexp(1 + r.unit(), static_cast<int>(exponent + apart)));
        if (kind == 14) y = static_cast<double>(std::nextafter(static_cast<T>(x), T(0)));
    }
}

template <class T>
void Samples<T>::fill(uint64_t seed, T* x, T* y, size_t count) const {
    Random r(seed);
    for (size_t i = 0; i < count; ++i) {
        double a = 0, b = 0;
        if (f_.arity == 1)
            a = one(r);
        else
            two(r, a, b);
        x[i] = static_cast<T>(a), y[i] = static_cast<T>(b);
    }
}

template <class T>
void Samples<T>::hard_cases(std::vector<T>& x, std::vector<T>& y) const {
    using Limits = std::numeric_limits<T>;
    std::vector<double> values = {
        0.0, 1, 2, 3, 0.5, 0.25, 0.75, 1.5, 4, 8, 10, 16, 20, 30, 64, 100, 1000, 0.1, 1e-5, 1e-10, 1e10, 355, 22, 710,
        745, 88, 104, 128, 150, 1024, 1075, 1.5707963267948966, 3.141592653589793, 0.7853981633974483,
        2.356194490192345, static_cast<double>(Limits::min()), static_cast<double>(Limits::denorm_min()),
        static_cast<double>(Limits::max()), static_cast<double>(Limits::epsilon()),
        static_cast<double>(Limits::epsilon()) / 2, Limits::infinity(), 0x1p22, 0x1p23, 0x1p24, 0x1p31, 0x1p32, 0x1p51,
        0x1p52, 0x1p53, 0x1p62, 0x1p63, 0x1p64,
        // The f32 number closest to a multiple of pi/2 (Muller, "Elementary Functions", 11.3).
        0x1.f37c8ap+95};
    if (f_.domain.turns) values.insert(values.end(), std::begin(kHardTurns), std::end(kHardTurns));
    for (const double c : f_.domain.centres) values.push_back(c);
    for (const Range& d : {f_.domain.f64, f_.domain.f32}) values.push_back(d.from), values.push_back(d.to);
    std::vector<T> all;
    const size_t plain = values.size();
    for (size_t i = 0; i < plain; ++i) {
        const T v = static_cast<T>(values[i]);
        for (const T w : {v, std::nextafter(v, -Limits::infinity()), std::nextafter(v, Limits::infinity())})
            all.push_back(w), all.push_back(-w);
    }
    all.push_back(Limits::quiet_NaN());
    x.clear(), y.clear();
    for (const Recorded& r : kRecorded)
        if (r.function == f_.name && r.type == (sizeof(T) == 4 ? "f32" : "f64"))
            x.push_back(static_cast<T>(r.x)), y.push_back(static_cast<T>(r.y));
    if (f_.arity == 1) {
        x.insert(x.end(), all.begin(), all.end()), y.resize(x.size());
        return;
    }
    for (const T a : all)
        for (const T b : all) {
            if (f_.name == "root" && (!(b >= 1 && b <= 40) || b != std::floor(b))) continue;
            x.push_back(a), y.push_back(b);
        }
}

template class Samples<float>;
template class Samples<double>;

}  // namespace exprjit::accuracy
