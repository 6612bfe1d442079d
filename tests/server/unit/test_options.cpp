// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Flags, environment, tokens, and the page that documents them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "options.h"
#include "token.h"

namespace exprjit::server {
namespace {

struct Read {
    bool goes_on = false;
    int exit_code = -1;
    Options options;
    std::string errors;
};

Read read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "exprjit-server");
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    Read result;
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    result.goes_on = read_options(static_cast<int>(pointers.size()), pointers.data(), result.options, result.exit_code);
    testing::internal::GetCapturedStdout();
    result.errors = testing::internal::GetCapturedStderr();
    return result;
}

TEST(Options, DefaultsAreLocalAndLimited) {
    const Read result = read({});
    ASSERT_TRUE(result.goes_on);
    ASSERT_EQ(result.options.addresses.size(), 1u);
    EXPECT_EQ(result.options.addresses[0].text(), "127.0.0.1:50051");
    EXPECT_TRUE(result.options.has_reflection());
    EXPECT_TRUE(result.options.shows_assembly());
    EXPECT_GE(result.options.threads, 1);
    EXPECT_EQ(result.options.limits.max_text_bytes, 65'536);
    EXPECT_EQ(result.options.code_memory, "sealed");
}

TEST(Options, FlagsGoBeforeTheEnvironmentBeforeDefaults) {
    setenv("EXPRJIT_SERVER_MAX_NODES", "100", 1);
    setenv("EXPRJIT_SERVER_MAX_MESSAGE_BYTES", "2MiB", 1);
    setenv("EXPRJIT_SERVER_LISTEN", "unix:/a,127.0.0.1:5", 1);
    const Read from_environment = read({});
    const Read from_both = read({"--max-nodes", "200"});
    unsetenv("EXPRJIT_SERVER_MAX_NODES");
    unsetenv("EXPRJIT_SERVER_MAX_MESSAGE_BYTES");
    unsetenv("EXPRJIT_SERVER_LISTEN");
    ASSERT_TRUE(from_environment.goes_on) << from_environment.errors;
    EXPECT_EQ(from_environment.options.limits.max_nodes, 100);
    EXPECT_EQ(from_environment.options.limits.max_message_bytes, 2 << 20);
    EXPECT_EQ(from_environment.options.addresses.size(), 2u);
    EXPECT_EQ(from_both.options.limits.max_nodes, 200);
}

TEST(Options, EveryLimitIsCheckedAtItsEdges) {
    for (const LimitRow& row : limit_rows()) {
        const auto with = [&](int64_t value) {
            return read({std::string("--") + row.name + "=" + std::to_string(value)});
        };
        for (const int64_t good : {row.smallest, row.largest}) {
            const Read result = with(good);
            ASSERT_TRUE(result.goes_on) << row.name << ": " << result.errors;
            EXPECT_EQ(result.options.limits.*row.value, good) << row.name;
        }
        for (const int64_t bad : {row.smallest - 1, row.largest + 1}) {
            const Read result = with(bad);
            EXPECT_FALSE(result.goes_on) << row.name << " " << bad;
            EXPECT_EQ(result.exit_code, 2) << row.name;
            EXPECT_NE(result.errors.find(row.name), std::string::npos) << result.errors;
        }
    }
}

TEST(Options, MistakesEndWithTwoAndASentence) {
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{"--listen", "0.0.0.0:1"},
                                                                                       {"--listen", "nonsense"},
                                                                                       {"--tls-cert", "x"},
                                                                                       {"--tls-client-ca", "x"},
                                                                                       {"--metrics-port", "0"},
                                                                                       {"--metrics-port", "70000"},
                                                                                       {"--code-memory", "gold"},
                                                                                       {"--socket-mode", "789"},
                                                                                       {"--unknown"},
                                                                                       {"--threads", "-1"}}) {
        const Read result = read(wrong);
        EXPECT_FALSE(result.goes_on) << wrong[0];
        EXPECT_EQ(result.exit_code, 2) << wrong[0];
        EXPECT_FALSE(result.errors.empty()) << wrong[0];
    }
}

