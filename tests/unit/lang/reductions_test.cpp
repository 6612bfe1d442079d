// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What reductions over rows give: values, types, predicates, no rows, NaN, missing values, and what cannot be written.
#include <sstream>

#include "run_rows.h"

namespace exprjit::testing {
namespace {

template <class T>
Column column(const char* name, std::vector<T> values, std::vector<uint8_t> valid = {}) {
    Column c{name, {}, std::move(valid)};
    for (const T v : values) c.values.push_back(value(v));
    return c;
}

std::vector<Column> some() {
    return {column<double>("x", {1, 4, -2, 5}), column<float>("s", {0.5f, 2.5f, 1, 0}),
            column<int32_t>("i", {2000000000, 3, -7, 2000000000}), column<int64_t>("l", {2, 0, 3, -1}),
            Column{"p", {value(true), value(false), value(true), value(true)}, {}}};
}

void expect(const char* text, const std::string& wanted) {
    EXPECT_EQ(rows_of(text, some()), wanted) << text;
    EXPECT_EQ(rows_of(text, some(), Tier::Baseline), wanted) << text;
}

TEST(Reductions, Values) {
    expect("sum(x)", "f64 8");
    expect("sum(s)", "f32 4");
    expect("sum(i)", "i64 3999999996");  // no wrapping on the way
    expect("sum(p)", "i64 3");
    expect("prod(x)", "f64 -40");
    expect("prod(l + 1)", "i64 0");
    expect("mean(x)", "f64 2");
    expect("mean(s)", "f32 1");
    expect("mean(i)", "f64 1e+09");
    expect("mean(l + 9223372036854775000)", "f64 9.22337e+18");  // the sum of i64 would wrap, the mean does not
    expect("mean(l, where=l > 0)", "f64 2.5");
    expect("avg(x)", "f64 2");
    expect("var(x)", "f64 7.5");
    expect("std(x)", "f64 2.73861");
    expect("var(s)", "f32 0.875");
    expect("var(l)", "f64 2.5");
    expect("min(x)", "f64 -2");
    expect("max(x)", "f64 5");
    expect("amin(i)", "i32 -7");
    expect("max(p)", "i32 1");
    expect("argmin(x)", "i64 2");
    expect("argmax(i)", "i64 0");  // the first of several
    expect("any(x > 4)", "bool 1");
    expect("any(x > 5)", "bool 0");
    expect("all(x > -3)", "bool 1");
    expect("all(x)", "bool 1");
    expect("all(l)", "bool 0");
    expect("count()", "i64 4");
    expect("count(x > 0)", "i64 3");
    expect("count(l)", "i64 3");
    expect("dot(x, s)", "f64 8.5");
    expect("dot(s, s)", "f32 7.5");
    expect("dot(i, l)", "i64 1999999979");
    expect("norm(x - 2)", "f64 5.47723");
    expect("norm(l)", "f64 3.74166");
}

TEST(Reductions, AreValuesLikeOthers) {
    expect("x - mean(x)", "f64 -1, f64 2, f64 -4, f64 3");
    expect("sum((x - mean(x))**2) / count()", "f64 7.5");
    expect("let m = max(x), n = min(x) in (x - n) / (m - n) >= 0.5", "bool 0, bool 1, bool 0, bool 1");
    expect("m = mean(x); d = x - m; v = mean(d*d)", "f64 2; f64 -1, f64 2, f64 -4, f64 3; f64 7.5");
    expect("sum(min(x, s)) + min(sum(x), 100)", "f64 9");
    expect("x > mean(x) ? x : mean(x)", "f64 2, f64 4, f64 2, f64 5");
    expect("sum(2)", "i64 8");
    expect("sum(1.5)", "f64 6");
    expect("s * mean(x)", "f64 1, f64 5, f64 2, f64 0");
    expect("s - mean(s)", "f32 -0.5, f32 1.5, f32 0, f32 -1");
}

TEST(Reductions, Predicates) {
    expect("sum(x, where=x > 0)", "f64 10");
    expect("sum(x, where=l)", "f64 4");
    expect("mean(x, where=p)", "f64 1.33333");
    expect("std(x, where=x > 0 and x < 5)", "f64 1.5");
    expect("min(x, where=x > 1)", "f64 4");
    expect("argmax(x, where=x < 5)", "i64 1");
    expect("argmin(x, where=p)", "i64 2");
    expect("count(where=x > 0)", "i64 3");
    expect("count(l > 0, where=p)", "i64 2");
    expect("all(x > 0, where=l != 3)", "bool 1");
    expect("dot(x, x, where=not p)", "f64 16");
    expect("avg(x, where=true)", "f64 2");
    expect("sum(x, where=x > mean(x))", "f64 9");
    // What would fail in the rows left out is not evaluated there.
    expect("sum(i // l, where=l != 0)", "i64 -1000000003");
    expect("sum(i // l)", "check 1 of 6 at 1");
}

TEST(Reductions, OfNoRows) {
    const auto none = [](const char* text) {
        EXPECT_EQ(rows_of(text, {column<double>("x", {})}), rows_of(text, {column<double>("x", {})}, Tier::Baseline));
        return rows_of(text, {column<double>("x", {})});
    };
    EXPECT_EQ(none("sum(x)"), "f64 0");
    EXPECT_EQ(none("prod(x)"), "f64 1");
    EXPECT_EQ(none("any(x > 0)"), "bool 0");
    EXPECT_EQ(none("all(x > 0)"), "bool 1");
    EXPECT_EQ(none("count()"), "i64 0");
    EXPECT_EQ(none("dot(x, x) + norm(x)"), "f64 0");
    for (const char* text : {"mean(x)", "var(x)", "std(x)"}) {
        const RowsResult r = RowRunner(text, {column<double>("x", {})}, 0).run();
        ASSERT_EQ(r.outputs.size(), 1u) << r.error;
        EXPECT_TRUE(r.outputs[0][0].is_nan()) << text;
    }
    for (const char* call : {"min(x)", "max(x)", "argmin(x)", "argmax(x)"}) EXPECT_EQ(none(call), "check 6 of 0");
    EXPECT_EQ(none("x - min(x)"), "check 6 of 4");
    EXPECT_EQ(none("count() > 0 ? min(x) : -1"), "f64 -1");
    EXPECT_EQ(none("-1 if count() == 0 else max(x)"), "f64 -1");
    EXPECT_EQ(none("count() > 0 and min(x) > 0"), "bool 0");
    EXPECT_EQ(none("count() == 0 or min(x) > 0"), "bool 1");
    EXPECT_EQ(none("where(count() > 0, min(x), -1)"), "check 6 of 19");
    EXPECT_EQ(none("count() > 0 ? (x ? max(x) : min(x)) : 0"), "");  // differs from row to row, and there are none
    // No row that the predicate keeps is the same as no row.
    expect("min(x, where=x > 9)", "check 6 of 0");
    expect("any(x > 9) ? min(x, where=x > 9) : 0", "f64 0");
    expect("sum(x, where=x > 9)", "f64 0");
    expect("all(x > 9, where=x > 9)", "bool 1");
}

TEST(Reductions, NaNs) {
    const std::vector<Column> c{column<double>("x", {3, std::nan(""), 1, std::nan("")})};
    EXPECT_EQ(rows_of("isnan(min(x)) and isnan(max(x)) and isnan(sum(x)) and isnan(std(x))", c), "bool 1");
    EXPECT_EQ(rows_of("argmin(x)", c), "i64 1");
    EXPECT_EQ(rows_of("argmax(x)", c), "i64 1");
    EXPECT_EQ(rows_of("max(x, where=not isnan(x))", c), "f64 3");
    EXPECT_EQ(rows_of("argmin(x, where=not isnan(x))", c), "i64 2");
    EXPECT_EQ(rows_of("count(x)", c), "i64 4");
}

TEST(Reductions, LeaveMissingValuesOut) {
    const std::vector<Column> c{column<double>("x", {1, 1e300, 3, 8}, {1, 0, 1, 1}),
                                column<double>("y", {1, 2, 1e300, 4}, {1, 1, 0, 1}), column<double>("z", {1, 2, 3, 4})};
    EXPECT_EQ(rows_of("sum(x)", c), "f64 12");
    EXPECT_EQ(rows_of("mean(x)", c), "f64 4");
    EXPECT_EQ(rows_of("var(x, where=z < 4)", c), "f64 1");
    EXPECT_EQ(rows_of("count()", c), "i64 4");
    EXPECT_EQ(rows_of("count(x > 2)", c), "i64 2");
    EXPECT_EQ(rows_of("count(is_null(x))", c), "i64 1");
    EXPECT_EQ(rows_of("all(x < 10)", c), "bool 1");
    EXPECT_EQ(rows_of("dot(x, y)", c), "f64 33");
    EXPECT_EQ(rows_of("mean(z, where=x > 2)", c), "f64 3.5");
    EXPECT_EQ(rows_of("argmax(y)", c), "i64 3");
    EXPECT_EQ(rows_of("x - min(x)", c), "f64 0, null, f64 2, f64 7");
    EXPECT_EQ(rows_of("coalesce(x, mean(x))", c), "f64 1, f64 4, f64 3, f64 8");
    EXPECT_EQ(rows_of("coalesce(x + y, z)", c), "f64 2, f64 2, f64 3, f64 12");
    EXPECT_EQ(rows_of("is_null(x) or is_null(y)", c), "bool 0, bool 1, bool 1, bool 0");
    EXPECT_EQ(rows_of("max(x, where=is_null(y))", c), "f64 3");
    // All that is left is missing.
    EXPECT_EQ(rows_of("min(x, where=is_null(x))", c), "check 6 of 0");
    EXPECT_EQ(rows_of("sum(x, where=is_null(x)) + count(where=is_null(x))", c), "f64 1");
}

TEST(Reductions, EqualOnesAreComputedOnce) {
    RowRunner r("(x - mean(x)) / std(x) + var(x) * count(not is_null(x)) / sum(x)", some(), 4);
    EXPECT_EQ(r.stages().reductions.size(), 3u);  // sum, deviations, count
    EXPECT_EQ(r.stages().reducing.size(), 1u);
}

TEST(Reductions, NamesOfColumnsMayBeThoseOfReductions) {
    EXPECT_EQ(rows_of("sum(count) / count", {column<double>("count", {1, 2, 5})}), "f64 8, f64 4, f64 1.6");
    EXPECT_NE(ir_of("mean + 1").find("%mean"), std::string::npos);
    EXPECT_EQ(errors_of("min + 1"), "EJ1103 0:3");
}

}  // namespace
}  // namespace exprjit::testing
