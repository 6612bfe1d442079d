// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Beside every value that may be null stands a bool that says whether it is valid; a value without one is always valid.
// They are made eagerly and shared by the Builder; dead code elimination takes away what no output and no check needs, and
// then the parameters that nobody asks for.
//
// A loop does not run where something it uses is null, since it might not end on what stands there; inside it everything is
// valid. A function that returns early is treated as such a loop as a whole.
#include "opt/nulls.h"

#include <algorithm>
#include <cassert>

#include "opt/passes.h"
#include "opt/rebuild.h"

namespace exprjit {

namespace {

// The validity of a value that is never null.
constexpr ValueId kValid = kNoValue;

class NullRewriter {
  public:
    NullRewriter(Program& program, std::span<const uint8_t> nullable, NullPlan& plan, PassScratch& scratch)
        : program_(program), f_(program.entry()), nullable_(nullable), plan_(plan), scratch_(scratch), r_(f_, scratch),
          b_(r_.builder()), valid_(f_.size(), kValid), param_count_(static_cast<uint32_t>(f_.params.size())) {}

    void run();

  private:
    // An If that is open, outside of loops.
    struct OpenIf {
        ValueId condition;            // its validity
        ValueId outer_guard;          // guard_ around it
        std::vector<uint8_t> chosen;  // per result: whether an arm yields what may be null
    };

    void add_params();
    void survey();
    void begin_coarse();
    ValueId step(ValueId v);
    void value(ValueId v);
    void is_null(ValueId v);
    void coalesce(ValueId v);
    void check(ValueId v);
    void reduce(ValueId v);
    void open_if(ValueId v);
    void yield(ValueId v);
    void close_if(ValueId v);
    ValueId loop(ValueId v);
    void ret(ValueId v);
    bool all_params(ValueId validity, std::vector<uint32_t>& params);
    void drop_unused_params();

    // A use that does not make its user null: what is_null and coalesce ask about.
    static bool is_question(const Node& n, size_t operand) {
        return n.op == Op::IsNull || (n.op == Op::Coalesce && operand == 0);
    }
    ValueId both(ValueId a, ValueId b) {
        if (a == kValid || a == b) return b;
        return b == kValid ? a : b_.binary(Op::And, a, b);
    }
    ValueId of_operands(const Node& n) {
        ValueId all = kValid;
        for (const ValueId o : f_.operands(n)) all = both(all, valid_[o]);
        return all;
    }
    ValueId or_true(ValueId validity) { return validity == kValid ? b_.boolean(true) : validity; }
    // `ok`, or true where `validity` says that nobody looks.
    ValueId unless_null(ValueId ok, ValueId validity) {
        if (validity == kValid) return ok;
        const ValueId null = b_.unary(Op::Not, validity);
        return b_.binary(Op::Or, b_.splat(b_.type_of(ok), null), ok);
    }

