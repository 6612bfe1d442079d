// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs that the verifier accepts: every operation, regions in regions, loops that end, arrays, tables,
// locals, lanes, checks, calls. The same seed gives the same program on every machine.
#pragma once

#include <random>
#include <vector>

#include "ir/builder.h"
#include "ir/program.h"

namespace exprjit::testing {

struct RandomOptions {
    bool expand_ops = true;  // operations that only exist before the legalising pipeline
    bool call_ops = true;    // operations that call libm
    bool lanes = true;
    bool arrays = true;
    bool calls = true;
    bool checks = true;
    bool loops = true;
    bool internal = false;  // operations that only passes make
    bool columns = false;   // reductions over rows, and what else only programs for columns have
    bool spans = false;
    int statements = 12;  // per region
    int depth = 3;        // of regions
    int functions = 3;
};

class RandomProgram {
  public:
    RandomProgram(uint64_t seed, const RandomOptions& options) : random_(seed), options_(options) {}

    Program make() {
        Program program;
        program_ = &program;
        if (options_.arrays) make_tables();
        const int functions = options_.calls ? 1 + below(options_.functions) : 1;
        program.functions.resize(static_cast<size_t>(functions));
        for (int i = functions; i-- > 0;) make_function(static_cast<uint32_t>(i));
        return program;
    }

  private:
    int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
    bool chance(int percent) { return below(100) < percent; }

    void make_tables() {
        const int count = below(3);
        for (int t = 0; t < count; ++t) {
            ConstantTable table{static_cast<Storage>(below(kStorageCount)), {}};
            const int length = below(9);
            for (int k = 0; k < length; ++k) {
                for (size_t b = 0; b < byte_size(table.storage); ++b)
                    table.bytes.push_back(static_cast<uint8_t>(table.storage == Storage::Bool ? below(2) : below(256)));
            }
            program_->tables.push_back(std::move(table));
        }
    }

    Scalar any_scalar() { return static_cast<Scalar>(below(kScalarCount)); }
    Type any_value_type() {
        return options_.lanes && chance(25) ? Type::lanes(any_scalar(), lanes_) : Type(any_scalar());
    }

    void make_function(uint32_t index) {
        Function& f = program_->functions[index];
        index_ = index;
        lanes_ = 1 + below(3);
        f.name = chance(80) ? "f" + std::to_string(index) : chance(50) ? "odd name \"\\\n" : "";
        b_.reset(f);
        values_.clear();
        loops_.clear();
        const int params = below(5);
        for (int k = 0; k < params; ++k) {
            const bool array = options_.arrays && chance(40);
            Type type = array ? Type::array(static_cast<Storage>(below(kStorageCount)), 1 + below(kMaxRank), chance(50))
                        : index == 0 ? Type(any_scalar())
                                     : any_value_type();
            const std::string name = chance(70) ? "p" + std::to_string(k) : chance(50) ? "wind speed" : "";
            values_.push_back(b_.param(type, name));
        }
        if (options_.spans) b_.at({0, 1});
        const int results = below(4);
        for (int k = 0; k < results; ++k) f.results.push_back(index == 0 ? Type(any_scalar()) : any_value_type());
        if (results > 0 && chance(50)) {
            for (int k = 0; k < results; ++k) f.result_names.push_back(k == 0 ? "" : "r" + std::to_string(k));
        }
        block(options_.depth);
        leave_by_return();
    }

    std::vector<ValueId> pick_all(const std::vector<Type>& types) {
        std::vector<ValueId> picked;
        for (const Type t : types) picked.push_back(pick(t));
        return picked;
    }

    void leave_by_return() { b_.ret(pick_all(b_.function().results)); }

    // A visible value of the type, or a new constant.
    ValueId pick(Type type) {
        if (options_.columns && chance(5)) return b_.constant(type, constant_bits(type.scalar()));
        if (!values_.empty() && !chance(15)) {
            const size_t start = random_() % values_.size();
            for (size_t k = 0; k < values_.size(); ++k) {
                const ValueId v = values_[(start + k) % values_.size()];
                if (b_.type_of(v) == type) return v;
            }
        }
        return b_.splat(type, b_.constant(type.scalar(), constant_bits(type.scalar())));
    }

