// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Verification of one function: one walk over the nodes with a stack of open regions. Structure is checked in
// verify_structure.cpp, value operations by their rows in verify_values.cpp, arrays and memory in verify_arrays.cpp.
// The checked builder takes the same walk while the nodes are made. Private to verify*.cpp and checked_builder.cpp.
#pragma once

#include <vector>

#include "ir/verify.h"
#include "ir/verify_report.h"

namespace exprjit::verifier {

// Memory that is reused from function to function.
struct Scratch {
    // A region that is open: the body of a loop or one arm of an If.
    struct Region {
        ValueId opener;
        uint32_t serial;                // of the body or the current arm
        uint32_t outer_serial;          // of the region around it
        ValueId then_yield = kNoValue;  // of an If: how its arms end, kNoValue if they leave
        ValueId else_yield = kNoValue;
        bool in_else = false;
    };
    std::vector<Region> regions;
    std::vector<uint32_t> loops;      // those of `regions` that are loops
    std::vector<uint32_t> region_of;  // serial of the region each node stands in
    std::vector<uint8_t> open;        // by serial
    std::vector<Type> types;
    std::vector<uint8_t>
        reducing;  // by function: whether it, or one that it calls, reduces over rows; empty if none does
};

// Which functions a call may name. In a finished program the entry comes first and calls name later functions; while a
// program is built, functions are complete before others call them, and the entry comes last.
enum class Callees : uint8_t { Later, Earlier };

class FunctionVerifier {
  public:
    FunctionVerifier(const Program& program, uint32_t index, const Limits& limits, Trust trust, Report& report,
                     Scratch& scratch, Callees callees = Callees::Later)
        : program_(program), f_(program.functions[index]), index_(index), limits_(limits), trust_(trust),
          callees_(callees), report_(report), scratch_(scratch) {}

    // Expects a valid signature (see verify.cpp).
    void run();

    // The same walk in pieces, for a function that grows: begin, step for every node in order, end. A step needs the nodes
    // that belong to its own (results, index, carried values) to be there. False: the structure is broken, and what
    // follows cannot be judged.
    void begin();
    bool step(ValueId v);
    bool end();
    // Where the walk stands, and back to there: nodes that are no structure were stepped over and then taken back.
    struct Progress {
        uint64_t listed_operands, local_bytes;
        ValueId pseudo_end;
    };
    Progress progress() const { return {listed_operands_, local_bytes_, pseudo_end_}; }
    void take_back(const Progress& p) {
        listed_operands_ = p.listed_operands;
        local_bytes_ = p.local_bytes;
        pseudo_end_ = p.pseudo_end;
    }
    // How the arms of the innermost region, an If, end so far: a yield or kNoValue.
    ValueId yield_of_arms() const {
        const Region& r = scratch_.regions.back();
        return r.then_yield != kNoValue ? r.then_yield : r.else_yield;
    }
    bool ended() const { return ended_; }

  private:
    using Region = Scratch::Region;
    enum class Next { Go, Stop };  // Stop: the structure is broken, later findings would be noise

    // verify_function.cpp
    bool params_agree();
    bool node_is_well_formed(ValueId v);
    bool operands_are_visible(ValueId v);
    void check_plain(ValueId v);

    // verify_structure.cpp
    Next structure(ValueId v);
    Next open_if(ValueId v);
    Next enter_else(ValueId v);
    Next close_if(ValueId v);
    Next open_loop(ValueId v);
    Next close_loop(ValueId v);
    Next terminator(ValueId v);
    void check_return(ValueId v);
    void check_call(ValueId v);
    void check_native(ValueId v);
    void check_check(ValueId v);
    bool results_follow(ValueId v, std::span<const Type> expected);
    bool carried_follow(ValueId v, ValueId first, std::span<const ValueId> inits);
    bool flow_agrees(ValueId v, std::span<const ValueId> values, ValueId expected_from, std::string_view what);
    bool open_region(ValueId v);
    Next broken(ValueId v, Code code, std::string message, std::string hint = {});

    // verify_values.cpp
    void check_value(ValueId v);
    void check_const(ValueId v);
    void check_lanes(ValueId v);
    void check_reduce(ValueId v);

    // verify_arrays.cpp
    void check_access(ValueId v);
    void check_dimension(ValueId v);
    void check_local(ValueId v);
    void check_table(ValueId v);
    void check_raw(ValueId v);

    Type type_of(ValueId v) const { return f_[v].type; }
    bool expect_count(ValueId v, size_t count);
    bool expect_type(ValueId v, Type expected);
    bool expect_operand(ValueId v, size_t k, Type expected);
    bool expect_imm_below(ValueId v, uint64_t bound, std::string_view what);
    void say(ValueId v, Code code, std::string message, std::string hint = {}) {
        report_.node(f_, index_, v, code, std::move(message), std::move(hint));
    }

    const Program& program_;
    const Function& f_;
    uint32_t index_;
    const Limits& limits_;
    Trust trust_;
    Callees callees_;
    Report& report_;
    Scratch& scratch_;

    uint64_t listed_operands_ = 0;  // so that shared lists cannot make the walk quadratic
    uint64_t local_bytes_ = 0;
    uint32_t next_serial_ = 1;
    uint32_t serial_ = 0;     // of the region the walk is in
    ValueId pseudo_end_ = 0;  // nodes before this one were checked with their owner
    bool ended_ = false;      // the node before was a terminator
};

// A type that could have come from the constructors of Type: no stray bits.
bool is_well_formed(Type type);
// to_string() for types that may be malformed.
std::string name_of_type(Type type);

}  // namespace exprjit::verifier
