// SPDX-License-Identifier: MIT OR Apache-2.0
#include "generator.h"

#include <algorithm>

#include "ir/builder.h"
#include "support/values.h"
#include "value_operations.h"

namespace exprjit::differential {

namespace {

using trial::Random;

struct Signature {
    std::vector<Type> params;
    std::vector<Type> results;
};

class Generator {
  public:
    Generator(const Recipe& recipe, Coverage* coverage) : random_(recipe.seed), coverage_(coverage) {
        const int drawn = static_cast<int>(random_.one_in(8) ? random_.between(60, 250) : random_.between(4, 60));
        budget_ = recipe.statements != 0 ? recipe.statements : drawn;
        if (!recipe.row_function) return;
        is_row_ = true;
        has_checks_ = random_.one_in(3);
        has_memory_ = random_.one_in(20);
        has_open_loops_ = random_.one_in(10);
        // Without 64-bit values there are twice as many lanes.
        is_narrow_ = random_.one_in(3);
    }

    Program run() {
        const size_t functions = 1 + (random_.one_in(3) ? random_.below(3) : 0);
        for (uint64_t t = random_.below(3); t-- > 0;) program_.tables.push_back(table());
        for (size_t f = 0; f < functions; ++f) signatures_.push_back(signature(f == 0));
        program_.functions.resize(functions);
        for (size_t f = 0; f < functions; ++f) function(f);
        return std::move(program_);
    }

  private:
    struct Region {
        Construct construct;
        ValueId opener = kNoValue;
        std::vector<Type> carried;   // For, Loop
        ValueId counter = kNoValue;  // Loop: the next value of the first carried one, which bounds the trips
        size_t visible[kScalarCount] = {};
        size_t arrays = 0;
    };

    Scalar any_scalar() {
        if (is_narrow_) return random_.pick(std::span<const Scalar>(kNarrow));
        return static_cast<Scalar>(random_.below(kScalarCount));
    }
    Storage any_storage() { return static_cast<Storage>(random_.below(kStorageCount)); }

    ConstantTable table() {
        ConstantTable t;
        t.storage = any_storage();
        t.bytes.resize(byte_size(t.storage) * static_cast<size_t>(random_.between(1, 8)));
        for (uint8_t& b : t.bytes)
            b = static_cast<uint8_t>(t.storage == Storage::Bool ? random_.below(2) : random_.next());
        return t;
    }

    Signature signature(bool entry) {
        Signature s;
        const uint64_t scalars = random_.one_in(12) ? random_.below(30) : random_.below(6);
        for (uint64_t i = 0; i < scalars; ++i) s.params.emplace_back(any_scalar());
        if (entry && is_row_) {
            s.params.emplace_back(any_scalar());
            for (uint64_t i = random_.below(4); i-- > 0;) s.results.emplace_back(any_scalar());
            s.results.push_back(kBool);
        } else if (entry) {
            for (uint64_t i = random_.one_in(2) ? random_.below(4) : 0; i-- > 0;)
                s.params.push_back(Type::array(
                    any_storage(), random_.one_in(4) ? static_cast<int>(random_.between(2, 3)) : 1, random_.one_in(2)));
        } else if (random_.one_in(3)) {
            // An array that some caller has, so that the function can be called with it.
            for (const Type t : signatures_[0].params)
                if (t.is_array()) {
                    s.params.push_back(t);
                    break;
                }
        }
        for (uint64_t i = random_.one_in(3) ? random_.below(5) : 1; i-- > 0;) s.results.emplace_back(any_scalar());
        return s;
    }

