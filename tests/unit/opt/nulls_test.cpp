// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Missing values: which rows are null, by whole parameters or row by row, that garbage in null rows is never seen, and that
// their checks do not fail.
#include "opt/nulls.h"

#include <gtest/gtest.h>

#include "interp/interpreter.h"
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

struct Rewritten {
    Program program;
    NullPlan plan;
};

Rewritten rewrite_nulls(Program p, const std::vector<uint8_t>& nullable) {
    Rewritten made{std::move(p), {}};
    PassScratch scratch;
    EXPECT_TRUE(propagate_nulls(made.program, nullable, made.plan, scratch).ok());
    const auto verified = verify(made.program, Limits(), Trust::Internal);
    EXPECT_TRUE(verified.ok()) << (verified.ok() ? "" : explain(verified.error())) << print(made.program);
    return made;
}

Rewritten of_ir(std::string_view ir, const std::vector<uint8_t>& nullable) {
    auto p = parse_ir(ir, Limits());
    EXPECT_TRUE(p.ok()) << (p.ok() ? "" : explain(p.error())) << ir;
    if (!p) return {};
    const auto sound = verify(*p, Limits());
    EXPECT_TRUE(sound.ok()) << (sound.ok() ? "" : explain(sound.error())) << ir;
    return rewrite_nulls(std::move(*p), nullable);
}

// f64 variables x, y, z and i64 variables i, j; those named in `nullable` may be null.
Rewritten of_text(std::string_view text, std::string_view nullable) {
    static constexpr TextParam kParams[] = {
        {"x", Storage::F64}, {"y", Storage::F64}, {"z", Storage::F64}, {"i", Storage::I64}, {"j", Storage::I64}};
    TextOptions options;
    options.params = kParams;
    options.declared = true;
    Program p;
    const auto compiled = compile_text(text, options, Limits(), p);
    EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : explain(compiled.error())) << text;
    std::vector<uint8_t> flags;
    for (const TextParam& param : kParams) flags.push_back(nullable.find(param.name) != std::string_view::npos);
    p.entry().spans.clear();
    return rewrite_nulls(std::move(p), flags);
}

using Numbers = std::vector<uint32_t>;

TEST(Nulls, OperationsAreNullWhereAnOperandIs) {
    const Rewritten r = of_text("a = x + y*2; b = sin(z); c = 1.0; d = y", "x y");
    EXPECT_EQ(r.plan.outputs[0].all_of, Numbers({0, 1}));
    EXPECT_TRUE(r.plan.outputs[1].all_of.empty());
    EXPECT_TRUE(r.plan.outputs[2].all_of.empty());
    EXPECT_EQ(r.plan.outputs[3].all_of, Numbers({1}));
    for (const OutputValidity& o : r.plan.outputs) EXPECT_EQ(o.result, -1);
    // Nothing in the function asks for a validity: the bitmaps are combined outside.
    EXPECT_TRUE(r.plan.needed.empty());
    EXPECT_EQ(r.program.entry().params.size(), 5u);
    EXPECT_EQ(r.program.entry().results.size(), 4u);
}

TEST(Nulls, QuestionsAreAnsweredByRow) {
    const Rewritten r = of_text("n = is_null(x + z); c = coalesce(x, y); d = coalesce(x, 0); e = is_null(z)", "x y");
    EXPECT_EQ(r.plan.needed, Numbers({0, 1}));
    EXPECT_EQ(r.plan.outputs[0].result, -1);
    EXPECT_TRUE(r.plan.outputs[0].all_of.empty());
    EXPECT_EQ(r.plan.outputs[1].result, 4);  // null where both are
    EXPECT_EQ(r.plan.outputs[2].result, -1);
    EXPECT_TRUE(r.plan.outputs[2].all_of.empty());
    EXPECT_EQ(print(r.program),
              R"(func @main(%x: f64, %y: f64, %z: f64, %i: i64, %j: i64, %5 "x.valid": bool, %6 "y.valid": bool) -> )"
              R"((bool "n", f64 "c", f64 "d", bool "e", bool "c.valid") {
  %7 = not bool %5
  %8 = select f64 %5, %x, %y
  %9 = or bool %5, %6
  %10 = const f64 0
  %11 = select f64 %5, %x, %10
  %12 = const bool false
  return %7, %8, %11, %12, %9
}
)");
}

TEST(Nulls, OnlyTheParametersAskedForAreAdded) {
    const Rewritten r = of_text("coalesce(y, 1) * x", "x y z i");
    EXPECT_EQ(r.plan.needed, Numbers({1}));
    EXPECT_EQ(r.plan.outputs[0].all_of, Numbers({0}));
    EXPECT_EQ(r.program.entry().params.size(), 6u);
    EXPECT_EQ(r.program.entry().params[5].name, "y.valid");
}

