// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Regions, terminators, links, and what flows along them: the rules of rows whose signature is "*".
#include "ir/verify_function.h"

namespace exprjit::verifier {

namespace {

std::string count_of(size_t n, std::string_view what) {
    return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

}  // namespace

FunctionVerifier::Next FunctionVerifier::broken(ValueId v, Code code, std::string message, std::string hint) {
    say(v, code, std::move(message), std::move(hint));
    return Next::Stop;
}

FunctionVerifier::Next FunctionVerifier::structure(ValueId v) {
    const Op op = f_[v].op;
    const OpInfo& i = info(op);
    if (!i.has(kEnds) && !expect_type(v, kVoid)) return Next::Stop;
    if ((i.has(kMid) || i.has(kEnds)) && !expect_count(v, 0)) return Next::Stop;
    switch (op) {
    case Op::If: return open_if(v);
    case Op::Else: return enter_else(v);
    case Op::EndIf: return close_if(v);
    case Op::For:
    case Op::Loop: return open_loop(v);
    case Op::EndFor:
    case Op::EndLoop: return close_loop(v);
    default: return terminator(v);
    }
}

bool FunctionVerifier::open_region(ValueId v) {
    if (scratch_.regions.size() >= limits_.max_nesting) {
        say(v, kVerifyLimit,
            "regions nest deeper than " + std::to_string(limits_.max_nesting) + " levels (the limit max_nesting)",
            "nest less, or raise the engine's max_nesting");
        return false;
    }
    scratch_.regions.push_back({v, next_serial_, serial_});
    serial_ = next_serial_++;
    scratch_.open.push_back(1);
    return true;
}

FunctionVerifier::Next FunctionVerifier::open_if(ValueId v) {
    if (!expect_count(v, 1)) return Next::Stop;
    expect_operand(v, 0, kBool);
    if (f_[v].imm > kIfUsual)
        say(v, kVerifyImmediate, "the immediate of an if is 0, or 1 for usual");
    else if (f_[v].imm == kIfUsual && trust_ == Trust::Border)
        say(v, kVerifyInternal, "claims that its condition nearly always holds, which only passes may say");
    return open_region(v) ? Next::Go : Next::Stop;
}

FunctionVerifier::Next FunctionVerifier::enter_else(ValueId v) {
    if (scratch_.regions.empty() || f_[scratch_.regions.back().opener].op != Op::If ||
        f_[scratch_.regions.back().opener].link != v)
        return broken(v, kVerifyRegion, "does not divide the innermost if, or is not the one its link names");
    Region& region = scratch_.regions.back();
    scratch_.open[region.serial] = 0;
    region.serial = serial_ = next_serial_++;
    region.in_else = true;
    scratch_.open.push_back(1);
    // The Else stands in the If's own region.
    scratch_.region_of[v] = region.outer_serial;
    return Next::Go;
}

FunctionVerifier::Next FunctionVerifier::close_if(ValueId v) {
    if (scratch_.regions.empty() || f_[scratch_.regions.back().opener].op != Op::If)
        return broken(v, kVerifyRegion, "closes no if");
    const Region region = scratch_.regions.back();
    const ValueId middle = f_[region.opener].link;
    // enter_else made sure that a link below v names an Else that was passed.
    if (middle >= v || f_[middle].op != Op::Else || scratch_.region_of[middle] != region.outer_serial)
        return broken(v, kVerifyRegion, "closes an if that has no else", "an if without an else has an empty else arm");
    if (f_[middle].link != v || f_[v].link != region.opener)
        return broken(v, kVerifyLink, "if, else and end_if do not name each other");
    scratch_.open[region.serial] = 0;
    scratch_.regions.pop_back();
    serial_ = region.outer_serial;
    scratch_.region_of[v] = serial_;

    const uint32_t slots = f_.result_slots(v);
    const size_t count = f_[v].type.is_void() ? 0 : slots;
    if (count == 0 && slots > 1) return broken(v + 1, kVerifyPseudo, "follows an end_if that has no value");
    for (uint32_t k = 0; k < count; ++k) {
        if (!is_well_formed(f_[v + k].type) || !f_[v + k].type.is_value())
            return broken(v + k, kVerifyResultType, "a result of an if is a value", "arrays cannot be chosen by an if");
        if (k > 0 && (f_[v + k].imm != k || f_[v + k].operand_count16 != 0))
            return broken(v + k, kVerifyPseudo, "results are numbered 1, 2, … and have no operands");
    }
    for (const ValueId yield : {region.then_yield, region.else_yield}) {
        if (yield == kNoValue) continue;
        const auto values = f_.operands(yield);
        if (values.size() != count) {
            say(yield, kVerifyFlow,
                "yields " + count_of(values.size(), "value") + ", but its if has " + count_of(count, "result"));
            continue;
        }
        flow_agrees(yield, values, v, "result");
    }
    pseudo_end_ = v + slots;
    return Next::Go;
}

FunctionVerifier::Next FunctionVerifier::open_loop(ValueId v) {
    const bool is_for = f_[v].op == Op::For;
    const auto operands = f_.operands(v);
    if (is_for) {
        if (operands.size() < 3)
            return broken(v, kVerifyOperandCount,
                          "has " + count_of(operands.size(), "operand") +
                              ", expected lo, hi, step and the initial values");
        for (size_t k = 0; k < 3; ++k) expect_operand(v, k, kI64);
        if (f_[v].imm > kForUnpolled)
            say(v, kVerifyImmediate, "the immediate of a for is 0, or 1 for unpolled");
        else if (f_[v].imm == kForUnpolled && trust_ == Trust::Border)
            say(v, kVerifyInternal, "claims to need no look at the stop word, which only passes may say");
    }
    const auto inits = operands.subspan(is_for ? 3 : 0);
    for (const ValueId init : inits) {
        if (!type_of(init).is_value())
            return broken(v, kVerifyOperandType,
                          "%" + std::to_string(init) + " is " + name_of_type(type_of(init)) +
                              "; only values can be carried by a loop");
    }
    if (is_for &&
        (v + 1 >= f_.size() || f_[v + 1].op != Op::Index || f_[v + 1].type != kI64 || f_[v + 1].operand_count16 != 0))
        return broken(v, kVerifyPseudo, "is not followed by its index node of type i64");
    const ValueId first = v + (is_for ? 2 : 1);
    if (!carried_follow(v, first, inits) || !open_region(v)) return Next::Stop;
    scratch_.loops.push_back(static_cast<uint32_t>(scratch_.regions.size() - 1));
    pseudo_end_ = first + static_cast<ValueId>(inits.size());
    return Next::Go;
}

bool FunctionVerifier::carried_follow(ValueId v, ValueId first, std::span<const ValueId> inits) {
    for (size_t k = 0; k < inits.size(); ++k) {
        const size_t at = first + k;
        if (at >= f_.size() || f_.nodes[at].op != Op::Carried || f_.nodes[at].imm != k ||
            f_.nodes[at].operand_count16 != 0) {
            say(v, kVerifyPseudo,
                "starts with " + count_of(inits.size(), "carried value") + ", but carried node " + std::to_string(k) +
                    " does not follow");
            return false;
        }
        if (f_.nodes[at].type != type_of(inits[k])) {
            say(static_cast<ValueId>(at), kVerifyFlow,
                "has type " + name_of_type(f_.nodes[at].type) + ", but its initial value is " +
                    name_of_type(type_of(inits[k])));
            return false;
        }
    }
    return true;
}

FunctionVerifier::Next FunctionVerifier::close_loop(ValueId v) {
    const Op expected = f_[v].op == Op::EndFor ? Op::For : Op::Loop;
    if (scratch_.regions.empty() || f_[scratch_.regions.back().opener].op != expected)
        return broken(v, kVerifyRegion, std::string("closes no ") + info(expected).text);
    const Region region = scratch_.regions.back();
    if (f_[region.opener].link != v || f_[v].link != region.opener)
        return broken(v, kVerifyLink, "the loop and its end do not name each other");
    scratch_.open[region.serial] = 0;
    scratch_.regions.pop_back();
    scratch_.loops.pop_back();
    serial_ = region.outer_serial;
    scratch_.region_of[v] = serial_;
    const ValueId first = region.opener + (expected == Op::For ? 2 : 1);
    const size_t count = f_.operands(region.opener).size() - (expected == Op::For ? 3 : 0);
    std::vector<Type>& types = scratch_.types;
    types.clear();
    for (size_t k = 0; k < count; ++k) types.push_back(f_.nodes[first + k].type);
    return results_follow(v, types) ? Next::Go : Next::Stop;
}

// Whether `v` has these results: the first is its own type, the others follow as result nodes.
bool FunctionVerifier::results_follow(ValueId v, std::span<const Type> expected) {
    const uint32_t found = f_.result_slots(v);
    pseudo_end_ = v + found;
    if (!expect_type(v, expected.empty() ? kVoid : expected[0])) return false;
    const size_t wanted = expected.empty() ? 1 : expected.size();
    if (found != wanted) {
        say(v, kVerifyPseudo,
            "is followed by " + count_of(found - 1, "result node") + ", expected " + std::to_string(wanted - 1));
        return false;
    }
    for (uint32_t k = 1; k < found; ++k) {
        const Node& n = f_[v + k];
        if (n.imm != k || n.operand_count16 != 0) {
            say(v + k, kVerifyPseudo, "results are numbered 1, 2, … and have no operands");
            return false;
        }
        if (!expect_type(v + k, expected[k])) return false;
    }
    return true;
}

// Whether values[k] has the type of node expected_from + k. Counts are equal.
bool FunctionVerifier::flow_agrees(ValueId v, std::span<const ValueId> values, ValueId expected_from,
                                   std::string_view what) {
    for (size_t k = 0; k < values.size(); ++k) {
        const Type expected = f_.nodes[expected_from + k].type;
        if (type_of(values[k]) == expected) continue;
        say(v, kVerifyFlow,
            "value " + std::to_string(k) + ", %" + std::to_string(values[k]) + ", is " +
                name_of_type(type_of(values[k])) + ", but the " + std::string(what) + " is " + name_of_type(expected));
        return false;
    }
    return true;
}

FunctionVerifier::Next FunctionVerifier::terminator(ValueId v) {
    const Node& n = f_[v];
    ended_ = true;
    if (n.op == Op::Return) {
        check_return(v);
        if (scratch_.regions.empty() && v + 1 != f_.size())
            return broken(v, kVerifyTerminator, "nodes follow the last return");
        return Next::Go;
    }
    const bool is_yield = n.op == Op::Yield;
    if (is_yield && scratch_.regions.empty())
        return broken(v, kVerifyTerminator, "stands outside any region", "a function ends with return");
    const auto values = f_.operands(n);
    Region* region = is_yield ? &scratch_.regions.back() : nullptr;
    if (!is_yield) {
        if (n.imm >= scratch_.loops.size())
            return broken(v, kVerifyTarget,
                          "leaves " + std::to_string(n.imm) + " loops, but only " +
                              std::to_string(scratch_.loops.size()) + " are open around it");
        region = &scratch_.regions[scratch_.loops[scratch_.loops.size() - 1 - n.imm]];
    }
    const Node& opener = f_[region->opener];
    if (n.link != region->opener)
        return broken(v, kVerifyLink,
                      "its link does not name the " + std::string(info(opener.op).text) + " at %" +
                          std::to_string(region->opener));
    if (opener.op == Op::If) {
        // Arms are compared with the results when the if closes.
        (region->in_else ? region->else_yield : region->then_yield) = v;
        return Next::Go;
    }
    const bool is_for = opener.op == Op::For;
    const size_t count = f_.operands(opener).size() - (is_for ? 3 : 0);
    if (values.size() != count) {
        say(v, kVerifyFlow,
            "gives " + count_of(values.size(), "value") + ", but its loop carries " + std::to_string(count));
        return Next::Go;
    }
    flow_agrees(v, values, region->opener + (is_for ? 2 : 1), "carried value");
    return Next::Go;
}

void FunctionVerifier::check_return(ValueId v) {
    const auto values = f_.operands(v);
    if (!scratch_.regions.empty() && !scratch_.reducing.empty() && scratch_.reducing[index_] != 0)
        say(v, kVerifyReduce, "leaves early a function that reduces over all rows", "return at its end only");
    if (values.size() != f_.results.size()) {
        say(v, kVerifyFlow,
            "returns " + count_of(values.size(), "value") + ", but the function has " +
                count_of(f_.results.size(), "result"));
        return;
    }
    for (size_t k = 0; k < values.size(); ++k) {
        if (type_of(values[k]) == f_.results[k]) continue;
        say(v, kVerifyFlow,
            "value " + std::to_string(k) + ", %" + std::to_string(values[k]) + ", is " +
                name_of_type(type_of(values[k])) + ", but the function's result is " + name_of_type(f_.results[k]));
        return;
    }
}

void FunctionVerifier::check_check(ValueId v) {
    const auto operands = f_.operands(v);
    if (operands.size() != 2 && !expect_count(v, 1)) return;
    if (!expect_type(v, kVoid)) return;
    if (operands.size() == 2) {
        if (trust_ == Trust::Border) {
            say(v, kVerifyInternal, "names the row it reports, which only passes may do");
            return;
        }
        if (!expect_operand(v, 1, kI64)) return;
    }
    const Type condition = type_of(f_.operands(v)[0]);
    if (!condition.is_value() || condition.scalar() != Scalar::Bool)
        say(v, kVerifyOperandType, "operand 0 is " + name_of_type(condition) + ", expected bool");
    const uint64_t code = f_[v].imm >> 32;
    if (code < static_cast<uint64_t>(CheckCode::DivideByZero) || code > static_cast<uint64_t>(CheckCode::NoRows))
        say(v, kVerifyImmediate, "names no check code", "divide_by_zero, domain, index, user, unsigned or no_rows");
}

void FunctionVerifier::check_call(ValueId v) {
    const Node& n = f_[v];
    const bool later = callees_ == Callees::Later;
    if (later ? n.imm >= program_.functions.size() || n.imm <= index_ : n.imm >= index_) {
        say(v, kVerifyCall, "calls function " + std::to_string(n.imm) + " from function " + std::to_string(index_),
            later ? "a call names a later function of the program, so that recursion cannot be written"
                  : "a call names a function that was built before, so that recursion cannot be written");
        return;
    }
    const Function& callee = program_.functions[n.imm];
    if (!scratch_.regions.empty() && !scratch_.reducing.empty() && scratch_.reducing[n.imm] != 0)
        say(v, kVerifyReduce, "calls a function that reduces over all rows, but stands inside an if or loop",
            "call it before the if or loop and use its results there");
    const auto arguments = f_.operands(n);
    if (!expect_count(v, callee.params.size())) return;
    for (size_t k = 0; k < arguments.size(); ++k) {
        const Type have = type_of(arguments[k]), want = callee.params[k].type;
        // A mut array may be passed as a const one.
        if (have == want || (have.is_array() && want == Type::array(have.storage(), have.rank(), false))) continue;
        if (have.is_array() && want == Type::array(have.storage(), have.rank(), true))
            say(v, kVerifyConstStore, "argument " + std::to_string(k) + " is const, but the function takes it as mut");
        else
            expect_operand(v, k, want);
        return;
    }
    results_follow(v, callee.results);
}

// Scalars, or all in as many lanes as the result.
void FunctionVerifier::check_native(ValueId v) {
    const Node& n = f_[v];
    if (!expect_imm_below(v, program_.natives.size(), "host function")) return;
    const NativeFunction& callee = *program_.natives[n.imm];
    if (n.op != callee.op()) {
        say(v, kVerifyCall, "does not say whether '" + callee.name + "' is pure");
        return;
    }
    if (!n.type.is_value()) {
        say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected a value");
        return;
    }
    if (!expect_type(v, n.type.with(callee.result)) || !expect_count(v, callee.params.size())) return;
    for (size_t k = 0; k < callee.params.size(); ++k) {
        if (!expect_operand(v, k, n.type.with(callee.params[k]))) return;
    }
}

}  // namespace exprjit::verifier