    void function(size_t index) {
        index_ = index;
        Function& f = program_.functions[index];
        f.name = index == 0 ? "main" : "f" + std::to_string(index);
        f.results = signatures_[index].results;
        b_.reset(f);
        for (auto& list : values_) list.clear();
        arrays_.clear();
        regions_.clear();
        loop_depth_ = 0;
        local_bytes_ = 0;
        int p = 0;
        for (const Type t : signatures_[index].params) {
            const ValueId v = b_.param(t, "p" + std::to_string(p++));
            if (t.is_array())
                arrays_.push_back(v);
            else
                remember(v);
        }
        const int all = budget_;
        if (index != 0) budget_ = static_cast<int>(random_.between(1, 12));
        while (budget_ > 0) statement();
        if (index == 0)
            budget_ = 0;
        else
            budget_ = all;
        ret();
    }

    // ---- What is visible

    void remember(ValueId v) {
        const Type t = b_.type_of(v);
        if (t.is_scalar()) values_[static_cast<size_t>(t.scalar())].push_back(v);
    }
    void remember(ValueId first, std::span<const Type> types) {
        for (size_t k = 0; k < types.size(); ++k) remember(first + static_cast<ValueId>(k));
    }

    Construct here() const {
        for (size_t r = regions_.size(); r-- > 0;) return regions_[r].construct;
        return index_ == 0 ? Construct::Top : Construct::Callee;
    }
    void count(Op op, Scalar t) {
        if (coverage_ != nullptr) coverage_->count(op, t, here());
    }

    Region& open(Construct c, ValueId opener) {
        Region& r = regions_.emplace_back();
        r.construct = c;
        r.opener = opener;
        for (size_t s = 0; s < kScalarCount; ++s) r.visible[s] = values_[s].size();
        r.arrays = arrays_.size();
        return r;
    }
    void close() {
        const Region& r = regions_.back();
        for (size_t s = 0; s < kScalarCount; ++s) values_[s].resize(r.visible[s]);
        arrays_.resize(r.arrays);
        regions_.pop_back();
    }

    ValueId constant(Scalar s) {
        if (random_.one_in(3) && s != Scalar::Bool) return b_.number(s, static_cast<double>(random_.between(-3, 9)));
        return b_.constant(s, trial::random_value(s, random_));
    }
    ValueId pick(Scalar s) {
        const auto& list = values_[static_cast<size_t>(s)];
        if (list.empty() || random_.one_in(7)) return constant(s);
        // Mostly something recent, so that chains get long; sometimes old, so that lifetimes do.
        const size_t back =
            random_.one_in(3) ? random_.below(list.size()) : std::min<size_t>(random_.below(5), list.size() - 1);
        return list[list.size() - 1 - back];
    }
    std::vector<ValueId> pick(std::span<const Type> types) {
        std::vector<ValueId> out;
        for (const Type t : types) out.push_back(pick(t.scalar()));
        return out;
    }
    ValueId small_index() {
        if (random_.one_in(8)) return pick(Scalar::I64);
        if (random_.one_in(5)) return b_.i64(random_.between(-1, 6));
        return b_.binary(Op::And, pick(Scalar::I64), b_.i64(random_.one_in(2) ? 3 : 7));
    }

    // ---- Statements

    void statement() {
        --budget_;
        if (random_.one_in(100)) return one_lane();
        const uint64_t kind = random_.below(100);
        if (is_row_ && !allowed_in_rows(kind)) return value();
        if (kind < 62)
            value();
        else if (kind < 70)
            load();
        else if (kind < 76)
            store();
        else if (kind < 83)
            branch();
        else if (kind < 88)
            counted_loop();
        else if (kind < 91)
            open_loop();
        else if (kind < 93)
            check();
        else if (kind < 95)
            local();
        else if (kind < 96)
            table_use();
        else if (kind < 98)
            call();
        else
            length();
    }

    bool allowed_in_rows(uint64_t kind) const {
        if (kind >= 88 && kind < 91) return has_open_loops_;
        if (kind >= 91 && kind < 93) return has_checks_;
        return kind < 93 || kind >= 96 || has_memory_;
    }

