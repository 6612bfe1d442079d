// SPDX-License-Identifier: MIT OR Apache-2.0
//
// select, filter and eval_selected, typed and untyped.
#include "check.h"

namespace {

using exprjit::status;
using std::int64_t;
using indices = std::vector<int64_t>;

const std::vector<double> x = {4, -1, 9, 0, 16};
exprjit::run_options two_threads() {
    exprjit::run_options run;
    run.threads = 2;
    return run;
}

void test_select() {
    auto f = VALUE(engine.compile<bool(double, double)>("x > low", {"x", "low"}));
    EXPECT((VALUE(f.select(x, 3)) == indices{0, 2, 4}));
    EXPECT((VALUE(f.select(two_threads(), x, 3)) == indices{0, 2, 4}));
    EXPECT(VALUE(f.select(std::vector<double>(), 3)).empty());
    EXPECT((VALUE(f.select(5, 3)) == indices{0}));
    EXPECT(FAILURE(f.select(x, std::vector<double>(3))).status() == status::invalid_argument);
    auto k = VALUE(engine.compile("x > 3"));
    EXPECT((VALUE(k.select({x})) == indices{0, 2, 4}));
    EXPECT(FAILURE(VALUE(engine.compile("x + 3")).select({x})).status() != status::ok);
}

void test_filter() {
    auto f = VALUE(engine.compile<std::tuple<bool, double, bool>(double)>(
        "keep = x > 0; root = sqrt(x); odd = x % 2 == 1", {"x"}));
    std::vector<double> root(5);
    std::array<bool, 6> odd = {};  // longer is fine
    EXPECT(VALUE(f.filter(std::tie(root, odd), x)) == 3);
    EXPECT(root[0] == 2 && root[1] == 3 && root[2] == 4 && !odd[0] && odd[1]);
    EXPECT(VALUE(f.filter(two_threads(), std::tie(root, odd), x)) == 3);
    std::vector<double> few(3);
    const auto e = FAILURE(f.filter(std::tie(few, odd), x));
    EXPECT(e.message() == "output 1 ('root') has 3 rows where the others have 5");
    auto one = VALUE(engine.compile<std::pair<bool, double>(double)>("keep = x > 0; y = x", {"x"}));
    std::vector<double> in_place = x;
    EXPECT(VALUE(one.filter(in_place, in_place)) == 3 && in_place[2] == 16);
    auto k = VALUE(engine.compile("keep = x > 0; y = x"));
    EXPECT(VALUE(k.filter({x}, {root})) == 3 && root[2] == 16);
}

void test_eval_selected() {
    auto f = VALUE(engine.compile<double(double)>("x * 10", {"x"}));
    const indices rows = {2, 2, 0};
    std::vector<double> out(3);
    VALUE(f.eval_selected(rows, out, x));
    EXPECT((out == std::vector<double>{90, 90, 40}));
    VALUE(f.eval_selected(two_threads(), std::array<int64_t, 3>{4, 3, 1}, out, x));
    EXPECT((out == std::vector<double>{160, 0, -10}));
    EXPECT(FAILURE(f.eval_selected(rows, std::vector<double>(2), x)).status() == status::invalid_argument);
    const auto e = FAILURE(f.eval_selected(indices{0, 5, 1}, out, x));
    EXPECT(e.status() == status::invalid_argument && e.row() == 1);
    double sum = 0;
    VALUE(VALUE(engine.compile<double(double)>("sum(x)", {"x"})).eval_selected(rows, sum, x));
    EXPECT(sum == 22);
    VALUE(VALUE(engine.compile("x")).eval_selected(rows, {x}, {out}));
    EXPECT(out[1] == 9);
}

}  // namespace

void test_selections() {
    test_select();
    test_filter();
    test_eval_selected();
}