TEST(Nulls, AChoiceIsNullWithItsConditionOrTheChosenSide) {
    const Rewritten r = of_text("where(z > 0, x, y)", "x y z");
    EXPECT_EQ(r.plan.needed, Numbers({0, 1, 2}));
    EXPECT_EQ(r.plan.outputs[0].result, 1);
    // Both sides alike: whole bitmaps again.
    const Rewritten same = of_text("where(z > 0, x, x + 1)", "x z");
    EXPECT_EQ(same.plan.outputs[0].all_of, Numbers({0, 2}));
    EXPECT_TRUE(same.plan.needed.empty());
}

TEST(Nulls, ReductionsLeaveNullRowsOutAndAreNeverNull) {
    const Rewritten r = of_text("mean(x, where=y > 0)", "x y");
    EXPECT_EQ(r.plan.needed, Numbers({0, 1}));
    EXPECT_TRUE(r.plan.outputs[0].all_of.empty());
    EXPECT_EQ(r.plan.outputs[0].result, -1);
    EXPECT_EQ(print(r.program),
              R"(func @main(%x: f64, %y: f64, %z: f64, %i: i64, %j: i64, %5 "x.valid": bool, %6 "y.valid": bool) -> )"
              R"((f64 "") {
  %7 = const f64 0
  %8 = gt bool %y, %7
  %9 = and bool %5, %6
  %10 = and bool %8, %9
  %11 = reduce f64 %x, %10, sum
  %12 = not bool %5
  %13 = not bool %12
  %14 = and bool %8, %6
  %15 = reduce i64 %13, %14, count
  %16 = int_to_float f64 %15
  %17 = div f64 %11, %16
  return %17
}
)");
    // count() counts rows, null or not; count(c) those where c is known to be true.
    EXPECT_TRUE(of_text("count() + 0*count(z > 0)", "x y").plan.needed.empty());
    EXPECT_EQ(of_text("count(x > 0)", "x y").plan.needed, Numbers({0}));
}

struct Run {
    Exit exit;
    std::vector<Slot> outs;
};

// Runs the rewritten function: x y z i j, and which of them are valid in this row.
Run run(const Rewritten& r, std::vector<Slot> args, const std::vector<uint8_t>& valid) {
    for (const uint32_t p : r.plan.needed) args.push_back(valid[p]);
    Program p = r.program;
    PassScratch scratch;
    EXPECT_TRUE(run_pipeline(p, {}, Limits(), scratch).ok());
    Run result{Exit::Ok, std::vector<Slot>(p.entry().results.size() + 1)};
    args.push_back(0);
    Context context;
    context.stop = &kNeverStop;
    result.exit = Interpreter(p).run(context, args.data(), result.outs.data());
    return result;
}

bool is_valid(const Rewritten& r, const Run& run, size_t output, const std::vector<uint8_t>& valid) {
    const OutputValidity& o = r.plan.outputs[output];
    if (o.result >= 0) return run.outs[static_cast<size_t>(o.result)] != 0;
    for (const uint32_t p : o.all_of)
        if (valid[p] == 0) return false;
    return true;
}

// Every combination of nulls, with different garbage: what is valid does not depend on it, and the number of valid outputs
// is what the reference says.
void expect_garbage_is_not_seen(std::string_view text, bool (*reference)(const std::vector<uint8_t>&)) {
    const Rewritten r = of_text(text, "x y z i j");
    const std::vector<Slot> good = {std::bit_cast<Slot>(1.5), std::bit_cast<Slot>(-2.0), std::bit_cast<Slot>(0.25), 7,
                                    2};
    for (unsigned bits = 0; bits < 32; ++bits) {
        std::vector<uint8_t> valid;
        for (int k = 0; k < 5; ++k) valid.push_back(bits >> k & 1);
        std::vector<Slot> first;
        for (const Slot garbage : {Slot{0}, std::bit_cast<Slot>(3.0), ~Slot{0}}) {
            std::vector<Slot> args = good;
            for (size_t k = 0; k < 5; ++k)
                if (valid[k] == 0) args[k] = garbage;
            const Run made = run(r, args, valid);
            ASSERT_EQ(made.exit, Exit::Ok) << text << " " << bits;
            const bool is_there = is_valid(r, made, 0, valid);
            EXPECT_EQ(is_there, reference(valid)) << text << " " << bits;
            if (!is_there) continue;
            if (first.empty()) first = made.outs;
            EXPECT_EQ(first[0], made.outs[0]) << text << " " << bits;
        }
    }
}

