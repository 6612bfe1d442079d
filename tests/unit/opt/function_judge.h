// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function in one type and accuracy, judged by MPFR against the figure in its row of the table.
#pragma once

#include "mpfr_judge.h"
#include "opt_test.h"

namespace exprjit::opt_test {

class JudgedFunction {
  public:
    // The exact result of the arguments, into the first parameter.
    using Truth = std::function<void(mpfr_ptr, const Exact& x, const Exact& y)>;

    JudgedFunction(Op op, Scalar s, bool fast, Truth truth)
        : op_(op), s_(s), fast_(fast), truth_(std::move(truth)),
          run_(optimised(program(op, s), Tier::Optimised, fast ? uint32_t{kFlagFastMaths} : 0)) {}
    ~JudgedFunction() {
        std::printf("%s: worst %.4f ULP in %s%s, %.2f allowed\n", info(op_).text, worst_,
                    std::string(name_of(s_)).c_str(), fast_ ? ", fast" : "", static_cast<double>(allowed()));
    }
    JudgedFunction(const JudgedFunction&) = delete;
    JudgedFunction& operator=(const JudgedFunction&) = delete;

    Scalar type() const { return s_; }
    double operator()(double x, double y = 0) const {
        const Slot args[2] = {float_bits(s_, x), float_bits(s_, y)};
        return float_of(s_, opt_test::run(run_, args, 1).outs[0]);
    }
    // Rounds the arguments to the type first. The sign of a zero counts too.
    void judge(double x, double y = 0) {
        x = rounded(x), y = rounded(y);
        const double got = (*this)(x, y);
        Exact exact;
        truth_(exact, Exact(x), Exact(y));
        const double error = ulp_error(s_, got, exact);
        EXPECT_LE(error, allowed()) << describe(x, y) << got;
        if (got == 0 && mpfr_zero_p(static_cast<mpfr_srcptr>(exact))) {
            EXPECT_EQ(std::signbit(got), mpfr_signbit(static_cast<mpfr_srcptr>(exact)) != 0) << describe(x, y);
        }
        worst_ = std::max(worst_, error);
    }
    double rounded(double d) const { return s_ == Scalar::F32 ? static_cast<float>(d) : d; }

  private:
    float allowed() const { return info(op_).ulp.of(s_, fast_); }
    static Program program(Op op, Scalar s) {
        Program p;
        Function& f = p.functions.emplace_back();
        f.results = {Type(s)};
        Builder b(f);
        const auto arity = static_cast<size_t>(info(op).arity);
        ValueId operands[2] = {kNoValue, kNoValue};
        for (size_t i = 0; i < arity; ++i) operands[i] = b.param(s, "p" + std::to_string(i));
        b.ret(b.value(op, {operands, arity}));
        return p;
    }
    std::string describe(double x, double y) const {
        return std::string(info(op_).text) + (fast_ ? ", fast, of " : " of ") + show(s_, float_bits(s_, x)) + ", " +
               show(s_, float_bits(s_, y)) + ": ";
    }

    Op op_;
    Scalar s_;
    bool fast_;
    Truth truth_;
    Interpreter run_;
    double worst_ = 0;
};

// Both types, both accuracies.
inline void for_each_form(Op op, const JudgedFunction::Truth& truth, const std::function<void(JudgedFunction&)>& body) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const bool fast : {false, true}) {
            JudgedFunction f(op, s, fast, truth);
            body(f);
        }
    }
}

}  // namespace exprjit::opt_test
