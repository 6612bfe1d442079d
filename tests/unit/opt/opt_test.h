// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the optimiser's tests share: special values, and running a program through the pipeline of each tier and the
// interpreter, with every program verified before and after.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "interp/interpreter.h"
#include "ir/builder.h"
#include "ir/verify.h"
#include "opt/constants.h"
#include "opt/pipeline.h"

namespace exprjit::opt_test {

inline const std::vector<double>& special_floats() {
    static const std::vector<double> values = {0.0,
                                               -0.0,
                                               1.0,
                                               -1.0,
                                               0.5,
                                               -0.5,
                                               1.5,
                                               -1.5,
                                               2.0,
                                               -2.0,
                                               2.5,
                                               -2.5,
                                               3.0,
                                               -3.0,
                                               0.1,
                                               -0.1,
                                               7.0,
                                               -7.0,
                                               1e-3,
                                               10.75,
                                               0.49999999999999994,
                                               -0.49999999999999994,
                                               4503599627370495.5,
                                               -4503599627370497.0,
                                               9007199254740993.0,
                                               1e15,
                                               1e16,
                                               -1e17,
                                               1e300,
                                               -1e300,
                                               1e-300,
                                               1e-310,
                                               -1e-310,
                                               5e-324,
                                               -5e-324,
                                               2.2250738585072014e-308,
                                               1.7976931348623157e308,
                                               -1.7976931348623157e308,
                                               1e-40,
                                               1e-45,
                                               -1e-45,
                                               3.4028234663852886e38,
                                               1.17549435e-38,
                                               2147483647.0,
                                               2147483648.0,
                                               -2147483648.0,
                                               -2147483649.0,
                                               2147483647.5,
                                               9.2233720368547748e18,
                                               9.2233720368547758e18,
                                               -9.2233720368547758e18,
                                               -9.3e18,
                                               16777217.0,
                                               123456.789,
                                               std::numeric_limits<double>::infinity(),
                                               -std::numeric_limits<double>::infinity(),
                                               std::numeric_limits<double>::quiet_NaN(),
                                               -std::numeric_limits<double>::quiet_NaN()};
    return values;
}

inline const std::vector<int64_t>& special_ints(Scalar s) {
    static const std::vector<int64_t> narrow = {0,
                                                1,
                                                -1,
                                                2,
                                                -2,
                                                3,
                                                -3,
                                                5,
                                                7,
                                                -7,
                                                8,
                                                -8,
                                                16,
                                                31,
                                                32,
                                                33,
                                                63,
                                                64,
                                                65,
                                                100,
                                                -100,
                                                12345,
                                                -54321,
                                                65536,
                                                INT32_MAX,
                                                INT32_MIN,
                                                INT32_MAX - 1,
                                                INT32_MIN + 1};
    static const std::vector<int64_t> wide = [] {
        std::vector<int64_t> v = narrow;
        for (const int64_t i : {int64_t{1} << 31, -(int64_t{1} << 31) - 1, int64_t{1} << 40, (int64_t{1} << 53) + 1,
                                int64_t{INT64_MAX}, int64_t{INT64_MIN}, int64_t{INT64_MAX} - 1, int64_t{INT64_MIN} + 1})
            v.push_back(i);
        return v;
    }();
    return s == Scalar::I32 ? narrow : wide;
}

// The bits of the special values of a type.
inline std::vector<Slot> special_values(Scalar s) {
    std::vector<Slot> slots;
    if (s == Scalar::Bool) return {0, 1};
    if (is_float(s)) {
        for (const double d : special_floats()) slots.push_back(float_bits(s, d));
    } else {
        for (const int64_t i : special_ints(s)) slots.push_back(int_bits(s, i));
    }
    return slots;
}

inline bool same_value(Scalar s, Slot a, Slot b) { return a == b || (is_nan_bits(s, a) && is_nan_bits(s, b)); }

inline std::string show(Scalar s, Slot bits) {
    char text[64];
    if (is_float(s))
        std::snprintf(text, sizeof text, "%a", float_of(s, bits));
    else
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(int_of(s, bits)));
    return text;
}

inline void expect_valid(const Program& p, Trust trust) {
    const Result<void> ok = verify(p, Limits{}, trust);
    ASSERT_TRUE(ok.ok()) << ok.error().diagnostics.front().message;
}

// Runs the pipeline on a verified copy.
inline Program optimised(Program p, Tier tier, uint32_t flags = 0) {
    expect_valid(p, Trust::Internal);
    PassScratch scratch;
    PipelineOptions options;
    options.tier = tier;
    options.flags = flags;
    const Result<void> done = run_pipeline(p, options, Limits{}, scratch);
    EXPECT_TRUE(done.ok());
    expect_valid(p, Trust::Internal);
    return p;
}

struct Outcome {
    Exit exit = Exit::Ok;
    uint64_t failed_imm = 0;
    int64_t failed_index = -1;
    std::vector<Slot> outs;
};

