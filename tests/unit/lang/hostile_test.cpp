// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Texts made to hurt: very deep, very long, random. They must end, within limits, without a deep machine stack; the
// sizes are such that anything worse than linear would not end within the time a test may take.
#include <functional>
#include <random>
#include <thread>

#include <pthread.h>

#include "run_text.h"

namespace exprjit::testing {
namespace {

std::string repeat(std::string_view piece, size_t n) {
    std::string all;
    all.reserve(piece.size() * n);
    for (size_t i = 0; i < n; ++i) all += piece;
    return all;
}

// Runs on a thread whose stack is a fraction of what recursion over these texts would need.
void with_small_stack(const std::function<void()>& body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, 512 * 1024), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* f) -> void* {
                      (*static_cast<const std::function<void()>*>(f))();
                      return nullptr;
                  },
                  const_cast<std::function<void()>*>(&body)),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

// First diagnostic's code, 0 if it compiles.
int32_t code_of(const std::string& text, Limits limits = {}) {
    Program program;
    auto compiled = compile_text(text, TextOptions(), limits, program);
    return compiled.ok() ? 0 : compiled.error().diagnostics.front().code;
}

constexpr size_t kDeep = 300'000;

TEST(Hostile, DeepTextsCompile) {
    with_small_stack([] {
        const size_t n = kDeep;
        EXPECT_EQ(code_of(repeat("(", n) + "x" + repeat(")", n)), 0);
        EXPECT_EQ(code_of(repeat("-", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("not ", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("x^", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("2^", 5) + "x"), 0);
        EXPECT_EQ(code_of(repeat("a?b:", n) + "c"), 0);
        EXPECT_EQ(code_of(repeat("a?", n) + "c" + repeat(":b", n)), 0);
        EXPECT_EQ(code_of(repeat("a if b else ", n) + "c"), 0);
        EXPECT_EQ(code_of(repeat("(", n) + "c" + repeat(" if b else d)", n)), 0);
        EXPECT_EQ(code_of(repeat("sin(", n) + "x" + repeat(")", n)), 0);
        EXPECT_EQ(code_of(repeat("x+", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("x<", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("x and ", n) + "x"), 0);
        EXPECT_EQ(code_of(repeat("let t = x+x in ", n) + "t"), 0);
        EXPECT_EQ(code_of("max(" + repeat("x,", n) + "x)"), 0);
    });
}

TEST(Hostile, BrokenDeepTextsEndInAnError) {
    with_small_stack([] {
        for (const char* piece : {"(",  ")",   "a?",      "a?b:",  "a if ", "let t=", "sin(", "max(a,", "x<", "-",
                                  "x^", "a?(", "let t=(", "else ", ":",     "in ",    ",",    "=",      "$ ", "\xff",
                                  "/*", "1 ",  "x ",      "x\n",   "x;",    "é ",     "0x",   "1e",     "a?)"}) {
            EXPECT_NE(code_of(repeat(piece, kDeep)), 0) << piece;
            EXPECT_NE(code_of(repeat(piece, kDeep) + repeat(")", kDeep)), 0) << piece;
        }
        EXPECT_NE(code_of(repeat("a?", kDeep) + repeat(")", kDeep)), 0);
        EXPECT_NE(code_of(repeat("(", kDeep) + repeat("a?b)", kDeep)), 0);
    });
}

TEST(Hostile, DoublingStaysSmall) {
    std::string text = "x0 = y;";
    for (int i = 1; i <= 60; ++i)
        text += "x" + std::to_string(i) + " = x" + std::to_string(i - 1) + " + x" + std::to_string(i - 1) + ";";
    Program program;
    ASSERT_TRUE(compile_text(text + "x60", TextOptions(), Limits(), program).ok());
    EXPECT_LE(program.entry().size(), 64u);
    EXPECT_EQ(run("let y = 1.0;" + text + "x60"), value(0x1p60));
}

TEST(Hostile, ManyNames) {
    std::string text;
    for (size_t i = 0; i < 100'000; ++i) text += "t" + std::to_string(i) + " = x + " + std::to_string(i) + ";";
    EXPECT_EQ(code_of(text + "t7"), 0);
    std::string params;
    for (size_t i = 0; i < 5000; ++i) params += "p" + std::to_string(i) + "+";
    EXPECT_EQ(code_of(params + "1"), 4003);
    Limits limits;
    limits.max_params = 5000;
    EXPECT_EQ(code_of(params + "1", limits), 0);
}

TEST(Hostile, LimitsAreReported) {
    Limits limits;
    limits.max_text_bytes = 10;
    EXPECT_EQ(code_of("x + y + z", limits), 0);
    EXPECT_EQ(code_of("x + y + z + w", limits), 4000);
    limits = {};
    limits.max_nodes = 1000;
    EXPECT_EQ(code_of(repeat("x*y+", 100) + "x", limits), 0);
    EXPECT_EQ(code_of(repeat("x*y+", 5000) + "x", limits), 4001);
    EXPECT_EQ(code_of(repeat("(", 5000), limits), 4001);
    EXPECT_EQ(code_of("x + " + repeat("frac(", 300) + "x" + repeat(")", 300), limits), 0);
    limits = {};
    limits.max_nesting = 10;
    const auto nested = [](size_t n) { return repeat("a ? i64(b)//i64(c) : ", n) + "0"; };
    EXPECT_EQ(code_of(nested(10), limits), 0);
    EXPECT_EQ(code_of(nested(11), limits), 4002);
    EXPECT_EQ(code_of(nested(100'000)), 4002);
    EXPECT_EQ(code_of("a<b" + repeat("<i64(b)//i64(c)", 2000)), 4002);
    limits = {};
    limits.max_operands = 3;
    EXPECT_EQ(code_of("a=1;b=2;c=3", limits), 0);
    EXPECT_EQ(code_of("a=1;b=2;c=3;d=4", limits), 4004);
}

// What compiles must verify; what does not must say where. Made of pieces of the language, so that many texts get far.
TEST(Hostile, RandomTexts) {
    const char* const pieces[] = {"x",      "y",      "i",      "j",    "q",     "1",    "2.5",
                                  "0",      "0x1f",   "1e3",    "+",    "-",     "*",    "/",
                                  "//",     "%",      "**",     "^",    "<<",    ">>",   "&",
                                  "|",      " xor ",  "~",      "!",    "not ",  "and ", " or ",
                                  "<",      "<=",     "==",     "!=",   ">",     "?",    ":",
                                  " if ",   " else ", "let ",   "t",    "=",     " in ", ";",
                                  "\n",     ",",      "(",      ")",    "(",     ")",    "sin(",
                                  "max(",   "if(",    "where(", "i32(", "f32(",  "rem(", "popcount(",
                                  "floor(", "π",      "√",      "≤",    "`a b`", "true", "#",
                                  "/*",     "*/",     "@",      "\xc3", " ",     "e",    "9223372036854775808"};
    const TextParam params[] = {
        {"x", Storage::F64}, {"y", Storage::F32}, {"i", Storage::I32}, {"j", Storage::I64}, {"q", Storage::Bool}};
    std::mt19937 random(7);
    int compiled_count = 0;
    for (int round = 0; round < 60'000; ++round) {
        std::string text;
        const int n = 1 + static_cast<int>(random() % 14);
        for (int k = 0; k < n; ++k) text += pieces[random() % std::size(pieces)];
        TextOptions options;
        options.params = params;
        options.declared = random() % 2 != 0;
        options.caret = static_cast<Caret>(random() % 3);
        options.div_mode = static_cast<DivMode>(random() % 2);
        Program program;
        auto compiled = compile_text(text, options, Limits(), program);
        if (compiled.ok()) {
            ++compiled_count;
            auto verified = verify(program, Limits());
            ASSERT_TRUE(verified.ok()) << text << "\n" << explain(verified.error()) << print(program);
        } else {
            ASSERT_FALSE(compiled.error().diagnostics.empty());
            ASSERT_LE(compiled.error().diagnostics.size(), 20u);
            uint32_t last = 0;
            for (const Diagnostic& d : compiled.error().diagnostics) {
                ASSERT_TRUE(d.span.begin >= last && d.span.end <= text.size()) << text;
                last = d.span.begin;
            }
        }
    }
    EXPECT_GT(compiled_count, 1000);
}

// Well-formed by construction: everything must compile, verify and run.
TEST(Hostile, RandomExpressions) {
    std::mt19937 random(11);
    const std::function<std::string(int)> make = [&](int depth) -> std::string {
        const char* const leaves[] = {"x", "y", "i", "j", "q", "1", "2.5", "3", "-4", "pi", "true"};
        if (depth == 0 || random() % 8 == 0) return leaves[random() % std::size(leaves)];
        const auto sub = [&] { return "(" + make(depth - 1) + ")"; };
        switch (random() % 10) {
        case 0:
        case 1: {
            const char* const ops[] = {"+", "-", "*", "/", "//", "%", "<", "<=", "==", "!=", " and ", " or "};
            const std::string a = make(depth - 1), op = ops[random() % std::size(ops)];
            return "(" + a + op + sub() + ")";
        }
        case 2: return "-" + sub();
        case 3: return "not " + sub();
        case 4: return sub() + " ? " + sub() + " : " + sub();
        case 5: return sub() + " if " + sub() + " else " + sub();
        case 6: return "max(" + make(depth - 1) + ", " + make(depth - 1) + ", " + make(depth - 1) + ")";
        case 7: return "i64(" + make(depth - 1) + ") // i64(" + make(depth - 1) + ")";
        case 8: return sub() + " < " + sub() + " <= " + sub() + " != " + sub();
        default: return "let t = " + sub() + ", u = " + sub() + " in t + u*t";
        }
    };
    int ran = 0;
    for (int round = 0; round < 3000; ++round) {
        const std::string text = make(5);
        Inputs s{{{"x", value(1.5)},
                  {"y", value(-0.25f)},
                  {"i", value(int32_t{3})},
                  {"j", value(int64_t{-2})},
                  {"q", value(true)}}};
        s.options.div_mode = static_cast<DivMode>(random() % 2);
        const Value v = run(text, s);
        // Literals may well be divided by zero or overflow; nothing else may go wrong.
        const bool is_literal_mistake =
            v.error.starts_with("EJ1301") || v.error.starts_with("EJ1300") || v.error.starts_with("EJ1303");
        ASSERT_TRUE(v.error.empty() || is_literal_mistake) << text << "\n" << v.error;
        ran += v.error.empty();
    }
    EXPECT_GT(ran, 2000);
}

TEST(Hostile, ThreadsDoNotMeet) {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([t, &wrong] {
            for (int k = 0; k < 300; ++k) {
                const std::string text = "x * " + std::to_string(t) + " + " + std::to_string(k);
                if (!(run(text, {{{"x", value(2.0)}}}) == value(2.0 * t + k))) ++wrong[static_cast<size_t>(t)];
                errors_of("x + + (" + std::to_string(k));
            }
        });
    for (auto& t : threads) t.join();
    for (const int w : wrong) EXPECT_EQ(w, 0);
}

}  // namespace
}  // namespace exprjit::testing
