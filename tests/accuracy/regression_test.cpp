// SPDX-License-Identifier: MIT OR Apache-2.0
//
// No function may be further off than its row of ops.def says: some hundred thousand arguments each, beginning with the
// worst ones that ./dev accuracy ever found. That command measures what the rows say.
#include <exprjit/exprjit.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <ostream>
#include <string>

#include "exact.h"
#include "measure.h"

namespace exprjit::accuracy {
// How GoogleTest names the parameter of a failed test.
static void PrintTo(const Function& f, std::ostream* out) { *out << f.name; }
}  // namespace exprjit::accuracy

namespace {

using namespace exprjit::accuracy;

constexpr uint64_t kSamples = 200'000;
constexpr uint64_t kEvery = 9'973;  // f32 of one argument: every so many numbers, in a second pass

// The row's figure; one that says 0 promises the correctly rounded result.
double promised(const Function& f, bool narrow, bool fast) {
    ej_op_info op;
    std::memset(&op, 0, sizeof op);
    op.struct_size = sizeof op;
    for (size_t i = 0; i < ej_op_count(); ++i)
        if (ej_op_get(i, &op) == EJ_OK && f.name == op.name) {
            const double ulp = narrow ? (fast ? op.fast_ulp_f32 : op.ulp_f32) : (fast ? op.fast_ulp_f64 : op.ulp_f64);
            return ulp == 0 ? 0.5 : ulp;
        }
    ADD_FAILURE() << "no operation is called " << f.name;
    return 0;
}

std::string hex(double d) {
    char text[64];
    std::snprintf(text, sizeof text, "%a", d);
    return text;
}

template <class T>
std::string account(const Function& f, bool fast, const double at[2], double got) {
    const char* type = sizeof(T) == 4 ? "f32" : "f64";
    double exact = 0;
    const double error = exact_error<T>(f, static_cast<T>(at[0]), static_cast<T>(at[1]), static_cast<T>(got), exact);
    const std::string where = hex(at[0]) + (f.arity == 1 ? "" : "," + hex(at[1]));
    const std::string name(f.name);
    return name + " " + type + (fast ? " fast" : " 1ulp") + " at " + where + ": got " + hex(got) + ", exact about " +
           hex(exact) + ", " + std::to_string(error) + " ULP off\n  again: exprjit_accuracy " + name + " --type " +
           type + " --accuracy " + (fast ? "fast" : "1ulp") + " --at " + where;
}

template <class T>
void check(const Function& f) {
    std::string why;
    Way accurate, fast;
    fast.fast = true;
    const auto first = exprjit_subject<T>(f, accurate, why), second = exprjit_subject<T>(f, fast, why);
    ASSERT_TRUE(first != nullptr && second != nullptr) << f.name << " cannot be compiled: " << why;
    Plan plan;
    plan.samples = kSamples, plan.threads = 1;
    std::vector<Verdict> verdicts = measure<T>(f, {first.get(), second.get()}, plan);
    if (sizeof(T) == 4 && f.arity == 1) {
        plan.all = true, plan.every = kEvery;
        const std::vector<Verdict> more = measure<T>(f, {first.get(), second.get()}, plan);
        for (size_t i = 0; i < more.size(); ++i) verdicts[i].merge(more[i]);
    }
    for (const bool is_fast : {false, true}) {
        const Verdict& v = verdicts[is_fast ? 1 : 0];
        EXPECT_EQ(v.special, 0u) << "wrong in kind: " << account<T>(f, is_fast, v.special_at, v.special_got);
        EXPECT_LE(v.worst, promised(f, sizeof(T) == 4, is_fast)) << account<T>(f, is_fast, v.at, v.got);
        std::printf("%-8s %s %s max %.4f ULP, mean %.4f\n", std::string(f.name).c_str(), sizeof(T) == 4 ? "f32" : "f64",
                    is_fast ? "fast" : "1ulp", v.worst, v.mean());
    }
}

class Row : public ::testing::TestWithParam<Function> {};
TEST_P(Row, F64) { check<double>(GetParam()); }
TEST_P(Row, F32) { check<float>(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Every, Row, ::testing::ValuesIn(functions()),
                         [](const auto& tested) { return std::string(tested.param.name); });

// The judge itself: known distances, and what is wrong in kind.
TEST(Judge, MeasuresDistances) {
    const Function& exp = *find_function("exp");
    double exact = 0;
    EXPECT_EQ(exact_error(exp, 0.0, 0.0, 1.0, exact), 0);
    EXPECT_EQ(exact, 1.0);
    EXPECT_EQ(exact_error(exp, 0.0, 0.0, 1 + 3 * 0x1p-52, exact), 3);
    EXPECT_EQ(exact_error(exp, 0.0f, 0.0f, 1 + 5 * 0x1p-23f, exact), 5);
    EXPECT_NEAR(exact_error(exp, 1.0, 0.0, 0x1.5bf0a8b145769p+1, exact), 0.3262, 1e-3);
    EXPECT_NEAR(exact_error(exp, -745.0, 0.0, 0x1p-1074, exact), 0.0, 0.5);
    EXPECT_NEAR(exact_error(exp, -745.0, 0.0, 0x1p-1073, exact), 1.0, 0.5);
}

TEST(Judge, KnowsKinds) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity(),
                     kNan = std::numeric_limits<double>::quiet_NaN();
    double exact = 0;
    const Function& exp = *find_function("exp");
    EXPECT_EQ(exact_error(exp, kNan, 0.0, kNan, exact), 0);
    EXPECT_EQ(exact_error(exp, 1.0, 0.0, kNan, exact), kInfinity);
    EXPECT_EQ(exact_error(exp, 800.0, 0.0, kInfinity, exact), 0);
    EXPECT_EQ(exact_error(exp, 800.0, 0.0, 0x1.fffffffffffffp1023, exact), kInfinity);
    EXPECT_EQ(exact_error(exp, 700.0, 0.0, kInfinity, exact), kInfinity);
    EXPECT_EQ(exact_error(exp, -800.0, 0.0, -0.0, exact), kInfinity);
    const Function& sin = *find_function("sin");
    EXPECT_EQ(exact_error(sin, -0.0, 0.0, -0.0, exact), 0);
    EXPECT_EQ(exact_error(sin, -0.0, 0.0, 0.0, exact), kInfinity);
}

// The quick truth agrees with MPFR, everywhere that arguments are drawn: were it off, errors could hide.
template <class T>
void compare_truths(const Function& f) {
    const Samples<T> samples(f, std::nullopt);
    std::vector<T> x(300), y(300);
    samples.fill(7, x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
        // A result of the type, off by a fraction of a unit that both must agree upon.
        const auto wide_x = static_cast<long double>(x[i]), wide_y = static_cast<long double>(y[i]);
        const T got = static_cast<T>(f.in_long(wide_x, wide_y));
        if (!std::isfinite(got)) continue;
        Truth<T> truth(f);
        truth.compute(&x[i], &y[i], 1);
        Verdict v;
        truth.judge(&got, v);
        double exact = 0;
        const double error = exact_error(f, x[i], y[i], got, exact);
        const double quick = static_cast<double>(v.sum);
        EXPECT_NEAR(quick, error, 0.05) << f.name << " at " << hex(static_cast<double>(x[i])) << ","
                                        << hex(static_cast<double>(y[i]));
    }
}
class Truths : public ::testing::TestWithParam<Function> {};
TEST_P(Truths, Agree) {
    compare_truths<double>(GetParam());
    compare_truths<float>(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Every, Truths, ::testing::ValuesIn(functions()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
