// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The runner must be able to fail: for every kind of expectation, a file whose expectation is wrong, and how often
// that is said.
#include <gtest/gtest.h>

#include <fstream>

#include "runner.h"

namespace {

using namespace exprjit;

// The messages that a file with this text causes.
std::vector<std::string> reports(const std::string& text) {
    const std::string path = testing::TempDir() + "exprjit_self_test.ej";
    std::ofstream(path, std::ios::binary) << text;
    std::vector<std::string> out;
    const filetests::Report report = [&](int, const std::string& message) { out.push_back(message); };
    std::string why;
    const auto file = filetests::read_case_file(path, "self_test", why);
    std::remove(path.c_str());
    if (!file) return {why};
    for (const filetests::Case& c : file->cases) {
        const Result<Program> compiled = filetests::front_end(c);
        if (!filetests::check_front_end(c, compiled, report)) continue;
        filetests::check_listing(*file, c, compiled.value(), false, nullptr, report);
        filetests::check_runs(c, compiled.value(), report);
    }
    return out;
}

std::string run_file(const std::string& rest) {
    return "# about\ntest: run\n\nexpr: a // b\nparams: a: i32, b: i32\n" + rest;
}

TEST(SelfTest, RightExpectationsPass) {
    EXPECT_TRUE(
        reports(run_file("run: (7, 2) == 3\nrun: (7, 0) fails divide_by_zero\ntype: i32\ninputs: a: i32, b: i32\n"))
            .empty());
}

TEST(SelfTest, WrongExpectationsAreReported) {
    EXPECT_FALSE(reports(run_file("run: (7, 2) == 4\n")).empty());
    EXPECT_FALSE(reports(run_file("run: (7, 0) == 0\n")).empty());
    EXPECT_FALSE(reports(run_file("run: (7, 2) fails divide_by_zero\n")).empty());
    EXPECT_FALSE(reports(run_file("run: (7, 0) fails domain\n")).empty());
    EXPECT_FALSE(reports(run_file("type: i64\n")).empty());
    EXPECT_FALSE(reports(run_file("inputs: b: i32, a: i32\n")).empty());
    EXPECT_FALSE(reports(run_file("error: EJ1100\n")).empty());
    EXPECT_FALSE(reports("# about\ntest: lang\n\nexpr: a +\nok\n").empty());
    EXPECT_FALSE(reports("# about\ntest: lang\n\nexpr: a +\nerror: EJ1234\n").empty());
    EXPECT_FALSE(reports("# about\ntest: lang\n\nexpr: a + b\nhas: mul\n").empty());
    EXPECT_FALSE(reports("# about\ntest: lang\n\nexpr: a + b\nlacks: add\n").empty());
    EXPECT_FALSE(reports("# about\ntest: lang\n\nexpr: a + b\nlisting:\n  nothing of the kind\n").empty());
}

TEST(SelfTest, WrongZeroesAndArraysAreReported) {
    EXPECT_FALSE(reports("# about\ntest: run\n\nexpr: -x\nparams: x: f64\nrun: (0) == 0.0\n").empty());
    const std::string store =
        "# about\ntest: run\n\nir:\n  func @main(%x: mut array<i8,1>) -> () {\n    %z = const i64 0\n"
        "    %v = const i32 300\n    store %x, %z, %v\n    return\n  }\n";
    EXPECT_TRUE(reports(store + "run: ([1, 2]) == () leaving ([44, 2])\n").empty());
    EXPECT_FALSE(reports(store + "run: ([1, 2]) == () leaving ([45, 2])\n").empty());
    EXPECT_FALSE(reports(store + "run: ([1, 2]) == ()\n").empty());
}

TEST(SelfTest, MistakesInFilesAreReported) {
    EXPECT_FALSE(reports("test: run\n\nexpr: a\nrun: (1) == 1\n").empty()) << "no comment on top";
    EXPECT_FALSE(reports("# about\ntest: run\n\nexpr: a\n").empty()) << "nothing expected";
    EXPECT_FALSE(reports("# about\ntest: run\n").empty()) << "no case";
    EXPECT_FALSE(reports("# about\ntest: rum\n\nexpr: a\nok\n").empty()) << "unknown kind";
    EXPECT_FALSE(reports("# about\ntest: run\nrunn: x\n\nexpr: a\nok\n").empty()) << "unknown key";
    EXPECT_FALSE(reports(run_file("options: speed=high\nok\n")).empty()) << "unknown option";
    EXPECT_FALSE(reports(run_file("run: (1) == 1\n")).empty()) << "too few arguments";
    EXPECT_FALSE(reports(run_file("run: (1.5, 2) == 1\n")).empty()) << "no i32";
}

}  // namespace