    uint64_t constant_bits(Scalar s) {
        static constexpr double doubles[] = {0.0, -0.0, 1.0, -1.5, 0.1, 1e300, -1e-310, 3e9, 7.0};
        switch (s) {
        case Scalar::Bool: return static_cast<uint64_t>(below(2));
        case Scalar::I32: return chance(50) ? static_cast<uint32_t>(below(20) - 10) : static_cast<uint32_t>(random_());
        case Scalar::I64: return chance(50) ? static_cast<uint64_t>(static_cast<int64_t>(below(20) - 10)) : random_();
        case Scalar::F32:
            return chance(50) ? std::bit_cast<uint32_t>(static_cast<float>(doubles[below(9)]))
                              : static_cast<uint32_t>(random_());
        case Scalar::F64: return chance(50) ? std::bit_cast<uint64_t>(doubles[below(9)]) : random_();
        }
        return 0;
    }

    void block(int depth) {
        const int statements = 1 + below(options_.statements);
        for (int k = 0; k < statements; ++k) {
            if (options_.spans) {
                const auto begin = static_cast<uint32_t>(below(1000));
                b_.at(chance(20) ? kNoSpan : Span{begin, begin + static_cast<uint32_t>(below(10))});
            }
            statement(depth);
        }
    }

    void reduction() {
        const auto kind = static_cast<ReduceKind>(below(kReduceKindCount));
        const Scalar t = any_scalar();
        if ((reduced_types(kind) & set_of(t)) != 0) values_.push_back(b_.reduce(kind, pick(t), pick(kBool)));
    }

    // Accesses by address, with and without a mask; nobody runs them.
    void raw_access() {
        const auto storage = static_cast<Storage>(below(kStorageCount));
        const Type type = options_.lanes && chance(50) ? Type::lanes(widened(storage), lanes_) : Type(widened(storage));
        const bool stores = chance(50), masked = chance(50);
        std::vector<ValueId> operands{pick(kI64), pick(kI64)};
        if (stores) operands.push_back(pick(type));
        if (masked) operands.push_back(pick(type.with(Scalar::Bool)));
        const ValueId v = b_.append(stores ? Op::StoreRaw : Op::LoadRaw, stores ? kVoid : type, operands,
                                    raw_imm(storage, stores && chance(30)));
        if (!stores) values_.push_back(v);
    }

    void statement(int depth) {
        const int kind = below(100);
        if (options_.columns && index_ == 0 && b_.open_regions() == 0 && chance(20)) return reduction();
        if (options_.columns && options_.internal && chance(10)) return raw_access();
        if (kind < 10 && depth > 0) return make_if(depth);
        if (kind < 16 && depth > 0 && options_.loops) return make_for(depth);
        if (kind < 20 && depth > 0 && options_.loops) return make_loop(depth);
        if (kind < 24 && options_.checks) {
            b_.check(pick(options_.lanes && chance(30) ? Type::lanes(Scalar::Bool, lanes_) : kBool),
                     static_cast<CheckCode>(1 + below(6)), static_cast<uint32_t>(below(100)),
                     options_.columns && options_.internal && chance(50) ? pick(kI64) : kNoValue);
            return;
        }
        if (kind < 40 && options_.arrays) return memory();
        if (kind < 44 && index_ + 1 < program_->functions.size()) return call();
        if (kind < 52 && options_.lanes) return lanes();
        value();
    }

    void value() {
        for (;;) {
            const Op op = static_cast<Op>(below(kOpCount));
            const OpInfo& i = info(op);
            if (!i.is_value() || (i.has(kInternal) && !options_.internal)) continue;
            if ((i.lowering == Lowering::Expand && !options_.expand_ops) ||
                (i.lowering == Lowering::Call && !options_.call_ops))
                continue;
            const Scalar t = any_scalar();
            if ((i.types & set_of(t)) == 0) continue;
            Scalar u = any_scalar();
            if (i.results != 0) {
                if ((i.results & set_of(u)) == 0) continue;
                const bool bits = op == Op::RawBits || op == Op::FromBits || op == Op::Bits;
                if ((bits && byte_size(t) != byte_size(u)) || (op == Op::Widen && u < t) || (op == Op::Wrap && u > t))
                    continue;
            }
            const Type type = options_.lanes && chance(25) ? Type::lanes(t, lanes_) : Type(t);
            std::vector<ValueId> operands;
            for (int k = 0; k < i.arity; ++k)
                operands.push_back(pick(i.signature[k] == 'B' ? type.with(Scalar::Bool) : type));
            uint64_t imm = 0;
            if (op == Op::Powi)
                imm = static_cast<uint64_t>(static_cast<int64_t>(is_int(t) ? below(17) : below(33) - 16));
            const ValueId v = b_.value(op, operands, u, imm);
            values_.push_back(v);
            if (i.has(kMulti)) values_.push_back(v + 1);
            return;
        }
    }

