// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Program → bytes → program gives the same program, and the same bytes again.
#include "differential/generator.h"
#include "lang/front_end.h"
#include "wire_test.h"

namespace exprjit::wire_test {
namespace {

void round_trip(const Program& program, const std::string& what) {
    const Bytes bytes = encoded(program);
    ASSERT_FALSE(bytes.empty()) << what;
    auto back = wire::decode(bytes, Limits());
    ASSERT_TRUE(back.ok()) << what << ": " << explain(back.error()) << print(program);
    ASSERT_EQ(testing::first_difference(without_positions(program), *back), "") << what << "\n" << print(program);
    ASSERT_EQ(print(*back), print(without_positions(program))) << what;
    ASSERT_EQ(encoded(*back), bytes) << what;
}

TEST(WireRoundTrip, RandomPrograms) {
    for (uint64_t seed = 0; seed < 500; ++seed) {
        testing::RandomOptions options;
        options.spans = seed % 3 == 0;
        options.internal = seed % 5 == 0;  // refused by the verifier only, so that the messages name the operation
        options.columns = seed % 2 == 0;
        Program p = testing::random_program(seed, options);
        p.flags = static_cast<uint32_t>(seed % 8);
        round_trip(p, "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
    }
}

TEST(WireRoundTrip, ProgramsOfTheDifferentialTests) {
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        differential::Recipe recipe;
        recipe.seed = seed;
        recipe.row_function = seed % 2 == 0;
        round_trip(differential::generate(recipe, nullptr), "seed " + std::to_string(seed));
        if (HasFatalFailure()) return;
    }
}

// Every program and every text of the file tests.
TEST(WireRoundTrip, EveryFileTest) {
    size_t programs = 0, texts = 0;
    const auto folder = std::filesystem::path(EXPRJIT_SOURCE_DIR) / "tests/filetests";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".ej") continue;
        std::ifstream file(entry.path());
        std::string line, ir;
        const auto finish_ir = [&] {
            if (ir.empty()) return;
            auto p = parse_ir(ir, Limits());
            if (p.ok() && verify(*p, Limits()).ok()) {
                p->flags &= wire::kKnownFlags;
                round_trip(*p, entry.path().string());
                ++programs;
            }
            ir.clear();
        };
        bool in_ir = false;
        while (std::getline(file, line)) {
            if (in_ir && line.starts_with("  ")) {
                ir += line + "\n";
                continue;
            }
            finish_ir();
            in_ir = line == "ir:";
            if (!line.starts_with("expr: ")) continue;
            Program p;
            if (!compile_text(std::string_view(line).substr(6), TextOptions(), Limits(), p).ok()) continue;
            round_trip(p, entry.path().string() + ": " + line);
            ++texts;
        }
        finish_ir();
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(programs, 60u);
    EXPECT_GT(texts, 150u);
}

TEST(WireRoundTrip, EqualProgramsGiveEqualBytes) {
    // The same program with its operands in one list, as another front end may build it, and with positions.
    Program a = parsed("func @f(%a: f64) -> (f64) {\n  %1 = add f64 %a, %a\n  return %1\n}\n");
    Program b = a;
    Function& f = b.functions[0];
    f.spans.assign(f.nodes.size(), Span{3, 4});
    f.lists = {0, 0};
    f.nodes[1].operand_count16 = kManyOperands;
    f.nodes[1].inline_operands[0] = 0;
    f.nodes[1].inline_operands[1] = 2;
    EXPECT_EQ(encoded(a), encoded(b));
    b.functions[0].params[0].name = "b";
    EXPECT_NE(encoded(a), encoded(b)) << "names are part of a program";
}

TEST(WireRoundTrip, UnknownFlagsAreLeftOut) {
    Program p = parsed("flags 4294967295\nfunc @f() -> () {\n  return\n}\n");
    EXPECT_EQ(decoded(encoded(p)).flags, wire::kKnownFlags);
}

TEST(WireRoundTrip, BytesAreCompact) {
    std::string text = "func @f(%a: f64, %b: f64) -> (f64) {\n";
    for (int k = 2; k < 1002; ++k)
        text +=
            "  %" + std::to_string(k) + " = add f64 %" + std::to_string(k - 1) + ", %" + std::to_string(k - 2) + "\n";
    text.replace(text.find("%1, %0"), 6, "%b, %a");
    text.replace(text.find("%2, %1"), 6, "%2, %b");
    const Bytes bytes = encoded(parsed(text + "  return %1001\n}\n"));
    EXPECT_LT(bytes.size(), 1000u * 12 + 300) << "12 bytes for an operation of two operands";
}

}  // namespace
}  // namespace exprjit::wire_test