inline Outcome run(const Interpreter& interpreter, std::span<const Slot> args, size_t results) {
    Outcome o;
    o.outs.assign(results, 0);
    Context context;
    context.stop = &kNeverStop;
    o.exit = interpreter.run(context, args.data(), o.outs.data());
    o.failed_imm = context.failed_imm;
    o.failed_index = context.failed_index;
    return o;
}

inline Outcome run(const Program& p, std::initializer_list<Slot> args) {
    return run(Interpreter(p), std::span(args.begin(), args.size()), p.entry().results.size());
}

// A program of one function.
inline Program make(std::initializer_list<Type> params, std::initializer_list<Type> results,
                    const std::function<void(Builder&, std::span<const ValueId>)>& body) {
    Program p;
    Function& f = p.functions.emplace_back();
    f.name = "main";
    f.results = results;
    Builder b(f);
    std::vector<ValueId> values;
    for (const Type t : params) values.push_back(b.param(t, "p" + std::to_string(values.size())));
    body(b, values);
    return p;
}

inline size_t count_ops(const Program& p, Op op) {
    size_t count = 0;
    for (const Node& n : p.entry().nodes) count += n.op == op;
    return count;
}

// One value operation, ready to run through both tiers, over scalars and over lanes.
class OpRunner {
  public:
    OpRunner(Op op, Scalar t, Scalar u = Scalar::Bool, uint64_t imm = 0) : op_(op), t_(t), u_(u), imm_(imm) {
        arity_ = static_cast<size_t>(info(op).arity);
        result_ = result_type(op, t, u).scalar();
        const Program scalar = program(false), lanes = program(true);
        baseline_ = std::make_unique<Interpreter>(optimised(scalar, Tier::Baseline));
        optimised_ = std::make_unique<Interpreter>(optimised(scalar, Tier::Optimised));
        lanes_ = std::make_unique<Interpreter>(optimised(lanes, Tier::Optimised));
    }

    Scalar result() const { return result_; }

    // The result, which all ways must agree on.
    Slot operator()(Slot a, Slot b = 0, Slot c = 0) const {
        const Slot args[3] = {a, b, c};
        const Slot wanted = run(*baseline_, args, 1).outs[0];
        const Slot got = run(*optimised_, args, 1).outs[0], wide = run(*lanes_, args, 1).outs[0];
        EXPECT_TRUE(same_value(result_, wanted, got))
            << describe(args) << " baseline " << show(result_, wanted) << ", optimised " << show(result_, got);
        EXPECT_TRUE(same_value(result_, wanted, wide))
            << describe(args) << " scalar " << show(result_, wanted) << ", lanes " << show(result_, wide);
        return wanted;
    }
    // The same with constant operands, so that the folder computes it: nothing but the constant must be left.
    Slot folded(Slot a, Slot b = 0, Slot c = 0) const {
        const Slot args[3] = {a, b, c};
        const Program p = optimised(make({}, {Type(result_)},
                                         [&](Builder& builder, std::span<const ValueId>) {
                                             ValueId operands[3] = {kNoValue, kNoValue, kNoValue};
                                             for (size_t i = 0; i < arity_; ++i)
                                                 operands[i] = builder.constant(operand_scalar(i), args[i]);
                                             builder.ret(builder.value(op_, {operands, arity_}, u_, imm_));
                                         }),
                                    Tier::Optimised);
        EXPECT_EQ(p.entry().size(), 2u) << describe(args);
        return p.entry()[0].imm;
    }
    std::string describe(const Slot* args) const {
        std::string text = std::string(info(op_).text) + "(";
        for (size_t i = 0; i < arity_; ++i) text += (i == 0 ? "" : ", ") + show(operand_scalar(i), args[i]);
        return text + ") of " + std::string(name_of(t_)) + ":";
    }

  private:
    Scalar operand_scalar(size_t i) const { return info(op_).signature[i] == 'B' ? Scalar::Bool : t_; }
    Program program(bool lanes) const {
        Program p;
        Function& f = p.functions.emplace_back();
        f.results = {Type(result_)};
        Builder b(f);
        ValueId operands[3] = {kNoValue, kNoValue, kNoValue};
        for (size_t i = 0; i < arity_; ++i) operands[i] = b.param(operand_scalar(i), "p" + std::to_string(i));
        if (lanes) {
            for (size_t i = 0; i < arity_; ++i) operands[i] = b.splat(Type::lanes(operand_scalar(i), 2), operands[i]);
        }
        const ValueId v = b.value(op_, {operands, arity_}, u_, imm_);
        b.ret(lanes ? b.append(Op::Extract, result_, {&v, 1}, 3) : v);
        return p;
    }

    Op op_;
    Scalar t_, u_, result_ = Scalar::Bool;
    uint64_t imm_;
    size_t arity_ = 0;
    std::unique_ptr<Interpreter> baseline_, optimised_, lanes_;
};

}  // namespace exprjit::opt_test
