// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A program that skipped its passes is an error of the code generator's own, never code that lacks an operation.
#include <gtest/gtest.h>

#include <string>

#include "ir/text.h"
#include "jit/compile.h"

namespace exprjit {
namespace {

std::string error_of(const char* text) {
    Result<Program> program = parse_ir(text, Limits{});
    if (!program) return program.error().diagnostics[0].message;
    CompileOptions options;
    options.form = EntryForm::Context;
    options.isa = host_isa();
    Code code;
    const Result<void> compiled = compile(*program, options, code);
    if (compiled.ok()) return "compiles";
    EXPECT_EQ(compiled.error().status(), Status::Internal);
    return compiled.error().diagnostics[0].message;
}

TEST(NoCode, NamesTheOperation) {
    EXPECT_NE(error_of("func @f(%x: f64) -> (f64) {\n  %1 = sin f64 %x\n  return %1\n}\n").find("`sin`"),
              std::string::npos);
    EXPECT_NE(
        error_of("func @f(%x: i64) -> (i64) {\n  %1 = floor_div i64 %x, %x\n  return %1\n}\n").find("`floor_div`"),
        std::string::npos);
    EXPECT_EQ(error_of("func @f(%x: f64) -> (f64) {\n  %1 = add f64 %x, %x\n  return %1\n}\n"), "compiles");
}

TEST(NoCode, NamesTheOperationOnLanes) {
    if (host_isa() < Isa::V3) GTEST_SKIP() << "lanes need v3";
    const std::string lanes = host_isa() == Isa::V4 ? "f64x8" : "f64x4";
    const std::string text = "func @f(%x: f64) -> (f64) {\n  %1 = splat " + lanes + " %x\n  %2 = sin " + lanes +
                             " %1\n  %3 = extract f64 %2, #0\n  return %3\n}\n";
    EXPECT_NE(error_of(text.c_str()).find("`sin`"), std::string::npos);
    const std::string ints = host_isa() == Isa::V4 ? "i64x8" : "i64x4";
    const std::string divided = "func @f(%x: i64) -> (i64) {\n  %1 = splat " + ints + " %x\n  %2 = floor_div " + ints +
                                " %1, %1\n  %3 = extract i64 %2, #0\n  return %3\n}\n";
    EXPECT_NE(error_of(divided.c_str()).find("`floor_div`"), std::string::npos);
}

}  // namespace
}  // namespace exprjit