    Program& program_;
    Function& f_;
    std::span<const uint8_t> nullable_;
    NullPlan& plan_;
    PassScratch& scratch_;
    Rebuild r_;
    Builder& b_;
    std::vector<ValueId> valid_;  // per old value: a bool of the new function
    uint32_t param_count_;
    std::vector<uint32_t> asked_;  // the nullable parameters, in order: parameter param_count_ + i belongs to asked_[i]
    bool returns_early_ = false;
    bool stores_locally_ = false;
    ValueId all_valid_ = kValid;  // every nullable parameter is; where local arrays hide what a value came from
    ValueId guard_ = kValid;      // validity of the conditions around
    std::vector<OpenIf> ifs_;
    std::vector<ValueId> values_;
    std::vector<Type> types_;
    std::vector<uint32_t> seen_;  // nodes all_params visited, by number of the walk
    uint32_t walk_ = 0;
    uint64_t budget_ = 0;  // nodes that all_params may still visit
};

void NullRewriter::survey() {
    for (ValueId v = 0; v + 1 < f_.size(); ++v) {
        const Node& n = f_[v];
        assert(n.op != Op::Call);
        returns_early_ |= n.op == Op::Return;
        stores_locally_ |= n.op == Op::Store;
    }
}

void NullRewriter::add_params() {
    for (ValueId p = 0; p < param_count_; ++p) r_.copy(p);
    for (ValueId p = 0; p < param_count_; ++p) {
        if (nullable_[p] == 0) continue;
        r_.at(p);
        valid_[p] = b_.append(Op::Param, kBool, {}, param_count_ + asked_.size());
        asked_.push_back(p);
    }
    for (const uint32_t p : asked_) f_.params.push_back({f_.params[p].name + ".valid", kBool});
    if (!stores_locally_) return;
    for (const uint32_t p : asked_) all_valid_ = both(all_valid_, valid_[p]);
}

// Returns at once where a parameter that is used is null; what follows then sees none.
void NullRewriter::begin_coarse() {
    std::vector<uint8_t> used(param_count_, 0);
    for (const Node& n : f_.nodes) {
        const auto operands = f_.operands(n);
        for (size_t k = 0; k < operands.size(); ++k)
            if (operands[k] < param_count_ && !is_question(n, k)) used[operands[k]] = 1;
    }
    ValueId all = kValid;
    OutputValidity validity;
    for (const uint32_t p : asked_) {
        if (used[p] == 0) continue;
        all = both(all, valid_[p]);
        validity.all_of.push_back(p);
    }
    plan_.outputs.assign(f_.results.size(), validity);
    if (all == kValid) return;
    b_.begin_if(all);
    b_.yield({});
    b_.begin_else();
    values_.clear();
    for (const Type t : f_.results) values_.push_back(b_.number(t, 0));
    b_.ret(values_);
    b_.end_if({});
}

void NullRewriter::is_null(ValueId v) {
    const Node& n = f_[v];
    const ValueId validity = valid_[n.inline_operands[0]];
    r_.at(v);
    r_.set(v, validity == kValid ? b_.splat(n.type, b_.boolean(false)) : b_.splat(n.type, b_.unary(Op::Not, validity)));
}

void NullRewriter::coalesce(ValueId v) {
    const Node& n = f_[v];
    const ValueId a = n.inline_operands[0], b = n.inline_operands[1];
    r_.at(v);
    if (valid_[a] == kValid) {
        r_.set(v, r_[a]);
        return;
    }
    r_.set(v, b_.select(b_.splat(n.type.with(Scalar::Bool), valid_[a]), r_[a], r_[b]));
    if (valid_[b] != kValid) valid_[v] = b_.binary(Op::Or, valid_[a], valid_[b]);
}

void NullRewriter::value(ValueId v) {
    const Node& n = f_[v];
    r_.copy(v);
    if (n.op == Op::Select && b_.type_of(r_[n.inline_operands[0]]) == kBool) {
        const ValueId yes = valid_[n.inline_operands[1]], no = valid_[n.inline_operands[2]];
        ValueId chosen = yes;
        if (yes != no) chosen = b_.select(r_[n.inline_operands[0]], or_true(yes), or_true(no));
        valid_[v] = both(valid_[n.inline_operands[0]], chosen);
        return;
    }
    valid_[v] = of_operands(n);
    if (n.op == Op::Load && f_[n.inline_operands[0]].op == Op::Local) valid_[v] = both(valid_[v], all_valid_);
    for (ValueId result = v + 1; result < f_.size() && f_[result].op == Op::Result; ++result)
        valid_[result] = valid_[v];
}

void NullRewriter::check(ValueId v) {
    const Node& n = f_[v];
    const ValueId condition = n.inline_operands[0];
    r_.at(v);
    const ValueId ok = unless_null(r_[condition], both(guard_, valid_[condition]));
    b_.check(ok, check_code(n.imm), check_site(n.imm));
}

void NullRewriter::reduce(ValueId v) {
    const Node& n = f_[v];
    const ValueId value = n.inline_operands[0], predicate = n.inline_operands[1];
    r_.at(v);
    const ValueId counts = both(valid_[value], valid_[predicate]);
    ValueId rows = r_[predicate];
    uint64_t always = f_[predicate].op == Op::Const ? f_[predicate].imm : 0;
    if (counts != kValid) rows = always != 0 ? counts : b_.binary(Op::And, rows, counts);
    r_.set(v, b_.reduce(static_cast<ReduceKind>(n.imm), r_[value], rows));
}

void NullRewriter::open_if(ValueId v) {
    const ValueId condition = valid_[f_[v].inline_operands[0]];
    ifs_.push_back({condition, guard_, {}});
    guard_ = both(guard_, condition);
    r_.copy(v);
}

// The values, and behind them whether they are valid.
void NullRewriter::yield(ValueId v) {
    const auto operands = f_.operands(v);
    std::vector<uint8_t>& chosen = ifs_.back().chosen;
    chosen.resize(std::max(chosen.size(), operands.size()), 0);
    r_.at(v);
    values_.clear();
    for (const ValueId o : operands) values_.push_back(r_[o]);
    for (size_t k = 0; k < operands.size(); ++k) {
        values_.push_back(or_true(valid_[operands[k]]));
        chosen[k] |= valid_[operands[k]] != kValid;
    }
    b_.yield(values_);
}

void NullRewriter::close_if(ValueId v) {
    const OpenIf closed = std::move(ifs_.back());
    ifs_.pop_back();
    guard_ = closed.outer_guard;
    const uint32_t count = f_[v].type.is_void() ? 0 : f_.result_slots(v);
    types_.clear();
    for (uint32_t k = 0; k < count; ++k) types_.push_back(f_[v + k].type);
    types_.resize(2 * count, kBool);
    r_.at(v);
    const ValueId made = b_.end_if(types_);
    for (uint32_t k = 0; k < count; ++k) {
        r_.set(v + k, made + k);
        const bool may_be_null = k < closed.chosen.size() && closed.chosen[k] != 0;
        valid_[v + k] = both(closed.condition, may_be_null ? made + count + k : kValid);
    }
}

// A loop of the outermost level, taken over as it is, but run only where all that it uses is valid.
ValueId NullRewriter::loop(ValueId v) {
    const ValueId end = f_[v].link;
    ValueId all = guard_;
    for (ValueId inside = v; inside <= end; ++inside) {
        const Node& n = f_[inside];
        const auto operands = f_.operands(n);
        for (size_t k = 0; k < operands.size(); ++k)
            if (operands[k] < v && !is_question(n, k)) all = both(all, valid_[operands[k]]);
        if (n.op == Op::Load && f_[operands[0]].op == Op::Local) all = both(all, all_valid_);
    }
    r_.at(v);
    if (all != kValid) b_.begin_if(all);
    for (ValueId inside = v; inside <= end; ++inside) {
        const Op op = f_[inside].op;
        if (is_owned(op)) continue;
        if (op == Op::IsNull)
            is_null(inside);
        else if (op == Op::Coalesce)
            coalesce(inside);
        else
            r_.copy(inside);
        if (inside != end) valid_[inside] = kValid;
    }
    const uint32_t count = f_[end].type.is_void() ? 0 : f_.result_slots(end);
    if (all == kValid) return end + std::max(count, 1u);
    r_.at(end);
    values_.clear();
    types_.clear();
    for (uint32_t k = 0; k < count; ++k) values_.push_back(r_[end + k]), types_.push_back(f_[end + k].type);
    b_.yield(values_);
    b_.begin_else();
    values_.clear();
    for (const Type t : types_) values_.push_back(b_.number(t, 0));
    b_.yield(values_);
    const ValueId made = b_.end_if(types_);
    for (uint32_t k = 0; k < count; ++k) {
        r_.set(end + k, made + k);
        valid_[end + k] = all;
    }
    return end + std::max(count, 1u);
}

// Whether the validity is that of parameters only, and of which. Gives up where this would take too long.
bool NullRewriter::all_params(ValueId validity, std::vector<uint32_t>& params) {
    const Function& made = b_.function();
    seen_.resize(made.size(), 0);
    ++walk_;
    std::vector<ValueId> work{validity};
    while (!work.empty()) {
        const ValueId v = work.back();
        work.pop_back();
        if (seen_[v] == walk_) continue;
        seen_[v] = walk_;
        if (budget_ == 0) return false;
        --budget_;
        const Node& n = made[v];
        if (n.op == Op::Param && n.imm >= param_count_)
            params.push_back(asked_[n.imm - param_count_]);
        else if (n.op == Op::And)
            work.insert(work.end(), n.inline_operands, n.inline_operands + 2);
        else
            return false;
    }
    std::sort(params.begin(), params.end());
    return true;
}

void NullRewriter::ret(ValueId v) {
    const auto operands = f_.operands(v);
    r_.at(v);
    values_.clear();
    for (const ValueId o : operands) values_.push_back(r_[o]);
    plan_.outputs.assign(operands.size(), {});
    for (size_t k = 0; k < operands.size(); ++k) {
        OutputValidity& output = plan_.outputs[k];
        const ValueId validity = valid_[operands[k]];
        if (validity == kValid || all_params(validity, output.all_of)) continue;
        output.all_of.clear();
        output.result = static_cast<int32_t>(values_.size());
        values_.push_back(validity);
        f_.results.push_back(kBool);
        if (!f_.result_names.empty()) f_.result_names.push_back(f_.result_names[k] + ".valid");
    }
    b_.ret(values_);
}

// Rewrites node v; returns the node to go on with.
ValueId NullRewriter::step(ValueId v) {
    const Node& n = f_[v];
    switch (n.op) {
    case Op::Result: return v + 1;
    case Op::IsNull: is_null(v); break;
    case Op::Coalesce: coalesce(v); break;
    case Op::Check: check(v); break;
    case Op::Reduce: reduce(v); break;
    case Op::If: open_if(v); break;
    case Op::Yield: yield(v); break;
    case Op::EndIf: close_if(v); break;
    case Op::For:
    case Op::Loop: return loop(v);
    case Op::Return: ret(v); break;
    case Op::Else:
    case Op::Store: r_.copy(v); break;
    default: value(v); break;
    }
    return v + 1;
}

// Takes away the parameters that are left without a use.
void NullRewriter::drop_unused_params() {
    std::vector<uint8_t> used(f_.params.size(), 0);
    for (const Node& n : f_.nodes) {
        for (const ValueId o : f_.operands(n))
            if (o < used.size()) used[o] = 1;
    }
    for (size_t i = 0; i < asked_.size(); ++i)
        if (used[param_count_ + i] != 0) plan_.needed.push_back(asked_[i]);
    if (plan_.needed.size() == asked_.size()) return;
    Rebuild r(f_, scratch_);
    std::vector<Param> kept(f_.params.begin(), f_.params.begin() + param_count_);
    for (ValueId v = 0; v < f_.size(); ++v) {
        if (v >= param_count_ && v < f_.params.size()) {
            if (used[v] == 0) continue;
            r.at(v);
            r.set(v, r.builder().append(Op::Param, kBool, {}, kept.size()));
            kept.push_back(f_.params[v]);
        } else if (!is_owned(f_[v].op)) {
            r.copy(v);
        }
    }
    r.finish();
    f_.params = std::move(kept);
}

void NullRewriter::run() {
    budget_ = 64 * (static_cast<uint64_t>(f_.size()) + 1024);
    survey();
    add_params();
    if (returns_early_) {
        begin_coarse();
        for (ValueId v = param_count_; v < f_.size(); ++v) {
            const Op op = f_[v].op;
            if (op == Op::IsNull)
                is_null(v);
            else if (op == Op::Coalesce)
                coalesce(v), valid_[v] = kValid;
            else if (!is_owned(op))
                r_.copy(v);
        }
    } else {
        for (ValueId v = param_count_; v < f_.size();) v = step(v);
    }
    r_.finish();
    eliminate_dead_code(program_, scratch_, OpSet::of(program_));
    drop_unused_params();
}

}  // namespace

Result<void> propagate_nulls(Program& program, std::span<const uint8_t> nullable, NullPlan& plan,
                             PassScratch& scratch) {
    assert(program.functions.size() == 1 && nullable.size() == program.entry().params.size());
    plan = {};
    NullRewriter(program, nullable, plan, scratch).run();
    return {};
}

}  // namespace exprjit