    ValueId pick_array(bool writable) {
        std::vector<ValueId> arrays;
        for (const ValueId v : values_) {
            if (b_.type_of(v).is_array() && (!writable || b_.type_of(v).is_mut())) arrays.push_back(v);
        }
        return arrays.empty() ? kNoValue : arrays[random_() % arrays.size()];
    }

    void memory() {
        const int kind = below(6);
        if (kind == 0) {
            const Type type = Type::array(static_cast<Storage>(below(kStorageCount)), 1, true);
            values_.push_back(b_.append(Op::Local, type, {}, static_cast<uint64_t>(below(12))));
            return;
        }
        if (kind == 1 && !program_->tables.empty()) {
            const auto t = static_cast<uint64_t>(below(static_cast<int>(program_->tables.size())));
            values_.push_back(b_.append(Op::Table, Type::array(program_->tables[t].storage, 1, false), {}, t));
            return;
        }
        const bool stores = kind >= 4;
        const ValueId array = pick_array(stores);
        if (array == kNoValue) return value();
        const Type type = b_.type_of(array);
        if (kind == 2) {
            values_.push_back(b_.len(array, static_cast<uint32_t>(below(type.rank()))));
            return;
        }
        const Type index = options_.lanes && chance(15) ? Type::lanes(Scalar::I64, lanes_) : kI64;
        std::vector<ValueId> operands{array};
        for (int k = 0; k < type.rank(); ++k)
            operands.push_back(chance(50) ? b_.splat(index, b_.i64(below(6) - 1)) : pick(index));
        const Type element = index.with(widened(type.storage()));
        if (stores) operands.push_back(pick(element));
        const ValueId v = b_.append(stores ? Op::Store : Op::Load, stores ? kVoid : element, operands, 0);
        if (!stores) values_.push_back(v);
    }

    void call() {
        const auto rest = static_cast<int>(program_->functions.size() - index_ - 1);
        const auto callee = index_ + 1 + static_cast<uint32_t>(below(rest));
        const Function& f = program_->functions[callee];
        std::vector<ValueId> arguments;
        for (const Param& p : f.params) {
            if (!p.type.is_array()) {
                arguments.push_back(pick(p.type));
                continue;
            }
            ValueId found = kNoValue;
            for (const ValueId v : values_) {
                const Type t = b_.type_of(v);
                if (t.is_array() && t.storage() == p.type.storage() && t.rank() == p.type.rank() &&
                    (t.is_mut() || !p.type.is_mut()))
                    found = v;
            }
            if (found == kNoValue) return value();
            arguments.push_back(found);
        }
        const ValueId v = b_.append(Op::Call, f.results.empty() ? kVoid : f.results[0], arguments, callee);
        if (!f.results.empty()) values_.push_back(v);
        for (size_t k = 1; k < f.results.size(); ++k) values_.push_back(b_.append(Op::Result, f.results[k], {}, k));
    }

    void lanes() {
        const Scalar s = any_scalar();
        const Type wide = Type::lanes(s, lanes_);
        ValueId v = kNoValue;
        switch (below(options_.columns ? 6 : 4)) {
        case 4:
            v = b_.append(Op::CountLanes, kI64, std::vector{pick(chance(50) ? kBool : wide.with(Scalar::Bool))});
            break;
        case 5:
            if (!options_.internal) return value();
            v = b_.append(Op::LaneMask, wide.with(Scalar::Bool), std::vector{pick(kI64)});
            break;
        case 0: v = b_.append(Op::Any, kBool, std::vector{pick(wide.with(Scalar::Bool))}); break;
        case 1: v = b_.append(Op::Splat, wide, std::vector{pick(s)}); break;
        case 2:
            v = b_.append(Op::Extract, s, std::vector{pick(wide)}, static_cast<uint64_t>(below(wide.lane_count())));
            break;
        default: v = b_.append(Op::Iota, wide.with(chance(50) ? Scalar::I32 : Scalar::I64), {}); break;
        }
        values_.push_back(v);
    }

