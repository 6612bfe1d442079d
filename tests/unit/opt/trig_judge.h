// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs one function in each of its types and accuracies, and lets MPFR say how far it is off.
#pragma once

#include <random>

#include "mpfr_judge.h"
#include "opt_test.h"

namespace exprjit::opt_test {

// A function of one or two arguments after the whole pipeline, interpreted.
class Compiled {
  public:
    Compiled(Op op, Scalar s, bool fast) : op_(op), s_(s), fast_(fast) {
        const bool two = info(op).arity == 2;
        const Program p =
            two ? make({s, s}, {Type(s)},
                       [&](Builder& b, std::span<const ValueId> v) { b.ret(b.binary(op, v[0], v[1])); })
                : make({s}, {Type(s)}, [&](Builder& b, std::span<const ValueId> v) { b.ret(b.unary(op, v[0])); });
        code_ = std::make_unique<Interpreter>(optimised(p, Tier::Optimised, fast ? uint32_t{kFlagFastMaths} : 0u));
    }

    double operator()(double a, double b = 0) const {
        const Slot args[2] = {float_bits(s_, a), float_bits(s_, b)};
        return float_of(s_, run(*code_, args, 1).outs[0]);
    }
    double allowed() const { return static_cast<double>(info(op_).ulp.of(s_, fast_)); }
    std::string name() const {
        return std::string(info(op_).text) + " in " + std::string(name_of(s_)) + (fast_ ? ", fast" : "");
    }
    Scalar scalar() const { return s_; }
    // The nearest number of the type. Not inline: g++ 12.2 then takes d itself.
    [[gnu::noinline]] double rounded(double d) const {
        return s_ == Scalar::F32 ? static_cast<double>(static_cast<float>(d)) : d;
    }

  private:
    Op op_;
    Scalar s_;
    bool fast_;
    std::unique_ptr<Interpreter> code_;
};

// Calls check(Compiled) for both types and accuracies.
template <class Check>
void in_every_way(Op op, Check check) {
    for (const Scalar s : {Scalar::F64, Scalar::F32}) {
        for (const bool fast : {false, true}) check(Compiled(op, s, fast));
    }
}

// What the exact result is: judge(result, a, b).
using Judge2 = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);
using Judge1 = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);

// Judges points and remembers the worst.
class Judgement {
  public:
    Judgement(const Compiled& f, Judge1 one, Judge2 two = nullptr) : f_(f), one_(one), two_(two) {}
    ~Judgement() { std::printf("%s: worst %.3f ULP, %.2f allowed\n", f_.name().c_str(), worst_, f_.allowed()); }

    void at(double nearly_a, double nearly_b = 0) {
        const double a = f_.rounded(nearly_a), b = f_.rounded(nearly_b);
        Exact x(a), y(b), exact;
        if (two_ != nullptr)
            two_(exact, x, y, MPFR_RNDN);
        else
            one_(exact, x, MPFR_RNDN);
        const double got = f_(a, b), error = ulp_error(f_.scalar(), got, exact);
        EXPECT_LE(error, f_.allowed()) << f_.name() << " at " << std::hexfloat << a << ", " << b << ": " << got;
        worst_ = std::max(worst_, error);
    }

  private:
    const Compiled& f_;
    Judge1 one_;
    Judge2 two_;
    double worst_ = 0;
};

}  // namespace exprjit::opt_test
