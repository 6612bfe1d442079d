// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/builder.h"
#include "run_ir.h"

namespace exprjit {
namespace {

using testing::checked;
using testing::Outcome;
using testing::run_ir;
using testing::run_program;
using testing::slot;

// Counts the trips of for lo, hi, step and adds up the indices.
constexpr const char* kCount =
    "func @f(%lo: i64, %hi: i64, %step: i64) -> (i64, i64) {\n"
    "  %z = const i64 0\n  %one = const i64 1\n"
    "  for %lo, %hi, %step, %z, %z\n    %i = index i64\n    %n = carried i64 #0\n    %s = carried i64 #1\n"
    "    %m = add i64 %n, %one\n    %t = add i64 %s, %i\n    yield %m, %t\n"
    "  %r = end_for i64\n  %q = result i64 #1\n  return %r, %q\n}\n";

TEST(InterpControl, TripCounts) {
    struct Case {
        int64_t lo, hi, step, trips;
    };
    constexpr int64_t kMin = INT64_MIN, kMax = INT64_MAX;
    const Case cases[] = {
        {0, 5, 1, 5},
        {0, 5, 2, 3},
        {0, 6, 2, 3},
        {5, 5, 1, 0},
        {6, 5, 1, 0},
        {5, 0, -1, 5},
        {5, 0, -2, 3},
        {0, 5, -1, 0},
        {0, 5, 0, 0},
        {5, 0, 0, 0},
        {-3, 3, 4, 2},
        {kMax - 2, kMax, 1, 2},
        {kMin, kMax, kMax, 3},
        {kMax, kMin, kMin, 2},
        {kMin, kMin + 1, kMax, 1},
        {kMin + 1, kMin, -1, 1},
    };
    const Program p = checked(kCount);
    for (const Case& c : cases) {
        // The sum of the indices by repeated addition, so that the large cases need no thought.
        uint64_t sum = 0, index = static_cast<uint64_t>(c.lo);
        for (int64_t k = 0; k < c.trips; ++k, index += static_cast<uint64_t>(c.step)) sum += index;
        const Outcome o = run_program(p, {slot(c.lo), slot(c.hi), slot(c.step)});
        ASSERT_EQ(o.exit, Exit::Ok);
        EXPECT_EQ(o.get<int64_t>(0), c.trips) << c.lo << " " << c.hi << " " << c.step;
        EXPECT_EQ(o.outs[1], sum) << c.lo << " " << c.hi << " " << c.step;
    }
}

TEST(InterpControl, TheWholeRangeOfI64CanBeLeft) {
    const Outcome o = run_ir(
        "func @f(%lo: i64, %hi: i64, %step: i64) -> (i64) {\n  for %lo, %hi, %step, %lo\n    %i = index i64\n"
        "    %n = carried i64 #0\n    %k = sub i64 %i, %lo\n    %limit = const i64 10\n    %stop = ge bool %k, %limit\n"
        "    if %stop\n      break %k, #0\n    else\n      yield\n    end_if\n    yield %n\n  %r = end_for i64\n"
        "  return %r\n}\n",
        {slot(INT64_MIN), slot(INT64_MAX), slot(int64_t{1})});
    EXPECT_EQ(o.get<int64_t>(), 10);
}

// Carried values change all at once: a rotation through three of them, of scalars and of lanes.
TEST(InterpControl, CarriedValuesAreParallel) {
    for (const char* type : {"i64", "i64x4"}) {
        const std::string t = type;
        const std::string make = t == "i64" ? "  %x = add i64 %a, %z\n  %y = add i64 %b, %z\n  %w = add i64 %c, %z\n"
                                            : "  %x = splat i64x4 %a\n  %y = splat i64x4 %b\n  %w = splat i64x4 %c\n";
        const std::string take = t == "i64" ? "  return %r, %s, %q\n"
                                            : "  %e = extract i64 %r, #3\n  %f = extract i64 %s, #2\n  %g = extract "
                                              "i64 %q, #1\n  return %e, %f, %g\n";
        const Program p = checked("func @f(%a: i64, %b: i64, %c: i64, %n: i64) -> (i64, i64, i64) {\n  %z = const i64 "
                                  "0\n  %one = const i64 1\n" +
                                  make + "  for %z, %n, %one, %x, %y, %w\n    %i = index i64\n    %k = carried " + t +
                                  " #0\n    %l = carried " + t + " #1\n    %m = carried " + t +
                                  " #2\n    yield %m, %k, %l\n  %r = end_for " + t + "\n  %s = result " + t +
                                  " #1\n  %q = result " + t + " #2\n" + take + "}\n");
        const int64_t values[] = {10, 20, 30};
        for (int64_t n = 0; n < 7; ++n) {
            const Outcome o = run_program(p, {slot(values[0]), slot(values[1]), slot(values[2]), slot(n)});
            for (int64_t k = 0; k < 3; ++k)
                EXPECT_EQ(o.get<int64_t>(static_cast<size_t>(k)), values[(k - n % 3 + 3) % 3]) << type << n << k;
        }
    }
}

TEST(InterpControl, BreakAndContinueReachOuterLoops) {
    // for i in 0..n: for j in 0..n: j == 2 → continue outer with s+100; i == 3 → break outer; s += 1
    const char* text =
        "func @f(%n: i64) -> (i64) {\n  %z = const i64 0\n  %one = const i64 1\n  %two = const i64 2\n  %three = const "
        "i64 3\n  %hundred = const i64 100\n"
        "  for %z, %n, %one, %z\n    %i = index i64\n    %s = carried i64 #0\n"
        "    for %z, %n, %one, %s\n      %j = index i64\n      %t = carried i64 #0\n"
        "      %c = eq bool %j, %two\n      if %c\n        %u = add i64 %t, %hundred\n        continue %u, #1\n      "
        "else\n        yield\n      end_if\n"
        "      %d = eq bool %i, %three\n      if %d\n        break %t, #1\n      else\n        yield\n      end_if\n"
        "      %v = add i64 %t, %one\n      yield %v\n    %w = end_for i64\n    yield %w\n  %r = end_for i64\n  return "
        "%r\n}\n";
    for (int64_t n = 0; n < 7; ++n) {
        int64_t s = 0;
        for (int64_t i = 0; i < n; ++i) {
            bool leave = false;
            for (int64_t j = 0; j < n; ++j) {
                if (j == 2) {
                    s += 100;
                    break;
                }
                if (i == 3) {
                    leave = true;
                    break;
                }
                s += 1;
            }
            if (leave) break;
        }
        EXPECT_EQ(run_ir(text, {slot(n)}).get<int64_t>(), s) << n;
    }
}

TEST(InterpControl, IfGivesTheValuesOfItsArm) {
    const Program p = checked(
        "func @f(%c: bool, %a: f64, %b: f64) -> (f64, f64) {\n  if %c\n    yield %a, %b\n  else\n    yield %b, %a\n"
        "  %r = end_if f64\n  %s = result f64 #1\n  return %r, %s\n}\n");
    EXPECT_EQ(run_program(p, {slot(true), slot(1.0), slot(2.0)}).get<double>(), 1.0);
    EXPECT_EQ(run_program(p, {slot(false), slot(1.0), slot(2.0)}).get<double>(), 2.0);
    EXPECT_EQ(run_program(p, {slot(false), slot(1.0), slot(2.0)}).get<double>(1), 1.0);
}

TEST(InterpControl, ReturnFromInside) {
    const Program p = checked(
        "func @f(%n: i64) -> (i64) {\n  %z = const i64 0\n  %one = const i64 1\n  loop %z\n    %k = carried i64 #0\n"
        "    %c = ge bool %k, %n\n    if %c\n      return %k\n    else\n      yield\n    end_if\n    %l = add i64 %k, "
        "%one\n    yield %l\n"
        "  %r = end_loop i64\n  return %r\n}\n");
    EXPECT_EQ(run_program(p, {slot(int64_t{1000})}).get<int64_t>(), 1000);
}

TEST(InterpControl, ChecksReportWhereTheyFail) {
    const Program p = checked(
        "func @f(%n: i64, %bad: i64) -> () {\n  %z = const i64 0\n  %one = const i64 1\n  %two = const i64 2\n"
        "  for %z, %n, %two\n    %i = index i64\n    for %z, %n, %one\n      %j = index i64\n      %k = mul i64 %i, "
        "%j\n"
        "      %ok = ne bool %k, %bad\n      check %ok, domain, #77\n      yield\n    end_for\n    yield\n  end_for\n"
        "  %last = ne bool %n, %bad\n  check %last, user, #5\n  return\n}\n");
    Outcome o = run_program(p, {slot(int64_t{10}), slot(int64_t{12})});
    EXPECT_EQ(o.exit, Exit::CheckFailed);
    EXPECT_EQ(o.context.failed_imm, check_imm(CheckCode::Domain, 77));
    EXPECT_EQ(o.context.failed_index, 2);  // i = 2, j = 6: the index of the outermost for
    o = run_program(p, {slot(int64_t{10}), slot(int64_t{-1})});
    EXPECT_EQ(o.exit, Exit::Ok);
    o = run_program(p, {slot(int64_t{11}), slot(int64_t{11})});
    EXPECT_EQ(o.exit, Exit::CheckFailed);
    EXPECT_EQ(o.context.failed_imm, check_imm(CheckCode::User, 5));
    EXPECT_EQ(o.context.failed_index, -1);
}

TEST(InterpControl, ChecksInCalleesBelongToTheCallersLoop) {
    const Program p = checked(
        "func @f(%n: i64) -> () {\n  %z = const i64 0\n  %one = const i64 1\n  for %z, %n, %one\n    %i = index i64\n"
        "    call @g, %i\n    yield\n  end_for\n  call @g, %n\n  return\n}\n"
        "func @g(%i: i64) -> () {\n  %z = const i64 0\n  %one = const i64 1\n  for %z, %i, %one\n    %j = index i64\n"
        "    %four = const i64 4\n    %ok = ne bool %j, %four\n    check %ok, index, #3\n    yield\n  end_for\n  "
        "return\n}\n");
    EXPECT_EQ(run_program(p, {slot(int64_t{20})}).context.failed_index, 5);  // g(5) is the first whose j reaches 4
    EXPECT_EQ(run_program(p, {slot(int64_t{5})}).context.failed_index, 4);   // the call behind the loop: g's own index
}

TEST(InterpControl, ChecksOfLanesNeedAll) {
    const Program p = checked("func @f(%n: i64) -> () {\n  %i = iota i64x8\n  %n8 = splat i64x8 %n\n  %ok = ne boolx8 "
                              "%i, %n8\n  check %ok, user, #1\n  return\n}\n");
    EXPECT_EQ(run_program(p, {slot(int64_t{7})}).exit, Exit::CheckFailed);
    EXPECT_EQ(run_program(p, {slot(int64_t{8})}).exit, Exit::Ok);
}

TEST(InterpControl, CallsReturnSeveralValuesAndLanes) {
    const Outcome o =
        run_ir("func @f(%a: f64, %b: f64) -> (f64, f64, i32) {\n  %1 = splat f64x4 %a\n  %2 = call f64 @g, %b, %1\n  "
               "%3 = result f64x4 #1\n"
               "  %4 = result i32 #2\n  %5 = extract f64 %3, #2\n  %6 = call f64 @h, %2\n  return %6, %5, %4\n}\n"
               "func @g(%x: f64, %v: f64x4) -> (f64, f64x4, i32) {\n  %s = splat f64x4 %x\n  %w = sub f64x4 %v, %s\n  "
               "%k = const i32 9\n"
               "  %y = call f64 @h, %x\n  return %y, %w, %k\n}\n"
               "func @h(%x: f64) -> (f64) {\n  %1 = const f64 2\n  %2 = mul f64 %x, %1\n  return %2\n}\n",
               {slot(10.0), slot(3.0)});
    EXPECT_EQ(o.get<double>(0), 12.0);
    EXPECT_EQ(o.get<double>(1), 7.0);
    EXPECT_EQ(o.get<int32_t>(2), 9);
}

TEST(InterpControl, TheStopWordEndsLoopsAndCallTrees) {
    const int32_t stop = 1;
    const Program endless = checked("func @f() -> () {\n  loop\n    yield\n  end_loop\n  return\n}\n");
    EXPECT_EQ(run_program(endless, {}, &stop).exit, Exit::Cancelled);
    const Program counted = checked(kCount);
    EXPECT_EQ(run_program(counted, {slot(INT64_MIN), slot(INT64_MAX), slot(int64_t{1})}, &stop).exit, Exit::Cancelled);
    EXPECT_EQ(run_program(counted, {slot(int64_t{0}), slot(int64_t{1}), slot(int64_t{1})}, &stop).exit, Exit::Ok);
    // 2^100 calls without a single loop.
    std::string text;
    for (int k = 0; k < 100; ++k) {
        const std::string next = std::to_string(k + 1);
        text += "func @" + std::to_string(k) + "() -> () {\n  call @" + next + "\n  call @" + next + "\n  return\n}\n";
    }
    EXPECT_EQ(run_program(checked(text + "func @100() -> () {\n  return\n}\n"), {}, &stop).exit, Exit::Cancelled);
}

TEST(InterpControl, DeepCallsAndHugeFramesAreSafe) {
    // 4,000 nested calls, each with a frame beyond what fits the small stack.
    std::string text;
    for (int k = 0; k < 4000; ++k) {
        text += "func @" + std::to_string(k) +
                "(%x: i64) -> (i64) {\n  %l = local mut array<f64,1> #100\n  %r = call i64 @" + std::to_string(k + 1) +
                ", %x\n  %one = const i64 1\n  %s = add i64 %r, %one\n  return %s\n}\n";
    }
    text += "func @4000(%x: i64) -> (i64) {\n  return %x\n}\n";
    EXPECT_EQ(run_ir(text, {slot(int64_t{5})}).get<int64_t>(), 4005);
    // 64 lanes in each of 1.1 million nodes pass the bound on the interpreter's stack.
    Program huge;
    huge.functions.emplace_back();
    Builder b(huge.entry());
    ValueId v = b.append(Op::Iota, Type::lanes(Scalar::I64, 6), {});
    for (int k = 0; k < 1'100'000; ++k) v = b.unary(Op::Neg, v);
    b.ret(std::span<const ValueId>());
    ASSERT_TRUE(verify(huge, Limits()).ok());
    EXPECT_EQ(run_program(huge, {}).exit, Exit::StackOverflow);
}

TEST(InterpControl, OneInterpreterServesManyRuns) {
    const Program p = checked(kCount);
    const Interpreter interpreter(p);
    EXPECT_GT(interpreter.memory_bytes(), 0u);
    EXPECT_LT(interpreter.memory_bytes(), 4096u);
    for (int64_t n = 0; n < 100; ++n) {
        Context context;
        const Slot args[] = {0, slot(n), 1};
        Slot outs[2];
        ASSERT_EQ(interpreter.run(context, args, outs), Exit::Ok);
        EXPECT_EQ(static_cast<int64_t>(outs[1]), n * (n - 1) / 2);
    }
}

}  // namespace
}  // namespace exprjit
