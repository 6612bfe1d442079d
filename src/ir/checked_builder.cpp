// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions, values and memory; regions and what ends them are in checked_regions.cpp.
#include "ir/checked_builder.h"

#include <algorithm>
#include <cstring>

#include "ir/fixed_limit.h"

namespace exprjit {

using namespace verifier;

namespace {

// What an engine may raise is checked when the program is compiled, with that engine's values; what is fixed is fixed here,
// too.
constexpr size_t kMostNodes = size_t{1} << 28;
constexpr Limits kUnlimited = [] {
    Limits l;
    l.max_nodes = kMostNodes;
    l.max_nesting = kMostNodes;
    return l;
}();

}  // namespace

const Limits& CheckedBuilder::limits() { return kUnlimited; }

void CheckedBuilder::reset() {
    walk_.reset();
    if (!program_.functions.empty()) {
        // One function is the rule, so the memory of one is kept, unless it was unusually large.
        constexpr size_t kLargeNodes = 16'384;
        if (function().nodes.capacity() <= kLargeNodes) spare_ = std::move(function());
        spare_.clear();
    }
    program_.functions.clear();
    program_.tables.clear();
    program_.flags = 0;
    report_.clear();
    regions_.clear();
    finished_nodes_ = table_bytes_ = 0;
    lost_ = damaged_ = false;
}

void CheckedBuilder::clear_error() {
    if (!damaged_) report_.clear();
}

ValueId CheckedBuilder::refuse(Op op, Code code, std::string message, std::string hint) {
    report_.refused(function(), function_index(), function().size(), op, builder_.position(), code, std::move(message),
                    std::move(hint));
    return kNoValue;
}

ValueId CheckedBuilder::refuse_program(Code code, std::string message, std::string hint) {
    report_.program(code, std::move(message), std::move(hint));
    return kNoValue;
}

ValueId CheckedBuilder::refuse_call(Op op, std::string message, std::string hint) {
    if (lost_) return kNoValue;
    if (program_.functions.empty())
        return refuse_program(kVerifyNode, std::string("(") + info(op).text + "): " + message, std::move(hint));
    return refuse(op, kVerifyNode, std::move(message), std::move(hint));
}

ValueId CheckedBuilder::refuse_unknown(std::string message, std::string hint) {
    if (lost_) return kNoValue;
    if (program_.functions.empty()) return refuse_program(kVerifyNode, std::move(message), std::move(hint));
    report_.function(function(), function_index(), kVerifyNode,
                     "node %" + std::to_string(function().size()) + ": " + message, std::move(hint));
    return kNoValue;
}

ValueId CheckedBuilder::lose() {
    lost_ = damaged_ = true;
    return kNoValue;
}

bool CheckedBuilder::all_exist(std::span<const ValueId> operands) const {
    const uint32_t size = function().size();
    for (const ValueId v : operands) {
        if (v >= size) return false;
    }
    return true;
}

bool CheckedBuilder::ready(Op op, std::span<const ValueId> operands) {
    if (program_.functions.empty()) {
        refuse_program(kVerifyProgram, std::string("(") + info(op).text + "): no function was begun",
                       "begin a function first");
        return false;
    }
    if (lost_) return false;
    for (size_t k = 0; k < operands.size(); ++k) {
        if (operands[k] != kNoValue) continue;
        // Silent after a mistake, which the missing operand comes from.
        if (report_.count() == 0)
            refuse(op, kVerifyDominance, "operand " + std::to_string(k) + " is no node",
                   "pass what an earlier call returned");
        return false;
    }
    if (operands.size() > kUnlimited.max_operands) {
        refuse(op, kVerifyLimit,
               "has " + std::to_string(operands.size()) + " operands, the limit is " +
                   std::to_string(kUnlimited.max_operands),
               kFixedLimitHint);
        return false;
    }
    if (finished_nodes_ + function().size() < kMostNodes) return true;
    refuse(op, kVerifyLimit, "nodes: the limit of a program is " + std::to_string(kMostNodes),
           "split it into several programs");
    return false;
}

ValueId CheckedBuilder::accept(ValueId v, const Builder::Mark& mark) {
    if (function().size() == mark.nodes) return v;  // an equal node was there, and was checked then
    const FunctionVerifier::Progress progress = walk_->progress();
    const size_t before = report_.count();
    const bool full = report_.full();
    bool goes_on = true;
    // One mistake is enough: the nodes that come with a refused one are out of place only because of it.
    for (auto at = static_cast<ValueId>(mark.nodes); goes_on && report_.count() == before && at < function().size();
         ++at)
        goes_on = walk_->step(at);
    if (report_.count() == before && goes_on && !full) return v;
    if (!goes_on) return lose();
    walk_->take_back(progress);
    builder_.take_back(mark);
    return kNoValue;
}

void CheckedBuilder::at(Span span) {
    if (!program_.functions.empty()) builder_.at(span);
}

uint32_t CheckedBuilder::begin_function(std::string_view name) {
    bool complete = true;
    if (!program_.functions.empty()) {
        complete = lost_ || walk_->end();
        damaged_ = damaged_ || !complete;
        finished_nodes_ += function().size();
    }
    if (program_.functions.size() >= kUnlimited.max_functions) {
        refuse_program(kVerifyLimit, "functions: the limit is " + std::to_string(kUnlimited.max_functions),
                       kFixedLimitHint);
        return lose();
    }
    spare_.name = name;
    program_.functions.push_back(std::move(spare_));
    spare_ = Function();
    builder_.reset(function());
    regions_.clear();
    lost_ = returns_ = false;
    walk_.emplace(program_, function_index(), kUnlimited, Trust::Border, report_, scratch_, Callees::Earlier);
    walk_->begin();
    return complete ? function_index() : kNoValue;
}

ValueId CheckedBuilder::param(std::string_view name, Type type) {
    if (!ready(Op::Param)) return kNoValue;
    const Function& f = function();
    if (f.nodes.size() != f.params.size())
        return refuse(Op::Param, kVerifyParam, "comes after other nodes", "declare all parameters first");
    if (!is_well_formed(type) || type.is_void())
        return refuse(Op::Param, kVerifySignature, "has no value or array type");
    if (f.params.size() >= kUnlimited.max_params)
        return refuse(Op::Param, kVerifyLimit, "parameters: the limit is " + std::to_string(kUnlimited.max_params),
                      kFixedLimitHint);
    return builder_.param(type, name);
}

void CheckedBuilder::name_results(std::span<const std::string_view> names) {
    if (!ready(Op::Return)) return;
    function().result_names.assign(names.begin(), names.end());
}

uint32_t CheckedBuilder::table(Storage element, const void* data, size_t length) {
    const size_t width = byte_size(element);
    // An empty table costs a byte, too, as the verifier has it.
    constexpr size_t limit = kUnlimited.max_table_bytes;
    if (length > limit / width || table_bytes_ + length * width >= limit)
        return refuse_program(kVerifyLimit,
                              "bytes in constant tables: " + std::to_string(length) + " elements of " +
                                  std::to_string(width) + " bytes do not fit, the limit is " + std::to_string(limit),
                              kFixedLimitHint);
    const auto* const from = static_cast<const uint8_t*>(data);
    if (element == Storage::Bool) {
        for (size_t i = 0; i < length; ++i) {
            if (from[i] > 1)
                return refuse_program(kVerifyProgram, "table " + std::to_string(program_.tables.size()) + ", element " +
                                                          std::to_string(i) + ": a bool is 0 or 1");
        }
    }
    ConstantTable& t = program_.tables.emplace_back();
    t.storage = element;
    if (length != 0) t.bytes.assign(from, from + length * width);
    table_bytes_ += length * width + 1;
    return static_cast<uint32_t>(program_.tables.size() - 1);
}

ValueId CheckedBuilder::constant(Type type, uint64_t bits) { return plain(Op::Const, type, {}, bits); }

ValueId CheckedBuilder::op(Op op, std::span<const ValueId> operands, std::optional<Scalar> u, uint64_t imm) {
    const OpInfo& i = info(op);
    if (!ready(op, operands)) return kNoValue;
    if (!i.is_value()) return refuse(op, kVerifyNode, "is not a value operation", "it has a function of its own");
    const auto arity = static_cast<size_t>(i.arity);
    if (operands.size() != arity)
        return refuse(op, kVerifyOperandCount,
                      "has " + std::to_string(operands.size()) + " operands, expected " + std::to_string(arity));
    const bool chooses = i.results != 0;
    if (chooses && !u) return refuse(op, kVerifyResultType, "needs the type it gives", "say what to convert to");
    if (!chooses && u)
        return refuse(op, kVerifyResultType, "does not choose its type", "leave out the type to convert to");
    const Builder::Mark mark = builder_.mark();
    // Operands that are no values are left for the verifier to name.
    const bool typed = all_exist(operands) && type_of(operands[i.signature[0] == 'B' ? 1 : 0]).is_value();
    const ValueId v =
        typed ? builder_.value(op, operands, u.value_or(Scalar::Bool), imm) : builder_.append(op, kVoid, operands, imm);
    return accept(v, mark);
}

ValueId CheckedBuilder::plain(Op op, Type type, std::span<const ValueId> operands, uint64_t imm) {
    if (!ready(op, operands)) return kNoValue;
    if (!is_well_formed(type)) return refuse(op, kVerifyNode, "its type is malformed");
    const Builder::Mark mark = builder_.mark();
    return accept(builder_.append(op, type, operands, imm), mark);
}

ValueId CheckedBuilder::extract(ValueId lanes, uint64_t lane) {
    const Type from = type_of(lanes);
    return plain(Op::Extract, from.is_value() ? Type(from.scalar()) : kVoid, {&lanes, 1}, lane);
}

ValueId CheckedBuilder::splat(ValueId scalar, int lane_log2) {
    const Type from = type_of(scalar);
    return plain(Op::Splat, from.is_value() ? Type::lanes(from.scalar(), lane_log2) : kVoid, {&scalar, 1});
}

ValueId CheckedBuilder::reduce(uint64_t kind, ValueId value, ValueId predicate) {
    const Type from = type_of(value);
    const bool known = from.is_value() && kind < kReduceKindCount;
    const ValueId operands[2] = {value, predicate};
    return plain(Op::Reduce, known ? Type(reduced_result(static_cast<ReduceKind>(kind), from.scalar())) : kVoid,
                 operands, kind);
}

ValueId CheckedBuilder::table_node(uint32_t table) {
    const bool known = table < program_.tables.size();
    return plain(Op::Table, known ? Type::array(program_.tables[table].storage, 1, false) : kVoid, {}, table);
}

ValueId CheckedBuilder::load(ValueId array, std::span<const ValueId> indices) {
    operands_.assign(1, array);
    operands_.insert(operands_.end(), indices.begin(), indices.end());
    const Type from = type_of(array);
    const Type index = indices.empty() ? kVoid : type_of(indices[0]);
    const bool known = from.is_array() && index.is_value();
    return plain(Op::Load, known ? index.with(widened(from.storage())) : kVoid, operands_);
}

ValueId CheckedBuilder::store(ValueId array, std::span<const ValueId> indices, ValueId value) {
    operands_.assign(1, array);
    operands_.insert(operands_.end(), indices.begin(), indices.end());
    operands_.push_back(value);
    return plain(Op::Store, kVoid, operands_);
}

ValueId CheckedBuilder::check(ValueId cond, uint32_t code, uint32_t site) {
    return plain(Op::Check, kVoid, {&cond, 1}, static_cast<uint64_t>(code) << 32 | site);
}

ValueId CheckedBuilder::call(uint32_t function, std::span<const ValueId> arguments) {
    if (!ready(Op::Call, arguments)) return kNoValue;
    const bool known = function < function_index();
    if (!known && lost_) return kNoValue;
    const Builder::Mark mark = builder_.mark();
    const std::vector<Type> none;
    const std::vector<Type>& results = known ? program_.functions[function].results : none;
    const ValueId v = builder_.append(Op::Call, results.empty() ? kVoid : results[0], arguments, function);
    for (size_t k = 1; k < results.size(); ++k) builder_.append(Op::Result, results[k], {}, k);
    return accept(v, mark);
}

}  // namespace exprjit
