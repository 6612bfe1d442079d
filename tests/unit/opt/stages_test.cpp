// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Row functions with reductions, cut into stages: what each stage computes, what it takes from the ones before, and where
// checks go.
#include "opt/stages.h"

#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "lang/front_end.h"

namespace exprjit {
namespace {

std::string explain(const Error& error) {
    std::string all;
    for (const Diagnostic& d : error.diagnostics) all += "EJ" + std::to_string(d.code) + " " + d.message + "\n";
    return all;
}

void expect_valid(const Program& p) {
    const auto verified = verify(p, Limits(), Trust::Internal);
    EXPECT_TRUE(verified.ok()) << (verified.ok() ? "" : explain(verified.error())) << print(p);
}

Result<Stages> try_split(std::string_view ir, Tier tier = Tier::Optimised) {
    auto parsed = parse_ir(ir, Limits());
    if (!parsed) return parsed.take_failure();
    if (Result<void> sound = verify(*parsed, Limits()); !sound) return sound.take_failure();
    PassScratch scratch;
    PipelineOptions options;
    options.tier = tier;
    if (Result<void> done = run_pipeline(*parsed, options, Limits(), scratch); !done) return done.take_failure();
    return split_stages(std::move(*parsed), scratch);
}

Stages split(std::string_view ir) {
    auto stages = try_split(ir);
    EXPECT_TRUE(stages.ok()) << (stages.ok() ? "" : explain(stages.error())) << ir;
    if (!stages) return {};
    for (const Stage& s : stages->reducing) expect_valid(s.program);
    if (!stages->rows.functions.empty()) expect_valid(stages->rows);
    if (!stages->once.functions.empty()) expect_valid(stages->once);
    return std::move(*stages);
}

using Numbers = std::vector<uint32_t>;

TEST(Stages, WithoutReductionsThereIsOneStage) {
    const std::string text = "func @f(%x: f64) -> (f64) {\n  %1 = add f64 %x, %x\n  return %1\n}\n";
    const Stages s = split(text);
    EXPECT_EQ(print(s.rows), text);
    EXPECT_TRUE(s.reducing.empty());
    EXPECT_TRUE(s.has_rows);
    EXPECT_FALSE(s.has_once);
    EXPECT_EQ(s.rows_outputs, Numbers({0}));
}

TEST(Stages, ACentredColumnNeedsTwoPasses) {
    const Stages s = split(R"(func @f(%x: f64, %y: f64) -> (f64 "a", f64 "b") {
  %t = const bool true
  %n = reduce i64 %t, %t, count
  %s = reduce f64 %x, %t, sum
  %d = int_to_float f64 %n
  %m = div f64 %s, %d
  %c = sub f64 %x, %m
  %r = mul f64 %c, %y
  return %m, %r
}
)");
    ASSERT_EQ(s.reducing.size(), 1u);
    ASSERT_EQ(s.reductions.size(), 2u);
    EXPECT_EQ(s.reductions[0].kind, ReduceKind::Count);
    EXPECT_EQ(s.reductions[0].type, Scalar::Bool);
    EXPECT_EQ(s.reductions[0].result, Scalar::I64);
    EXPECT_EQ(s.reductions[1].kind, ReduceKind::Sum);
    EXPECT_EQ(s.reducing[0].reductions, Numbers({0, 1}));
    EXPECT_EQ(print(s.reducing[0].program), R"(func @f(%x: f64, %y: f64) -> (bool, bool, f64, bool) {
  %2 = const bool true
  return %2, %2, %x, %2
}
)");
    EXPECT_EQ(print(s.rows), R"(func @f(%x: f64, %y: f64, %2: i64, %3: f64) -> (f64 "b") {
  %4 = int_to_float f64 %2
  %5 = div f64 %3, %4
  %6 = sub f64 %x, %5
  %7 = mul f64 %y, %6
  return %7
}
)");
    EXPECT_EQ(print(s.once), R"(func @f(%x: f64, %y: f64, %2: i64, %3: f64) -> (f64 "a") {
  %4 = int_to_float f64 %2
  %5 = div f64 %3, %4
  return %5
}
)");
    EXPECT_EQ(s.once_outputs, Numbers({0}));
    EXPECT_EQ(s.rows_outputs, Numbers({1}));
    EXPECT_TRUE(s.has_rows);
    EXPECT_TRUE(s.has_once);
}

