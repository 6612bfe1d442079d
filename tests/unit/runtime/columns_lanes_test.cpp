// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Kernels that have lanes of their own, over columns: a row at a time, with the results of single calls. Each program was
// written as lanes of rows once, which made invalid loops of it.
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "unit/runtime/columns_fixture.h"

namespace exprjit::columns {
namespace {

// (%x: f64, %c: bool) -> (a value that %c decides, %x)
struct LanesProgram {
    const char* what;
    const char* text;
    int64_t if_false, if_true;
};
constexpr LanesProgram kPrograms[] = {
    {"an if between constants", R"(func @main(%x: f64, %c: bool) -> (i64, f64) {
  %a = const i64x8 3
  %b = const i64x8 4
  if %c
    yield %a
  else
    yield %b
  %r = end_if i64x8
  %e = extract i64 %r, #5
  return %e, %x
}
)",
     4, 3},
    {"an if between masks", R"(func @main(%x: f64, %c: bool) -> (i64, f64) {
  %a = const boolx8 true
  %b = const boolx8 false
  if %c
    yield %a
  else
    yield %b
  %r = end_if boolx8
  %e = count_lanes i64 %r
  return %e, %x
}
)",
     0, 8},
    {"a check of a mask in an arm", R"(func @main(%x: f64, %c: bool) -> (i64, f64) {
  %m = const boolx8 false
  %n = not boolx8 %m
  %two = const i64 2
  if %c
    %one = const i64 1
    yield %one
  else
    check %n, user, #3
    yield %two
  %r = end_if i64
  return %r, %x
}
)",
     2, 1},
    {"lanes in straight lines", R"(func @main(%x: f64, %c: bool) -> (i64, f64) {
  %m = splat boolx8 %c
  %k = const i64x8 5
  %z = const i64x8 7
  %i = iota i64x8
  %v = select i64x8 %m, %k, %z
  %s = add i64x8 %v, %i
  %e = extract i64 %s, #7
  return %e, %x
}
)",
     14, 12},
};

TEST(RuntimeLanesOverColumns, GiveWhatSingleCallsGive) {
    const Ref<Engine> engine = Engine::create({});
    for (const LanesProgram& p : kPrograms) {
        for (const EngineChoice& e : engine_choices()) {
            CompileRequest request;
            request.kind = SourceKind::Ir;
            request.text = p.text;
            request.tier = e.tier;
            request.isa = e.isa;
            auto made = engine->compile(request);
            if (!made) {  // lanes that the level lacks
                ASSERT_EQ(made.error().status(), Status::Unsupported) << p.what << ", " << e.name;
                ASSERT_NE(e.tier, TierChoice::Interpreter) << p.what;
                continue;
            }
            Kernel& kernel = **made;
            for (int choice = 0; choice < 2; ++choice) {
                for (int uniform = 0; uniform < 4; ++uniform) {
                    const auto column = [&](int bit, const void* data, int64_t size, Storage storage) {
                        return Column{const_cast<void*>(data), (uniform >> bit & 1) != 0 ? 0 : size, storage};
                    };
                    const std::vector<double> x(21, 0.25);
                    const std::vector<uint8_t> c(21, static_cast<uint8_t>(choice));
                    std::vector<int64_t> out(21, -1);
                    std::vector<double> copy(21, -1);
                    const std::vector<Column> in = {column(0, x.data(), 8, Storage::F64),
                                                    column(1, c.data(), 1, Storage::Bool)};
                    const std::vector<Column> results = {{out.data(), 8, Storage::I64}, {copy.data(), 8, Storage::F64}};
                    const auto done = eval_columns(kernel, nullptr, in, results, 21);
                    ASSERT_TRUE(done.ok()) << p.what << ", " << e.name;
                    const std::vector<int64_t> wanted(21, choice == 0 ? p.if_false : p.if_true);
                    EXPECT_EQ(out, wanted) << p.what << ", " << e.name << ", uniform " << uniform;
                    EXPECT_EQ(copy, x) << p.what << ", " << e.name << ", uniform " << uniform;
                }
            }
            kernel.release();
        }
    }
    engine->close();
}

// Nothing in it but lanes asks for a context.
TEST(RuntimeLanes, OfAWholeVectorBecomeCode) {
    if (host_isa() < Isa::V3) GTEST_SKIP() << "lanes need v3";
    const Ref<Engine> engine = Engine::create({});
    const std::string type = host_isa() == Isa::V4 ? "f64x8" : "f64x4";
    const std::string text = "func @main(%x: f64) -> (f64) {\n  %l = splat " + type + " %x\n  %s = mul " + type +
                             " %l, %l\n  %r = extract f64 %s, #3\n  return %r\n}\n";
    for (const TierChoice tier : {TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised}) {
        CompileRequest request;
        request.kind = SourceKind::Ir;
        request.text = text;
        request.tier = tier;
        auto made = engine->compile(request);
        ASSERT_TRUE(made.ok()) << made.error().diagnostics.front().message;
        double x = 1.5;
        double out = 0;
        const std::vector<Column> in = {{&x, 8, Storage::F64}}, results = {{&out, 8, Storage::F64}};
        ASSERT_TRUE(eval_columns(**made, nullptr, in, results, 1).ok());
        EXPECT_EQ(out, 2.25);
        (*made)->release();
    }
    engine->close();
}

}  // namespace
}  // namespace exprjit::columns
