// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random row functions: all operations and types, Ifs in Ifs, loops, early leaves, checks, every storage, and any
// mixture of outputs. The same seed gives the same function on every machine.
#pragma once

#include <array>
#include <utility>

#include "vectorize_harness.h"

namespace exprjit::opt_test {

class RandomRow {
  public:
    explicit RandomRow(uint64_t seed) : random_(seed) {}

    RowCase make_case() {
        RowCase c;
        Program p;
        Function& f = p.functions.emplace_back();
        f.name = "row";
        b_.reset(f);
        for (int k = 1 + below(4); k-- > 0;) {
            const bool is_uniform = chance(30);
            const auto storage = static_cast<Storage>(below(kStorageCount));
            c.inputs.push_back({is_uniform, storage});
            values_.push_back(b_.param(widened(storage), "p" + std::to_string(k)));
        }
        statements(2 + below(10), 3, false);
        std::vector<ValueId> results;
        const auto result = [&](ValueId v) {
            results.push_back(v);
            f.results.push_back(b_.type_of(v));
            return static_cast<uint32_t>(results.size() - 1);
        };
        for (int k = 1 + below(3); k-- > 0;) {
            const ValueId v = any();
            const Scalar type = b_.type_of(v).scalar();
            const uint32_t value = result(v);
            if (chance(50)) {
                c.sinks.push_back(store_of(value, storage_for(type)));
                continue;
            }
            const uint32_t predicate = result(chance(40) ? b_.boolean(true) : of_type(Scalar::Bool));
            c.sinks.push_back(reduction_of(kind_for(type), value, predicate));
        }
        b_.ret(results);
        c.row = optimised(std::move(p), chance(80) ? Tier::Optimised : Tier::Baseline);
        return c;
    }

  private:
    int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
    bool chance(int percent) { return below(100) < percent; }

    Storage storage_for(Scalar type) {
        for (;;) {
            const auto s = static_cast<Storage>(below(kStorageCount));
            if (widened(s) == type) return s;
        }
    }
    ReduceKind kind_for(Scalar type) {
        if (type == Scalar::Bool) return ReduceKind::Count;
        for (;;) {
            const auto kind = static_cast<ReduceKind>(below(kReduceKindCount));
            if (kind == ReduceKind::Count || (kind == ReduceKind::Deviations && type != Scalar::F64)) continue;
            if (type == Scalar::I32 && (kind == ReduceKind::Sum || kind == ReduceKind::Prod)) continue;
            return kind;
        }
    }

    ValueId any() { return values_[random_() % values_.size()]; }
    ValueId of_type(Scalar s) {
        for (int attempt = 0; attempt < 12; ++attempt) {
            const ValueId v = any();
            if (b_.type_of(v) == Type(s)) return v;
        }
        const auto specials = special_values(s);
        return chance(50) ? b_.constant(s, specials[random_() % specials.size()]) : b_.number(s, below(3));
    }
    ValueId condition() {
        const auto types = std::array{Scalar::I32, Scalar::I64, Scalar::F32, Scalar::F64};
        if (chance(30)) return of_type(Scalar::Bool);
        const Scalar s = types[random_() % 4];
        return b_.binary(chance(50) ? Op::Lt : Op::Ge, of_type(s), of_type(s));
    }

    void value_operation() {
        for (;;) {
            const auto op = static_cast<Op>(below(kOpCount));
            const OpInfo& i = info(op);
            if (!i.is_value() || op == Op::IsNull || op == Op::Coalesce || op == Op::RawBits) continue;
            if (i.has(kInternal) && op != Op::TruncToInt) continue;
            const auto t = static_cast<Scalar>(below(kScalarCount)), u = static_cast<Scalar>(below(kScalarCount));
            if ((i.types & set_of(t)) == 0 || (i.results != 0 && (i.results & set_of(u)) == 0)) continue;
            if ((op == Op::FromBits || op == Op::Bits) && byte_size(t) != byte_size(u)) continue;
            if ((op == Op::Widen && u < t) || (op == Op::Wrap && u > t)) continue;
            ValueId operands[3] = {};
            for (int k = 0; k < i.arity; ++k) operands[k] = of_type(i.signature[k] == 'B' ? Scalar::Bool : t);
            const ValueId v = b_.value(op, {operands, static_cast<size_t>(i.arity)}, u,
                                       op == Op::Powi ? static_cast<uint64_t>(below(5)) : 0);
            values_.push_back(v);
            if (i.has(kMulti)) values_.push_back(v + 1);
            return;
        }
    }

