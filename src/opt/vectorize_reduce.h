// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reductions of one block: what is accumulated, in which order, and how it is combined at the end. Private to
// vectorize*.cpp.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "opt/vectorize_body.h"

namespace exprjit::vectorizing {

inline constexpr int64_t kVirtualLaneBytes = 512;

// One running value per virtual lane, or fewer where the order does not matter for the bits.
struct Accumulator {
    enum class Kind : uint8_t { Sum, Prod, Min, Max, Count, ArgMin, ArgMax, Squares };
    Kind kind;
    Scalar type;     // of the value
    uint32_t value;  // results of the row function
    uint32_t predicate;
    ValueId mean = kNoValue;                    // of Squares: what is subtracted from each value
    ValueId results[2] = {kNoValue, kNoValue};  // the value; of ArgMin and ArgMax its row too

    bool is_arg() const { return kind == Kind::ArgMin || kind == Kind::ArgMax; }
    // Whether rows must go to their own virtual lanes: rounding depends on the order. Integers wrap in any order.
    bool is_ordered() const {
        return is_float(type) && (kind == Kind::Sum || kind == Kind::Prod || kind == Kind::Squares);
    }
    bool operator==(const Accumulator&) const = default;
};

// Writes the loops that run groups of rows and accumulate.
class ReductionWriter {
  public:
    // What else a group does (checks are part of the slice): its stores. Empty if there are none.
    using GroupWork = std::function<void(const Group&)>;

    ReductionWriter(Builder& b, BodyWriter& body, const RowTarget& target, ValueId row_count)
        : b_(b), body_(body), target_(target), row_count_(row_count) {}

    // Accumulates over all rows and leaves the results in the accumulators.
    void run(std::span<Accumulator> accumulators, const Slice& slice, const GroupWork& stores);

  private:
    struct State {
        Accumulator* a;
        uint32_t vectors;             // how many of them there are in registers
        std::vector<ValueId> values;  // them, in order; ArgMin and ArgMax: value, row, value, row …
        ValueId base = kNoValue;      // address of the local array that holds an ordered one
        ValueId mean = kNoValue;      // of Squares, in lanes
    };
    // Of `values`: those that one loop carries.
    struct Range {
        uint32_t first, count;
    };

    void in_registers(const Slice& slice, const GroupWork& stores);
    uint32_t pass_count(const Slice& slice, const GroupWork& stores, uint32_t unroll) const;
    void pass(const Slice& slice, const GroupWork& stores, ValueId rows, uint32_t first, uint32_t count,
              uint32_t unroll);
    static Range carried_by_pass(const State& s, uint32_t first, uint32_t count, uint32_t unroll);
    void rest(const Slice& slice, const GroupWork& stores, ValueId from, uint32_t unroll);
    void rest_in_registers(const Slice& slice, const GroupWork& stores, ValueId from, uint32_t unroll);
    void rest_in_memory(const Slice& slice, const GroupWork& stores, ValueId from);
    void in_memory(const Slice& slice, const GroupWork& stores);
    void loop_over_groups(const Slice& slice, const GroupWork& stores, ValueId from);

    void start(State& s);
    void gather();
    void scatter(ValueId first);
    void update(State& s, uint32_t vector, const Group& group);
    void update_arg(State& s, uint32_t vector, const Group& group, ValueId counts);
    void update_count(State& s, const Group& group);
    void update_in_memory(State& s, const Group& group);
    ValueId counting_rows(const Accumulator& a, const Group& group);
    ValueId identity(const Accumulator& a, Type type);
    ValueId join(const Accumulator& a, ValueId x, ValueId y);
    void join_arg(const Accumulator& a, ValueId* x, const ValueId* y);

    void make_local(State& s);
    void store_local(State& s);
    void load_local(State& s);
    void fill_local(State& s);
    void combine(State& s);
    void combine_in_memory(State& s);

    uint32_t virtual_vectors(const Accumulator& a) const {
        return static_cast<uint32_t>(kVirtualLaneBytes / static_cast<int64_t>(byte_size(a.type)) / body_.lane_count());
    }
    bool has_lanes() const { return body_.lane_count() > 1; }

    Builder& b_;
    BodyWriter& body_;
    const RowTarget& target_;
    ValueId row_count_;
    std::vector<State> states_;
    std::vector<ValueId> flat_;  // the values of all states
};

// The value that changes nothing: what Min and Max of no rows give too. Bits of a scalar.
uint64_t identity_bits(Accumulator::Kind kind, Scalar type);

}  // namespace exprjit::vectorizing