TEST(Stages, NestedReductionsAreOrderedByLevel) {
    // The sum of squares of what remains after subtracting the smallest; an independent sum stands between the two.
    const Stages s = split(R"(func @f(%x: f64) -> (f64, f64) {
  %t = const bool true
  %a = reduce f64 %x, %t, min
  %c = sub f64 %x, %a
  %q = mul f64 %c, %c
  %b = reduce f64 %q, %t, sum
  %p = reduce f64 %x, %t, prod
  return %b, %p
}
)");
    ASSERT_EQ(s.reducing.size(), 2u);
    ASSERT_EQ(s.reductions.size(), 3u);
    EXPECT_EQ(s.reductions[0].kind, ReduceKind::Min);
    EXPECT_EQ(s.reductions[1].kind, ReduceKind::Prod);
    EXPECT_EQ(s.reductions[2].kind, ReduceKind::Sum);
    EXPECT_EQ(s.reducing[0].reductions, Numbers({0, 1}));
    EXPECT_EQ(s.reducing[1].reductions, Numbers({2}));
    EXPECT_EQ(s.reducing[0].program.entry().params.size(), 1u);
    EXPECT_EQ(s.reducing[1].program.entry().params.size(), 3u);
    EXPECT_EQ(s.once_outputs, Numbers({0, 1}));
    EXPECT_FALSE(s.has_rows);
    EXPECT_EQ(print(s.once), "func @f(%x: f64, %1: f64, %2: f64, %3: f64) -> (f64, f64) {\n  return %3, %2\n}\n");
}

TEST(Stages, AConstantOutputIsNotReduced) {
    const Stages s = split(R"(func @f(%x: f64) -> (f64, f64, f64) {
  %t = const bool true
  %one = const f64 1
  %a = reduce f64 %x, %t, sum
  return %one, %a, %x
}
)");
    EXPECT_EQ(s.rows_outputs, Numbers({0, 2}));
    EXPECT_EQ(s.once_outputs, Numbers({1}));
}

TEST(Stages, ChecksGoWhereTheirConditionIsFirstKnown) {
    const Stages s = split(R"(func @f(%x: i64, %y: i64) -> (i64) {
  %t = const bool true
  %0 = const i64 0
  %ok = ne bool %x, %0
  check %ok, divide_by_zero, #1
  %n = reduce i64 %t, %t, count
  %some = gt bool %n, %0
  check %some, no_rows, #2
  %s = reduce i64 %x, %t, sum
  %below = lt bool %y, %s
  check %below, domain, #3
  return %y
}
)");
    ASSERT_EQ(s.reducing.size(), 1u);
    EXPECT_EQ(print(s.reducing[0].program), R"(func @f(%x: i64, %y: i64) -> (bool, bool, i64, bool) {
  %2 = const bool true
  %3 = const i64 0
  %4 = ne bool %x, %3
  check %4, divide_by_zero, #1
  return %2, %2, %x, %2
}
)");
    EXPECT_TRUE(s.has_once);
    EXPECT_TRUE(s.once_outputs.empty());
    EXPECT_EQ(print(s.once), R"(func @f(%x: i64, %y: i64, %2: i64, %3: i64) -> () {
  %4 = const i64 0
  %5 = gt bool %2, %4
  check %5, no_rows, #2
  return
}
)");
    EXPECT_EQ(print(s.rows), R"(func @f(%x: i64, %y: i64, %2: i64, %3: i64) -> (i64) {
  %4 = lt bool %y, %3
  check %4, domain, #3
  return %y
}
)");
}

