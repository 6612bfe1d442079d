// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The accuracy each row of ops.def states, measured against MPFR: for every float function, special values and a few
// thousand arguments over its domain, on the oracle (the other engines give its bits).
#include <gtest/gtest.h>

#include "support/engines.h"

#if EXPRJIT_HAVE_MPFR
#include <mpfr.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "op_program.h"

namespace {

using namespace exprjit;
using namespace exprjit::ops_test;

constexpr mpfr_prec_t kPrecision = 400;

// A number with RAII; every function rounds to nearest.
struct Big {
    mpfr_t v;
    Big() { mpfr_init2(v, kPrecision); }
    explicit Big(double d) : Big() { mpfr_set_d(v, d, MPFR_RNDN); }
    Big(const Big& other) : Big() { mpfr_set(v, other.v, MPFR_RNDN); }
    Big& operator=(const Big&) = delete;
    ~Big() { mpfr_clear(v); }
};

using Judge = void (*)(Big& out, const Big& a, const Big& b, const Big& c);
using Unary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
using Binary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

template <Unary f>
void unary(Big& out, const Big& a, const Big&, const Big&) {
    f(out.v, a.v, MPFR_RNDN);
}
template <Binary f>
void binary(Big& out, const Big& a, const Big& b, const Big&) {
    f(out.v, a.v, b.v, MPFR_RNDN);
}

void pi_times(Big& out, const Big& a) {
    mpfr_const_pi(out.v, MPFR_RNDN);
    mpfr_mul(out.v, out.v, a.v, MPFR_RNDN);
}
void lgamma_abs(Big& out, const Big& a, const Big&, const Big&) {
    int sign = 0;
    mpfr_lgamma(out.v, &sign, a.v, MPFR_RNDN);
}
void sigmoid(Big& out, const Big& a, const Big&, const Big&) {
    mpfr_neg(out.v, a.v, MPFR_RNDN);
    mpfr_exp(out.v, out.v, MPFR_RNDN);
    mpfr_add_ui(out.v, out.v, 1, MPFR_RNDN);
    mpfr_ui_div(out.v, 1, out.v, MPFR_RNDN);
}
void silu(Big& out, const Big& a, const Big& b, const Big& c) {
    sigmoid(out, a, b, c);
    // The limit on the left is 0, where the product of the parts says 0 * -inf.
    if (mpfr_inf_p(a.v) == 0 || mpfr_sgn(a.v) > 0) mpfr_mul(out.v, out.v, a.v, MPFR_RNDN);
}
void softplus(Big& out, const Big& a, const Big&, const Big&) {
    mpfr_abs(out.v, a.v, MPFR_RNDN);
    mpfr_neg(out.v, out.v, MPFR_RNDN);
    mpfr_exp(out.v, out.v, MPFR_RNDN);
    mpfr_log1p(out.v, out.v, MPFR_RNDN);
    if (mpfr_sgn(a.v) > 0) mpfr_add(out.v, out.v, a.v, MPFR_RNDN);
}
void gelu(Big& out, const Big& a, const Big&, const Big&) {
    Big root(2);
    mpfr_sqrt(root.v, root.v, MPFR_RNDN);
    mpfr_div(out.v, a.v, root.v, MPFR_RNDN);
    mpfr_neg(out.v, out.v, MPFR_RNDN);
    mpfr_erfc(out.v, out.v, MPFR_RNDN);
    mpfr_mul(out.v, out.v, a.v, MPFR_RNDN);
    mpfr_div_ui(out.v, out.v, 2, MPFR_RNDN);
}
void sinc(Big& out, const Big& a, const Big&, const Big&) {
    if (mpfr_zero_p(a.v) != 0) {
        mpfr_set_ui(out.v, 1, MPFR_RNDN);
        return;
    }
    Big x;
    pi_times(x, a);
    mpfr_sinpi(out.v, a.v, MPFR_RNDN);  // exactly 0 at the integers
    mpfr_div(out.v, out.v, x.v, MPFR_RNDN);
}
void logn(Big& out, const Big& a, const Big& b, const Big&) {
    Big base;
    mpfr_log(base.v, b.v, MPFR_RNDN);
    mpfr_log(out.v, a.v, MPFR_RNDN);
    mpfr_div(out.v, out.v, base.v, MPFR_RNDN);
}
void root(Big& out, const Big& a, const Big& n, const Big&) {
    mpfr_rootn_ui(out.v, a.v, mpfr_get_ui(n.v, MPFR_RNDN), MPFR_RNDN);
}
void deg2rad(Big& out, const Big& a, const Big&, const Big&) {
    pi_times(out, a);
    mpfr_div_ui(out.v, out.v, 180, MPFR_RNDN);
}
void rad2deg(Big& out, const Big& a, const Big&, const Big&) {
    Big pi;
    mpfr_const_pi(pi.v, MPFR_RNDN);
    mpfr_mul_ui(out.v, a.v, 180, MPFR_RNDN);
    mpfr_div(out.v, out.v, pi.v, MPFR_RNDN);
}
// 1 / sqrt(-0) is -inf, as IEEE has it; mpfr_rec_sqrt says +inf.
void rsqrt(Big& out, const Big& a, const Big&, const Big&) {
    mpfr_sqrt(out.v, a.v, MPFR_RNDN);
    mpfr_ui_div(out.v, 1, out.v, MPFR_RNDN);
}
// x - trunc(x), so NaN for the infinities where mpfr_frac has 0.
void frac(Big& out, const Big& a, const Big&, const Big&) {
    mpfr_trunc(out.v, a.v);
    mpfr_sub(out.v, a.v, out.v, MPFR_RNDN);
}
void fma3(Big& out, const Big& a, const Big& b, const Big& c) { mpfr_fma(out.v, a.v, b.v, c.v, MPFR_RNDN); }
void round_even(Big& out, const Big& a, const Big&, const Big&) { mpfr_rint(out.v, a.v, MPFR_RNDN); }
int floor2(mpfr_ptr o, mpfr_srcptr a, mpfr_rnd_t) { return mpfr_floor(o, a); }
int ceil2(mpfr_ptr o, mpfr_srcptr a, mpfr_rnd_t) { return mpfr_ceil(o, a); }
int trunc2(mpfr_ptr o, mpfr_srcptr a, mpfr_rnd_t) { return mpfr_trunc(o, a); }
int round2(mpfr_ptr o, mpfr_srcptr a, mpfr_rnd_t) { return mpfr_round(o, a); }

// lo and hi: exponents of two between which arguments are drawn; both signs unless `positive`.
struct Row {
    Op op;
    Judge judge;
    int lo, hi;
    bool positive = false;
    double least = -HUGE_VAL, most = HUGE_VAL;  // arguments outside are not judged
};

void PrintTo(const Row& row, std::ostream* out) { *out << info(row.op).text; }

const Row kRows[] = {
    {Op::Add, binary<mpfr_add>, -60, 60},
    {Op::Sub, binary<mpfr_sub>, -60, 60},
    {Op::Mul, binary<mpfr_mul>, -60, 60},
    {Op::Div, binary<mpfr_div>, -60, 60},
    {Op::Sqrt, unary<mpfr_sqrt>, -120, 120, true},
    {Op::Fma, fma3, -40, 40},
    {Op::Fmod, binary<mpfr_fmod>, -30, 60},
    {Op::Floor, unary<floor2>, -5, 70},
    {Op::Ceil, unary<ceil2>, -5, 70},
    {Op::Trunc, unary<trunc2>, -5, 70},
    {Op::Round, round_even, -5, 70},
    {Op::RoundAway, unary<round2>, -5, 70},
    {Op::Frac, frac, -5, 60},
    {Op::Pow, binary<mpfr_pow>, -6, 6, true},
    {Op::Rsqrt, rsqrt, -120, 120, true},
    {Op::Cbrt, unary<mpfr_cbrt>, -120, 120},
    {Op::Hypot, binary<mpfr_hypot>, -60, 60},
    {Op::Root, root, -60, 60, true},
    {Op::Exp, unary<mpfr_exp>, -40, 10},
    {Op::Exp2, unary<mpfr_exp2>, -40, 10},
    {Op::Exp10, unary<mpfr_exp10>, -40, 8},
    {Op::Expm1, unary<mpfr_expm1>, -40, 10},
    {Op::Log, unary<mpfr_log>, -120, 120, true},
    {Op::Log2, unary<mpfr_log2>, -120, 120, true},
    {Op::Log10, unary<mpfr_log10>, -120, 120, true},
    {Op::Log1p, unary<mpfr_log1p>, -40, 60, true},
    {Op::Logn, logn, -60, 60, true},
    {Op::Sin, unary<mpfr_sin>, -40, 60},
    {Op::Cos, unary<mpfr_cos>, -40, 60},
    {Op::Tan, unary<mpfr_tan>, -40, 60},
    {Op::Cot, unary<mpfr_cot>, -40, 60},
    {Op::Sec, unary<mpfr_sec>, -40, 60},
    {Op::Csc, unary<mpfr_csc>, -40, 60},
    {Op::Sinc, sinc, -40, 10},
    {Op::Asin, unary<mpfr_asin>, -40, 0},
    {Op::Acos, unary<mpfr_acos>, -40, 0},
    {Op::Atan, unary<mpfr_atan>, -40, 60},
    {Op::Atan2, binary<mpfr_atan2>, -60, 60},
    {Op::Deg2rad, deg2rad, -60, 60},
    {Op::Rad2deg, rad2deg, -60, 60},
    {Op::Sinh, unary<mpfr_sinh>, -40, 10},
    {Op::Cosh, unary<mpfr_cosh>, -40, 10},
    {Op::Tanh, unary<mpfr_tanh>, -40, 10},
    {Op::Asinh, unary<mpfr_asinh>, -40, 60},
    {Op::Acosh, unary<mpfr_acosh>, 0, 60, true},
    {Op::Atanh, unary<mpfr_atanh>, -40, 0},
    {Op::Erf, unary<mpfr_erf>, -40, 5},
    {Op::Erfc, unary<mpfr_erfc>, -40, 5},
    {Op::Gamma, unary<mpfr_gamma>, -20, 8, true},
    {Op::Lgamma, lgamma_abs, -20, 60, true},
    {Op::Sigmoid, sigmoid, -40, 10},
    {Op::Softplus, softplus, -40, 10},
    // Further to the left erfc(-x / sqrt(2)) is subnormal before its product with x is.
    {Op::Gelu, gelu, -40, 10, false, -37},
    {Op::Silu, silu, -40, 10},
};

double to_double(Scalar t, Slot s) {
    return t == Scalar::F32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(s)))
                            : std::bit_cast<double>(s);
}
Slot to_slot(Scalar t, double d) {
    return t == Scalar::F32 ? std::bit_cast<uint32_t>(static_cast<float>(d)) : std::bit_cast<uint64_t>(d);
}

