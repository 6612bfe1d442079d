// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/reduction_reference.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace exprjit::trial {

namespace {

constexpr size_t kBlock = 4096;

template <class T>
T from_slot(Slot s) {
    T t;
    std::memcpy(&t, &s, sizeof t);
    return t;
}

template <class T>
Slot to_slot(T t) {
    Slot s = 0;
    std::memcpy(&s, &t, sizeof t);
    return s;
}

template <class T>
bool is_nan(T t) {
    return t != t;
}

template <class T>
T wrapping(ReduceKind kind, T a, T b) {
    using U = std::make_unsigned_t<T>;
    const U x = static_cast<U>(a), y = static_cast<U>(b);
    return static_cast<T>(kind == ReduceKind::Sum ? x + y : x * y);
}

template <class T>
T join(ReduceKind kind, T a, T b) {
    if (kind == ReduceKind::Min || kind == ReduceKind::Max) {
        if (is_nan(a)) return a;
        if (is_nan(b)) return b;
        const bool smaller = kind == ReduceKind::Min;
        if (a == b) {
            if constexpr (std::is_floating_point_v<T>) return std::signbit(a) == smaller ? a : b;
            return a;
        }
        return (a < b) == smaller ? a : b;
    }
    if constexpr (std::is_floating_point_v<T>)
        return kind == ReduceKind::Sum ? a + b : a * b;
    else
        return wrapping(kind, a, b);
}

template <class T>
T neutral(ReduceKind kind) {
    using L = std::numeric_limits<T>;
    switch (kind) {
    case ReduceKind::Sum: return T(0);
    case ReduceKind::Prod: return T(1);
    case ReduceKind::Min: return L::has_infinity ? L::infinity() : L::max();
    default: return L::has_infinity ? -L::infinity() : L::min();
    }
}

// Row r of the block goes to lane r mod L; lane j is then joined with lane j + L/2, and so on.
template <class T>
T in_lanes(ReduceKind kind, std::span<const T> values, std::span<const uint8_t> counts) {
    constexpr size_t lanes = 512 / sizeof(T);
    std::vector<T> lane(lanes, neutral<T>(kind));
    for (size_t r = 0; r < values.size(); ++r)
        if (counts.empty() || counts[r] != 0) lane[r % lanes] = join(kind, lane[r % lanes], values[r]);
    for (size_t half = lanes / 2; half != 0; half /= 2)
        for (size_t j = 0; j < half; ++j) lane[j] = join(kind, lane[j], lane[j + half]);
    return lane[0];
}

template <class T>
ReferencePartial block_of(ReduceKind kind, std::span<const Slot> slots, std::span<const uint8_t> counts,
                          int64_t first_row) {
    std::vector<T> values;
    for (const Slot s : slots) values.push_back(from_slot<T>(s));
    ReferencePartial out;
    if (kind != ReduceKind::ArgMin && kind != ReduceKind::ArgMax) {
        out.value = to_slot(in_lanes<T>(kind, values, counts));
        return out;
    }
    out.rows = -1;
    T best{};
    for (size_t r = 0; r < values.size(); ++r) {
        if (!counts.empty() && counts[r] == 0) continue;
        const bool better = out.rows < 0 || (is_nan(values[r]) && !is_nan(best)) ||
                            (kind == ReduceKind::ArgMin ? values[r] < best : values[r] > best);
        if (!better) continue;
        best = values[r];
        out.rows = first_row + static_cast<int64_t>(r);
    }
    out.value = to_slot(best);
    return out;
}

ReferencePartial deviations(std::span<const Slot> slots, std::span<const uint8_t> counts) {
    ReferencePartial out;
    std::vector<double> values;
    for (size_t r = 0; r < slots.size(); ++r) {
        values.push_back(from_slot<double>(slots[r]));
        out.rows += counts.empty() || counts[r] != 0;
    }
    if (out.rows == 0) return out;
    out.mean = in_lanes<double>(ReduceKind::Sum, values, counts) / static_cast<double>(out.rows);
    for (double& v : values) v = (v - out.mean) * (v - out.mean);
    out.value = to_slot(in_lanes<double>(ReduceKind::Sum, values, counts));
    return out;
}

template <class T>
ReferencePartial both_of(ReduceKind kind, const ReferencePartial& left, const ReferencePartial& right) {
    const T a = from_slot<T>(left.value), b = from_slot<T>(right.value);
    if (kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax) {
        if (left.rows < 0) return right;
        if (right.rows < 0) return left;
        const bool right_wins = !is_nan(a) && (is_nan(b) || (kind == ReduceKind::ArgMin ? b < a : b > a));
        return right_wins ? right : left;
    }
    ReferencePartial out;
    out.value = to_slot(join(kind, a, b));
    return out;
}

ReferencePartial both(ReduceKind kind, Scalar type, const ReferencePartial& left, const ReferencePartial& right) {
    if (kind == ReduceKind::Count) {
        ReferencePartial out;
        out.value = left.value + right.value;
        return out;
    }
    if (kind == ReduceKind::Deviations) {
        if (left.rows == 0) return right;
        if (right.rows == 0) return left;
        const double na = static_cast<double>(left.rows), nb = static_cast<double>(right.rows), n = na + nb;
        const double delta = right.mean - left.mean;
        ReferencePartial out;
        out.rows = left.rows + right.rows;
        out.mean = left.mean + delta * (nb / n);
        out.value =
            to_slot(from_slot<double>(left.value) + from_slot<double>(right.value) + delta * delta * (na * (nb / n)));
        return out;
    }
    switch (type) {
    case Scalar::F32: return both_of<float>(kind, left, right);
    case Scalar::F64: return both_of<double>(kind, left, right);
    case Scalar::I64: return both_of<int64_t>(kind, left, right);
    default: return both_of<int32_t>(kind, left, right);
    }
}

// The digits of a binary counter: as many blocks as the largest power of two are a full tree, the rest is joined to it.
ReferencePartial tree(ReduceKind kind, Scalar type, std::span<const ReferencePartial> blocks) {
    if (blocks.size() == 1) return blocks[0];
    size_t full = 1;
    while (full * 2 <= blocks.size()) full *= 2;
    if (full == blocks.size()) full /= 2;
    return both(kind, type, tree(kind, type, blocks.first(full)), tree(kind, type, blocks.subspan(full)));
}

}  // namespace

