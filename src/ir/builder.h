// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <bit>
#include <cassert>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"

namespace exprjit {

// Hash-consing table of pure nodes. Entries made inside a region vanish when it closes: they are removed in the reverse
// order of insertion, which open addressing with linear probing allows without tombstones.
struct Words {  // a node's 32 bytes
    uint64_t w[4];
};

class ConsTable {
  public:
    // The slot that holds a node equal to `n` (whose operands are inline), or an empty one, or none if too many others
    // collide with it: then it is not shared. Returns the value found or kNoValue.
    ValueId find(const Function& f, const Words& n, uint32_t hash, uint32_t& slot);
    void insert(uint32_t slot, ValueId v, uint32_t hash);
    size_t mark() const { return log_.size(); }
    void release(size_t mark);
    // Empties it. A table that one large program has grown is given back, so that the small ones after it stay in cache.
    void clear();
    // Makes room for `nodes` entries at once.
    void reserve(size_t nodes);

  private:
    struct Entry {
        ValueId value = kNoValue;
        uint32_t hash = 0;
    };
    struct Logged {
        uint32_t slot;
        Entry entry;
    };
    void grow_to(size_t slots);

    std::vector<Entry> slots_;
    std::vector<Logged> log_;
    uint32_t mask_ = 0;
};

// Appends nodes to a function. Pure nodes are hash-consed within the regions that are open, so a DAG stays a DAG. The
// Builder asserts what it is given; untrusted input is checked before (front ends) or after (verify).
// One Builder can be reused for many functions: reset() keeps its memory. Not thread-safe.
class Builder {
  public:
    Builder() = default;
    explicit Builder(Function& f) { reset(f); }
    // Starts appending to `f`, which may already hold param nodes made by this Builder only; normally it is empty.
    void reset(Function& f);
    // Says how many nodes will come, about: saves a large function the growing.
    void reserve(size_t nodes);
    Function& function() { return *f_; }

    // Source position given to the nodes that follow. Positions are recorded once a valid one was set.
    void at(Span span);
    Span position() const { return span_; }

    ValueId param(Type type, std::string_view name);

    // The same bits in every lane of `type`.
    ValueId constant(Type type, uint64_t bits);
    ValueId boolean(bool b) { return constant(Scalar::Bool, b); }
    ValueId i32(int32_t i) { return constant(Scalar::I32, static_cast<uint32_t>(i)); }
    ValueId i64(int64_t i) { return constant(Scalar::I64, static_cast<uint64_t>(i)); }
    ValueId f32(float f) { return constant(Scalar::F32, std::bit_cast<uint32_t>(f)); }
    ValueId f64(double d) { return constant(Scalar::F64, std::bit_cast<uint64_t>(d)); }
    // The number `d` as a constant of the type of `like`, splat to its lanes. Exact values only.
    ValueId number(Type like, double d);
    ValueId splat(Type to, ValueId scalar);

    // A value operation by table rule; `u` is its U if it has one, `imm` its immediate. Hash-consed. For *_overflow the
    // flag is the next value id.
    ValueId value(Op op, std::span<const ValueId> operands, Scalar u = Scalar::Bool, uint64_t imm = 0);
    ValueId unary(Op op, ValueId a, uint64_t imm = 0) { return value(op, {&a, 1}, Scalar::Bool, imm); }
    ValueId binary(Op op, ValueId a, ValueId b) {
        const ValueId ops[2] = {a, b};
        return value(op, ops);
    }
    ValueId ternary(Op op, ValueId a, ValueId b, ValueId c) {
        const ValueId ops[3] = {a, b, c};
        return value(op, ops);
    }
    ValueId select(ValueId c, ValueId a, ValueId b) { return ternary(Op::Select, c, a, b); }
    ValueId to(Op op, Scalar u, ValueId a) { return value(op, {&a, 1}, u); }

    // Any node as it stands: structure, arrays, internal operations. Hash-consed if its row allows it and it has one result.
    ValueId append(Op op, Type type, std::span<const ValueId> operands, uint64_t imm = 0);

    // ---- Regions. Every begin_ has its end_; yields are written by the caller (terminate).
    ValueId begin_if(ValueId cond, uint64_t imm = 0);
    void begin_else();
    // Closes the If; its results take ids from the returned one on, with these types.
    ValueId end_if(std::span<const Type> results);
    // Returns the id of the For; its index is id + 1, its carried values id + 2 ….
    ValueId begin_for(ValueId lo, ValueId hi, ValueId step, std::span<const ValueId> inits, uint64_t imm = 0);
    // Returns the id of the Loop; its carried values are id + 1 ….
    ValueId begin_loop(std::span<const ValueId> inits);
    // Closes the innermost For or Loop; results as for end_if, with the types of the carried values.
    ValueId end_loop();

    void yield(std::span<const ValueId> values);
    void break_to(uint32_t depth, std::span<const ValueId> values);
    void continue_to(uint32_t depth, std::span<const ValueId> values);
    void ret(std::span<const ValueId> values);
    void ret(ValueId v) { ret({&v, 1}); }

    // `row`: what is reported as the failing row in place of the index of the outermost loop; for passes.
    ValueId check(ValueId cond, CheckCode code, uint32_t site, ValueId row = kNoValue);
    // Over all rows where `predicate` is true. Hash-consed.
    ValueId reduce(ReduceKind kind, ValueId value, ValueId predicate);
    ValueId load(ValueId array, std::span<const ValueId> indices, bool known_inside = false);
    void store(ValueId array, std::span<const ValueId> indices, ValueId value, bool known_inside = false);
    ValueId len(ValueId array, uint32_t dimension) { return append(Op::Len, kI64, {&array, 1}, dimension); }

    // Where the function stands, and back to there: nothing may refer to the nodes made since, none of which opened or
    // closed a region.
    struct Mark {
        size_t nodes, lists, cons;
    };
    Mark mark() const { return {f_->nodes.size(), f_->lists.size(), cons_.mark()}; }
    void take_back(const Mark& mark);

    size_t open_regions() const { return regions_.size(); }
    Type type_of(ValueId v) const { return f_->nodes[v].type; }

  private:
    struct Region {
        ValueId opener;
        size_t cons_mark;
    };
    ValueId push(Op op, Type type, std::span<const ValueId> operands, uint64_t imm);
    ValueId push_results(ValueId first, std::span<const Type> types);
    void terminate_loop(Op op, uint32_t depth, std::span<const ValueId> values);
    void open(ValueId opener);
    void close();

    Function* f_ = nullptr;
    ConsTable cons_;
    std::vector<Region> regions_;
    std::vector<Type> types_scratch_;
    Span span_;
    bool has_spans_ = false;
};

}  // namespace exprjit
