// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Regions, what ends them, and the parts of nodes. The Builder pairs the nodes of a region and asserts that there is one;
// so whether there is one is asked here, and everything else by the verifier once the nodes are there.
#include <algorithm>

#include "ir/checked_builder.h"

namespace exprjit {

using namespace verifier;

bool CheckedBuilder::ready_for_structure(Op op, std::span<const ValueId> operands) {
    if (ready(op, operands)) {
        if (all_exist(operands)) return true;
        for (size_t k = 0; k < operands.size(); ++k) {
            if (operands[k] < function().size()) continue;
            refuse(op, kVerifyDominance,
                   "operand " + std::to_string(k) + ", %" + std::to_string(operands[k]) +
                       ", is not defined before it is used");
            break;
        }
    }
    if (!program_.functions.empty()) lose();
    return false;
}

ValueId CheckedBuilder::accept_structure(ValueId v, ValueId from) {
    const size_t before = report_.count();
    const bool full = report_.full();
    for (ValueId at = from; at < function().size(); ++at) {
        if (!walk_->step(at)) return lose();
    }
    if (report_.count() == before && !full) return v;
    damaged_ = true;
    return kNoValue;
}

ValueId CheckedBuilder::begin_if(ValueId cond) {
    if (!ready_for_structure(Op::If, {&cond, 1})) return kNoValue;
    const ValueId v = builder_.begin_if(cond);
    regions_.push_back({true, false});
    return accept_structure(v, v);
}

ValueId CheckedBuilder::begin_else() {
    if (!ready(Op::Else)) return kNoValue;
    if (regions_.empty() || !regions_.back().is_if || regions_.back().in_else)
        return refuse(Op::Else, kVerifyRegion, "does not divide an if",
                      regions_.empty()        ? "begin an if first"
                      : regions_.back().is_if ? "an if has one else"
                                              : "end the loop inside it first");
    builder_.begin_else();
    regions_.back().in_else = true;
    const ValueId v = function().size() - 1;
    return accept_structure(v, v);
}

bool CheckedBuilder::ready_to_end_if() {
    if (!ready(Op::EndIf)) return false;
    if (regions_.empty() || !regions_.back().is_if) {
        refuse(Op::EndIf, kVerifyRegion, "closes no if",
               regions_.empty() ? "begin an if first" : "end the loop inside it first");
        return false;
    }
    if (regions_.back().in_else) return true;
    refuse(Op::EndIf, kVerifyRegion, "closes an if that has no else",
           "begin the else and end it with yield, with the same number of values");
    return false;
}

ValueId CheckedBuilder::end_if() {
    if (!ready_to_end_if()) return kNoValue;
    types_.clear();
    if (const ValueId yield = walk_->yield_of_arms(); yield != kNoValue) {
        for (const ValueId v : function().operands(yield)) types_.push_back(type_of(v));
    }
    return end_if(types_);
}

ValueId CheckedBuilder::end_if(std::span<const Type> results) {
    if (!ready_to_end_if()) return kNoValue;
    const ValueId v = builder_.end_if(results);
    regions_.pop_back();
    return accept_structure(v, v);
}

ValueId CheckedBuilder::begin_for(ValueId lo, ValueId hi, ValueId step, std::span<const ValueId> inits) {
    operands_ = {lo, hi, step};
    operands_.insert(operands_.end(), inits.begin(), inits.end());
    if (!ready_for_structure(Op::For, operands_)) return kNoValue;
    const ValueId v = builder_.begin_for(lo, hi, step, inits);
    regions_.push_back({false, false});
    return accept_structure(v, v);
}

ValueId CheckedBuilder::begin_loop(std::span<const ValueId> inits) {
    if (!ready_for_structure(Op::Loop, inits)) return kNoValue;
    const ValueId v = builder_.begin_loop(inits);
    regions_.push_back({false, false});
    return accept_structure(v, v);
}

ValueId CheckedBuilder::end_loop() {
    if (!ready(Op::EndLoop)) return kNoValue;
    if (regions_.empty() || regions_.back().is_if)
        return refuse(Op::EndLoop, kVerifyRegion, "closes no loop",
                      regions_.empty() ? "begin a loop first" : "end the if inside it first");
    const ValueId v = builder_.end_loop();
    regions_.pop_back();
    return accept_structure(v, v);
}

ValueId CheckedBuilder::yield(std::span<const ValueId> values) {
    if (!ready_for_structure(Op::Yield, values)) return kNoValue;
    if (regions_.empty())
        return refuse(Op::Yield, kVerifyTerminator, "stands outside any region", "a function ends with return");
    builder_.yield(values);
    const ValueId v = function().size() - 1;
    return accept_structure(v, v);
}

ValueId CheckedBuilder::leave(Op op, uint32_t depth, std::span<const ValueId> values) {
    if (!ready_for_structure(op, values)) return kNoValue;
    const auto loops = std::count_if(regions_.begin(), regions_.end(), [](const Region& r) { return !r.is_if; });
    if (depth >= static_cast<size_t>(loops)) {
        refuse(op, kVerifyTarget,
               "leaves " + std::to_string(depth) + " loops, but only " + std::to_string(loops) + " are open around it",
               "depth 0 is the innermost loop");
        return lose();
    }
    if (op == Op::Break)
        builder_.break_to(depth, values);
    else
        builder_.continue_to(depth, values);
    const ValueId v = function().size() - 1;
    return accept_structure(v, v);
}

ValueId CheckedBuilder::ret(std::span<const ValueId> values) {
    if (!ready_for_structure(Op::Return, values)) return kNoValue;
    Function& f = function();
    if (!returns_) {
        for (size_t k = 0; k < values.size(); ++k) {
            if (type_of(values[k]).is_value()) continue;
            refuse(Op::Return, kVerifySignature,
                   "operand " + std::to_string(k) + ", %" + std::to_string(values[k]) + ", is no value",
                   "arrays are not results; take a mut array as a parameter");
            return lose();
        }
        returns_ = true;
        f.results.clear();
        for (const ValueId v : values) f.results.push_back(type_of(v));
    }
    builder_.ret(values);
    const ValueId v = f.size() - 1;
    return accept_structure(v, v);
}

ValueId CheckedBuilder::index(ValueId loop) {
    if (!ready(Op::Index, {&loop, 1})) return kNoValue;
    if (!exists(loop) || function()[loop].op != Op::For)
        return refuse(Op::Index, kVerifyPseudo, "%" + std::to_string(loop) + " is no for",
                      "pass what begin_for returned");
    return loop + 1;
}

ValueId CheckedBuilder::carried(ValueId loop, size_t k) {
    if (!ready(Op::Carried, {&loop, 1})) return kNoValue;
    const bool is_for = exists(loop) && function()[loop].op == Op::For;
    if (!is_for && !(exists(loop) && function()[loop].op == Op::Loop))
        return refuse(Op::Carried, kVerifyPseudo, "%" + std::to_string(loop) + " is no loop",
                      "pass what begin_for or begin_loop returned");
    const size_t count = function().operands(loop).size() - (is_for ? 3 : 0);
    if (k >= count)
        return refuse(Op::Carried, kVerifyImmediate,
                      "%" + std::to_string(loop) + " carries " + std::to_string(count) + " values, there is no " +
                          std::to_string(k),
                      "the first one is 0");
    return loop + (is_for ? 2 : 1) + static_cast<ValueId>(k);
}

ValueId CheckedBuilder::result(ValueId node, size_t k) {
    if (!ready(Op::Result, {&node, 1})) return kNoValue;
    const size_t count = !exists(node) || type_of(node).is_void() ? 0 : function().result_slots(node);
    if (k < count) return node + static_cast<ValueId>(k);
    return refuse(Op::Result, kVerifyImmediate,
                  "%" + std::to_string(node) + " has " + std::to_string(count) + " results, there is no " +
                      std::to_string(k),
                  "the first one is 0");
}

}  // namespace exprjit