TEST(Options, NumbersThatAreNoneAreQuoted) {
    for (const std::string flag : {"--max-nodes", "--max-text-bytes", "--threads"}) {
        for (const std::string wrong : {"abc", "5x", "1e3", "1.5", "12 monkeys", "5kibi"}) {
            const Read result = read({flag + "=" + wrong});
            EXPECT_EQ(result.exit_code, 2) << flag << wrong;
            EXPECT_NE(result.errors.find("'" + wrong + "' is no whole number"), std::string::npos) << result.errors;
            EXPECT_NE(result.errors.find(flag), std::string::npos) << result.errors;
        }
    }
    for (const std::string wrong : {"99999999999999999999", "-99999999999999999999"}) {
        const Read result = read({"--max-nodes=" + wrong});
        EXPECT_EQ(result.exit_code, 2);
        EXPECT_NE(result.errors.find("allowed are 16 to 4000000 nodes, not " + wrong), std::string::npos)
            << result.errors;
    }
    for (const auto& [text, value] : std::vector<std::pair<std::string, int64_t>>{
             {"4096", 4096}, {"64k", 65'536}, {"64KiB", 65'536}, {"64 kb", 65'536}, {"1M", 1 << 20}, {"100b", 100}}) {
        const Read result = read({"--max-text-bytes=" + text});
        ASSERT_TRUE(result.goes_on) << result.errors;
        EXPECT_EQ(result.options.limits.max_text_bytes, value) << text;
    }
}

TEST(Options, ReflectionAndAssemblyAreForThisMachineUnlessAsked) {
    const Read open = read({"--listen", "0.0.0.0:1", "--insecure"});
    ASSERT_TRUE(open.goes_on);
    EXPECT_FALSE(open.options.has_reflection());
    EXPECT_FALSE(open.options.shows_assembly());
    const Read asked = read({"--listen", "0.0.0.0:1", "--insecure", "--explain-assembly", "on", "--reflection", "on"});
    EXPECT_TRUE(asked.options.has_reflection());
    EXPECT_TRUE(asked.options.shows_assembly());
}

TEST(Options, TheOperatorsPageListsEveryLimitWithItsDefault) {
    std::ifstream file(EXPRJIT_SOURCE_DIR "/docs/server.md");
    std::ostringstream page;
    page << file.rdbuf();
    const Limits defaults;
    for (const LimitRow& row : limit_rows()) {
        const std::string begins =
            "| `--" + std::string(row.name) + "` | " + limit_text(defaults.*row.value, row.unit) + " |";
        EXPECT_NE(page.str().find(begins), std::string::npos)
            << "docs/server.md has no line that begins with: " << begins;
    }
}

TEST(Tokens, AnyLineOfTheFileIsOne) {
    Tokens tokens;
    EXPECT_FALSE(tokens.are_required());
    ASSERT_EQ(tokens.parse("# for the batch jobs\n0123456789abcdef\n\n  \r\nfedcba9876543210 \r\n", "x"), "");
    EXPECT_TRUE(tokens.are_required());
    EXPECT_TRUE(tokens.allow("Bearer 0123456789abcdef"));
    EXPECT_TRUE(tokens.allow("bearer fedcba9876543210"));
    for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0",
                              "Basic 0123456789abcdef", "0123456789abcdef", "Bearer  0123456789abcdef"}) {
        EXPECT_FALSE(tokens.allow(wrong)) << wrong;
    }
}

TEST(Tokens, ADirectoryIsNoFileOfTokens) {
    Tokens tokens;
    EXPECT_NE(tokens.load(EXPRJIT_SOURCE_DIR).find("is a directory"), std::string::npos);
}

TEST(Tokens, FilesThatCannotProtectAreRefused) {
    for (const char* wrong :
         {"", "# nothing\n", "short\n", "0123456789 abcdef\n", "0123456789abcd\xc3\xa4\xc3\xa4\n"}) {
        Tokens tokens;
        EXPECT_NE(tokens.parse(wrong, "x"), "") << wrong;
        EXPECT_FALSE(tokens.are_required());
    }
}

}  // namespace
}  // namespace exprjit::server
