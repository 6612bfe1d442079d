// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A Builder for callers who make mistakes: every call is checked before it touches the program, by the verifier's own
// rules (verify_function.h), and says at once what is wrong with it. A call returns its node, or kNoValue after a mistake;
// operands that are kNoValue are passed over in silence once there was a mistake, so that a whole program can be written
// and checked at its end.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ir/builder.h"
#include "ir/verify_function.h"

namespace exprjit {

// Functions are built one after the other, each complete before the next begins; a call names one that is complete, and
// the last function is the entry. Not thread-safe; memory that runs out throws std::bad_alloc and leaves the program
// incomplete for good.
class CheckedBuilder {
  public:
    CheckedBuilder() { reset(); }
    // Empties it but keeps memory for the next program.
    void reset();

    // The mistakes so far, at most ten; nullptr if there is none.
    const Error* error() const { return report_.error(); }
    // Forgets mistakes after which the program is as it was before them; those in its structure stay.
    void clear_error();
    // What every program is held against: an engine's fixed limits, and no others that an engine could have.
    static const Limits& limits();
    // With the entry last and calls by the number begin_function() gave. May be incomplete.
    const Program& program() const { return program_; }

    // Source position of the nodes that follow.
    void at(Span span);
    void set_flags(uint32_t flags) { program_.flags = flags; }

    uint32_t begin_function(std::string_view name);
    ValueId param(std::string_view name, Type type);
    void name_results(std::span<const std::string_view> names);
    uint32_t table(Storage element, const void* data, size_t length);

    ValueId constant(Type type, uint64_t bits);
    // Any value operation. `u` is the type a conversion gives, and must be absent elsewhere.
    ValueId op(Op op, std::span<const ValueId> operands, std::optional<Scalar> u = {}, uint64_t imm = 0);
    // Operations with a rule of their own and a given number of operands, which are no structure: any … reduce, len,
    // local, table.
    ValueId plain(Op op, Type type, std::span<const ValueId> operands, uint64_t imm = 0);
    ValueId extract(ValueId lanes, uint64_t lane);
    ValueId splat(ValueId scalar, int lane_log2);
    ValueId reduce(uint64_t kind, ValueId value, ValueId predicate);
    ValueId table_node(uint32_t table);
    ValueId load(ValueId array, std::span<const ValueId> indices);
    ValueId store(ValueId array, std::span<const ValueId> indices, ValueId value);
    ValueId check(ValueId cond, uint32_t code, uint32_t site);
    ValueId call(uint32_t function, std::span<const ValueId> arguments);

    ValueId begin_if(ValueId cond);
    ValueId begin_else();
    // Its results have the types its arms yield, or the ones given: an if whose arms all leave may have any.
    ValueId end_if();
    ValueId end_if(std::span<const Type> results);
    ValueId begin_for(ValueId lo, ValueId hi, ValueId step, std::span<const ValueId> inits);
    ValueId begin_loop(std::span<const ValueId> inits);
    ValueId end_loop();
    ValueId yield(std::span<const ValueId> values);
    // Break or Continue of the loop that `depth` others stand inside of, around this place.
    ValueId leave(Op op, uint32_t depth, std::span<const ValueId> values);
    // The first return decides the function's result types.
    ValueId ret(std::span<const ValueId> values);

    // Parts of nodes: the induction variable of a For, the k-th carried value of a loop, the k-th result of any node.
    ValueId index(ValueId loop);
    ValueId carried(ValueId loop, size_t k);
    ValueId result(ValueId node, size_t k);

    // Mistakes that callers find in what they were given, about a node that was to be made: they leave the program as it
    // was. The structure of the function is unknown after lose(). Both return kNoValue.
    ValueId refuse_call(Op op, std::string message, std::string hint);
    ValueId refuse_unknown(std::string message, std::string hint);
    ValueId lose();

    // kVoid for kNoValue and what is no node.
    Type type_of(ValueId v) const { return exists(v) ? function().nodes[v].type : kVoid; }
    size_t node_count() const { return program_.functions.empty() ? 0 : function().nodes.size(); }

  private:
    struct Region {
        bool is_if;
        bool in_else;
    };

    const Function& function() const { return program_.functions.back(); }
    Function& function() { return program_.functions.back(); }
    uint32_t function_index() const { return static_cast<uint32_t>(program_.functions.size() - 1); }
    bool exists(ValueId v) const { return !program_.functions.empty() && v < function().size(); }
    bool all_exist(std::span<const ValueId> operands) const;

    // Whether a node may be added now. Says what is wrong if that is new.
    bool ready(Op op, std::span<const ValueId> operands);
    bool ready(Op op) { return ready(op, {}); }
    bool ready_to_end_if();
    // The same for an operation whose place matters: after its failure the structure is unknown.
    bool ready_for_structure(Op op, std::span<const ValueId> operands);
    // A mistake that leaves the program as it was. kNoValue, so that callers can return it.
    ValueId refuse(Op op, verifier::Code code, std::string message, std::string hint = {});
    ValueId refuse_program(verifier::Code code, std::string message, std::string hint = {});
    // Checks the nodes from `mark` on; returns `v`, or takes them back.
    ValueId accept(ValueId v, const Builder::Mark& mark);
    ValueId accept_structure(ValueId v, ValueId from);

    Program program_;
    Function spare_;
    Builder builder_;
    verifier::Scratch scratch_;
    verifier::Report report_;
    std::optional<verifier::FunctionVerifier> walk_;
    std::vector<Region> regions_;
    std::vector<Type> types_;
    std::vector<ValueId> operands_;
    size_t finished_nodes_ = 0;  // of the functions before this one
    size_t table_bytes_ = 0;
    bool returns_ = false;  // this function has a return, and so its result types
    bool lost_ = false;     // the structure of this function is broken: what follows is passed over
    bool damaged_ = false;  // some function's was
};

}  // namespace exprjit