    void value() {
        const Op op = value_ops()[random_.below(value_ops().size())];
        const OpInfo& i = info(op);
        Scalar t = any_scalar();
        while ((i.types & set_of(t)) == 0) t = any_scalar();
        Scalar u = t;
        if (i.signature[i.arity + 1] == 'U') {
            do u = any_scalar();
            while (!allows(op, t, u));
        }
        ValueId operands[3];
        for (int k = 0; k < i.arity; ++k) operands[k] = pick(i.signature[k] == 'B' ? Scalar::Bool : t);
        uint64_t imm = 0;
        if (op == Op::Powi)
            imm = static_cast<uint64_t>(is_float(t) ? random_.between(-16, 16) : random_.between(0, 16));
        const ValueId v = b_.value(op, {operands, static_cast<size_t>(i.arity)}, u, imm);
        count(op, t);
        remember(v);
        if (i.has(kMulti)) remember(v + 1);
    }

    // What asks lanes, of one lane.
    void one_lane() {
        const Op op = random_.one_in(2) ? Op::Any : Op::CountLanes;
        const ValueId c = pick(Scalar::Bool);
        remember(b_.append(op, op == Op::Any ? kBool : kI64, {&c, 1}));
        count(op, Scalar::Bool);
    }

    void load() {
        if (arrays_.empty()) return value();
        const ValueId a = arrays_[random_.below(arrays_.size())];
        const Type t = b_.type_of(a);
        ValueId index[kMaxRank];
        for (int d = 0; d < t.rank(); ++d) index[d] = small_index();
        remember(b_.load(a, {index, static_cast<size_t>(t.rank())}));
        count(Op::Load, widened(t.storage()));
    }

    void store() {
        if (arrays_.empty()) return value();
        const ValueId a = arrays_[random_.below(arrays_.size())];
        const Type t = b_.type_of(a);
        if (!t.is_mut()) return load();
        ValueId index[kMaxRank];
        for (int d = 0; d < t.rank(); ++d) index[d] = small_index();
        const ValueId v = pick(widened(t.storage()));
        b_.store(a, {index, static_cast<size_t>(t.rank())}, v);
        count(Op::Store, widened(t.storage()));
    }

    void length() {
        if (arrays_.empty()) return value();
        const ValueId a = arrays_[random_.below(arrays_.size())];
        remember(b_.len(a, static_cast<uint32_t>(random_.below(static_cast<uint64_t>(b_.type_of(a).rank())))));
        count(Op::Len, Scalar::I64);
    }

    void local() {
        const Storage s = any_storage();
        const uint64_t elements = static_cast<uint64_t>(random_.between(1, 9));
        if (local_bytes_ + elements * byte_size(s) > 4096) return value();
        local_bytes_ += elements * byte_size(s);
        arrays_.push_back(b_.append(Op::Local, Type::array(s, 1, true), {}, elements));
        count(Op::Local, widened(s));
        for (int k = 0; k < 2; ++k) store();
    }

    void table_use() {
        if (program_.tables.empty()) return value();
        const uint64_t t = random_.below(program_.tables.size());
        arrays_.push_back(b_.append(Op::Table, Type::array(program_.tables[t].storage, 1, false), {}, t));
        count(Op::Table, widened(program_.tables[t].storage));
        load();
    }

    void check() {
        // True more often than not, so that most programs reach their end.
        const Scalar s = random_.one_in(2) ? Scalar::I64 : Scalar::F64;
        const ValueId c = random_.one_in(6) ? pick(Scalar::Bool) : b_.binary(Op::Ne, pick(s), constant(s));
        b_.check(c, static_cast<CheckCode>(random_.between(1, 4)), static_cast<uint32_t>(random_.below(1000)));
        count(Op::Check, Scalar::Bool);
    }

