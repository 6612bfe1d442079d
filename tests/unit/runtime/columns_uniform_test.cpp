// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Columns of which some or all are one value: what does not depend on the row is scalar code in a function that has lanes, with
// fewer registers than lanes have. The program was found by chance: in its loop a value had to go to memory in an arm that almost never
// runs, and went there after its register had been overwritten.
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "runtime/columns.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

constexpr char kPressed[] = R"(
func @main(%x: f64, %y: f64, %n: i64) -> (f64) {
  %3 = mul f64 %x, %y
  %4 = floor f64 %3
  %5 = sigmoid f64 %x
  %6 = const i64 0
  %7 = const i64 1
  for %6, %n, %7, %5, %4
    %9 = index i64
    %10 = carried f64 #0
    %11 = carried f64 #1
    %12 = convert f64 %9
    %13 = exp f64 %12
    %14 = const f64 0
    %15 = lt bool %13, %14
    %16 = sub f64 %14, %11
    %17 = const f64 0x1p-1  ; 0.5
    %18 = isnan bool %y
    if %18
      %20 = const f64 -0x1.4p+1  ; -2.5
      yield %20, %17, %10
    else
      yield %10, %11, %11
    %24 = end_if f64
    %25 = result f64 #1
    %26 = result f64 #2
    %27 = select f64 %15, %16, %25
    %28 = const f64 1
    %29 = asinh f64 %28
    yield %27, %29
  %31 = end_for f64
  %32 = result f64 #1
  %33 = softplus f64 %32
  %34 = exp f64 %33
  %35 = const f64 0
  %36 = ge bool %y, %35
  if %36
    %38 = const f64 0x1p-1  ; 0.5
    yield %4, %x, %38
  else
    %41 = const f64 -0x1.4p+1  ; -2.5
    yield %41, %35, %x
  %43 = end_if f64
  %44 = result f64 #1
  %45 = result f64 #2
  %46 = const i64 3
  for %6, %46, %7, %44, %32
    %48 = index i64
    %49 = carried f64 #0
    %50 = carried f64 #1
    %51 = convert f64 %48
    %52 = const f64 -0x1.4p+1  ; -2.5
    %53 = const f64 1
    %54 = ne bool %52, %53
    if %54
      %56 = const f64 0x1p-1  ; 0.5
      yield %56, %34, %y
    else
      %59 = const f64 0x1p-1  ; 0.5
      yield %49, %50, %59
    %61 = end_if f64
    %62 = result f64 #1
    %63 = result f64 #2
    %64 = expm1 f64 %63
    %65 = tan f64 %50
    yield %64, %65
  %67 = end_for f64
  %68 = result f64 #1
  %69 = sigmoid f64 %32
  %70 = const f64 -0x1.4p+1  ; -2.5
  %71 = ne bool %70, %34
  %72 = select f64 %71, %35, %y
  %73 = mul f64 %69, %72
  %74 = const f64 1
  %75 = ne bool %73, %74
  %76 = div f64 %74, %y
  %77 = cos f64 %70
  %78 = div f64 %76, %77
  %79 = ge bool %35, %32
  %80 = select f64 %79, %32, %x
  %81 = ne bool %y, %32
  if %81
    yield %y
  else
    yield %32
  %86 = end_if f64
  %87 = sub f64 %80, %86
  %88 = select f64 %75, %78, %87
  return %88
}
)";

struct Row {
    double x, y;
    int64_t n;
};
constexpr Row kRows[] = {{-1, -800, 0}, {-1, -800, 1}, {-1, -8, 0},  {1, -800, 0},
                         {-1, -80, 2},  {-1, 800, 0},  {-2, -300, 5}};

TEST(RuntimeUniformColumns, ScalarsUnderPressureGoToMemoryInTime) {
    const Ref<Engine> engine = Engine::create({});
    std::vector<uint64_t> wanted;
    for (const TierChoice tier : {TierChoice::Interpreter, TierChoice::Baseline, TierChoice::Optimised}) {
        CompileRequest request;
        request.kind = SourceKind::Ir;
        request.text = kPressed;
        request.tier = tier;
        auto made = engine->compile(request);
        ASSERT_TRUE(made.ok()) << made.error().diagnostics.front().message;
        Kernel& kernel = **made;
        for (size_t k = 0; k < std::size(kRows); ++k) {
            for (int uniform = 0; uniform < 8; ++uniform) {
                const std::vector<double> x(9, kRows[k].x), y(9, kRows[k].y);
                const std::vector<int64_t> n(9, kRows[k].n);
                std::vector<double> out(9, -1);
                const auto column = [&](int bit, const auto& values, Storage storage) {
                    return Column{const_cast<void*>(static_cast<const void*>(values.data())),
                                  (uniform >> bit & 1) != 0 ? 0 : 8, storage};
                };
                const std::vector<Column> in = {column(0, x, Storage::F64), column(1, y, Storage::F64),
                                                column(2, n, Storage::I64)};
                const std::vector<Column> result = {{out.data(), 8, Storage::F64}};
                ASSERT_TRUE(eval_columns(kernel, nullptr, in, result, 9).ok());
                if (wanted.size() == k) wanted.push_back(std::bit_cast<uint64_t>(out[0]));
                for (const double value : out)
                    ASSERT_EQ(std::bit_cast<uint64_t>(value), wanted[k]) << "row " << k << ", uniform " << uniform;
            }
        }
        kernel.release();
    }
    engine->close();
}

}  // namespace
}  // namespace exprjit