// |got - exact| in units of the last place that a result of this size has; 0 where both are the same infinity or NaN.
double error_in_ulp(Scalar t, double got, const Big& exact) {
    const int digits = t == Scalar::F32 ? 24 : 53;
    const int least = t == Scalar::F32 ? -149 : -1074;
    const double most = t == Scalar::F32 ? 3.4028234663852886e38 : 1.7976931348623157e308;
    if (mpfr_nan_p(exact.v) != 0) return std::isnan(got) ? 0 : HUGE_VAL;
    if (std::isnan(got)) return HUGE_VAL;
    Big limit(most);
    if (mpfr_cmpabs(exact.v, limit.v) > 0 || std::isinf(got)) {
        // Overflow: infinity and the largest number lie one unit apart.
        const bool right_sign = std::signbit(got) == (mpfr_signbit(exact.v) != 0);
        if (!right_sign) return HUGE_VAL;
        Big half_above(std::ldexp(1.0, digits == 24 ? 127 - 24 : 1023 - 53));
        mpfr_add(half_above.v, half_above.v, limit.v, MPFR_RNDN);
        const bool rounds_to_infinity = mpfr_cmpabs(exact.v, half_above.v) >= 0;
        return std::isinf(got) == rounds_to_infinity ? 0 : std::fabs(got) >= most || std::isinf(got) ? 1 : HUGE_VAL;
    }
    int exponent = mpfr_zero_p(exact.v) != 0 ? least : static_cast<int>(mpfr_get_exp(exact.v)) - digits;
    if (exponent < least) exponent = least;
    Big difference;
    mpfr_sub_d(difference.v, exact.v, got, MPFR_RNDN);
    mpfr_div_2si(difference.v, difference.v, exponent, MPFR_RNDN);
    return std::fabs(mpfr_get_d(difference.v, MPFR_RNDN));
}

