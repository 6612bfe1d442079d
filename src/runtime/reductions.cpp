// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/reductions.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "ir/meaning.h"

namespace exprjit {

namespace {

constexpr Slot kNoRow = static_cast<Slot>(int64_t{-1});

template <class T>
T value_of(Slot bits) {
    if constexpr (sizeof(T) == 8)
        return std::bit_cast<T>(bits);
    else
        return std::bit_cast<T>(static_cast<uint32_t>(bits));
}

template <class T>
Slot slot_of(T value) {
    if constexpr (sizeof(T) == 8)
        return std::bit_cast<Slot>(value);
    else
        return std::bit_cast<uint32_t>(value);
}

// Calls f with a value of the C++ type behind a number type.
template <class F>
auto with_type(Scalar type, F&& f) {
    switch (type) {
    case Scalar::Bool:
    case Scalar::I32: return f(int32_t{});
    case Scalar::I64: return f(int64_t{});
    case Scalar::F32: return f(float{});
    case Scalar::F64: break;
    }
    return f(double{});
}

template <class T>
Slot combine_values(ReduceKind kind, Slot left, Slot right) {
    const T a = value_of<T>(left), b = value_of<T>(right);
    switch (kind) {
    case ReduceKind::Sum: return slot_of(meaning::add(a, b));
    case ReduceKind::Prod: return slot_of(meaning::mul(a, b));
    case ReduceKind::Min: return slot_of(meaning::min(a, b));
    default: return slot_of(meaning::max(a, b));
    }
}

// Whether the right side's row is the answer: the first NaN, or else the first of the best values.
template <class T>
bool right_is_better(bool smallest, Slot left, Slot right) {
    const T a = value_of<T>(left), b = value_of<T>(right);
    if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(a)) return false;
        if (std::isnan(b)) return true;
    }
    return smallest ? b < a : b > a;
}

// Chan, Golub and LeVeque: two sets of (count, mean, sum of squared deviations).
BlockPartial combine_deviations(const BlockPartial& left, const BlockPartial& right) {
    const auto left_rows = static_cast<int64_t>(left.slots[0]), right_rows = static_cast<int64_t>(right.slots[0]);
    if (left_rows == 0) return right;
    if (right_rows == 0) return left;
    const auto na = static_cast<double>(left_rows), nb = static_cast<double>(right_rows);
    const double n = na + nb;
    const double mean_a = value_of<double>(left.slots[1]), mean_b = value_of<double>(right.slots[1]);
    const double delta = mean_b - mean_a;
    BlockPartial both;
    both.slots[0] = static_cast<Slot>(left_rows + right_rows);
    both.slots[1] = slot_of(mean_a + delta * (nb / n));
    both.slots[2] =
        slot_of(value_of<double>(left.slots[2]) + value_of<double>(right.slots[2]) + delta * delta * (na * (nb / n)));
    return both;
}

}  // namespace

int partial_slots(ReduceKind kind) {
    switch (kind) {
    case ReduceKind::ArgMin:
    case ReduceKind::ArgMax: return 2;
    case ReduceKind::Deviations: return 3;
    default: return 1;
    }
}

BlockPartial empty_partial(ReduceKind kind, Scalar type) {
    BlockPartial p{};
    switch (kind) {
    case ReduceKind::Prod: p.slots[0] = with_type(type, [](auto t) { return slot_of<decltype(t)>(1); }); break;
    case ReduceKind::Min:
    case ReduceKind::Max:
        p.slots[0] = with_type(type, [kind](auto t) {
            using T = decltype(t);
            using Limit = std::numeric_limits<T>;
            if constexpr (Limit::has_infinity)
                return slot_of<T>(kind == ReduceKind::Min ? Limit::infinity() : -Limit::infinity());
            else
                return slot_of<T>(kind == ReduceKind::Min ? Limit::max() : Limit::min());
        });
        break;
    case ReduceKind::ArgMin:
    case ReduceKind::ArgMax: p.slots[1] = kNoRow; break;
    default: break;
    }
    return p;
}

BlockPartial combine_partials(ReduceKind kind, Scalar type, const BlockPartial& left, const BlockPartial& right) {
    switch (kind) {
    case ReduceKind::Sum:
    case ReduceKind::Prod:
    case ReduceKind::Min:
    case ReduceKind::Max: {
        BlockPartial p;
        p.slots[0] =
            with_type(type, [&](auto t) { return combine_values<decltype(t)>(kind, left.slots[0], right.slots[0]); });
        return p;
    }
    case ReduceKind::Count: {
        BlockPartial p;
        p.slots[0] = left.slots[0] + right.slots[0];
        return p;
    }
    case ReduceKind::ArgMin:
    case ReduceKind::ArgMax:
        if (right.slots[1] == kNoRow) return left;
        if (left.slots[1] == kNoRow) return right;
        return with_type(type,
                         [&](auto t) {
                             return right_is_better<decltype(t)>(kind == ReduceKind::ArgMin, left.slots[0],
                                                                 right.slots[0]);
                         })
                   ? right
                   : left;
    case ReduceKind::Deviations: return combine_deviations(left, right);
    }
    return left;
}

Slot partial_result(ReduceKind kind, const BlockPartial& partial) { return partial.slots[partial_slots(kind) - 1]; }

void BlockTree::push(const BlockPartial& block) {
    BlockPartial carry = block;
    int level = 0;
    for (; (blocks_ >> level & 1) != 0; ++level) carry = combine_partials(kind_, type_, levels_[level], carry);
    levels_[level] = carry;
    ++blocks_;
}

BlockPartial BlockTree::total() const {
    if (blocks_ == 0) return empty_partial(kind_, type_);
    int level = std::countr_zero(blocks_);
    BlockPartial sum = levels_[level];
    while (blocks_ >> ++level != 0) {
        if ((blocks_ >> level & 1) != 0) sum = combine_partials(kind_, type_, levels_[level], sum);
    }
    return sum;
}

}  // namespace exprjit
