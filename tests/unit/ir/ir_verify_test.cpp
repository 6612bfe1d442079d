// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every rule of the verifier with a program that breaks it and nothing else.
#include <gtest/gtest.h>

#include <functional>

#include "ir/builder.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "random_program.h"

namespace exprjit {
namespace {

std::string explain(const Error& error) {
    std::string all;
    for (const Diagnostic& d : error.diagnostics) all += "EJ" + std::to_string(d.code) + " " + d.message + "\n";
    return all;
}

Program parsed(std::string_view text) {
    auto p = parse_ir(text, Limits());
    EXPECT_TRUE(p.ok()) << (p.ok() ? "" : explain(p.error())) << text;
    return p.ok() ? std::move(*p) : Program();
}

void expect_code(const Program& p, int code, const std::string& what, const Limits& limits = {},
                 Trust trust = Trust::Border) {
    const auto result = verify(p, limits, trust);
    if (code == 0) {
        EXPECT_TRUE(result.ok()) << what << explain(result.error());
        return;
    }
    ASSERT_FALSE(result.ok()) << "accepted:\n" << what;
    EXPECT_EQ(result.error().diagnostics[0].code, code) << what << explain(result.error());
}

// A body over parameters of every kind; it needs no return of its own.
std::string over_everything(std::string_view lines) {
    return "table 0: f64 [1, 2]\nfunc @f(%a: f64, %b: f32, %i: i64, %j: i32, %c: bool, %x: array<f64,1>, %m: mut "
           "array<i8,2>) -> () {\n" +
           std::string(lines) +
           "  return\n}\nfunc @g(%p: f64, %q: mut array<f64,1>) -> (f64, i32) {\n  %2 = const i32 0\n  return %p, "
           "%2\n}\n";
}

TEST(IrVerify, TypesAndOperands) {
    struct Case {
        const char* lines;
        int code;  // 0: accepted
    };
    const Case cases[] = {
        {"  %1 = add f64 %a, %a\n", 0},
        {"  %1 = add f64 %a\n", 2121},
        {"  %1 = add f64 %a, %b\n", 2122},
        {"  %1 = add f32 %a, %a\n", 2123},
        {"  %1 = sqrt i64 %i\n", 2122},
        {"  %1 = add bool %c, %c\n", 2122},
        {"  %1 = lt bool %a, %a\n", 0},
        {"  %1 = lt f64 %a, %a\n", 2123},
        {"  %1 = add f64 %x, %x\n", 2122},
        {"  %1 = select f64 %c, %a, %a\n", 0},
        {"  %1 = select f64 %a, %a, %a\n", 2122},
        {"  %1 = select array<f64,1> %c, %x, %x\n", 2122},
        {"  %1 = splat f64x4 %a\n  %2 = add f64x4 %1, %1\n", 0},
        {"  %1 = splat f64x4 %a\n  %2 = add f64x4 %1, %a\n", 2122},
        {"  %1 = splat f64x4 %a\n  %2 = splat f64x2 %a\n  %3 = add f64x4 %1, %2\n", 2122},
        {"  %1 = splat f64x4 %a\n  %2 = lt bool %1, %1\n", 2123},
        {"  %1 = splat f64x4 %a\n  %2 = select f64x4 %c, %1, %1\n", 2122},
        {"  %1 = int_to_float f32 %i\n", 0},
        {"  %1 = int_to_float i32 %i\n", 2123},
        {"  %1 = widen i64 %j\n", 0},
        {"  %1 = widen i32 %i\n", 2123},
        {"  %1 = wrap i64 %j\n", 2123},
        {"  %1 = bits i64 %a\n", 0},
        {"  %1 = bits i32 %a\n", 2123},
        {"  %1 = from_bits f32 %j\n", 0},
        {"  %1 = from_bits f64 %j\n", 2123},
        {"  %1 = powi f64 %a, #-16\n", 0},
        {"  %1 = powi f64 %a, #17\n", 2124},
        {"  %1 = powi i64 %i, #16\n", 0},
        {"  %1 = powi i64 %i, #-1\n", 2124},
        {"  %1 = neg f64 %a, #1\n", 2124},
        {"  %1 = add_overflow i64 %i, %i\n  %2 = result bool #1\n", 0},
        {"  %1 = add_overflow i64 %i, %i\n", 2113},
        {"  %1 = add_overflow i64 %i, %i\n  %2 = result i64 #1\n", 2123},
        {"  %1 = add_overflow i64 %i, %i\n  %2 = result bool #2\n", 2113},
        {"  %1 = add i64 %i, %i\n  %2 = result bool #1\n", 2113},
        {"  %1 = raw_bits i64 %a\n", 2105},
        {"  %1 = const f64x2 1\n  %2 = neg f64x2 %1\n", 0},
        {"  %1 = const array<f64,1> #0\n", 2123},
        {"  %1 = const i32x4 #0x100000000\n", 2124},
        {"  %1 = const boolx8 #2\n", 2124},
        {"  %1 = splat boolx8 %c\n  %2 = count_lanes i64 %1\n  %3 = count_lanes i64 %c\n", 0},
        {"  %1 = count_lanes i64 %i\n", 2122},
        {"  %1 = count_lanes i32 %c\n", 2123},
        {"  %1 = const i32 #0x100000000\n", 2124},
        {"  %1 = const bool #2\n", 2124},
        {"  %1 = param f64 #0\n", 2103},
        {"  %1 = index i64\n", 2113},
        {"  %1 = carried i64 #0\n", 2113},
        {"  check %c, user, #5\n", 0},
        {"  check %a, user, #5\n", 2122},
        {"  check %c, #5\n", 2124},
        {"  check %c, %c, user, #5\n", 2105},
        {"  check %c, %c, %c, user, #5\n", 2121},
        {"  check %c, unsigned, #5\n  check %c, no_rows, #6\n", 0},
        {"  check %c, #0x700000000\n", 2124},
        {"  %1 = splat boolx8 %c\n  check %1, user, #0\n  %2 = any bool %1\n", 0},
        {"  %1 = any bool %a\n", 2122},
        {"  %1 = splat boolx8 %c\n  %2 = any boolx8 %1\n", 2123},
        {"  %1 = splat f64 %a\n", 2123},
        {"  %1 = splat f32x4 %a\n", 2123},
        {"  %1 = splat f64x4 %x\n", 2122},
        {"  %1 = splat f64x4 %a\n  %2 = extract f64 %1, #3\n", 0},
        {"  %1 = splat f64x4 %a\n  %2 = extract f64 %1, #4\n", 2124},
        {"  %1 = splat f64x4 %a\n  %2 = extract f32 %1, #0\n", 2123},
        {"  %1 = extract f64 %a, #0\n", 2122},
        {"  %1 = iota i32x16\n", 0},
        {"  %1 = iota i64\n", 2123},
        {"  %1 = iota f64x2\n", 2123},
    };
    for (const Case& c : cases) expect_code(parsed(over_everything(c.lines)), c.code, c.lines);
}

TEST(IrVerify, ArraysAndCalls) {
    struct Case {
        const char* lines;
        int code;
    };
    const Case cases[] = {
        {"  %1 = load f64 %x, %i\n", 0},
        {"  %1 = load f64 %x, %j\n", 2122},
        {"  %1 = load f64 %x, %i, %i\n", 2121},
        {"  %1 = load f32 %x, %i\n", 2123},
        {"  %1 = load f64 %a, %i\n", 2122},
        {"  %1 = load f64 %i\n", 2122},
        {"  %1 = load f64 %x, %i, inside\n", 2105},
        {"  %1 = load f64 %x, %i, #2\n", 2124},
        {"  %1 = load i32 %m, %i, %i\n", 0},
        {"  %1 = load i32 %m, %i, %j\n", 2122},
        {"  %1 = iota i64x4\n  %2 = load f64x4 %x, %1\n", 0},
        {"  %1 = iota i64x4\n  %2 = load f64 %x, %1\n", 2123},
        {"  %1 = iota i64x4\n  %2 = load i32x4 %m, %1, %i\n", 2122},
        {"  store %m, %i, %i, %j\n", 0},
        {"  store %m, %i, %i, %i\n", 2122},
        {"  store %m, %i, %j\n", 2121},
        {"  store %x, %i, %a\n", 2130},
        {"  %1 = store i32 %m, %i, %i, %j\n", 2123},
        {"  %1 = len i64 %m, #1\n", 0},
        {"  %1 = len i64 %m, #2\n", 2124},
        {"  %1 = len i32 %m, #1\n", 2123},
        {"  %1 = len i64 %a, #0\n", 2122},
        {"  %1 = local mut array<i16,1> #100\n", 0},
        {"  %1 = local array<i16,1> #100\n", 2123},
        {"  %1 = local mut array<i16,2> #100\n", 2123},
        {"  %1 = local mut array<f64,1> #9000\n", 2101},
        {"  %1 = local mut array<f64,1> #0xffffffffffffffff\n", 2101},
        {"  %1 = local mut array<f64,1> #5000\n  %2 = local mut array<f64,1> #5000\n", 2101},
        {"  %1 = table array<f64,1> #0\n", 0},
        {"  %1 = table array<f64,1> #1\n", 2124},
        {"  %1 = table array<f32,1> #0\n", 2123},
        {"  %1 = table mut array<f64,1> #0\n", 2123},
        {"  %1 = base i64 %x\n", 2105},
        {"  %l = local mut array<f64,1> #4\n  %1 = call f64 @g, %a, %l\n  %2 = result i32 #1\n", 0},
        {"  %l = local mut array<f64,1> #4\n  %1 = call f64 @g, %a, %l\n", 2113},
        {"  %l = local mut array<f64,1> #4\n  %1 = call f32 @g, %a, %l\n  %2 = result i32 #1\n", 2123},
        {"  %l = local mut array<f64,1> #4\n  %1 = call f64 @g, %b, %l\n  %2 = result i32 #1\n", 2122},
        {"  %1 = call f64 @g, %a, %x\n  %2 = result i32 #1\n", 2130},
        {"  %1 = call f64 @g, %a\n  %2 = result i32 #1\n", 2121},
        {"  %1 = call f64 @f, %a, %x\n", 2131},
        {"  %1 = call f64 @7, %a, %x\n", 2131},
        {"  loop %x\n    %k = carried array<f64,1> #0\n    return\n  end_loop\n", 2122},
        {"  if %c\n    yield %x\n  else\n    yield %x\n  %r = end_if array<f64,1>\n", 2123},
    };
    for (const Case& c : cases) expect_code(parsed(over_everything(c.lines)), c.code, c.lines);
    // A mut array may be passed as a const one.
    expect_code(parsed("func @f(%x: mut array<f64,1>) -> () {\n  call @g, %x\n  return\n}\n"
                       "func @g(%x: array<f64,1>) -> () {\n  return\n}\n"),
                0, "mut as const");
}

TEST(IrVerify, RegionsAndFlow) {
    struct Case {
        const char* lines;
        int code;
    };
    const Case cases[] = {
        {"  if %c\n    yield %a\n  else\n    yield %a\n  %r = end_if f64\n", 0},
        {"  if %c\n    yield %a\n  else\n    yield\n  %r = end_if f64\n", 2125},
        {"  if %c\n    yield %a\n  else\n    yield %b\n  %r = end_if f64\n", 2125},
        {"  if %c\n    yield %a\n  else\n    yield %a\n  end_if\n", 2125},
        {"  if %c\n    yield %a, %i\n  else\n    return\n  %r = end_if f64\n  %s = result i64 #1\n", 0},
        {"  if %c\n    yield %a, %i\n  else\n    return\n  %r = end_if f64\n  %s = result i64 #2\n", 2113},
        {"  if %c\n    return\n  else\n    return\n  end_if\n  %1 = add f64 %a, %a\n", 0},
        {"  if %c\n    return\n  else\n    return\n  %r = end_if f64\n  %1 = add f64 %r, %a\n", 0},
        {"  if %a\n    yield\n  else\n    yield\n  end_if\n", 2122},
        {"  if %c\n    %t = add f64 %a, %a\n  else\n    yield\n  end_if\n", 2111},
        {"  if %c\n    yield\n  else\n  end_if\n", 2111},
        {"  if %c\n    yield\n    %t = add f64 %a, %a\n  else\n    yield\n  end_if\n", 2111},
        {"  yield\n", 2111},
        {"  return\n", 2111},
        {"  break #0\n", 2114},
        {"  loop\n    break #1\n  end_loop\n", 2114},
        {"  loop\n    loop\n      continue #1\n    end_loop\n    break #0\n  end_loop\n", 0},
        {"  loop %a\n    %k = carried f64 #0\n    break %k, #0\n  %r = end_loop f64\n", 0},
        {"  loop %a\n    %k = carried f64 #0\n    break #0\n  %r = end_loop f64\n", 2125},
        {"  loop %a\n    %k = carried f64 #0\n    continue %b, #0\n  %r = end_loop f64\n", 2125},
        {"  loop %a\n    %k = carried f64 #0\n    yield\n  %r = end_loop f64\n", 2125},
        {"  loop %a\n    %k = carried f32 #0\n    yield %k\n  %r = end_loop f32\n", 2125},
        {"  loop %a\n    %k = carried f64 #1\n    yield %k\n  %r = end_loop f64\n", 2113},
        {"  loop %a\n    %t = add f64 %a, %a\n    yield %t\n  %r = end_loop f64\n", 2113},
        {"  loop %a\n    %k = carried f64 #0\n    yield %k\n  %r = end_loop f32\n", 2123},
        {"  loop %a\n    %k = carried f64 #0\n    yield %k\n  end_loop\n", 2123},
        {"  for %i, %i, %i\n    %n = index i64\n    yield\n  end_for\n", 0},
        {"  for %i, %i\n    %n = index i64\n    yield\n  end_for\n", 2121},
        {"  for %i, %j, %i\n    %n = index i64\n    yield\n  end_for\n", 2122},
        {"  for %i, %i, %i\n    yield\n  end_for\n", 2113},
        {"  for %i, %i, %i\n    %n = index i32\n    yield\n  end_for\n", 2113},
        {"  for %i, %i, %i, %a\n    %n = index i64\n    %k = carried f64 #0\n    yield %k\n  %r = end_for f64\n", 0},
        {"  for %i, %i, %i, %a, %j\n    %n = index i64\n    %k = carried f64 #0\n    %l = carried i32 #1\n    yield "
         "%k, %l\n"
         "  %r = end_for f64\n  %s = result i32 #1\n",
         0},
        {"  for %i, %i, %i, %a, %j\n    %n = index i64\n    %k = carried f64 #0\n    %l = carried i32 #1\n    yield "
         "%k, %l\n"
         "  %r = end_for f64\n",
         2113},
        {"  loop\n    %t = add f64 %a, %a\n    break #0\n  end_loop\n  %u = add f64 %t, %a\n", 2120},
        {"  if %c\n    %t = add f64 %a, %a\n    yield\n  else\n    %u = add f64 %t, %a\n    yield\n  end_if\n", 2120},
        {"  if %c\n    %t = add f64 %a, %a\n    yield\n  else\n    yield\n  end_if\n  %u = add f64 %t, %a\n", 2120},
        {"  return %a\n", 2125},
    };
    for (const Case& c : cases) expect_code(parsed(over_everything(c.lines)), c.code, c.lines);
}

// What text cannot say, because the parser would not let it.
TEST(IrVerify, BrokenNodesAndLinks) {
    const std::string text = over_everything("  if %c\n    yield\n  else\n    yield\n  end_if\n"  // 7 8 9 10 11
                                             "  for %i, %i, %i, %a\n    %n = index i64\n    %k = carried f64 #0\n    "
                                             "yield %k\n  %r = end_for f64\n"      // 12 … 16
                                             "  loop\n    break #0\n  end_loop\n"  // 17 18 19
                                             "  %t = add f64 %a, %a\n");           // 20
    struct Case {
        const char* what;
        int code;
        std::function<void(Program&)> change;
    };
    const auto node = [](Program& p, ValueId v) -> Node& { return p.functions[0].nodes[v]; };
    const Case cases[] = {
        {"untouched", 0, [](Program&) {}},
        {"no function", 2100, [](Program& p) { p.functions.clear(); }},
        {"table of half an element", 2100, [](Program& p) { p.tables[0].bytes.pop_back(); }},
        {"table of unknown storage", 2100, [](Program& p) { p.tables[0].storage = static_cast<Storage>(99); }},
        {"bool table with a 2", 2100,
         [](Program& p) {
             p.tables.push_back({Storage::Bool, {0, 1, 2}});
         }},
        {"spans of another length", 2100, [](Program& p) { p.functions[0].spans.resize(3); }},
        {"result names of another length", 2102, [](Program& p) { p.functions[1].result_names = {"one"}; }},
        {"void parameter", 2102, [](Program& p) { p.functions[1].params[0].type = kVoid; }},
        {"array result", 2102, [](Program& p) { p.functions[1].results[0] = Type::array(Storage::F64, 1, false); }},
        {"malformed parameter", 2102, [](Program& p) { p.functions[1].params[0].type = Type::from_bits(0x00ff0901); }},
        {"lanes as parameter of the entry", 2102,
         [&](Program& p) { p.functions[0].params[0].type = node(p, 0).type = Type::lanes(Scalar::F64, 2); }},
        {"lanes as result of the entry", 2102,
         [](Program& p) { p.functions[0].results = {Type::lanes(Scalar::F64, 2)}; }},
        {"param of another type", 2103, [&](Program& p) { node(p, 0).type = kF32; }},
        {"param of another index", 2103, [&](Program& p) { node(p, 0).imm = 1; }},
        {"no nodes", 2103, [](Program& p) { p.functions[0].nodes.clear(); }},
        {"unknown operation", 2104, [&](Program& p) { node(p, 20).op = static_cast<Op>(kOpCount); }},
        {"malformed type", 2104, [&](Program& p) { node(p, 20).type = Type::from_bits(0x00000701); }},
        {"unknown kind of type", 2104, [&](Program& p) { node(p, 20).type = Type::from_bits(0x00000003); }},
        {"too many inline operands", 2104, [&](Program& p) { node(p, 20).operand_count16 = 4; }},
        {"list outside", 2104,
         [&](Program& p) {
             node(p, 20).operand_count16 = kManyOperands;
             node(p, 20).inline_operands[0] = 0xfffffff0;
             node(p, 20).inline_operands[1] = 0xffffffff;
         }},
        {"list shared by two nodes", 2104,
         [&](Program& p) {
             for (const ValueId v : {12u, 20u}) {
                 node(p, v).operand_count16 = kManyOperands;
                 node(p, v).inline_operands[0] = 0;
                 node(p, v).inline_operands[1] = 4;
             }
         }},
        {"operand that does not exist", 2120, [&](Program& p) { node(p, 20).inline_operands[0] = 1000; }},
        {"operand that is missing", 2120, [&](Program& p) { node(p, 20).inline_operands[0] = kNoValue; }},
        {"operand that is the node itself", 2120, [&](Program& p) { node(p, 20).inline_operands[0] = 20; }},
        {"operand without a value", 2120, [&](Program& p) { node(p, 20).inline_operands[0] = 11; }},
        {"link where none belongs", 2112, [&](Program& p) { node(p, 20).link = 3; }},
        {"link of if", 2110, [&](Program& p) { node(p, 7).link = 11; }},
        {"link of else", 2112, [&](Program& p) { node(p, 9).link = 10; }},
        {"link of end_if", 2112, [&](Program& p) { node(p, 11).link = 9; }},
        {"link of yield", 2112, [&](Program& p) { node(p, 8).link = 12; }},
        {"link of for", 2112, [&](Program& p) { node(p, 12).link = UINT32_MAX; }},
        {"link of end_for", 2112, [&](Program& p) { node(p, 16).link = 17; }},
        {"link of break", 2112, [&](Program& p) { node(p, 18).link = 12; }},
        {"link of end_loop", 2112, [&](Program& p) { node(p, 19).link = 12; }},
        {"end_for closing a loop", 2110, [&](Program& p) { node(p, 19).op = Op::EndFor; }},
        {"region never closed", 2110, [](Program& p) { p.functions[0].nodes.resize(18); }},
        {"no return", 2111, [](Program& p) { p.functions[0].nodes.resize(21); }},
        {"yield with a type", 2123, [&](Program& p) { node(p, 8).type = kF64; }},
    };
    for (const Case& c : cases) {
        Program p = parsed(text);
        c.change(p);
        expect_code(p, c.code, c.what);
    }
}

TEST(IrVerify, LimitsHold) {
    const Program p = parsed(
        over_everything("  loop\n    loop\n      return\n    end_loop\n    return\n  end_loop\n"
                        "  for %i, %i, %i, %i, %i\n    %n = index i64\n    %k = carried i64 #0\n"
                        "    %l = carried i64 #1\n    yield %k, %l\n  %r = end_for i64\n  %s = result i64 #1\n"));
    expect_code(p, 0, "default limits");
    const auto limited = [&](auto member, size_t value) {
        Limits limits;
        limits.*member = value;
        expect_code(p, 2101, "a limit", limits);
    };
    limited(&Limits::max_nodes, 10);
    limited(&Limits::max_nesting, 1);
    limited(&Limits::max_operands, 4);
    limited(&Limits::max_functions, 1);
    limited(&Limits::max_params, 6);
    limited(&Limits::max_table_bytes, 15);
}

TEST(IrVerify, InternalOperationsNeedTrust) {
    const Program p = parsed("func @f(%x: mut array<f32,2>, %i: i64) -> (f32) {\n"
                             "  %b = base i64 %x\n  %s = stride i64 %x, #1\n  %o = mul i64 %i, %s\n"
                             "  %v = load_raw f32 %b, %o, f32\n  store_raw %b, %o, %v, f32\n"
                             "  %w = load f32 %x, %i, %i, inside\n  %l = load_raw f32x4 %b, %o, f16\n"
                             "  %q = raw_bits i32 %w\n  return %v\n}\n");
    expect_code(p, 0, "inside the library", {}, Trust::Internal);
    expect_code(p, 2105, "at the border");
    expect_code(parsed("func @f(%b: i64) -> () {\n  %v = load_raw f32 %b, %b, f64\n  return\n}\n"), 2123,
                "element type", {}, Trust::Internal);
    expect_code(parsed("func @f(%b: i64) -> () {\n  %v = load_raw f32 %b, %b, #99\n  return\n}\n"), 2124, "storage", {},
                Trust::Internal);
    expect_code(parsed("func @f(%x: array<f32,1>) -> () {\n  %v = stride i64 %x, #1\n  return\n}\n"), 2124, "dimension",
                {}, Trust::Internal);
}

TEST(IrVerify, SaysWhereAndStopsAtTen) {
    std::string lines;
    for (int k = 0; k < 30; ++k)
        lines += "  %k" + std::to_string(k) + " = add f64 %a, %b !" + std::to_string(k) + ":99\n";
    const Program p = parsed(over_everything(lines));
    const auto result = verify(p, Limits());
    ASSERT_FALSE(result.ok());
    ASSERT_EQ(result.error().diagnostics.size(), 10u);
    const Diagnostic& d = result.error().diagnostics[3];
    EXPECT_EQ(d.span, (Span{3, 99}));
    EXPECT_EQ(d.message, "function 'f', node %10 (add): operand 1, %1, is f32, expected f64");
    EXPECT_EQ(d.status, Status::Type);
}

TEST(IrVerify, AcceptsEveryRandomProgram) {
    for (uint64_t seed = 0; seed < 500; ++seed) {
        testing::RandomOptions options;
        options.internal = seed % 4 == 0;
        options.columns = seed % 3 == 0;
        const Program p = testing::random_program(seed, options);
        expect_code(p, 0, "seed " + std::to_string(seed) + "\n" + print(p), {},
                    options.internal ? Trust::Internal : Trust::Border);
    }
}

// Any bytes in the nodes: an answer, never a crash.
TEST(IrVerify, SurvivesGarbage) {
    std::mt19937_64 random(1);
    int accepted = 0;
    for (uint64_t seed = 0; seed < 3000; ++seed) {
        Program p = testing::random_program(seed % 50);
        const int changes = 1 + static_cast<int>(random() % 3);
        for (int k = 0; k < changes; ++k) {
            Function& f = p.functions[random() % p.functions.size()];
            Node& n = f.nodes[random() % f.nodes.size()];
            const auto small = static_cast<uint32_t>(random() % (f.size() + 3));
            switch (random() % 9) {
            case 0: n.op = static_cast<Op>(random() % 256); break;
            case 1: n.type = Type::from_bits(static_cast<uint32_t>(random()) & 0x010f0f03); break;
            case 2: n.operand_count16 = static_cast<uint16_t>(random() % 2 ? kManyOperands : random() % 6); break;
            case 3: n.inline_operands[random() % 3] = random() % 4 ? small : static_cast<uint32_t>(random()); break;
            case 4: n.link = random() % 4 ? small : UINT32_MAX; break;
            case 5: n.imm = random() % 2 ? random() % 8 : random(); break;
            case 6: std::swap(n, f.nodes[random() % f.nodes.size()]); break;
            case 7: f.nodes.resize(random() % f.nodes.size() + 1); break;
            default:
                if (!f.params.empty())
                    f.params[random() % f.params.size()].type =
                        Type::from_bits(static_cast<uint32_t>(random()) & 0x010f0f03);
                break;
            }
            if (random() % 20 == 0) f.lists.resize(f.lists.size() / 2);
        }
        accepted += verify(p, Limits(), random() % 2 ? Trust::Border : Trust::Internal).ok();
    }
    EXPECT_GT(accepted, 0);  // otherwise the changes are too coarse to test anything
    EXPECT_LT(accepted, 2700);
}

}  // namespace
}  // namespace exprjit