double draw(const Row& row, trial::Random& random, Scalar t) {
    const double mantissa = 1 + static_cast<double>(random.next() >> 12) * 0x1p-52;
    double d = std::ldexp(mantissa, static_cast<int>(random.between(row.lo, row.hi - 1)));
    if (!row.positive && random.one_in(2)) d = -d;
    return t == Scalar::F32 ? static_cast<double>(static_cast<float>(d)) : d;
}

void judge(const Row& row, Scalar t) {
    const Instance instance{row.op, t, t};
    auto prepared = trial::Prepared::make(program_of(instance), trial::oracle());
    ASSERT_TRUE(prepared.ok()) << instance.name() << ": " << trial::describe(prepared.error());
    trial::Random random(static_cast<uint64_t>(info(row.op).code));
    const int arity = info(row.op).arity;
    double worst = 0;
    double worst_at[3] = {};
    const auto one = [&](double a, double b, double c) {
        // Beyond 2^60 the argument reductions of both sides get long for nothing.
        for (const double x : {a, b, c})
            if (std::isfinite(x) && std::fabs(x) > 1e40 && !row.positive) return;
        if (a < row.least || a > row.most || std::isnan(a)) return;
        if (row.positive && (a < 0 || (arity > 1 && b < 0 && row.op != Op::Pow))) return;
        if (row.op == Op::Root && (b < 1 || b > 40)) return;
        if (row.op == Op::Logn && (!(b > 0) || std::isinf(b))) return;
        const Slot slots[3] = {to_slot(t, a), to_slot(t, b), to_slot(t, c)};
        Big exact;
        row.judge(exact, Big(a), Big(b), Big(c));
        const trial::Outcome o = prepared->run({slots, static_cast<size_t>(arity)});
        const double error = error_in_ulp(t, to_double(t, o.outs[0]), exact);
        if (error > worst) worst = error, worst_at[0] = a, worst_at[1] = b, worst_at[2] = c;
    };
    for (const Slot a : trial::special_values(t)) {
        if (arity == 1)
            one(to_double(t, a), 0, 0);
        else if (row.op != Op::Root)
            for (const Slot b : trial::few_special_values(t))
                if (std::isfinite(to_double(t, a)) && std::isfinite(to_double(t, b)) && to_double(t, a) != 0 &&
                    to_double(t, b) != 0)
                    one(to_double(t, a), to_double(t, b), to_double(t, b));
    }
    for (int k = 0; k < 2500; ++k) {
        const double a = draw(row, random, t);
        if (row.op == Op::Root)
            one(a, static_cast<double>(random.between(1, 20)), 0);
        else
            one(a, draw(row, random, t), draw(row, random, t));
    }
    // A row that says 0 promises the correctly rounded result: at most half a unit.
    const double bound = info(row.op).ulp.of(t, false) == 0 ? 0.5 : static_cast<double>(info(row.op).ulp.of(t, false));
    std::printf("%-12s %s  worst %.3f ULP (row: %g)\n", info(row.op).text, t == Scalar::F32 ? "f32" : "f64", worst,
                static_cast<double>(info(row.op).ulp.of(t, false)));
    EXPECT_LE(worst, bound) << instance.name() << " at " << trial::describe(t, to_slot(t, worst_at[0])) << ", "
                            << trial::describe(t, to_slot(t, worst_at[1])) << ", "
                            << trial::describe(t, to_slot(t, worst_at[2])) << ": the row of ops.def says "
                            << info(row.op).ulp.of(t, false)
                            << "\n  again: exprjit_test_ops --gtest_filter=Table/Accuracy.*/" << info(row.op).name;
}

