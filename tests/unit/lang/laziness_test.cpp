// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Checks: where they are written, where they are not, and that what may be skipped is skipped.
#include "run_text.h"

namespace exprjit::testing {
namespace {

const Value kFailed = {Scalar::I64, 0, Exit::CheckFailed, {}};

Value failed(Scalar type) { return {type, 0, Exit::CheckFailed, {}}; }

Inputs integers(int64_t a, int64_t b, bool c = true) { return {{{"a", value(a)}, {"b", value(b)}, {"c", value(c)}}}; }

TEST(Checks, IntegerDivisionByZeroIsAnErrorUnlessAllowed) {
    EXPECT_EQ(run("a // b", integers(7, 2)), value(int64_t{3}));
    for (const char* text : {"a // b", "a % b", "rem(a, b)", "fmod(a, b)", "1 // b", "0 * (a // b)"}) {
        EXPECT_EQ(run(text, integers(7, 0)), kFailed) << text;
        Inputs zero = integers(7, 0);
        zero.options.div_mode = DivMode::Zero;
        EXPECT_EQ(run(text, zero), value(int64_t{0})) << text;
    }
    EXPECT_EQ(run("a / b", integers(7, 0)), value(std::numeric_limits<double>::infinity()));
    EXPECT_EQ(run("f64(a) // b", integers(7, 0)), value(std::numeric_limits<double>::infinity()));
    EXPECT_EQ(run("a ** b", integers(2, 10)), value(int64_t{1024}));
    EXPECT_EQ(run("a ** b", integers(2, -1)), kFailed);
    Inputs zero = integers(2, -1);
    zero.options.div_mode = DivMode::Zero;
    EXPECT_EQ(run("a ** b", zero), kFailed);  // a negative exponent is an error in either mode
}

TEST(Checks, AreOnlyWrittenWhereSomethingCanFail) {
    const TextParam params[] = {{"i", Storage::I32}, {"x", Storage::F64}, {"q", Storage::Bool}};
    TextOptions options;
    options.params = params;
    for (const char* text :
         {"i // 3", "i % -7", "x // x", "x % 0", "i / i", "i ** 5", "i ** -5", "i ** q", "x ** i", "rem(i, 4)"})
        EXPECT_EQ(ir_of(text, options).find("check"), std::string::npos) << text;
    for (const char* text : {"i // i", "i % q", "i ** i", "2 ** i", "rem(i, i)"})
        EXPECT_NE(ir_of(text, options).find("check"), std::string::npos) << text;
    EXPECT_EQ(errors_of("i // 0", options), "EJ1301 5:6");
    EXPECT_EQ(errors_of("rem(i, 0)", options), "EJ1301 7:8");
    options.div_mode = DivMode::Zero;
    EXPECT_EQ(ir_of("i // i + i % i", options).find("check"), std::string::npos);
    EXPECT_EQ(run("7 // 0",
                  [] {
                      Inputs s;
                      s.options.div_mode = DivMode::Zero;
                      return s;
                  }()),
              value(int64_t{0}));
}

TEST(Checks, SiteIsTheOperator) {
    const TextParam params[] = {{"i", Storage::I32}};
    TextOptions options;
    options.params = params;
    Program program;
    ASSERT_TRUE(compile_text("1 + (i //  i) + i ** i", options, Limits(), program).ok());
    std::vector<uint32_t> sites;
    for (uint32_t v = 0; v < program.entry().size(); ++v) {
        const Node& n = program.entry()[v];
        if (n.op != Op::Check) continue;
        sites.push_back(check_site(n.imm));
        EXPECT_EQ(program.entry().span_of(v).begin, check_site(n.imm));
        EXPECT_EQ(check_code(n.imm), sites.size() == 1 ? CheckCode::DivideByZero : CheckCode::Domain);
    }
    EXPECT_EQ(sites, (std::vector<uint32_t>{7, 18}));
}

TEST(Laziness, WhatIsNotChosenIsNotEvaluated) {
    for (const char* text : {"b == 0 ? -1 : a // b", "-1 if b == 0 else a // b", "a // b if b != 0 else -1",
                             "if(b == 0, -1, a // b)", "b ? a // b : -1"}) {
        EXPECT_EQ(run(text, integers(7, 2)), value(int64_t{3})) << text;
        EXPECT_EQ(run(text, integers(7, 0)), value(int64_t{-1})) << text;
    }
    EXPECT_EQ(run("where(b == 0, -1, a // b)", integers(7, 0)), kFailed);  // where evaluates both
}

TEST(Laziness, OfAndOrAndChains) {
    EXPECT_EQ(run("b != 0 and a // b > 2", integers(7, 2)), value(true));
    EXPECT_EQ(run("b != 0 and a // b > 2", integers(7, 0)), value(false));
    EXPECT_EQ(run("b == 0 or a // b > 2", integers(7, 2)), value(true));
    EXPECT_EQ(run("b == 0 or a // b > 9", integers(7, 2)), value(false));
    EXPECT_EQ(run("b == 0 or a // b > 2", integers(7, 0)), value(true));
    EXPECT_EQ(run("a // b > 2 and b != 0", integers(7, 0)), failed(Scalar::Bool));
    EXPECT_EQ(run("0 < b < a // b", integers(7, 2)), value(true));
    EXPECT_EQ(run("0 < b < a // b", integers(7, 0)), value(false));
    EXPECT_EQ(run("0 <= b < a // b", integers(7, 0)), failed(Scalar::Bool));
    EXPECT_EQ(run("0 < b < a // b < a % b + 9 < 99", integers(7, 2)), value(true));
    EXPECT_EQ(run("0 < b < a // b < a % b + 9 < 9", integers(7, 2)), value(false));
    EXPECT_EQ(run("0 < b < 3 < a // b < 9", integers(7, 2)), value(false));
    EXPECT_EQ(run("0 < b < 3 < a // b < 9", integers(17, 2)), value(true));
    EXPECT_EQ(run("not (b == 0 or a // b > 2 and a % b == 1)", integers(7, 2)), value(false));
    EXPECT_EQ(run("(b != 0 and a // b) ? a % b : -5", integers(7, 0)), value(int64_t{-5}));
}

TEST(Laziness, NestsAndMixesTypes) {
    EXPECT_EQ(run("c ? (b ? a // b : 0.5) : -1", integers(7, 2)), value(3.0));
    EXPECT_EQ(run("c ? (b ? a // b : 0.5) : -1", integers(7, 0)), value(0.5));
    EXPECT_EQ(run("c ? (b ? a // b : 0.5) : -1", integers(7, 2, false)), value(-1.0));
    EXPECT_EQ(run("c ? let q = a // b in q * q : q0",
                  {{{"a", value(int64_t{7})}, {"b", value(int64_t{2})}, {"c", value(true)}, {"q0", value(1.5)}}}),
              value(9.0));
    EXPECT_EQ(run("let q = a // b in c ? q : 0", integers(7, 0, false)), kFailed);  // evaluated where it is defined
}

TEST(Laziness, NothingToSkipIsASelect) {
    const std::string ir = ir_of("a < b and b < c ? a : b or c");
    EXPECT_EQ(ir.find("if "), std::string::npos) << ir;
    EXPECT_NE(ir.find("select"), std::string::npos) << ir;
}

TEST(Logic, OnNumbersMeansNotZero) {
    const double nan = std::nan("");
    for (const double x : {0.0, -0.0, 1.0, -2.5, nan})
        for (const double y : {0.0, -0.0, 1.0, nan}) {
            const Inputs s{{{"x", value(x)}, {"y", value(y)}}};
            EXPECT_EQ(run("x and y", s), value(x != 0 && y != 0));
            EXPECT_EQ(run("x or y", s), value(x != 0 || y != 0));
            EXPECT_EQ(run("not x", s), value(!(x != 0)));
            EXPECT_EQ(run("!x", s), value(!(x != 0)));
            EXPECT_EQ(run("x ? 1 : 2", s), value(int64_t{x != 0 ? 1 : 2}));
            EXPECT_EQ(run("bool(x)", s), value(x != 0));
        }
    EXPECT_EQ(run("2 and 3"), value(true));
    EXPECT_EQ(run("0 or 0.0"), value(false));
}

}  // namespace
}  // namespace exprjit::testing