    void yield_any(std::span<const Type> types) {
        std::vector<ValueId> out;
        for (const Type t : types) out.push_back(of_type(t.scalar()));
        b_.yield(out);
    }
    std::vector<Type> any_types(int most) {
        std::vector<Type> types;
        for (int k = below(most + 1); k-- > 0;) types.push_back(static_cast<Scalar>(below(kScalarCount)));
        return types;
    }
    void add_results(ValueId first, size_t count) {
        for (size_t k = 0; k < count; ++k) values_.push_back(first + static_cast<ValueId>(k));
    }

    void choice(int depth, bool can_leave) {
        const auto types = any_types(3);
        const size_t before = values_.size();
        b_.begin_if(condition());
        for (int arm = 0; arm < 2; ++arm) {
            if (arm == 1) b_.begin_else();
            statements(below(6), depth - 1, can_leave);
            if (can_leave && chance(30))
                leave();
            else
                yield_any(types);
            values_.resize(before);
        }
        add_results(b_.end_if(types), types.size());
    }

    // What inlining makes of a function with early returns.
    void one_trip(int depth) {
        std::vector<Type> types = any_types(3);
        std::vector<ValueId> inits;
        for (const Type t : types) inits.push_back(chance(80) ? b_.number(t, 0) : of_type(t.scalar()));
        const size_t before = values_.size();
        const ValueId loop = b_.begin_loop(inits);
        add_results(loop + 1, types.size());
        const std::vector<Type> outer = std::exchange(left_types_, types);
        statements(1 + below(6), depth - 1, true);
        leave();
        left_types_ = outer;
        values_.resize(before);
        add_results(b_.end_loop(), types.size());
    }
    void leave() {
        std::vector<ValueId> out;
        for (const Type t : left_types_) out.push_back(of_type(t.scalar()));
        b_.break_to(0, out);
    }

    void counted(int depth) {
        const auto types = any_types(3);
        std::vector<ValueId> inits;
        for (const Type t : types) inits.push_back(of_type(t.scalar()));
        const size_t before = values_.size();
        const ValueId from = b_.i64(below(3));
        const ValueId to = chance(70) ? b_.i64(below(5)) : b_.binary(Op::And, of_type(Scalar::I64), b_.i64(3));
        const ValueId loop = b_.begin_for(from, to, b_.i64(1), inits);
        add_results(loop + 1, types.size() + 1);
        statements(1 + below(5), depth - 1, false);
        yield_any(types);
        values_.resize(before);
        add_results(b_.end_loop(), types.size());
    }

    void statements(int count, int depth, bool can_leave) {
        for (; count > 0; --count) {
            const int what = below(100);
            if (depth > 0 && what < 12)
                choice(depth, can_leave);
            else if (depth > 0 && what < 18)
                one_trip(depth);
            else if (depth > 0 && what < 23)
                counted(depth);
            else if (what < 27 && checks_-- > 0)
                b_.check(b_.binary(Op::Or, condition(), b_.binary(Op::Ne, of_type(Scalar::I64), b_.i64(1))),
                         CheckCode::User, static_cast<uint32_t>(what));
            else
                value_operation();
        }
    }

    std::mt19937_64 random_;
    Builder b_;
    std::vector<ValueId> values_;
    std::vector<Type> left_types_;
    int checks_ = 3;
};

}  // namespace exprjit::opt_test
