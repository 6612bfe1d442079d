// SPDX-License-Identifier: MIT OR Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "ir/text.h"
#include "ir/verify.h"
#include "program_equal.h"
#include "random_program.h"

namespace exprjit {
namespace {

std::string explain(const Error& error) {
    std::string all;
    for (const Diagnostic& d : error.diagnostics)
        all += "EJ" + std::to_string(d.code) + " " + std::to_string(d.span.begin) + ":" + std::to_string(d.span.end) +
               " " + d.message + "\n";
    return all;
}

Program parsed(std::string_view text) {
    auto p = parse_ir(text, Limits());
    EXPECT_TRUE(p.ok()) << (p.ok() ? "" : explain(p.error())) << text;
    return p.ok() ? std::move(*p) : Program();
}

// The single diagnostic that `text` gives.
Diagnostic complaint(std::string_view text, const Limits& limits = {}) {
    auto p = parse_ir(text, limits);
    EXPECT_FALSE(p.ok()) << text;
    if (p.ok()) return {};
    EXPECT_EQ(p.error().diagnostics.size(), 1u) << explain(p.error());
    return p.error().diagnostics[0];
}

// Wraps lines of a body into a function of one f64 parameter %a.
std::string with_body(std::string_view lines) { return "func @f(%a: f64) -> (f64) {\n" + std::string(lines) + "}\n"; }

TEST(IrText, RandomProgramsRoundTripExactly) {
    for (uint64_t seed = 0; seed < 400; ++seed) {
        testing::RandomOptions options;
        options.spans = seed % 3 == 0;
        options.internal = seed % 5 == 0;
        options.columns = seed % 2 == 0;
        Program p = testing::random_program(seed, options);
        p.flags = static_cast<uint32_t>(seed % 4);
        const std::string text = print(p);
        auto q = parse_ir(text, Limits());
        ASSERT_TRUE(q.ok()) << "seed " << seed << "\n" << explain(q.error()) << text;
        ASSERT_EQ(testing::first_difference(p, *q), "") << "seed " << seed << "\n" << text;
        ASSERT_EQ(print(*q), text) << "seed " << seed;
    }
}

TEST(IrText, ConstantsKeepTheirBits) {
    const std::pair<Scalar, uint64_t> cases[] = {{Scalar::F64, 0x8000000000000000},
                                                 {Scalar::F64, 0x3fb999999999999a},
                                                 {Scalar::F64, 1},
                                                 {Scalar::F64, 0x7fefffffffffffff},
                                                 {Scalar::F64, 0x7ff0000000000000},
                                                 {Scalar::F64, 0xfff0000000000000},
                                                 {Scalar::F64, 0x7ff8000000000000},
                                                 {Scalar::F64, 0xfff800000000beef},
                                                 {Scalar::F64, 0x4340000000000001},
                                                 {Scalar::F64, 0xc008000000000000},
                                                 {Scalar::F32, 0x80000000},
                                                 {Scalar::F32, 0x3dcccccd},
                                                 {Scalar::F32, 1},
                                                 {Scalar::F32, 0x7f7fffff},
                                                 {Scalar::F32, 0xff800000},
                                                 {Scalar::F32, 0x7fc00001},
                                                 {Scalar::F32, 0x4b800001},
                                                 {Scalar::I32, 0x80000000},
                                                 {Scalar::I32, 0xffffffff},
                                                 {Scalar::I64, 0x8000000000000000},
                                                 {Scalar::I64, 0x7fffffffffffffff},
                                                 {Scalar::I64, UINT64_MAX},
                                                 {Scalar::Bool, 0},
                                                 {Scalar::Bool, 1},
                                                 {Scalar::I32, 0x100000000},
                                                 {Scalar::Bool, 7}};
    for (const auto& [type, bits] : cases) {
        Program p;
        p.functions.emplace_back();
        Builder b(p.entry());
        b.ret(b.constant(type, bits));
        const std::string text = print(p);
        EXPECT_EQ(parsed(text).entry()[0].imm, bits) << text;
    }
}

TEST(IrText, ReadsWhatAPersonWrites) {
    const Program p = parsed("; a comment\nfunc @f ( %a : f64 ,\n  %b:f64 )->( f64 ) {\n\n %s = add f64 %a,%b ; sum\n"
                             "  %t = const f64 1.5e0\n %07 = mul f64 %s , %t !3:9\nreturn %07\n}  ; end");
    ASSERT_EQ(p.functions.size(), 1u);
    EXPECT_EQ(p.entry().size(), 6u);
    EXPECT_EQ(p.entry()[3].imm, 0x3ff8000000000000u);
    EXPECT_EQ(p.entry().span_of(4), (Span{3, 9}));
    EXPECT_FALSE(p.entry().span_of(2).valid());
    EXPECT_TRUE(verify(p, Limits()).ok());
}

TEST(IrText, LinksAreSetFromTheNesting) {
    const Program p = parsed("func @f(%n: i64) -> (i64) {\n"
                             "  loop %n\n"                // 1
                             "    %c = carried i64 #0\n"  // 2
                             "    for %c, %n, %n\n"       // 3
                             "      %i = index i64\n"     // 4
                             "      continue %i, #1\n"    // 5
                             "    end_for\n"              // 6
                             "    break %c, #0\n"         // 7
                             "  %r = end_loop i64\n"      // 8
                             "  return %r\n}\n");
    const Function& f = p.entry();
    EXPECT_EQ(f[1].link, 8u);
    EXPECT_EQ(f[8].link, 1u);
    EXPECT_EQ(f[3].link, 6u);
    EXPECT_EQ(f[5].link, 1u);
    EXPECT_EQ(f[7].link, 1u);
    EXPECT_TRUE(verify(p, Limits()).ok());
}

TEST(IrText, DuplicateAndOddNamesAreQuoted) {
    Program p;
    p.functions.resize(3);
    for (auto& f : p.functions) f.name = "same";
    p.functions[2].name = "tab\there";
    for (auto& f : p.functions) {
        Builder b(f);
        b.param(kF64, "x");
        b.param(kF64, "x");
        b.ret({});
    }
    const std::string text = print(p);
    EXPECT_NE(text.find("func @1 \"same\"(%0 \"x\": f64, %1 \"x\": f64)"), std::string::npos) << text;
    EXPECT_NE(text.find("\"tab\\x09here\""), std::string::npos) << text;
    EXPECT_EQ(testing::first_difference(p, parsed(text)), "");
}

TEST(IrText, TablesOfEveryStorageRoundTrip) {
    Program p;
    p.functions.emplace_back();
    Builder(p.entry()).ret(std::span<const ValueId>());
    for (int s = 0; s < kStorageCount; ++s) {
        ConstantTable t{static_cast<Storage>(s), {}};
        for (size_t k = 0; k < 20 * byte_size(t.storage); ++k)
            t.bytes.push_back(static_cast<uint8_t>(t.storage == Storage::Bool ? k & 1 : k * 37 + 128));
        p.tables.push_back(t);
    }
    p.tables.push_back({Storage::I8, {}});
    const std::string text = print(p);
    EXPECT_EQ(testing::first_difference(p, parsed(text)), "") << text;
}

TEST(IrText, SaysWhatIsWrongAndWhere) {
    struct Case {
        std::string text;
        int code;
        const char* at;    // the text the span covers, nullptr: an insertion point
        const char* part;  // of message or hint
    };
    const Case cases[] = {
        {"", 2000, nullptr, "no function"},
        {"fun @f() -> () {\n", 2000, "fun", "expected flags, table or func"},
        {with_body("  %1 = mull f64 %a, %a\n  return %a\n"), 2001, "mull", "did you mean 'mul'"},
        {with_body("  %1 = florr f64 %a\n  return %a\n"), 2001, "florr", "did you mean 'floor'"},
        {with_body("  %1 = zzzzzzzzzz f64 %a\n  return %a\n"), 2001, "zzzzzzzzzz", "no operation"},
        {with_body("  %1 = mul f65 %a, %a\n  return %a\n"), 2002, "f65", "no type"},
        {with_body("  %1 = mul f64x3 %a, %a\n  return %a\n"), 2002, "f64x3", "no type"},
        {with_body("  %1 = mul f64 %a, %b\n  return %a\n"), 2003, "%b", "not defined"},
        {with_body("  %1 = neg f64 %a\n  %1 = neg f64 %a\n  return %1\n"), 2004, "%1", "twice"},
        {"func @f(%a: f64, %a: f64) -> () {\n  return\n}\n", 2004, "%a", "two parameters"},
        {with_body("  %1 = const f64 1.5.5\n  return %1\n"), 2005, "1.5.5", "value of type f64"},
        {with_body("  %1 = const i32 3000000000\n  return %a\n"), 2005, "3000000000", "value of type i32"},
        {with_body("  %1 = const f64 0x\n  return %a\n"), 2005, "0x", "value of type f64"},
        {with_body("  %1 = const f64 1e999\n  return %a\n"), 2005, "1e999", "value of type f64"},
        {with_body("  %1 = const bool 1\n  return %a\n"), 2005, "1", "value of type bool"},
        {with_body("  %1 = powi f64 %a, #x\n  return %1\n"), 2005, "#x", "integer"},
        {with_body("  %1 = powi f64 %a, #1, #2\n  return %1\n"), 2000, "#2", "immediate already"},
        {with_body("  return %a !5\n"), 2005, "!5", "position"},
        {with_body("  return %a !9:5\n"), 2005, "!9:5", "position"},
        {with_body("  return %a %a\n"), 2000, "%", "end of the line"},
        {with_body("  %1 = neg f64 %a, 3\n  return %1\n"), 2000, "3", "operand"},
        {with_body("  end_if\n  return %a\n"), 2006, "end_if", "closes no if"},
        {with_body("  loop\n    return %a\n  end_for\n  return %a\n"), 2006, "end_for", "closes no for"},
        {"func @f(%a: bool) -> () {\n  if %a\n    yield\n  end_if\n  return\n}\n", 2006, "end_if", "no else"},
        {with_body("  loop\n    return %a\n"), 2006, "}", "not closed"},
        {with_body("  %1 = call f64 @g, %a\n  return %1\n"), 2003, "@g", "no function @g"},
        {"func @f() -> () {\n  return\n", 2000, nullptr, "closing brace"},
        {"func @f(%a: f64) -> (f64 {\n}\n", 2000, "{", "expected ')'"},
        {"func @f \"abc(%a: f64) -> () {\n}\n", 2000, "\"abc(%a: f64) -> () {", "closing quote"},
        {"func @f \"a\\q\"() -> () {\n}\n", 2000, "\"a\\", "escape"},
        {"func @f() -> () {\n  return\n}\nfunc @f() -> () {\n  return\n}\n", 2004, "@f", "two functions"},
        {"func @3() -> () {\n  return\n}\n", 2008, "@3", "number 0"},
        {"table 1: f64 []\nfunc @f() -> () {\n  return\n}\n", 2008, "1", "table 0"},
        {"table 0: i8 [1, 200]\nfunc @f() -> () {\n  return\n}\n", 2005, "200", "type i8"},
        {"table 0: f16 [1]\nfunc @f() -> () {\n  return\n}\n", 2005, "1", "bits"},
        {"table 0: q8 [1]\nfunc @f() -> () {\n  return\n}\n", 2002, "q8", "elements"},
        {"flags many\nfunc @f() -> () {\n  return\n}\n", 2005, "many", "32 bits"},
    };
    for (const Case& c : cases) {
        const Diagnostic d = complaint(c.text);
        EXPECT_EQ(d.code, c.code) << c.text << d.message;
        EXPECT_NE((d.message + " " + d.hint).find(c.part), std::string::npos) << c.text << d.message << " | " << d.hint;
        EXPECT_EQ(c.text.substr(d.span.begin, d.span.end - d.span.begin), c.at ? c.at : "") << c.text << d.message;
    }
}

TEST(IrText, ReportsSeveralMistakesInOneReading) {
    auto p = parse_ir(with_body("  %1 = mull f64 %a\n  %2 = neg f65 %a\n  return %q\n"), Limits());
    ASSERT_FALSE(p.ok());
    ASSERT_EQ(p.error().diagnostics.size(), 3u);
    EXPECT_EQ(p.error().diagnostics[0].code, 2001);
    EXPECT_EQ(p.error().diagnostics[1].code, 2002);
    EXPECT_EQ(p.error().diagnostics[2].code, 2003);
    std::string many = "func @f() -> () {\n";
    for (int k = 0; k < 1000; ++k) many += "  nonsense\n";
    auto q = parse_ir(many, Limits());
    ASSERT_FALSE(q.ok());
    EXPECT_LE(q.error().diagnostics.size(), 20u);
}

TEST(IrText, LimitsHold) {
    Limits limits;
    limits.max_nodes = 3;
    EXPECT_EQ(complaint(with_body("  %1 = neg f64 %a\n  %2 = neg f64 %1\n  return %2\n"), limits).code, 2007);
    limits = Limits();
    limits.max_nesting = 2;
    EXPECT_EQ(complaint(with_body("  loop\n    loop\n      loop\n        return %a\n      end_loop\n      return %a\n"
                                  "    end_loop\n    return %a\n  end_loop\n  return %a\n"),
                        limits)
                  .code,
              2007);
    limits = Limits();
    limits.max_text_bytes = 10;
    EXPECT_EQ(complaint(with_body("  return %a\n"), limits).code, 2007);
    limits = Limits();
    limits.max_operands = 2;
    EXPECT_EQ(complaint(with_body("  %1 = fma f64 %a, %a, %a\n  return %a\n"), limits).code, 2007);
    limits = Limits();
    limits.max_functions = 1;
    EXPECT_EQ(complaint(with_body("  return %a\n") + "func @g() -> () {\n  return\n}\n", limits).code, 2007);
    limits = Limits();
    limits.max_params = 0;
    EXPECT_EQ(complaint(with_body("  return %a\n"), limits).code, 2007);
    limits = Limits();
    limits.max_table_bytes = 16;
    EXPECT_EQ(complaint("table 0: f64 [1, 2, 3]\n" + with_body("  return %a\n"), limits).code, 2007);
}

// A million levels must be an error or a success, and never a crash of the stack.
TEST(IrText, DeepNestsDoNotRecurse) {
    std::string text = "func @f(%a: bool) -> () {\n";
    for (int k = 0; k < 200'000; ++k) text += "if %a\n";
    EXPECT_EQ(complaint(text + "}\n").code, 2007);
    Limits limits;
    limits.max_nesting = SIZE_MAX;
    for (int k = 0; k < 200'000; ++k) text += "yield\nelse\nyield\nend_if\n";
    text += "return\n}\n";
    auto p = parse_ir(text, limits);
    ASSERT_TRUE(p.ok());
    EXPECT_TRUE(verify(*p, limits).ok());
    EXPECT_LT(print(*p).size(), 100'000'000u);
}

}  // namespace
}  // namespace exprjit
