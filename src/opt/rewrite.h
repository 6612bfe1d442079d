// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <span>

#include "opt/constants.h"
#include "opt/passes.h"
#include "opt/rebuild.h"

namespace exprjit {

// A value operation about to be appended: operands are values of the new function. Rules look at it, and either
// change it, or answer with the value that it is.
struct Candidate {
    Op op;
    Type type;
    uint64_t imm = 0;
    ValueId operands[3] = {kNoValue, kNoValue, kNoValue};
    uint32_t count = 0;
};

// What rules need: the function under construction, and ways to append to it. Everything appended through it goes
// through the rules again; each rule makes the program smaller or moves it one way along a fixed order, so this ends.
class Rewriter {
  public:
    Rewriter(Builder& b, RewriteRules rules) : b_(b), rules_(rules) {}

    // Applies the rules to `c`, which they may change, and appends what remains.
    ValueId emit(Candidate& c);
    ValueId emit(Candidate&& c) { return emit(c); }
    ValueId unary(Op op, ValueId a) { return emit({op, result_type(op, type_of(a), Scalar::Bool), 0, {a}, 1}); }
    ValueId binary(Op op, ValueId a, ValueId b) {
        return emit({op, result_type(op, type_of(a), Scalar::Bool), 0, {a, b}, 2});
    }
    // The constant with these bits in every lane of `type`.
    ValueId constant(Type type, uint64_t bits) { return b_.splat(type, b_.constant(type.scalar(), bits)); }

    const Function& function() const { return b_.function(); }
    const Node& node(ValueId v) const { return b_.function().nodes[v]; }
    Type type_of(ValueId v) const { return b_.type_of(v); }
    bool constant_bits(ValueId v, uint64_t& bits) const { return exprjit::constant_bits(function(), v, bits); }

  private:
    bool is_plain(const Candidate& c) const;

    Builder& b_;
    RewriteRules rules_;
};

// fold.cpp: the value of an operation whose operands are all constants; kNoValue if it has none that is known.
ValueId fold(Rewriter& r, const Candidate& c);
// Both results of an *_overflow operation on constants.
bool fold_overflow(Rewriter& r, const Candidate& c, ValueId& value, ValueId& flag);

// simplify.cpp: the value that equals `c`, or kNoValue after perhaps changing `c` into a simpler equal.
ValueId simplify(Rewriter& r, Candidate& c);
// simplify_integers.cpp: division and remainder by constants, and other rules that are about integers only.
ValueId simplify_division(Rewriter& r, const Candidate& c, int64_t divisor);

}  // namespace exprjit
