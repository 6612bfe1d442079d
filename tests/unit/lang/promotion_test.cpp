// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The type of every operator for every pair of operand types, against tables written down by hand (DESIGN 6,
// docs/language.md).
#include <string>

#include "run_text.h"

namespace exprjit::testing {
namespace {

// b, i, l, f, d: bool, i32, i64, f32, f64; 1 and 1.0 are literals.
constexpr const char* kOperands[] = {"b", "i", "l", "f", "d", "1", "1.0"};

std::string type_of(const std::string& text) {
    const TextParam params[] = {
        {"b", Storage::Bool}, {"i", Storage::I32}, {"l", Storage::I64}, {"f", Storage::F32}, {"d", Storage::F64}};
    TextOptions options;
    options.params = params;
    options.declared = true;
    Program program;
    auto compiled = compile_text(text, options, Limits(), program);
    if (!compiled.ok()) return "EJ" + std::to_string(compiled.error().diagnostics[0].code);
    EXPECT_TRUE(verify(program, Limits()).ok()) << text;
    return to_string(program.entry().results[0]);
}

using Table = const char* [7][7];

void expect(const char* op, const Table& table) {
    for (int a = 0; a < 7; ++a)
        for (int b = 0; b < 7; ++b) {
            const std::string text = std::string(kOperands[a]) + " " + op + " " + kOperands[b];
            EXPECT_EQ(type_of(text), table[a][b]) << text;
        }
}

constexpr Table kArithmetic = {
    {"i32", "i32", "i64", "f32", "f64", "i32", "f64"},  // bool
    {"i32", "i32", "i64", "f64", "f64", "i32", "f64"},  // i32
    {"i64", "i64", "i64", "f64", "f64", "i64", "f64"},  // i64
    {"f32", "f64", "f64", "f32", "f64", "f32", "f32"},  // f32
    {"f64", "f64", "f64", "f64", "f64", "f64", "f64"},  // f64
    {"i32", "i32", "i64", "f32", "f64", "i64", "f64"},  // integer literal
    {"f64", "f64", "f64", "f32", "f64", "f64", "f64"},  // float literal
};

TEST(Promotion, Arithmetic) {
    for (const char* op : {"+", "-", "*", "//", "%"}) expect(op, kArithmetic);
}

TEST(Promotion, Division) {
    constexpr Table table = {
        {"f64", "f64", "f64", "f32", "f64", "f64", "f64"}, {"f64", "f64", "f64", "f64", "f64", "f64", "f64"},
        {"f64", "f64", "f64", "f64", "f64", "f64", "f64"}, {"f32", "f64", "f64", "f32", "f64", "f32", "f32"},
        {"f64", "f64", "f64", "f64", "f64", "f64", "f64"}, {"f64", "f64", "f64", "f32", "f64", "f64", "f64"},
        {"f64", "f64", "f64", "f32", "f64", "f64", "f64"},
    };
    expect("/", table);
}

TEST(Promotion, Power) {
    for (int a = 0; a < 7; ++a)
        for (int b = 0; b < 7; ++b) {
            const std::string text = std::string(kOperands[a]) + " ** " + kOperands[b];
            // A literal integer exponent leaves the type of the base alone.
            const std::string wanted = b == 5 ? (a == 0   ? "i32"
                                                 : a == 6 ? "f64"
                                                          : kArithmetic[a][a])
                                              : kArithmetic[a][b];
            EXPECT_EQ(type_of(text), wanted) << text;
        }
    EXPECT_EQ(type_of("i ** -1"), "f64");
    EXPECT_EQ(type_of("f ** -1"), "f32");
    EXPECT_EQ(type_of("b ** -1"), "f64");
    EXPECT_EQ(type_of("f ** 17"), "f32");
    EXPECT_EQ(type_of("i ** 17"), "i32");
    EXPECT_EQ(type_of("l ** -17"), "f64");
    EXPECT_EQ(type_of("10 ** -3"), "f64");
    EXPECT_EQ(type_of("f * 10 ** -3"), "f32");
}

TEST(Promotion, BitOperators) {
    for (const char* op : {"&", "|", "xor"}) {
        for (int a = 0; a < 7; ++a)
            for (int b = 0; b < 7; ++b) {
                const std::string text = std::string(kOperands[a]) + " " + op + " " + kOperands[b];
                const bool is_float = a == 3 || a == 4 || a == 6 || b == 3 || b == 4 || b == 6;
                EXPECT_EQ(type_of(text), is_float ? "EJ1200" : a == 0 && b == 0 ? "bool" : kArithmetic[a][b]) << text;
            }
    }
    for (const char* op : {"<<", ">>"}) {
        for (int a = 0; a < 7; ++a)
            for (int b = 0; b < 7; ++b) {
                const std::string text = std::string(kOperands[a]) + " " + op + " " + kOperands[b];
                const bool is_float = a == 3 || a == 4 || a == 6 || b == 3 || b == 4 || b == 6;
                EXPECT_EQ(type_of(text), is_float ? "EJ1200" : kArithmetic[a][b]) << text;
            }
    }
    EXPECT_EQ(type_of("~b"), "bool");
    EXPECT_EQ(type_of("~i"), "i32");
    EXPECT_EQ(type_of("~l"), "i64");
    EXPECT_EQ(type_of("~f"), "EJ1200");
    EXPECT_EQ(type_of("~1"), "i64");
}

TEST(Promotion, UnaryAndConditional) {
    EXPECT_EQ(type_of("-b"), "i32");
    EXPECT_EQ(type_of("+b"), "i32");
    EXPECT_EQ(type_of("-f"), "f32");
    for (int a = 0; a < 7; ++a) {
        EXPECT_EQ(type_of(std::string("not ") + kOperands[a]), "bool");
        for (int b = 0; b < 7; ++b) {
            const std::string x = kOperands[a], y = kOperands[b];
            const std::string wanted = a == 0 && b == 0 ? "bool" : kArithmetic[a][b];
            EXPECT_EQ(type_of("d ? " + x + " : " + y), wanted) << x << " " << y;
            EXPECT_EQ(type_of("where(i, " + x + ", " + y + ")"), wanted) << x << " " << y;
            EXPECT_EQ(type_of(x + " and " + y), "bool");
            EXPECT_EQ(type_of(x + " or " + y), "bool");
            for (const char* op : {"<", "<=", "==", "!=", ">", ">="})
                EXPECT_EQ(type_of(x + op + y), "bool") << x << op << y;
        }
    }
}

TEST(Promotion, LiteralsStayWeakThroughExpressionsOfLiterals) {
    EXPECT_EQ(type_of("f * (1 / 3)"), "f32");
    EXPECT_EQ(type_of("f * 2 * pi"), "f32");
    EXPECT_EQ(type_of("2 * pi * f"), "f32");
    EXPECT_EQ(type_of("f * sqrt(2)"), "f32");
    EXPECT_EQ(type_of("f * (b ? 1 : 0)"), "f32");
    EXPECT_EQ(type_of("i + (b ? 1 : 0)"), "i32");
    EXPECT_EQ(type_of("i + abs(-3)"), "i32");
    EXPECT_EQ(type_of("let n = 2 in f * n"), "f32");
    EXPECT_EQ(type_of("n = 2; f ** n"), "f32");
    // What is only known when it runs must not lose its upper half for it.
    EXPECT_EQ(type_of("i + (b ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("i + where(b, 1, -3000000000)"), "i64");
    EXPECT_EQ(type_of("b * (d > 1 ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("i * ((b ? 100000 : 1) * 100000)"), "i64");
    EXPECT_EQ(type_of("i + min((b ? 5000000000 : 1), 7)"), "i64");
    EXPECT_EQ(type_of("min(i, b ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("i | -(b ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("i // (b ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("b ? i : (d > 1 ? 5000000000 : 1)"), "i64");
    EXPECT_EQ(type_of("n = b ? 5000000000 : 1; i + n"), "i64");
    EXPECT_EQ(type_of("i + (let m = d, n = 5000000000 in n)"), "i64");
    EXPECT_EQ(type_of("i // (b ? 2 : 3)"), "i32");
    EXPECT_EQ(type_of("i & ~(b ? 2 : 3)"), "i32");
    EXPECT_EQ(type_of("f * (b ? 5000000000 : 1)"), "f32");
    // A cast is not weak.
    EXPECT_EQ(type_of("f * f64(2)"), "f64");
    EXPECT_EQ(type_of("i + i64(1)"), "i64");
    EXPECT_EQ(type_of("f * float(2)"), "f64");
}

TEST(Promotion, OfThreeDoesNotDependOnTheOrder) {
    for (const char* text : {"clamp(b, 0.5, f)", "clamp(f, b, 0.5)", "clamp(0.5, f, b)"})
        EXPECT_EQ(type_of(text), "f32");
    for (const char* text : {"max(i, 1.0, f)", "max(1.0, f, i)", "max(f, i, 1.0)"}) EXPECT_EQ(type_of(text), "f64");
}

TEST(Promotion, FunctionsOfIntegers) {
    for (const char* f : {"abs", "sign", "floor", "ceil", "trunc", "round", "round_away", "relu"}) {
        EXPECT_EQ(type_of(std::string(f) + "(i)"), "i32") << f;
        EXPECT_EQ(type_of(std::string(f) + "(l)"), "i64") << f;
        EXPECT_EQ(type_of(std::string(f) + "(b)"), "i32") << f;
        EXPECT_EQ(type_of(std::string(f) + "(f)"), "f32") << f;
    }
    for (const char* f : {"sqrt", "sin", "exp", "log", "frac", "gamma", "sigmoid"}) {
        EXPECT_EQ(type_of(std::string(f) + "(i)"), "f64") << f;
        EXPECT_EQ(type_of(std::string(f) + "(b)"), "f64") << f;
        EXPECT_EQ(type_of(std::string(f) + "(f)"), "f32") << f;
    }
    EXPECT_EQ(type_of("min(i, l)"), "i64");
    EXPECT_EQ(type_of("fmin(i, l)"), "i64");
    EXPECT_EQ(type_of("fmin(i, f)"), "f64");
    EXPECT_EQ(type_of("avg(i, i)"), "f64");
    EXPECT_EQ(type_of("avg(f, 1)"), "f32");
    EXPECT_EQ(type_of("clamp(i, 0, 10)"), "i32");
    EXPECT_EQ(type_of("inrange(i, 0, 10)"), "bool");
    EXPECT_EQ(type_of("popcount(i)"), "i32");
    EXPECT_EQ(type_of("rotl(i, l)"), "i64");
    EXPECT_EQ(type_of("rem(i, l)"), "i64");
    EXPECT_EQ(type_of("fmod(f, 2)"), "f32");
    EXPECT_EQ(type_of("atan2(f, 1)"), "f32");
    EXPECT_EQ(type_of("square(i)"), "i32");
}

TEST(Promotion, NarrowStorageActsAsWhatItWidensTo) {
    const TextParam params[] = {{"a", Storage::I8},  {"b", Storage::U16}, {"c", Storage::U32},
                                {"d", Storage::F16}, {"e", Storage::U8},  {"f", Storage::I16}};
    TextOptions options;
    options.params = params;
    Program program;
    ASSERT_TRUE(compile_text("a", options, Limits(), program).ok());
    const Type wanted[] = {kI32, kI32, kI64, kF32, kI32, kI32};
    ASSERT_EQ(program.entry().params.size(), 6u);
    for (size_t i = 0; i < 6; ++i) EXPECT_EQ(program.entry().params[i].type, wanted[i]);
}

TEST(Promotion, ResultTypeConvertsEveryOutput) {
    Inputs s{{{"x", value(2.75)}, {"i", value(int32_t{7})}}};
    s.options.result_type = Scalar::F32;
    EXPECT_EQ(run("x", s), value(2.75f));
    EXPECT_EQ(run("i", s), value(7.0f));
    EXPECT_EQ(run("3", s), value(3.0f));
    s.options.result_type = Scalar::I32;
    EXPECT_EQ(run("x", s), value(int32_t{2}));
    EXPECT_EQ(run("1e300", s), value(INT32_MAX));
    EXPECT_EQ(run("3000000000", s), value(INT32_MAX));
    s.options.result_type = Scalar::Bool;
    EXPECT_EQ(run_all("u = x; v = i - 7", s), (std::vector<Value>{value(true), value(false)}));
}

}  // namespace
}  // namespace exprjit::testing
