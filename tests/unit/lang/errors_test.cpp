// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What is wrong, exactly where, and the way out.
#include "run_text.h"

namespace exprjit::testing {
namespace {

struct Wrong {
    const char* text;
    const char* errors;  // every diagnostic in order
    const char* hint;    // part of the first one's hint; "" is not looked at
};

constexpr Wrong kWrong[] = {
    // A value is missing.
    {"", "EJ1019 0:0", "a*b + c"},
    {"  # nothing", "EJ1019 11:11", ""},
    {";;", "EJ1019 2:2", ""},
    {"x +", "EJ1010 3:3", ""},
    {"x + * y", "EJ1010 4:5", ""},
    {"* x", "EJ1010 0:1", ""},
    {"()", "EJ1010 0:2", ""},
    {"2 * ()", "EJ1010 4:6", ""},
    {"max(x,,y)", "EJ1010 6:7", ""},
    {"max(x,)", "EJ1010 6:7", ""},
    {"x += 1", "EJ1010 3:4", "x = x + "},
    {"x === y", "EJ1010 4:5", "=="},
    {"not", "EJ1010 3:3", ""},
    {"t =", "EJ1010 3:3", ""},
    {"a ? : b", "EJ1010 4:5", ""},
    {"if x: 1", "EJ1010 0:2, EJ1012 4:5", "a if condition else b"},
    // An operator is missing.
    {"x y", "EJ1011 2:3", "x * y"},
    {"2x", "EJ1011 1:2", "2 * x"},
    {"2 pi", "EJ1011 2:4", "2 * pi"},
    {"(x)(y)", "EJ1011 3:4", "*"},
    {"2(x)", "EJ1011 1:2", "*"},
    {"x y z w", "EJ1011 2:3", ""},  // once per statement
    {"x y; t = 1 2; 3", "EJ1011 2:3, EJ1011 11:12", ""},
    {"x not y", "EJ1011 2:5", ""},
    // Brackets.
    {"(x + y", "EJ1013 0:1", ")"},
    {"((((", "EJ1013 3:4, EJ1010 4:4", ""},
    {"sin(x", "EJ1013 0:3", ")"},
    {"x + y)", "EJ1012 5:6", "delete"},
    {"(x; y)", "EJ1013 0:1", ""},
    {"x, y", "EJ1014 1:2", ";"},
    {"(1,5 + x)", "EJ1014 2:3", "point"},
    // Conditionals and let.
    {"a ? b", "EJ1016 2:3", ":"},
    {"a if b", "EJ1016 2:4", "else"},
    {"(a ? b) + c", "EJ1016 3:4", ":"},
    {"a : b", "EJ1012 2:3", "?"},
    {"a else b", "EJ1012 2:6", "if"},
    {"a in b", "EJ1012 2:4", "let"},
    {"1 + let x = 2", "EJ1017 4:7", "in"},
    {"t = let x = 2", "EJ1017 4:7", "in"},
    {"let x", "EJ1017 4:5", "let name = value"},
    {"l = let  x*(z + 1", "EJ1017 4:7, EJ1017 9:10, EJ1013 11:12", ""},
    {"let a = 1, b in a*b", "EJ1017 11:12", ""},
    {"let 3 = x in x", "EJ1017 4:5", ""},
    {"let if = 3 in x", "EJ1017 4:6", ""},
    {"let x == 3 in x", "EJ1017 4:5", ""},
    // = is no comparison.
    {"a = b = c", "EJ1015 6:7", "=="},
    {"x > 1 and y = 2", "EJ1015 12:13", "=="},
    {"(x = 3)", "EJ1015 3:4", "=="},
    {"x => 3", "EJ1015 2:3", ">="},
    {"x =< 3", "EJ1015 2:3", "<="},
    {"x <> 3", "EJ1010 3:4", "!="},
    {"x < > 3", "EJ1010 4:5", ""},
    {"|x|", "EJ1010 0:1, EJ1010 3:3", "abs(x)"},
    {"t = 1 u = 2", "EJ1011 6:7, EJ1015 8:9", "separated by ;"},
    {"x AND y", "EJ1011 2:5", "and"},
    {"x Xor y", "EJ1011 2:5", "xor"},
    {"a = 1 ? 2 : 3 = 4", "EJ1015 14:15", "=="},
    // Names and functions.
    {"sine(x)", "EJ1101 0:4", "'sin'"},
    {"Sin(x)", "EJ1101 0:3", "'sin'"},
    {"sqtr(x)", "EJ1101 0:4", "'sqrt'"},
    {"arctanh2(x)", "EJ1101 0:8", "'arctan2'"},
    {"zzz(x)", "EJ1101 0:3", "zzz * (…)"},
    {"f(x) + g(y)", "EJ1101 0:1, EJ1101 7:8", ""},
    {"x + x(y)", "EJ1102 4:5", "x * (…)"},
    {"pi(x)", "EJ1102 0:2", "pi * (…)"},
    {"sin", "EJ1103 0:3", "sin(x)"},
    {"sin x", "EJ1103 0:3", ""},
    {"median(x)", "EJ1105 0:6", "argmax dot norm"},
    {"1 + cumsum(x + 1) * 2", "EJ1105 4:10", ""},
    {"nanmean(x)", "EJ1105 0:7", "mean(x, where=not isnan(x))"},
    {"ptp(x) + nanmax(y)", "EJ1105 0:3, EJ1105 9:15", "max(x) - min(x)"},
    {"sum()", "EJ1106 0:5", "sum(x"},
    {"sum(x, y > 0)", "EJ1106 0:13", "sum(x, where=c)"},
    {"dot(x, y, x > 0)", "EJ1106 0:16", "dot(x, y, where=c)"},
    {"sum(where=x)", "EJ1106 0:12", ""},
    {"count(1, 2)", "EJ1106 0:11", ""},
    {"fmin(x)", "EJ1106 0:7", "min(x, where=not isnan(x))"},
    {"sum(x, axis=0)", "EJ1108 7:11", "where="},
    {"sum(x = 3)", "EJ1108 4:5", "=="},
    {"sin(x, where=y)", "EJ1108 7:12", "reductions"},
    {"min(x, y, where=x)", "EJ1108 0:18", "min(x, where=c)"},
    {"sum(where=x, y)", "EJ1108 13:14", "first"},
    {"sum(x, where=x, where=y)", "EJ1108 16:21", "and"},
    {"sum(x, where=x & 1)", "EJ1200 13:14", ""},
    {"foo(x, where=x)", "EJ1101 0:3", ""},
    {"if(x = 3, 1, 2)", "EJ1015 5:6", "=="},
    // A reduction runs once, so it cannot be skipped together with a division.
    {"x > 0 ? sum(i64(x) // i64(y)) : 0", "EJ1022 8:29", "let s = "},
    {"x > 0 ? i64(x) // i64(y) : sum(x)", "EJ1022 27:33", "where(c, a, b)"},
    {"x and sum(x) > i64(x) // i64(y)", "EJ1022 6:31", ""},
    {"sum(sum(i64(x) // i64(y)), where=y)", "EJ1022 0:35", ""},
    {"x < y < i64(x) // i64(y) < sum(x)", "EJ1022 27:33", ""},
    {"atan2(x)", "EJ1106 0:8", "atan2(y, x)"},
    {"sin()", "EJ1106 0:5", "sin(x)"},
    {"clamp(x, 1)", "EJ1106 0:11", "clamp(x, lo, hi)"},
    {"round(x, 2)", "EJ1106 0:11", "round(x * 10**n) / 10**n"},
    {"1 + if(a, b)", "EJ1106 4:12", "if(c, a, b)"},
    // Types.
    {"x & 1", "EJ1200 0:1", "and"},
    {"1 | x", "EJ1200 4:5", "or"},
    {"x xor y", "EJ1200 0:1, EJ1200 6:7", ""},
    {"1 << 2.5", "EJ1200 5:8", "i64"},
    {"~x", "EJ1200 1:2", "not"},
    {"popcount(x + 1)", "EJ1200 9:14", "i64"},
    // Characters.
    {"x @ y", "EJ1002 2:3", "backquotes"},
    {"a[1]", "EJ1002 1:2, EJ1002 3:4", "( and )"},
    {"\"s\"", "EJ1002 0:1, EJ1002 2:3", "strings"},
    {"x.y", "EJ1002 1:2", "backquotes"},
    {"x²", "EJ1002 1:3", "^2"},
    {"x – y", "EJ1002 2:5", "-"},
    {"x \x01 y", "EJ1002 2:3", "delete"},
    {"$$$$ x", "EJ1002 0:4", ""},
    {"x\u200by", "EJ1002 1:4", "delete"},
    {"x\u00ady", "EJ1002 1:3", "delete"},
    {"x\u202ey", "EJ1002 1:4", "delete"},
    {"x\u00b7y", "EJ1002 1:3", "*"},
    {"（x＋1）", "EJ1002 0:3, EJ1002 4:7, EJ1002 8:11", "write ("},
    {"`abc", "EJ1004 0:4", "backquote"},
    {"`ab\nc`", "EJ1004 0:3, EJ1004 5:6", ""},
    {"`` + 1", "EJ1004 0:2", ""},
    {"x \xff y", "EJ1001 2:3", "UTF-8"},
    {"\xc0\xaf", "EJ1001 0:2", ""},
    {"`\xe2\x82`", "EJ1001 1:2, EJ1001 2:3", ""},
    // Several at once, and nothing that only follows from another.
    {"(x + ) * sine(y) + 3 & 1.5", "EJ1010 5:6, EJ1101 9:13", ""},
    {"(1.5 & 2) + (3 | 2.5) * undefined()", "EJ1200 1:4, EJ1200 17:20, EJ1101 24:33", ""},
    {"t = foo(x); t + t; u = bar(t)", "EJ1101 4:7, EJ1101 23:26", ""},
};

TEST(Errors, CodesAndSpansAreExact) {
    for (const Wrong& w : kWrong) {
        EXPECT_EQ(errors_of(w.text), w.errors) << w.text;
        EXPECT_NE(first_error(w.text).hint.find(w.hint), std::string::npos)
            << w.text << "\nhint: " << first_error(w.text).hint << "\nwanted: " << w.hint;
    }
}

TEST(Errors, UnknownVariables) {
    const TextParam params[] = {{"distance", Storage::F64}, {"speed", Storage::F64}};
    TextOptions options;
    options.params = params;
    options.declared = true;
    EXPECT_EQ(errors_of("distnace / sped + q", options), "EJ1100 0:8, EJ1100 11:15, EJ1100 18:19");
    EXPECT_EQ(first_error("distnace", options).hint, "did you mean 'distance'?");
    EXPECT_EQ(first_error("Speed", options).hint, "did you mean 'speed'?");
    EXPECT_EQ(first_error("NOT speed", options).hint, "did you mean 'not'?");
    EXPECT_EQ(errors_of("let x in x + speed", options), "EJ1017 4:5");  // x is known, if not its value
    EXPECT_EQ(errors_of("q + q + q", options), "EJ1100 0:1");           // once per name
    EXPECT_EQ(errors_of("t = speed; tt", options), "EJ1100 11:13");
}

TEST(Errors, StatusTellsTheKind) {
    EXPECT_EQ(first_error("x +").status, Status::Syntax);
    EXPECT_EQ(first_error("foo(x)").status, Status::Name);
    EXPECT_EQ(first_error("x & 1").status, Status::Type);
    EXPECT_EQ(first_error("1 // 0").status, Status::DivideByZero);
}

TEST(Errors, AreAtMostTwentyAndInOrder) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "foo(x) + ";
    Program program;
    auto compiled = compile_text(text + "1", TextOptions(), Limits(), program);
    ASSERT_FALSE(compiled.ok());
    const auto& list = compiled.error().diagnostics;
    ASSERT_EQ(list.size(), 20u);
    for (size_t i = 0; i < list.size(); ++i) EXPECT_EQ(list[i].span.begin, 9 * i);
}

TEST(Errors, LongNamesAreCut) {
    const std::string name(100000, 'q');
    const Diagnostic d = first_error(name + "(x)");
    EXPECT_LT(d.message.size(), 100u);
    EXPECT_LT(d.hint.size(), 200u);
    EXPECT_EQ(d.span, (Span{0, 100000}));
}

TEST(Errors, ACompilerGoesOnWorkingAfterThem) {
    for (const Wrong& w : kWrong) {
        errors_of(w.text);
        EXPECT_EQ(run("1 + x", {{{"x", value(2.0)}}}), value(3.0)) << w.text;
    }
}

TEST(Positions, OfNodesAreThoseOfTheirText) {
    const TextParam params[] = {{"i", Storage::I64}, {"x", Storage::F64}};
    TextOptions options;
    options.params = params;
    const std::string text = "(x + 1) * max(x, 2, i) - pow(x, i) + if(x, 3, x)";
    Program program;
    ASSERT_TRUE(compile_text(text, options, Limits(), program).ok());
    const Function& f = program.entry();
    ASSERT_EQ(f.spans.size(), f.nodes.size());
    const auto text_of = [&](Op op) {
        std::string all;
        for (uint32_t v = 0; v < f.size(); ++v)
            if (f[v].op == op && f.span_of(v).valid())
                all += text.substr(f.span_of(v).begin, f.span_of(v).end - f.span_of(v).begin) + "|";
        return all;
    };
    EXPECT_EQ(text_of(Op::Mul), "(x + 1) * max(x, 2, i)|");
    EXPECT_EQ(text_of(Op::Max), "max(x, 2, i)|max(x, 2, i)|");
    EXPECT_EQ(text_of(Op::Pow), "pow(x, i)|");
    EXPECT_EQ(text_of(Op::Select), "if(x, 3, x)|");
    EXPECT_EQ(text_of(Op::Sub), "(x + 1) * max(x, 2, i) - pow(x, i)|");
}

}  // namespace
}  // namespace exprjit::testing