TEST(Nulls, GarbageInNullRowsIsNotSeen) {
    using Valid = const std::vector<uint8_t>&;
    expect_garbage_is_not_seen("x*y + z", [](Valid v) { return v[0] && v[1] && v[2]; });
    expect_garbage_is_not_seen("where(x > 0, y, z)", [](Valid v) { return v[0] && v[1]; });
    expect_garbage_is_not_seen("where(x > 2, y, z)", [](Valid v) { return v[0] && v[2]; });
    expect_garbage_is_not_seen("coalesce(x, y, z)", [](Valid v) { return v[0] || v[1] || v[2]; });
    expect_garbage_is_not_seen("coalesce(x + y, 0)", [](Valid) { return true; });
    expect_garbage_is_not_seen("is_null(x) or is_null(where(y > 0, x, z))", [](Valid) { return true; });
    // The division is checked, so this is a branch.
    expect_garbage_is_not_seen("j != 0 ? i // j : i", [](Valid v) { return v[3] && v[4]; });
    expect_garbage_is_not_seen("x > 0 ? i // j : i", [](Valid v) { return v[0] && v[3] && v[4]; });
    expect_garbage_is_not_seen("x > 0 ? (y > 0 ? i // j : 1) : i // 2", [](Valid v) { return v[0] && v[1]; });
    expect_garbage_is_not_seen("x > 0 and i // j > 0", [](Valid v) { return v[0] && v[3] && v[4]; });
    expect_garbage_is_not_seen("coalesce(i // j, 5)", [](Valid) { return true; });
    expect_garbage_is_not_seen("coalesce(x, 0) > 1 ? i // coalesce(j, 1) : 0",
                               [](Valid v) { return v[0] == 0 || v[3] != 0; });
}

TEST(Nulls, ChecksOfValidRowsStillFail) {
    const Rewritten r = of_text("i // j", "i j");
    EXPECT_EQ(run(r, {0, 0, 0, 7, 0}, {1, 1, 1, 1, 1}).exit, Exit::CheckFailed);
    EXPECT_EQ(run(r, {0, 0, 0, 7, 0}, {1, 1, 1, 1, 0}).exit, Exit::Ok);
    // Only the divisor decides whether the check fails, and it is valid here.
    EXPECT_EQ(run(r, {0, 0, 0, 7, 0}, {1, 1, 1, 0, 1}).exit, Exit::CheckFailed);
}

constexpr const char* kLoop = R"(func @f(%n: i64, %x: i64) -> (i64) {
  %zero = const i64 0
  %one = const i64 1
  loop %zero, %zero
    %k = carried i64 #0
    %sum = carried i64 #1
    %done = eq bool %k, %n
    if %done
      break %k, %sum, #0
    else
      yield
    end_if
    %c = coalesce i64 %x, %one
    %next = add i64 %k, %one
    %more = add i64 %sum, %c
    yield %next, %more
  %e = end_loop i64
  %s = result i64 #1
  return %s
}
)";

// With garbage for n this loop would not end.
TEST(Nulls, ALoopDoesNotRunOnGarbage) {
    const Rewritten r = of_ir(kLoop, {1, 1});
    EXPECT_EQ(r.plan.needed, Numbers({0, 1}));
    EXPECT_EQ(r.plan.outputs[0].all_of, Numbers({0}));
    EXPECT_EQ(run(r, {~Slot{0}, 3}, {0, 1}).exit, Exit::Ok);
    EXPECT_EQ(run(r, {4, 3}, {1, 1}).outs[0], 12u);
    EXPECT_EQ(run(r, {4, 3}, {1, 0}).outs[0], 4u);
}

TEST(Nulls, AnEarlyReturnMakesTheWholeFunctionNull) {
    const Rewritten r = of_ir(R"(func @f(%c: bool, %x: i64, %y: i64, %z: i64) -> (i64, i64) {
  %zero = const i64 0
  if %c
    return %x, %zero
  else
    yield
  end_if
  %ok = ne bool %x, %zero
  check %ok, user, #1
  %n = is_null bool %y
  %m = from_bool i64 %n
  return %m, %z
}
)",
                              {1, 1, 1, 0});
    EXPECT_EQ(r.plan.needed, Numbers({0, 1, 2}));
    for (const OutputValidity& o : r.plan.outputs) EXPECT_EQ(o.all_of, Numbers({0, 1}));
    EXPECT_EQ(run(r, {0, 0, 5, 6}, {1, 0, 1, 1}).exit, Exit::Ok);
    EXPECT_EQ(run(r, {0, 0, 5, 6}, {1, 1, 1, 1}).exit, Exit::CheckFailed);
    EXPECT_EQ(run(r, {0, 9, 5, 6}, {1, 1, 0, 1}).outs[0], 1u);
    EXPECT_EQ(run(r, {1, 9, 5, 6}, {1, 1, 0, 1}).outs[0], 9u);
}

TEST(Nulls, WhatIsStoredInALocalArrayMayBeNull) {
    const Rewritten r = of_ir(R"(func @f(%x: f64, %y: f64) -> (f64, f64) {
  %0 = const i64 0
  %l = local mut array<f64,1> #2
  store %l, %0, %x
  %v = load f64 %l, %0
  %w = add f64 %y, %y
  return %v, %w
}
)",
                              {1, 1});
    EXPECT_EQ(r.plan.outputs[0].all_of, Numbers({0, 1}));
    EXPECT_EQ(r.plan.outputs[1].all_of, Numbers({1}));
}

}  // namespace
}  // namespace exprjit
