// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Writes the row function's nodes for one group of rows, as often as the loops around need it. Private to
// vectorize*.cpp.
#pragma once

#include <span>
#include <vector>

#include "ir/builder.h"
#include "opt/vectorize_row.h"

namespace exprjit::vectorizing {

// A group of as many rows as there are lanes (one without lanes).
struct Group {
    ValueId index = kNoValue;  // i64: the row, in the columns, that `shift` rows are added to
    int64_t shift = 0;
    ValueId mask = kNoValue;    // bool lanes: which of the rows exist; kNoValue: all
    bool masks_access = false;  // whether loads and stores are masked with it, or reach into padding
};

class BodyWriter {
  public:
    // The builder's function holds its params: one per input in order. `first_row` is the number of row 0.
    BodyWriter(Builder& b, const Function& f, const RowAnalysis& row, std::span<const RowInput> inputs, int lane_log2,
               ValueId first_row);

    // Computes what does not depend on the row, for this slice and those that are part of it: call it in front of the
    // loop.
    void hoist(const Slice& slice);
    // Writes the slice's nodes for a group. Its checks report the group's first row.
    void write(const Slice& slice, const Group& group);
    // The same for two groups whose nodes alternate, by two writers that have hoisted the same.
    static void write(const Slice& slice, BodyWriter& first, const Group& first_group, BodyWriter& second,
                      const Group& second_group);
    // A result of the row function for the group written last: in lanes if there are any. kNoValue is never returned.
    ValueId result(uint32_t k);
    // Whether that result is this constant.
    bool result_is(uint32_t k, uint64_t bits) const;

    int lane_count() const { return 1 << lane_log2_; }
    Type in_lanes(Scalar s) const { return Type::lanes(s, lane_log2_); }
    // The byte offset of the group's first element, as the code generator folds it into an address.
    ValueId offset(const Group& group, size_t element_bytes);
    // The number of the group's first row.
    ValueId row_number(const Group& group);

  private:
    static constexpr int kEveryLane = -1;
    static constexpr int kNoLane = -2;

    // Which lanes run: those of `parent` where `condition` holds (or does not); or a value of its own.
    struct Mask {
        int parent = kEveryLane;
        ValueId condition = kNoValue;
        bool is_negated = false;
        ValueId value = kNoValue;  // once it was needed; visible in the region `serial`
        size_t depth = 0;
        uint32_t serial = 0;
    };
    // A flattened If whose end has not come.
    struct Choice {
        ValueId condition;
        int outer;                         // mask around it
        int masks[2] = {};                 // at the beginning of the arms
        int left[2] = {kNoLane, kNoLane};  // at their ends: what goes on behind the If
        bool is_branch =
            false;  // the current arm stands in an If of its own, around which nothing runs if no lane is in it
        size_t values[2] = {};  // where the arms' values begin in chosen_
    };
    // A flattened Loop: how lanes left it.
    struct Departure {
        int mask;
        size_t values;  // where they begin in departed_
    };
    struct Leaving {
        int outer;          // mask around the Loop
        size_t departures;  // where its own begin
        size_t values;
    };

    // vectorize_body.cpp
    void begin(const Slice& slice, const Group& group);
    ValueId end_of_unit(ValueId v) const;
    void nodes(ValueId first, ValueId end);
    ValueId scalar(ValueId old);
    ValueId lanes(ValueId old);
    ValueId typed(ValueId old, bool in_lanes) { return in_lanes ? lanes(old) : scalar(old); }
    ValueId load(ValueId param);
    void load_before(ValueId first, ValueId end);
    void node(ValueId v);
    void plain(ValueId v);
    ValueId append_once(const Node& n, Type type);
    void check(ValueId v);
    void open_for(ValueId v);
    void open_loop(ValueId v);
    void close_loop(ValueId v);
    void leave(ValueId v);
    void open_if(ValueId v);
    ValueId holds_in_every_lane(ValueId condition);
    void middle_of_if(ValueId v);
    void close_if(ValueId v);
    void yield_to_if(ValueId v);
    void enter_region(ValueId first, ValueId end);
    void leave_region() { open_.pop_back(); }
    bool is_wanted(ValueId result) const { return slice_->needs(result) && !row_.is_hoisted(result); }
    uint32_t result_count(ValueId end) const { return f_[end].type.is_void() ? 0 : f_.result_slots(end); }

    // vectorize_masks.cpp
    int add_mask(int parent, ValueId condition, bool is_negated);
    int mask_of(ValueId value);
    bool is_visible(const Mask& m) const {
        return m.value != kNoValue && m.depth < open_.size() && open_[m.depth] == m.serial;
    }
    void remember(Mask& m, ValueId value);
    ValueId mask_value(int mask);
    ValueId excluded(int mask);
    void begin_choice(ValueId v);
    void begin_arm(Choice& choice, int arm, ValueId first, ValueId end, bool leaves);
    void finish_arm(ValueId v);
    void end_choice(ValueId v);
    void depart(ValueId v);
    void end_departures(ValueId v);

    Builder& b_;
    const Function& f_;
    const RowAnalysis& row_;
    std::span<const RowInput> inputs_;
    int lane_log2_;
    ValueId first_row_;
    const Slice* slice_ = nullptr;
    Group group_;

    std::vector<ValueId> map_;          // old value to new, of this group; of hoisted ones: the scalar
    std::vector<ValueId> front_lanes_;  // of hoisted values: splat in front of the loop
    std::vector<uint32_t> loaded_;      // per param: the group that it was loaded for
    uint32_t group_number_ = 0;

    int mask_ = kEveryLane;
    std::vector<Mask> masks_;
    std::vector<int> mask_chain_;
    std::vector<Choice> choices_;
    std::vector<Departure> departures_;
    std::vector<Leaving> leaving_;
    std::vector<ValueId> chosen_;    // results of arms that wait for the end of their If
    std::vector<ValueId> departed_;  // results of breaks that wait for the end of their Loop
    std::vector<uint32_t> open_;     // serial numbers of the regions that are open in the new function
    uint32_t next_serial_ = 0;
    std::vector<ValueId> values_;
    std::vector<Type> types_;
};

}  // namespace exprjit::vectorizing