class Accuracy : public ::testing::TestWithParam<Row> {};
TEST_P(Accuracy, F64) { judge(GetParam(), Scalar::F64); }
TEST_P(Accuracy, F32) { judge(GetParam(), Scalar::F32); }
INSTANTIATE_TEST_SUITE_P(Table, Accuracy, ::testing::ValuesIn(kRows), [](const ::testing::TestParamInfo<Row>& tested) {
    return std::string(kOpInfos[static_cast<int>(tested.param.op)].name);
});

// powi at every exponent.
TEST(Powi, IsWithinItsRow) {
    for (const Scalar t : {Scalar::F32, Scalar::F64}) {
        for (int n = -16; n <= 16; ++n) {
            const Instance i{Op::Powi, t, t, static_cast<uint64_t>(static_cast<int64_t>(n))};
            auto prepared = trial::Prepared::make(program_of(i), trial::oracle());
            ASSERT_TRUE(prepared.ok()) << trial::describe(prepared.error());
            trial::Random random(static_cast<uint64_t>(n + 100));
            double worst = 0, at = 0;
            const auto one = [&](double a) {
                if (std::isnan(a)) return;
                Big x(a), exact;
                mpfr_pow_si(exact.v, x.v, n, MPFR_RNDN);
                const Slot slot = to_slot(t, a);
                const double error = error_in_ulp(t, to_double(t, prepared->run({&slot, 1}).outs[0]), exact);
                if (error > worst) worst = error, at = a;
            };
            for (const Slot s : trial::special_values(t)) one(to_double(t, s));
            const Row range{Op::Powi, nullptr, t == Scalar::F32 ? -149 : -1074, t == Scalar::F32 ? 127 : 1023};
            const Row near{Op::Powi, nullptr, -70, 70};
            for (int k = 0; k < 1500; ++k) one(draw(k % 2 == 0 ? near : range, random, t));
            EXPECT_LE(worst, info(Op::Powi).ulp.of(t, false))
                << i.name() << " at " << trial::describe(t, to_slot(t, at));
        }
    }
}

}  // namespace

#else
TEST(Accuracy, NeedsMpfr) { GTEST_SKIP() << "built without MPFR: apt-get install libmpfr-dev, configure again"; }
#endif