    // Ends the arm or the body that is open; true if it left through a loop or the function instead of yielding.
    bool leave_early() {
        if (options_.columns || !chance(12)) return false;  // what reduces over rows must not return early
        if (loops_.empty() || chance(30)) {
            leave_by_return();
            return true;
        }
        const auto depth = static_cast<uint32_t>(below(static_cast<int>(loops_.size())));
        const Loop& loop = loops_[loops_.size() - 1 - depth];
        // A loop counts in its first carried value: going on must not set it back.
        if (loop.counts || chance(50))
            b_.break_to(depth, pick_all(loop.types));
        else
            b_.continue_to(depth, pick_all(loop.types));
        return true;
    }

    void arm(int depth, const std::vector<Type>& types) {
        const size_t visible = values_.size();
        block(depth - 1);
        if (!leave_early()) b_.yield(pick_all(types));
        values_.resize(visible);
    }

    std::vector<Type> some_types() {
        std::vector<Type> types;
        const int count = below(4);
        for (int k = 0; k < count; ++k) types.push_back(any_value_type());
        return types;
    }

    void see_results(ValueId first, size_t count) {
        for (size_t k = 0; k < count; ++k) values_.push_back(first + static_cast<ValueId>(k));
    }

    void make_if(int depth) {
        const std::vector<Type> types = some_types();
        b_.begin_if(pick(kBool), options_.internal && chance(30) ? kIfUsual : 0);
        arm(depth, types);
        b_.begin_else();
        arm(depth, types);
        see_results(b_.end_if(types), types.size());
    }

    void make_for(int depth) {
        const std::vector<Type> types = some_types();
        const std::vector<ValueId> inits = pick_all(types);
        const int64_t lo = below(10) - 5, step = below(5) - 2;
        const ValueId bounds[] = {b_.i64(lo), b_.i64(lo + below(13) - 6), b_.i64(step)};
        const bool unpolled = options_.columns && options_.internal && chance(50);
        const ValueId v = b_.begin_for(bounds[0], bounds[1], bounds[2], inits, unpolled ? kForUnpolled : 0);
        const size_t visible = values_.size();
        values_.push_back(v + 1);
        see_results(v + 2, types.size());
        loops_.push_back({types, false});
        arm(depth, types);
        loops_.pop_back();
        values_.resize(visible);
        see_results(b_.end_loop(), types.size());
    }

    void make_loop(int depth) {
        std::vector<Type> types = some_types();
        types.insert(types.begin(), kI64);
        std::vector<ValueId> inits = pick_all(types);
        inits[0] = b_.i64(0);
        const ValueId v = b_.begin_loop(inits);
        const size_t visible = values_.size();
        see_results(v + 1, types.size());
        loops_.push_back({types, true});
        b_.begin_if(b_.binary(Op::Ge, v + 1, b_.i64(below(6))));
        b_.break_to(0, pick_all(types));
        b_.begin_else();
        b_.yield({});
        b_.end_if({});
        block(depth - 1);
        std::vector<ValueId> next = pick_all(types);
        next[0] = b_.binary(Op::Add, v + 1, b_.i64(1));
        b_.yield(next);
        loops_.pop_back();
        values_.resize(visible);
        see_results(b_.end_loop(), types.size());
    }

    struct Loop {
        std::vector<Type> types;
        bool counts;
    };

    std::mt19937_64 random_;
    RandomOptions options_;
    Program* program_ = nullptr;
    Builder b_;
    uint32_t index_ = 0;
    int lanes_ = 1;
    std::vector<ValueId> values_;
    std::vector<Loop> loops_;
};

inline Program random_program(uint64_t seed, const RandomOptions& options = {}) {
    return RandomProgram(seed, options).make();
}

}  // namespace exprjit::testing