TEST(Stages, ARegionIsTakenOrLeftAsAWhole) {
    const Stages s = split(R"(func @f(%x: f64, %c: bool) -> (f64, f64) {
  %t = const bool true
  %two = const f64 2
  if %c
    %q = mul f64 %x, %x
    yield %q, %two
  else
    check %c, user, #9
    yield %x, %x
  %r = end_if f64
  %r2 = result f64 #1
  %a = reduce f64 %r, %t, sum
  if %c
    %z = add f64 %a, %x
    yield %z
  else
    yield %x
  %w = end_if f64
  return %a, %w
}
)");
    ASSERT_EQ(s.reducing.size(), 1u);
    EXPECT_EQ(print(s.reducing[0].program), R"(func @f(%x: f64, %c: bool) -> (f64, bool) {
  %2 = const bool true
  if %c
    %4 = mul f64 %x, %x
    yield %4
  else
    check %c, user, #9
    yield %x
  %9 = end_if f64
  return %9, %2
}
)");
    EXPECT_EQ(print(s.rows), R"(func @f(%x: f64, %c: bool, %2: f64) -> (f64) {
  if %c
    %4 = add f64 %x, %2
    yield %4
  else
    yield %x
  %8 = end_if f64
  return %8
}
)");
}

TEST(Stages, ALocalArrayBringsWhatWasStoredToIt) {
    const Stages s = split(R"(func @f(%x: f64) -> (f64, f64) {
  %t = const bool true
  %0 = const i64 0
  %l = local mut array<f64,1> #1
  %u = local mut array<f64,1> #1
  store %l, %0, %x
  store %u, %0, %x
  %v = load f64 %l, %0
  %a = reduce f64 %v, %t, sum
  store %l, %0, %a
  %w = load f64 %l, %0
  return %a, %w
}
)");
    EXPECT_EQ(print(s.reducing[0].program), R"(func @f(%x: f64) -> (f64, bool) {
  %1 = const bool true
  %2 = const i64 0
  %3 = local mut array<f64,1> #1
  store %3, %2, %x
  %5 = load f64 %3, %2
  return %5, %1
}
)");
    // The array was filled with what depends on the row, and the load counts as one that does.
    EXPECT_EQ(s.rows_outputs, Numbers({1}));
    EXPECT_EQ(print(s.rows), R"(func @f(%x: f64, %1: f64) -> (f64) {
  %2 = const i64 0
  %3 = local mut array<f64,1> #1
  store %3, %2, %x
  store %3, %2, %1
  %6 = load f64 %3, %2
  return %6
}
)");
}

TEST(Stages, TablesComeAlongWhereTheyAreUsed) {
    const Stages s = split(R"(table 0: f64 [1, 2]

func @f(%i: i64) -> (f64) {
  %t = const bool true
  %c = table array<f64,1> #0
  %v = load f64 %c, %i
  %a = reduce f64 %v, %t, sum
  return %a
}
)");
    EXPECT_EQ(s.reducing[0].program.tables.size(), 1u);
    EXPECT_TRUE(s.once.tables.empty());
}

TEST(Stages, EqualReductionsAreOne) {
    Program p;
    const auto made = compile_text("sum(x) / count() + sum(x)*mean(x)", {}, Limits(), p);
    ASSERT_TRUE(made.ok()) << explain(made.error());
    PassScratch scratch;
    ASSERT_TRUE(run_pipeline(p, {}, Limits(), scratch).ok());
    auto s = split_stages(std::move(p), scratch);
    ASSERT_TRUE(s.ok());
    EXPECT_EQ(s->reductions.size(), 2u);
}

std::string nested(int depth) {
    std::string text = "x";
    for (int k = 0; k < depth; ++k) text = "sum(x - " + text + ")";
    return text;
}

TEST(Stages, TheirNumberIsLimited) {
    for (const int depth : {64, 65}) {
        Program p;
        ASSERT_TRUE(compile_text(nested(depth), {}, Limits(), p).ok());
        PassScratch scratch;
        ASSERT_TRUE(run_pipeline(p, {}, Limits(), scratch).ok());
        auto s = split_stages(std::move(p), scratch);
        EXPECT_EQ(s.ok(), depth == 64);
        if (s.ok()) continue;
        EXPECT_EQ(s.error().status(), Status::Limit);
        EXPECT_TRUE(s.error().diagnostics[0].span.valid());
    }
}

}  // namespace
}  // namespace exprjit