int ReferencePartial::slots(ReduceKind kind, Slot* out) const {
    switch (kind) {
    case ReduceKind::ArgMin:
    case ReduceKind::ArgMax: out[0] = value, out[1] = static_cast<Slot>(rows); return 2;
    case ReduceKind::Deviations: out[0] = static_cast<Slot>(rows), out[1] = to_slot(mean), out[2] = value; return 3;
    default: out[0] = value; return 1;
    }
}

ReferencePartial reference_block(ReduceKind kind, Scalar type, std::span<const Slot> values,
                                 std::span<const uint8_t> counts, int64_t first_row) {
    if (kind == ReduceKind::Deviations) return deviations(values, counts);
    if (kind == ReduceKind::Count) {
        ReferencePartial out;
        for (size_t r = 0; r < values.size(); ++r)
            out.value += (values[r] & 1) != 0 && (counts.empty() || counts[r] != 0);
        return out;
    }
    switch (type) {
    case Scalar::F32: return block_of<float>(kind, values, counts, first_row);
    case Scalar::F64: return block_of<double>(kind, values, counts, first_row);
    case Scalar::I64: return block_of<int64_t>(kind, values, counts, first_row);
    default: return block_of<int32_t>(kind, values, counts, first_row);
    }
}

Slot reference_reduction(ReduceKind kind, Scalar type, std::span<const Slot> values, std::span<const uint8_t> counts) {
    std::vector<ReferencePartial> blocks;
    for (size_t from = 0; from < values.size() || from == 0; from += kBlock) {
        const size_t n = std::min(kBlock, values.size() - from);
        blocks.push_back(reference_block(kind, type, values.subspan(from, n),
                                         counts.empty() ? counts : counts.subspan(from, n),
                                         static_cast<int64_t>(from)));
    }
    const ReferencePartial all = tree(kind, type, blocks);
    return kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax ? static_cast<Slot>(all.rows) : all.value;
}

}  // namespace exprjit::trial
