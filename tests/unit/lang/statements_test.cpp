// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Names: parameters, let, assignments, outputs, line breaks.
#include "run_text.h"

namespace exprjit::testing {
namespace {

// "a:f64 b:i32 -> t:f64"
std::string signature_of(std::string_view text, TextOptions options = {}) {
    Program program;
    auto compiled = compile_text(text, options, Limits(), program);
    if (!compiled.ok()) return explain(compiled.error());
    EXPECT_TRUE(verify(program, Limits()).ok()) << text;
    const Function& f = program.entry();
    std::string s;
    for (const Param& p : f.params) s += p.name + ":" + to_string(p.type) + " ";
    s += "->";
    for (size_t i = 0; i < f.results.size(); ++i) s += " " + f.result_names[i] + ":" + to_string(f.results[i]);
    return s;
}

TEST(Parameters, AreInferredInOrderOfFirstUse) {
    EXPECT_EQ(signature_of("b * a + b"), "b:f64 a:f64 -> :f64");
    EXPECT_EQ(signature_of("y if c else x"), "y:f64 c:f64 x:f64 -> :f64");
    EXPECT_EQ(signature_of("a ? b : c"), "a:f64 b:f64 c:f64 -> :f64");
    EXPECT_EQ(signature_of("1 + 2"), "-> :i64");
    EXPECT_EQ(signature_of("`wind speed` * größe + _x1"), "wind speed:f64 größe:f64 _x1:f64 -> :f64");
    EXPECT_EQ(signature_of("`a``b` + `if`"), "a`b:f64 if:f64 -> :f64");
    EXPECT_EQ(signature_of("x + X"), "x:f64 X:f64 -> :f64");
    EXPECT_EQ(signature_of("`x` + x"), "x:f64 -> :f64");
}

TEST(Parameters, DeclaredOnesAllComeFirstAndInOrder) {
    const TextParam params[] = {{"b", Storage::I32}, {"unused", Storage::F32}, {"a", Storage::Bool}};
    TextOptions options;
    options.params = params;
    EXPECT_EQ(signature_of("z + a + b", options), "b:i32 unused:f32 a:bool z:f64 -> :f64");
    options.declared = true;
    EXPECT_EQ(signature_of("a + b", options), "b:i32 unused:f32 a:bool -> :i32");
    EXPECT_EQ(errors_of("a + z", options), "EJ1100 4:5");
    const TextParam twice[] = {{"a", Storage::I32}, {"a", Storage::F32}};
    options.params = twice;
    Program program;
    auto compiled = compile_text("a", options, Limits(), program);
    ASSERT_FALSE(compiled.ok());
    EXPECT_EQ(compiled.error().diagnostics[0].code, 1107);
}

TEST(Parameters, MayBeNamedAsFunctionsAndConstants) {
    const Inputs s{{{"min", value(2.0)}, {"sin", value(0.0)}, {"e", value(5.0)}}};
    EXPECT_EQ(run("min + e", s), value(7.0));
    EXPECT_EQ(run("max(min, e)", s), value(5.0));
    EXPECT_EQ(run("min(min, e)", s), value(2.0));  // before a bracket it is the function
    EXPECT_EQ(run("cos(sin)", s), value(1.0));
    EXPECT_EQ(run("`e` * 2", s), value(10.0));
    EXPECT_EQ(signature_of("`sin` + 1"), "sin:f64 -> :f64");
}

TEST(Statements, OutputsAreTheFinalExpressionOrEveryAssignedName) {
    EXPECT_EQ(signature_of("t = x*x; t+1"), "x:f64 -> :f64");
    EXPECT_EQ(signature_of("t = x*x; u = t+1"), "x:f64 -> t:f64 u:f64");
    EXPECT_EQ(signature_of("t = x*x; u = t+1; t"), "x:f64 -> :f64");
    EXPECT_EQ(signature_of("let h = x/2; t = h; u = h + t"), "x:f64 -> t:f64 u:f64");
    EXPECT_EQ(signature_of("t = 1; u = true; v = 2.5"), "-> t:i64 u:bool v:f64");
    EXPECT_EQ(signature_of("t = x; t = t + 1; u = t; t = t * 2"), "x:f64 -> t:f64 u:f64");
    EXPECT_EQ(signature_of("t = 1;;; t + 1;"), "-> :i64");
    EXPECT_EQ(signature_of("t = let a = x in a*a"), "x:f64 -> t:f64");
    EXPECT_EQ(signature_of("`my out` = x"), "x:f64 -> my out:f64");
    EXPECT_EQ(errors_of("let t = x; let u = t"), "EJ1021 20:20");
    EXPECT_EQ(errors_of("x + 1; y"), "EJ1018 0:5");
}

TEST(Statements, ReassigningMakesANewValue) {
    const Inputs s{{{"x", value(3.0)}}};
    EXPECT_EQ(run_all("t = x; u = t + 1; t = t * 10", s), (std::vector<Value>{value(30.0), value(4.0)}));
    EXPECT_EQ(run("t = x; t = t*t; t = t*t; t", s), value(81.0));
    EXPECT_EQ(run("t = 1; let t = 2; u = t; u + t", s), value(int64_t{4}));
    // A let hides a name from there on; the output keeps what was assigned.
    EXPECT_EQ(run_all("t = 1; let t = 2; u = t", s), (std::vector<Value>{value(int64_t{1}), value(int64_t{2})}));
}

TEST(Statements, LetHidesOnlyInItsBody) {
    const Inputs s{{{"x", value(3.0)}}};
    EXPECT_EQ(run("(let x = 10.0 in x + 1) + x", s), value(14.0));
    EXPECT_EQ(run("let a = x, b = a + 1, a = b * 2 in a + b", s), value(12.0));
    EXPECT_EQ(run("let a = (let a = x + 1 in a * a) in a + 1", s), value(17.0));
    EXPECT_EQ(signature_of("(let t = 1 in t) + t"), "t:f64 -> :f64");
    EXPECT_EQ(run("let n = 2 in x ** n", s), value(9.0));
}

TEST(Statements, InputsCannotBeAssigned) {
    const TextParam params[] = {{"a", Storage::F64}};
    TextOptions options;
    options.params = params;
    EXPECT_EQ(errors_of("a = 3", options), "EJ1104 0:1");
    EXPECT_EQ(errors_of("x = x + 1"), "EJ1104 0:1");
    EXPECT_EQ(errors_of("y = x; x = 2"), "EJ1104 7:8");
}

TEST(Lines, BreaksEndStatementsWhereTheExpressionCanEnd) {
    const Inputs s{{{"a", value(2.0)}, {"b", value(5.0)}}};
    EXPECT_EQ(run("t = a\nu = b\nt * u", s), value(10.0));
    EXPECT_EQ(run("t = a *\n b\nt + 1", s), value(11.0));
    EXPECT_EQ(run("t = (a\n + b)\nt", s), value(7.0));
    EXPECT_EQ(run("max(a,\n\n b)", s), value(5.0));
    EXPECT_EQ(run("a > b\n ? a\n : b", s), value(5.0));
    EXPECT_EQ(run("a > b ?\na\n:\nb", s), value(5.0));
    EXPECT_EQ(run("a\nif a > b\nelse b", s), value(5.0));
    EXPECT_EQ(run("a\n * b\n", s), value(10.0));
    EXPECT_EQ(run("a < b\nand b < a", s), value(false));
    EXPECT_EQ(run("let t = a\nin t + b", s), value(7.0));
    EXPECT_EQ(run("let t = a\nt + b", s), value(7.0));
    EXPECT_EQ(run("\n\n  a\r\n\r\n", s), value(2.0));
    EXPECT_EQ(run("t = a\n-t", s), value(-2.0));
    EXPECT_EQ(run("t = a\n(t)", s), value(2.0));
    EXPECT_EQ(run("t = a\nif(t > 1, 1, 0)", s), value(int64_t{1}));
    EXPECT_EQ(errors_of("t = a\n+ b"), "EJ1020 6:7");
    EXPECT_EQ(errors_of("a\nb"), "EJ1018 0:1");
    EXPECT_EQ(errors_of("(a\nb)"), "EJ1011 3:4");
}

TEST(Lines, Comments) {
    const Inputs s{{{"a", value(7.0)}, {"b", value(2.0)}}};
    EXPECT_EQ(run("# first\na # second\n/ b # third", s), value(3.5));
    EXPECT_EQ(run("a /* in\nbetween */ // b", s), value(3.0));
    EXPECT_EQ(run("a//b", s), value(3.0));  // floor division, not a comment
    EXPECT_EQ(run("/**/a/***/", s), value(7.0));
    EXPECT_EQ(errors_of("a /* b"), "EJ1005 2:4");
}

}  // namespace
}  // namespace exprjit::testing
