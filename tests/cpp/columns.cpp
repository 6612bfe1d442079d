// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Typed functions over columns: every kind of range, element type and output.
#include <numeric>

#include "check.h"

namespace {

using std::int32_t;
using std::int64_t;

std::vector<double> ramp(std::size_t n) {
    std::vector<double> v(n);
    std::iota(v.begin(), v.end(), 0.0);
    return v;
}

void test_ranges() {
    auto f = VALUE(engine.compile<double(double, double)>("a*10 + b", {"a", "b"}));
    const std::vector<double> a = {1, 2, 3};
    const std::array<double, 3> b = {4, 5, 6};
    double c[3] = {7, 8, 9};
    std::vector<double> out(3);
    VALUE(f.eval(out, a, b));
    EXPECT((out == std::vector<double>{14, 25, 36}));
    std::array<double, 3> other;
    VALUE(f.eval(other, c, exprjit::span<const double>(a)));
    EXPECT((other == std::array<double, 3>{71, 82, 93}));
    VALUE(f.eval(exprjit::span<double>(c, 3), b, 1));  // a number for all rows; an int becomes the double it is
    EXPECT(c[0] == 41 && c[2] == 61);
    VALUE(f.eval(out, out, out));  // in place
    EXPECT((out == std::vector<double>{154, 275, 396}));
    VALUE(f.eval(out, 1, 2.5f));  // numbers only: the output tells the rows
    EXPECT((out == std::vector<double>{12.5, 12.5, 12.5}));
    std::vector<double> none;
    VALUE(f.eval(none, none, 1));
    EXPECT((VALUE(f.map(a, 0.5)) == std::vector<double>{10.5, 20.5, 30.5}));
    EXPECT((VALUE(f.map(1, 2)) == std::vector<double>{12}));
    EXPECT(VALUE(f.map(none, none)).empty());
    auto constant = VALUE(engine.compile<double()>("1.5"));
    VALUE(constant.eval(out));
    EXPECT(out[2] == 1.5);
}

template <class T>
void test_element(exprjit::dtype expected) {
    EXPECT(exprjit::dtype_of<T> == expected);
    auto f = VALUE(engine.compile<double(double)>("x + 1", {"x"}));
    const std::array<T, 3> column = {T(1), T(0), T(1)};
    EXPECT((VALUE(f.map(column)) == std::vector<double>{2, 1, 2}));
}

void test_elements() {
    test_element<bool>(exprjit::dtype::boolean);
    test_element<signed char>(exprjit::dtype::i8);
    test_element<unsigned char>(exprjit::dtype::u8);
    test_element<short>(exprjit::dtype::i16);
    test_element<unsigned short>(exprjit::dtype::u16);
    test_element<int>(exprjit::dtype::i32);
    test_element<unsigned>(exprjit::dtype::u32);
    test_element<long>(exprjit::dtype::i64);
    test_element<long long>(exprjit::dtype::i64);
    test_element<unsigned long>(exprjit::dtype::u64);
    test_element<unsigned long long>(exprjit::dtype::u64);
    test_element<float>(exprjit::dtype::f32);
    test_element<double>(exprjit::dtype::f64);
    EXPECT(exprjit::dtype_of<char> == exprjit::dtype::none && exprjit::dtype_of<long double> == exprjit::dtype::none);
    auto f = VALUE(engine.compile<float(float)>("x + 1", {"x"}));
    const exprjit::half halves[2] = {{0x3c00}, {0x4000}};  // 1, 2
    EXPECT((VALUE(f.map(halves)) == std::vector<float>{2, 3}));
    std::vector<double> wider(2);  // an output may be wider than the result
    VALUE(f.eval(wider, halves));
    EXPECT((wider == std::vector<double>{2, 3}));
    auto positive = VALUE(engine.compile<bool(double)>("x > 0", {"x"}));
    std::array<bool, 3> flags = {};
    VALUE(positive.eval(flags, std::array<double, 3>{1, -1, 2}));
    EXPECT(flags[0] && !flags[1] && flags[2]);
    auto counted = VALUE(engine.compile<int64_t(bool, int32_t)>("p + n", {"p", "n"}));
    EXPECT((VALUE(counted.map(flags, 5)) == std::vector<int64_t>{6, 5, 6}));
}

struct order {
    double price;
    int32_t quantity;
    float weight;
    double total;
};

void test_strides() {
    std::vector<order> orders = {{2.5, 4, 1, 0}, {10, 1, 2, 0}, {0.5, 100, 3, 0}};
    auto f = VALUE(
        engine.compile<double(double, int32_t, float)>("price*quantity + weight", {"price", "quantity", "weight"}));
    VALUE(f.eval(exprjit::field(orders, &order::total), exprjit::field(orders, &order::price),
                 exprjit::field(orders, &order::quantity), exprjit::field(orders, &order::weight)));
    EXPECT(orders[0].total == 11 && orders[1].total == 12 && orders[2].total == 53);
    const auto& read_only = orders;
    EXPECT((VALUE(f.map(exprjit::field(read_only, &order::price), 1, 0)) == std::vector<double>{2.5, 10, 0.5}));
    const std::vector<order> none;
    EXPECT(VALUE(f.map(exprjit::field(none, &order::price), 1, 0)).empty());

    const std::vector<double> x = {1, 2, 3, 4};
    auto g = VALUE(engine.compile<double(double)>("x * 2", {"x"}));
    EXPECT((VALUE(g.map(exprjit::strided<const double>(x.data() + 3, 4, -8))) == std::vector<double>{8, 6, 4, 2}));
    EXPECT((VALUE(g.map(exprjit::strided<const double>(x.data(), 2, 16))) == std::vector<double>{2, 6}));
}

void test_nulls() {
    auto f = VALUE(engine.compile<double(double)>("x * 2", {"x"}));
    const std::vector<double> x = {1, 2, 3};
    const std::vector<unsigned char> known = {0b1010};  // from bit 1 on: 1, 0, 1
    std::vector<double> out(3);
    std::array<unsigned char, 1> valid = {0xff};
    VALUE(f.eval(exprjit::nullable(out, valid), exprjit::nullable(x, known, 1)));
    EXPECT(out[0] == 2 && out[2] == 6 && valid[0] == 0b11111101);
    EXPECT(FAILURE(f.eval(out, exprjit::nullable(x, known, 1))).status() == exprjit::status::invalid_argument);
    const auto e = FAILURE(f.eval(exprjit::nullable(out, valid), exprjit::nullable(x, known, 6)));
    EXPECT(contains(e.message(), "input 0 ('x') has more rows than its bitmap has bits"));
    EXPECT(contains(FAILURE(f.eval(exprjit::nullable(out, valid, 6), x)).message(), "output"));
}

void test_outputs() {
    auto f = VALUE(engine.compile<std::tuple<double, bool>(double)>("y = x*x; big = x > 1", {"x"}));
    const std::vector<double> x = {1, 2, 3};
    std::vector<double> y(3);
    std::array<bool, 3> big = {};
    VALUE(f.eval(std::tie(y, big), x));
    EXPECT(y[2] == 9 && !big[0] && big[1]);
    VALUE(f.eval(std::tuple(exprjit::span<double>(y), exprjit::span<bool>(big)), 2));
    EXPECT(y[2] == 4 && big[0]);
    // A reduced output is a variable, or the first element of a column.
    auto g = VALUE(engine.compile<std::pair<double, double>(double)>("s = sum(x); share = x / sum(x)", {"x"}));
    double sum = 0;
    VALUE(g.eval(std::tie(sum, y), x));
    EXPECT(sum == 6 && y[2] == 0.5);
    std::array<double, 1> one = {};
    VALUE(g.eval(std::tie(one, y), x));
    EXPECT(one[0] == 6);
    EXPECT(FAILURE(g.eval(std::tie(sum, sum), x)).status() == exprjit::status::invalid_argument);  // three shares
}

void test_reductions() {
    auto f = VALUE(engine.compile<std::tuple<double, int64_t>(double)>("m = mean(x); n = count(x > 1)", {"x"}));
    const std::vector<double> x = ramp(10000);
    EXPECT((VALUE(f.reduce(x)) == std::tuple<double, int64_t>(4999.5, 9998)));
    auto batches = VALUE(f.reducer());
    for (std::size_t i = 0; i < x.size(); i += 777) {
        VALUE(batches.feed(exprjit::span<const double>(x).subspan(i, std::min<std::size_t>(777, x.size() - i))));
    }
    EXPECT(VALUE(batches.finish()) == VALUE(f.reduce(x)));
    auto sum = VALUE(engine.compile<double(double)>("sum(x)", {"x"}));
    EXPECT(VALUE(sum.reduce(std::vector<double>{1, 2})) == 3 && sum.is_reducing());
    EXPECT(contains(FAILURE(sum.map(x)).message(), "use reduce()"));
    EXPECT(FAILURE(sum(1)).status() == exprjit::status::unsupported);
    auto two_passes = VALUE(engine.compile<double(double)>("sum((x - mean(x))**2)", {"x"}));
    EXPECT(FAILURE(two_passes.reducer()).status() == exprjit::status::unsupported);
    EXPECT(VALUE(two_passes.reduce(std::vector<double>{1, 3})) == 2);
}

void test_runs() {
    auto f = VALUE(engine.compile<double(double)>("sum(sqrt(x))", {"x"}));
    const std::vector<double> x = ramp(300000);
    const double alone = VALUE(f.reduce(x));
    exprjit::run_options run;
    run.threads = 2;
    EXPECT(VALUE(f.reduce(run, x)) == alone);
    int64_t pieces = 0;
    auto serial = [&](int64_t count, auto&& task) {
        for (int64_t i = 0; i < count; ++i) task(i), ++pieces;
    };
    run = exprjit::run_options::on(serial);
    run.threads = 4;
    EXPECT(VALUE(f.reduce(run, x)) == alone && pieces > 1);
    exprjit::stop_flag stop;
    run = {};
    run.stop = &stop;
    EXPECT(VALUE(f.reduce(run, x)) == alone);
    stop.request();
    EXPECT(stop.is_requested() && FAILURE(f.reduce(run, x)).status() == exprjit::status::cancelled);
    stop.reset();
    EXPECT(VALUE(f.reduce(run, x)) == alone);
    auto g = VALUE(engine.compile<double(double)>("x + 1", {"x"}));
    run = {};
    run.threads = 2;
    std::vector<double> out(x.size());
    VALUE(g.eval(run, out, x));
    EXPECT(out == VALUE(g.map(run, x)) && out.back() == 300000);
    auto batches = VALUE(f.reducer());
    VALUE(batches.feed(run, x));
    EXPECT(VALUE(batches.finish()) == alone);
}

}  // namespace

void test_columns() {
    test_ranges();
    test_elements();
    test_strides();
    test_nulls();
    test_outputs();
    test_reductions();
    test_runs();
}
