// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What vectorize() must know about a row function before it writes a loop around it. Private to vectorize*.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/program.h"
#include "opt/vectorize.h"

namespace exprjit::vectorizing {

// Facts about each node of a row function. Linear in its nodes.
class RowAnalysis {
  public:
    // With `lanes`, whether and how the function can be written in lanes; else everything stays scalar.
    RowAnalysis(const Function& f, std::span<const RowInput> inputs, bool lanes);

    // Whether nothing forbids lanes: every loop makes the same trips for all rows, and there is no memory but columns.
    bool can_use_lanes() const { return can_use_lanes_; }
    // Whether the value may differ from row to row and is therefore held in lanes; false everywhere without lanes.
    bool varies(ValueId v) const { return (facts_[v] & kVaries) != 0; }
    // Whether the value depends on uniform inputs only and is computed in front of the loop.
    bool is_hoisted(ValueId v) const { return (facts_[v] & kHoisted) != 0; }
    // Of an If: both arms run, and its results are selected. Of a Loop: it makes one trip, which lanes leave one by
    // one.
    bool is_flattened(ValueId opener) const { return lanes_ && (facts_[opener] & kFlattened) != 0; }
    // Of an If whose condition varies but usually holds: it stays a branch, which is left if the condition fails in some
    // lane; its results are then selected.
    bool is_usual_branch(ValueId opener) const { return lanes_ && (facts_[opener] & kUsualBranch) != 0; }
    // Of an opener: whether some path in it leaves a loop around it.
    bool leaves(ValueId opener) const { return (facts_[opener] & kLeaves) != 0; }
    // Of an opener: whether a check, or a store to a local array, stands inside.
    bool has_check(ValueId opener) const { return (facts_[opener] & kHasCheck) != 0; }
    bool has_store(ValueId opener) const { return (facts_[opener] & kHasStore) != 0; }
    // Opener of the innermost region around the node, kNoValue at the top.
    ValueId region_of(ValueId v) const { return region_.empty() ? kNoValue : region_[v]; }
    // About how many instructions the nodes from `first` up to `end` are that the loop repeats.
    uint32_t cost(ValueId first, ValueId end) const { return cost_before_[end] - cost_before_[first]; }

  private:
    enum Fact : uint8_t {
        kVaries = 1,
        kHoisted = 2,
        kFlattened = 4,
        kLeaves = 8,
        kHasCheck = 16,
        kHasStore = 32,
        kCarriedVaries = 64,  // as found by the yields so far
        kUsualBranch = 128,
    };
    void mark_regions(ValueId v, Fact fact);
    bool walk_straight();
    void find_structure();
    void visit_leave(ValueId v);
    void find_lanes();
    bool walk_lanes(bool all_carried);
    void find_hoisted();
    void count_cost();
    bool any_operand_varies(const Node& n) const;
    void end_if(ValueId v);
    bool can_stay_a_branch(ValueId v) const;
    void refuse() { can_use_lanes_ = false; }

    const Function& f_;
    std::span<const RowInput> inputs_;
    bool lanes_;
    bool can_use_lanes_ = true;
    std::vector<uint8_t> facts_;
    std::vector<ValueId> region_;
    std::vector<uint32_t> cost_before_;
};

// The yields of an If: of its then and else arm, kNoValue where an arm leaves.
ValueId then_yield(const Function& f, ValueId end_if);
ValueId else_yield(const Function& f, ValueId end_if);

// What of a row function a loop needs: the nodes that some results, and if wanted the checks, depend on.
class Slice {
  public:
    // `results`: indices of the results, each with whether it is wanted in lanes.
    struct Root {
        uint32_t result;
        bool in_lanes;
    };
    Slice(const Function& f, const RowAnalysis& row, std::span<const Root> roots, bool with_checks);

    bool needs(ValueId v) const { return needs_[v] != 0; }
    // How a hoisted value is used.
    bool needs_lanes(ValueId v) const { return (needs_[v] & kAsLanes) != 0; }
    bool needs_scalar(ValueId v) const { return (needs_[v] & kAsScalar) != 0; }
    bool with_checks() const { return with_checks_; }
    // Whether there is a check among them.
    bool has_checks() const { return has_checks_; }
    // About how many instructions one group of rows takes.
    uint32_t cost() const { return cost_; }
    // Whether a group may take any time: it calls something, or repeats a part of itself.
    bool has_calls_or_loops() const { return has_calls_ || has_loops_; }
    bool has_loops() const { return has_loops_; }
    // About how many cycles the slowest of its results takes, from the loads on. Of slices without loops.
    uint32_t longest_chain() const;
    // The most bytes of a value that is held in lanes; 0 if there is none.
    size_t widest_bytes() const { return widest_; }

  private:
    enum Need : uint8_t { kAsLanes = 1, kAsScalar = 2 };
    void use(ValueId v, bool in_lanes) { needs_[v] |= in_lanes ? kAsLanes : kAsScalar; }
    void use_all(std::span<const ValueId> values, bool in_lanes) {
        for (const ValueId v : values) use(v, in_lanes);
    }
    void visit(ValueId v);
    void count(ValueId v);
    void visit_end(ValueId v);
    void visit_leave(ValueId v);

    const Function& f_;
    const RowAnalysis& row_;
    bool with_checks_;
    bool has_checks_ = false;
    bool has_calls_ = false, has_loops_ = false;
    uint32_t cost_ = 0;
    size_t widest_ = 0;
    std::vector<uint8_t> needs_;
};

// imm of the For over groups of rows: whether it looks at the stop word in each trip. It does where the look is lost in the
// work, and where the rows that the caller hands over at once may take long: slow calls, inner loops, long bodies.
inline uint64_t row_loop_imm(const Slice& slice, int64_t lanes) {
    const uint32_t long_body = lanes > 1 ? 256 : 32;
    return slice.has_calls_or_loops() || slice.cost() >= long_body ? 0 : kForUnpolled;
}

}  // namespace exprjit::vectorizing
