// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/verify_function.h"

#include "ir/fixed_limit.h"
#include "support/compile_watch.h"

namespace exprjit::verifier {

bool is_well_formed(Type type) {
    switch (type.kind()) {
    case Type::Kind::Void: return type == kVoid;
    case Type::Kind::Value:
        return static_cast<int>(type.scalar()) < kScalarCount && type.lane_log2() <= kMaxLaneLog2 && !type.is_mut();
    case Type::Kind::Array:
        return static_cast<int>(type.storage()) < kStorageCount && type.rank() >= 1 && type.rank() <= kMaxRank;
    }
    return false;
}

std::string name_of_type(Type type) { return is_well_formed(type) ? to_string(type) : "a malformed type"; }

void FunctionVerifier::run() {
    begin();
    scratch_.region_of.reserve(f_.size());
    if (!params_agree()) return;
    for (ValueId v = static_cast<ValueId>(f_.params.size()); v < f_.size(); ++v) {
        poll_compile_at(v);
        if (report_.full() || !step(v)) return;
    }
    end();
}

void FunctionVerifier::begin() {
    scratch_.regions.clear();
    scratch_.loops.clear();
    scratch_.region_of.clear();
    scratch_.open.assign(1, 1);
}

bool FunctionVerifier::step(ValueId v) {
    if (!node_is_well_formed(v)) return false;
    scratch_.region_of.resize(v);  // parameters before the first node stand in region 0
    scratch_.region_of.push_back(serial_);
    if (v < pseudo_end_) return true;
    const OpInfo& i = info(f_[v].op);
    const bool closes = i.has(kMid) || i.has(kEnds);
    if (ended_ && !closes) {
        say(v, kVerifyTerminator, "follows the end of its region",
            "nothing can run after a yield, break, continue or return");
        return false;
    }
    if (!ended_ && closes) {
        say(v, kVerifyTerminator, "the region before it has no end", "end it with yield, break, continue or return");
        return false;
    }
    ended_ = false;
    if (i.has(kInternal) && trust_ == Trust::Border) {
        say(v, kVerifyInternal, "is made by passes only and not accepted in a program from outside");
        return true;
    }
    const bool structural = i.has(kOpens) || i.has(kMid) || i.has(kEnds) || i.has(kTerminator);
    if (!operands_are_visible(v)) {
        if (structural) return false;
        pseudo_end_ = v + f_.result_slots(v);
        return true;
    }
    if (structural) return structure(v) == Next::Go;
    check_plain(v);
    return true;
}

bool FunctionVerifier::end() {
    if (!scratch_.regions.empty()) {
        const ValueId opener = scratch_.regions.back().opener;
        say(opener, kVerifyRegion, "is never closed",
            f_[opener].op == Op::If ? "add else and end_if" : "add the end of the loop");
        return false;
    }
    if (ended_) return true;
    report_.function(f_, index_, kVerifyTerminator, "does not end with return");
    return false;
}

bool FunctionVerifier::params_agree() {
    const size_t count = f_.params.size();
    for (size_t k = 0; k < count; ++k) {
        if (k >= f_.size() || f_.nodes[k].op != Op::Param || f_.nodes[k].imm != k ||
            f_.nodes[k].type != f_.params[k].type) {
            report_.function(f_, index_, kVerifyParam,
                             "node " + std::to_string(k) + " is not the param node of parameter " + std::to_string(k),
                             "param nodes come first, in order, with the types of the signature");
            return false;
        }
        if (!node_is_well_formed(static_cast<ValueId>(k))) return false;
        if (!expect_count(static_cast<ValueId>(k), 0)) return false;
    }
    return true;
}

// Everything that can be said without looking at other nodes; after this the node can be read safely.
bool FunctionVerifier::node_is_well_formed(ValueId v) {
    const Node& n = f_[v];
    if (static_cast<int>(n.op) >= kOpCount) {
        say(v, kVerifyNode, "no such operation");
        return false;
    }
    if (!is_well_formed(n.type)) {
        say(v, kVerifyNode, "its type is malformed");
        return false;
    }
    if (n.operand_count16 == kManyOperands) {
        const uint64_t begin = n.inline_operands[0], count = n.inline_operands[1];
        listed_operands_ += count;
        if (begin + count > f_.lists.size() || listed_operands_ > f_.lists.size()) {
            say(v, kVerifyNode, "its operand list lies outside the function's lists or overlaps another");
            return false;
        }
        if (count > limits_.max_operands) {
            say(v, kVerifyLimit,
                "has " + std::to_string(count) + " operands, the limit is " + std::to_string(limits_.max_operands),
                kFixedLimitHint);
            return false;
        }
    } else if (n.operand_count16 > 3) {
        say(v, kVerifyNode, "claims " + std::to_string(n.operand_count16) + " inline operands, there is room for 3");
        return false;
    }
    const OpInfo& i = info(n.op);
    if (!i.has(kHasImm) && n.imm != 0) {
        say(v, kVerifyImmediate, "has an immediate, but the operation takes none");
        return false;
    }
    const bool linked = i.has(kOpens) || i.has(kMid) || i.has(kEnds) || (i.has(kTerminator) && n.op != Op::Return);
    if (!linked && n.link != UINT32_MAX) {
        say(v, kVerifyLink, "has a link, but nothing to pair with");
        return false;
    }
    return true;
}

bool FunctionVerifier::operands_are_visible(ValueId v) {
    const auto operands = f_.operands(v);
    for (size_t k = 0; k < operands.size(); ++k) {
        const ValueId from = operands[k];
        const char* problem = nullptr;
        if (from >= v)
            problem = " is not defined before it is used";
        else if (f_[from].type.is_void())
            problem = " has no value";
        else if (!scratch_.open[scratch_.region_of[from]])
            problem = " belongs to a region that has ended";
        if (!problem) continue;
        const std::string name = from == kNoValue ? std::string("(none)") : "%" + std::to_string(from);
        say(v, kVerifyDominance, "operand " + std::to_string(k) + ", " + name + "," + problem);
        return false;
    }
    return true;
}

void FunctionVerifier::check_plain(ValueId v) {
    const Op op = f_[v].op;
    if (info(op).is_value()) return check_value(v);
    switch (op) {
    case Op::Param:
        say(v, kVerifyParam, "a param node outside the signature", "param nodes come first, one per parameter");
        break;
    case Op::Index:
    case Op::Carried:
    case Op::Result:
        say(v, kVerifyPseudo, "does not stand behind the node it belongs to", "see docs/ir.md for the order of nodes");
        break;
    case Op::Const: check_const(v); break;
    case Op::Check: check_check(v); break;
    case Op::Reduce: check_reduce(v); break;
    case Op::Call: check_call(v); break;
    case Op::Native:
    case Op::NativePure: check_native(v); break;
    case Op::Load:
    case Op::Store: check_access(v); break;
    case Op::Len:
    case Op::Base:
    case Op::Stride: check_dimension(v); break;
    case Op::Local: check_local(v); break;
    case Op::Table: check_table(v); break;
    case Op::LoadRaw:
    case Op::StoreRaw: check_raw(v); break;
    default: check_lanes(v); break;  // Any, Splat, Extract, Iota, LaneMask, CountLanes
    }
}

bool FunctionVerifier::expect_count(ValueId v, size_t count) {
    const size_t found = f_.operands(v).size();
    if (found == count) return true;
    say(v, kVerifyOperandCount, "has " + std::to_string(found) + " operands, expected " + std::to_string(count));
    return false;
}

bool FunctionVerifier::expect_type(ValueId v, Type expected) {
    if (f_[v].type == expected) return true;
    say(v, kVerifyResultType, "has type " + name_of_type(f_[v].type) + ", expected " + name_of_type(expected));
    return false;
}

bool FunctionVerifier::expect_operand(ValueId v, size_t k, Type expected) {
    const ValueId from = f_.operands(v)[k];
    if (f_[from].type == expected) return true;
    say(v, kVerifyOperandType,
        "operand " + std::to_string(k) + ", %" + std::to_string(from) + ", is " + name_of_type(f_[from].type) +
            ", expected " + name_of_type(expected));
    return false;
}

bool FunctionVerifier::expect_imm_below(ValueId v, uint64_t bound, std::string_view what) {
    if (f_[v].imm < bound) return true;
    say(v, kVerifyImmediate,
        std::string(what) + " " + std::to_string(f_[v].imm) + " does not exist" +
            (bound == 0 ? std::string() : "; the last one is " + std::to_string(bound - 1)));
    return false;
}

}  // namespace exprjit::verifier
