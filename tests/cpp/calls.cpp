// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Typed functions, called with single values.
#include <cmath>

#include "check.h"

namespace {

using std::int32_t;
using std::int64_t;

void test_each_type() {
    auto d = VALUE(engine.compile<double(double, double, double)>("a*b+c", {"a", "b", "c"}));
    EXPECT(VALUE(d(3, 4, 5)) == 17);
    EXPECT(d.signature() == "(a: f64, b: f64, c: f64) -> f64" && d.source() == "a*b+c");
    auto f = VALUE(engine.compile<float(float)>("x / 3", {"x"}));
    EXPECT(VALUE(f(1)) == 1.0f / 3);
    auto l = VALUE(engine.compile<int64_t(int64_t)>("n * 3", {"n"}));
    EXPECT(VALUE(l(int64_t{1} << 40)) == int64_t{3} << 40);
    auto i = VALUE(engine.compile<int32_t(int32_t)>("n * 65536", {"n"}));
    EXPECT(VALUE(i(65536)) == 0);  // wraps, as i32
    auto b = VALUE(engine.compile<bool(bool, double)>("p and x > 1", {"p", "x"}));
    EXPECT(VALUE(b(true, 2)) && !VALUE(b(true, 1)) && !VALUE(b(false, 2)));
    auto negation = VALUE(engine.compile<bool(bool)>("not p", {"p"}));
    EXPECT(VALUE(negation(false)) && !VALUE(negation(true)));
    auto mixed = VALUE(engine.compile<double(bool, int32_t, int64_t, float, double)>("p*1000 + i*100 + l*10 + f + d",
                                                                                     {"p", "i", "l", "f", "d"}));
    EXPECT(VALUE(mixed(true, 2, 3, 0.5f, 0.25)) == 1230.75);
    auto long_long = VALUE(engine.compile<long long(long, long long)>("a + b", {"a", "b"}));
    EXPECT(VALUE(long_long(1, 2)) == 3);
    auto nothing = VALUE(engine.compile<double()>("2*pi"));
    EXPECT(std::abs(VALUE(nothing()) - 6.283185307179586) < 1e-15);
    auto quoted = VALUE(engine.compile<double(double)>("`wind speed` * 3.6", {"wind speed"}));
    EXPECT(VALUE(quoted(10)) == 36);
}

void test_entry() {
    auto f = VALUE(engine.compile<bool(double, bool)>("(x > 0) != p", {"x", "p"}));
    const bool is_jit = VALUE(engine.stats()).is_jit;
    EXPECT((f.entry() != nullptr) == is_jit);
    if (f.entry() != nullptr) EXPECT(f.entry()(1.0, 0) == 1 && f.entry()(1.0, 1) == 0);
    // Integer division is checked, and a kernel with checks has no plain entry: it is called all the same.
    auto g = VALUE(engine.compile<int64_t(int64_t, int64_t)>("a // b", {"a", "b"}));
    EXPECT(g.entry() == nullptr && VALUE(g(-7, 2)) == -4);
    EXPECT(FAILURE(g(1, 0)).status() == exprjit::status::divide_by_zero);
    EXPECT(VALUE(g.call(exprjit::run_options{}, 9, 3)) == 3);
}

void test_results() {
    auto both = VALUE(engine.compile<std::tuple<double, bool>(double, double)>("s = a + b; less = a < b", {"a", "b"}));
    const auto [sum, less] = VALUE(both(1, 2));
    EXPECT(sum == 3 && less);
    auto pair = VALUE(engine.compile<std::pair<int64_t, int64_t>(int64_t)>("q = n // 10; r = n % 10", {"n"}));
    EXPECT((VALUE(pair(42)) == std::pair<int64_t, int64_t>(4, 2)));
    auto three = VALUE(engine.compile<std::array<double, 3>(double)>("a = x; b = x*x; c = x*x*x", {"x"}));
    EXPECT((VALUE(three(2)) == std::array<double, 3>{2, 4, 8}));
    // What loses nothing is converted: in the kernel for one output, after the call for several.
    auto widened = VALUE(engine.compile<double(int32_t)>("n + 1", {"n"}));
    EXPECT(VALUE(widened(1)) == 2.0 && widened.signature() == "(n: i32) -> f64");
    auto several = VALUE(engine.compile<std::tuple<double, int64_t>(int32_t, bool)>("a = n; b = p", {"n", "p"}));
    EXPECT((VALUE(several(7, true)) == std::tuple<double, int64_t>(7, 1)));
    auto constant = VALUE(engine.compile<double()>("1 + 2"));
    EXPECT(VALUE(constant()) == 3);
}

void test_options() {
    exprjit::compile_options o;
    o.division = exprjit::division::zero;
    EXPECT(VALUE(VALUE(engine.compile<int64_t(int64_t)>("1 // n", {"n"}, o))(0)) == 0);
    o = {};
    o.caret = exprjit::caret::bitwise_xor;
    EXPECT(VALUE(VALUE(engine.compile<int64_t(int64_t)>("n ^ 3", {"n"}, o))(5)) == 6);
    o = {};
    o.tier = exprjit::tier::interpreter;
    auto interpreted = VALUE(engine.compile<double(double)>("x + 1", {"x"}, o));
    EXPECT(VALUE(interpreted(1)) == 2 && interpreted.entry() == nullptr);
    EXPECT(VALUE(interpreted.info()).tier == exprjit::tier::interpreter);
    o = {};
    o.isa = exprjit::isa::v2;
    auto old = VALUE(engine.compile<double(double)>("x + 2", {"x"}, o));
    EXPECT(VALUE(old.info()).isa == exprjit::isa::v2 || !VALUE(engine.stats()).is_jit);
    o = {};
    o.contract = true;
    auto contracted = VALUE(engine.compile<double(double, double, double)>("a*b+c", {"a", "b", "c"}, o));
    const double a = 1 + 0x1p-30;
    EXPECT(VALUE(contracted(a, a, -(1 + 0x1p-29))) == 0x1p-60);
    o = {};
    o.accuracy = exprjit::accuracy::fast;
    auto fast = VALUE(engine.compile<double(double)>("exp(x)", {"x"}, o));
    EXPECT(std::abs(VALUE(fast(1)) - 2.718281828459045) < 1e-14);
    o = {};
    o.source_name = "rules.txt";
    EXPECT(contains(FAILURE(engine.compile<double(double)>("x +", {"x"}, o)).render(), "rules.txt:1:"));
}

}  // namespace

void test_calls() {
    test_each_type();
    test_entry();
    test_results();
    test_options();
}