    void call() {
        if (index_ + 1 >= signatures_.size() || loop_depth_ > 1) return value();
        const size_t target = static_cast<size_t>(
            random_.between(static_cast<int64_t>(index_) + 1, static_cast<int64_t>(signatures_.size()) - 1));
        const Signature& s = signatures_[target];
        std::vector<ValueId> args;
        for (const Type t : s.params) {
            if (!t.is_array()) {
                args.push_back(pick(t.scalar()));
                continue;
            }
            const auto found =
                std::find_if(arrays_.begin(), arrays_.end(), [&](ValueId a) { return b_.type_of(a) == t; });
            if (found == arrays_.end()) return value();
            args.push_back(*found);
        }
        const ValueId v = b_.append(Op::Call, s.results.empty() ? kVoid : s.results[0], args, target);
        for (size_t k = 1; k < s.results.size(); ++k) b_.append(Op::Result, s.results[k], {}, k);
        remember(v, s.results);
        count(Op::Call, Scalar::I64);
    }

    // ---- Regions

    std::vector<Type> some_types(uint64_t most) {
        std::vector<Type> types;
        for (uint64_t n = random_.below(most + 1); n-- > 0;) types.emplace_back(any_scalar());
        return types;
    }

    // Statements of one body: a share of what is left.
    void body() {
        const int share = static_cast<int>(random_.between(0, std::max(1, std::min(budget_, 12))));
        const int stop = budget_ - share;
        while (budget_ > std::max(stop, 0)) statement();
    }

    void ret() {
        b_.ret(pick(program_.functions[index_].results));
        count(Op::Return, Scalar::I64);
    }

    // Leaves by break, continue or return instead of a yield; false where none is possible or wanted.
    bool leaves() {
        if (!random_.one_in(is_row_ ? 25 : 6)) return false;
        if (loop_depth_ == 0 || random_.one_in(5)) {
            ret();
            return true;
        }
        const uint32_t depth = static_cast<uint32_t>(random_.below(static_cast<uint64_t>(loop_depth_)));
        const Region* loop = nullptr;
        uint32_t seen = 0;
        for (size_t r = regions_.size(); r-- > 0;) {
            if (regions_[r].construct != Construct::For && regions_[r].construct != Construct::Loop) continue;
            if (seen++ == depth) {
                loop = &regions_[r];
                break;
            }
        }
        const std::vector<ValueId> values = carried_values(*loop);
        if (random_.one_in(2)) {
            b_.break_to(depth, values);
            count(Op::Break, Scalar::I64);
        } else {
            b_.continue_to(depth, values);
            count(Op::Continue, Scalar::I64);
        }
        return true;
    }

    std::vector<ValueId> carried_values(const Region& loop) {
        std::vector<ValueId> values = pick(loop.carried);
        // Swaps and rotations of the carried values make the parallel moves of back edges interesting.
        if (random_.one_in(2))
            for (size_t k = 0; k < values.size(); ++k)
                for (size_t j = 0; j < values.size(); ++j)
                    if (loop.carried[j] == loop.carried[k] && random_.one_in(2))
                        values[k] = loop.opener + first_carried(loop) + static_cast<ValueId>(j);
        if (loop.counter != kNoValue) values[0] = loop.counter;
        return values;
    }
    static ValueId first_carried(const Region& loop) { return loop.construct == Construct::For ? 2 : 1; }

    bool too_deep() const { return regions_.size() >= 6; }

    void branch() {
        if (too_deep()) return value();
        const std::vector<Type> types = some_types(3);
        count(Op::If, Scalar::Bool);
        // As expansions write them: an arm that almost never runs, beside one that only names values.
        const bool usual = random_.one_in(3), only_names = usual && !random_.one_in(4);
        const ValueId v = b_.begin_if(pick(Scalar::Bool), usual ? kIfUsual : 0);
        for (const Construct arm : {Construct::Then, Construct::Else}) {
            if (arm == Construct::Else) b_.begin_else();
            open(arm, v);
            const bool empty = only_names && arm == Construct::Then;
            if (!empty) body();
            if (empty || !leaves()) b_.yield(pick(types));
            close();
        }
        remember(b_.end_if(types), types);
    }

