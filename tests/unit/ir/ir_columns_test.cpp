// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What programs for columns have beside others: reductions over rows, masks, loops that do not look at the stop word.
#include <gtest/gtest.h>

#include "ir/builder.h"
#include "ir/text.h"
#include "ir/verify.h"

namespace exprjit {
namespace {

// The codes that the verifier reports, and the text must round trip.
std::string verdict(const std::string& text, Trust trust = Trust::Border) {
    auto p = parse_ir(text, Limits());
    if (!p.ok()) return "EJ" + std::to_string(p.error().diagnostics[0].code) + " " + p.error().diagnostics[0].message;
    auto again = parse_ir(print(*p), Limits());
    EXPECT_TRUE(again.ok()) << print(*p);
    if (!again.ok()) return "does not round trip";
    EXPECT_EQ(print(*again), print(*p));
    const auto verified = verify(*p, Limits(), trust);
    if (verified.ok()) return "";
    std::string codes;
    for (const Diagnostic& d : verified.error().diagnostics)
        codes += (codes.empty() ? "" : " ") + std::to_string(d.code);
    return codes;
}

std::string body(const std::string& lines) {
    return "func @f(%x: f64, %s: f32, %i: i64, %j: i32, %c: bool) -> () {\n" + lines + "  return\n}\n";
}

TEST(IrColumns, EveryReductionHasItsTypes) {
    for (int k = 0; k < kReduceKindCount; ++k) {
        const auto kind = static_cast<ReduceKind>(k);
        ReduceKind back{};
        ASSERT_TRUE(parse_reduce_kind(name_of(kind), back));
        EXPECT_EQ(back, kind);
        for (int t = 0; t < kScalarCount; ++t) {
            const auto value = static_cast<Scalar>(t);
            const char* operand = value == Scalar::F64   ? "%x"
                                  : value == Scalar::F32 ? "%s"
                                  : value == Scalar::I64 ? "%i"
                                  : value == Scalar::I32 ? "%j"
                                                         : "%c";
            const std::string type(name_of(reduced_result(kind, value)));
            const bool fits = (reduced_types(kind) & set_of(value)) != 0;
            const std::string line =
                "  %r = reduce " + type + " " + operand + ", %c, " + std::string(name_of(kind)) + "\n";
            EXPECT_EQ(verdict(body(line)), fits ? "" : "2122") << line;
        }
    }
    ReduceKind kind{};
    EXPECT_FALSE(parse_reduce_kind("median", kind));
}

TEST(IrColumns, RulesOfReductions) {
    EXPECT_EQ(verdict(body("  %r = reduce i64 %x, %c, sum\n")), "2123");
    EXPECT_EQ(verdict(body("  %r = reduce f64 %x, %x, sum\n")), "2122");
    EXPECT_EQ(verdict(body("  %r = reduce f64 %x, sum\n")), "2121");
    EXPECT_EQ(verdict(body("  %r = reduce f64 %x, %c, #8\n")), "2124");
    EXPECT_NE(verdict(body("  %r = reduce f64 %x, %c, median\n")).find("EJ2000"), std::string::npos);
    EXPECT_EQ(verdict(body("  %l = splat f64x4 %x\n  %r = reduce f64x4 %l, %c, sum\n")), "2122");
    // Exactly once: not in a branch, not in a loop, not after an early return.
    EXPECT_EQ(verdict(body("  if %c\n    %r = reduce f64 %x, %c, sum\n    yield\n  else\n    yield\n  end_if\n")),
              "2132");
    EXPECT_EQ(
        verdict(body("  for %i, %i, %i\n    %k = index i64\n    %r = reduce f64 %x, %c, sum\n    yield\n  end_for\n")),
        "2132");
    EXPECT_EQ(verdict(body("  %r = reduce f64 %x, %c, sum\n  if %c\n    return\n  else\n    yield\n  end_if\n")),
              "2132");
}

TEST(IrColumns, FunctionsThatReduceAreCalledOnce) {
    const std::string mean = "func @mean(%x: f64) -> (f64) {\n  %t = const bool true\n  %s = reduce f64 %x, %t, sum\n"
                             "  return %s\n}\n";
    const std::string between = "func @g(%x: f64) -> (f64) {\n  %m = call f64 @mean, %x\n  return %m\n}\n";
    EXPECT_EQ(verdict("func @f(%x: f64) -> (f64) {\n  %m = call f64 @mean, %x\n  return %m\n}\n" + mean), "");
    const std::string inside = "func @f(%c: bool, %x: f64) -> () {\n  if %c\n    %m = call f64 @g, %x\n    yield\n"
                               "  else\n    yield\n  end_if\n  return\n}\n";
    EXPECT_EQ(verdict(inside + between + mean), "2132");
    EXPECT_EQ(verdict(inside + "func @g(%x: f64) -> (f64) {\n  return %x\n}\n"), "");
}

TEST(IrColumns, MasksAndMarksOfPasses) {
    const struct {
        const char* lines;
        const char* inside;  // what the verifier says with Trust::Internal
    } cases[] = {
        {"  %m = lane_mask boolx8 %i\n", ""},
        {"  %m = lane_mask bool %i\n", "2123"},
        {"  %m = lane_mask boolx8 %j\n", "2122"},
        {"  %v = load_raw f64 %i, %i, %c, f64\n", ""},
        {"  %v = load_raw f64 %i, %i, %j, f64\n", "2122"},
        {"  %m = lane_mask boolx8 %i\n  %v = load_raw f64x8 %i, %i, %m, f64\n", ""},
        {"  %m = lane_mask boolx4 %i\n  %v = load_raw f64x8 %i, %i, %m, f64\n", "2122"},
        {"  %m = lane_mask boolx4 %i\n  %v = load_raw i64x4 %i, %i, %m, u64\n", ""},
        {"  %v = load_raw f64 %i, %i, %c, %c, f64\n", "2121"},
        {"  store_raw %i, %i, %x, f64, streaming\n", ""},
        {"  store_raw %i, %i, %x, %c, f64\n", ""},
        {"  store_raw %i, %i, %x, %c, f64, streaming\n", ""},
        {"  store_raw %i, %i, %x, #0x204\n", "2124"},
        {"  %v = load_raw f64 %i, %i, #0x104\n", "2124"},
        {"  check %c, %i, user, #1\n", ""},
        {"  check %c, %x, user, #1\n", "2122"},
        {"  for %i, %i, %i, unpolled\n    %k = index i64\n    yield\n  end_for\n", ""},
        {"  if %c, usual\n    yield\n  else\n    yield\n  end_if\n", ""},
        {"  if %c, #2\n    yield\n  else\n    yield\n  end_if\n", "2124"},
        {"  for %i, %i, %i, #2\n    %k = index i64\n    yield\n  end_for\n", "2124"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(verdict(body(c.lines), Trust::Internal), c.inside) << c.lines;
        if (*c.inside != 0) continue;
        EXPECT_EQ(verdict(body(c.lines)).substr(0, 4), "2105") << c.lines;
    }
    EXPECT_NE(verdict(body("  %v = load_raw f64 %i, %i, f64, streaming\n")), "");
}

TEST(IrColumns, EqualReductionsAndConstantsAreShared) {
    Program p;
    p.functions.emplace_back();
    Builder b(p.entry());
    const ValueId x = b.param(kF64, "x"), yes = b.boolean(true);
    EXPECT_EQ(b.reduce(ReduceKind::Sum, x, yes), b.reduce(ReduceKind::Sum, x, yes));
    EXPECT_NE(b.reduce(ReduceKind::Sum, x, yes), b.reduce(ReduceKind::Prod, x, yes));
    EXPECT_EQ(b.constant(Type::lanes(Scalar::F64, 3), 5), b.constant(Type::lanes(Scalar::F64, 3), 5));
    EXPECT_NE(b.constant(Type::lanes(Scalar::F64, 3), 5), b.constant(Type::lanes(Scalar::F64, 2), 5));
}

}  // namespace
}  // namespace exprjit