    void counted_loop() {
        if (too_deep() || loop_depth_ >= 3) return value();
        ValueId lo = kNoValue, hi = kNoValue, step = kNoValue;
        switch (is_row_ && !random_.one_in(8) ? 5 : random_.below(6)) {
        case 0: {  // at the ends of the integers, where a careless induction overflows
            const bool up = random_.one_in(2);
            const int64_t trips = random_.between(0, 4);
            lo = b_.i64(up ? INT64_MAX - trips : INT64_MIN + trips);
            hi = b_.i64(up ? INT64_MAX : INT64_MIN);
            step = b_.i64(up ? random_.between(1, 3) : random_.between(-3, -1));
            break;
        }
        case 1:
        case 2:
            lo = b_.binary(Op::And, pick(Scalar::I64), b_.i64(3));
            hi = b_.binary(Op::And, pick(Scalar::I64), b_.i64(7));
            step = b_.i64(random_.one_in(3) ? random_.between(-2, 2) : 1);
            break;
        default: {
            const int64_t from = random_.between(-3, 3);
            lo = b_.i64(from);
            hi = b_.i64(from + random_.between(-1, 6));
            step = b_.i64(random_.one_in(4) ? random_.between(-2, 3) : 1);
        }
        }
        const std::vector<Type> types = some_types(5);
        count(Op::For, Scalar::I64);
        const ValueId loop = b_.begin_for(lo, hi, step, pick(types));
        enter_loop(Construct::For, loop, types);
        remember(loop + 1);
        remember(loop + 2, types);
        body();
        leave_loop(types);
    }

    void open_loop() {
        if (too_deep() || loop_depth_ >= 3) return value();
        std::vector<Type> types = some_types(4);
        types.insert(types.begin(), kI64);
        std::vector<ValueId> inits = pick(types);
        inits[0] = b_.i64(0);
        count(Op::Loop, Scalar::I64);
        const ValueId loop = b_.begin_loop(inits);
        Region& r = enter_loop(Construct::Loop, loop, types);
        const ValueId counter = loop + 1;
        r.counter = b_.binary(Op::Add, counter, b_.i64(1));
        const ValueId done = b_.binary(Op::Ge, counter, b_.i64(random_.between(0, 5)));
        remember(loop + 1, types);
        b_.begin_if(done);
        b_.break_to(0, carried_values(regions_.back()));
        count(Op::Break, Scalar::I64);
        b_.begin_else();
        b_.yield({});
        b_.end_if({});
        body();
        leave_loop(types);
    }

    Region& enter_loop(Construct c, ValueId loop, const std::vector<Type>& types) {
        ++loop_depth_;
        Region& r = open(c, loop);
        r.carried = types;
        return r;
    }
    void leave_loop(const std::vector<Type>& types) {
        if (!leaves()) b_.yield(carried_values(regions_.back()));
        close();
        --loop_depth_;
        remember(b_.end_loop(), types);
    }

    static constexpr Scalar kNarrow[] = {Scalar::Bool, Scalar::I32, Scalar::F32};

    Random random_;
    bool is_row_ = false, has_checks_ = true, has_memory_ = true, has_open_loops_ = true, is_narrow_ = false;
    Coverage* coverage_;
    Program program_;
    Builder b_;
    std::vector<Signature> signatures_;
    size_t index_ = 0;
    int budget_ = 0;
    std::vector<ValueId> values_[kScalarCount];
    std::vector<ValueId> arrays_;
    std::vector<Region> regions_;
    int loop_depth_ = 0;
    size_t local_bytes_ = 0;
};

}  // namespace

Program generate(const Recipe& recipe, Coverage* coverage) { return Generator(recipe, coverage).run(); }

}  // namespace exprjit::differential
